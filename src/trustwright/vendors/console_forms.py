"""The form of a vendor, in the console: its fields have the names that the API gives them."""

import re
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType, structs

from trustwright.accounts.actions import active_users, users_by_id
from trustwright.accounts.model import User
from trustwright.console.forms import Form
from trustwright.console.navigation import EDIT_VENDORS
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Tx
from trustwright.errors import Invalid
from trustwright.http.bodies import decode
from trustwright.times import iso
from trustwright.vendors import actions, list_store, store
from trustwright.vendors.changes import Change
from trustwright.vendors.model import (
    OWNER_ROLES,
    CustomField,
    CustomValue,
    DataAccessed,
    EnvironmentAccess,
    ImpactLevel,
    OperationalImpact,
    RenewalSchedule,
    Vendor,
    VendorFields,
    VendorKind,
    VendorStatus,
    camel,
)
from trustwright.vendors.wire import VendorChange

# What may be empty, and what the API takes only when it is not.
CHOICES = "category status passwordPolicy operationalImpact environmentAccess impactLevel renewalScheduleType".split()
TEXTS = [*CHOICES, *"url servicesProvided dataStored contactAtVendor contactsEmail renewalDate".split()]
SOLID_TEXTS = {
    "privacyUrl": "privacy_url",
    "termsUrl": "terms_url",
    "trustCenterUrl": "trust_center_url",
    "location": "location",
    "notes": "notes",
    "accountId": "shared_account_id",
}
NUMBERS = "userId passwordMinLength inherentRiskLevelId residualRiskLevelId".split()
FLAGS = "hasPii isSubProcessor passwordRequiresMinLength passwordRequiresNumber passwordRequiresSymbol".split()
FLAGS.append("passwordMfaEnabled")
# Of which the name on the wire is not the field's in another spelling.
RENAMED = {"data_accessed": "dataAccessedOrProcessedList", "shared_account_id": "accountId"}
ANSWERS = {"yes": True, "no": False}

AMOUNT = re.compile(r"([0-9]{1,16})(?:[.,]([0-9]{1,2}))?")
MOST_TYPES = 500
MOST_FIELDS = 200

KINDS = {
    "statuses": VendorStatus,
    "kinds": VendorKind,
    "impacts": OperationalImpact,
    "accesses": EnvironmentAccess,
    "levels": ImpactLevel,
    "schedules": RenewalSchedule,
    "data_kinds": DataAccessed,
}


async def show_new(visit: Visit, form: Form) -> Answer:
    """The form of a vendor to be."""
    async with visit.read() as tx:
        return await _page(visit, tx, form, None)


async def show_edit(visit: Visit, form: Form) -> Answer:
    """The form of a vendor."""
    async with visit.read() as tx:
        return await _page(visit, tx, form, await actions.get_vendor(tx, visit.id("vendor_id")))


async def _page(visit: Visit, tx: Tx, form: Form, vendor: Vendor | None) -> Answer:
    fields = vendor or VendorFields(name="")
    linked = await actions.vendors_by_id(tx, set(fields.integrations))
    stored = {RENAMED.get(name, camel(name)): value for name, value in structs.asdict(fields).items()}
    stored |= {
        "vendorRelationshipContact": fields.relationship_user_id,
        "type": fields.vendor_type_id or fields.type,
        "critical": {True: "yes", False: "no"}.get(fields.critical is True) if fields.critical is not None else "",
        "cost": _amount(fields.cost),
        "integrations": "\n".join(linked[each].name for each in fields.integrations if each in linked),
    }
    people = await _people(tx, fields)
    values = {
        "vendor": vendor,
        "form": form,
        "stored": stored,
        "revision": iso(vendor.updated_at) if vendor else "",
        "types": await list_store.all_types(tx, MOST_TYPES),
        "custom_fields": (await store.all_fields(tx))[:MOST_FIELDS],
        "people": [_choice(user) for user in people],
        "owners": [_choice(user) for user in people if user.id == fields.user_id or OWNER_ROLES & set(user.roles)],
    }
    return visit.page("vendor_form", values | {name: list(kind) for name, kind in KINDS.items()})


async def _people(tx: Tx, fields: VendorFields) -> list[User]:
    """Whom one can choose among, and who was chosen before."""
    people = {user.id: user for user in await active_users(tx)}
    chosen = {id_ for id_ in (fields.user_id, fields.relationship_user_id) if id_} - set(people)
    return [*people.values(), *(await users_by_id(tx, chosen)).values()]


def _choice(user: User) -> tuple[int, str]:
    name = " ".join(part for part in (user.first_name, user.last_name) if part)
    return user.id, f"{name} ({user.email})" if name else user.email


