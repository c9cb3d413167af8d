"""An agreement on its whole way, through a running service and a real SMTP server: asked, shown, signed, mailed."""

import hashlib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from tests.agreements.cast import CODE, LINK, NDA, Desk, texts
from tests.factories import Account, World
from tests.mail.postman import Postman, mailing
from tests.records.cast import eventually

VERA = "vera@whole-way.test"


@pytest.fixture(scope="module")
def served(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Postman]]:
    """A service of its own that sends its mails, and who receives them."""
    folder = tmp_path_factory.mktemp("signing")
    with mailing(f"trustwright_signing_{worker_id}", folder) as served:
        yield served


@pytest.fixture
def acme(served: tuple[World, Postman]) -> Account:
    return served[0].account("Acme")


def received(postman: Postman, recipient: str, words: str) -> EmailMessage:
    """The last mail to somebody with these words in its subject, once it is there."""

    def found() -> list[EmailMessage]:
        return [mail for mail in postman.mails if mail["To"] == recipient and words in mail["Subject"]]

    eventually(lambda: bool(found()))
    return found()[-1]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text.replace("\r\n", "\n")


def test_an_agreement_is_mailed_read_signed_and_mailed_back(served: tuple[World, Postman], acme: Account) -> None:
    world, postman = served
    desk = Desk(acme)
    envelope_id = desk.ask(email=VERA, first="Věra", last="Núñez")

    asked = received(postman, VERA, "asks you to sign")
    (link,) = LINK.findall(text_of(asked))
    assert f"{world.address}{link}" in text_of(asked)
    signer = acme.client(None)
    assert signer.get(link).status_code == 200
    assert signer.get(f"{link}/agreement.pdf").content == NDA
    assert signer.post(f"{link}/code").status_code == 303
    (code,) = CODE.findall(text_of(received(postman, VERA, "code")))
    done = signer.post(link, data={"name": "Věra Núñez", "code": code, "consent": "yes"}, follow_redirects=True)
    assert "The agreement is signed" in done.text

    copies = [received(postman, recipient, "Signed: nda.pdf") for recipient in (VERA, "legal@acme.test")]
    contents = {attachment.get_content() for copy in copies for attachment in copy.iter_attachments()}
    (content,) = contents
    assert hashlib.sha256(content).hexdigest() in text_of(copies[0])
    assert texts(content)[0] == texts(NDA)[0]
    assert "Věra Núñez" in texts(content)[-1]
    assert desk.status(envelope_id) == "FILES_SENT"
    received(postman, VERA, "")


def test_once_the_mail_is_out_the_token_is_nowhere_in_the_database(
    served: tuple[World, Postman], acme: Account
) -> None:
    world, postman = served
    desk = Desk(acme)
    desk.ask(email="walt@whole-way.test")
    (link,) = LINK.findall(text_of(received(postman, "walt@whole-way.test", "asks you to sign")))
    assert acme.client(None).get(link).status_code == 200
    eventually(lambda: not desk.account.sql("select 1 from mails where account_id = %s and state = 'QUEUED'"))

    assert link.rpartition("/")[2] not in world.everything_kept()
