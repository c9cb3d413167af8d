"""SQL of runs and of what they found."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from psycopg.types.json import Jsonb

from trustwright.db import Database, Slice, Tx
from trustwright.monitors.evaluation import target
from trustwright.monitors.exclusions import count_exclusions
from trustwright.monitors.model import Cause, ExcludedFailure, Failure, Outcome, ResultStatus, Run

RUN = """id, monitor_id, version, cause, status, message, now_at, evaluated, passed, failed, excluded, out_of_scope,
    out_of_scope_missing, groups, created_at, updated_at, finished_at"""
RUNS = f"select {RUN} from monitor_runs where account_id = %(account_id)s and monitor_id = %(monitor_id)s"

# Of the lists only those are opened that may hold positions behind `since` and before `until`.
FOUND = f"""
    (
        select position, group_number, target_id, target_name, is_excluded, tags, cause
        from monitor_failures
        where account_id = %(account_id)s and run_id = %(run_id)s
        union all
        select first_position + place::integer - 1, group_number, {target("line")}, is_excluded, null, null
        from monitor_failure_lists
        cross join lateral unnest(lines) with ordinality as listed (line, place)
        where account_id = %(account_id)s and run_id = %(run_id)s
            and first_position < %(until)s and first_position + cardinality(lines) > %(since)s
    ) f
    join monitor_runs r on r.account_id = %(account_id)s and r.id = %(run_id)s
"""
FAILURE = """f.position, f.group_number, f.target_id, f.target_name, f.is_excluded, f.tags, f.cause, r.created_at,
    r.updated_at"""

# A record that was excluded after the run is hidden at once.
FAILURES = f"""
    select {FAILURE} from {FOUND}
    where (%(include_excluded)s or not exists (
        select from monitor_exclusions x
        where x.account_id = %(account_id)s and x.monitor_id = %(monitor_id)s and x.target_id = f.target_id
    ))
"""


# What failed and is excluded now, with who said so.
EXCLUDED = f"""
    select {FAILURE}, x.reason, x.created_by_id as excluded_by_id, x.created_at as excluded_at
    from {FOUND}
    join monitor_exclusions x
        on x.account_id = %(account_id)s and x.monitor_id = %(monitor_id)s and x.target_id = f.target_id
    where true
