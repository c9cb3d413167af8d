"""Runs: what they count, what they keep, and what follows from them."""

import math
import time
from datetime import timedelta

import pytest
from msgspec import structs

from tests.factories import Account
from tests.monitors.cast import HIGH, events, fresh, group, leaf
from tests.monitors.runs import OPEN, causes, counts, failures, passes, quiet, run, tried
from tests.records.cast import connect, row
from tests.trust.cast import act
from trustwright.db import MOST_BESIDE, Slice, Tx
from trustwright.errors import Invalid
from trustwright.monitors import actions, concluding, evaluation, history, store
from trustwright.monitors.evaluation import Part, Tally
from trustwright.monitors.model import AlreadyRunning, Cause, Run, TooSlow
from trustwright.settings import Settings


def test_a_run_keeps_its_counts_its_data_and_every_failure_with_its_reasons(acme: Account) -> None:
    resource = connect(acme)
    resource.stage("march", "low", level=1)
    resource.upload("march", [row("high", level=9), {"id": "none", "name": "No level"}])
    resource.complete("march")
    test = quiet(resource)

    made, outcome = run(acme, test)

    assert counts(made) == counts(outcome) == ("FAILED", 3, 1, 2)
    (seen,) = made.groups
    assert (seen.session_id, seen.seen, seen.provider_name) == ("march", 3, "Devices")
    assert seen.dataset_id in resource.datasets()
    low, none = failures(acme, made)
    assert (low.target_id, none.target_id, none.target_name) == ("low", "none", "No level")
    said = {"fact": "level", "path": None, "operator": "greaterThan", "value": 3, "result": False}
    assert low.cause == [{**said, "factResult": 1}]
    assert none.cause == [{**said, "factResult": None, "missing": True}]
    assert passes(acme, test, made) == ["high"]


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("type_", ["boolean", ["boolean", "null"], ["boolean", "string"]])
def test_a_flag_is_what_json_says_it_is_whatever_else_its_schema_allows(
    acme: Account, type_: str | list[str], *, wanted: bool
) -> None:
    texts = {"id": {"type": "string"}, "name": {"type": "string"}}
    resource = connect(acme, schema={"type": "object", "properties": {**texts, "flag": {"type": type_}}})
    met = "yes" if wanted else "no"
    resource.push("yes", flag=True)
    resource.push("no", flag=False)
    resource.push("nothing")
    allowed = {"null": None, "string": "true" if wanted else "false"}
    others = {kind: value for kind, value in allowed.items() if kind in type_}
    for kind, value in others.items():
        resource.push(kind, flag=value)

    _, outcome = run(acme, quiet(resource, groups=[group(resource, {"all": [leaf("flag", "equal", wanted)]})]))

    assert set(causes(outcome)) == {"yes", "no", "nothing", *others} - {met}


def test_a_result_becomes_the_monitors_and_remembers_since_when_it_fails(acme: Account) -> None:
    resource = connect(acme)
    test = quiet(resource)
    assert counts(run(acme, test)[0]) == ("READY", 0, 0, 0)
    resource.push("a", level=1)

    first, _ = run(acme, test)
    second, _ = run(acme, test)

    now = fresh(acme, test)
    assert now is not None
    assert (now.status, now.failed_since, now.last_run_id) == ("FAILED", first.finished_at, second.id)
    assert now.last_passed_at is None
    resource.push("a", level=8)
    third, _ = run(acme, test)
    now = fresh(acme, test)
    assert now is not None
    assert (now.status, now.failed_since, now.last_passed_at) == ("PASSED", None, third.finished_at)
    assert [after["evaluated"] for _, _, after in events(acme, "AP_CUSTOM_TEST")] == [0, 1, 1, 1]


def test_old_runs_tell_what_failed_then(acme: Account) -> None:
    resource = connect(acme)
    resource.push("a", level=1)
    test = quiet(resource)
    first, _ = run(acme, test)
    resource.stage("new", "b", level=2)
    resource.complete("new")

    second, _ = run(acme, test)

    assert [failure.target_id for failure in failures(acme, first)] == ["a"]
    assert [failure.target_id for failure in failures(acme, second)] == ["b"]


def test_excluded_records_count_for_nothing_and_outlive_their_session(acme: Account) -> None:
    resource = connect(acme)
    resource.push("a", level=1)
    test = quiet(resource)
    act(acme, lambda tx: actions.exclude(tx, test, "a", "Known"))
    resource.stage("new", "a", level=1)
    resource.complete("new")

    made, outcome = run(acme, test)

    assert counts(made) == ("PASSED", 0, 0, 0)
    assert (made.excluded, outcome.failures) == (1, [])
    assert failures(acme, made) == []
    (hidden,) = failures(acme, made, include_excluded=True)
    assert (hidden.target_id, hidden.is_excluded) == ("a", True)


