"""Files that go out with a mail: all of them, or the mail stays."""

import hashlib
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.documents import pdf
from tests.mail.postman import Office, Postman
from tests.mail.test_cli import as_json, trustwright
from trustwright.files import actions as files
from trustwright.files.model import KeptFile, ScanState, StoredFile
from trustwright.files.storage import Storage, connect
from trustwright.mail import jobs
from trustwright.mail.model import MailState, without_secrets

REPORT = pdf("The signed agreement")


class Cabinet:
    """Files of an account, and where their contents lie."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office = office
        self.folder = folder
        self.storage: Storage = connect("", folder)
        office.settings = replace(office.settings, data_dir=folder)

    def add(self, content: bytes = REPORT, name: str = "nda.pdf", state: ScanState = ScanState.UNSCANNED) -> int:
        """The id of a file that is kept."""
        path = self.folder / "content"
        path.write_bytes(content)
        sha256 = hashlib.sha256(content).digest()
        database, account = self.office.world.database, self.office.account

        async def add() -> StoredFile:
            async with database.begin(account.who) as tx:
                claim = await files.claim(tx, sha256, len(content))
            await self.storage.put(account.id, sha256, path)
            kept = KeptFile(
                name=name,
                content_type="application/pdf",
                size=len(content),
                sha256=sha256,
                generation=claim.generation,
                scan_state=state,
            )
            async with database.begin(account.who) as tx:
                return await files.add_file(tx, kept)

        return self.office.world.run(add()).id

    def lose(self, content: bytes = REPORT) -> None:
        self.office.world.run(self.storage.delete(self.office.account.id, hashlib.sha256(content).digest()))

    def attempt(self, mail_id: int, **settings: Any) -> int | None:
        chosen = replace(self.office.settings, **settings)
        world, account = self.office.world, self.office.account
        return world.run(jobs.attempt(world.database, chosen, account.id, mail_id, self.storage))


@pytest.fixture
def cabinet(office: Office, tmp_path: Path) -> Cabinet:
    return Cabinet(office, tmp_path)


def attached(message: EmailMessage) -> list[tuple[str | None, str, bytes]]:
    return [(part.get_filename(), part.get_content_type(), part.get_content()) for part in message.iter_attachments()]


def test_a_mail_arrives_with_its_files(office: Office, cabinet: Cabinet, postman: Postman) -> None:
    second = pdf("Another")
    ids = [cabinet.add(), cabinet.add(second, name='Verträge "2026"; 中文.pdf')]
    mail_id = office.send(attachments=ids)

    assert cabinet.attempt(mail_id) is None

    (message,) = postman.mails
    assert attached(message) == [
        ("nda.pdf", "application/pdf", REPORT),
        ('Verträge "2026"; 中文.pdf', "application/pdf", second),
    ]
    body = message.get_body(("plain",))
    assert body is not None
    assert "This is about Initech" in body.get_content()
    assert message.get_body(("html",)) is not None


def test_a_job_finds_the_files_by_its_settings(office: Office, cabinet: Cabinet, postman: Postman) -> None:
    mail_id = office.send(attachments=[cabinet.add()])

    assert office.deliver(mail_id) is None

    assert attached(postman.mails[0]) == [("nda.pdf", "application/pdf", REPORT)]


@pytest.mark.parametrize(
    ("state", "settings"),
    [(ScanState.INFECTED, {}), (ScanState.INFECTED, {"require_scan": True}), (ScanState.ERROR, {"require_scan": True})],
)
def test_a_mail_whose_file_the_scanner_holds_back_is_refused(
    office: Office, cabinet: Cabinet, postman: Postman, state: ScanState, settings: dict[str, bool]
) -> None:
    mail_id = office.send(attachments=[cabinet.add(), cabinet.add(pdf("Bad"), "bad.pdf", state)])

    assert cabinet.attempt(mail_id, **settings) is None

    mail = office.mail(mail_id)
    assert mail.state is MailState.FAILED
    assert "bad.pdf" in (mail.last_error or "")
    assert postman.mails == []


def test_a_mail_waits_for_a_file_that_is_about_to_be_scanned(
    office: Office, cabinet: Cabinet, postman: Postman
) -> None:
    file_id = cabinet.add(state=ScanState.PENDING)
    mail_id = office.send(attachments=[file_id])

    assert cabinet.attempt(mail_id, require_scan=True) == 10
    assert postman.mails == []
    assert office.mail(mail_id).state is MailState.QUEUED

    office.world.connection.execute("update files set scan_state = 'CLEAN' where id = %s", [file_id])
    assert cabinet.attempt(mail_id, require_scan=True) is None
    assert len(postman.mails) == 1


@pytest.mark.parametrize("state", [ScanState.PENDING, ScanState.ERROR, ScanState.CLEAN])
def test_where_scans_are_not_required_only_a_virus_holds_a_mail_back(
    office: Office, cabinet: Cabinet, postman: Postman, state: ScanState
) -> None:
    assert cabinet.attempt(office.send(attachments=[cabinet.add(state=state)])) is None

    assert len(postman.mails) == 1


def test_a_mail_whose_file_has_gone_is_refused(office: Office, cabinet: Cabinet, postman: Postman) -> None:
    lost, unknown = office.send("lost", attachments=[cabinet.add()]), office.send("unknown", attachments=[2**31 - 1])
    cabinet.lose()

    assert [cabinet.attempt(lost), cabinet.attempt(unknown)] == [None, None]

    assert office.mail(lost).last_error == "The content of nda.pdf has gone"
    assert "has gone" in (office.mail(unknown).last_error or "")
    assert {office.mail(lost).state, office.mail(unknown).state} == {MailState.FAILED}
    assert postman.mails == []


def test_a_file_of_another_account_does_not_go_out(office: Office, cabinet: Cabinet, tmp_path: Path) -> None:
    globex = Office(office.world, office.world.account("Globex"), "")
    (tmp_path / "theirs").mkdir()
    theirs = Cabinet(globex, tmp_path / "theirs").add()

    mail_id = office.send(attachments=[theirs])

    assert cabinet.attempt(mail_id) is None
    assert office.mail(mail_id).state is MailState.FAILED


def test_the_command_line_names_what_is_attached(office: Office, cabinet: Cabinet) -> None:
    mail_id = office.send(attachments=[cabinet.add(), 2**31 - 1])

    assert as_json(office, "mail", "show", str(mail_id))["attachments"] == ["nda.pdf", f"file {2**31 - 1}"]
    assert "attachment: nda.pdf" in trustwright(office, "mail", "show", str(mail_id)).output


def test_tokens_in_paths_are_forgotten_too_once_a_mail_is_out() -> None:
    token = "Ab-_" * 10 + "xyz"
    body = f'Sign: https://trust.acme.test/sign/{token}. <a href="https://trust.acme.test/access/{token}">x</a>'

    kept = without_secrets(body)

    assert token not in kept
    assert "https://trust.acme.test/sign/..." in kept


def test_other_links_stay_whole() -> None:
    body = "https://trust.acme.test/files/report-of-the-year-2026-and-of-nothing-else-at-all and /short"

    assert without_secrets(body) == body
