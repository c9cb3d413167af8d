"""What every command shares: settings with the flags applied, a database, output as text or JSON."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer
from msgspec.structs import replace
from rich.console import Console

from trustwright import embedded
from trustwright.accounts.store import all_accounts
from trustwright.db import Database, Who
from trustwright.errors import Invalid, NotFound, Problem
from trustwright.events.model import Source
from trustwright.jobs import jobs
from trustwright.migrate import migrate
from trustwright.settings import Settings, from_environment

T = TypeVar("T")

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where the private database and the files live")]
DatabaseUrl = Annotated[str | None, typer.Option("--database-url", help="PostgreSQL 15 or newer; none: a private one")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else")]

errors = Console(stderr=True)
output = Console()


def in_a_folder(file: Path) -> Path:
    """A file to be written, refused before anything is done where none can be made."""
    folder = file.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise typer.BadParameter(f"{folder} is no folder in which a file can be made")
    return file


def settings_with(data_dir: Path | None, database_url: str | None) -> Settings:
    """The environment's settings, the flags above them."""
    settings = from_environment()
    if data_dir is not None:
        settings = replace(settings, data_dir=data_dir)
    if database_url is not None:
        settings = replace(settings, database_url=database_url)
    return replace(settings, data_dir=settings.data_dir.absolute())


@contextmanager
def unmigrated_database(settings: Settings) -> Iterator[str]:
    """The URL of the given database, or of the private one, which runs as long as somebody uses it."""
    if settings.database_url:
        yield settings.database_url
        return
    with embedded.using(settings.data_dir) as postgres:
        yield postgres.url


@contextmanager
def migrated_database(settings: Settings) -> Iterator[str]:
    """The same, with this version's schema."""
    with unmigrated_database(settings) as url:
        migrate(url)
        yield url


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url, jobs, pool_size=2)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def as_operator(account_id: int) -> Who:
    """Who acts when a command is run."""
    return Who(account_id=account_id, source=Source.APP, request=f"trustwright {' '.join(sys.argv[1:3])}")


async def chosen_account(database: Database, wanted: int | None) -> int:
    """The account that is meant: the only one for None. Raises Invalid, NotFound."""
    ids = [account.account_id for account in await all_accounts(database)]
    if wanted is None and len(ids) != 1:
        raise Invalid(f"There are {len(ids)} accounts: name one with --account")
    if wanted is not None and wanted not in ids:
        raise NotFound(f"No account {wanted}")
    return ids[0] if wanted is None else wanted


def run(data_dir: Path | None, database_url: str | None, work: Callable[[Database], Awaitable[T]]) -> T:
    """Runs `work` on the database. A problem ends the command with 1."""
    with migrated_database(settings_with(data_dir, database_url)) as url:
        try:
            return asyncio.run(_on(url, work))
        except Problem as problem:
            errors.print(f"[red]{problem.message}[/red]", highlight=False)
            raise typer.Exit(1) from problem


async def _on(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    async with opened(url) as database:
        return await work(database)


def show(values: dict[str, Any], as_json: bool) -> None:
    """One object: JSON for programs, a line a value for people."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(values).decode() + "\n")
        return
    for name, value in values.items():
        output.print(f"{name}: {value}", highlight=False, soft_wrap=True)
