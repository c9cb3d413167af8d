"""What is done with the trust page: its controls, its entries, and what of all visitors see."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import structs

from trustwright.accounts.actions import get_account
from trustwright.accounts.model import Entitlement
from trustwright.agreements.actions import current_nda
from trustwright.db import Tx
from trustwright.errors import Conflict, Invalid, NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.trust.actions import documents_of_workspace, get_trust_center
from trustwright.trust.changes import camel, differences
from trustwright.trust_page import store
from trustwright.trust_page.controls import Control, ControlFields, failing_since, require_newer
from trustwright.trust_page.model import (
    Content,
    Item,
    Kind,
    NewItem,
    Replaced,
    key_of,
    kind_of,
    require_distinct,
    require_sound,
)
from trustwright.trust_page.page import Page, Shown, build
from trustwright.trust_page.store import Promise


async def create_control(tx: Tx, workspace_id: int, fields: ControlFields) -> Control:
    """Adds a control behind the others. Raises Invalid, and Conflict for a code that is taken."""
    await _lock(tx, workspace_id)
    place = max((control.place + 1 for control in await store.controls(tx, workspace_id)), default=0)
    return await _add_control(tx, workspace_id, place, fields)


async def update_control(tx: Tx, control_id: int, fields: ControlFields) -> Control:
    """Says anew what a control is; its results stay. Raises NotFound, Invalid, and Conflict for a code that is
    taken."""
    before = await _control(tx, control_id)
    if fields.code != before.code and await store.control_id_of_code(tx, before.workspace_id, fields.code):
        raise _taken(fields.code)
    return await _save_control(tx, before, before.place, fields)


async def archive_control(tx: Tx, control_id: int) -> None:
    """Takes a control off the page; its code is free again. Raises NotFound."""
    await _archive_control(tx, await _control(tx, control_id))


async def reorder_controls(tx: Tx, workspace_id: int, ids: list[int]) -> None:
    """Puts the controls of a workspace in this order. Raises Invalid unless each of them is named once."""
    await _lock(tx, workspace_id)
    before = [control.id for control in await store.controls(tx, workspace_id)]
    if sorted(ids) != sorted(before):
        raise Invalid("ids: name each control of the workspace once")
    if ids == before:
        return
    await store.set_places(tx, ids)
    target = {"kind": "trust page", "id": workspace_id}
    await _record(tx, workspace_id, "Controls put in another order", target, {"order": before}, {"order": ids})


async def control_of_code(tx: Tx, workspace_id: int, code: str) -> int:
    """The id of a workspace's control. Raises NotFound."""
    control_id = await store.control_id_of_code(tx, workspace_id, code)
    if control_id is None:
        raise NotFound(f"No control {code!r} in this workspace")
    return control_id


async def note_result(tx: Tx, control_id: int, is_passing: bool, checked_at: datetime) -> Control:
    """Writes down what a test of a control found: a monitor's, or somebody's who looked. Raises NotFound, and Invalid
    for a result of the future or one that is older than the last."""
    before = await _control(tx, control_id)
    require_newer(before, checked_at, tx.now)
    if (before.is_passing, before.checked_at) == (is_passing, checked_at):
        return before
    since = failing_since(before, checked_at, is_passing=is_passing)
    after = await store.set_result(tx, control_id, checked_at, since, is_passing=is_passing)
    await _record_control(tx, f"Control {after.name} {'passed' if is_passing else 'failed'} its test", before, after)
    return after


async def replace_controls(tx: Tx, workspace_id: int, wanted: list[ControlFields]) -> Replaced:
    """Makes these the controls of a workspace, in this order. A control whose code is there already stays the same
    one; one that is not named is archived. Raises Invalid."""
    require_distinct([fields.code for fields in wanted])
    await _lock(tx, workspace_id)
    before = {control.code: control for control in await store.controls(tx, workspace_id)}
    done = Replaced(added=[], changed=[], unchanged=[], removed=[])
    for place, fields in enumerate(wanted):
        known = before.pop(fields.code, None)
        if known is None:
            await _add_control(tx, workspace_id, place, fields)
            done.added.append(fields.code)
        else:
            saved = await _save_control(tx, known, place, fields)
            (done.unchanged if saved is known else done.changed).append(fields.code)
    for control in before.values():
        await _archive_control(tx, control)
        done.removed.append(control.code)
    return done


