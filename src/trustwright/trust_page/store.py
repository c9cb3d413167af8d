"""SQL of controls, and of the entries of the page."""

from datetime import datetime

from msgspec import Struct
from psycopg.types.json import Jsonb

from trustwright.db import Tx
from trustwright.trust_page.controls import Control, ControlFields
from trustwright.trust_page.model import Item, Kind, NewItem

CONTROL = """id, workspace_id, category, place, code, name, description, is_published, is_status_displayed,
    interval_days, is_passing, checked_at, failing_since, evidence_until, created_at, updated_at"""
ITEM = "id, workspace_id, place, is_published, content, created_at, updated_at"


class Promise(Struct, frozen=True, kw_only=True):
    """What a workspace promises of controls that fail; `sla_time` in days."""

    workspace_id: int
    is_sla_displayed: bool
    sla_time: int


async def promise_of(tx: Tx, workspace_id: int | None) -> Promise | None:
    """What a workspace promises, the primary one without an id; None for one that is not of this account."""
    return await tx.one(
        Promise,
        """
        select workspace_id, is_sla_displayed, sla_time from trust_centers
        where account_id = %(account_id)s and workspace_id = coalesce(
            %(workspace_id)s::integer,
            (select id from workspaces where account_id = %(account_id)s and is_primary))
        """,
        workspace_id=workspace_id,
    )


async def controls(tx: Tx, workspace_id: int) -> list[Control]:
    """The controls of a workspace that were not archived, by place."""
    return await tx.all(
        Control,
        f"""
        select {CONTROL} from trust_controls
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and archived_at is null
        order by place, id
        """,
        workspace_id=workspace_id,
    )


async def controls_by_id(tx: Tx, ids: list[int], *, lock: bool = False) -> list[Control]:
    """Those of these controls that were not archived; with `lock` nobody else changes them until the transaction
    ends."""
    return await tx.all(
        Control,
        f"""
        select {CONTROL} from trust_controls
        where account_id = %(account_id)s and id = any (%(ids)s) and archived_at is null
        order by id {"for update" if lock else ""}
        """,
        ids=ids,
    )


async def get_control_for_update(tx: Tx, control_id: int) -> Control | None:
    """A control that was not archived, locked until the transaction ends."""
    return await tx.one(
        Control,
        f"""
        select {CONTROL} from trust_controls
        where account_id = %(account_id)s and id = %(control_id)s and archived_at is null for update
        """,
        control_id=control_id,
    )


async def control_id_of_code(tx: Tx, workspace_id: int, code: str) -> int | None:
    """The id of a workspace's control."""
    found: int | None = await tx.value(
        """
        select id from trust_controls
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and code = %(code)s
            and archived_at is null
        """,
        workspace_id=workspace_id,
        code=code,
    )
    return found


async def insert_control(tx: Tx, workspace_id: int, place: int, fields: ControlFields) -> Control | None:
    """Adds a control; None when its code is taken."""
    return await tx.one(
        Control,
        f"""
        insert into trust_controls (account_id, workspace_id, category, place, code, name, description, is_published,
            is_status_displayed, interval_days, evidence_until, created_at, updated_at)
        values (%(account_id)s, %(workspace_id)s, %(category)s, %(place)s, %(code)s, %(name)s, %(description)s,
            %(is_published)s, %(is_status_displayed)s, %(interval_days)s, %(evidence_until)s, %(now)s, %(now)s)
        on conflict (account_id, workspace_id, code) where archived_at is null do nothing
        returning {CONTROL}
        """,
        workspace_id=workspace_id,
        place=place,
        now=tx.now,
        **_columns(fields),
    )


async def update_control(tx: Tx, control_id: int, place: int, fields: ControlFields) -> Control:
    """Says something else of a control."""
    return await tx.only(
        Control,
        f"""
        update trust_controls
        set category = %(category)s, place = %(place)s, code = %(code)s, name = %(name)s,
            description = %(description)s, is_published = %(is_published)s,
            is_status_displayed = %(is_status_displayed)s, interval_days = %(interval_days)s,
            evidence_until = %(evidence_until)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(control_id)s
        returning {CONTROL}
        """,
        control_id=control_id,
        place=place,
        now=tx.now,
        **_columns(fields),
    )


