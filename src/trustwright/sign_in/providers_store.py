"""SQL of identity providers, and of who is whom there."""

from msgspec import Struct

from trustwright.db import Database, Tx
from trustwright.sign_in.provider import NamedAccount, Provider

PROVIDER = "issuer, client_id, client_secret, domains, is_enabled, is_only_way, updated_at"


class UserId(Struct, frozen=True):
    user_id: int


async def get_provider(tx: Tx) -> Provider | None:
    """The account's."""
    return await tx.one(Provider, f"select {PROVIDER} from identity_providers where account_id = %(account_id)s")


async def lock_provider(tx: Tx) -> Provider | None:
    """The account's, which nobody else changes until the transaction ends."""
    return await tx.one(
        Provider, f"select {PROVIDER} from identity_providers where account_id = %(account_id)s for update"
    )


async def save_provider(tx: Tx, provider: Provider) -> None:
    """The account has one at most."""
    await tx.run(
        """
        insert into identity_providers (account_id, issuer, client_id, client_secret, domains, is_enabled, is_only_way,
            updated_at)
        values (%(account_id)s, %(issuer)s, %(client_id)s, %(client_secret)s, %(domains)s, %(is_enabled)s,
            %(is_only_way)s, %(now)s)
        on conflict (account_id) do update set issuer = %(issuer)s, client_id = %(client_id)s,
            client_secret = %(client_secret)s, domains = %(domains)s, is_enabled = %(is_enabled)s,
            is_only_way = %(is_only_way)s, updated_at = %(now)s
        """,
        issuer=provider.issuer,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        domains=provider.domains,
        is_enabled=provider.is_enabled,
        is_only_way=provider.is_only_way,
        now=tx.now,
    )


async def delete_provider(tx: Tx) -> bool:
    """Whether there was one."""
    return await tx.run("delete from identity_providers where account_id = %(account_id)s") == 1


async def delete_identities(tx: Tx) -> None:
    """Who is whom there is forgotten."""
    await tx.run("delete from user_identities where account_id = %(account_id)s")


async def user_of_subject(tx: Tx, issuer: str, subject: str) -> int | None:
    """Whom somebody there was linked with."""
    found: int | None = await tx.value(
        """
        select user_id from user_identities
        where account_id = %(account_id)s and issuer = %(issuer)s and subject = %(subject)s
        """,
        issuer=issuer,
        subject=subject,
    )
    return found


async def is_linked(tx: Tx, issuer: str, user_id: int) -> bool:
    """Whether a user is linked with anybody there."""
    return bool(
        await tx.value(
            """
            select exists (
                select from user_identities
                where account_id = %(account_id)s and issuer = %(issuer)s and user_id = %(user_id)s
            )
            """,
            issuer=issuer,
            user_id=user_id,
        )
    )


async def insert_identity(tx: Tx, issuer: str, subject: str, user_id: int) -> None:
    """Links a user with somebody there; two sign-ins at once link them once."""
    await tx.run(
        """
        insert into user_identities (account_id, issuer, subject, user_id, linked_at)
        values (%(account_id)s, %(issuer)s, %(subject)s, %(user_id)s, %(now)s)
        on conflict do nothing
        """,
        issuer=issuer,
        subject=subject,
        user_id=user_id,
        now=tx.now,
    )


async def accounts_of_domain(database: Database, domain: str) -> list[NamedAccount]:
    """The accounts whose provider knows the people of a mail domain."""
    return await database.lookup_all(NamedAccount, "select * from providers_of_domain(%(domain)s)", domain=domain)