def test_records_that_the_criteria_leave_out_are_out_of_scope(acme: Account) -> None:
    resource = connect(acme)
    resource.post([row("a", level=1), row("b", level=5), {"id": "c", "name": "c"}])
    only_b = {"all": [leaf("name", "equal", "b")]}
    low = {"all": [leaf("level", "lessThan", 4)]}

    included = tried(resource, groups=[group(resource, filteringCriteria={"mode": "inclusion", "evaluator": low})])
    excluded = tried(resource, groups=[group(resource, filteringCriteria={"mode": "exclusion", "evaluator": low})])
    nothing = {"mode": "exclusion", "evaluator": {"any": [only_b, {"not": only_b}]}}
    empty = tried(resource, groups=[group(resource, filteringCriteria=nothing)])

    assert (included.evaluated, included.out_of_scope, included.out_of_scope_missing) == (1, 2, 1)
    # Of what lacks the field it is not known that it may be left out, so it stays and is seen.
    assert (excluded.evaluated, excluded.out_of_scope, list(causes(excluded))) == (2, 1, ["c"])
    assert (counts(empty), empty.groups[0].note) == (("PASSED", 0, 0, 0), "No record is in scope")


@pytest.mark.parametrize(
    ("population", "status", "measured"),
    [
        ({"kind": "count", "operator": "greaterThanOrEqual", "value": 3}, "PASSED", 3),
        ({"kind": "count", "where": HIGH, "operator": "greaterThan", "value": 2}, "FAILED", 2),
        ({"kind": "exists", "where": HIGH}, "PASSED", 2),
        ({"kind": "exists", "where": {"all": [leaf("level", "equal", 99)]}}, "FAILED", 0),
        ({"kind": "percent", "where": HIGH, "operator": "greaterThanOrEqual", "value": 66}, "PASSED", 200 / 3),
        ({"kind": "percent", "where": HIGH, "operator": "greaterThanOrEqual", "value": 67}, "FAILED", 200 / 3),
        ({"kind": "unique", "fact": "name"}, "PASSED", 0),
        ({"kind": "unique", "fact": "level"}, "FAILED", 2),
        ({"kind": "freshness", "withinHours": 1}, "PASSED", None),
    ],
)
def test_a_population_is_checked_as_a_whole(acme: Account, population: dict, status: str, measured: float) -> None:  # type: ignore[type-arg]
    resource = connect(acme)
    resource.post([row("a", level=7), row("b", level=7), row("c", level=1)])

    outcome = tried(resource, groups=[group(resource, population=population)])

    assert outcome.status == status
    assert outcome.passed == outcome.evaluated - outcome.failed
    assert bool(outcome.failures) == (status == "FAILED")
    if measured is not None:
        assert outcome.groups[0].measured == measured


def test_doubles_are_named_one_by_one(acme: Account) -> None:
    resource = connect(acme, schema=OPEN)
    resource.post([row("a", email="x@y.test"), row("b", email="x@y.test"), row("c", email=None), row("d", email=None)])

    unique = {"kind": "unique", "fact": "email"}
    outcome = tried(resource, groups=[group(resource, population=unique)], allowUnknownFields=True)

    assert counts(outcome) == ("FAILED", 4, 2, 2)
    said = {"fact": "email", "path": None, "operator": "unique", "result": False, "factResult": "x@y.test"}
    assert causes(outcome) == {"a": [said], "b": [said]}


def test_data_that_nobody_pushed_for_too_long_fails(acme: Account) -> None:
    resource = connect(acme)
    resource.push("a", level=9)
    fresh_ = {"kind": "freshness", "withinHours": 24}

    async def age(tx: Tx) -> None:
        await tx.run("update records set updated_at = now() - interval '25 hours' where account_id = %(account_id)s")

    act(acme, age)
    outcome = tried(resource, groups=[group(resource, population=fresh_)])

    (failure,) = outcome.failures
    assert (outcome.status, failure.target_id) == ("FAILED", f"resource:{resource.id}")


def test_staged_records_can_be_tried_before_they_are_live(acme: Account) -> None:
    resource = connect(acme)
    resource.push("a", level=9)
    resource.stage("next", "b", level=1)

    assert counts(tried(resource)) == ("PASSED", 1, 1, 0)
    assert counts(tried(resource, session_id="next")) == ("FAILED", 1, 0, 1)
    with pytest.raises(Invalid, match="has a session other"):
        tried(resource, session_id="other")


