"""Twenty monitors as a team would write them do what their files say, on the real database."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.factories import Account, World
from tests.monitors.cookbook import NAMES, Expectation, draft_of, expectations, recipe, resources
from trustwright.monitors.actions import create_monitor
from trustwright.monitors.conditions import Operator
from trustwright.monitors.model import Cause, Failure, Outcome, Run
from trustwright.monitors.running import run_monitor
from trustwright.settings import Settings


@pytest.fixture(scope="module")
def cook(world: World) -> Account:
    return world.account("Cook")


@cache
def ran(cook: Account, name: str) -> tuple[Run, Outcome]:
    """A recipe in an account, run once."""
    world, who = cook.world, cook.who

    async def run() -> tuple[Run, Outcome]:
        async with world.database.begin(who) as tx:
            monitor = await create_monitor(tx, cook.workspace_id, await draft_of(tx, cook.workspace_id, recipe(name)))
        settings = Settings(data_dir=Path("/nonexistent"))
        return await run_monitor(world.database, who, settings, monitor.id, Cause.MANUAL)

    return world.run(run())


def expected_of(name: str) -> list[Expectation]:
    return [each for resource in resources(recipe(name)).values() for each in expectations(resource)]


def failures_by_id(outcome: Outcome) -> dict[str, Failure]:
    return {each.target_id: each for each in outcome.failures if not each.target_id.startswith("resource:")}


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_fails_the_records_that_it_should_and_no_other(cook: Account, name: str) -> None:
    _, outcome = ran(cook, name)

    assert set(failures_by_id(outcome)) == {each.record_id for each in expected_of(name) if each.outcome == "fail"}


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_comes_to_what_it_says(cook: Account, name: str) -> None:
    run, outcome = ran(cook, name)
    totals = dict(recipe(name)["expected"])
    measured, statuses = totals.pop("measured", None), totals.pop("groups", None)

    found = {
        "status": outcome.status.value,
        "evaluated": outcome.evaluated,
        "passed": outcome.passed,
        "failed": outcome.failed,
        "outOfScope": outcome.out_of_scope,
        "outOfScopeMissing": outcome.out_of_scope_missing,
    }
    assert {key: found[key] for key in totals} == totals
    assert measured is None or [group.measured for group in outcome.groups] == measured
    assert statuses is None or [group.status.value for group in outcome.groups] == statuses
    assert (run.status, run.failed) == (outcome.status, outcome.failed)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_says_why_a_record_fails(cook: Account, name: str) -> None:
    _, outcome = ran(cook, name)
    failures = failures_by_id(outcome)

    for each in expected_of(name):
        if each.because is not None:
            causes = failures[each.record_id].cause or []
            assert any(_says(cause, each.because) for cause in causes), (each, causes)


@pytest.mark.parametrize("name", NAMES)
def test_every_record_that_fails_has_a_reason(cook: Account, name: str) -> None:
    _, outcome = ran(cook, name)

    assert [each.target_id for each in outcome.failures if not each.cause] == []


def test_recipes_use_every_operator_and_all_that_a_monitor_can_say() -> None:
    monitors = [recipe(name)["monitor"] for name in NAMES]
    groups = [group for monitor in monitors for group in monitor["groups"]]

    assert len(NAMES) == 20
    assert {word for monitor in monitors for word in _operators(monitor)} >= {each.value for each in Operator}
    assert {group["filteringCriteria"]["mode"] for group in groups if "filteringCriteria" in group} == {
        "exclusion",
        "inclusion",
    }
    assert {group["population"]["kind"] for group in groups if "population" in group} == {
        "count",
        "exists",
        "percent",
        "unique",
        "freshness",
    }
    assert {monitor.get("validationRequirement", "ALL_PASS") for monitor in monitors} == {
        "ALL_PASS",
        "ANY_PASS",
        "AT_MOST_ONE_FAIL",
    }


def test_every_trap_says_why() -> None:
    traps = [
        trap
        for name in NAMES
        for resource in resources(recipe(name)).values()
        for trap in resource["records"].get("traps", [])
    ]

    assert len(traps) > 100
    assert [trap for trap in traps if set(trap) != {"record", "expect", "why"}] == []
    assert {trap["expect"] for trap in traps} == {"pass", "fail", "outOfScope"}


def _says(cause: dict[str, Any], because: dict[str, Any]) -> bool:
    return {key: cause.get(key) for key in because} == because


def _operators(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "fact" in value and "operator" in value:
            yield value["operator"]
        for inner in value.values():
            yield from _operators(inner)
    if isinstance(value, list):
        for inner in value:
            yield from _operators(inner)
