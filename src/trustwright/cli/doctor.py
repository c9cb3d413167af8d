"""trustwright doctor."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import msgspec
import psycopg
import typer
from msgspec import Struct
from rich.markup import escape
from rich.table import Table

from trustwright import embedded
from trustwright.cli import doctor_store as store
from trustwright.cli.common import DatabaseUrl, DataDir, migrated_database, output, settings_with, unmigrated_database
from trustwright.cli.contents import missing
from trustwright.cli.doctor_findings import Finding, Grade, failure, of_secret_file, of_settings, ok, warning
from trustwright.db import APPLICATION_ROLE, MOST_BESIDE, connection_options
from trustwright.files import scanning
from trustwright.files.storage import connect
from trustwright.http.secret import FILE
from trustwright.mail.smtp import greet
from trustwright.migrate import OLDEST_POSTGRES, migrate
from trustwright.settings import SECRET, InvalidSetting, Settings, variable
from trustwright.worker import MOST_FOR_JOBS

MIB = 1024 * 1024
GIB = 1024 * MIB

# Free space below which the doctor is uneasy, and below which nothing more is promised.
LITTLE = 2 * GIB
TOO_LITTLE = 200 * MIB

# Seconds that the clocks of this machine and of the database may differ: codes of second factors hold thirty.
SOME = 2
TOO_MANY = 15

ENCODING_CURE = "Create a database with `encoding 'UTF8' template template0`, and restore a backup into it."

COLORS = {Grade.OK: "green", Grade.WARN: "yellow", Grade.FAIL: "red"}


class Check(Struct, frozen=True):
    """One thing to look at, and what helps when it cannot even be looked at."""

    name: str
    look: Callable[[Settings], list[Finding]]
    cure: str


def doctor(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Check what the service needs, and list every setting with its value. Ends with 1 when something is broken."""
    try:
        settings = settings_with(data_dir, database_url)
    except (InvalidSetting, msgspec.ValidationError, OSError) as error:
        _tell("Settings", failure(str(error), "Correct this variable, or remove it for its default."))
        raise typer.Exit(1) from error
    _list(settings)
    grades = set[Grade]()
    for check in CHECKS:
        for finding in _looked(check, settings):
            grades.add(finding.grade)
            _tell(check.name, finding)
    if Grade.FAIL in grades:
        raise typer.Exit(1)


def _list(settings: Settings) -> None:
    table = Table("Setting", "Value")
    for name in settings.__struct_fields__:
        value = getattr(settings, name)
        table.add_row(variable(name), "(set)" if name in SECRET and value else escape(str(value)))
    output.print(table)


def _looked(check: Check, settings: Settings) -> list[Finding]:
    try:
        return check.look(settings)
    except psycopg.Error as error:
        return [failure(" ".join(str(error).split()), check.cure)]
    except (OSError, RuntimeError, embedded.EmbeddedError) as error:
        return [failure(str(error), check.cure)]


def _tell(name: str, finding: Finding) -> None:
    grade = f"[{COLORS[finding.grade]}]{finding.grade:4}[/]"
    output.print(f"{grade} {name}: {escape(finding.text)}", highlight=False, soft_wrap=True)
    if finding.cure:
        output.print(f"     → {escape(finding.cure)}", highlight=False, soft_wrap=True)


def _python(_: Settings) -> list[Finding]:
    return [ok(sys.version.split()[0])]


def _data_directory(settings: Settings) -> list[Finding]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not os.access(settings.data_dir, os.W_OK):
        raise OSError(f"{settings.data_dir} cannot be written")
    free = shutil.disk_usage(settings.data_dir).free
    text = f"{settings.data_dir}, {free // MIB} MiB free"
    cure = "Free space on its disk, or move the data directory to a larger one."
    space = failure(text, cure) if free < TOO_LITTLE else warning(text, cure) if free < LITTLE else ok(text)
    return [space, *of_secret_file(settings.data_dir / FILE)]


def _assets(_: Settings) -> list[Finding]:
    if not any((Path(str(files("trustwright"))) / "static" / "vendor").glob("*/*.js")):
        raise OSError("not built")
    return [ok("built")]


def _database(settings: Settings) -> list[Finding]:
    with unmigrated_database(settings) as url:
        with psycopg.connect(url) as connection:
            version = connection.info.server_version // 10000
            encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            # There is no way to migrate it.
            return [failure(f"its encoding is {encoding}, which cannot hold every text", ENCODING_CURE)]
        migrate(url)
        with psycopg.connect(url) as connection:
            unknown = store.applied_migrations(connection) - _own_migrations()
        with psycopg.connect(url, **connection_options()) as connection:
            server = store.server(connection)
    kind = "given" if settings.database_url else "private"
    text = f"PostgreSQL {version} ({OLDEST_POSTGRES} or newer needed), {kind}, schema up to date"
    return [*_of_schema(unknown), *_of_server(server, settings)] or [ok(text)]