def test_a_thousand_failures_are_explained_and_all_are_kept(acme: Account) -> None:
    resource = connect(acme)
    for begin in (0, 600):
        resource.post([row(f"{number:04}", level=1) for number in range(begin, begin + 600)])
    test = quiet(resource)

    made, outcome = run(acme, test)

    assert (made.failed, len(outcome.failures)) == (1200, 100)
    names = [f"{number:04}" for number in range(1200)]
    assert in_pages(acme, made, descending=False) == names
    assert in_pages(acme, made, descending=True) == names[::-1]
    assert [bool(failure.cause) for failure in failures(acme, made)] == [True] * 1000 + [False] * 200
    act(acme, lambda tx: actions.exclude(tx, test, "1100", "Known"))
    act(acme, lambda tx: actions.exclude(tx, test, "0100", "Known"))
    left = [name for name in names if name not in ("0100", "1100")]
    assert in_pages(acme, made, descending=False) == left
    assert in_pages(acme, made, descending=True) == left[::-1]


def in_pages(account: Account, run_: Run, *, descending: bool) -> list[str]:
    """The targets of all failures that are not excluded, fetched in pages; their number is counted too."""

    async def read(tx: Tx) -> list[str]:
        found: list[str] = []
        after = None
        while True:
            part = Slice(column="created_at", descending=descending, limit=190, after=after)
            page = await history.page_failures(tx, part, run_.id, monitor_id=run_.monitor_id, include_excluded=False)
            found += [failure.target_id for failure in page]
            if len(page) < part.limit:
                break
            after = (None, page[-1].position)
        counted = await history.count_failures(tx, run_.id, monitor_id=run_.monitor_id, include_excluded=False)
        assert counted == len(found)
        return found

    return act(account, read)


def test_a_scan_that_is_shared_out_finds_what_one_reader_finds(acme: Account) -> None:
    resource = connect(acme)
    resource.post([row(f"{number:03}", level=number % 5) for number in range(900)])
    test = quiet(resource)
    (dataset_id,) = resource.datasets()
    database = acme.world.database

    async def scanned(most: int) -> tuple[int, Tally]:
        async with database.read(acme.who) as tx, database.beside(tx, most) as helpers:
            definition = await actions.definition_of(tx, test.id, 1)
            pages = await tx.value("select pg_relation_size('records') / 8192")
            part = Part(dataset_id=dataset_id, pages=pages, display_key="name", targets=[], inside=False)
            (tally,) = await evaluation.scan([tx, *helpers], part, definition.groups, tx.now, math.inf)
            return len(helpers), tally

    alone, whole = acme.world.run(scanned(0))
    helped, shared = acme.world.run(scanned(2))

    assert (alone, helped) == (0, 2)
    assert (whole.seen, whole.failed) == (900, 720)
    assert structs.replace(shared, failing=ordered(shared)) == structs.replace(whole, failing=ordered(whole))


@pytest.mark.parametrize(("pages", "readers"), [(1, 2), (7, 2), (50_000, 2), (50_001, 5), (1_000_000, 3)])
def test_shares_leave_no_page_out_and_become_smaller(pages: int, readers: int) -> None:
    found = list(evaluation.shares(pages, readers))

    assert [first for first, _ in found] == [0, *(last for _, last in found[:-1])]
    assert found[-1][1] > pages
    assert len(found) < 80
    sizes = [last - first for first, last in found[:-1]]
    assert sizes == sorted(sizes, reverse=True)


def test_no_share_is_begun_after_the_deadline(acme: Account) -> None:
    resource = connect(acme)
    resource.post([row(f"{number:03}", level=1) for number in range(900)])
    test = quiet(resource)
    (dataset_id,) = resource.datasets()
    database = acme.world.database

    async def scanned() -> None:
        async with database.read(acme.who) as tx, database.beside(tx, 1) as helpers:
            definition = await actions.definition_of(tx, test.id, 1)
            part = Part(dataset_id=dataset_id, pages=10, display_key="name", targets=[], inside=False)
            await evaluation.scan([tx, *helpers], part, definition.groups, tx.now, time.monotonic())

    with pytest.raises(TooSlow):
        acme.world.run(scanned())


def ordered(tally: Tally) -> str:
    """The failing records, whoever found them first."""
    return ",".join(sorted(tally.failing.strip("{}").split(",")))


