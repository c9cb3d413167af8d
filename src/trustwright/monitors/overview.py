"""SQL of what people see of monitors at a glance: their last runs, the versions of a definition, failures by name."""

from datetime import datetime

from msgspec import Struct

from trustwright.db import Slice, Tx
from trustwright.monitors.history import FAILURE
from trustwright.monitors.model import Failure, ResultStatus


class Ran(Struct, frozen=True, kw_only=True):
    """One run of one of several monitors, as a mark in a row of them."""

    monitor_id: int
    id: int
    status: ResultStatus
    created_at: datetime


class Version(Struct, frozen=True, kw_only=True):
    """A definition that a monitor has or had. `text`: its JSON."""

    version: int
    text: str
    created_by_id: int | None
    created_at: datetime


async def last_runs(tx: Tx, monitor_ids: list[int], most: int) -> list[Ran]:
    """The last runs of each of some monitors that have ended, the oldest first."""
    return await tx.all(
        Ran,
        """
        select r.monitor_id, r.id, r.status, r.created_at
        from unnest(%(monitor_ids)s::integer[]) as m (id)
        cross join lateral (
            select monitor_id, id, status, created_at from monitor_runs
            where account_id = %(account_id)s and monitor_id = m.id and status is not null
            order by created_at desc, id desc limit %(most)s
        ) r
        order by r.created_at, r.id
        """,
        monitor_ids=monitor_ids,
        most=most,
    )


async def page_versions(tx: Tx, part: Slice, monitor_id: int) -> list[Version]:
    """A page of the definitions of a monitor."""
    return await tx.page(
        Version,
        """
        select version, definition::text as text, created_by_id, created_at from monitor_versions
        where account_id = %(account_id)s and monitor_id = %(monitor_id)s
        """,
        part,
        key="version",
        monitor_id=monitor_id,
    )


async def find_failures(tx: Tx, run_id: int, monitor_id: int, q: str, most: int) -> list[Failure]:
    """Failures of a run whose id or name contains a text, in any case: of the first thousand, whose reasons are kept.
    Those that are excluded now are left out."""
    return await tx.all(
        Failure,
        f"""
        select {FAILURE} from monitor_failures f
        join monitor_runs r on r.account_id = f.account_id and r.id = f.run_id
        where f.account_id = %(account_id)s and f.run_id = %(run_id)s
            and (position(lower(%(q)s) in lower(f.target_id)) > 0 or position(lower(%(q)s) in lower(f.target_name)) > 0)
            and not exists (
                select from monitor_exclusions x
                where x.account_id = f.account_id and x.monitor_id = %(monitor_id)s and x.target_id = f.target_id
            )
        order by f.position limit %(most)s
        """,
        run_id=run_id,
        monitor_id=monitor_id,
        q=q,
        most=most,
    )