def _amount(cents: str | None) -> str:
    """`1234` is 12.34."""
    return "" if cents is None else f"{int(cents) // 100}.{int(cents) % 100:02d}"


async def create_vendor(visit: Visit, form: Form) -> Answer:
    """Adds a vendor."""
    async with visit.begin() as tx:
        vendor = await actions.create_vendor(tx, await _change(tx, form, None))
    return visit.see_other(f"/vendors/{vendor.id}", f"{vendor.name} was added")


async def update_vendor(visit: Visit, form: Form) -> Answer:
    """Saves the form of a vendor."""
    async with visit.begin() as tx:
        before = await actions.get_vendor(tx, visit.id("vendor_id"), lock=True)
        form.require_unchanged(before.updated_at, "this vendor")
        vendor = await actions.update_vendor(tx, before.id, await _change(tx, form, before))
    return visit.see_other(f"/vendors/{vendor.id}", f"{vendor.name} was saved")


async def _change(tx: Tx, form: Form, before: Vendor | None) -> Change:
    """What the form asks for, held to what the API takes. Raises Invalid."""
    if not form.text("name"):
        raise Invalid("name: a vendor needs a name")
    if not form.text("risk"):
        raise Invalid("risk: choose one")
    sent: dict[str, Any] = {"name": form.text("name"), "risk": form.text("risk"), "cost": _cents(form)}
    sent |= {name: form.optional(name) for name in TEXTS}
    sent |= {name: text for name in SOLID_TEXTS if (text := form.text(name))}
    sent |= {name: form.number(name) for name in NUMBERS} | {name: form.flag(name) for name in FLAGS}
    sent |= _kind(form) | {"critical": ANSWERS.get(form.text("critical"))}
    contact = form.number("vendorRelationshipContact")
    sent |= {"vendorRelationshipContact": None if contact is None else {"userId": contact}}
    sent |= {"dataAccessedOrProcessedList": form.texts("dataAccessedOrProcessedList") or None}
    sent |= {"integrations": await _integrations(tx, form)}
    change = decode(msgspec.json.encode(sent), VendorChange).change()
    cleared = {field: None for name, field in SOLID_TEXTS.items() if not form.text(name)}
    return structs.replace(
        change,
        fields=change.fields | cleared,
        confirmed=_confirmed(form, before),
        custom_values=_custom_values(form, await store.all_fields(tx), before),
    )


def _kind(form: Form) -> dict[str, Any]:
    """One of the types that every account has, or the number of one of the account's own."""
    text = form.text("type")
    return {"type": None, "vendorTypeId": form.number("type")} if text.isdigit() else {"type": text or None}


def _cents(form: Form) -> str | None:
    """Raises Invalid."""
    text = form.text("cost")
    if not text:
        return None
    found = AMOUNT.fullmatch(text)
    if found is None:
        raise Invalid("cost: an amount like 9600 or 9600.50")
    return str(int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")))


async def _integrations(tx: Tx, form: Form) -> list[int]:
    """The vendors of those names, one a line. Raises Invalid."""
    names = list(dict.fromkeys(line.strip() for line in form.text("integrations").split("\n") if line.strip()))
    found = {each.name: each.id for each in await list_store.vendors_named(tx, names)} if names else {}
    if missing := [name for name in names if name not in found]:
        raise Invalid(f"integrations: there is no vendor named {', '.join(missing)}")
    return sorted({found[name] for name in names})


def _confirmed(form: Form, before: Vendor | None) -> bool | UnsetType | None:
    """UNSET where the box stands as it did: the vendor stays confirmed since when it was."""
    was = before is not None and before.confirmed_at is not None
    return UNSET if form.flag("confirmed") == was else form.flag("confirmed") or None


def _custom_values(form: Form, fields: list[CustomField], before: Vendor | None) -> list[CustomValue]:
    """Those that differ, and that of a field that is new."""
    stored = before.custom_fields if before else {}
    values = [
        CustomValue(id=field.id, name=None, value=form.optional(f"custom-{field.id}"))
        for field in fields[:MOST_FIELDS]
        if form.optional(f"custom-{field.id}") != stored.get(str(field.id))
    ]
    name, value = form.text("newFieldName"), form.text("newFieldValue")
    if bool(name) != bool(value) or len(name) > 191:
        raise Invalid("newFieldName: a new field needs a name of at most 191 characters, and a value")
    return [*values, CustomValue(id=None, name=name, value=value)] if name else values


PAGES: list[Page | FormPage | Button] = [
    FormPage(path="/vendors/new", show=show_new, submit=create_vendor, right=EDIT_VENDORS),
    FormPage(path="/vendors/{vendor_id}/edit", show=show_edit, submit=update_vendor, right=EDIT_VENDORS),
]
