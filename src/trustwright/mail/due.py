"""Which mails need a person today."""

from datetime import timedelta

from trustwright.db import Tx
from trustwright.mail import due_store
from trustwright.mail.due_store import FailedMail

LATELY = timedelta(days=14)


async def failed_mails(tx: Tx, limit: int) -> list[FailedMail]:
    """The mails of the last 14 days that were given up, the newest first."""
    return await due_store.failed_mails(tx, tx.now - LATELY, limit)
