"""People of the account, in the console: who comes in, and what each may do."""

from collections.abc import AsyncGenerator

from msgspec.structs import replace

from trustwright.accounts import actions, administration
from trustwright.accounts import administration_store as store
from trustwright.accounts.administration_store import KeyFilter, KeyState, UserFilter, UserState
from trustwright.accounts.model import User
from trustwright.accounts.role_texts import GROUPS, name_of, text_of
from trustwright.accounts.roles import Role
from trustwright.console.forms import Form
from trustwright.console.listing import Listing, csv_file, everything
from trustwright.console.navigation import ADMINISTER, SETTINGS
from trustwright.console.settings import settings_page
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Slice
from trustwright.errors import Invalid, NotFound
from trustwright.http.csv_files import cell
from trustwright.sign_in import actions as sign_in

USERS = "/settings/users"
COLUMNS = ["email", "first_name", "last_name", "job_title", "roles", "created", "deactivated"]
# Of a person's keys, as many as fit beside the form.
KEYS_SHOWN = Slice(column="created_at", descending=True, limit=20)


def _asked(visit: Visit) -> tuple[Listing, UserFilter]:
    listing = Listing(visit, {"email": "email", "created": "created_at"}, filters=("role", "state"))
    role, state = listing.choice("role", Role), listing.choice("state", UserState)
    return listing, UserFilter(q=listing.q, role=role, is_active=state is UserState.ACTIVE if state else None)


async def list_users(visit: Visit) -> Answer:
    """Who may come in, and who was deactivated."""
    listing, wanted = _asked(visit)
    if listing.wants_csv:
        return csv_file("users", COLUMNS, _lines(visit))
    async with visit.read() as tx:
        shown = listing.of(await store.page_users(tx, listing.slice, wanted))
    roles = [(role.value, name_of(role)) for group in GROUPS for role in group.roles]
    values = {"listing": listing, "shown": shown, "roles": roles, "names": dict(roles), "states": list(UserState)}
    return settings_page(visit, "settings_users", values)


async def _lines(visit: Visit) -> AsyncGenerator[list[str], None]:
    listing, wanted = _asked(visit)
    async with visit.read() as tx:
        async for user in everything(listing, lambda part: store.page_users(tx, part, wanted)):
            roles = ", ".join(user.roles)
            named = [user.email, user.first_name, user.last_name, user.job_title, roles]
            yield [cell(value) for value in (*named, user.created_at, user.deactivated_at)]


async def new_user(visit: Visit, form: Form) -> Answer:
    """A person to be invited."""
    return settings_page(visit, "settings_user_new", {"form": form, **_roles()})


async def add_user(visit: Visit, form: Form) -> Answer:
    """Adds the person, and mails an invitation where that was ticked."""
    roles = _chosen(form)
    administration.require_roles(roles)
    async with visit.begin() as tx:
        user = await actions.create_user(
            tx, form.text("email"), roles, None, form.optional("first_name"), form.optional("last_name")
        )
        if form.flag("invite"):
            await sign_in.invite(tx, user.id, visit.settings.public_url)
    done = "was invited by mail" if form.flag("invite") else "was added, without an invitation"
    return visit.see_other(USERS, f"{user.email} {done}.")


async def edit_user(visit: Visit, form: Form) -> Answer:
    """Somebody's names and roles, keys, and whether the person may come in."""
    async with visit.read() as tx:
        user = await actions.get_user(tx, visit.id("user_id"))
        wanted = KeyFilter(state=KeyState.WORKING, user_id=user.id)
        keys = await store.page_keys(tx, KEYS_SHOWN, wanted, tx.now)
    values = {"form": form, "user": user, "keys": keys, "is_oneself": user.id == visit.signed_in.user_id}
    return settings_page(visit, "settings_user", {**values, **_roles()})


async def save_user(visit: Visit, form: Form) -> Answer:
    """Saves names and roles."""
    roles = _chosen(form)
    async with visit.begin() as tx:
        user = await administration.get_user_for_update(tx, visit.id("user_id"))
        form.require_unchanged(user.updated_at, "this user")
        await administration.update_user(tx, user, _person(user, form, roles))
    return visit.see_other(USERS, f"{user.email} was saved.")


def _person(user: User, form: Form, roles: list[Role]) -> User:
    # Roles that another program gave in another order are no change.
    kept = [role for role in user.roles if role in roles]
    return replace(
        user,
        first_name=form.optional("first_name"),
        last_name=form.optional("last_name"),
        job_title=form.optional("job_title"),
        roles=[*kept, *(role.value for role in roles if role not in kept)],
    )


async def deactivate(visit: Visit, _: Form) -> Answer:
    """Lets somebody in no more, at once and in every browser."""
    async with visit.begin() as tx:
        user = await administration.get_user_for_update(tx, visit.id("user_id"))
        await administration.deactivate(tx, user)
        await sign_in.end_sessions_of(tx, user.id)
    return visit.see_other(f"{USERS}/{user.id}", f"{user.email} was deactivated and signed out everywhere.")


async def reactivate(visit: Visit, _: Form) -> Answer:
    """Lets somebody in again."""
    async with visit.begin() as tx:
        user = await administration.get_user_for_update(tx, visit.id("user_id"))
        await administration.reactivate(tx, user)
    return visit.see_other(f"{USERS}/{user.id}", f"{user.email} may sign in again.")


async def invite(visit: Visit, _: Form) -> Answer:
    """Mails a fresh invitation."""
    async with visit.begin() as tx:
        user = await actions.active_user(tx, visit.id("user_id"))
        if user is None:
            raise NotFound("There is no such active user in this account")
        await sign_in.invite(tx, user.id, visit.settings.public_url)
    return visit.see_other(f"{USERS}/{user.id}", f"An invitation is on its way to {user.email}.")


def _roles() -> dict[str, object]:
    return {"groups": GROUPS, "name_of": name_of, "text_of": text_of}


def _chosen(form: Form) -> list[Role]:
    """Raises Invalid for what is no role."""
    texts = form.texts("roles")
    if unknown := [text for text in texts if text not in list(Role)]:
        raise Invalid(f"roles: there is no role {unknown[0]!r}")
    return [Role(text) for text in texts]


PAGES: list[Page | FormPage | Button] = [
    Page(path=USERS, show=list_users, right=SETTINGS),
    FormPage(path=f"{USERS}/new", show=new_user, submit=add_user, right=ADMINISTER),
    FormPage(path=f"{USERS}/{{user_id}}", show=edit_user, submit=save_user, right=ADMINISTER),
    Button(path=f"{USERS}/{{user_id}}/deactivate", press=deactivate, right=ADMINISTER),
    Button(path=f"{USERS}/{{user_id}}/reactivate", press=reactivate, right=ADMINISTER),
    Button(path=f"{USERS}/{{user_id}}/invite", press=invite, right=ADMINISTER),
]
