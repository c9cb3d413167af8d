"""Mails of the outbox: their states, when to try again, and the message that goes over the wire."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from hashlib import sha256

from msgspec import Struct

from trustwright.errors import Invalid
from trustwright.files.model import ScanState, StoredFile

FIRST_WAIT = 10
LONGEST_WAIT = 3600
GIVE_UP_AFTER = timedelta(days=1)

CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
DOMAIN = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
FRAGMENT = re.compile(r"""(https?://[^\s"'<>#]*#)[^\s"'<>]+""")
# What `links.new_token` makes, where a link has it in its path.
TOKEN = re.compile(r"""(https?://[^\s"'<>#]*/)[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])""")


class MailState(StrEnum):
    """KEPT: there was no SMTP server to send it to, and it stays for reading only."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    FAILED = "FAILED"
    KEPT = "KEPT"


class Mail(Struct, frozen=True, kw_only=True):
    """One mail as it was rendered. `event` names what it is about; an account has one mail an event.
    `unsubscribe_url`: of a mail to a list, for the button of mail programs (RFC 8058)."""

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
    attachments: list[int] = []
    unsubscribe_url: str | None = None


class Attachment(Struct, frozen=True):
    """A file as it goes out with a mail."""

    name: str
    content_type: str
    content: bytes


class HeldBack(RuntimeError):
    """A file of a mail cannot go out, now or ever; the message says why."""

    def __init__(self, reason: str, *, lasting: bool) -> None:
        super().__init__(reason)
        self.lasting = lasting


def require_fit(file_id: int, file: StoredFile | None, *, must_be_scanned: bool) -> StoredFile:
    """A file that may go out. Raises HeldBack for one that has gone, or that the virus scanner holds back; one that is
    about to be scanned is waited for."""
    if file is None:
        raise HeldBack(f"The file {file_id} that belongs to this mail has gone", lasting=True)
    if file.scan_state is ScanState.INFECTED:
        raise HeldBack(f"The virus scanner found {file.scan_detail} in {file.name}", lasting=True)
    if must_be_scanned and file.scan_state is ScanState.ERROR:
        raise HeldBack(f"The virus scanner could not look at {file.name}", lasting=True)
    if must_be_scanned and file.scan_state is ScanState.PENDING:
        raise HeldBack(f"{file.name} is about to be scanned for viruses", lasting=False)
    return file


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


def message_of(mail: Mail, sender: str, attachments: Sequence[Attachment] = ()) -> EmailMessage:
    """The mail as text and HTML (RFC 2046 5.1.4) with its files, marked as written by a program (RFC 3834)."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = address_of(mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = message_id(mail, sender)
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.body_text)
    message.add_alternative(mail.body_html, subtype="html")
    for each in attachments:
        main, _, sub = each.content_type.partition("/")
        message.add_attachment(each.content, maintype=main, subtype=sub or "octet-stream", filename=each.name)
    return message


def without_secrets(body: str) -> str:
    """A body whose links have lost their fragments, and the tokens in their paths: of those only hashes may be kept."""
    return TOKEN.sub(r"\1...", FRAGMENT.sub(r"\1...", body))
