"""SQL of links in mails, and of attempts to come in."""

from datetime import datetime, timedelta

from msgspec import Struct

from trustwright.db import Database, Tx
from trustwright.sign_in.model import Bearer


class Counted(Struct, frozen=True):
    """Attempts by one key, this one too, and the time before which none was allowed."""

    key: bytes
    attempts: int
    next_at: datetime


async def insert_token(tx: Tx, token_hash: bytes, user_id: int, kind: str, lasts: timedelta) -> None:
    """Adds a token, and removes those of the user that have ended."""
    await tx.run(
        """
        with removed as (
            delete from sign_in_tokens
            where account_id = %(account_id)s and user_id = %(user_id)s and expires_at < %(now)s - interval '1 day'
        )
        insert into sign_in_tokens (account_id, token_hash, user_id, kind, created_at, expires_at)
        values (%(account_id)s, %(token_hash)s, %(user_id)s, %(kind)s, %(now)s, %(now)s + %(lasts)s)
        """,
        token_hash=token_hash,
        user_id=user_id,
        kind=kind,
        lasts=lasts,
        now=tx.now,
    )


async def end_tokens(tx: Tx, user_id: int, kinds: list[str]) -> None:
    """The user's tokens of these kinds work no more."""
    await tx.run(
        """
        update sign_in_tokens set used_at = %(now)s
        where account_id = %(account_id)s and user_id = %(user_id)s and kind = any (%(kinds)s) and used_at is null
        """,
        user_id=user_id,
        kinds=kinds,
        now=tx.now,
    )


async def use_token(tx: Tx, token_hash: bytes) -> bool:
    """Whether it was still unused; from now on it is not. Of two at once the second waits for the first."""
    return (
        await tx.run(
            """
            update sign_in_tokens set used_at = %(now)s
            where account_id = %(account_id)s and token_hash = %(token_hash)s and used_at is null
                and expires_at > %(now)s
            """,
            token_hash=token_hash,
            now=tx.now,
        )
        == 1
    )


async def count_tokens_since(tx: Tx, user_id: int, kind: str, since: datetime) -> int:
    """How many of a kind a user was given lately."""
    return await tx.count(
        """
        select from sign_in_tokens
        where account_id = %(account_id)s and user_id = %(user_id)s and kind = %(kind)s and created_at >= %(since)s
        """,
        user_id=user_id,
        kind=kind,
        since=since,
    )


async def bearer(database: Database, token_hash: bytes, kinds: list[str]) -> Bearer | None:
    """Whose token it is, if it still works."""
    return await database.lookup(
        Bearer,
        "select * from user_of_sign_in_token(%(token_hash)s, %(kinds)s::text[])",
        token_hash=token_hash,
        kinds=kinds,
    )


async def count_attempts(tx: Tx, keys: list[bytes], forgotten: timedelta) -> list[Counted]:
    """Counts an attempt by each key. Others who try by the same key wait until the transaction ends."""
    return await tx.all(
        Counted,
        """
        insert into sign_in_attempts as a (account_id, key, attempts, last_at, next_at)
        select %(account_id)s, key, 1, %(now)s, %(now)s from unnest(%(keys)s::bytea[]) as given (key) order by key
        on conflict (account_id, key) do update set last_at = %(now)s,
            attempts = case when a.last_at < %(now)s - %(forgotten)s then 1 else a.attempts + 1 end
        returning key, attempts, next_at
        """,
        keys=keys,
        forgotten=forgotten,
        now=tx.now,
    )


async def pause_attempts(tx: Tx, keys: list[bytes], until: list[datetime]) -> None:
    """By each key the next attempt is not before its time."""
    await tx.run(
        """
        update sign_in_attempts a set next_at = given.until
        from unnest(%(keys)s::bytea[], %(until)s::timestamptz[]) as given (key, until)
        where a.account_id = %(account_id)s and a.key = given.key
        """,
        keys=keys,
        until=until,
    )


async def forgive_attempts(tx: Tx, keys: list[bytes], forgotten: timedelta) -> None:
    """Forgets the attempts by these keys, and those of which nobody has heard for long."""
    await tx.run(
        """
        delete from sign_in_attempts
        where account_id = %(account_id)s and (key = any (%(keys)s::bytea[]) or last_at < %(now)s - %(forgotten)s)
        """,
        keys=keys,
        forgotten=forgotten,
        now=tx.now,
    )


async def uncount_attempt(tx: Tx, key: bytes) -> None:
    """Takes back one attempt, which was none in vain, and the pause behind it."""
    await tx.run(
        """
        update sign_in_attempts set attempts = greatest(attempts - 1, 0), next_at = %(now)s
        where account_id = %(account_id)s and key = %(key)s
        """,
        key=key,
        now=tx.now,
    )
