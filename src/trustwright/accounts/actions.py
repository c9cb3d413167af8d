"""What can be done to accounts, users and keys."""

from datetime import datetime

from argon2 import PasswordHasher
from msgspec import Struct

from trustwright.accounts import store
from trustwright.accounts.model import Account, ApiKey, Entitlement, User, Workspace, hash_key, is_email, new_key
from trustwright.accounts.permissions import Permission
from trustwright.accounts.roles import Role
from trustwright.db import Slice, Tx
from trustwright.errors import Conflict, Invalid, NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType

ALL_ENTITLEMENTS = [entitlement.value for entitlement in Entitlement]


class NewAccount(Struct, frozen=True):
    """An account as it is after its creation; `api_key` is shown this once."""

    account: Account
    workspace: Workspace
    admin: User
    key: ApiKey
    api_key: str


async def create_account(tx: Tx, name: str, admin_email: str, password: str | None) -> NewAccount:
    """Opens the transaction's account: a primary workspace, an admin, a key with every permission.

    Self-hosted defaults: all entitlements, terms accepted. Raises Invalid."""
    if not name.strip():
        raise Invalid("name: an account needs one")
    domain = admin_email.rpartition("@")[2].lower()
    account = await store.insert_account(tx, name, domain, ALL_ENTITLEMENTS, tx.now, admin_email)
    workspace = await create_workspace(tx, name, is_primary=True)
    admin = await create_user(tx, admin_email, [Role.ADMIN], password)
    key, api_key = await create_key(tx, "First key", None, admin.id, None)
    await record(
        tx,
        EventType.TERMS_AGREED,
        f"Terms accepted for {name} by {admin_email}",
        target={"kind": "account", "id": tx.account_id},
        after={"entitlements": ALL_ENTITLEMENTS, "termsAccepted": True},
    )
    return NewAccount(account, workspace, admin, key, api_key)


async def create_workspace(tx: Tx, name: str, *, is_primary: bool = False) -> Workspace:
    workspace = await store.insert_workspace(tx, name, is_primary)
    await record(
        tx,
        EventType.WORKSPACE_CREATED,
        f"Workspace {name} created",
        target={"kind": "workspace", "id": workspace.id},
        after={"name": name, "primary": is_primary},
        workspace_id=workspace.id,
    )
    return workspace


async def create_user(
    tx: Tx,
    email: str,
    roles: list[Role],
    password: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
) -> User:
    """Adds a person. Raises Invalid for a bad address, Conflict for one that is taken."""
    if not is_email(email):
        raise Invalid(f"email: {email!r} is not an e-mail address")
    password_hash = PasswordHasher().hash(password) if password else None
    names = [role.value for role in roles]
    user = await store.insert_user(tx, email, first_name, last_name, names, password_hash)
    if user is None:
        raise Conflict(f"email: {email} belongs to another user of this account")
    await record(
        tx,
        EventType.USER_ROLE_CREATED,
        f"User {email} added as {', '.join(names)}",
        target={"kind": "user", "id": user.id},
        after={"email": email, "roles": names},
    )
    return user


async def create_key(
    tx: Tx, name: str, permissions: list[Permission] | None, user_id: int | None, expires_at: datetime | None
) -> tuple[ApiKey, str]:
    """Makes a key and returns it with its text, which is kept nowhere. It acts as `user_id`, else as the first admin.

    Raises Invalid when the account has no admin."""
    if user_id is None:
        admin = await first_admin(tx)
        if admin is None:
            raise Invalid("user: the account has no active admin for the key to act as")
        user_id = admin.id
    api_key = new_key()
    ids = None if permissions is None else [permission.value for permission in permissions]
    key = await store.insert_key(tx, name, hash_key(api_key), ids, user_id, expires_at)
    await record(
        tx,
        EventType.PUBLIC_API_KEY_CREATED,
        f"API key {name} created",
        target={"kind": "api key", "id": key.id},
        after={"name": name, "permissions": ids, "userId": user_id},
    )
    return key, api_key


