"""The one scan of a run: counts, and the ids of the records that fail, in a statement that runs in parallel."""

import asyncio
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar, cast

import psycopg
from msgspec import Struct

from trustwright.db import Tx
from trustwright.monitors.conditions import Condition, Term
from trustwright.monitors.model import (
    CannotEvaluate,
    Filtering,
    FilterMode,
    Group,
    Population,
    PopulationKind,
    TooSlow,
)
from trustwright.monitors.predicates import RECORD, Values, predicate, reading

T = TypeVar("T")

# What the data can bring about, and no fault of ours.
UNFIT = (psycopg.errors.DataError, psycopg.errors.InsufficientResources, psycopg.errors.ProgramLimitExceeded)

# From so many rows on it pays to share them out.
MANY = 100_000
LAST_PAGE = 2**32 - 1
# No share is smaller than this part of the table: each costs a statement.
SMALLEST = 32
# The records on some pages.
SHARE = "and r.ctid >= %(first)s::tid and r.ctid < %(last)s::tid"

# For the transaction.
SETTING = """
    select set_config(name, value, true) from unnest(%(names)s::text[], %(values)s::text[]) as each (name, value)
"""

# The records of a dataset, and what one of them is called.
DATASET = "r.account_id = %(account_id)s and r.dataset_id = %(dataset_id)s"


def display_name(key: str) -> str:
    return f"coalesce(nullif(r.attributes ->> {key}, ''), r.record_id)"


# A record by its id and its name. No id has a line break.
LINES = f"r.record_id || e'\\n' || {display_name('%(display_key)s::text')}"


def target(lines: str) -> str:
    """Such a record taken apart."""
    return f"split_part({lines}, e'\\n', 1) as target_id, substr({lines}, strpos({lines}, e'\\n') + 1) as target_name"


class Tally(Struct, frozen=True, kw_only=True):
    """What a scan found for one group. `matching`: records in scope that meet the condition of a population check, or
    whose value nobody shares. `failing`: those that fail, id and name of each on two lines, as PostgreSQL writes an
    array."""

    seen: int
    out_of_scope: int
    out_of_scope_missing: int
    matching: int
    failed: int
    failing: str


class Part(Struct, frozen=True, kw_only=True):
    """Which records of a dataset are looked at: those with one of these ids, or without. `display_key`: where their
    names stand. `textless`: their fields that hold no text. `pages`: of how many pages the readers take their share;
    None where one reads alone."""

    dataset_id: int
    pages: int | None = None
    display_key: str
    textless: frozenset[str] = frozenset()
    targets: list[str]
    inside: bool


@contextmanager
def refusing() -> Iterator[None]:
    """Raises TooSlow, CannotEvaluate."""
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        raise TooSlow from error
    except UNFIT as error:
        raise CannotEvaluate(f"The database could not evaluate the conditions: {error.diag.message_primary}") from error


async def prepare(readers: list[Tx], seconds: float) -> None:
    """Sets how long each of the next statements may take; raises TooSlow when nothing is left. They are planned for
    their very values, for only so the planner knows how large a dataset is; compiling them would cost more than it
    saves. Several readers start no processes of their own. The commit does not wait for the disk: that of the run's
    end, which comes later, does so for both."""
    if seconds <= 0:
        raise TooSlow
    settings = {
        "statement_timeout": str(max(1, int(seconds * 1000))),
        "jit": "off",
        "plan_cache_mode": "force_custom_plan",
        "synchronous_commit": "off",
    }
    if len(readers) > 1:
        settings["max_parallel_workers_per_gather"] = "0"
    names, values = list(settings), list(settings.values())
    set_all = (
        "select set_config(name, value, true) from unnest(%(names)s::text[], %(values)s::text[]) as s(name, value)"
    )
    await _together([reader.run(set_all, names=names, values=values) for reader in readers])


async def scan(readers: list[Tx], part: Part, groups: list[Group], now: datetime, deadline: float) -> list[Tally]:
    """Judges every record of a dataset by all groups that are about it, in one pass. A table that has to be read as a
    whole is shared out among the readers, who see the same moment: that spares the database to start processes which
    first have to get to know its memory. `deadline`: by the monotonic clock. Raises CannotEvaluate, TooSlow."""
    values = Values(part.textless)
    columns = [column for number, group in enumerate(groups) for column in _columns(group, number, values)]
    statement = f"select count(*) as seen, {', '.join(columns)} from records r where {_within(part)}"
    named = {**values.named, **_part(part), "now": now}
    if part.pages is None or len(readers) == 1:
        return _tallies(await _scan(readers[0], statement, named), len(groups))
    left = shares(part.pages, len(readers))

    async def read(reader: Tx) -> list[dict[str, Any]]:
        found = []
        for first, last in left:
            if time.monotonic() > deadline:
                raise TooSlow
            share = {"first": f"({first},0)", "last": f"({last},0)"}
            found.append(await _scan(reader, f"{statement} {SHARE}", {**named, **share}))
        return found

    found = [each for several in await _together(list(map(read, readers))) for each in several]
    return [_sum(parts) for parts in zip(*(_tallies(each, len(groups)) for each in found), strict=True)]


