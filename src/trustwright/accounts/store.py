"""SQL of accounts, workspaces, users and API keys."""

from datetime import datetime

from msgspec import Struct

from trustwright.accounts.model import Account, ApiKey, Caller, User, Workspace
from trustwright.db import Database, Slice, Tx

ACCOUNT = """account_id, name, domain, legal_name, description, logo_url, language, entitlements, terms_accepted_at,
    terms_accepted_by, created_at, updated_at"""
WORKSPACE = "id, is_primary, name, description, how_it_works, url, logo, created_at, updated_at"
USER = """id, entry_id, email, first_name, last_name, job_title, avatar_url, roles, terms_agreed_at, created_at,
    updated_at, deactivated_at"""
KEY = "id, name, permissions, user_id, created_at, expires_at, revoked_at, last_used_at"

WORKSPACES = f"select {WORKSPACE} from workspaces where account_id = %(account_id)s"

WORKSPACES_NAMED = f"""{WORKSPACES} and position(lower(%(q)s) in lower(name)) > 0"""

USERS = f"""
    select {USER} from users
    where account_id = %(account_id)s
        and deactivated_at is null
        and starts_with(lower(coalesce(first_name, '')), lower(%(first_name)s))
        and starts_with(lower(coalesce(last_name, '')), lower(%(last_name)s))
        and (%(role)s::text is null or %(role)s = any (roles))
"""

USERS_SEARCHED = f"""
    select {USER} from users
    where account_id = %(account_id)s
        and deactivated_at is null
        and position(lower(%(q)s) in lower(concat_ws(' ', first_name, last_name, email))) > 0
        and (%(roles)s::text[] = '{{}}' or roles && %(roles)s::text[])
        and not roles && %(exclude_roles)s::text[]
        and id <> all (%(exclude_ids)s::integer[])
        and (%(include_ids)s::integer[] = '{{}}' or id = any (%(include_ids)s::integer[]))
"""


class AccountName(Struct, frozen=True):
    account_id: int
    name: str


class AccountId(Struct, frozen=True):
    account_id: int | None


class Search(Struct, frozen=True, kw_only=True):
    """What users to list by page number; an empty list or text matches all."""

    q: str = ""
    roles: list[str] = []
    exclude_roles: list[str] = []
    exclude_ids: list[int] = []
    include_ids: list[int] = []


async def authenticate(database: Database, key_hash: bytes) -> Caller | None:
    """Whose key it is: unknown, revoked and expired keys are nobody's."""
    return await database.lookup(Caller, "select * from authenticate(%(key_hash)s)", key_hash=key_hash)


async def new_account_id(database: Database) -> int:
    """An id that no account has had."""
    row = await database.lookup(AccountId, "select nextval('account_ids') as account_id")
    return row.account_id if row and row.account_id else 0


async def all_accounts(database: Database) -> list[AccountName]:
    """Every account of this installation."""
    return await database.lookup_all(AccountName, "select account_id, name from all_accounts()")


async def account_of_key(database: Database, key_id: int) -> int | None:
    """The account that the key belongs to."""
    row = await database.lookup(AccountId, "select account_of_key(%(key_id)s) as account_id", key_id=key_id)
    return row.account_id if row else None


async def insert_account(
    tx: Tx, name: str, domain: str, entitlements: list[str], terms_accepted_at: datetime | None, accepted_by: str | None
) -> Account:
    """Adds the account that the transaction is in."""
    return await tx.only(
        Account,
        f"""
        insert into accounts (account_id, name, domain, entitlements, terms_accepted_at, terms_accepted_by)
        values (%(account_id)s, %(name)s, %(domain)s, %(entitlements)s, %(terms_accepted_at)s, %(accepted_by)s)
        returning {ACCOUNT}
        """,
        name=name,
        domain=domain,
        entitlements=entitlements,
        terms_accepted_at=terms_accepted_at,
        accepted_by=accepted_by,
    )


async def get_account(tx: Tx) -> Account | None:
    """The account of the transaction."""
    return await tx.one(Account, f"select {ACCOUNT} from accounts where account_id = %(account_id)s")


async def update_plan(
    tx: Tx, entitlements: list[str], terms_accepted_at: datetime | None, accepted_by: str | None
) -> Account:
    """Sets entitlements and terms."""
    return await tx.only(
        Account,
        f"""
        update accounts set entitlements = %(entitlements)s, terms_accepted_at = %(terms_accepted_at)s,
            terms_accepted_by = %(accepted_by)s, updated_at = %(now)s
        where account_id = %(account_id)s
        returning {ACCOUNT}
        """,
        entitlements=entitlements,
        terms_accepted_at=terms_accepted_at,
        accepted_by=accepted_by,
        now=tx.now,
    )


async def insert_workspace(tx: Tx, name: str, is_primary: bool) -> Workspace:
    """Adds a workspace."""
    return await tx.only(
        Workspace,
        f"""
        insert into workspaces (account_id, name, is_primary) values (%(account_id)s, %(name)s, %(is_primary)s)
        returning {WORKSPACE}
        """,
        name=name,
        is_primary=is_primary,
    )


