"""Files before the virus scanner: what it says, and what becomes of a file that it holds back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import procrastinate
import pytest
from psycopg.types.json import Jsonb

from tests.factories import Account
from tests.files.clamd import EICAR, Clamd, clamd
from tests.files.conftest import LIMIT, Office, OpenOffice
from tests.jobs import job_context
from trustwright.db import Database, Tx
from trustwright.files import actions, jobs, scanning
from trustwright.files.model import KeptFile, ScanState, StoredFile
from trustwright.files.scanning import NoVerdict, Verdict
from trustwright.files.storage import connect
from trustwright.settings import Settings

NOBODY = "tcp://127.0.0.1:9"


@pytest.fixture
def scanner() -> Iterator[Clamd]:
    with clamd() as server:
        yield server


async def parts(content: bytes, size: int = 300_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def scan(url: str, content: bytes) -> Verdict:
    return asyncio.run(scanning.scan(url, parts(content)))


def test_a_clean_content_is_clean(scanner: Clamd) -> None:
    for content in (b"", b"a,b", b"x" * 400_000):
        assert scan(scanner.url, content) == Verdict(ScanState.CLEAN)


def test_a_virus_is_found_by_its_name(scanner: Clamd) -> None:
    for content in (EICAR, b"x" * 299_980 + EICAR):
        assert scan(scanner.url, content) == Verdict(ScanState.INFECTED, "Eicar-Test-Signature")


def test_a_scanner_that_breaks_off_has_no_verdict_but_a_reason(scanner: Clamd) -> None:
    with pytest.raises(NoVerdict, match=r"size limit exceeded|pipe|reset"):
        scan(scanner.url, b"x" * 20_000_000)


def test_a_scanner_that_hangs_up_has_no_verdict(scanner: Clamd) -> None:
    scanner.silent = True

    with pytest.raises(NoVerdict):
        scan(scanner.url, b"x")


@pytest.mark.parametrize("url", [NOBODY, "unix:///nowhere/clamd.sock", "http://127.0.0.1:3310", "tcp://x", ""])
def test_a_scanner_that_is_not_there_has_no_verdict(url: str) -> None:
    with pytest.raises(NoVerdict):
        scan(url, b"x")
    assert not asyncio.run(scanning.answers(url))


def test_a_scanner_answers_a_ping(scanner: Clamd) -> None:
    assert asyncio.run(scanning.answers(scanner.url))
    scanner.silent = True
    assert not asyncio.run(scanning.answers(scanner.url))


def test_a_scanner_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(mute, "127.0.0.1", 0)
        url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        monkeypatch.setattr(scanning, "PATIENCE", 0.1)
        monkeypatch.setattr(scanning, "LONGEST_SCAN", 0.1)
        assert not await scanning.answers(url)
        with pytest.raises(NoVerdict):
            await scanning.scan(url, parts(b"x"))
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0.05)

    asyncio.run(run())


def test_a_scanner_may_listen_on_a_unix_socket(tmp_path: Path) -> None:
    async def pong(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zPING\0"
        writer.write(b"PONG\0")
        await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_unix_server(pong, tmp_path / "clamd.sock")
        assert await scanning.answers(f"unix://{tmp_path}/clamd.sock")
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0.05)

    asyncio.run(run())


class Lab:
    """An office with a scanner, whose jobs the test runs."""

    def __init__(self, office: Office, scanner_url: str) -> None:
        self.office = office
        self.settings = Settings(data_dir=office.data_dir, clamd_url=scanner_url)

    @property
    def database(self) -> Database:
        return self.office.account.world.database

    def upload(self, content: bytes = b"a,b") -> dict[str, Any]:
        response = self.office.upload(content)
        assert response.status_code == 201, response.text
        file: dict[str, Any] = response.json()["files"][0]
        return file

    def scan(self, file_id: int, attempts: int = 0) -> None:
        given = job_context(
            attempts=attempts,
            database=self.database,
            settings=self.settings,
            storage=connect("", self.settings.data_dir),
        )
        self.office.account.world.run(jobs.scan(given, account_id=self.office.account.id, file_id=file_id))

    def file(self, file_id: int) -> StoredFile:
        async def get() -> StoredFile:
            async with self.database.read(self.office.account.who) as tx:
                return await actions.get_file(tx, file_id)

        return self.office.account.world.run(get())

    def events(self) -> list[dict[str, Any]]:
        page = self.office.account.alice.get(
            "/public/v2/events", params={"type": "FILE_UPLOAD_REJECTED", "expand[]": "metadata"}
        ).json()
        found: list[dict[str, Any]] = page["data"]
        return found


@pytest.fixture
def lab(open_office: OpenOffice, scanner: Clamd) -> Lab:
    return Lab(open_office(clamd_url=scanner.url, require_scan=True), scanner.url)


def test_without_a_scanner_files_are_unscanned(office: Office) -> None:
    lab = Lab(office, "")

    assert lab.file(lab.upload()["id"]).scan_state is ScanState.UNSCANNED


def test_a_new_file_is_pending_and_held_back_until_it_is_clean(lab: Lab) -> None:
    made = lab.upload()
    assert lab.file(made["id"]).scan_state is ScanState.PENDING
    answer = lab.office.get(made["link"])
    assert (answer.status_code, answer.text) == (
        409,
        "This file is about to be scanned for viruses; try again in a minute\n",
    )

    lab.scan(made["id"])

    assert lab.file(made["id"]).scan_state is ScanState.CLEAN
    assert lab.office.get(made["link"]).content == b"a,b"
    assert lab.events() == []


def test_an_infected_file_is_held_back_for_good_and_makes_an_event(lab: Lab) -> None:
    made = lab.upload(b"a," + EICAR)
    lab.scan(made["id"])

    file = lab.file(made["id"])
    assert (file.scan_state, file.scan_detail) == (ScanState.INFECTED, "Eicar-Test-Signature")
    answer = lab.office.get(made["link"])
    assert answer.status_code == 409
    assert "The virus scanner found something" in answer.text
    (event,) = lab.events()
    assert event["category"] == "DOCUMENT_SCANNED"
    assert event["metadata"]["sourceData"] == {"scanState": "PENDING"}
    assert event["metadata"]["dto"] == {"scanState": "INFECTED", "scanDetail": "Eicar-Test-Signature"}


def test_a_file_is_scanned_once(lab: Lab, scanner: Clamd) -> None:
    made = lab.upload()
    lab.scan(made["id"])
    lab.scan(made["id"])

    assert scanner.scans == 1


def test_without_a_verdict_the_scan_is_tried_again_and_at_last_given_up(lab: Lab, scanner: Clamd) -> None:
    made = lab.upload(b"x" * LIMIT)
    for attempts in range(jobs.ATTEMPTS - 1):
        with pytest.raises(NoVerdict):
            lab.scan(made["id"], attempts)
        assert lab.file(made["id"]).scan_state is ScanState.PENDING

    lab.scan(made["id"], jobs.ATTEMPTS - 1)

    file = lab.file(made["id"])
    assert file.scan_state is ScanState.ERROR
    assert file.scan_detail
    assert lab.office.get(made["link"]).status_code == 409


def test_the_job_is_tried_as_often_as_the_file_waits_for() -> None:
    strategy = jobs.scan.retry_strategy

    assert isinstance(strategy, procrastinate.RetryStrategy)
    assert strategy.max_attempts == jobs.ATTEMPTS - 1


def test_where_scans_are_not_required_only_infected_files_are_held_back(
    open_office: OpenOffice, scanner: Clamd
) -> None:
    lab = Lab(open_office(clamd_url=scanner.url), scanner.url)
    pending, infected = lab.upload(), lab.upload(EICAR)
    lab.scan(infected["id"])

    assert lab.office.get(pending["link"]).status_code == 200
    assert lab.office.get(infected["link"]).status_code == 409


@pytest.mark.parametrize("url", [NOBODY, ""])
def test_where_scans_are_required_and_the_scanner_is_away_nothing_is_taken(open_office: OpenOffice, url: str) -> None:
    office = open_office(clamd_url=url, require_scan=True)

    response = office.upload()

    assert response.status_code == 503
    assert response.json()["name"] == "ServiceUnavailableException"
    assert "scanner does not answer" in response.json()["message"]
    assert office.is_empty()


SCANS = "select count(*) from procrastinate_jobs where task_name = 'files.scan' and args @> %(args)s"


def test_a_file_is_queued_for_its_scan_and_queued_again_when_no_scan_settled_it_for_an_hour(lab: Lab) -> None:
    async def add(tx: Tx, state: ScanState) -> StoredFile:
        claim = await actions.claim(tx, b"sha256", 8)
        kept = KeptFile(
            name="a.csv",
            content_type="text/csv",
            size=8,
            sha256=b"sha256",
            generation=claim.generation,
            scan_state=state,
        )
        return await actions.add_file(tx, kept)

    async def scans(tx: Tx, file: StoredFile) -> int:
        return int(await tx.value(SCANS, args=Jsonb({"account_id": tx.account_id, "file_id": file.id})))

    async def run() -> None:
        # All in one transaction that nobody else sees, or the server's own worker would take the jobs away.
        async with lab.database.begin(lab.office.account.who) as tx:
            files = {state: await add(tx, state) for state in ScanState}
            assert [state for state, file in files.items() if await scans(tx, file)] == [ScanState.PENDING]
            await actions.scan_again(tx)
            assert await scans(tx, files[ScanState.PENDING]) == 1
            await tx.run("update files set created_at = created_at - interval '2 hours'")
            await actions.scan_again(tx)
            assert {state: await scans(tx, file) for state, file in files.items()} == {
                ScanState.UNSCANNED: 0,
                ScanState.PENDING: 2,
                ScanState.CLEAN: 0,
                ScanState.INFECTED: 0,
                ScanState.ERROR: 1,
            }
            await tx.run("update files set created_at = created_at - interval '2 days'")
            await actions.scan_again(tx)
            assert await scans(tx, files[ScanState.PENDING]) == 2

    lab.office.account.world.run(run())


def test_a_file_of_another_account_is_not_found(lab: Lab, globex: Account) -> None:
    made = lab.upload()
    elsewhere = Lab(lab.office, lab.settings.clamd_url)
    elsewhere.office = Office(globex, lab.office._service, "", lab.office.settings)

    with pytest.raises(Exception, match="No file"):
        elsewhere.scan(made["id"])
