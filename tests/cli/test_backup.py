"""A backup holds one moment of the database with all its files, and comes back as it was or not at all."""

import asyncio
import hashlib
import os
import re
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal
from typer.testing import CliRunner, Result

import trustwright
from tests.conftest import cloned, free_port, serving
from tests.documents import pdf
from tests.factories import Account, World
from tests.filling import blank, fill, programs
from trustwright.cli import app
from trustwright.cli import backup as backups
from trustwright.cli.contents import CONTENT, Broken, check, name_of, pack, put_contents
from trustwright.files.storage import connect, key_of
from trustwright.settings import Settings

TABLES = (
    "select c.oid::regclass::text from pg_class c where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
)
SUM = "select count(*), md5(string_agg(md5(t::text), '' order by md5(t::text))) from {} t"
SEQUENCES = "select sequencename, last_value from pg_sequences where schemaname = 'public'"

Sums = dict[str, Any]


@pytest.fixture(autouse=True)
def _programs_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{programs()}:{os.environ['PATH']}")


def run(command: str, file: Path, url: str, data_dir: Path) -> Result:
    return CliRunner().invoke(app, [command, str(file), "--database-url", url, "--data-dir", str(data_dir)])


def text_of(result: Result) -> str:
    """What a command said, whatever the width of its terminal."""
    return " ".join(result.output.split())


def sums_of(url: str, snapshot: str | None = None) -> Sums:
    """Number of rows and checksum of every table of the database, by its own list of them."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        if snapshot:
            connection.execute(SQL("set transaction snapshot {}").format(Literal(snapshot)))
        names = [name for (name,) in connection.execute(TABLES)]
        return {name: connection.execute(SQL(SUM).format(Identifier(name))).fetchone() for name in names}


def sequences_of(url: str) -> Sums:
    with psycopg.connect(url) as connection:
        return dict(connection.execute(SEQUENCES).fetchall())


def files_named(url: str) -> dict[str, str]:
    """The SHA-256 of each content that a file names, by its place in the storage."""
    with psycopg.connect(url) as connection:
        found = connection.execute("select distinct account_id, sha256 from files").fetchall()
        return {key_of(account_id, sha256): sha256.hex() for account_id, sha256 in found}


def files_kept(data_dir: Path) -> dict[str, str]:
    """The SHA-256 of each content in the storage, by its place."""
    folder = data_dir / "files"
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_a_backup_of_a_service_at_work_is_the_moment_at_which_it_began(
    worker_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, moments = tmp_path / "backup.tar", list[Sums]()
    real = backups._run_program

    def looked_at(settings: Any, program: str, url: str, *arguments: str) -> None:
        """Sums up what the dump will see, and has others go on before the files are copied."""
        snapshots = [each.partition("=")[2] for each in arguments if each.startswith("--snapshot=")]
        moments.extend(sums_of(url, snapshot) for snapshot in snapshots)
        real(settings, program, url, *arguments)
        assert not snapshots or writers.progress(4)

    monkeypatch.setattr(backups, "_run_program", looked_at)
    with cloned(f"loaded_{worker_id}") as url, serving(url, tmp_path, free_port()) as address:
        world = World(url, address)
        with Writers(world.account()) as writers:
            assert writers.progress(4)
            made = run("backup", archive, url, tmp_path)
            assert made.exit_code == 0, made.output
            assert writers.progress(1)
        world.close()
        later = sums_of(url)
    with blank(f"restored_{worker_id}") as url:
        restored = run("restore", archive, url, tmp_path / "new")

        assert restored.exit_code == 0, restored.output
        assert [sums_of(url)] == moments
        for table in ("records", "sessions", "reviews", "files", "blobs", "events"):
            assert moments[0][table][0] > 0, table
            assert moments[0][table] != later[table], table
        assert files_kept(tmp_path / "new") == files_named(url)
        assert set(files_kept(tmp_path / "new")) < set(files_kept(tmp_path))


class Writers:
    """Alice's programs: one pushes records, one uploads sessions, and two make reviews with a file."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.done = [0, 0, 0, 0]
        self.faults: list[str] = []
        self.ended = threading.Event()
        self.turn = threading.Condition()

    def __enter__(self) -> "Writers":
        connection = self.sent("/public/v2/custom-connections", json=CONNECTION | self.place)
        self.resource = (
            f"/public/v2/custom-connections/{connection['id']}/resources/{connection['customResources'][0]['id']}"
        )
        self.vendor = f"/public/v2/vendors/{self.sent('/public/v2/vendors', json={'name': 'Initech'})['id']}"
        works = [self.push, self.stage, self.review, self.review]
        self.threads = [threading.Thread(target=self.go_on, args=(works[each], each)) for each in range(len(works))]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()
        assert self.faults == []

    @property
    def place(self) -> Sums:
        return {"workspaceIds": [self.account.workspace_id]}

    def progress(self, times: int) -> bool:
        """Waits until each has done that much more."""
        goal = [done + times for done in self.done]
        with self.turn:
            return self.turn.wait_for(lambda: all(a >= b for a, b in zip(self.done, goal, strict=True)), 60)

    def go_on(self, work: Any, number: int) -> None:
        while not self.ended.is_set() and not self.faults:
            try:
                work(f"{number}-{self.done[number]}")
            except (httpx.HTTPError, AssertionError) as fault:
                self.faults.append(repr(fault))
            with self.turn:
                self.done[number] += 1
                self.turn.notify_all()

    def push(self, name: str) -> None:
        self.sent(
            f"{self.resource}/records", json={"data": [{"id": f"{name}-{row}", "name": "x"} for row in range(20)]}
        )

    def stage(self, name: str) -> None:
        self.sent(
            f"{self.resource}/sessions/{name}", json={"data": [{"id": f"{row}", "name": name} for row in range(20)]}
        )
        self.sent(f"{self.resource}/sessions/{name}/actions", json={"action": "complete"})

    def review(self, name: str) -> None:
        files = {"file": ("report.pdf", pdf(name), "application/pdf")}
        self.sent(f"{self.vendor}/security-reviews/with-file", data=REVIEW | {"title": name}, files=files)

    def sent(self, path: str, **content: Any) -> Any:
        answer = self.account.alice.post(path, **content)
        assert answer.is_success, answer.text
        return answer.json()