def test_helpers_that_others_have_are_not_waited_for(acme: Account) -> None:
    database = acme.world.database

    async def helped() -> list[int]:
        async with database.read(acme.who) as tx, database.beside(tx, 3) as some, database.beside(tx, 3) as left:
            for helper in [*some, *left]:
                assert await helper.value("select count(*) from accounts") == 1
            return [len(some), len(left)]

    assert acme.world.run(helped()) == [3, MOST_BESIDE - 3]


def test_a_deleted_resource_is_an_error_that_says_so(acme: Account) -> None:
    resource = connect(acme)
    resource.push("a", level=1)
    test = quiet(resource)
    before, _ = run(acme, test)
    assert resource.alice.delete(f"/public/v2/custom-connections/{resource.connection_id}").status_code == 204

    made, _ = run(acme, test)

    assert (made.status, fresh(acme, test).status) == ("ERROR", "ERROR")  # type: ignore[union-attr]
    assert "deleted" in (made.message or "")
    assert [failure.target_id for failure in failures(acme, before)] == ["a"]


def test_a_run_that_takes_too_long_is_an_error(acme: Account) -> None:
    resource = connect(acme)
    resource.push("a", level=1)
    test = quiet(resource)

    made, _ = run(acme, test, Settings(monitor_time_limit=0))

    assert made.status == "ERROR"
    assert "TRUSTWRIGHT_MONITOR_TIME_LIMIT" in (made.message or "")


def test_a_definition_that_cannot_be_read_any_more_is_an_error(acme: Account) -> None:
    test = quiet(connect(acme))

    async def spoil(tx: Tx) -> None:
        await store.insert_version(tx, test.id, 2, '{"groups": [{"evaluator": {"all": [{"operator": "was"}]}}]}')
        await store.set_version(tx, test.id, 2)

    act(acme, spoil)
    made, _ = run(acme, test)

    assert (made.status, made.version) == ("ERROR", 2)
    assert "cannot be read any more: groups[0]" in (made.message or "")


def test_a_statement_is_stopped_at_the_limit(acme: Account) -> None:
    resource = connect(acme)
    resource.post([row(f"{number}", level=1) for number in range(1000)])
    (dataset_id,) = resource.datasets()

    async def scan(tx: Tx) -> None:
        slow = [await actions.definition_of(tx, quiet_.id, 1)]
        await evaluation.prepare([tx], 0.001)
        part = Part(dataset_id=dataset_id, display_key="name", targets=[], inside=False)
        await evaluation.scan([tx], part, slow[0].groups * 200, tx.now, math.inf)

    quiet_ = quiet(resource)
    with pytest.raises(TooSlow):
        act(acme, scan)


def test_one_run_at_a_time(acme: Account) -> None:
    resource = connect(acme)
    test = quiet(resource)
    act(acme, lambda tx: concluding.begin(tx, test.id, Cause.MANUAL, 60))

    with pytest.raises(AlreadyRunning):
        run(acme, test)


def test_a_monitor_looks_again_when_its_data_grows_stale(acme: Account) -> None:
    resource = connect(acme)
    resource.push("a", level=9)
    fresh_ = {"kind": "freshness", "withinHours": 2}
    test = quiet(resource, groups=[group(resource, population=fresh_)])

    async def enable(tx: Tx) -> None:
        await store.set_enabled(tx, test.id, is_enabled=True, disabled_by_id=None, disabled_message=None)

    act(acme, enable)
    made, _ = run(acme, test)

    now = fresh(acme, test)
    assert now is not None
    assert made.finished_at is not None
    assert now.due_at is not None
    assert now.due_at < made.finished_at + timedelta(hours=2, minutes=1)


def test_groups_on_the_same_records_agree_with_groups_alone(acme: Account) -> None:
    resource = connect(acme)
    resource.post([row("a", level=1), row("b", level=5)])
    low = {"all": [leaf("level", "lessThan", 4)]}

    both = tried(resource, groups=[group(resource), group(resource, low)], validationRequirement="AT_MOST_ONE_FAIL")

    assert [each.failed for each in both.groups] == [1, 1]
    assert [(failure.group_number, failure.target_id) for failure in both.failures] == [(0, "a"), (1, "b")]
    assert both.status == "FAILED"


def test_uploads_have_their_monitors_run(acme: Account) -> None:
    resource = connect(acme)
    test = quiet(resource)

    async def enable(tx: Tx) -> None:
        await store.set_enabled(tx, test.id, is_enabled=True, disabled_by_id=None, disabled_message=None)
        await store.set_due(tx, test.id, None)

    act(acme, enable)
    resource.push("a", level=1)

    deadline = time.monotonic() + 40
    while (now := fresh(acme, test)) is None or now.status != "FAILED":
        assert time.monotonic() < deadline, now
        time.sleep(0.3)
