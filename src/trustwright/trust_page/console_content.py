"""The entries of the trust page, in the console: subprocessors, updates, questions, frameworks, links."""

from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

import msgspec

from trustwright.accounts.model import Entitlement
from trustwright.console.forms import Form
from trustwright.console.listing import SIZE, Listing, Shown, csv_file
from trustwright.console.navigation import EDIT_TRUST_CENTER, TRUST_CENTER
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Tx
from trustwright.errors import NotFound
from trustwright.http.csv_files import cell
from trustwright.times import iso
from trustwright.trust.actions import documents_of_workspace
from trustwright.trust_page import actions, showing, store, subscriptions
from trustwright.trust_page.arranging import move_item
from trustwright.trust_page.console_controls import may_edit
from trustwright.trust_page.console_entries import SECTIONS, Section, content_of, day_of, summary
from trustwright.trust_page.model import Audience, Item, Kind, Update, UpdateCategory, key_of, kind_of

PATH = "/trust-center/content"
STATES = {"published": True, "draft": False}
COLUMNS = ["name", "published", "content"]
TABS = [(f"{PATH}/{section.path}", section.title) for section in SECTIONS.values()]
LEVEL = 3

# Markdown as visitors see it.
prose = partial(showing.prose, heading=LEVEL)
LONGEST_PREVIEW = 20_000


async def begin(visit: Visit) -> Answer:
    """The first of the sections."""
    return visit.see_other(TABS[0][0])


async def list_items(visit: Visit) -> Answer:
    """The entries of a section, in the order of the page."""
    section = _section(visit)
    listing = Listing(visit, {"place": "place"}, filters=("state",))
    async with visit.read() as tx:
        items = _asked(listing, await actions.items_of(tx, visit.workspace_id, section.kind))
        counted = section.kind is Kind.UPDATE
        subscribers = await subscriptions.count_subscribers(tx, visit.workspace_id) if counted else None
    if listing.wants_csv:
        return csv_file(section.path, COLUMNS, _lines(items))
    start = (listing.number - 1) * SIZE
    shown: Shown[Item] = listing.of(items[start : start + SIZE + 1])
    values: dict[str, Any] = {"section": section, "listing": listing, "shown": shown, "tabs": TABS}
    values |= {"key_of": key_of, "summary": summary, "states": list(STATES), "subscribers": subscribers}
    return visit.page("trust_content", values | {"may_edit": may_edit(visit)})


def _asked(listing: Listing, items: list[Item]) -> list[Item]:
    state = STATES.get(listing.visit.text("state"))
    q = listing.q.casefold()
    return [
        item
        for item in items
        if (state is None or item.is_published is state)
        and q in " ".join(str(value) for value in msgspec.to_builtins(item.content).values()).casefold()
    ]


async def _lines(items: list[Item]) -> AsyncGenerator[list[str], None]:
    for item in items:
        text = msgspec.json.encode(item.content).decode()
        yield [cell(key_of(item.content)), "yes" if item.is_published else "no", cell(text)]


async def show_new(visit: Visit, form: Form) -> Answer:
    """The form of a new entry."""
    return await _form_page(visit, form, None)


async def add(visit: Visit, form: Form) -> Answer:
    """Adds an entry behind the others."""
    section = _section(visit)
    async with visit.begin() as tx:
        content = content_of(form, section, None, tx.now)
        await actions.create_item(tx, visit.workspace_id, content, is_published=form.flag("is_published"))
    return visit.see_other(f"{PATH}/{section.path}", f"{key_of(content)} was added.")


async def show_item(visit: Visit, form: Form) -> Answer:
    """The form of an entry."""
    async with visit.read() as tx:
        item = await _item(tx, visit)
    return await _form_page(visit, form, item)


async def _form_page(visit: Visit, form: Form, item: Item | None) -> Answer:
    section = _section(visit)
    documents = []
    if section.kind is Kind.FRAMEWORK:
        async with visit.read() as tx:
            documents = await documents_of_workspace(tx, visit.workspace_id)
    content = item.content if item else None
    values: dict[str, Any] = {
        "form": form,
        "section": section,
        "item": item,
        "stored": msgspec.to_builtins(content) if content else {},
        "revision": iso(item.updated_at) if item else "",
        "documents": [(f"{each.type}:{each.id}", each.name) for each in documents],
        "day": day_of(content.published_at).isoformat() if isinstance(content, Update) else "",
        "categories": list(UpdateCategory),
        "audiences": [(Audience.PUBLIC, "Everybody"), (Audience.ACCESS_HOLDERS, "Those who were granted documents")],
        "prose": prose,
    }
    return visit.page("trust_content_form", values)


