"""What groups and runs come to: rules."""

from datetime import UTC, datetime, timedelta

import pytest

from trustwright.monitors.conditions import Operator
from trustwright.monitors.model import (
    Definition,
    Group,
    OnEmpty,
    Population,
    PopulationKind,
    Requirement,
    ResultStatus,
)
from trustwright.monitors.outcomes import combined, group_status, measure, next_due

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LETTERS = {"P": ResultStatus.PASSED, "F": ResultStatus.FAILED, "R": ResultStatus.READY}


@pytest.mark.parametrize(
    ("groups", "all_pass", "any_pass", "one_may_fail"),
    [
        ("P", "P", "P", "P"),
        ("F", "F", "F", "P"),
        ("R", "R", "R", "R"),
        ("PP", "P", "P", "P"),
        ("PF", "F", "P", "P"),
        ("FF", "F", "F", "F"),
        ("PR", "R", "P", "P"),
        ("FR", "F", "R", "R"),
        ("RR", "R", "R", "R"),
        ("PFR", "F", "P", "R"),
        ("FFR", "F", "R", "F"),
        ("PRR", "R", "P", "R"),
    ],
)
def test_groups_come_to_a_result_by_the_requirement(
    groups: str, all_pass: str, any_pass: str, one_may_fail: str
) -> None:
    statuses = [LETTERS[letter] for letter in groups]

    assert combined(Requirement.ALL, statuses) is LETTERS[all_pass]
    assert combined(Requirement.ANY, statuses) is LETTERS[any_pass]
    assert combined(Requirement.AT_MOST_ONE_FAIL, statuses) is LETTERS[one_may_fail]


@pytest.mark.parametrize("on_empty", OnEmpty)
def test_a_resource_without_records_comes_to_what_the_monitor_says_of_it(on_empty: OnEmpty) -> None:
    assert group_status(on_empty, seen=0, failed=0).value == on_empty.value
    assert group_status(on_empty, seen=5, failed=0) is ResultStatus.PASSED
    assert group_status(on_empty, seen=5, failed=1) is ResultStatus.FAILED


@pytest.mark.parametrize(
    ("operator", "passing"),
    [
        (Operator.EQUAL, [10]),
        (Operator.NOT_EQUAL, [9, 11]),
        (Operator.GREATER_THAN, [11]),
        (Operator.GREATER_THAN_OR_EQUAL, [10, 11]),
        (Operator.LESS_THAN, [9]),
        (Operator.LESS_THAN_OR_EQUAL, [9, 10]),
    ],
)
def test_a_count_is_compared(operator: Operator, passing: list[int]) -> None:
    check = Population(kind=PopulationKind.COUNT, operator=operator, value=10)

    found = [
        count for count in (9, 10, 11) if measure(check, evaluated=20, matching=count, pushed_at=None, now=NOW).passes
    ]

    assert found == passing


def test_of_no_records_there_is_no_share_and_nothing_that_could_be_double() -> None:
    share = Population(kind=PopulationKind.PERCENT, operator=Operator.GREATER_THAN, value=0)
    unique = Population(kind=PopulationKind.UNIQUE)

    assert measure(share, evaluated=0, matching=0, pushed_at=None, now=NOW).passes is None
    assert measure(unique, evaluated=0, matching=0, pushed_at=None, now=NOW).passes is None


def test_a_share_of_exactly_what_is_wanted_is_enough() -> None:
    share = Population(kind=PopulationKind.PERCENT, operator=Operator.GREATER_THAN_OR_EQUAL, value=95)

    assert measure(share, evaluated=100, matching=95, pushed_at=None, now=NOW).passes
    assert not measure(share, evaluated=1000, matching=949, pushed_at=None, now=NOW).passes


def test_what_was_never_pushed_is_not_fresh() -> None:
    check = Population(kind=PopulationKind.FRESHNESS, value=24)
    ages = [None, timedelta(hours=24, seconds=1), timedelta(hours=24), timedelta(0)]

    found = [
        measure(check, evaluated=1, matching=0, pushed_at=age if age is None else NOW - age, now=NOW).passes
        for age in ages
    ]

    assert found == [False, False, True, True]


def test_the_next_run_is_due_when_the_data_grows_stale_and_a_day_later_at_the_latest() -> None:
    def due(hours: float, pushed: timedelta) -> timedelta:
        check = Population(kind=PopulationKind.FRESHNESS, value=hours)
        group = Group(connection_id=1, resource_id=1, filtering=None, check=check)
        definition = Definition(
            requirement=Requirement.ALL, on_empty=OnEmpty.READY, allow_unknown=False, groups=[group]
        )
        return next_due(definition, [NOW - pushed], NOW) - NOW

    assert due(6, timedelta(hours=1)) == timedelta(hours=5, seconds=1)
    assert due(72, timedelta(hours=1)) == timedelta(days=1)
    assert due(6, timedelta(hours=7)) == timedelta(days=1)
