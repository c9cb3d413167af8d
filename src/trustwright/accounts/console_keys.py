"""API keys, in the console: who has which, made with as few permissions as a program needs."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, time, timedelta

from trustwright.accounts import actions
from trustwright.accounts import administration_store as store
from trustwright.accounts.administration_store import KeyFilter, KeyState, OwnedKey
from trustwright.accounts.permissions import Permission
from trustwright.console.forms import Form
from trustwright.console.listing import Listing, csv_file, everything
from trustwright.console.navigation import ADMINISTER, SETTINGS
from trustwright.console.settings import settings_page
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.errors import Invalid
from trustwright.http.csv_files import cell

KEYS = "/settings/keys"
COLUMNS = ["name", "state", "acts_as", "permissions", "created", "expires", "last_used", "revoked"]
LONGEST_NAME = 200
LONGEST_YEARS = 20


def areas() -> dict[str, list[tuple[str, str]]]:
    """The permissions by area, each with what it lets do."""
    found: dict[str, list[tuple[str, str]]] = {}
    for permission in Permission:
        area, _, text = permission.label.partition(": ")
        if not text:
            # Its label is its id (Q21).
            area, text = "Monitoring", "Change Monitors"
        found.setdefault(area, []).append((permission.value, text))
    return found


def _asked(visit: Visit) -> tuple[Listing, KeyFilter]:
    listing = Listing(visit, {"-created": "created_at", "name": "name"}, filters=("state",))
    return listing, KeyFilter(q=listing.q, state=listing.choice("state", KeyState))


async def list_keys(visit: Visit) -> Answer:
    """The keys of the account's programs."""
    listing, wanted = _asked(visit)
    if listing.wants_csv:
        return csv_file("api-keys", COLUMNS, _lines(visit))
    async with visit.read() as tx:
        shown = listing.of(await store.page_keys(tx, listing.slice, wanted, tx.now))
    values = {"listing": listing, "shown": shown, "states": list(KeyState), "labels": _labels()}
    return settings_page(visit, "settings_keys", values)


async def _lines(visit: Visit) -> AsyncGenerator[list[str], None]:
    listing, wanted = _asked(visit)
    async with visit.read() as tx:
        async for key in everything(listing, lambda part: store.page_keys(tx, part, wanted, tx.now)):
            yield _line(key)


def _line(key: OwnedKey) -> list[str]:
    permissions = "all" if key.permissions is None else ", ".join(key.permissions)
    moments = (key.created_at, key.expires_at, key.last_used_at, key.revoked_at)
    return [cell(value) for value in (key.name, key.state.value, key.owner, permissions, *moments)]


def _labels() -> dict[str, str]:
    return {value: f"{area}: {text}" for area, listed in areas().items() for value, text in listed}


async def new_key(visit: Visit, form: Form) -> Answer:
    """A key to be made."""
    values = {"form": form, "areas": areas(), "tomorrow": datetime.now(UTC).date() + timedelta(days=1)}
    return settings_page(visit, "settings_key_new", values)


async def make_key(visit: Visit, form: Form) -> Answer:
    """Makes it, and shows it this once."""
    name, permissions, expires_at = _name(form), _permissions(form), _end(form)
    async with visit.begin() as tx:
        owner = await actions.find_user(tx, form.text("owner"))
        if owner is None or owner.deactivated_at is not None:
            raise Invalid("owner: no active user of this account has this address")
        key, text = await actions.create_key(tx, name, permissions, owner.id, expires_at)
    return settings_page(visit, "settings_key_made", {"key": key, "text": text, "owner": owner})


def _name(form: Form) -> str:
    name = form.text("name")
    if not name:
        raise Invalid("name: say what the key is for")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"name: at most {LONGEST_NAME} characters")
    return name


def _permissions(form: Form) -> list[Permission] | None:
    """None for all. Raises Invalid for none."""
    if form.text("scope") == "all":
        return None
    chosen = set(form.texts("permissions"))
    for area in form.texts("areas"):
        chosen |= {value for value, _ in areas().get(area, [])}
    if not chosen & set(Permission):
        raise Invalid("permissions: tick at least one, or choose every permission")
    return [permission for permission in Permission if permission in chosen]


def _end(form: Form) -> datetime | None:
    """The end of the last day. Raises Invalid for one that has passed."""
    day = form.day("expires_on")
    if day is None:
        return None
    if day < datetime.now(UTC).date():
        raise Invalid("expires_on: this day has passed")
    if day.year > datetime.now(UTC).year + LONGEST_YEARS:
        raise Invalid(f"expires_on: at most {LONGEST_YEARS} years ahead; leave it empty for a key without an end")
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


async def revoke_key(visit: Visit, _: Form) -> Answer:
    """Ends a key at once."""
    async with visit.begin() as tx:
        key = await actions.revoke_key(tx, visit.id("key_id"))
    return visit.see_other(KEYS, f"The key {key.name} was revoked.")


PAGES: list[Page | FormPage | Button] = [
    Page(path=KEYS, show=list_keys, right=SETTINGS),
    FormPage(path=f"{KEYS}/new", show=new_key, submit=make_key, right=ADMINISTER),
    Button(path=f"{KEYS}/{{key_id}}/revoke", press=revoke_key, right=ADMINISTER),
]
