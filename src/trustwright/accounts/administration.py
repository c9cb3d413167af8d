"""What administrators do with the company, its workspaces, people and plan."""

import re

from msgspec.structs import asdict, replace

from trustwright.accounts import administration_store as store
from trustwright.accounts.actions import create_workspace, get_account, set_plan
from trustwright.accounts.model import Account, Entitlement, User, Workspace
from trustwright.accounts.roles import Role
from trustwright.db import Tx
from trustwright.errors import Conflict, Invalid, NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType

LONGEST_NAME = 200
LONGEST_TEXT = 2000

# Only what a browser opens as a page: a link must not become a script.
ADDRESS = re.compile(r"https?://[^\s/@\\]+(/[^\s\\]*)?")

COMPANY = ("name", "legal_name", "description", "logo_url", "language")
WORKSPACE = ("name", "description", "url")
PERSON = ("first_name", "last_name", "job_title")


async def get_account_for_update(tx: Tx) -> Account:
    """The account, which nobody else changes until the transaction ends. Raises NotFound."""
    account = await store.get_account_for_update(tx)
    return account or await get_account(tx)


async def update_company(tx: Tx, before: Account, wanted: Account) -> Account:
    """Changes what a locked account says of itself. Raises Invalid."""
    _require_name(wanted.name)
    _require_address("logo_url", wanted.logo_url)
    for name in ("legal_name", "description"):
        _require_length(name, getattr(wanted, name), LONGEST_TEXT)
    if wanted == before:
        return before
    after = await store.update_account(tx, wanted)
    await record(
        tx,
        EventType.COMPANY_DATA_UPDATED,
        "The company's details changed",
        target={"kind": "account", "id": tx.account_id},
        before=_of(before, COMPANY),
        after=_of(after, COMPANY),
    )
    return after


async def get_workspace(tx: Tx, workspace_id: int, *, lock: bool = False) -> Workspace:
    """Raises NotFound."""
    workspace = await store.get_workspace(tx, workspace_id, lock=lock)
    if workspace is None:
        raise NotFound(f"No workspace {workspace_id} in this account")
    return workspace


async def add_workspace(tx: Tx, name: str, description: str | None, url: str | None) -> Workspace:
    """Adds a workspace with its own trust center and monitors. Raises Invalid."""
    _require_workspace(name, description, url)
    workspace = await create_workspace(tx, name)
    return await update_workspace(tx, workspace, name, description, url)


async def update_workspace(tx: Tx, before: Workspace, name: str, description: str | None, url: str | None) -> Workspace:
    """Renames a locked workspace and says what it is for. Raises Invalid."""
    _require_workspace(name, description, url)
    wanted = replace(before, name=name, description=description, url=url)
    if wanted == before:
        return before
    after = await store.update_workspace(tx, wanted)
    await record(
        tx,
        EventType.WORKSPACE_EDITED,
        f"Workspace {after.name} changed",
        target={"kind": "workspace", "id": after.id},
        before=_of(before, WORKSPACE),
        after=_of(after, WORKSPACE),
        workspace_id=after.id,
    )
    return after


async def get_user_for_update(tx: Tx, user_id: int) -> User:
    """A user that nobody else changes until the transaction ends, and of whose account nobody changes the last
    administrator. Raises NotFound."""
    # Two administrators who take each other's role at once wait for one another here.
    await get_account_for_update(tx)
    user = await store.get_user_for_update(tx, user_id)
    if user is None:
        raise NotFound(f"No user {user_id} in this account")
    return user


async def update_user(tx: Tx, before: User, wanted: User) -> User:
    """Changes the names and roles of a locked user. Raises Invalid, and Conflict for the last administrator."""
    require_roles([Role(role) for role in wanted.roles])
    for name in PERSON:
        _require_length(name, getattr(wanted, name), LONGEST_NAME)
    if Role.ADMIN not in wanted.roles:
        await _require_other_admin(tx, before, "roles: ")
    if wanted == before:
        return before
    after = await store.update_user(tx, wanted)
    if _of(before, PERSON) != _of(after, PERSON):
        await _record_user(tx, EventType.COMPANY_KEY_PERSONNEL_UPDATED, "changed", before, after)
    if set(before.roles) != set(after.roles):
        gained = set(after.roles) - set(before.roles)
        type_ = EventType.USER_ROLE_CREATED if gained else EventType.USER_ROLE_DELETED
        await _record_user(tx, type_, "has other roles", before, after)
    return after


async def deactivate(tx: Tx, user: User) -> User:
    """Lets a locked user in no more; what the user did stays. End the sessions too. Raises Conflict for the last
    administrator, and for oneself."""
    if user.id == tx.who.user_id:
        raise Conflict("You cannot deactivate yourself; ask another administrator")
    await _require_other_admin(tx, user)
    if user.deactivated_at is not None:
        return user
    after = await store.update_user(tx, replace(user, deactivated_at=tx.now))
    await _record_user(tx, EventType.USER_ROLE_DELETED, "deactivated", user, after)
    return after


async def reactivate(tx: Tx, user: User) -> User:
    """Lets a locked user in again, with the roles and the password of before."""
    if user.deactivated_at is None:
        return user
    after = await store.update_user(tx, replace(user, deactivated_at=None))
    await _record_user(tx, EventType.USER_ROLE_CREATED, "reactivated", user, after)
    return after


async def choose_entitlements(tx: Tx, wanted: list[Entitlement]) -> Account:
    """Switches what the account may use."""
    before = await get_account_for_update(tx)
    if set(before.entitlements) == set(wanted):
        return before
    return await set_plan(tx, wanted, None)


async def accept_terms(tx: Tx) -> Account:
    """Accepts the terms for the account; whoever accepted them first stays named."""
    before = await get_account_for_update(tx)
    return before if before.terms_accepted_at else await set_plan(tx, None, True)


def require_roles(roles: list[Role]) -> None:
    """Raises Invalid where there are none."""
    if not roles:
        raise Invalid("roles: choose at least one")


async def _require_other_admin(tx: Tx, user: User, field: str = "") -> None:
    is_admin = Role.ADMIN in user.roles and user.deactivated_at is None
    if is_admin and not await store.has_other_admin(tx, user.id, Role.ADMIN):
        raise Conflict(f"{field}{user.email} is the last administrator; make somebody else one first")


async def _record_user(tx: Tx, type_: EventType, what: str, before: User, after: User) -> None:
    await record(
        tx,
        type_,
        f"User {after.email} {what}",
        target={"kind": "user", "id": after.id},
        before=_person(before),
        after=_person(after),
    )


def _person(user: User) -> dict[str, object]:
    return {**_of(user, PERSON), "roles": user.roles, "deactivatedAt": user.deactivated_at}


def _of(value: Account | Workspace | User, names: tuple[str, ...]) -> dict[str, object]:
    fields = asdict(value)
    return {name: fields[name] for name in names}


def _require_workspace(name: str, description: str | None, url: str | None) -> None:
    _require_name(name)
    _require_length("description", description, LONGEST_TEXT)
    _require_address("url", url)


def _require_name(name: str) -> None:
    if not name.strip():
        raise Invalid("name: a name is needed")
    _require_length("name", name, LONGEST_NAME)


def _require_length(field: str, text: str | None, most: int) -> None:
    if text is not None and len(text) > most:
        raise Invalid(f"{field}: at most {most} characters")


def _require_address(field: str, address: str | None) -> None:
    _require_length(field, address, LONGEST_TEXT)
    if address is not None and not ADDRESS.fullmatch(address):
        raise Invalid(f"{field}: must be an address that begins with https://")