async def create_item(tx: Tx, workspace_id: int, content: Content, *, is_published: bool = True) -> Item:
    """Adds an entry behind the others of its kind. Raises Invalid."""
    await _lock(tx, workspace_id)
    place = max((item.place + 1 for item in await store.items(tx, workspace_id, kind_of(content))), default=0)
    return await _add_item(tx, workspace_id, place, NewItem(content=content, is_published=is_published))


async def update_item(tx: Tx, item_id: int, content: Content, *, is_published: bool) -> Item:
    """Says anew what stands in an entry. Raises NotFound, and Invalid, also for an entry of another kind."""
    before = await _item(tx, item_id)
    if kind_of(content) is not kind_of(before.content):
        raise Invalid(f"kind: entry {item_id} is of the kind {kind_of(before.content)} and stays so")
    return await _save_item(tx, before, before.place, NewItem(content=content, is_published=is_published))


async def delete_item(tx: Tx, item_id: int) -> None:
    """Takes an entry off the page. Raises NotFound."""
    await _remove_item(tx, await _item(tx, item_id))


async def reorder_items(tx: Tx, workspace_id: int, kind: Kind, ids: list[int]) -> None:
    """Puts the entries of a kind in this order. Raises Invalid unless each of them is named once."""
    await _lock(tx, workspace_id)
    before = [item.id for item in await store.items(tx, workspace_id, kind)]
    if sorted(ids) != sorted(before):
        raise Invalid("ids: name each entry of the section once")
    if ids == before:
        return
    await store.set_item_places(tx, ids)
    target = {"kind": "trust page", "id": workspace_id}
    said = f"{kind.capitalize()} entries put in another order"
    await _record(tx, workspace_id, said, target, {"order": before}, {"order": ids})


async def items_of(tx: Tx, workspace_id: int, kind: Kind) -> list[Item]:
    """The entries of a kind, published or not, by place."""
    return await store.items(tx, workspace_id, kind)


async def replace_items(tx: Tx, workspace_id: int, kind: Kind, contents: list[NewItem]) -> Replaced:
    """Makes these the entries of one kind, in this order. What has the name, title or question of one that is there
    stays the same entry; what is not named is removed. Raises Invalid."""
    require_distinct([key_of(new.content) for new in contents])
    await _lock(tx, workspace_id)
    before: dict[str, list[Item]] = {}
    for item in await store.items(tx, workspace_id, kind):
        before.setdefault(key_of(item.content), []).append(item)
    done = Replaced(added=[], changed=[], unchanged=[], removed=[])
    for place, new in enumerate(contents):
        key = key_of(new.content)
        if known := before.get(key):
            first = known.pop(0)
            saved = await _save_item(tx, first, place, new)
            (done.unchanged if saved is first else done.changed).append(key)
        else:
            await _add_item(tx, workspace_id, place, new)
            done.added.append(key)
    for item in (item for items in before.values() for item in items):
        await _remove_item(tx, item)
        done.removed.append(key_of(item.content))
    return done


async def page(tx: Tx, workspace_id: int) -> Page:
    """All that the page of a workspace shows now, published or not. Raises Invalid: no such workspace."""
    center = await get_trust_center(tx, workspace_id)
    nda = await current_nda(tx, workspace_id)
    account = await get_account(tx)
    return build(
        Shown(
            center=center,
            documents=await documents_of_workspace(tx, workspace_id),
            controls=await store.controls(tx, workspace_id),
            items=await store.items(tx, workspace_id),
            nda_name=nda.name if nda else None,
            takes_requests=Entitlement.TRUST_CENTER in account.entitled_to,
        ),
        tx.now,
    )


async def updates_of(tx: Tx, workspace_id: int) -> list[Item]:
    """The updates of a workspace, published or not, by place."""
    return await store.items(tx, workspace_id, Kind.UPDATE)


async def promise_of(tx: Tx, workspace_id: int | None) -> Promise | None:
    """What a workspace promises, the primary one without an id; None for one that is not of this account."""
    return await store.promise_of(tx, workspace_id)


async def controls_of(tx: Tx, workspace_id: int) -> list[Control]:
    """The controls of a workspace, published or not, by place; none for one that is not of this account."""
    return await store.controls(tx, workspace_id)


async def controls_by_id(tx: Tx, ids: list[int]) -> list[Control]:
    """Those of these controls that there are, by id."""
    return await store.controls_by_id(tx, ids)


