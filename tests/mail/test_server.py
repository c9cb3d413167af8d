"""The SMTP server: its address, encryption, passwords, and the whole way of a mail through a running service."""

import time
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.conftest import cloned, free_port, serving
from tests.factories import World
from tests.mail.postman import Office, on_duty
from trustwright.mail.model import MailState
from trustwright.mail.smtp import BadServer, Server, Unreachable, greet, server_of


def certificate() -> SSLContext:
    """Of an authority that nobody knows."""
    context = SSLContext(PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


def only_bob(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    assert isinstance(given, LoginPassword)
    return AuthResult(success=(given.login, given.password) == (b"bob", b"p@ss word"), handled=False)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.test", Server("mail.test", None, None, None, False)),
        ("smtp://mail.test:2525", Server("mail.test", 2525, None, None, False)),
        ("smtps://mail.test:465", Server("mail.test", 465, None, None, True)),
        ("smtp://bob:p%40ss%20word@mail.test", Server("mail.test", None, "bob", "p@ss word", False)),
        ("smtp://[::1]:25", Server("::1", 25, None, None, False)),
    ],
)
def test_an_address_of_a_server_is_read(url: str, server: Server) -> None:
    assert server_of(url) == server


@pytest.mark.parametrize("url", ["mail.test:25", "http://mail.test", "smtp://", "smtp://mail.test:x", "smtp://[::1"])
def test_an_address_that_cannot_be_read_says_how_it_is_written(url: str) -> None:
    with pytest.raises(BadServer, match="TRUSTWRIGHT_SMTP_URL must be smtp://"):
        server_of(url)


@pytest.mark.parametrize(
    ("host", "is_local"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("mail.test", False), ("192.0.2.1", False)],
)
def test_only_this_machine_is_local(host: str, is_local: bool) -> None:
    assert Server(host, None, None, None, False).is_local is is_local


def test_mails_wait_while_the_address_of_the_server_cannot_be_read(outbox: World) -> None:
    office = Office(outbox, outbox.account(), "mail.test:25")
    mail_id = office.send()

    assert office.deliver(mail_id) == 10
    assert office.mail(mail_id).state is MailState.QUEUED


def test_encryption_is_used_where_it_is_offered(outbox: World) -> None:
    with on_duty(tls_context=certificate()) as (postman, address):
        office = Office(outbox, outbox.account(), f"smtp://{address}")
        assert office.deliver(office.send()) is None

    assert postman.encrypted == [True]


def test_smtps_is_encrypted_from_the_start(outbox: World) -> None:
    with on_duty(ssl_context=certificate()) as (postman, address):
        office = Office(outbox, outbox.account(), f"smtps://{address}")
        assert office.deliver(office.send()) is None

    assert len(postman.mails) == 1


def test_a_server_elsewhere_must_prove_its_name(outbox: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "is_local", property(lambda server: False))
    with on_duty(tls_context=certificate()) as (postman, address):
        office = Office(outbox, outbox.account(), f"smtp://{address}")
        mail_id = office.send()
        assert office.deliver(mail_id) == 10

    assert "certificate" in str(office.mail(mail_id).last_error).lower()
    assert postman.mails == []


SIGNED_IN: dict[str, Any] = {"authenticator": only_bob, "auth_require_tls": False}


def test_the_password_of_the_address_is_used(outbox: World) -> None:
    with on_duty(**SIGNED_IN) as (postman, address):
        office = Office(outbox, outbox.account(), f"smtp://bob:p%40ss%20word@{address}")
        assert office.deliver(office.send()) is None

    assert postman.signed_in == [True]


def test_a_wrong_password_is_a_fault_of_the_settings_and_waits(outbox: World) -> None:
    with on_duty(**SIGNED_IN) as (_, address):
        office = Office(outbox, outbox.account(), f"smtp://bob:wrong@{address}")
        mail_id = office.send()
        assert office.deliver(mail_id) == 10

    mail = office.mail(mail_id)
    assert mail.state is MailState.QUEUED
    assert str(mail.last_error).startswith("535")
    assert "wrong" not in str(mail.last_error)


def test_a_password_leaves_this_machine_only_encrypted(outbox: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "is_local", property(lambda server: False))
    with on_duty(**SIGNED_IN) as (postman, address):
        office = Office(outbox, outbox.account(), f"smtp://bob:p%40ss%20word@{address}")
        mail_id = office.send()
        assert office.deliver(mail_id) == 10

    assert "STARTTLS" in str(office.mail(mail_id).last_error)
    assert postman.mails == []


def test_greeting_a_server_tells_its_name(outbox: World) -> None:
    with on_duty(server_hostname="mail.acme.test") as (_, address):
        assert outbox.run(greet(f"smtp://{address}")) == "mail.acme.test"


def test_greeting_nobody_fails(outbox: World) -> None:
    with pytest.raises(Unreachable, match="connecting"):
        outbox.run(greet(f"smtp://127.0.0.1:{free_port()}"))


def test_a_running_service_sends_what_it_finds(worker_id: str, tmp_path: Path) -> None:
    settings = {"TRUSTWRIGHT_MAIL_FROM": "Trust <trust@acme.test>"}
    with cloned(f"trustwright_mail_service_{worker_id}") as url, on_duty() as (postman, address):
        settings["TRUSTWRIGHT_SMTP_URL"] = f"smtp://{address}"
        with serving(url, tmp_path, free_port(), **settings) as server:
            world = World(url, server)
            office = Office(world, world.account(), "")
            mail_id = office.send()
            deadline = time.monotonic() + 20
            while office.mail(mail_id).state is MailState.QUEUED and time.monotonic() < deadline:
                time.sleep(0.05)
            state = office.mail(mail_id).state
            world.close()

    assert state is MailState.SENT
    (message,) = postman.mails
    assert message["From"] == "Trust <trust@acme.test>"
