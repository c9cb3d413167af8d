"""An SMTP server of our own on loopback, and the office that sends through it."""

import email
import email.policy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.conftest import cloned, free_port, serving
from tests.factories import Account, World
from trustwright.mail import actions, jobs
from trustwright.mail.model import Mail
from trustwright.settings import Settings

VALUES = {"vendor": "Initech", "link": "https://trust.acme.test/q#token123"}
SENDER = "Acme Trust <trust@acme.test>"


class Postman:
    """Takes mails, and answers as it is told: `answers` by command, `before_answer` runs when a mail is in."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.encrypted: list[bool] = []
        self.signed_in: list[bool] = []
        self.answers: dict[str, str] = {}
        self.before_answer: Callable[[], None] = lambda: None

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.before_answer()
        answer = self.answers.get("DATA", "250 OK")
        if answer.startswith("250"):
            self.mails.append(message)
            self.recipients += envelope.rcpt_tos
            self.encrypted.append(session.ssl is not None)
            self.signed_in.append(session.authenticated is True)
        return answer


class Office:
    """An account, the outbox behind it, and the address of the server that its jobs use."""

    def __init__(self, world: World, account: Account, smtp_url: str) -> None:
        self.world = world
        self.account = account
        self.settings = Settings(smtp_url=smtp_url, mail_from=SENDER)

    def send(self, event: str = "greeting", recipient: str = "bob@initech.test", **more: Any) -> int:
        """The id of a mail that was new."""

        async def send() -> int:
            async with self.world.database.begin(self.account.who) as tx:
                assert await actions.send(tx, event, recipient, "note", {**VALUES, **more.pop("values", {})}, **more)
                return (await actions.newest_mails(tx, 1))[0].id

        return self.world.run(send())

    def deliver(self, mail_id: int) -> int | None:
        """What the job does, once: the seconds until it must be done again, None when it is settled."""
        return self.world.run(jobs.attempt(self.world.database, self.settings, self.account.id, mail_id))

    def mail(self, mail_id: int) -> Mail:
        async def get() -> Mail:
            async with self.world.database.read(self.account.who) as tx:
                return await actions.get_mail(tx, mail_id)

        return self.world.run(get())

    def mails(self) -> list[Mail]:
        async def newest() -> list[Mail]:
            async with self.world.database.read(self.account.who) as tx:
                return await actions.newest_mails(tx, 100)

        return self.world.run(newest())


@contextmanager
def on_duty(port: int = 0, **options: Any) -> Iterator[tuple[Postman, str]]:
    """A server, while the block runs, and its host and port."""
    postman = Postman()
    port = port or free_port()
    controller = Controller(postman, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield postman, f"127.0.0.1:{port}"
    finally:
        controller.stop()


@contextmanager
def mailing(name: str, folder: Path) -> Iterator[tuple[World, Postman]]:
    """A service of its own, on a database of this name, that sends its mails; and who receives them."""
    with (
        cloned(name) as url,
        on_duty() as (postman, address),
        serving(url, folder, free_port(), TRUSTWRIGHT_SMTP_URL=f"smtp://{address}") as server,
    ):
        world = World(url, server)
        yield world, postman
        world.close()