def _own_migrations() -> set[str]:
    return {path.stem for path in (Path(str(files("trustwright"))) / "migrations").glob("*.sql")}


def _of_schema(unknown: set[str]) -> Iterator[Finding]:
    if unknown:
        yield failure(
            f"its schema is of a newer version, which added {min(unknown)}",
            "Run that version of Trustwright, or restore a backup made by this one.",
        )


def _of_server(server: store.Server, settings: Settings) -> Iterator[Finding]:
    if server.role != APPLICATION_ROLE or server.time_zone != "UTC":
        yield failure(
            f"connections work as {server.role} in {server.time_zone} and not as {APPLICATION_ROLE} in UTC",
            "Connect without a pooler that drops the options of a connection.",
        )
    if server.can_bypass:
        yield failure(
            f"the role {APPLICATION_ROLE} could see every account's rows",
            f"Run `alter role {APPLICATION_ROLE} nosuperuser nobypassrls` in the database.",
        )
    if not server.is_durable:
        yield failure(
            "a crash of its machine can lose what was acknowledged",
            "Set fsync and full_page_writes to on in postgresql.conf, and reload it.",
        )
    needed = settings.pool_size + MOST_BESIDE + MOST_FOR_JOBS
    if needed > server.most_connections:
        yield warning(
            f"one process may need {needed} connections, and there are {server.most_connections}",
            f"Lower {variable('pool_size')}, or raise max_connections in postgresql.conf.",
        )


def _clock(settings: Settings) -> list[Finding]:
    with migrated_database(settings) as url, psycopg.connect(url, **connection_options()) as connection:
        before, server, after = host_time(), store.server(connection).now, host_time()
    apart = max((before - server).total_seconds(), (server - after).total_seconds(), 0)
    text = f"{apart:.1f} seconds between this machine and the database"
    cure = "Let both machines keep their time by NTP (`timedatectl set-ntp true`)."
    return [failure(text, cure) if apart > TOO_MANY else warning(text, cure) if apart > SOME else ok(text)]


def host_time() -> datetime:
    """By the clock of this machine."""
    return datetime.now(UTC)


def _files(settings: Settings) -> list[Finding]:
    asyncio.run(connect(settings.storage_url, settings.data_dir).probe(settings.data_dir))
    with migrated_database(settings) as url:
        lost = missing(settings, url)
    if lost:
        text = f"the contents of {len(lost)} files are missing or cut short, the first {lost[0]}"
        return [failure(text, "Bring the storage back from the backup that the database is of.")]
    return [ok("the storage can be written, and holds what the database names")]


def _scanner(settings: Settings) -> list[Finding]:
    if not settings.clamd_url and not settings.require_scan:
        return [ok("none is set; files are kept unscanned")]
    if not settings.clamd_url or not asyncio.run(scanning.answers(settings.clamd_url)):
        text = "it does not answer" + ("; no file is accepted" if settings.require_scan else "")
        return [failure(text, f"Start clamd, and let {variable('clamd_url')} name its socket or port.")]
    return [ok("answers")]


def _mail(settings: Settings) -> list[Finding]:
    if not settings.smtp_url:
        text = "no SMTP server is set; mails are kept for `trustwright mail list`"
        return [warning(text, f"Set {variable('smtp_url')}: invitations, codes and links go by mail.")]
    return [ok(f"{asyncio.run(greet(settings.smtp_url))} answers")]


DATABASE_CURE = f"Start the server that {variable('database_url')} names, or correct its address, user and password."
CHECKS = (
    Check("Python", _python, ""),
    Check("Settings", of_settings, ""),
    Check("Data directory", _data_directory, f"Let {variable('data_dir')} name a folder that this user may write."),
    Check("Page assets", _assets, "Install the wheel, or run `make .venv/ready` in a checkout."),
    Check("Database", _database, DATABASE_CURE),
    Check("Clock", _clock, DATABASE_CURE),
    Check("Files", _files, f"Correct {variable('storage_url')} and its credentials, or let this user write there."),
    Check("Virus scanner", _scanner, f"Write {variable('clamd_url')} like tcp://host:port or unix:///path."),
    Check("Mail", _mail, f"Correct {variable('smtp_url')}, or start the server that it names."),
)