CONNECTION = {"name": "Load", "providerTypes": ["CUSTOM"], "sampleData": {"name": "x"}, "displayNameKey": "name"}
REVIEW = {
    "reviewDeadlineAt": "2030-07-01T00:00:00Z",
    "securityReviewStatus": "COMPLETED",
    "securityReviewType": "UPLOAD_REPORT",
}


@contextmanager
def filled(name: str, data_dir: Path) -> Iterator[str]:
    """A database with rows in every table, and the contents of its files."""
    with cloned(name) as url:
        assert fill(url) == set(sums_of(url)) - {name for name in sums_of(url) if "yoyo" in name}
        for account in (1, 2):
            for number in (1, 2, 3):
                content = f"blobs.sha256 {account}.{number} ä".encode()
                place = data_dir / "files" / key_of(account, hashlib.sha256(content).digest())
                place.parent.mkdir(parents=True)
                place.write_bytes(content)
        yield url


def test_a_restored_database_has_every_row_every_file_and_goes_on_counting(worker_id: str, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar"
    with filled(f"idle_{worker_id}", tmp_path) as url:
        rows, sequences = sums_of(url), sequences_of(url)
        umask = os.umask(0)
        made = run("backup", archive, url, tmp_path)
        os.umask(umask)
    assert made.exit_code == 0, made.output
    assert archive.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("files", archive.name)] == []
    with blank(f"again_{worker_id}") as url:
        assert run("restore", archive, url, tmp_path / "new").exit_code == 0

        assert (sums_of(url), sequences_of(url)) == (rows, sequences)
        assert files_kept(tmp_path / "new") == files_kept(tmp_path) == files_named(url)
        with psycopg.connect(url) as connection:
            new = connection.execute("insert into vendor_types (account_id, name) values (1, 'New') returning id")
            assert new.fetchone() == (sequences["vendor_types_id_seq"] + 1,)

        again = run("restore", archive, url, tmp_path / "new")
        assert (again.exit_code, "This database is not empty" in text_of(again)) == (1, True)


