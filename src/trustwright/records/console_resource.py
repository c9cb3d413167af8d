"""A resource in the console: the sessions that brought its records, its schema, how to push, and who reads it."""

from collections.abc import AsyncGenerator

import msgspec

from trustwright.console.forms import Form
from trustwright.console.listing import Listing, csv_file, everything
from trustwright.console.navigation import MONITORS
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.http.csv_files import cell
from trustwright.monitors.concluding import readers_of
from trustwright.records import actions, store
from trustwright.records.console_shared import (
    RESOURCE,
    button,
    look,
    path_of,
    place_of,
    show,
    sizes_of,
)
from trustwright.records.fields import MOST, example_of, fields_of
from trustwright.records.model import Session, SessionAction, SessionStatus
from trustwright.records.pushing import Target, snippets
from trustwright.times import iso

SESSION_COLUMNS = ["session", "status", "created", "updated", "activated", "canceled"]
SESSION_SORTS = {"-created": "created_at", "-updated": "updated_at"}


def _sessions(visit: Visit) -> tuple[Listing, SessionStatus | None]:
    listing = Listing(visit, SESSION_SORTS, filters=("status",))
    return listing, listing.choice("status", SessionStatus)


async def list_sessions(visit: Visit) -> Answer:
    """What was uploaded together, and what became of it."""
    listing, status = _sessions(visit)
    if listing.wants_csv:
        return csv_file("sessions", SESSION_COLUMNS, _session_lines(visit))
    async with visit.read() as tx:
        place = await place_of(visit, tx)
        shown = listing.of(await store.page_sessions(tx, listing.slice, place.resource.id, status))
        open_session = await store.session_in(tx, place.resource.id, SessionStatus.IN_PROGRESS)
        wanted = [each.dataset_id for each in (*shown.rows, open_session) if each and each.dataset_id]
        sizes = await sizes_of(tx, wanted)
    values = {
        "place": place,
        "listing": listing,
        "shown": shown,
        "sizes": sizes,
        "open_session": open_session,
        "open_size": sizes.get(open_session.dataset_id or 0) if open_session else None,
        "statuses": list(SessionStatus),
    }
    return show(visit, "data_sessions", values)


async def _session_lines(visit: Visit) -> AsyncGenerator[list[str], None]:
    listing, status = _sessions(visit)
    async with visit.read() as tx:
        resource = (await place_of(visit, tx)).resource
        async for each in everything(listing, lambda part: store.page_sessions(tx, part, resource.id, status)):
            yield _session_line(each)


def _session_line(session: Session) -> list[str]:
    ends = [session.activated_at, session.canceled_at]
    return [session.session_id, session.status, iso(session.created_at), iso(session.updated_at), *map(cell, ends)]


async def complete_session(visit: Visit, form: Form) -> Answer:
    """Puts what was staged in the place of the live records."""
    return await _act(visit, form, SessionAction.COMPLETE, "was completed: its records are the live data.")


async def cancel_session(visit: Visit, form: Form) -> Answer:
    """Drops what was staged."""
    return await _act(visit, form, SessionAction.CANCEL, "was canceled: its records are gone.")


async def _act(visit: Visit, form: Form, action: SessionAction, what: str) -> Answer:
    session_id = form.text("session_id")
    async with visit.begin() as tx:
        resource = await actions.locked_for_exchange(tx, visit.id("connection_id"), visit.id("resource_id"))
        await actions.act_on_session(tx, resource, session_id, action)
    return visit.see_other(f"{path_of(resource)}/sessions", f"Session {session_id} {what}")


async def show_schema(visit: Visit) -> Answer:
    """The fields of the records, as a table and as the schema was given."""
    async with visit.read() as tx:
        place = await place_of(visit, tx)
    fields = fields_of(place.schema)
    raw = msgspec.json.format(place.resource.schema, indent=2)
    return show(visit, "data_schema", {"place": place, "fields": fields, "raw": raw, "is_cut": len(fields) == MOST})


async def show_push(visit: Visit) -> Answer:
    """How records are pushed, ready to be copied."""
    async with visit.read() as tx:
        place = await place_of(visit, tx)
    base_url = (visit.settings.public_url or str(visit.request.base_url)).rstrip("/")
    example = example_of(place.schema, place.resource.display_name_key)
    target = Target(base_url, place.connection.id, place.resource.id)
    return show(visit, "data_push", {"place": place, "snippets": snippets(target, example), "target": target})


async def list_readers(visit: Visit) -> Answer:
    """The monitors that check the records."""
    async with visit.read() as tx:
        place = await place_of(visit, tx)
        readers = await readers_of(tx, [place.resource.id])
    workspaces = {each.id: each.name for each in visit.signed_in.workspaces}
    values = {"place": place, "readers": readers, "workspaces": workspaces, "may_see_monitors": visit.may(MONITORS)}
    return show(visit, "data_monitors", values)


PAGES: list[Page | FormPage | Button] = [
    look(path=f"{RESOURCE}/sessions", show=list_sessions),
    button(path=f"{RESOURCE}/sessions/complete", press=complete_session),
    button(path=f"{RESOURCE}/sessions/cancel", press=cancel_session),
    look(path=f"{RESOURCE}/schema", show=show_schema),
    look(path=f"{RESOURCE}/push", show=show_push),
    look(path=f"{RESOURCE}/monitors", show=list_readers),
]