async def page_workspaces(tx: Tx, part: Slice) -> list[Workspace]:
    """A page of workspaces."""
    return await tx.page(Workspace, WORKSPACES, part)


async def count_workspaces(tx: Tx) -> int:
    """How many workspaces there are."""
    return await tx.count(WORKSPACES)


async def all_workspaces(tx: Tx) -> list[Workspace]:
    """Every workspace, in the order of their making."""
    return await tx.all(Workspace, f"{WORKSPACES} order by created_at, id")


async def page_workspaces_named(tx: Tx, part: Slice, q: str) -> list[Workspace]:
    """A page of the workspaces whose name contains `q`."""
    return await tx.page(Workspace, WORKSPACES_NAMED, part, q=q)


async def count_workspaces_named(tx: Tx, q: str) -> int:
    """How many they are."""
    return await tx.count(WORKSPACES_NAMED, q=q)


async def unknown_workspaces(tx: Tx, ids: list[int]) -> list[int]:
    """Those of the ids that are no workspace of the account."""
    return list(
        await tx.value(
            """
            select coalesce(array_agg(id order by id), '{}') from unnest(%(ids)s::integer[]) as given (id)
            where not exists (select from workspaces w where w.account_id = %(account_id)s and w.id = given.id)
            """,
            ids=ids,
        )
    )


async def insert_user(
    tx: Tx, email: str, first_name: str | None, last_name: str | None, roles: list[str], password_hash: str | None
) -> User | None:
    """Adds a user; None when the address is taken."""
    return await tx.one(
        User,
        f"""
        insert into users (account_id, email, first_name, last_name, roles, password_hash)
        values (%(account_id)s, %(email)s, %(first_name)s, %(last_name)s, %(roles)s, %(password_hash)s)
        on conflict do nothing
        returning {USER}
        """,
        email=email,
        first_name=first_name,
        last_name=last_name,
        roles=roles,
        password_hash=password_hash,
    )


async def get_user(tx: Tx, user_id: int) -> User | None:
    """A user by id."""
    return await tx.one(
        User, f"select {USER} from users where account_id = %(account_id)s and id = %(user_id)s", user_id=user_id
    )


async def get_users(tx: Tx, ids: list[int]) -> list[User]:
    """Those of the ids that are users."""
    return await tx.all(
        User,
        f"select {USER} from users where account_id = %(account_id)s and id = any (%(ids)s::integer[])",
        ids=ids,
    )


async def get_user_by_email(tx: Tx, email: str) -> User | None:
    """A user by address, in any case of letters."""
    return await tx.one(
        User,
        f"select {USER} from users where account_id = %(account_id)s and lower(email) = lower(%(email)s)",
        email=email,
    )


async def first_with_role(tx: Tx, role: str) -> User | None:
    """The active user of a role who came first."""
    return await tx.one(
        User,
        f"""
        select {USER} from users
        where account_id = %(account_id)s and deactivated_at is null and %(role)s = any (roles)
        order by id limit 1
        """,
        role=role,
    )


async def page_users(tx: Tx, part: Slice, first_name: str, last_name: str, role: str | None) -> list[User]:
    """A page of active users whose names begin so, of one role or any."""
    return await tx.page(User, USERS, part, first_name=first_name, last_name=last_name, role=role)


async def count_users(tx: Tx, first_name: str, last_name: str, role: str | None) -> int:
    """How many they are."""
    return await tx.count(USERS, first_name=first_name, last_name=last_name, role=role)


async def search_users(tx: Tx, part: Slice, search: Search) -> list[User]:
    """A page of the active users that match."""
    return await tx.page(User, USERS_SEARCHED, part, key="id", **_values(search))


async def count_found_users(tx: Tx, search: Search) -> int:
    """How many they are."""
    return await tx.count(USERS_SEARCHED, **_values(search))


async def insert_key(
    tx: Tx, name: str, key_hash: bytes, permissions: list[str] | None, user_id: int, expires_at: datetime | None
) -> ApiKey:
    """Adds a key by its hash."""
    return await tx.only(
        ApiKey,
        f"""
        insert into api_keys (account_id, name, hash, permissions, user_id, expires_at)
        values (%(account_id)s, %(name)s, %(key_hash)s, %(permissions)s, %(user_id)s, %(expires_at)s)
        returning {KEY}
        """,
        name=name,
        key_hash=key_hash,
        permissions=permissions,
        user_id=user_id,
        expires_at=expires_at,
    )


async def revoke_key(tx: Tx, key_id: int) -> ApiKey | None:
    """Ends a key; None when there is no such key that still works."""
    return await tx.one(
        ApiKey,
        f"""
        update api_keys set revoked_at = %(now)s
        where account_id = %(account_id)s and id = %(key_id)s and revoked_at is null
        returning {KEY}
        """,
        key_id=key_id,
        now=tx.now,
    )


async def touch_key(tx: Tx, key_id: int) -> None:
    """Notes that the key was used now."""
    await tx.run(
        "update api_keys set last_used_at = %(now)s where account_id = %(account_id)s and id = %(key_id)s",
        key_id=key_id,
        now=tx.now,
    )


def _values(search: Search) -> dict[str, object]:
    return {name: getattr(search, name) for name in search.__struct_fields__}
