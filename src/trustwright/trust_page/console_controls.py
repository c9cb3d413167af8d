"""Controls of the trust page, in the console."""

from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from msgspec import Struct

from trustwright.accounts.model import Entitlement
from trustwright.console.forms import Form
from trustwright.console.listing import SIZE, Listing, Shown, csv_file
from trustwright.console.navigation import EDIT_TRUST_CENTER, TRUST_CENTER
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Tx
from trustwright.errors import Invalid, NotFound
from trustwright.http.csv_files import cell
from trustwright.times import iso
from trustwright.trust.actions import get_trust_center
from trustwright.trust_page import actions, store
from trustwright.trust_page.arranging import move_control
from trustwright.trust_page.controls import (
    CATEGORIES,
    Category,
    Control,
    ControlFields,
    ControlStatus,
    Standing,
    standing,
)

PATH = "/trust-center/controls"
COLUMNS = ["code", "name", "category", "published", "status", "status shown", "last checked", "description"]
TONES = {
    ControlStatus.PASSING: "green",
    ControlStatus.IN_REMEDIATION: "yellow",
    ControlStatus.FAILING: "red",
    ControlStatus.NOT_MONITORED: "secondary",
}


class Row(Struct, frozen=True):
    """A control and how it stands."""

    control: Control
    standing: Standing


async def _rows(tx: Tx, visit: Visit, listing: Listing) -> list[Row]:
    """Those that are asked for, in the order of the page."""
    center = await get_trust_center(tx, visit.workspace_id)
    order = list(CATEGORIES)
    controls = sorted(
        await actions.controls_of(tx, visit.workspace_id),
        key=lambda each: (order.index(each.category), not each.is_monitored, each.place),
    )
    rows = [Row(each, standing(each, center.sla_time, tx.now)) for each in controls]
    category, status = listing.choice("category", Category), listing.choice("status", ControlStatus)
    q = listing.q.casefold()
    return [
        row
        for row in rows
        if (category is None or row.control.category is category)
        and (status is None or row.standing.status is status)
        and q in f"{row.control.code} {row.control.name} {row.control.description}".casefold()
    ]


async def list_controls(visit: Visit) -> Answer:
    """The controls by category, with how each stands."""
    listing = Listing(visit, {"place": "place"}, filters=("category", "status"))
    async with visit.read() as tx:
        rows = await _rows(tx, visit, listing)
    if listing.wants_csv:
        return csv_file("controls", COLUMNS, _lines(rows))
    start = (listing.number - 1) * SIZE
    shown: Shown[Row] = listing.of(rows[start : start + SIZE + 1])
    values = {"listing": listing, "shown": shown, "categories": CATEGORIES, "tones": TONES}
    return visit.page("trust_controls", {**values, "statuses": list(ControlStatus), "may_edit": may_edit(visit)})


async def _lines(rows: list[Row]) -> AsyncGenerator[list[str], None]:
    for row in rows:
        control, stands = row.control, row.standing
        checked = stands.last_checked_at.isoformat() if stands.last_checked_at else ""
        said = [control.code, control.name, CATEGORIES[control.category], "yes" if control.is_published else "no"]
        said += [stands.status.value, "yes" if control.is_status_displayed else "no", checked, control.description]
        yield [cell(each) for each in said]


def may_edit(visit: Visit) -> bool:
    """Whether this person may change the page, by right and by plan."""
    return visit.may(EDIT_TRUST_CENTER) and visit.signed_in.entitled(Entitlement.TRUST_CENTER)


async def show_new(visit: Visit, form: Form) -> Answer:
    """The form of a new control."""
    values = {"form": form, "control": None, "categories": CATEGORIES, "until": None}
    return visit.page("trust_control_form", values)


async def add(visit: Visit, form: Form) -> Answer:
    """Adds a control behind the others."""
    async with visit.begin() as tx:
        control = await actions.create_control(tx, visit.workspace_id, _fields(form, None))
    return visit.see_other(PATH, f"{control.name} was added.")


async def show_control(visit: Visit, form: Form) -> Answer:
    """The form of a control, its standing, and where a result is noted."""
    async with visit.read() as tx:
        control = await _control(tx, visit)
        center = await get_trust_center(tx, visit.workspace_id)
        stands = standing(control, center.sla_time, tx.now)
    values: dict[str, Any] = {"form": form, "control": control, "categories": CATEGORIES, "standing": stands}
    values |= {"tones": TONES, "until": last_day(control.evidence_until), "revision": iso(control.updated_at)}
    return visit.page("trust_control_form", values)


