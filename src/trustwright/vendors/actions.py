"""What can be done to vendors, their types and their settings."""

from datetime import date
from typing import Any, TypeVar

from msgspec import structs

from trustwright.accounts.actions import active_user
from trustwright.db import Tx
from trustwright.errors import Conflict, Invalid, NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.vendors import store
from trustwright.vendors.changes import Change, applied
from trustwright.vendors.model import (
    OWNER_ROLES,
    CustomValue,
    Vendor,
    VendorFields,
    VendorSettings,
    VendorType,
    difference,
)

V = TypeVar("V", bound=VendorFields)

STATUS = ("status", "archivedAt")


async def create_vendor(tx: Tx, change: Change) -> Vendor:
    """Adds a vendor. Raises Invalid."""
    nothing = VendorFields(name="")
    vendor = await store.insert_vendor(tx, await _changed(tx, nothing, change))
    _, after = difference(nothing, vendor, VendorFields)
    await record(tx, EventType.VENDOR_CREATED, f"Vendor {vendor.name} created", target=_target(vendor), after=after)
    return vendor


async def get_vendor(tx: Tx, vendor_id: int, *, lock: bool = False) -> Vendor:
    """A vendor; with `lock` others wait with their changes until the transaction ends. Raises NotFound, for a deleted
    one too."""
    found = await (store.get_vendor_for_update if lock else store.get_vendor)(tx, vendor_id)
    return _there(found, vendor_id)


async def vendors_by_id(tx: Tx, ids: set[int]) -> dict[int, Vendor]:
    """Those of the ids that are vendors of the account, deleted ones included."""
    return {vendor.id: vendor for vendor in await store.get_vendors(tx, list(ids))} if ids else {}


async def vendors_to_review(tx: Tx, by: date) -> list[Vendor]:
    """The vendors in use whose reviews recur, and whose next deadline is not later than `by`."""
    return await store.due_vendors(tx, by)


async def update_vendor(tx: Tx, vendor_id: int, change: Change) -> Vendor:
    """Gives a vendor's fields anew; a change that changes nothing leaves no trace. Raises NotFound, Invalid."""
    before = _there(await store.get_vendor_for_update(tx, vendor_id), vendor_id)
    return await _saved(tx, before, await _changed(tx, before, change))


async def set_renewal_date(tx: Tx, vendor_id: int, day: date) -> None:
    """Moves a vendor's deadline, its schedule aside. Raises NotFound."""
    before = _there(await store.get_vendor_for_update(tx, vendor_id), vendor_id)
    await _saved(tx, before, structs.replace(before, renewal_date=day))


async def delete_vendor(tx: Tx, vendor_id: int) -> None:
    """Takes a vendor out of sight; its reviews and its events stay. Once more does nothing.

    Raises NotFound for one that never was (Q6)."""
    vendor = await store.get_vendor_for_update(tx, vendor_id)
    if vendor is None:
        raise NotFound(f"No vendor {vendor_id}")
    if vendor.deleted_at is not None:
        return
    await store.delete_vendor(tx, vendor_id)
    before, _ = difference(vendor, VendorFields(name=""), VendorFields)
    await record(tx, EventType.VENDOR_DELETED, f"Vendor {vendor.name} deleted", target=_target(vendor), before=before)


async def _changed(tx: Tx, before: V, change: Change) -> V:
    after = applied(before, change, tx.now)
    await _require_owner(tx, before, after)
    await _require_others(tx, before, after)
    if not change.custom_values:
        return after
    return structs.replace(after, custom_fields=await _custom_fields(tx, before.custom_fields, change.custom_values))


async def _saved(tx: Tx, before: Vendor, after: Vendor) -> Vendor:
    old, new = difference(before, after, VendorFields)
    if not new:
        return before
    vendor = await store.update_vendor(tx, after)
    of_status = [name for name in STATUS if name in new]
    rest = [name for name in new if name not in STATUS]
    for type_, names, what in (
        (EventType.VENDOR_STATUS_UPDATED, of_status, f"is now {vendor.status or 'without a status'}"),
        (EventType.VENDOR_UPDATED, rest, "updated"),
    ):
        if names:
            await record(
                tx,
                type_,
                f"Vendor {vendor.name} {what}",
                target=_target(vendor),
                before={name: old[name] for name in names},
                after={name: new[name] for name in names},
            )
    return vendor


def _there(vendor: Vendor | None, vendor_id: int) -> Vendor:
    if vendor is None or vendor.deleted_at is not None:
        raise NotFound(f"No vendor {vendor_id}")
    return vendor


def _target(vendor: Vendor) -> dict[str, Any]:
    return {"kind": "vendor", "id": vendor.id}