def shares(pages: int, readers: int) -> Iterator[tuple[int, int]]:
    """Which pages whoever is free reads next: from the first up to the last, which is not among them. They become fewer
    and fewer, so that all end at the same time, also when the machine holds one of them up."""
    least, first = max(1, pages // SMALLEST), 0
    while pages - first > least:
        last = first + max(least, (pages - first) // (2 * readers))
        yield first, last
        first = last
    yield first, LAST_PAGE


async def _together(parts: list[Coroutine[Any, Any, T]]) -> list[T]:
    """What they come to. When one fails the others are waited for all the same: each has a connection."""
    found = await asyncio.gather(*parts, return_exceptions=True)
    for each in found:
        if isinstance(each, BaseException):
            raise each
    return cast(list[T], found)


async def _scan(tx: Tx, statement: str, named: dict[str, object]) -> dict[str, Any]:
    with refusing():
        return await tx.only(dict[str, Any], statement, **named)


def _tallies(found: dict[str, Any], groups: int) -> list[Tally]:
    names = Tally.__struct_fields__[1:]
    return [Tally(seen=found["seen"], **{name: found[f"{name}{number}"] for name in names}) for number in range(groups)]


async def pages(tx: Tx, dataset_id: int) -> int | None:
    """How many pages the table has, if the planner would read all of them for the very many records of a dataset."""
    plan = await tx.value(
        f"explain (format json) select r.attributes from records r where {DATASET}", dataset_id=dataset_id
    )
    if not reads_everything(plan[0]["Plan"]):
        return None
    return int(await tx.value("select pg_relation_size('records') / current_setting('block_size')::integer"))


def reads_everything(node: dict[str, Any]) -> bool:
    """Whether a plan, as PostgreSQL explains it, has a scan of a whole table with very many rows."""
    if node["Node Type"] == "Seq Scan":
        return bool(node["Plan Rows"] >= MANY)
    return any(map(reads_everything, node.get("Plans", [])))


def _sum(tallies: tuple[Tally, ...]) -> Tally:
    """Several parts of a dataset together."""
    counted = {name: sum(getattr(tally, name) for tally in tallies) for name in Tally.__struct_fields__[:-1]}
    lists = [tally.failing[1:-1] for tally in tallies if tally.failed]
    return Tally(**counted, failing="{" + ",".join(lists) + "}")


def _columns(group: Group, number: int, values: Values) -> list[str]:
    inside = in_scope(group.filtering, values)
    outside = missing = "0"
    if group.filtering is not None:
        outside = f"count(*) filter (where not ({inside}))"
        if group.filtering.mode is FilterMode.INCLUSION:
            exact = predicate(group.filtering.evaluator, RECORD, values, exact=True)
            missing = f"count(*) filter (where ({exact}) is null)"
    matching, failing = "0", "'{}'::text[]"
    condition = judged_by(group)
    if condition is not None:
        met = predicate(condition, RECORD, values)
        failing = f"failing_records({LINES}) filter (where {inside} and ({met}) is not true)"
    if isinstance(group.check, Population) and group.check.kind is not PopulationKind.UNIQUE:
        where = f" and ({predicate(group.check.where, RECORD, values)}) is true" if group.check.where else ""
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
    met = predicate(filtering.evaluator, RECORD, values)
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
    value = reading(term, RECORD, values)
    with refusing():
        return await tx.only(
            Tally,
            f"""
            with valued as (
                select {LINES} as lines, {value} as value from records r where {_within(part)} and {inside}
            ), doubles as (
                select lines from valued
                where value in (
                    select value from valued where value <> 'null'::jsonb group by value having count(*) > 1
                )
            )
            select 0 as seen, 0 as out_of_scope, 0 as out_of_scope_missing,
                (select count(*) from valued) - count(*) as matching, count(*) as failed,
                failing_records(lines)::text as failing
            from doubles
            """,
            **values.named,
            **_part(part),
            now=now,
        )


def _within(part: Part) -> str:
    if part.inside:
        return f"{DATASET} and r.record_id = any(%(targets)s::text[])"
    return f"{DATASET} and r.record_id <> all(%(targets)s::text[])" if part.targets else DATASET


def _part(part: Part) -> dict[str, object]:
    return {"dataset_id": part.dataset_id, "targets": part.targets, "display_key": part.display_key}


async def last_push(tx: Tx, dataset_id: int) -> datetime | None:
    """When the newest record of a dataset was written."""
    moment: datetime | None = await tx.value(
        "select max(updated_at) from records where account_id = %(account_id)s and dataset_id = %(dataset_id)s",
        dataset_id=dataset_id,
    )
    return moment
