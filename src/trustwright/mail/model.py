"""Mails of the outbox: their states, when to try again, and the message that goes over the wire."""

import re
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from hashlib import sha256

from msgspec import Struct

from trustwright.errors import Invalid

FIRST_WAIT = 10
LONGEST_WAIT = 3600
GIVE_UP_AFTER = timedelta(days=1)

CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
DOMAIN = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
FRAGMENT = re.compile(r"""(https?://[^\s"'<>#]*#)[^\s"'<>]+""")


class MailState(StrEnum):
    """KEPT: there was no SMTP server to send it to, and it stays for reading only."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    FAILED = "FAILED"
    KEPT = "KEPT"


class Mail(Struct, frozen=True, kw_only=True):
    """One mail as it was rendered. `event` names what it is about; an account has one mail an event."""

    account_id: int
    id: int
    event: str
    recipient: str
    subject: str
    body_text: str
    body_html: str
    state: MailState
    attempts: int
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None


def seconds_until_next(attempts: int) -> int:
    """How long to wait after so many attempts: 10 seconds, twice as long each time, at most an hour."""
    return min(FIRST_WAIT << min(attempts - 1, 20), LONGEST_WAIT)


def is_given_up(mail: Mail, now: datetime) -> bool:
    """Whether a mail has been tried for so long that its news is old."""
    return now - mail.created_at >= GIVE_UP_AFTER


def one_line(subject: str) -> str:
    """A subject that somebody wrote. Raises Invalid for line breaks, which would begin headers of their own."""
    if CONTROL.search(subject):
        raise Invalid("subject: must be one line without control characters")
    return subject.strip()


def address_of(text: str) -> Address:
    """An address as headers and envelope write it: odd names quoted, a domain of other letters than ASCII in its
    ASCII form (RFC 5890). Raises Invalid where that is no address, or would be read as another."""
    name, _, domain = text.rpartition("@")
    try:
        address = Address(username=name, domain=domain if domain.isascii() else domain.encode("idna").decode())
    except UnicodeError as error:
        raise Invalid(f"recipient: {domain!r} cannot be the name of a mail domain") from error
    if not DOMAIN.fullmatch(address.domain) or parseaddr(address.addr_spec)[1] != address.addr_spec:
        raise Invalid(f"recipient: no mail can be sent to {text!r}")
    return address


def message_id(mail: Mail, sender: str) -> str:
    """The same for every attempt at one mail, so that a receiver recognises a repeated one; a digest, because a
    counter would tell receivers how many accounts and mails there are."""
    what = f"{mail.account_id}/{mail.id}/{mail.event}/{mail.created_at.isoformat()}"
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<{sha256(what.encode()).hexdigest()[:40]}@{domain}>"


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """The mail as text and HTML (RFC 2046 5.1.4), marked as written by a program (RFC 3834)."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = address_of(mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = message_id(mail, sender)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body_text)
    message.add_alternative(mail.body_html, subtype="html")
    return message


def without_secrets(body: str) -> str:
    """A body whose links have lost their fragments. A link's token stands there, and only its hash may be kept."""
    return FRAGMENT.sub(r"\1...", body)
