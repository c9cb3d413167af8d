"""SQL of exclusions: the records that are left out of a monitor's result."""

from trustwright.db import Slice, Tx
from trustwright.monitors.model import Exclusion

EXCLUSION = "id, monitor_id, target_id, target_name, connection_id, reason, created_by_id, created_at, updated_at"

EXCLUSIONS = f"""
    select {EXCLUSION} from monitor_exclusions
    where account_id = %(account_id)s and monitor_id = %(monitor_id)s
        and (%(target_id)s::text is null or target_id = %(target_id)s)
        and (%(q)s::text is null or position(lower(%(q)s) in lower(concat_ws(' ', target_id, target_name, reason))) > 0)
"""


async def insert_exclusion(
    tx: Tx, monitor_id: int, target_id: str, target_name: str, connection_id: int | None, reason: str
) -> Exclusion | None:
    """Leaves a record out of a monitor's result; None when it is left out already."""
    return await tx.one(
        Exclusion,
        f"""
        insert into monitor_exclusions (account_id, monitor_id, target_id, target_name, connection_id, reason,
            created_by_id, created_at, updated_at)
        values (%(account_id)s, %(monitor_id)s, %(target_id)s, %(target_name)s, %(connection_id)s, %(reason)s,
            %(created_by_id)s, %(now)s, %(now)s)
        on conflict do nothing
        returning {EXCLUSION}
        """,
        monitor_id=monitor_id,
        target_id=target_id,
        target_name=target_name,
        connection_id=connection_id,
        reason=reason,
        created_by_id=tx.who.user_id,
        now=tx.now,
    )


async def page_exclusions(
    tx: Tx, part: Slice, monitor_id: int, target_id: str | None = None, q: str | None = None
) -> list[Exclusion]:
    """A page of what is left out of a monitor's result, or of one record of it. `q`: what is said of it contains this,
    in any case."""
    return await tx.page(Exclusion, EXCLUSIONS, part, monitor_id=monitor_id, target_id=target_id, q=q)


async def count_exclusions(tx: Tx, monitor_id: int, target_id: str | None = None) -> int:
    """How many they are."""
    return await tx.count(EXCLUSIONS, monitor_id=monitor_id, target_id=target_id, q=None)


async def delete_exclusion(tx: Tx, monitor_id: int, exclusion_id: int) -> Exclusion | None:
    """Counts a record again; what its exclusion was."""
    return await tx.one(
        Exclusion,
        f"""
        delete from monitor_exclusions
        where account_id = %(account_id)s and monitor_id = %(monitor_id)s and id = %(exclusion_id)s
        returning {EXCLUSION}
        """,
        monitor_id=monitor_id,
        exclusion_id=exclusion_id,
    )


async def targets_of(tx: Tx, monitor_id: int) -> list[str]:
    """The ids of the records that are left out of a monitor's result."""
    found = await tx.value(
        """
        select coalesce(array_agg(target_id order by id), '{}') from monitor_exclusions
        where account_id = %(account_id)s and monitor_id = %(monitor_id)s
        """,
        monitor_id=monitor_id,
    )
    return list(found)