async def change(visit: Visit, form: Form) -> Answer:
    """Says anew what stands in an entry."""
    section = _section(visit)
    async with visit.begin() as tx:
        item = await _item(tx, visit, lock=True)
        form.require_unchanged(item.updated_at, "this entry")
        content = content_of(form, section, item.content, tx.now)
        await actions.update_item(tx, item.id, content, is_published=form.flag("is_published"))
    return visit.see_other(f"{PATH}/{section.path}", f"{key_of(content)} was saved.")


async def publish(visit: Visit, form: Form) -> Answer:
    """Puts an entry on the page, or takes it off."""
    section, is_published = _section(visit), form.text("to") == "published"
    async with visit.begin() as tx:
        item = await _item(tx, visit, lock=True)
        await actions.update_item(tx, item.id, item.content, is_published=is_published)
    said = "is on the page now" if is_published else "is no longer on the page"
    return visit.see_other(f"{PATH}/{section.path}", f"{key_of(item.content)} {said}.")


async def delete(visit: Visit, form: Form) -> Answer:
    """Takes an entry away."""
    section = _section(visit)
    async with visit.begin() as tx:
        item = await _item(tx, visit, lock=True)
        await actions.delete_item(tx, item.id)
    return visit.see_other(f"{PATH}/{section.path}", f"{key_of(item.content)} was deleted.")


async def move(visit: Visit, form: Form) -> Answer:
    """One place up or down."""
    section, item_id = _section(visit), visit.id("item_id")
    async with visit.begin() as tx:
        await move_item(tx, visit.workspace_id, section.kind, item_id, up=form.text("to") == "up")
    return visit.see_other(f"{PATH}/{section.path}#item-{item_id}")


async def preview(visit: Visit, form: Form) -> Answer:
    """What a text looks like that is being typed; nothing is kept."""
    name = visit.request.headers.get("hx-trigger-name", "text")
    return visit.page("trust_preview_text", {"text": prose(form.text(name)[:LONGEST_PREVIEW])})


def _section(visit: Visit) -> Section:
    section = SECTIONS.get(visit.request.path_params["section"])
    if section is None:
        raise NotFound("There is no such page")
    return section


async def _item(tx: Tx, visit: Visit, *, lock: bool = False) -> Item:
    """The entry that the path names. Raises NotFound for one of another account, workspace or section."""
    find = store.get_item_for_update if lock else store.get_item
    item = await find(tx, visit.id("item_id"))
    if item is None or item.workspace_id != visit.workspace_id or kind_of(item.content) is not _section(visit).kind:
        raise NotFound("There is no such entry in this workspace")
    return item


READ = Entitlement.TRUST_CENTER_ESSENTIALS
WRITE = Entitlement.TRUST_CENTER
ITEM = f"{PATH}/{{section}}/{{item_id}}"

PAGES: list[Page | FormPage | Button] = [
    Page(path=PATH, show=begin, right=TRUST_CENTER, entitlement=READ),
    Button(path=f"{PATH}/preview", press=preview, right=EDIT_TRUST_CENTER, entitlement=WRITE),
    Page(path=f"{PATH}/{{section}}", show=list_items, right=TRUST_CENTER, entitlement=READ),
    FormPage(path=f"{PATH}/{{section}}/new", show=show_new, submit=add, right=EDIT_TRUST_CENTER, entitlement=WRITE),
    FormPage(path=ITEM, show=show_item, submit=change, right=EDIT_TRUST_CENTER, entitlement=WRITE),
    Button(path=f"{ITEM}/publish", press=publish, right=EDIT_TRUST_CENTER, entitlement=WRITE),
    Button(path=f"{ITEM}/delete", press=delete, right=EDIT_TRUST_CENTER, entitlement=WRITE),
    Button(path=f"{ITEM}/move", press=move, right=EDIT_TRUST_CENTER, entitlement=WRITE),
]
