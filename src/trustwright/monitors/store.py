"""SQL of monitors: their definitions, what they read, and which controls follow them."""

from datetime import datetime

from msgspec import Struct, structs
from psycopg.errors import UniqueViolation

from trustwright.db import Slice, Tx
from trustwright.monitors.model import LOST, CheckStatus, CheckType, Monitor, MonitorSource, Reader, ResultStatus

MONITOR = """id, workspace_id, test_id, name, description, is_enabled, version, status, last_run_id, last_checked_at,
    last_passed_at, failed_since, due_at, disabled_by_id, disabled_message, created_at, updated_at"""

LIVE = f"select {MONITOR} from monitors where account_id = %(account_id)s and deleted_at is null"

FOLLOWERS = """(select c.control_id from monitor_controls c
            where c.account_id = monitors.account_id and c.monitor_id = monitors.id)"""

# A list that is null does not filter. All monitors are custom ones, so another source or type finds none.
MATCHING = f"""
    {LIVE}
        and (%(workspace_id)s::integer is null or workspace_id = %(workspace_id)s)
        and (%(statuses)s::text[] is null or status = any (%(statuses)s::text[]))
        and (%(check_status)s::text is null or %(check_status)s
            = case when not is_enabled then 'DISABLED' when last_checked_at is null then 'NEW' else 'ENABLED' end)
        and coalesce(%(source)s::text, 'CUSTOM') = 'CUSTOM'
        and coalesce(%(check_type)s::text, 'CUSTOM') = 'CUSTOM'
        and position(lower(%(q)s) in lower(name)) > 0
        and (%(control_id)s::bigint is null or %(control_id)s in {FOLLOWERS})
        and (%(exclude_control_id)s::bigint is null or %(exclude_control_id)s not in {FOLLOWERS})
        and test_id <> all (%(exclude_test_ids)s::bigint[])
        and (%(is_enabled)s::boolean is null or is_enabled = %(is_enabled)s)
        and (%(connection_id)s::integer is null or exists (
            select from monitor_resources x
            join resources s on s.account_id = x.account_id and s.id = x.resource_id
            where x.account_id = monitors.account_id and x.monitor_id = monitors.id
                and s.connection_id = %(connection_id)s
        ))
"""


class Filter(Struct, frozen=True, kw_only=True):
    """What monitors to list: those that match all that is not None. `q`: what their names contain, in any case."""

    workspace_id: int | None = None
    statuses: list[ResultStatus] | None = None
    check_status: CheckStatus | None = None
    source: MonitorSource | None = None
    check_type: CheckType | None = None
    q: str = ""
    control_id: int | None = None
    exclude_control_id: int | None = None
    exclude_test_ids: list[int] = []
    is_enabled: bool | None = None
    connection_id: int | None = None


class ControlLink(Struct, frozen=True):
    monitor_id: int
    control_id: int


class CurrentDefinition(Struct, frozen=True):
    """What a monitor runs now, as JSON."""

    monitor_id: int
    text: str


class LastResult(Struct, frozen=True, kw_only=True):
    """What a monitor that a control follows found last."""

    control_id: int
    status: ResultStatus
    last_checked_at: datetime | None


async def lock_tests(tx: Tx, workspace_id: int) -> None:
    """Lets one transaction at a time give out test ids of a workspace."""
    await tx.run(
        "select pg_advisory_xact_lock(hashtextextended(format('tests %%s %%s', %(account_id)s, %(workspace_id)s), 0))",
        workspace_id=workspace_id,
    )


async def insert_monitor(
    tx: Tx, workspace_id: int, *, name: str, description: str | None, is_enabled: bool
) -> Monitor | None:
    """Adds a monitor under the next test id, deleted ones counted; None when its name is taken. It wants `lock_tests`
    before. An enabled one is due in case the job of its first run gets lost."""
    return await tx.one(
        Monitor,
        f"""
        insert into monitors (account_id, workspace_id, test_id, name, description, is_enabled, due_at, created_at,
            updated_at)
        select %(account_id)s, %(workspace_id)s, coalesce(max(test_id), 0) + 1, %(name)s, %(description)s,
            %(is_enabled)s, case when %(is_enabled)s then %(due_at)s::timestamptz end, %(now)s, %(now)s
        from monitors where account_id = %(account_id)s and workspace_id = %(workspace_id)s
        on conflict (account_id, lower(name)) where deleted_at is null do nothing
        returning {MONITOR}
        """,
        workspace_id=workspace_id,
        name=name,
        description=description,
        is_enabled=is_enabled,
        now=tx.now,
        due_at=tx.now + LOST,
    )


async def get_monitor(tx: Tx, workspace_id: int, test_id: int) -> Monitor | None:
    """A test of a workspace that was not deleted."""
    sql = f"{LIVE} and workspace_id = %(workspace_id)s and test_id = %(test_id)s"
    return await tx.one(Monitor, sql, workspace_id=workspace_id, test_id=test_id)


