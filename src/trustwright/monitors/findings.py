"""SQL of what a scan found: the records that fail, with their reasons, and those that pass."""

from datetime import datetime

from msgspec import Struct

from trustwright.db import Slice, Tx
from trustwright.monitors.causes import causes
from trustwright.monitors.conditions import rendered_term
from trustwright.monitors.evaluation import DATASET, display_name, in_scope, judged_by, refusing, target
from trustwright.monitors.model import EXPLAINED, Failure, Group, Passing, Population
from trustwright.monitors.predicates import RECORD, Values, predicate, reading

# How many failures stand in one row behind the first thousand.
LIST = 10_000

TAGS = "case jsonb_typeof(r.attributes -> 'tags') when 'object' then r.attributes -> 'tags' end"


class Shown(Struct, frozen=True, kw_only=True):
    """How failures are written down. `first`: the position of the first one. `is_excluded`: they count for nothing."""

    group_number: int
    first: int
    is_excluded: bool


async def keep_failures(
    tx: Tx, run_id: int, dataset_id: int, group: Group, failing: str, shown: Shown, now: datetime
) -> None:
    """Writes down the records of a list, the first thousand of a run with reasons. Raises CannotEvaluate."""
    values = Values()
    with refusing():
        await tx.run(
            f"""
            with {LISTED}, explained as (
                insert into monitor_failures (account_id, run_id, position, group_number, target_id, target_name,
                    is_excluded, tags, cause)
                select %(account_id)s, %(run_id)s, failing.* from ({_explained(group, values)}) as failing
            )
            insert into monitor_failure_lists (account_id, run_id, first_position, group_number, is_excluded, lines)
            select %(account_id)s, %(run_id)s, %(first)s + before, %(group_number)s, %(is_excluded)s,
                sorted.lines[before + 1:before + {LIST}]
            from sorted
            cross join generate_series(greatest({EXPLAINED} - %(first)s, 0), cardinality(lines) - 1, {LIST}) as before
            """,
            run_id=run_id,
            now=now,
            **values.named,
            **_listed(dataset_id, failing, shown),
        )


async def show_failures(
    tx: Tx, dataset_id: int, group: Group, failing: str, shown: Shown, limit: int, now: datetime
) -> list[Failure]:
    """The first records of a list, a thousand at most, with their reasons, written down nowhere. Raises
    CannotEvaluate."""
    values = Values()
    with refusing():
        return await tx.all(
            Failure,
            f"""
            with {LISTED}
            select failing.*, %(now)s::timestamptz as created_at, %(now)s::timestamptz as updated_at
            from ({_explained(group, values)}) as failing
            order by position limit %(limit)s
            """,
            limit=limit,
            now=now,
            **values.named,
            **_listed(dataset_id, failing, shown),
        )


# Failing records in the order of their ids, so that the same ones are explained each time, and the first of them.
LISTED = f"""
    sorted as materialized (
        select array(select line from unnest(%(failing)s::text[]) as line order by line collate "C") as lines
    ), listed as materialized (
        select line as lines, (%(first)s + place - 1)::integer as position
        from sorted cross join lateral unnest(sorted.lines[1:{EXPLAINED}]) with ordinality as each (line, place)
    )
"""


def _explained(group: Group, values: Values) -> str:
    """A select of those among `listed` whose reasons are told. The limit has their records looked up one by one, where
    the planner would rather read the whole index along."""
    condition = judged_by(group)
    truths, reasons = "select 1", "'[]'::jsonb"
    if condition is not None:
        explained = causes(condition, RECORD, values)
        truths, reasons = f"select {explained.truths}", explained.reasons
    elif isinstance(group.check, Population) and group.check.term is not None:
        said = {"path": None, **rendered_term(group.check.term), "operator": "unique", "result": False}
        value = reading(group.check.term, RECORD, values)
        reasons = f"jsonb_build_array({values.json(said)} || jsonb_build_object('factResult', {value}))"
    return f"""
        select listed.position, %(group_number)s::smallint as group_number, {target("lines")},
            %(is_excluded)s::boolean as is_excluded, {TAGS} as tags, {reasons} as cause
        from listed
        cross join lateral (
            select * from records r where {DATASET} and r.record_id = split_part(lines, e'\\n', 1) limit 1
        ) r
        cross join lateral ({truths}) leaf
        where listed.position < {EXPLAINED}
    """


def _listed(dataset_id: int, failing: str, shown: Shown) -> dict[str, object]:
    return {
        "dataset_id": dataset_id,
        "failing": failing,
        "first": shown.first,
        "group_number": shown.group_number,
        "is_excluded": shown.is_excluded,
    }


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
            {display_name(values.text(evaluated.display_key))} as target_name,
            {TAGS} as tags, r.created_at, r.updated_at
        from records r
        where r.account_id = %(account_id)s and r.dataset_id = {values.integer(evaluated.dataset_id)}
            and {in_scope(evaluated.group.filtering, values)} and {met}
    """
