"""SQL of the mails that were given up."""

from datetime import datetime

from msgspec import Struct

from trustwright.db import Tx


class FailedMail(Struct, frozen=True, kw_only=True):
    id: int
    recipient: str
    subject: str
    last_error: str | None
    created_at: datetime


async def failed_mails(tx: Tx, since: datetime, limit: int) -> list[FailedMail]:
    """The mails made since then that were given up, the newest first."""
    return await tx.all(
        FailedMail,
        """
        select id, recipient, subject, last_error, created_at from mails
        where account_id = %(account_id)s and state = 'FAILED' and created_at >= %(since)s
        order by created_at desc, id desc
        limit %(limit)s
        """,
        since=since,
        limit=limit,
    )
