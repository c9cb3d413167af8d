"""SQL of second factors, and of what an account asks of its people."""

from datetime import datetime

from msgspec import Struct

from trustwright.db import Tx


class Factor(Struct, frozen=True):
    """An app that shows codes. `secret` is sealed."""

    secret: bytes
    last_step: int
    created_at: datetime


async def get_factor(tx: Tx, user_id: int) -> Factor | None:
    """The second factor of a user."""
    return await tx.one(
        Factor,
        """
        select secret, last_step, created_at from second_factors
        where account_id = %(account_id)s and user_id = %(user_id)s
        """,
        user_id=user_id,
    )


async def insert_factor(tx: Tx, user_id: int, secret: bytes, last_step: int) -> bool:
    """False when the user has one."""
    return (
        await tx.run(
            """
            insert into second_factors (account_id, user_id, secret, last_step, created_at)
            values (%(account_id)s, %(user_id)s, %(secret)s, %(last_step)s, %(now)s)
            on conflict do nothing
            """,
            user_id=user_id,
            secret=secret,
            last_step=last_step,
            now=tx.now,
        )
        == 1
    )


async def use_step(tx: Tx, user_id: int, step: int) -> bool:
    """Whether no code of this step or a later one was used; from now on this one was."""
    return (
        await tx.run(
            """
            update second_factors set last_step = %(step)s
            where account_id = %(account_id)s and user_id = %(user_id)s and last_step < %(step)s
            """,
            user_id=user_id,
            step=step,
        )
        == 1
    )


async def delete_factor(tx: Tx, user_id: int) -> bool:
    """Whether there was one."""
    return (
        await tx.run(
            "delete from second_factors where account_id = %(account_id)s and user_id = %(user_id)s", user_id=user_id
        )
        == 1
    )


async def replace_recovery_codes(tx: Tx, user_id: int, hashes: list[bytes]) -> None:
    """These work, and those from before no more."""
    await tx.run(
        """
        with removed as (
            delete from recovery_codes where account_id = %(account_id)s and user_id = %(user_id)s
        )
        insert into recovery_codes (account_id, user_id, code_hash)
        select %(account_id)s, %(user_id)s, code_hash from unnest(%(hashes)s::bytea[]) as given (code_hash)
        """,
        user_id=user_id,
        hashes=hashes,
    )


async def use_recovery_code(tx: Tx, user_id: int, code_hash: bytes) -> bool:
    """Whether it is one that was not used; from now on it was."""
    return (
        await tx.run(
            """
            update recovery_codes set used_at = %(now)s
            where account_id = %(account_id)s and user_id = %(user_id)s and code_hash = %(code_hash)s
                and used_at is null
            """,
            user_id=user_id,
            code_hash=code_hash,
            now=tx.now,
        )
        == 1
    )


async def count_recovery_codes(tx: Tx, user_id: int) -> int:
    """How many are left; there are ten at most."""
    return await tx.count(
        """
        select from recovery_codes where account_id = %(account_id)s and user_id = %(user_id)s and used_at is null
        """,
        user_id=user_id,
    )


async def is_factor_required(tx: Tx) -> bool:
    """Whether the account asks everybody for a second factor."""
    return bool(await tx.value("select is_second_factor_required from sign_in_rules where account_id = %(account_id)s"))


async def set_factor_required(tx: Tx, is_required: bool) -> None:
    """Whether it does from now on."""
    await tx.run(
        """
        insert into sign_in_rules (account_id, is_second_factor_required, updated_at)
        values (%(account_id)s, %(is_required)s, %(now)s)
        on conflict (account_id) do update set is_second_factor_required = %(is_required)s, updated_at = %(now)s
        """,
        is_required=is_required,
        now=tx.now,
    )