async def set_result(
    tx: Tx, control_id: int, checked_at: datetime, failing_since: datetime | None, *, is_passing: bool
) -> Control:
    """Keeps the last result of a control."""
    return await tx.only(
        Control,
        f"""
        update trust_controls
        set is_passing = %(is_passing)s, checked_at = %(checked_at)s, failing_since = %(failing_since)s,
            updated_at = %(now)s
        where account_id = %(account_id)s and id = %(control_id)s
        returning {CONTROL}
        """,
        control_id=control_id,
        is_passing=is_passing,
        checked_at=checked_at,
        failing_since=failing_since,
        now=tx.now,
    )


async def archive_control(tx: Tx, control_id: int) -> None:
    """Takes a control off the page; its row stays."""
    await tx.run(
        """
        update trust_controls set archived_at = %(now)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(control_id)s
        """,
        control_id=control_id,
        now=tx.now,
    )


async def set_places(tx: Tx, ids: list[int]) -> None:
    """Puts controls in this order."""
    await tx.run(
        """
        update trust_controls set place = wanted.place - 1, updated_at = %(now)s
        from unnest(%(ids)s::integer[]) with ordinality as wanted (id, place)
        where account_id = %(account_id)s and trust_controls.id = wanted.id
        """,
        ids=ids,
        now=tx.now,
    )


async def set_item_places(tx: Tx, ids: list[int]) -> None:
    """Puts entries of one kind in this order."""
    await tx.run(
        """
        update trust_items set place = wanted.place - 1, updated_at = %(now)s
        from unnest(%(ids)s::integer[]) with ordinality as wanted (id, place)
        where account_id = %(account_id)s and trust_items.id = wanted.id and trust_items.place <> wanted.place - 1
        """,
        ids=ids,
        now=tx.now,
    )


async def get_item(tx: Tx, item_id: int) -> Item | None:
    """An entry that was not deleted."""
    return await tx.one(
        Item,
        f"select {ITEM} from trust_items where account_id = %(account_id)s and id = %(item_id)s and deleted_at is null",
        item_id=item_id,
    )


async def items(tx: Tx, workspace_id: int, kind: Kind | None = None) -> list[Item]:
    """The entries of a workspace's page, of one kind or of all, by place."""
    return await tx.all(
        Item,
        f"""
        select {ITEM} from trust_items
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and deleted_at is null
            and (%(item_kind)s::text is null or kind = %(item_kind)s)
        order by kind, place, id
        """,
        workspace_id=workspace_id,
        item_kind=kind,
    )


async def get_item_for_update(tx: Tx, item_id: int) -> Item | None:
    """An entry that was not deleted, locked until the transaction ends."""
    return await tx.one(
        Item,
        f"""
        select {ITEM} from trust_items
        where account_id = %(account_id)s and id = %(item_id)s and deleted_at is null for update
        """,
        item_id=item_id,
    )


async def insert_item(tx: Tx, workspace_id: int, kind: Kind, place: int, new: NewItem) -> Item:
    """Adds an entry."""
    return await tx.only(
        Item,
        f"""
        insert into trust_items (account_id, workspace_id, kind, place, is_published, content, created_at, updated_at)
        values (%(account_id)s, %(workspace_id)s, %(item_kind)s, %(place)s, %(is_published)s, %(content)s, %(now)s,
            %(now)s)
        returning {ITEM}
        """,
        workspace_id=workspace_id,
        item_kind=kind,
        place=place,
        is_published=new.is_published,
        content=Jsonb(new.content),
        now=tx.now,
    )


async def update_item(tx: Tx, item_id: int, place: int, new: NewItem) -> Item:
    """Says something else in an entry."""
    return await tx.only(
        Item,
        f"""
        update trust_items
        set place = %(place)s, is_published = %(is_published)s, content = %(content)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(item_id)s
        returning {ITEM}
        """,
        item_id=item_id,
        place=place,
        is_published=new.is_published,
        content=Jsonb(new.content),
        now=tx.now,
    )


async def delete_item(tx: Tx, item_id: int) -> None:
    """Takes an entry off the page; its row stays."""
    await tx.run(
        """
        update trust_items set deleted_at = %(now)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(item_id)s
        """,
        item_id=item_id,
        now=tx.now,
    )


def _columns(fields: ControlFields) -> dict[str, object]:
    return {name: getattr(fields, name) for name in ControlFields.__struct_fields__}
