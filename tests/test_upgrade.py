"""A database of an earlier version comes to this one with everything that is in it."""

import logging
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
import structlog

import trustwright.migrate
from tests.filling import Row, blank, fill, programs, rows_of
from tests.security.inside import ADDRESS, Inside, inside_client
from trustwright.accounts import actions
from trustwright.accounts.model import Entitlement
from trustwright.app import OPERATIONS
from trustwright.db import Who
from trustwright.events.model import Source
from trustwright.migrate import migrate
from trustwright.settings import Settings

MIGRATIONS = Path(trustwright.migrate.__file__).with_name("migrations")

# The schemas that were ever put to use, by the last migration of each: they hold
RELEASES = (
    "0003_records",  # accounts, events, custom connections
    "0008_questionnaires",  # files, mail, vendors, reviews
    "0013_access_requests",  # the trust center
    "0017_lists_of_failures",  # monitors, webhooks
    "0027_trust_reports",  # sign-in, the console
)

# Lists that need to be told of what.
PARTICULAR = ("/vendors-stats", "/trust-center/reports", "/failures")


@pytest.mark.parametrize("release", RELEASES)
def test_a_database_of_an_earlier_version_keeps_every_row_and_serves_it(
    release: str, worker_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = tmp_path / "old.dump"
    with blank(f"old_{worker_id}") as url:
        migrate_to(release, url, tmp_path, monkeypatch)
        assert fill(url) == set(before := rows_of(url))
        subprocess.run([programs() / "pg_dump", "--format=custom", f"--file={dump}", url], check=True)
    with blank(f"new_{worker_id}") as url:
        subprocess.run(
            [programs() / "pg_restore", "--no-owner", "--exit-on-error", f"--dbname={url}", dump], check=True
        )
        assert rows_of(url) == before

        migrate(url)

        after = rows_of(url)
        assert {table: reduced(after[table], rows) for table, rows in before.items()} == {
            table: reduced(rows, rows) for table, rows in before.items()
        }
        assert unproven(url) == []
        with serving_inside(url, tmp_path) as client:
            answers = {path: client.get(path).status_code for path in reads()}
        assert {path for path, status in answers.items() if status >= 500} == set()
        assert {path for path, status in answers.items() if is_list(path) and status != 200} == set()


def migrate_to(release: str, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Brings a database to the schema of a release."""
    (folder / "migrations").mkdir()
    for path in MIGRATIONS.glob("*.sql"):
        if path.stem <= release:
            shutil.copy(path, folder / "migrations")
    with monkeypatch.context() as patch:
        patch.setattr("trustwright.migrate.files", lambda _: folder)
        migrate(url)


def reduced(rows: list[Row], like: list[Row]) -> list[Row]:
    """The rows with no other columns than some have, in an order that only depends on these."""
    return sorted(({name: row[name] for name in like[0]} for row in rows), key=repr)


def unproven(url: str) -> list[str]:
    """The constraints that the database has not checked all rows against."""
    with psycopg.connect(url) as connection:
        found = connection.execute("select conname from pg_constraint where not convalidated").fetchall()
        return [name for (name,) in found]


@contextmanager
def serving_inside(url: str, folder: Path) -> Iterator[httpx.Client]:
    """The application over a database, and a client with a key of its first account that may see everything."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    world = Inside(url, Settings(data_dir=folder, public_url=ADDRESS, jobs_in_web=False))

    async def key() -> str:
        async with world.database.begin(Who(account_id=1, source=Source.APP)) as tx:
            await actions.set_plan(tx, list(Entitlement), terms_accepted=True)
            _, text = await actions.create_key(tx, "Key of the tests", None, 1, None)
            return text

    try:
        yield inside_client(world, {"Authorization": f"Bearer {world.run(key())}"})
    finally:
        world.close()
        structlog.configure(**before)


def reads() -> list[str]:
    """The paths of all that can be read of the API, each with 1 for every id."""
    return [
        ("/public/v2" if each.version == "v2" else "/public") + re.sub(r"\{\w+\}", "1", each.path)
        for each in OPERATIONS
        if each.method == "GET"
    ]


def is_list(path: str) -> bool:
    """Whether there is such a list in every account, without more being said."""
    return not path.endswith(PARTICULAR) and re.search(r"/\d+\b", path.replace("/workspaces/1/", "/")) is None