async def revoke_key(tx: Tx, key_id: int) -> ApiKey:
    """Ends a key at once. Raises NotFound when no key of that id still works."""
    key = await store.revoke_key(tx, key_id)
    if key is None:
        raise NotFound(f"No API key {key_id} that still works")
    await record(
        tx,
        EventType.PUBLIC_API_KEY_REVOKED,
        f"API key {key.name} revoked",
        target={"kind": "api key", "id": key.id},
        before={"revokedAt": None},
        after={"revokedAt": key.revoked_at},
    )
    return key


async def set_plan(tx: Tx, entitlements: list[Entitlement] | None, terms_accepted: bool | None) -> Account:
    """Changes what the account may use and whether its terms are accepted; None leaves as it is. Raises NotFound."""
    before = await get_account(tx)
    held = before.entitlements if entitlements is None else [entitlement.value for entitlement in entitlements]
    accepted_at, accepted_by = before.terms_accepted_at, before.terms_accepted_by
    if terms_accepted is not None:
        accepted_at, accepted_by = (tx.now, await _acting(tx)) if terms_accepted else (None, None)
    after = await store.update_plan(tx, held, accepted_at, accepted_by)
    await record(
        tx,
        EventType.COMPANY_DATA_UPDATED,
        "Entitlements or terms of the account changed",
        target={"kind": "account", "id": tx.account_id},
        before={"entitlements": before.entitlements, "termsAcceptedAt": before.terms_accepted_at},
        after={"entitlements": after.entitlements, "termsAcceptedAt": after.terms_accepted_at},
    )
    return after


async def _acting(tx: Tx) -> str:
    """The address of the person in whose name a transaction runs, or where it comes from."""
    user = await store.get_user(tx, tx.who.user_id) if tx.who.user_id else None
    return user.email if user else tx.who.source.value


async def get_account(tx: Tx) -> Account:
    """The account of the transaction. Raises NotFound."""
    account = await store.get_account(tx)
    if account is None:
        raise NotFound(f"No account {tx.account_id}")
    return account


async def get_user(tx: Tx, user_id: int) -> User:
    """Raises NotFound."""
    user = await store.get_user(tx, user_id)
    if user is None:
        raise NotFound(f"No user {user_id} in this account")
    return user


async def users_by_id(tx: Tx, ids: set[int]) -> dict[int, User]:
    """Those of the ids that are users of the account."""
    return {user.id: user for user in await store.get_users(tx, list(ids))} if ids else {}


async def active_user(tx: Tx, user_id: int) -> User | None:
    """A user of the account who has not been deactivated."""
    user = await store.get_user(tx, user_id)
    return user if user and user.deactivated_at is None else None


async def active_users(tx: Tx, most: int = 500) -> list[User]:
    """Those of the account whom one can choose among, by address."""
    return await store.page_users(tx, Slice(column="email", descending=False, limit=most), "", "", None)


async def first_admin(tx: Tx) -> User | None:
    """The active admin who came first."""
    return await store.first_with_role(tx, Role.ADMIN)


async def get_user_by_email(tx: Tx, email: str) -> User:
    """Raises NotFound."""
    user = await store.get_user_by_email(tx, email)
    if user is None:
        raise NotFound(f"No user {email} in this account")
    return user


async def find_user(tx: Tx, email: str) -> User | None:
    """The user of an address, deactivated or not."""
    return await store.get_user_by_email(tx, email)


async def require_workspaces(tx: Tx, ids: list[int]) -> None:
    """Raises Invalid, naming those of the ids that are no workspace of the account."""
    if unknown := await store.unknown_workspaces(tx, ids):
        raise Invalid(f"workspaceIds: no workspace {', '.join(map(str, unknown))} in this account")


async def require_workspace(tx: Tx, workspace_id: int) -> None:
    """For a workspace that a path names. Raises NotFound."""
    if await store.unknown_workspaces(tx, [workspace_id]):
        raise NotFound(f"No workspace {workspace_id} in this account")
