"""Vendors, in the console: their list, and all about one of them."""

from collections.abc import AsyncGenerator
from datetime import UTC, date

from msgspec import Struct

from trustwright.accounts.actions import users_by_id
from trustwright.accounts.model import User
from trustwright.console.forms import Form
from trustwright.console.listing import Listing, csv_file
from trustwright.console.navigation import EDIT_VENDORS, EVENTS, VENDORS
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Tx
from trustwright.events.actions import events_of_vendor
from trustwright.events.model import Event
from trustwright.http.csv_files import cell
from trustwright.questionnaires.actions import newest_questionnaires
from trustwright.questionnaires.model import Questionnaire, state_of
from trustwright.reviews.actions import newest_documents, newest_reviews
from trustwright.reviews.model import VendorDocument
from trustwright.reviews.states import OPEN
from trustwright.vendors import actions, console_forms, console_types, list_store, store
from trustwright.vendors.list_store import BY_CREATION, BY_NAME, BY_RENEWAL, BY_RISK, ListedVendor, Reviewed
from trustwright.vendors.model import (
    DeadlineStatus,
    Vendor,
    VendorCategory,
    VendorKind,
    VendorRisk,
    VendorStatus,
)
from trustwright.vendors.store import Filter

FILTERS = ("status", "risk", "category", "type", "reviewed", "deadline")
SORTS = {"name": BY_NAME, "risk": BY_RISK, "renewal": BY_RENEWAL, "created": BY_CREATION}
COLUMNS = ["id", "name", "status", "risk", "category", "type", "critical", "reviews", "next review", "website"]
COLUMNS += ["contacts", "created"]
MOST_TYPES = 500
SHOWN = 10


def _today(tx: Tx) -> date:
    return tx.now.astimezone(UTC).date()


def _either(choice: str | None) -> list[str] | None:
    return None if choice is None else [choice]


def _wanted(listing: Listing, today: date) -> Filter:
    """What the list is asked for; a type is one of those that all accounts have, or the number of one's own."""
    text = listing.visit.text("type")
    own = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
    return Filter(
        today=today,
        q=listing.q,
        statuses=_either(listing.choice("status", VendorStatus)),
        risks=_either(listing.choice("risk", VendorRisk)),
        categories=_either(listing.choice("category", VendorCategory)),
        types=_either(listing.choice("type", VendorKind)),
        vendor_type_ids=None if own is None else [own],
        deadline_statuses=_either(listing.choice("deadline", DeadlineStatus)),
    )


async def list_vendors(visit: Visit) -> Answer:
    """All vendors, as they are searched and filtered."""
    listing = Listing(visit, SORTS, filters=FILTERS)
    if listing.wants_csv:
        return csv_file("vendors", COLUMNS, _lines(visit))
    async with visit.read() as tx:
        wanted = _wanted(listing, _today(tx))
        shown = listing.of(await list_store.page(tx, listing.slice, wanted, listing.choice("reviewed", Reviewed)))
        owners = await users_by_id(tx, {vendor.user_id for vendor in shown.rows if vendor.user_id})
        types = await list_store.all_types(tx, MOST_TYPES)
        today = _today(tx)
    values = {"listing": listing, "shown": shown, "owners": owners, "types": types, "today": today}
    values |= {"may_edit": visit.may(EDIT_VENDORS)}
    choices = {"statuses": VendorStatus, "kinds": VendorKind, "states": Reviewed}
    return visit.page("vendor_list", values | {name: list(kind) for name, kind in choices.items()})


async def _lines(visit: Visit) -> AsyncGenerator[list[str], None]:
    listing = Listing(visit, SORTS, filters=FILTERS)
    async with visit.read() as tx:
        wanted = _wanted(listing, _today(tx))
        async for vendor in list_store.stream(tx, listing.slice, wanted, listing.choice("reviewed", Reviewed)):
            yield _line(vendor)


def _line(vendor: ListedVendor) -> list[str]:
    said = [vendor.id, vendor.name, vendor.status, vendor.risk, vendor.category, vendor.type, vendor.critical]
    said += [vendor.reviewed, vendor.renewal_date, vendor.url, vendor.contacts_email, vendor.created_at]
    return [cell(str(each) if isinstance(each, date) and each is vendor.renewal_date else each) for each in said]


class Around(Struct, frozen=True, kw_only=True):
    """What belongs to a vendor, the newest of each first."""

    documents: list[VendorDocument]
    questionnaires: list[Questionnaire]
    events: list[Event]
    integrations: list[Vendor]
    type_name: str | None
    fields: list[tuple[str, str]]
    people: dict[int, User]


async def show_vendor(visit: Visit) -> Answer:
    """One vendor and all that belongs to it."""
    vendor_id = visit.id("vendor_id")
    async with visit.read() as tx:
        vendor = await actions.get_vendor(tx, vendor_id)
        reviews = await newest_reviews(tx, vendor_id, 2 * SHOWN)
        around = await _around(tx, visit, vendor, {review.user_id for review in reviews if review.user_id})
        today, now = _today(tx), tx.now
    open_ = [review for review in reviews if review.status in OPEN]
    past = [review for review in reviews if review.status not in OPEN]
    states = {each.id: state_of(each, now) for each in around.questionnaires}
    values = {"vendor": vendor, "around": around, "open_reviews": open_, "past_reviews": past, "today": today}
    return visit.page(
        "vendor_page",
        values | {"states": states, "may_see_events": visit.may(EVENTS), "may_edit": visit.may(EDIT_VENDORS)},
    )


async def _around(tx: Tx, visit: Visit, vendor: Vendor, reviewers: set[int]) -> Around:
    events = await events_of_vendor(tx, vendor.id, SHOWN) if visit.may(EVENTS) else []
    ids = {vendor.user_id, vendor.relationship_user_id, *(event.user_id for event in events)} - {None}
    types = await list_store.types_by_id(tx, [vendor.vendor_type_id]) if vendor.vendor_type_id else []
    fields = await store.all_fields(tx) if vendor.custom_fields else []
    values = vendor.custom_fields
    linked = await actions.vendors_by_id(tx, set(vendor.integrations))
    return Around(
        documents=await newest_documents(tx, vendor.id, SHOWN),
        questionnaires=await newest_questionnaires(tx, vendor.id, SHOWN),
        events=events,
        integrations=[linked[each] for each in vendor.integrations if each in linked],
        type_name=types[0].name if types else None,
        fields=[(field.name, values[str(field.id)]) for field in fields if str(field.id) in values],
        people=await users_by_id(tx, {id_ for id_ in ids if id_} | reviewers),
    )


async def delete_vendor(visit: Visit, form: Form) -> Answer:
    """Takes a vendor out of sight."""
    async with visit.begin() as tx:
        vendor = await actions.get_vendor(tx, visit.id("vendor_id"))
        await actions.delete_vendor(tx, vendor.id)
    return visit.see_other("/vendors", f"{vendor.name} was deleted")


PAGES: list[Page | FormPage | Button] = [
    Page(path="/vendors", show=list_vendors, right=VENDORS),
    *console_types.PAGES,
    *console_forms.PAGES,
    Page(path="/vendors/{vendor_id}", show=show_vendor, right=VENDORS),
    Button(path="/vendors/{vendor_id}/delete", press=delete_vendor, right=EDIT_VENDORS),
]
