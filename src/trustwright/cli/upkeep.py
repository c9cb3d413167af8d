"""trustwright doctor, backup and restore."""

import asyncio
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import typer
from rich.table import Table

from trustwright import embedded
from trustwright.cli.common import (
    DatabaseUrl,
    DataDir,
    errors,
    migrated_database,
    output,
    settings_with,
    unmigrated_database,
)
from trustwright.cli.contents import add_contents, extract, extract_contents, local_folder, missing
from trustwright.cli.demo import KEPT as DEMO
from trustwright.files import scanning
from trustwright.files.storage import connect
from trustwright.mail.smtp import greet
from trustwright.migrate import OLDEST_POSTGRES, migrate, prepare_empty
from trustwright.settings import SECRET, Settings, variable

DUMP = "database.dump"
MIB = 1024 * 1024


def doctor(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Check what the service needs, and list every setting with its value."""
    settings = settings_with(data_dir, database_url)
    table = Table("Setting", "Value")
    for name in settings.__struct_fields__:
        value = getattr(settings, name)
        table.add_row(variable(name), "(set)" if name in SECRET and value else str(value))
    output.print(table)
    checks: list[tuple[str, Callable[[Settings], str]]] = [
        ("Python", lambda _: sys.version.split()[0]),
        ("Data directory", _data_directory),
        ("Page assets", _assets),
        ("Database", _database),
        ("Files", _files),
        ("Virus scanner", _scanner),
        ("Mail", _mail),
    ]
    failed = False
    for name, check in checks:
        try:
            output.print(f"[green]ok[/green]   {name}: {check(settings)}", highlight=False)
        except (OSError, RuntimeError, psycopg.Error, embedded.EmbeddedError) as error:
            failed = True
            output.print(f"[red]FAIL[/red] {name}: {error}", highlight=False)
    if failed:
        raise typer.Exit(1)


def backup(file: Path, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Write all data to one file, while the service runs or not."""
    settings = settings_with(data_dir, database_url)
    with migrated_database(settings) as url, tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / DUMP
        _run_program(settings, "pg_dump", "--format=custom", f"--file={dump}", url)
        part = file.with_name(file.name + ".part")
        with tarfile.open(part, "w") as archive:
            archive.add(dump, DUMP)
            if contents := local_folder(settings):
                add_contents(archive, contents)
            if (settings.data_dir / DEMO).exists():
                archive.add(settings.data_dir / DEMO, DEMO)
        part.chmod(0o600)
        part.replace(file)
    errors.print(f"Backed up to {file} ({file.stat().st_size // 1024} KiB)", highlight=False)
    if local_folder(settings) is None:
        errors.print("The contents of files are not in it: they lie in the storage that TRUSTWRIGHT_STORAGE_URL names")


def restore(file: Path, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Bring a backup into an empty database."""
    settings = settings_with(data_dir, database_url)
    with unmigrated_database(settings) as url, tempfile.TemporaryDirectory() as folder:
        if not prepare_empty(url):
            errors.print("[red]This database is not empty; restore into a new data directory or database[/red]")
            raise typer.Exit(1)
        with tarfile.open(file) as archive:
            extract(archive, {name: Path(folder) / name for name in (DUMP, DEMO)})
        _run_program(
            settings, "pg_restore", "--no-owner", "--exit-on-error", f"--dbname={url}", str(Path(folder) / DUMP)
        )
        migrate(url)
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        if contents := local_folder(settings):
            with tarfile.open(file) as archive:
                extract_contents(archive, contents, url)
        if (kept := Path(folder) / DEMO).exists():
            # It holds a key.
            kept.chmod(0o600)
            shutil.copy2(kept, settings.data_dir / DEMO)
    errors.print(f"Restored {file}", highlight=False)


def _run_program(settings: Settings, program: str, *arguments: str) -> None:
    """A program of PostgreSQL: the private server's own, or the one on the PATH for a given database."""
    own = None if settings.database_url else embedded.running(settings.data_dir)
    path = str(own.bin_dir / program) if own else shutil.which(program)
    if path is None:
        errors.print(f"[red]{program} is not installed; it comes with PostgreSQL's client programs[/red]")
        raise typer.Exit(1)
    done = subprocess.run([path, *arguments], stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        errors.print(done.stderr, highlight=False)
        raise typer.Exit(1)


def _data_directory(settings: Settings) -> str:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not os.access(settings.data_dir, os.W_OK):
        raise OSError(f"{settings.data_dir} cannot be written")
    return f"{settings.data_dir}, {shutil.disk_usage(settings.data_dir).free // MIB} MiB free"


def _assets(_: Settings) -> str:
    vendor = Path(__file__).parents[1] / "static" / "vendor"
    if not any(vendor.glob("*/*.js")):
        raise OSError("not built; run `make .venv/ready`")
    return "built"


def _database(settings: Settings) -> str:
    with migrated_database(settings) as url, psycopg.connect(url) as connection:
        version: Any = connection.info.server_version // 10000
        kind = "given" if settings.database_url else "private"
        return f"PostgreSQL {version} ({OLDEST_POSTGRES} or newer needed), {kind}, schema up to date"


def _files(settings: Settings) -> str:
    asyncio.run(connect(settings.storage_url, settings.data_dir).probe(settings.data_dir))
    with migrated_database(settings) as url:
        lost = missing(settings, url)
    if lost:
        raise OSError(f"the contents of {len(lost)} files are missing or cut short, the first {lost[0]}")
    return "the storage can be written, and holds what the database names"


def _scanner(settings: Settings) -> str:
    if not settings.clamd_url and not settings.require_scan:
        return "none is set; files are kept unscanned"
    if not asyncio.run(scanning.answers(settings.clamd_url)):
        raise OSError("it does not answer" + ("; no file is accepted" if settings.require_scan else ""))
    return "answers"


def _mail(settings: Settings) -> str:
    if not settings.smtp_url:
        return "no SMTP server is set; mails are kept for `trustwright mail list`"
    return f"{asyncio.run(greet(settings.smtp_url))} answers"
