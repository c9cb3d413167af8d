"""Private access, in the console: what stands between a request and the documents, and who needs no reviewer."""

from collections.abc import AsyncGenerator
from functools import partial

from trustwright.accounts.model import Entitlement
from trustwright.agreements.actions import current_nda
from trustwright.console.forms import Form
from trustwright.console.listing import Listing, csv_file, everything
from trustwright.console.navigation import EDIT_TRUST_CENTER, TRUST_CENTER
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Tx
from trustwright.errors import Invalid, NotFound
from trustwright.http.csv_files import cell
from trustwright.times import iso
from trustwright.trust import actions, documents_store
from trustwright.trust.addresses import parts
from trustwright.trust.changes import SettingsChange
from trustwright.trust.console_documents import editor
from trustwright.trust.model import FlowType, Preapproved, PreapprovedKind, TrustCenter

ACCESS = "/trust-center/access"
PREAPPROVED = f"{ACCESS}/preapproved"
TABS = [
    (ACCESS, "Rules"),
    (f"{ACCESS}/nda", "NDA"),
    (f"{ACCESS}/acceptances", "Acceptances"),
    (PREAPPROVED, "Preapproved"),
    (f"{ACCESS}/customers", "Customers"),
]
SORTS = {"name": "name", "created": "created_at"}
COLUMNS = ["kind", "name", "since"]
MOST_LINES = 1000

FLOWS = {
    FlowType.SELF: (
        "Agree to the NDA in the form",
        "People tick a box under your NDA when they ask. The documents go out as soon as you approve.",
    ),
    FlowType.DIGITAL_SIGNATURE: (
        "Sign the NDA",
        "After you approve, the person gets your NDA to sign by mail. The documents go out once it is signed.",
    ),
    FlowType.NO_NDA_REQUIRED: (
        "No NDA",
        "Nobody agrees to anything. The documents go out as soon as you approve.",
    ),
    FlowType.SALESFORCE_CRM: (
        "Look customers up",
        "Customers in good standing with an NDA on file are approved at once. All others agree in the form, or sign.",
    ),
}


async def show_rules(visit: Visit) -> Answer:
    """What stands between a request and the documents."""
    async with visit.read() as tx:
        center = await actions.get_trust_center(tx, visit.workspace_id)
        nda = await current_nda(tx, visit.workspace_id)
    values = {"center": center, "nda": nda, "flow": FLOWS[center.flow_type], "needs_nda": _needs_nda(center)}
    return visit.page("trust_access", values | _said(visit))


def _needs_nda(center: TrustCenter) -> bool:
    return center.flow_type is not FlowType.NO_NDA_REQUIRED


def _said(visit: Visit) -> dict[str, object]:
    return {"tabs": TABS, "may_edit": editor(visit)}


async def show_edit(visit: Visit, form: Form) -> Answer:
    """The rules, to be changed."""
    async with visit.read() as tx:
        center = await actions.get_trust_center(tx, visit.workspace_id)
        nda = await current_nda(tx, visit.workspace_id)
    values = {"form": form, "center": center, "nda": nda, "flows": FLOWS, "revision": iso(center.updated_at)}
    values["security_emails"] = "\n".join(parts(center.security_emails))
    return visit.page("trust_access_edit", values)


async def edit(visit: Visit, form: Form) -> Answer:
    """Saves the rules."""
    change = SettingsChange(
        flow_type=form.choice("flowType", FlowType) or FlowType.SELF,
        default_expiration_days=form.number("defaultExpirationDays"),
        nda_memory_days=_days(form, "ndaMemoryDays"),
        signing_window_days=_days(form, "signingWindowDays"),
        sla_time=_days(form, "slaTime"),
        is_sla_displayed=form.flag("isSLADisplayed"),
        asks_on_new_device=form.flag("asksOnNewDevice"),
        tells_denied=form.flag("tellsDenied"),
        hides_private_names=form.flag("hidesPrivateNames"),
        security_emails=",".join(form.text("securityEmails").split("\n")),
        legal_email=form.text("legalEmail"),
    )
    async with visit.begin() as tx:
        center = await actions.get_trust_center(tx, visit.workspace_id, lock=True)
        form.require_unchanged(center.updated_at, "these rules")
        await actions.update_settings(tx, visit.workspace_id, change)
    return visit.see_other(ACCESS, "Saved.")