"""


class DueMonitor(Struct, frozen=True):
    """A monitor of whatever account whose next run is due."""

    account_id: int
    monitor_id: int


async def due_monitors(database: Database, until: datetime) -> list[DueMonitor]:
    """The monitors of all accounts that are to run until then, the longest due first."""
    return await database.lookup_all(
        DueMonitor, "select account_id, monitor_id from due_monitors(%(until)s)", until=until
    )


class LostRun(Struct, frozen=True):
    """A run of whatever account that goes on for too long: its process died."""

    account_id: int
    run_id: int


async def lost_runs(database: Database, begun_before: datetime) -> list[LostRun]:
    """Those that were begun before then and have not ended, of all accounts."""
    return await database.lookup_all(
        LostRun, "select account_id, run_id from lost_runs(%(begun_before)s)", begun_before=begun_before
    )


async def begin_run(tx: Tx, monitor_id: int, version: int, cause: Cause) -> Run | None:
    """Writes down that a run begins; None when one is under way."""
    return await tx.one(
        Run,
        f"""
        insert into monitor_runs (account_id, monitor_id, version, cause, created_at, updated_at)
        values (%(account_id)s, %(monitor_id)s, %(version)s, %(cause)s, %(now)s, %(now)s)
        on conflict (account_id, monitor_id) where finished_at is null do nothing
        returning {RUN}
        """,
        monitor_id=monitor_id,
        version=version,
        cause=cause.value,
        now=tx.now,
    )


async def end_run(tx: Tx, run_id: int, outcome: Outcome) -> Run | None:
    """Writes down what a run came to; None when it was given up meanwhile."""
    return await tx.one(
        Run,
        f"""
        update monitor_runs
        set status = %(status)s, now_at = %(now_at)s, evaluated = %(evaluated)s, passed = %(passed)s,
            failed = %(failed)s, excluded = %(excluded)s, out_of_scope = %(out_of_scope)s,
            out_of_scope_missing = %(out_of_scope_missing)s, groups = %(groups)s, updated_at = %(now)s,
            finished_at = %(now)s
        where account_id = %(account_id)s and id = %(run_id)s and finished_at is null
        returning {RUN}
        """,
        run_id=run_id,
        now_at=outcome.now_at,
        now=tx.now,
        **_totals(outcome),
    )


def _totals(outcome: Outcome) -> dict[str, Any]:
    named = ("evaluated", "passed", "failed", "excluded", "out_of_scope", "out_of_scope_missing")
    return {
        "status": outcome.status.value,
        "groups": Jsonb(msgspec.to_builtins(outcome.groups)),
        **{name: getattr(outcome, name) for name in named},
    }


async def give_up_run(tx: Tx, run_id: int, message: str) -> Run | None:
    """Ends a run as ERROR; None when it has ended already."""
    return await tx.one(
        Run,
        f"""
        update monitor_runs
        set status = %(status)s, message = %(message)s, updated_at = %(now)s, finished_at = %(now)s
        where account_id = %(account_id)s and id = %(run_id)s and finished_at is null
        returning {RUN}
        """,
        run_id=run_id,
        status=ResultStatus.ERROR.value,
        message=message,
        now=tx.now,
    )


async def run_under_way(tx: Tx, monitor_id: int) -> Run | None:
    """The run of a monitor that has not ended."""
    return await tx.one(Run, f"{RUNS} and finished_at is null", monitor_id=monitor_id)


async def runs_by_id(tx: Tx, run_ids: list[int]) -> list[Run]:
    """Some runs of the account."""
    return await tx.all(
        Run,
        f"select {RUN} from monitor_runs where account_id = %(account_id)s and id = any (%(run_ids)s)",
        run_ids=run_ids,
    )


async def get_run(tx: Tx, monitor_id: int, run_id: int) -> Run | None:
    """A run of a monitor."""
    return await tx.one(Run, f"{RUNS} and id = %(run_id)s", monitor_id=monitor_id, run_id=run_id)


async def page_runs(tx: Tx, part: Slice, monitor_id: int) -> list[Run]:
    """A page of the runs of a monitor."""
    return await tx.page(Run, RUNS, part, monitor_id=monitor_id)


async def count_runs(tx: Tx, monitor_id: int) -> int:
    """How many they are."""
    return await tx.count(RUNS, monitor_id=monitor_id)


async def insert_failure(tx: Tx, run_id: int, failure: Failure) -> None:
    """Adds a failure of a run that is about no single record."""
    await tx.run(
        """
        insert into monitor_failures (account_id, run_id, position, group_number, target_id, target_name,
            is_excluded, cause)
        values (%(account_id)s, %(run_id)s, %(position)s, %(group_number)s, %(target_id)s, %(target_name)s,
            %(is_excluded)s, %(cause)s)
        """,
        run_id=run_id,
        position=failure.position,
        group_number=failure.group_number,
        target_id=failure.target_id,
        target_name=failure.target_name,
        is_excluded=failure.is_excluded,
        cause=Jsonb(failure.cause),
    )


async def page_failures(tx: Tx, part: Slice, run_id: int, *, monitor_id: int, include_excluded: bool) -> list[Failure]:
    """A page of what failed in a run. All of it was found at one moment: whatever it is sorted by, the position is what
    orders it."""
    after = part.after and (part.after[1], part.after[1])
    placed = replace(part, column="position", after=after)
    values = _of(run_id, monitor_id, include_excluded=include_excluded)
    hidden = 0 if include_excluded else await count_exclusions(tx, monitor_id)
    window = _window(part, hidden)
    return await tx.page(Failure, FAILURES, placed, key="position", **{**values, **window})


def _window(part: Slice, hidden: int) -> dict[str, object]:
    """Between which positions a page is found, where so many may be hidden."""
    reach = part.limit + hidden + 1
    if part.descending:
        return {"since": part.after[1] - reach, "until": part.after[1]} if part.after else {}
    first = part.after[1] if part.after else -1
    return {"since": first, "until": first + reach}


async def first_failures(tx: Tx, run_id: int, most: int) -> list[Failure]:
    """The first of a run that were not excluded then, a thousand at most."""
    return await tx.all(
        Failure,
        f"{FAILURES} and not f.is_excluded order by position limit %(most)s",
        most=most,
        **{**_of(run_id, 0, include_excluded=True), "until": 0},
    )


async def page_excluded(tx: Tx, part: Slice, run_id: int, *, monitor_id: int) -> list[ExcludedFailure]:
    """A page of what failed in a run and is excluded now, by position."""
    values = _of(run_id, monitor_id, include_excluded=True)
    return await tx.page(ExcludedFailure, EXCLUDED, part, key="position", **values)


async def count_failures(tx: Tx, run_id: int, *, monitor_id: int, include_excluded: bool) -> int:
    """How many they are."""
    return await tx.count(FAILURES, **_of(run_id, monitor_id, include_excluded=include_excluded))


def _of(run_id: int, monitor_id: int, *, include_excluded: bool) -> dict[str, object]:
    """Parameters of all that was found in a run."""
    return {
        "run_id": run_id,
        "monitor_id": monitor_id,
        "include_excluded": include_excluded,
        "since": -1,
        "until": 2**31 - 1,
    }