async def monitor_by_id(tx: Tx, monitor_id: int, *, lock: bool = False) -> Monitor | None:
    """A monitor that was not deleted; with `lock` nobody else changes it until the transaction ends."""
    sql = f"{LIVE} and id = %(monitor_id)s" + (" for no key update" if lock else "")
    return await tx.one(Monitor, sql, monitor_id=monitor_id)


async def page_monitors(tx: Tx, part: Slice, filter_: Filter) -> list[Monitor]:
    """A page of the monitors that match."""
    return await tx.page(Monitor, MATCHING, part, **structs.asdict(filter_))


async def count_monitors(tx: Tx, filter_: Filter) -> int:
    """How many match."""
    return await tx.count(MATCHING, **structs.asdict(filter_))


async def update_details(tx: Tx, monitor_id: int, name: str, description: str | None) -> Monitor | None:
    """Names and describes a monitor; None when the name is taken, and then the transaction can only be rolled back."""
    try:
        return await tx.only(
            Monitor,
            f"""
            update monitors set name = %(name)s, description = %(description)s, updated_at = %(now)s
            where account_id = %(account_id)s and id = %(monitor_id)s
            returning {MONITOR}
            """,
            monitor_id=monitor_id,
            name=name,
            description=description,
            now=tx.now,
        )
    except UniqueViolation:
        return None


async def set_enabled(
    tx: Tx, monitor_id: int, *, is_enabled: bool, disabled_by_id: int | None, disabled_message: str | None
) -> Monitor:
    """Turns a monitor on, and then it is due as a new one is, or off."""
    return await tx.only(
        Monitor,
        f"""
        update monitors
        set is_enabled = %(is_enabled)s, due_at = case when %(is_enabled)s then %(due_at)s::timestamptz end,
            disabled_by_id = %(disabled_by_id)s, disabled_message = %(disabled_message)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(monitor_id)s
        returning {MONITOR}
        """,
        monitor_id=monitor_id,
        is_enabled=is_enabled,
        disabled_by_id=disabled_by_id,
        disabled_message=disabled_message,
        now=tx.now,
        due_at=tx.now + LOST,
    )


async def set_version(tx: Tx, monitor_id: int, version: int) -> Monitor:
    """Says which of its definitions a monitor runs; an enabled one is due as a new one is, with another than before."""
    return await tx.only(
        Monitor,
        f"""
        update monitors
        set version = %(version)s, updated_at = %(now)s,
            due_at = case when is_enabled and version <> %(version)s then %(due_at)s else due_at end
        where account_id = %(account_id)s and id = %(monitor_id)s
        returning {MONITOR}
        """,
        monitor_id=monitor_id,
        version=version,
        now=tx.now,
        due_at=tx.now + LOST,
    )


async def set_due(tx: Tx, monitor_id: int, at: datetime | None) -> None:
    """When a monitor is to run next; a disabled one runs never."""
    await tx.run(
        """
        update monitors set due_at = %(at)s where account_id = %(account_id)s and id = %(monitor_id)s
            and (is_enabled or %(at)s::timestamptz is null)
        """,
        monitor_id=monitor_id,
        at=at,
    )


async def conclude(
    tx: Tx,
    monitor_id: int,
    *,
    status: ResultStatus,
    last_run_id: int | None,
    checked_at: datetime,
    last_passed_at: datetime | None,
    failed_since: datetime | None,
    due_at: datetime | None,
) -> Monitor:
    """Keeps what a run came to. Without `last_run_id` the former one stays; a monitor that was disabled meanwhile is
    not due."""
    return await tx.only(
        Monitor,
        f"""
        update monitors
        set status = %(status)s, last_run_id = coalesce(%(last_run_id)s, last_run_id), last_checked_at = %(checked_at)s,
            last_passed_at = %(last_passed_at)s, failed_since = %(failed_since)s,
            due_at = case when is_enabled then %(due_at)s::timestamptz end, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(monitor_id)s
        returning {MONITOR}
        """,
        monitor_id=monitor_id,
        status=status.value,
        last_run_id=last_run_id,
        checked_at=checked_at,
        last_passed_at=last_passed_at,
        failed_since=failed_since,
        due_at=due_at,
        now=tx.now,
    )


async def delete_monitor(tx: Tx, monitor_id: int) -> None:
    """Marks a monitor as deleted; its runs stay, and its name is free."""
    await tx.run(
        """
        update monitors set deleted_at = %(now)s, due_at = null, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(monitor_id)s
        """,
        monitor_id=monitor_id,
        now=tx.now,
    )