def _days(form: Form, name: str) -> int:
    """Raises Invalid."""
    days = form.number(name)
    if days is None:
        raise Invalid(f"{name}: give a number of days")
    return days


async def list_preapproved(visit: Visit, form: Form | None = None) -> Answer:
    """Domains and addresses whose requests need no reviewer; with a form, those that could not be added."""
    listing = Listing(visit, SORTS, filters=("kind",))
    if listing.wants_csv:
        return csv_file("preapproved", COLUMNS, _lines(visit, listing))
    kind = listing.choice("kind", PreapprovedKind)
    async with visit.read() as tx:
        found = await documents_store.preapproved(tx, listing.slice, visit.workspace_id, kind, listing.q)
    values = {"form": form or Form(), "listing": listing, "shown": listing.of(found), "kinds": list(PreapprovedKind)}
    return visit.page("trust_preapproved", values | _said(visit))


async def _lines(visit: Visit, listing: Listing) -> AsyncGenerator[list[str], None]:
    kind = listing.choice("kind", PreapprovedKind)
    fetch = partial(documents_store.preapproved, workspace_id=visit.workspace_id, kind=kind, q=listing.q)
    async with visit.read() as tx:
        async for entry in everything(listing, lambda part: fetch(tx, part)):
            yield [entry.kind, cell(entry.name), iso(entry.created_at)]


async def add_preapproved(visit: Visit, form: Form) -> Answer:
    """Preapproves one domain or address in each line."""
    lines = [line for text in form.text("names").split("\n") for line in parts(text)][:MOST_LINES]
    if not lines:
        raise Invalid("names: write at least one domain or address")
    async with visit.begin() as tx:
        standing = await _standing(visit, tx)
        await _keep(visit, tx, [*(each.name for each in standing), *lines])
        added = len(await actions.active_preapproved(tx, visit.workspace_id)) - len(standing)
    return visit.see_other(PREAPPROVED, f"{added} added." if added else "All of them were preapproved already.")


async def remove_preapproved(visit: Visit, form: Form) -> Answer:
    """Ends one preapproval."""
    removed = visit.id("preapproved_id")
    async with visit.begin() as tx:
        standing = await _standing(visit, tx)
        gone = next((each for each in standing if each.id == removed), None)
        if gone is None:
            raise NotFound("It is not preapproved any more")
        await _keep(visit, tx, [each.name for each in standing if each is not gone])
    return visit.see_other(PREAPPROVED, f"{gone.name} is no longer preapproved.")


async def _standing(visit: Visit, tx: Tx) -> list[Preapproved]:
    """Who is preapproved, which nobody else changes meanwhile."""
    await actions.get_trust_center(tx, visit.workspace_id, lock=True)
    return await actions.active_preapproved(tx, visit.workspace_id)


async def _keep(visit: Visit, tx: Tx, names: list[str]) -> None:
    """Puts these names in place of all: with an @ it is an address, else a domain."""
    await actions.change_private_access(tx, visit.workspace_id, domains=[name for name in names if "@" not in name])
    await actions.replace_addresses(tx, visit.workspace_id, [name for name in names if "@" in name])


look = partial(Page, right=TRUST_CENTER, entitlement=Entitlement.TRUST_CENTER_ESSENTIALS)
change = partial(FormPage, right=EDIT_TRUST_CENTER, entitlement=Entitlement.TRUST_CENTER)

PAGES: list[Page | FormPage | Button] = [
    look(path=ACCESS, show=show_rules),
    change(path=f"{ACCESS}/edit", show=show_edit, submit=edit),
    look(path=PREAPPROVED, show=list_preapproved),
    change(path=f"{PREAPPROVED}/add", show=list_preapproved, submit=add_preapproved),
    Button(
        path=f"{PREAPPROVED}/{{preapproved_id}}/remove",
        press=remove_preapproved,
        right=EDIT_TRUST_CENTER,
        entitlement=Entitlement.TRUST_CENTER,
    ),
]
