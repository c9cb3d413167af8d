"""trustwright backup and restore: one archive of the database and of the files that it names.

The archive is a tar, for its owner's eyes only. It holds

database.dump                 the database at one moment, in the custom format of pg_dump
files/<account>/<ab>/<hash>   each content that a file names at that moment, unless they lie in a bucket
demo.json                     what the demo account was made with, if there is one
SHA256SUMS                    last, the checksum of each of these, as sha256sum writes them: without it all is cut off
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from trustwright import embedded
from trustwright.cli.backup_store import moment
from trustwright.cli.common import (
    DatabaseUrl,
    DataDir,
    errors,
    in_a_folder,
    migrated_database,
    settings_with,
    unmigrated_database,
)
from trustwright.cli.contents import (
    Broken,
    check,
    extract,
    faulty,
    local_folder,
    name_of,
    pack,
    put_contents,
)
from trustwright.cli.demo import KEPT as DEMO
from trustwright.files.storage import connect
from trustwright.migrate import migrate, prepare_empty
from trustwright.settings import Settings

DUMP = "database.dump"

Archive = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="It takes its name when it is whole", dir_okay=False, callback=in_a_folder),
]


def backup(file: Archive, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Write all data to one file, while the service runs or not."""
    settings = settings_with(data_dir, database_url)
    folder = local_folder(settings)
    # Beside the file, where there is room for it, and from where it can take its name in one step.
    with migrated_database(settings) as url, tempfile.TemporaryDirectory(dir=file.absolute().parent) as beside:
        dump, part = Path(beside) / DUMP, Path(beside) / "part"
        with moment(url) as now:
            snapshot = f"--snapshot={now.snapshot}"
            _run_program(settings, "pg_dump", url, "--format=custom", snapshot, f"--file={dump}")
        places = {DUMP: dump}
        if folder:
            # No row of files is ever removed, so the contents that they named at that moment are there still.
            places |= {name_of(*content): folder / name_of(*content).partition("/")[2] for content in now.contents}
        if (settings.data_dir / DEMO).exists():
            places[DEMO] = settings.data_dir / DEMO
        sums = pack(part, places)
        part.replace(file)
    errors.print(f"Backed up to {file} ({file.stat().st_size // 1024} KiB)", highlight=False)
    if folder is None:
        errors.print("The contents of files are not in it: they lie in the storage that TRUSTWRIGHT_STORAGE_URL names")
    if lost := faulty(places, sums):
        errors.print(f"[red]In the storage {len(lost)} files are missing or damaged, the first {lost[0]}[/red]")
        raise typer.Exit(1)


def restore(file: Path, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Bring a backup into an empty database."""
    settings = settings_with(data_dir, database_url)
    try:
        names = check(file)
    except Broken as fault:
        errors.print(f"[red]{file} is no whole backup: {fault}; nothing was restored[/red]", highlight=False)
        raise typer.Exit(1) from fault
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with unmigrated_database(settings) as url, tempfile.TemporaryDirectory(dir=settings.data_dir) as folder:
        if not prepare_empty(url):
            errors.print("[red]This database is not empty; restore into a new data directory or database[/red]")
            raise typer.Exit(1)
        # First the contents, which may be brought twice; then the database, whole or not at all.
        asyncio.run(put_contents(file, connect(settings.storage_url, settings.data_dir), Path(folder)))
        extract(file, {name: Path(folder) / name for name in (DUMP, DEMO)})
        _run_program(settings, "pg_restore", url, "--no-owner", "--single-transaction", str(Path(folder) / DUMP))
        migrate(url)
        if DEMO in names:
            shutil.move(Path(folder) / DEMO, settings.data_dir / DEMO)
    errors.print(f"Restored {file}", highlight=False)


def _run_program(settings: Settings, program: str, url: str, *arguments: str) -> None:
    """A program of PostgreSQL: the private server's own, or the one on the PATH for a given database."""
    own = None if settings.database_url else embedded.running(settings.data_dir)
    path = str(own.bin_dir / program) if own else shutil.which(program)
    if path is None:
        errors.print(f"[red]{program} is not installed; it comes with PostgreSQL's client programs[/red]")
        raise typer.Exit(1)
    # Everybody on the machine may read the arguments of a process, and nobody else its environment.
    where = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    secret = {"PGPASSWORD": where.pop("password")} if "password" in where else {}
    command = [path, f"--dbname={make_conninfo(**where)}", *arguments]
    done = subprocess.run(command, env=os.environ | secret, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        errors.print(done.stderr, highlight=False)
        raise typer.Exit(1)