async def change(visit: Visit, form: Form) -> Answer:
    """Says anew what a control is."""
    async with visit.begin() as tx:
        control = await _control(tx, visit, lock=True)
        form.require_unchanged(control.updated_at, "this control")
        control = await actions.update_control(tx, control.id, _fields(form, control))
    return visit.see_other(PATH, f"{control.name} was saved.")


async def note_result(visit: Visit, form: Form) -> Answer:
    """Writes down what somebody found who looked, now."""
    if form.text("passes") not in ("yes", "no"):
        raise Invalid("passes: say whether the control passes")
    async with visit.begin() as tx:
        control = await _control(tx, visit, lock=True)
        control = await actions.note_result(tx, control.id, form.text("passes") == "yes", tx.now)
    said = "passes" if control.is_passing else "fails"
    return visit.see_other(f"{PATH}/{control.id}", f"Noted: {control.name} {said}.")


async def archive(visit: Visit, form: Form) -> Answer:
    """Takes a control off the page."""
    async with visit.begin() as tx:
        control = await _control(tx, visit, lock=True)
        await actions.archive_control(tx, control.id)
    return visit.see_other(PATH, f"{control.name} was archived.")


async def move(visit: Visit, form: Form) -> Answer:
    """One place up or down."""
    async with visit.begin() as tx:
        await move_control(tx, visit.workspace_id, visit.id("control_id"), up=form.text("to") == "up")
    return visit.see_other(f"{PATH}#control-{visit.id('control_id')}")


async def _control(tx: Tx, visit: Visit, *, lock: bool = False) -> Control:
    """The control that the path names. Raises NotFound for one of another account or workspace."""
    found = await store.controls_by_id(tx, [visit.id("control_id")], lock=lock)
    if not found or found[0].workspace_id != visit.workspace_id:
        raise NotFound("There is no such control in this workspace")
    return found[0]


def _fields(form: Form, before: Control | None) -> ControlFields:
    """Raises Invalid."""
    for name, wanted in (("code", "a short code"), ("name", "a name")):
        if not form.text(name):
            raise Invalid(f"{name}: the control needs {wanted}")
    interval = form.number("interval_days")
    if interval is not None and not 1 <= interval <= 3650:
        raise Invalid("interval_days: must be a number of days from 1 to 3650")
    until = form.day("evidence_until")
    kept = before.evidence_until if before else None
    return ControlFields(
        category=form.choice("category", Category) or Category.PRODUCT_SECURITY,
        code=form.text("code"),
        name=form.text("name"),
        description=form.text("description"),
        is_published=form.flag("is_published"),
        is_status_displayed=form.flag("is_status_displayed"),
        interval_days=interval,
        evidence_until=kept if until == last_day(kept) else _end_of(until),
    )


def last_day(moment: datetime | None) -> date | None:
    """The last day on which evidence counts that counts until a moment."""
    return (moment.astimezone(UTC) - timedelta(microseconds=1)).date() if moment else None


def _end_of(day: date | None) -> datetime | None:
    """The evidence counts until the day is over."""
    return datetime.combine(day, time(), UTC) + timedelta(days=1) if day else None


READ = Entitlement.TRUST_CENTER_ESSENTIALS
WRITE = Entitlement.TRUST_CENTER

PAGES: list[Page | FormPage | Button] = [
    Page(path=PATH, show=list_controls, right=TRUST_CENTER, entitlement=READ),
    FormPage(path=f"{PATH}/new", show=show_new, submit=add, right=EDIT_TRUST_CENTER, entitlement=WRITE),
    FormPage(
        path=f"{PATH}/{{control_id}}", show=show_control, submit=change, right=EDIT_TRUST_CENTER, entitlement=WRITE
    ),
    Button(path=f"{PATH}/{{control_id}}/result", press=note_result, right=EDIT_TRUST_CENTER, entitlement=WRITE),
    Button(path=f"{PATH}/{{control_id}}/archive", press=archive, right=EDIT_TRUST_CENTER, entitlement=WRITE),
    Button(path=f"{PATH}/{{control_id}}/move", press=move, right=EDIT_TRUST_CENTER, entitlement=WRITE),
]
