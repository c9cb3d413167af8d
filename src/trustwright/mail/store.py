"""SQL of the outbox."""

from datetime import datetime

from msgspec import Struct

from trustwright.db import Database, Slice, Tx
from trustwright.mail.model import Mail, MailState

MAIL = """account_id, id, event, recipient, subject, body_text, body_html, state, attempts, last_error, created_at,
    sent_at, attachments, unsubscribe_url"""


LISTED = """select id, recipient, subject, state, attempts, last_error, created_at, sent_at from mails
    where account_id = %(account_id)s"""
# Each only where it is asked for, so that the index of what is left serves.
OF_STATE = " and state = %(state)s"
SOUGHT = " and position(lower(%(q)s) in lower(recipient || ' ' || subject)) > 0"


class ListedMail(Struct, frozen=True, kw_only=True):
    """A mail without what it says."""

    id: int
    recipient: str
    subject: str
    state: MailState
    attempts: int
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None


class AccountId(Struct, frozen=True):
    account_id: int | None


class MailId(Struct, frozen=True):
    id: int


class MailEvent(Struct, frozen=True):
    event: str


async def insert(
    tx: Tx,
    event: str,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    attachments: list[int],
    unsubscribe_url: str | None,
) -> int | None:
    """Puts a mail into the outbox; None when its event has one. Of two transactions at once the second waits for the
    first, and finds its mail unless that rolls back."""
    mail_id: int | None = await tx.value(
        """
        insert into mails (account_id, event, recipient, subject, body_text, body_html, attachments,
            unsubscribe_url, created_at, due_at)
        values (%(account_id)s, %(event)s, %(recipient)s, %(subject)s, %(text)s, %(html)s, %(attachments)s,
            %(unsubscribe_url)s, %(now)s, %(now)s)
        on conflict (account_id, event) do nothing
        returning id
        """,
        event=event,
        recipient=recipient,
        subject=subject,
        text=text,
        html=html,
        attachments=attachments,
        unsubscribe_url=unsubscribe_url,
        now=tx.now,
    )
    return mail_id


async def get(tx: Tx, mail_id: int) -> Mail | None:
    """One mail."""
    return await tx.one(
        Mail, f"select {MAIL} from mails where account_id = %(account_id)s and id = %(mail_id)s", mail_id=mail_id
    )


async def get_for_update(tx: Tx, mail_id: int) -> Mail | None:
    """One mail, which nobody else changes until the transaction ends. Waits for an attempt that is under way."""
    return await tx.one(
        Mail,
        f"select {MAIL} from mails where account_id = %(account_id)s and id = %(mail_id)s for update",
        mail_id=mail_id,
    )


async def page(tx: Tx, part: Slice, state: MailState | None, q: str) -> list[ListedMail]:
    """A page of the mails in one state or any that have `q` in their recipient or subject."""
    text = LISTED + (OF_STATE if state else "") + (SOUGHT if q else "")
    return await tx.page(ListedMail, text, part, state=state, q=q)


async def newest(tx: Tx, limit: int) -> list[Mail]:
    """The mails made last, the newest first."""
    return await tx.all(
        Mail,
        f"""
        select {MAIL} from mails where account_id = %(account_id)s order by created_at desc, id desc limit %(limit)s
        """,
        limit=limit,
    )


async def failed_since(tx: Tx, since: datetime) -> list[str]:
    """The events of the mails made since then that were given up."""
    found = await tx.all(
        MailEvent,
        """
        select event from mails
        where account_id = %(account_id)s and state = 'FAILED' and created_at >= %(since)s
        """,
        since=since,
    )
    return [mail.event for mail in found]


async def claim(tx: Tx, mail_id: int) -> Mail | None:
    """A waiting mail, locked until the transaction ends; None when it waits no more or somebody else has it."""
    return await tx.one(
        Mail,
        f"""
        select {MAIL} from mails
        where account_id = %(account_id)s and id = %(mail_id)s and state = 'QUEUED'
        for update skip locked
        """,
        mail_id=mail_id,
    )


async def settle(tx: Tx, mail: Mail, due_at: datetime) -> None:
    """Saves how an attempt ended, and when the next one is due if the mail still waits."""
    await tx.run(
        """
        update mails
        set state = %(state)s, attempts = %(attempts)s, last_error = %(last_error)s, sent_at = %(sent_at)s,
            body_text = %(body_text)s, body_html = %(body_html)s, unsubscribe_url = %(unsubscribe_url)s,
            due_at = %(due_at)s
        where account_id = %(account_id)s and id = %(mail_id)s
        """,
        mail_id=mail.id,
        state=mail.state.value,
        attempts=mail.attempts,
        last_error=mail.last_error,
        sent_at=mail.sent_at,
        body_text=mail.body_text,
        body_html=mail.body_html,
        unsubscribe_url=mail.unsubscribe_url,
        due_at=due_at,
    )


async def postpone_overdue(tx: Tx, before: datetime, until: datetime) -> list[int]:
    """The mails that should have been tried before a time and were not, made due anew."""
    found = await tx.all(
        MailId,
        """
        update mails set due_at = %(until)s
        where account_id = %(account_id)s and state = %(queued)s and due_at < %(before)s
        returning id
        """,
        queued=MailState.QUEUED.value,
        before=before,
        until=until,
    )
    return [mail.id for mail in found]


async def account_of(database: Database, mail_id: int) -> int | None:
    """Whose mail it is, for the command line, which names a mail by its id alone."""
    row = await database.lookup(AccountId, "select account_of_mail(%(mail_id)s) as account_id", mail_id=mail_id)
    return row.account_id if row else None


async def accounts(database: Database) -> list[int]:
    """All accounts, for the command line, which lists the mails of each."""
    rows = await database.lookup_all(AccountId, "select account_id from all_accounts()")
    return [row.account_id for row in rows if row.account_id is not None]


async def accounts_with_forgotten(database: Database) -> list[int]:
    """The accounts that have mails which should have been tried long ago."""
    rows = await database.lookup_all(AccountId, "select account_id from accounts_with_forgotten_mail()")
    return [row.account_id for row in rows if row.account_id is not None]
