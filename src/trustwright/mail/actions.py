"""What can be done with mails."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from trustwright.accounts.actions import get_account
from trustwright.accounts.model import is_email
from trustwright.db import Tx
from trustwright.errors import Conflict, Invalid, NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.files.actions import files_by_id
from trustwright.files.model import StoredFile
from trustwright.mail import store
from trustwright.mail.model import (
    Mail,
    MailState,
    address_of,
    is_given_up,
    one_line,
    require_fit,
    seconds_until_next,
    without_secrets,
)
from trustwright.mail.rendering import render

DELIVER = "mail.deliver"
FORGOTTEN_AFTER = timedelta(minutes=10)


async def send(
    tx: Tx,
    event: str,
    recipient: str,
    template: str,
    values: dict[str, Any],
    subject: str | None = None,
    attachments: Sequence[int] = (),
    unsubscribe_url: str | None = None,
) -> bool:
    """Puts a mail into the outbox, from where it goes out once the transaction has committed.

    `event` names what the mail is about: an account gets one mail an event, and a second changes nothing and returns
    False. The mail is `templates/<template>.txt.jinja`, whose first line is `Subject: ...`, with the HTML of the same
    name; both see `values`, `subject` and `account_name`, which is the account's own unless `values` has one.
    A `subject` given stands in place of the template's. `attachments` are ids of files, which are read when the mail
    goes out: it waits for one that is about to be scanned, and never goes without one. `unsubscribe_url` is for mails
    to a list, as a header that mail programs make a button of. Raises Invalid for a bad address or subject."""
    if not is_email(recipient):
        raise Invalid(f"recipient: {recipient!r} is not an e-mail address")
    address_of(recipient)
    line = None if subject is None else one_line(subject)
    name = values.get("account_name") or (await get_account(tx)).name
    made = render(template, {**values, "account_name": name}, line)
    mail_id = await store.insert(
        tx, event, recipient, made.subject, made.text, made.html, list(attachments), unsubscribe_url
    )
    if mail_id is None:
        return False
    await tx.defer(DELIVER, mail_id=mail_id)
    return True


async def get_mail(tx: Tx, mail_id: int) -> Mail:
    """Raises NotFound."""
    mail = await store.get(tx, mail_id)
    if mail is None:
        raise NotFound(f"No mail {mail_id}")
    return mail


async def newest_mails(tx: Tx, limit: int) -> list[Mail]:
    """The account's last mails, the newest first."""
    return await store.newest(tx, limit)


async def failed_since(tx: Tx, since: datetime) -> list[str]:
    """The events of the mails made since then that were given up."""
    return await store.failed_since(tx, since)


async def retry(tx: Tx, mail_id: int) -> Mail:
    """Puts a mail that was given up, or kept for want of a server, back into the outbox. Raises NotFound, and Conflict
    for one that waits or was sent."""
    mail = await store.get_for_update(tx, mail_id)
    if mail is None:
        raise NotFound(f"No mail {mail_id}")
    if mail.state in (MailState.QUEUED, MailState.SENT):
        raise Conflict("This mail waits to be sent already" if mail.state is MailState.QUEUED else "This mail was sent")
    again = replace(mail, state=MailState.QUEUED)
    await store.settle(tx, again, tx.now)
    await tx.defer(DELIVER, mail_id=mail.id)
    await record(
        tx,
        EventType.COMPANY_NOTIFICATION_EDITED,
        f"Mail {mail.subject} to {mail.recipient} is tried once more",
        target={"kind": "mail", "id": mail.id},
        before={"state": mail.state, "lastError": mail.last_error},
        after={"state": again.state},
    )
    return again


async def send_test(tx: Tx, recipient: str, public_url: str) -> None:
    """Mails somebody that mails arrive. Raises Invalid for a bad address."""
    values = {"link": public_url, "moment": f"{tx.now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"}
    await send(tx, f"test {recipient} {tx.now.isoformat()}", recipient, "test_mail", values)


async def claim_mail(tx: Tx, mail_id: int) -> Mail | None:
    """A waiting mail, which nobody else gets while the transaction lasts; None when there is nothing left to do."""
    return await store.claim(tx, mail_id)


async def attached_files(tx: Tx, mail: Mail, *, must_be_scanned: bool) -> list[StoredFile]:
    """The files that go out with a mail. Raises HeldBack."""
    found = await files_by_id(tx, set(mail.attachments))
    return [require_fit(each, found.get(each), must_be_scanned=must_be_scanned) for each in mail.attachments]


async def names_of_attachments(tx: Tx, mail: Mail) -> list[str]:
    """What the files of a mail are called; the number of one that has gone."""
    found = await files_by_id(tx, set(mail.attachments))
    return [found[each].name if each in found else f"file {each}" for each in mail.attachments]


async def keep(tx: Tx, mail: Mail) -> None:
    """Has a mail stay for reading, because there is no server to send it to. It is not sent when one is set later:
    news of last month, arriving together, would help nobody."""
    await store.settle(tx, replace(mail, state=MailState.KEPT), tx.now)


async def mark_sent(tx: Tx, mail: Mail) -> None:
    """Writes down that the server took the mail."""
    sent = replace(
        mail,
        state=MailState.SENT,
        attempts=mail.attempts + 1,
        last_error=None,
        sent_at=tx.now,
        body_text=without_secrets(mail.body_text),
        body_html=without_secrets(mail.body_html),
        unsubscribe_url=None,
    )
    await store.settle(tx, sent, tx.now)


async def mark_refused(tx: Tx, mail: Mail, error: str) -> None:
    """Writes down that the server will never take the mail."""
    refused = replace(mail, state=MailState.FAILED, attempts=mail.attempts + 1, last_error=error)
    await store.settle(tx, refused, tx.now)


async def mark_delayed(tx: Tx, mail: Mail, error: str) -> int | None:
    """Writes down that an attempt failed; seconds until the next one, or None when a day of them is enough."""
    attempts = mail.attempts + 1
    if is_given_up(mail, tx.now):
        await mark_refused(tx, mail, error)
        return None
    wait = seconds_until_next(attempts)
    delayed = replace(mail, attempts=attempts, last_error=error)
    await store.settle(tx, delayed, tx.now + timedelta(seconds=wait))
    return wait


async def take_up_forgotten(tx: Tx) -> int:
    """Queues the delivery of mails that are long overdue, because the process that had their job was killed. A mail
    whose job runs yet is not sent twice: who comes second finds it locked, or sent. Returns how many."""
    forgotten = await store.postpone_overdue(tx, tx.now - FORGOTTEN_AFTER, tx.now)
    for mail_id in forgotten:
        await tx.defer(DELIVER, mail_id=mail_id)
    return len(forgotten)