async def locked_controls(tx: Tx, ids: list[int]) -> list[Control]:
    """Those of these controls that there are, by id; nobody else changes them until the transaction ends."""
    if len(ids) > 1:
        # Who changes several controls of a page locks it first, or two of them could wait for each other for ever.
        for workspace_id in sorted({control.workspace_id for control in await store.controls_by_id(tx, ids)}):
            await _lock(tx, workspace_id)
    return await store.controls_by_id(tx, ids, lock=True)


async def expect_tests(tx: Tx, control: Control, interval_days: float) -> Control:
    """Says how often a control is tested, of one that had no test so far."""
    if control.is_monitored:
        return control
    return await _save_control(tx, control, control.place, structs.replace(control.fields, interval_days=interval_days))


async def _lock(tx: Tx, workspace_id: int) -> None:
    """Places and names are compared with what is there, so two must not change the same page at once."""
    await get_trust_center(tx, workspace_id, lock=True)


async def _control(tx: Tx, control_id: int) -> Control:
    control = await store.get_control_for_update(tx, control_id)
    if control is None:
        raise NotFound(f"No control {control_id}")
    return control


async def _add_control(tx: Tx, workspace_id: int, place: int, fields: ControlFields) -> Control:
    require_sound(fields)
    control = await store.insert_control(tx, workspace_id, place, fields)
    if control is None:
        raise _taken(fields.code)
    await _record(tx, workspace_id, f"Control {control.name} added", _target(control), None, _shown(fields))
    return control


async def _save_control(tx: Tx, before: Control, place: int, fields: ControlFields) -> Control:
    if (before.fields, before.place) == (fields, place):
        return before
    require_sound(fields)
    after = await store.update_control(tx, before.id, place, fields)
    await _record_control(tx, f"Control {after.name} changed", before, after)
    return after


async def _archive_control(tx: Tx, control: Control) -> None:
    await store.archive_control(tx, control.id)
    before = _shown(control.fields)
    await _record(tx, control.workspace_id, f"Control {control.name} removed", _target(control), before, None)


async def _item(tx: Tx, item_id: int) -> Item:
    item = await store.get_item_for_update(tx, item_id)
    if item is None:
        raise NotFound(f"No entry {item_id}")
    return item


async def _add_item(tx: Tx, workspace_id: int, place: int, new: NewItem) -> Item:
    require_sound(new.content)
    item = await store.insert_item(tx, workspace_id, kind_of(new.content), place, new)
    await _record(tx, workspace_id, f"{_named(item)} added", _target(item), None, _shown(item))
    return item


async def _save_item(tx: Tx, before: Item, place: int, new: NewItem) -> Item:
    if (before.content, before.is_published, before.place) == (new.content, new.is_published, place):
        return before
    require_sound(new.content)
    after = await store.update_item(tx, before.id, place, new)
    await _record(tx, after.workspace_id, f"{_named(after)} changed", _target(after), _shown(before), _shown(after))
    return after


async def _remove_item(tx: Tx, item: Item) -> None:
    await store.delete_item(tx, item.id)
    await _record(tx, item.workspace_id, f"{_named(item)} removed", _target(item), _shown(item), None)


def _taken(code: str) -> Conflict:
    return Conflict(f"code: {code!r} belongs to another control of this workspace")


def _named(item: Item) -> str:
    return f"{kind_of(item.content).capitalize()} {key_of(item.content)}"


def _target(entry: Control | Item) -> dict[str, Any]:
    return {"kind": "trust control" if isinstance(entry, Control) else "trust item", "id": entry.id}


def _shown(entry: Item | ControlFields) -> dict[str, Any]:
    """What an event keeps of an entry or a control."""
    if isinstance(entry, Item):
        return {"isPublished": entry.is_published, "place": entry.place, "content": msgspec.to_builtins(entry.content)}
    return {camel(name): value for name, value in structs.asdict(entry).items()}


async def _record_control(tx: Tx, description: str, before: Control, after: Control) -> None:
    old, new = differences(before, structs.replace(after, updated_at=before.updated_at))
    await _record(tx, after.workspace_id, description, _target(after), old, new)


async def _record(tx: Tx, workspace_id: int, description: str, target: dict[str, Any], before: Any, after: Any) -> None:
    await record(
        tx,
        EventType.TRUST_CONTENT_SAVED,
        description,
        target=target,
        before=before,
        after=after,
        workspace_id=workspace_id,
    )
