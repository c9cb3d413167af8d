"""The log of events, in the console."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, time
from uuid import UUID

import msgspec
from msgspec.structs import replace

from trustwright.accounts.actions import find_user, users_by_id
from trustwright.console.listing import Listing, csv_file, everything
from trustwright.console.navigation import EVENTS
from trustwright.console.visits import Answer, Page, Visit
from trustwright.db import Tx
from trustwright.errors import NotFound
from trustwright.events import chain_store, store
from trustwright.events.model import Category, Event, Filter, Source
from trustwright.http.csv_files import cell
from trustwright.times import iso

COLUMNS = ["time", "type", "category", "source", "description", "status", "user"]


# What nobody's number is.
NOBODY = 0


def _asked(visit: Visit) -> tuple[Listing, Filter]:
    listing = Listing(visit, {"-time": "created_at"}, filters=("category", "source", "by", "since", "until"))
    since, until = listing.day("since"), listing.day("until")
    wanted = Filter(
        category=listing.choice("category", Category),
        source=listing.choice("source", Source),
        since=datetime.combine(since, time.min, UTC) if since else None,
        until=datetime.combine(until, time.max, UTC) if until else None,
        q=listing.q,
    )
    return listing, wanted


async def _of_person(tx: Tx, visit: Visit, wanted: Filter) -> Filter:
    """The filter with the user whose address was asked for; one that finds nothing where there is none."""
    email = visit.text("by").strip()
    if not email:
        return wanted
    user = await find_user(tx, email)
    return replace(wanted, any_user=False, user_id=user.id if user else NOBODY)


async def list_events(visit: Visit) -> Answer:
    """What was done in the account, by whom and when."""
    listing, wanted = _asked(visit)
    if listing.wants_csv:
        return csv_file("events", COLUMNS, _lines(visit))
    async with visit.read() as tx:
        wanted = await _of_person(tx, visit, wanted)
        shown = listing.of(await store.page(tx, listing.slice, wanted))
        head = await chain_store.head(tx)
        users = await users_by_id(tx, {event.user_id for event in shown.rows if event.user_id})
    choices = {"categories": list(Category), "sources": list(Source)}
    return visit.page("event_list", {"listing": listing, "shown": shown, "users": users, "head": head, **choices})


async def _lines(visit: Visit) -> AsyncGenerator[list[str], None]:
    listing, wanted = _asked(visit)
    async with visit.read() as tx:
        person = await _of_person(tx, visit, wanted)
        async for event in everything(listing, lambda part: store.page(tx, part, person), key="seq"):
            yield _line(event)


def _line(event: Event) -> list[str]:
    said = [event.type, event.category.value, event.source.value, event.description, event.status, event.user_id]
    return [iso(event.created_at), *map(cell, said)]


async def show_event(visit: Visit) -> Answer:
    """One event, with what it changed."""
    async with visit.read() as tx:
        event = await store.get(tx, _uuid(visit.request.path_params["event_id"]))
        if event is None:
            raise NotFound("There is no such event in this account")
        users = await users_by_id(tx, {event.user_id} if event.user_id else set())
    before, after = event.before, event.after
    values = {"event": event, "user": users.get(event.user_id or 0), "changes": _changes(before, after)}
    return visit.page("event_page", values)


def _uuid(text: str) -> UUID:
    if len(text) != 36 or not all(character in "0123456789abcdef-" for character in text):
        raise NotFound("There is no such event in this account")
    return UUID(text)


def _changes(before: object, after: object) -> list[tuple[str, str, str]]:
    """Field by field, as it was and as it is since; one line where these are no objects."""
    old = before if isinstance(before, dict) else {"": before} if before is not None else {}
    new = after if isinstance(after, dict) else {"": after} if after is not None else {}
    names = dict.fromkeys([*old, *new])
    return [(name, _json(old, name), _json(new, name)) for name in names if old.get(name) != new.get(name)]


def _json(values: dict[str, object], name: str) -> str:
    if name not in values:
        return ""
    value = values[name]
    return value if isinstance(value, str) else msgspec.json.format(msgspec.json.encode(value)).decode()


PAGES = [
    Page(path="/events", show=list_events, right=EVENTS),
    Page(path="/events/{event_id}", show=show_event, right=EVENTS),
]