async def insert_version(tx: Tx, monitor_id: int, version: int, definition: str) -> None:
    """Keeps a definition, a JSON text."""
    await tx.run(
        """
        insert into monitor_versions (account_id, monitor_id, version, definition, created_by_id, created_at)
        values (%(account_id)s, %(monitor_id)s, %(version)s, %(definition)s, %(created_by_id)s, %(now)s)
        """,
        monitor_id=monitor_id,
        version=version,
        definition=definition,
        created_by_id=tx.who.user_id,
        now=tx.now,
    )


async def definition_text(tx: Tx, monitor_id: int, version: int) -> str | None:
    """The JSON text of a definition, of a deleted monitor too; None where there is no such version."""
    found: str | None = await tx.value(
        """
        select definition::text from monitor_versions
        where account_id = %(account_id)s and monitor_id = %(monitor_id)s and version = %(version)s
        """,
        monitor_id=monitor_id,
        version=version,
    )
    return found


async def current_definitions(tx: Tx, monitor_ids: list[int]) -> list[CurrentDefinition]:
    """The definitions that some monitors run now."""
    return await tx.all(
        CurrentDefinition,
        """
        select m.id as monitor_id, v.definition::text as text
        from monitors m
        join monitor_versions v on v.account_id = m.account_id and v.monitor_id = m.id and v.version = m.version
        where m.account_id = %(account_id)s and m.id = any (%(monitor_ids)s)
        """,
        monitor_ids=monitor_ids,
    )


async def set_resources(tx: Tx, monitor_id: int, resource_ids: list[int]) -> None:
    """Says which resources a monitor reads, and no others."""
    await tx.run(
        """
        with gone as (
            delete from monitor_resources
            where account_id = %(account_id)s and monitor_id = %(monitor_id)s and resource_id <> all (%(resource_ids)s)
        )
        insert into monitor_resources (account_id, monitor_id, resource_id)
        select %(account_id)s, %(monitor_id)s, id from unnest(%(resource_ids)s::integer[]) as given (id)
        on conflict do nothing
        """,
        monitor_id=monitor_id,
        resource_ids=resource_ids,
    )


async def monitors_of_resource(tx: Tx, resource_id: int) -> list[int]:
    """The enabled monitors that read a resource."""
    found = await tx.value(
        """
        select coalesce(array_agg(m.id order by m.id), '{}') from monitor_resources r
        join monitors m on m.account_id = r.account_id and m.id = r.monitor_id
        where r.account_id = %(account_id)s and r.resource_id = %(resource_id)s
            and m.is_enabled and m.deleted_at is null
        """,
        resource_id=resource_id,
    )
    return list(found)


async def readers_of(tx: Tx, resource_ids: list[int]) -> list[Reader]:
    """The monitors that read resources, of all workspaces."""
    return await tx.all(
        Reader,
        """
        select r.resource_id, m.workspace_id, m.test_id, m.name, m.is_enabled, m.status, m.last_checked_at
        from monitor_resources r
        join monitors m on m.account_id = r.account_id and m.id = r.monitor_id and m.deleted_at is null
        where r.account_id = %(account_id)s and r.resource_id = any (%(resource_ids)s)
        order by m.name, m.id
        """,
        resource_ids=resource_ids,
    )


async def set_controls(tx: Tx, monitor_id: int, control_ids: list[int]) -> None:
    """Says which controls follow a monitor, and no others."""
    await tx.run(
        """
        with gone as (
            delete from monitor_controls
            where account_id = %(account_id)s and monitor_id = %(monitor_id)s and control_id <> all (%(control_ids)s)
        )
        insert into monitor_controls (account_id, monitor_id, control_id)
        select %(account_id)s, %(monitor_id)s, id from unnest(%(control_ids)s::integer[]) as given (id)
        on conflict do nothing
        """,
        monitor_id=monitor_id,
        control_ids=control_ids,
    )


async def controls_of(tx: Tx, monitor_ids: list[int]) -> list[ControlLink]:
    """Which controls follow these monitors, archived ones left out: nobody can name them any more."""
    return await tx.all(
        ControlLink,
        """
        select l.monitor_id, l.control_id from monitor_controls l
        join trust_controls c on c.account_id = l.account_id and c.id = l.control_id
        where l.account_id = %(account_id)s and l.monitor_id = any (%(monitor_ids)s) and c.archived_at is null
        order by l.monitor_id, l.control_id
        """,
        monitor_ids=monitor_ids,
    )


async def monitors_of_controls(tx: Tx, control_ids: list[int]) -> list[LastResult]:
    """What the enabled monitors found last that these controls follow."""
    return await tx.all(
        LastResult,
        """
        select l.control_id, m.status, m.last_checked_at from monitor_controls l
        join monitors m on m.account_id = l.account_id and m.id = l.monitor_id
        where l.account_id = %(account_id)s and l.control_id = any (%(control_ids)s)
            and m.is_enabled and m.deleted_at is null
        order by l.control_id, m.id
        """,
        control_ids=control_ids,
    )