def test_a_backup_tells_of_contents_that_are_missing_or_damaged_and_holds_the_rest(
    worker_id: str, tmp_path: Path
) -> None:
    with filled(f"damaged_{worker_id}", tmp_path) as url:
        gone, cut, *_ = sorted(path for path in (tmp_path / "files").rglob("*") if path.is_file())
        gone.unlink()
        cut.write_bytes(b"something else")

        made = run("backup", tmp_path / "backup.tar", url, tmp_path)

    assert made.exit_code == 1
    said = text_of(made).replace(" ", "")
    assert f"2filesaremissingordamaged,thefirstfiles/{gone.relative_to(tmp_path / 'files')}" in said
    assert len(check(tmp_path / "backup.tar")) == 1 + 5


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A small whole archive."""
    (tmp_path / "a").write_bytes(os.urandom(700))
    (tmp_path / "b").write_bytes(b"b" * 300)
    pack(tmp_path / "backup.tar", {"database.dump": tmp_path / "a", "demo.json": tmp_path / "b"})
    return tmp_path / "backup.tar"


def contents(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as tar:
        return {member.name: content.read() for member in tar if (content := tar.extractfile(member))}


def test_an_archive_that_was_cut_off_anywhere_is_refused(archive: Path) -> None:
    whole = archive.read_bytes()
    end = whole.rindex(b"demo.json\n") + len(b"demo.json\n")
    for length in (*range(0, end, 100), end - 1):
        archive.write_bytes(whole[:length])
        with pytest.raises(Broken):
            check(archive)


def test_a_changed_byte_is_found_wherever_it_matters(archive: Path) -> None:
    whole, before = archive.read_bytes(), contents(archive)
    refused = 0
    for place in range(0, len(whole), 31):
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 0x11]) + whole[place + 1 :])
        try:
            check(archive)
        except Broken:
            refused += 1
        else:
            assert contents(archive) == before, place
    assert refused > 50


def test_nothing_is_written_for_a_broken_archive(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    for content in (b"", b"no archive", whole[:1000], whole.replace(b"b" * 300, b"c" * 300)):
        archive.write_bytes(content)

        done = CliRunner().invoke(app, ["restore", str(archive), "--data-dir", str(tmp_path / "new")])

        assert (done.exit_code, "is no whole backup" in text_of(done)) == (1, True), done.output
        assert not (tmp_path / "new").exists()


def test_contents_come_to_a_storage_that_is_no_folder_too(tmp_path: Path) -> None:
    (tmp_path / "content").write_bytes(b"a report")
    sha256, bucket = hashlib.sha256(b"a report").digest(), connect("memory:///", tmp_path)
    pack(tmp_path / "backup.tar", {"database.dump": tmp_path / "content", name_of(7, sha256): tmp_path / "content"})

    async def bring() -> list[bytes]:
        await put_contents(tmp_path / "backup.tar", bucket, tmp_path)
        return [part async for part in await bucket.get(7, sha256)]

    assert asyncio.run(bring()) == [b"a report"]


def test_a_name_that_leads_elsewhere_is_no_content() -> None:
    whole = f"files/7/ab/{'ab' * 32}"

    assert CONTENT.fullmatch(whole)
    assert not any(CONTENT.fullmatch(name) for name in (f"../{whole}", f"/{whole}", "files/7/../ab", f"{whole}/x", ""))


def test_no_process_shows_the_password_of_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\necho "$PGPASSWORD" > {tmp_path}/password\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    url = "postgresql://alice:s3cret@db.test/acme"

    backups._run_program(Settings(database_url=url), "pg_dump", url)

    assert (tmp_path / "password").read_text() == "s3cret\n"
    assert (tmp_path / "arguments").read_text() == "--dbname=user=alice dbname=acme host=db.test\n"


def test_no_statement_removes_a_file() -> None:
    """A backup copies the contents after the dump, so none that the dump names may go meanwhile."""
    source = Path(trustwright.__file__).parent
    statements = re.compile(r"(delete\s+from|truncate)\s+(public\.)?files\b|on\s+delete\s+cascade", re.IGNORECASE)

    assert [str(path) for path in source.rglob("*.py") if statements.search(path.read_text())] == []
    assert [str(path) for path in source.rglob("*.sql") if statements.search(path.read_text())] == []
