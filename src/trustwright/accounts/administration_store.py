"""SQL of what administrators see and change: the company, its workspaces, all users and all keys."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from trustwright.accounts.model import Account, ApiKey, User, Workspace
from trustwright.accounts.store import ACCOUNT, KEY, USER, WORKSPACE, WORKSPACES
from trustwright.db import Slice, Tx


class UserState(StrEnum):
    ACTIVE = "ACTIVE"
    DEACTIVATED = "DEACTIVATED"


class KeyState(StrEnum):
    """EXPIRED and REVOKED keys open nothing."""

    WORKING = "WORKING"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class UserFilter(Struct, frozen=True, kw_only=True):
    """What users to list, the deactivated included; None and an empty text match all."""

    q: str = ""
    role: str | None = None
    is_active: bool | None = None


class KeyFilter(Struct, frozen=True, kw_only=True):
    """What keys to list; None and an empty text match all."""

    q: str = ""
    state: str | None = None
    user_id: int | None = None


class OwnedKey(ApiKey, frozen=True, kw_only=True):
    """A key, with the address of the user that it acts as."""

    owner: str
    state: KeyState


USERS = f"""
    select {USER} from users
    where account_id = %(account_id)s
        and position(lower(%(q)s) in lower(concat_ws(' ', first_name, last_name, email))) > 0
        and (%(role)s::text is null or %(role)s = any (roles))
        and (%(is_active)s::boolean is null or (deactivated_at is null) = %(is_active)s)
"""

KEYS = f"""
    select * from (
        select {", ".join(f"k.{name}" for name in KEY.split(", "))}, u.email as owner,
            case when k.revoked_at is not null then 'REVOKED'
                when k.expires_at <= %(now)s then 'EXPIRED'
                else 'WORKING' end as state
        from api_keys k
        join users u on u.account_id = k.account_id and u.id = k.user_id
        where k.account_id = %(account_id)s
    ) listed
    where position(lower(%(q)s) in lower(name || ' ' || owner)) > 0
        and (%(state)s::text is null or state = %(state)s)
        and (%(user_id)s::integer is null or user_id = %(user_id)s)
"""


async def get_account_for_update(tx: Tx) -> Account | None:
    """The account, which nobody else changes until the transaction ends. Waits for those who do."""
    return await tx.one(Account, f"select {ACCOUNT} from accounts where account_id = %(account_id)s for no key update")


async def update_account(tx: Tx, account: Account) -> Account:
    """Sets what an account says of itself."""
    return await tx.only(
        Account,
        f"""
        update accounts
        set name = %(name)s, legal_name = %(legal_name)s, description = %(description)s, logo_url = %(logo_url)s,
            language = %(language)s, updated_at = %(now)s
        where account_id = %(account_id)s
        returning {ACCOUNT}
        """,
        name=account.name,
        legal_name=account.legal_name,
        description=account.description,
        logo_url=account.logo_url,
        language=account.language,
        now=tx.now,
    )


async def get_workspace(tx: Tx, workspace_id: int, *, lock: bool = False) -> Workspace | None:
    """A workspace; with `lock` nobody else changes it until the transaction ends."""
    text = f"{WORKSPACES} and id = %(workspace_id)s {'for no key update' if lock else ''}"
    return await tx.one(Workspace, text, workspace_id=workspace_id)


async def update_workspace(tx: Tx, workspace: Workspace) -> Workspace:
    """Sets what a workspace is called and what it is for."""
    return await tx.only(
        Workspace,
        f"""
        update workspaces
        set name = %(name)s, description = %(description)s, url = %(url)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(workspace_id)s
        returning {WORKSPACE}
        """,
        workspace_id=workspace.id,
        name=workspace.name,
        description=workspace.description,
        url=workspace.url,
        now=tx.now,
    )


async def page_users(tx: Tx, part: Slice, wanted: UserFilter) -> list[User]:
    """A page of the users that match, the deactivated included."""
    return await tx.page(User, USERS, part, q=wanted.q, role=wanted.role, is_active=wanted.is_active)


async def get_user_for_update(tx: Tx, user_id: int) -> User | None:
    """A user that nobody else changes until the transaction ends. Waits for those who do."""
    return await tx.one(
        User,
        f"select {USER} from users where account_id = %(account_id)s and id = %(user_id)s for no key update",
        user_id=user_id,
    )


async def has_other_admin(tx: Tx, user_id: int, role: str) -> bool:
    """Whether somebody else who is active has a role."""
    return bool(
        await tx.value(
            """
            select exists (
                select from users
                where account_id = %(account_id)s and id <> %(user_id)s and deactivated_at is null
                    and %(role)s = any (roles))
            """,
            user_id=user_id,
            role=role,
        )
    )


async def update_user(tx: Tx, user: User) -> User:
    """Sets a user's names, roles, and whether the user may come in."""
    return await tx.only(
        User,
        f"""
        update users
        set first_name = %(first_name)s, last_name = %(last_name)s, job_title = %(job_title)s, roles = %(roles)s,
            deactivated_at = %(deactivated_at)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(user_id)s
        returning {USER}
        """,
        user_id=user.id,
        first_name=user.first_name,
        last_name=user.last_name,
        job_title=user.job_title,
        roles=user.roles,
        deactivated_at=user.deactivated_at,
        now=tx.now,
    )


async def page_keys(tx: Tx, part: Slice, wanted: KeyFilter, now: datetime) -> list[OwnedKey]:
    """A page of the keys that match, with whom they act as."""
    return await tx.page(OwnedKey, KEYS, part, q=wanted.q, state=wanted.state, user_id=wanted.user_id, now=now)
