"""Attempts to come in: who tries too often waits, in whatever process the attempts arrive."""

from trustwright.db import Tx, Who
from trustwright.events.model import Source
from trustwright.sign_in import tokens_store as store
from trustwright.sign_in.pauses import FORGOTTEN_AFTER, Key, TooManyAttempts, pause

# Attempts are counted before it is known whose account they aim at.
NOBODY = Who(account_id=0, source=Source.APP)


async def admit(tx: Tx, keys: list[Key]) -> None:
    """Counts an attempt before it is made, so that many at once are no way around. Raises TooManyAttempts for one that
    comes too early, which is then not counted."""
    by_digest = {key.digest: key for key in keys}
    counted = await store.count_attempts(tx, list(by_digest), FORGOTTEN_AFTER)
    wait = max(each.next_at - tx.now for each in counted).total_seconds()
    if wait > 0:
        raise TooManyAttempts(retry_after=max(1, round(wait)))
    until = [tx.now + pause(each.attempts, by_digest[each.key]) for each in counted]
    await store.pause_attempts(tx, [each.key for each in counted], until)


async def forgive(tx: Tx, keys: list[Key], network: Key | None) -> None:
    """After a success: what was tried in vain by these keys is forgotten. The network has one attempt less, and no
    less than that: somebody with a password of their own would else go on trying those of others."""
    await store.forgive_attempts(tx, [key.digest for key in keys], FORGOTTEN_AFTER)
    if network is not None:
        await store.uncount_attempt(tx, network.digest)
