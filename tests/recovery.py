"""`make recovery`: point-in-time recovery as docs/operations.md describes it, on the private PostgreSQL.

It starts two servers and waits for their archive, so it is no part of the tests.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from tests.filling import Row, fill, rows_of
from trustwright import embedded
from trustwright.embedded import Postgres
from trustwright.migrate import migrate

ARCHIVING = """
archive_mode = on
archive_command = 'test ! -f "{archive}/%f" && cp "%p" "{archive}/%f"'
"""
RECOVERING = """
archive_mode = off
restore_command = 'cp "{archive}/%f" "%p"'
recovery_target_time = '{moment}'
recovery_target_action = promote
"""

# Not logged by PostgreSQL: they begin anew.
COUNTERS = {"rate_limits"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    return folder


@pytest.fixture
def server(tmp_path: Path, archive: Path) -> Iterator[Postgres]:
    """A server that archives its log."""
    started = embedded.start(tmp_path / "old")
    embedded.stop(started)
    cluster = tmp_path / "old" / "postgres"
    shutil.chown(archive, cluster.stat().st_uid, cluster.stat().st_gid)
    add(cluster / "postgresql.conf", ARCHIVING.format(archive=archive))
    started = embedded.start(tmp_path / "old")
    yield started
    embedded.stop(started)


def test_the_state_between_two_changes_comes_back(server: Postgres, tmp_path: Path, archive: Path) -> None:
    migrate(server.url)
    fill(server.url)
    base_backup(server, tmp_path / "new" / "postgres")
    change(server, "insert into vendor_types (account_id, name) values (1, 'After the base backup')")
    wanted, moment = rows_of(server.url), now(server)
    change(server, "delete from records; update vendors set name = 'A mistake'")
    spoiled = rows_of(server.url)
    archive_the_rest(server, archive)
    embedded.stop(server)

    cluster = tmp_path / "new" / "postgres"
    add(cluster / "postgresql.conf", RECOVERING.format(archive=archive, moment=moment))
    (cluster / "recovery.signal").touch()
    shutil.chown(cluster / "recovery.signal", cluster.stat().st_uid, cluster.stat().st_gid)
    recovered = embedded.start(tmp_path / "new")

    try:
        await_promotion(recovered)
        assert without(COUNTERS, rows_of(recovered.url)) == without(COUNTERS, wanted) != without(COUNTERS, spoiled)
        migrate(recovered.url)
        assert "After the base backup" in names_of(rows_of(recovered.url)["vendor_types"])
        change(recovered, "insert into vendor_types (account_id, name) values (1, 'Work goes on')")
    finally:
        embedded.stop(recovered)


def base_backup(server: Postgres, target: Path) -> None:
    """A copy of the cluster while it works, which its user owns."""
    hba = server.data_dir / "postgres" / "pg_hba.conf"
    add(hba, "local replication all peer map=trustwright\n")
    change(server, "select pg_reload_conf()")
    target.parent.mkdir()
    how = (f"--dbname={server.url}", f"--pgdata={target}", "--checkpoint=fast", "--wal-method=none")
    subprocess.run([server.bin_dir / "pg_basebackup", *how], check=True, capture_output=True)
    owner = hba.stat()
    for path in [target, *target.rglob("*")]:
        os.chown(path, owner.st_uid, owner.st_gid)


def archive_the_rest(server: Postgres, archive: Path) -> None:
    """Closes the segment of the log that is being written, and waits until it is in the archive."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        (segment,) = connection.execute("select pg_walfile_name(pg_current_wal_lsn())").fetchone() or ("",)
        connection.execute("select pg_switch_wal()")
    deadline = time.monotonic() + 60
    while not (archive / segment).exists():
        assert time.monotonic() < deadline, sorted(archive.iterdir())
        time.sleep(0.05)


def await_promotion(server: Postgres) -> None:
    deadline = time.monotonic() + 60
    with psycopg.connect(server.url, autocommit=True) as connection:
        while connection.execute("select pg_is_in_recovery()").fetchone() != (False,):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def without(tables: set[str], rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    return {name: rows[name] for name in rows if name not in tables}


def add(path: Path, lines: str) -> None:
    """Appends, for the file belongs to the user of the server."""
    with path.open("a") as file:
        file.write(lines)


def change(server: Postgres, statement: str) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute(statement)


def now(server: Postgres) -> datetime:
    """A moment by the server's clock, with nothing else in the same millisecond."""
    with psycopg.connect(server.url) as connection:
        connection.execute("select pg_sleep(0.05)")
        (moment,) = connection.execute("select clock_timestamp()").fetchone() or (None,)
        connection.execute("select pg_sleep(0.05)")
    assert isinstance(moment, datetime)
    return moment


def names_of(rows: list[Row]) -> set[str]:
    return {row["name"] for row in rows}
