"""The one scan of a run: counts, and the ids of the records that fail, in a statement that runs in parallel."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from msgspec import Struct

from trustwright.db import Slice, Tx
from trustwright.monitors.causes import causes
from trustwright.monitors.conditions import Condition, Term, rendered_term
from trustwright.monitors.model import (
    EXPLAINED,
    CannotEvaluate,
    Failure,
    Filtering,
    FilterMode,
    Group,
    Passing,
    Population,
    PopulationKind,
    TooSlow,
)
from trustwright.monitors.predicates import Values, predicate, reading

# What the data can bring about, and no fault of ours.
UNFIT = (psycopg.errors.DataError, psycopg.errors.InsufficientResources, psycopg.errors.ProgramLimitExceeded)

DATASET = "r.account_id = %(account_id)s and r.dataset_id = %(dataset_id)s"


class Tally(Struct, frozen=True, kw_only=True):
    """What a scan found for one group. `matching`: records in scope that meet the condition of a population check, or
    whose value nobody shares. `failing`: the ids of those that fail, as PostgreSQL writes an array."""

    seen: int
    out_of_scope: int
    out_of_scope_missing: int
    matching: int
    failed: int
    failing: str


class Part(Struct, frozen=True, kw_only=True):
    """Which records of a dataset are looked at: those with one of these ids, or without."""

    dataset_id: int
    targets: list[str]
    inside: bool


class Shown(Struct, frozen=True, kw_only=True):
    """How failures are written down. `first`: the position of the first one. `is_excluded`: they count for nothing."""

    group_number: int
    first: int
    display_key: str
    is_excluded: bool


@contextmanager
def _refusing() -> Iterator[None]:
    """Raises TooSlow, CannotEvaluate."""
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        raise TooSlow from error
    except UNFIT as error:
        raise CannotEvaluate(f"The database could not evaluate the conditions: {error.diag.message_primary}") from error


async def prepare(tx: Tx, seconds: float) -> None:
    """Sets how long each of the next statements may take; raises TooSlow when nothing is left. They are planned for
    their very values, for only so the planner knows how large a dataset is; compiling them would cost more than it
    saves."""
    if seconds <= 0:
        raise TooSlow
    await tx.value(
        """
        select set_config('statement_timeout', %(milliseconds)s, true), set_config('jit', 'off', true),
            set_config('plan_cache_mode', 'force_custom_plan', true)
        """,
        milliseconds=str(max(1, int(seconds * 1000))),
    )


async def scan(tx: Tx, part: Part, groups: list[Group], now: datetime) -> list[Tally]:
    """Judges every record of a dataset by all groups that are about it, in one pass. Raises CannotEvaluate."""
    values = Values()
    columns = [column for number, group in enumerate(groups) for column in _columns(group, number, values)]
    with _refusing():
        found = await tx.only(
            dict[str, Any],
            f"select count(*) as seen, {', '.join(columns)} from records r where {_within(part)}",
            **values.named,
            **_part(part),
            now=now,
        )
    return [
        Tally(seen=found["seen"], **{name: found[f"{name}{number}"] for name in Tally.__struct_fields__[1:]})
        for number in range(len(groups))
    ]


def _columns(group: Group, number: int, values: Values) -> list[str]:
    inside = in_scope(group.filtering, values)
    outside = missing = "0"
    if group.filtering is not None:
        outside = f"count(*) filter (where not ({inside}))"
        if group.filtering.mode is FilterMode.INCLUSION:
            exact = predicate(group.filtering.evaluator, "r.attributes", values, exact=True)
            missing = f"count(*) filter (where ({exact}) is null)"
    matching, failing = "0", "'{}'::text[]"
    condition = judged_by(group)
    if condition is not None:
        met = predicate(condition, "r.attributes", values)
        failing = f"failing_ids(r.record_id) filter (where {inside} and ({met}) is not true)"
    if isinstance(group.check, Population) and group.check.kind is not PopulationKind.UNIQUE:
        where = f" and ({predicate(group.check.where, 'r.attributes', values)}) is true" if group.check.where else ""
        matching = f"count(*) filter (where {inside}{where})"
    return [
        f"{outside} as out_of_scope{number}",
        f"{missing} as out_of_scope_missing{number}",
        f"{matching} as matching{number}",
        f"cardinality({failing}) as failed{number}",
        f"({failing})::text as failing{number}",
    ]


def in_scope(filtering: Filtering | None, values: Values) -> str:
    """Whether a record is one that a group judges: true or false, never null."""
    if filtering is None:
        return "true"
    met = predicate(filtering.evaluator, "r.attributes", values)
    return f"({met}) is {'not ' if filtering.mode is FilterMode.EXCLUSION else ''}true"


def judged_by(group: Group) -> Condition | None:
    """The condition that tells which single records fail, where there is one."""
    if not isinstance(group.check, Population):
        return group.check
    return group.check.where if group.check.kind is PopulationKind.PERCENT else None


async def scan_doubles(tx: Tx, part: Part, filtering: Filtering | None, term: Term, now: datetime) -> Tally:
    """The records in scope that share the value of a term. What lacks it, or has null there, shares nothing. The counts
    of the scope are those of `scan`."""
    values = Values()
    inside = in_scope(filtering, values)
    value = reading(term, "r.attributes", values)
    with _refusing():
        return await tx.only(
            Tally,
            f"""
            with valued as (
                select r.record_id, {value} as value from records r where {_within(part)} and {inside}
            ), doubles as (
                select record_id from valued
                where value in (
                    select value from valued where value <> 'null'::jsonb group by value having count(*) > 1
                )
            )
            select 0 as seen, 0 as out_of_scope, 0 as out_of_scope_missing,
                (select count(*) from valued) - count(*) as matching, count(*) as failed,
                failing_ids(record_id)::text as failing
            from doubles
            """,
            **values.named,
            **_part(part),
            now=now,
        )


async def keep_failures(
    tx: Tx, run_id: int, dataset_id: int, group: Group, failing: str, shown: Shown, now: datetime
) -> None:
    """Writes down the records of a list of ids, the first thousand of a run with reasons. Raises CannotEvaluate."""
    values = Values()
    with _refusing():
        await tx.run(
            f"""
            insert into monitor_failures (account_id, run_id, position, group_number, target_id, target_name,
                is_excluded, tags, cause)
            select %(account_id)s, %(run_id)s, failing.* from ({_failures(group, values)}) as failing
            """,
            run_id=run_id,
            now=now,
            **values.named,
            **_listed(dataset_id, failing, shown),
        )


async def show_failures(
    tx: Tx, dataset_id: int, group: Group, failing: str, shown: Shown, limit: int, now: datetime
) -> list[Failure]:
    """The first records of a list of ids, with their reasons, written down nowhere. Raises CannotEvaluate."""
    values = Values()
    with _refusing():
        return await tx.all(
            Failure,
            f"""
            select failing.*, %(now)s::timestamptz as created_at, %(now)s::timestamptz as updated_at
            from ({_failures(group, values)}) as failing
            order by position limit %(limit)s
            """,
            limit=limit,
            now=now,
            **values.named,
            **_listed(dataset_id, failing, shown),
        )


def _failures(group: Group, values: Values) -> str:
    """A select of failures by id. Its joins come after the ids are in order, so that the same records are explained
    each time."""
    condition = judged_by(group)
    truths, reasons = "select 1", "'[]'::jsonb"
    if condition is not None:
        explained = causes(condition, "r.attributes", values)
        truths, reasons = f"select {explained.truths}", explained.reasons
    elif isinstance(group.check, Population) and group.check.term is not None:
        said = {"path": None, **rendered_term(group.check.term), "operator": "unique", "result": False}
        value = reading(group.check.term, "r.attributes", values)
        reasons = f"jsonb_build_array({values.json(said)} || jsonb_build_object('factResult', {value}))"
    return f"""
        select (%(first)s + listed.place)::integer as position, %(group_number)s::smallint as group_number,
            r.record_id as target_id, {_display_name("%(display_key)s::text")} as target_name,
            %(is_excluded)s::boolean as is_excluded,
            case when listed.is_explained then {TAGS} end as tags,
            case when listed.is_explained then {reasons} end as cause
        from (
            select id, row_number() over (order by id collate "C") - 1 as place,
                %(first)s + row_number() over (order by id collate "C") <= {EXPLAINED} as is_explained
            from unnest(%(failing)s::text[]) as id
        ) listed
        join records r on {DATASET} and r.record_id = listed.id
        left join lateral ({truths}) leaf on listed.is_explained
    """


def _display_name(key: str) -> str:
    return f"coalesce(nullif(r.attributes ->> {key}, ''), r.record_id)"


TAGS = "case jsonb_typeof(r.attributes -> 'tags') when 'object' then r.attributes -> 'tags' end"


def _listed(dataset_id: int, failing: str, shown: Shown) -> dict[str, object]:
    return {
        "dataset_id": dataset_id,
        "failing": failing,
        "first": shown.first,
        "group_number": shown.group_number,
        "display_key": shown.display_key,
        "is_excluded": shown.is_excluded,
    }


def _within(part: Part) -> str:
    if part.inside:
        return f"{DATASET} and r.record_id = any(%(targets)s::text[])"
    return f"{DATASET} and r.record_id <> all(%(targets)s::text[])" if part.targets else DATASET


def _part(part: Part) -> dict[str, object]:
    return {"dataset_id": part.dataset_id, "targets": part.targets}


async def last_push(tx: Tx, dataset_id: int) -> datetime | None:
    """When the newest record of a dataset was written."""
    moment: datetime | None = await tx.value(
        "select max(updated_at) from records where account_id = %(account_id)s and dataset_id = %(dataset_id)s",
        dataset_id=dataset_id,
    )
    return moment


class Evaluated(Struct, frozen=True, kw_only=True):
    """A group of a run that judged single records, and the dataset that it saw."""

    group_number: int
    group: Group
    dataset_id: int
    display_key: str


async def page_passing(tx: Tx, part: Slice, about: "Passed") -> list[Passing]:
    """A page of the records that pass."""
    values = Values()
    return await tx.page(Passing, _passing(about, values), part, key="position", **values.named, **about.named)


async def count_passing(tx: Tx, about: "Passed") -> int:
    """How many they are."""
    values = Values()
    return await tx.count(_passing(about, values), **values.named, **about.named)


class Passed(Struct, frozen=True, kw_only=True):
    """Whose passing records are meant: those of a run at `seen_at`. What came or changed later it knows nothing of."""

    groups: list[Evaluated]
    monitor_id: int
    seen_at: datetime

    @property
    def named(self) -> dict[str, object]:
        return {"monitor_id": self.monitor_id, "seen_at": self.seen_at, "now": self.seen_at}


def _passing(about: Passed, values: Values) -> str:
    """A select of them, ending in its conditions. No group: of no records."""
    # One record may pass several groups, and a page may end between. Of one group the index has the order.
    most = len(about.groups)
    positions = [f"r.position * {most} + {place}" for place in range(most)] if most > 1 else ["r.position"]
    selects = [_passing_of(each, place, values) for each, place in zip(about.groups, positions, strict=True)]
    return f"""
        select * from ({" union all ".join(selects)}) p
        where p.updated_at <= %(seen_at)s and not exists (
            select from monitor_exclusions x
            where x.account_id = %(account_id)s and x.monitor_id = %(monitor_id)s and x.target_id = p.record_id
        )
    """


def _passing_of(evaluated: Evaluated, position: str, values: Values) -> str:
    condition = judged_by(evaluated.group)
    met = f"({predicate(condition, 'r.attributes', values)}) is true" if condition is not None else "true"
    return f"""
        select r.record_id, {position} as position, {evaluated.group_number:d} as group_number,
            {_display_name(values.text(evaluated.display_key))} as target_name,
            {TAGS} as tags, r.created_at, r.updated_at
        from records r
        where r.account_id = %(account_id)s and r.dataset_id = {values.integer(evaluated.dataset_id)}
            and {in_scope(evaluated.group.filtering, values)} and {met}
    """
