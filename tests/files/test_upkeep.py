"""Files in backups, in the doctor's eyes, and in the work that is done from time to time."""

import asyncio
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import procrastinate
import pytest
from typer.testing import CliRunner, Result

from tests.conftest import free_port
from tests.factories import Account
from tests.files.clamd import clamd
from tests.jobs import job_context
from trustwright import embedded
from trustwright.cli import app
from trustwright.cli.common import opened
from trustwright.db import Database, Who
from trustwright.events.model import Source
from trustwright.files import actions, jobs
from trustwright.files.model import DOCUMENT_EXTENSIONS, Upload
from trustwright.files.storage import connect, key_of
from trustwright.http.incoming import remove_abandoned
from trustwright.http.keeping import keeping
from trustwright.jobs import each_account
from trustwright.settings import Settings

NAMED, LEFT = b"a,b\n1,2\n", b"left behind"


def trustwright(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def place_of(data_dir: Path, account_id: int, content: bytes) -> Path:
    return data_dir / "files" / key_of(account_id, hashlib.sha256(content).digest())


async def store(database: Database, account_id: int, data_dir: Path, content: bytes, *, named: bool = True) -> None:
    """Keeps a file, or with `named` false what an upload leaves that dies on its way."""
    data_dir.mkdir(exist_ok=True)
    path = data_dir / "upload"
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).digest()
    who, storage = Who(account_id, Source.APP), connect("", data_dir)
    if named:
        upload = Upload(name="a.csv", content_type="", size=len(content), sha256=sha256, path=path)
        settings = Settings(data_dir=data_dir)
        keep = keeping(database, storage, settings, who, [upload], DOCUMENT_EXTENSIONS)
        async with keep as (kept,), database.begin(who) as tx:
            await actions.add_file(tx, kept)
    else:
        async with database.begin(who) as tx:
            await actions.claim(tx, sha256, len(content))
        await storage.put(account_id, sha256, path)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A data directory whose private database runs, and the account in it, with a file and a left-over."""
    data_dir = tmp_path / "home"
    with embedded.using(data_dir) as postgres:
        words = ("account", "create", "Acme", "--admin-email", "alice@acme.test", "--json", "--data-dir", data_dir)
        account_id = json.loads(trustwright(*words).stdout)["accountId"]

        async def fill() -> None:
            async with opened(postgres.url) as database:
                await store(database, account_id, data_dir, NAMED)
                await store(database, account_id, data_dir, LEFT, named=False)

        asyncio.run(fill())
        yield data_dir, account_id


def test_a_backup_holds_the_files_and_a_restore_brings_those_that_have_a_name(
    home: tuple[Path, int], tmp_path: Path
) -> None:
    data_dir, account_id = home
    place_of(data_dir, account_id, LEFT).with_name("x#1").write_bytes(b"half")
    (data_dir / "demo.json").write_text('{"apiKey": "tw_secret"}')
    made = trustwright("backup", tmp_path / "backup.tar", "--data-dir", data_dir)
    assert made.exit_code == 0, made.output

    with embedded.using(tmp_path / "new"):
        restored = trustwright("restore", tmp_path / "backup.tar", "--data-dir", tmp_path / "new")

        assert restored.exit_code == 0, restored.output
        assert place_of(tmp_path / "new", account_id, NAMED).read_bytes() == NAMED
        files = [path for path in (tmp_path / "new" / "files").rglob("*") if path.is_file()]
        assert files == [place_of(tmp_path / "new", account_id, NAMED)]
        key = tmp_path / "new" / "demo.json"
        assert (key.read_text(), key.stat().st_mode & 0o777) == ('{"apiKey": "tw_secret"}', 0o600)
        assert "ok   Files: " in trustwright("doctor", "--data-dir", tmp_path / "new").output


def test_the_doctor_misses_what_files_name(home: tuple[Path, int]) -> None:
    data_dir, account_id = home
    assert "ok   Files: the storage can be written" in trustwright("doctor", "--data-dir", data_dir).output
    place_of(data_dir, account_id, NAMED).write_bytes(b"cut")

    result = trustwright("doctor", "--data-dir", data_dir)

    assert result.exit_code == 1
    assert "FAIL Files: the contents of 1 files are missing or cut short" in " ".join(result.output.split())


def test_a_backup_says_that_files_in_a_bucket_are_not_in_it(
    home: tuple[Path, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTWRIGHT_STORAGE_URL", "s3://bucket")

    made = trustwright("backup", tmp_path / "backup.tar", "--data-dir", home[0])

    assert made.exit_code == 0, made.output
    assert "The contents of files are not in it" in " ".join(made.output.split())


@pytest.mark.parametrize(
    ("url", "required", "expected"),
    [
        ("", "false", "ok Virus scanner: none is set; files are kept unscanned"),
        ("", "true", "FAIL Virus scanner: it does not answer; no file is accepted"),
        ("nobody", "false", "FAIL Virus scanner: it does not answer"),
        ("clamd", "true", "ok Virus scanner: answers"),
    ],
)
def test_the_doctor_looks_at_the_scanner(
    acme: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, required: str, expected: str
) -> None:
    with clamd() as server:
        urls = {"": "", "nobody": f"tcp://127.0.0.1:{free_port()}", "clamd": server.url}
        monkeypatch.setenv("TRUSTWRIGHT_CLAMD_URL", urls[url])
        monkeypatch.setenv("TRUSTWRIGHT_REQUIRE_SCAN", required)
        result = trustwright("doctor", "--data-dir", tmp_path, "--database-url", acme.world.database_url)

    assert expected in " ".join(result.output.split())


def given(account: Account, data_dir: Path) -> procrastinate.JobContext:
    settings = Settings(data_dir=data_dir, collect_after=0, clamd_url="tcp://127.0.0.1:9")
    return job_context(database=account.world.database, settings=settings, storage=connect("", data_dir))


def test_the_jobs_know_all_accounts(acme: Account, globex: Account, tmp_path: Path) -> None:
    found = acme.world.run(each_account(given(acme, tmp_path)))

    assert {acme.id, globex.id} <= set(found)


def test_what_uploads_left_behind_is_collected_in_every_account(acme: Account, globex: Account, tmp_path: Path) -> None:
    async def run() -> None:
        for account in (acme, globex):
            await store(acme.world.database, account.id, tmp_path, NAMED)
            await store(acme.world.database, account.id, tmp_path, LEFT, named=False)
        for account in (acme, globex):
            await jobs.collect(given(acme, tmp_path), account_id=account.id)

    acme.world.run(run())

    for account in (acme, globex):
        assert place_of(tmp_path, account.id, NAMED).exists()
        assert not place_of(tmp_path, account.id, LEFT).exists()


def test_only_accounts_with_something_to_collect_get_a_job(
    acme: Account, globex: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deferred: list[tuple[str, int]] = []

    async def defer(tx: object, task: str, **_: object) -> None:
        deferred.append((task, tx.account_id))  # type: ignore[attr-defined]

    async def run() -> None:
        await store(acme.world.database, acme.id, tmp_path, LEFT, named=False)
        await store(acme.world.database, globex.id, tmp_path, NAMED)
        monkeypatch.setattr("trustwright.db.Tx.defer", defer)
        await jobs.look_after(given(acme, tmp_path), timestamp=0)

    acme.world.run(run())

    assert [each for each in deferred if each[1] in (acme.id, globex.id)] == [(actions.COLLECT, acme.id)]


def test_what_killed_requests_left_is_removed_after_a_day(tmp_path: Path) -> None:
    remove_abandoned(tmp_path)
    for name, hours in (("old", 25), ("new", 23)):
        folder = tmp_path / "incoming" / name
        folder.mkdir(parents=True)
        (folder / "1").write_bytes(b"x")
        os.utime(folder, (time.time() - hours * 3600,) * 2)

    remove_abandoned(tmp_path)

    assert [path.name for path in (tmp_path / "incoming").iterdir()] == ["new"]