async def _require_owner(tx: Tx, before: VendorFields, after: VendorFields) -> None:
    """Only who is named anew is looked at: people leave, and what they owned must stay open to change."""
    if after.user_id not in (None, before.user_id):
        owner = await active_user(tx, after.user_id)
        if owner is None:
            raise Invalid(f"userId: no active user {after.user_id} in this account")
        if OWNER_ROLES.isdisjoint(owner.roles):
            raise Invalid(f"userId: a security owner needs one of the roles {', '.join(sorted(OWNER_ROLES))}")
    if after.relationship_user_id not in (None, before.relationship_user_id) and not await active_user(
        tx, after.relationship_user_id
    ):
        raise Invalid(f"vendorRelationshipContact: no active user {after.relationship_user_id} in this account")


async def _require_others(tx: Tx, before: VendorFields, after: VendorFields) -> None:
    if after.vendor_type_id not in (None, before.vendor_type_id) and not await store.get_type_for_update(
        tx, after.vendor_type_id
    ):
        raise Invalid(f"vendorTypeId: no vendor type {after.vendor_type_id} in this account")
    if new := set(after.integrations) - set(before.integrations):
        found = {id_ for id_, vendor in (await vendors_by_id(tx, new)).items() if vendor.deleted_at is None}
        if missing := sorted(new - found):
            raise Invalid(f"integrations: no vendor {', '.join(map(str, missing))} in this account")
    if isinstance(after, Vendor) and after.id in after.integrations:
        raise Invalid("integrations: a vendor does not integrate with itself")


async def _custom_fields(tx: Tx, before: dict[str, str], given: list[CustomValue]) -> dict[str, str]:
    """Values by field; a name that is new makes a field, an id that is unknown raises Invalid."""
    named = {each.name for each in given if each.id is None and each.name and each.value is not None}
    await store.insert_fields(tx, sorted(named))
    fields = await store.all_fields(tx)
    by_name = {field.name: field.id for field in fields}
    known = set(by_name.values())
    after = dict(before)
    for each in given:
        field_id = by_name.get(each.name or "") if each.id is None else each.id
        if each.id is not None and each.id not in known:
            raise Invalid(f"customFields: no custom field {each.id} in this account")
        if each.value is None:
            after.pop(str(field_id), None)
        else:
            after[str(field_id)] = each.value
    return after


async def create_type(tx: Tx, name: str) -> VendorType:
    """Adds a type of vendors. Raises Conflict when one is named so already, in any case of letters."""
    made = await store.insert_type(tx, name)
    if made is None:
        raise Conflict(f"name: there is a vendor type {name} already")
    await record(
        tx,
        EventType.VENDOR_TYPE_CREATED,
        f"Vendor type {name} created",
        target={"kind": "vendor type", "id": made.id},
        after={"name": name},
    )
    return made


async def rename_type(tx: Tx, type_id: int, name: str) -> VendorType:
    """Raises NotFound, Conflict."""
    before = await _type(tx, type_id)
    if before.name == name:
        return before
    after = await store.rename_type(tx, type_id, name)
    if after is None:
        raise Conflict(f"name: there is a vendor type {name} already")
    await record(
        tx,
        EventType.VENDOR_TYPES_UPDATED,
        f"Vendor type {before.name} renamed to {name}",
        target={"kind": "vendor type", "id": type_id},
        before={"name": before.name},
        after={"name": name},
    )
    return after


async def delete_type(tx: Tx, type_id: int) -> None:
    """Takes a type out of the choice; vendors that have it keep it. Raises NotFound."""
    before = await _type(tx, type_id)
    await store.delete_type(tx, type_id)
    await record(
        tx,
        EventType.VENDOR_TYPE_DELETED,
        f"Vendor type {before.name} deleted",
        target={"kind": "vendor type", "id": type_id},
        before={"name": before.name},
    )


async def _type(tx: Tx, type_id: int) -> VendorType:
    found = await store.get_type_for_update(tx, type_id)
    if found is None:
        raise NotFound(f"No vendor type {type_id}")
    return found


async def get_settings(tx: Tx) -> VendorSettings:
    """How the account watches over its vendors; the defaults where it has not said."""
    return await store.get_settings(tx) or VendorSettings()


async def update_settings(tx: Tx, given: dict[str, Any]) -> VendorSettings:
    """Sets those of the settings that are given, by name; the others stay."""
    await store.lock_settings(tx)
    before = await get_settings(tx)
    after = structs.replace(before, **given)
    old, new = difference(before, after, VendorSettings)
    if new:
        await store.save_settings(tx, after)
        await record(
            tx,
            EventType.VENDOR_REVIEW_PERIOD_UPDATED,
            "Vendor settings updated",
            target={"kind": "vendor settings", "id": tx.account_id},
            before=old,
            after=new,
        )
    return after
