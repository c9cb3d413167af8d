"""How controls stand (trust-center 5), as tables."""

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust_page.cast import NOW
from trustwright.errors import Invalid
from trustwright.trust_page.controls import (
    CATEGORIES,
    PUBLIC,
    Category,
    Control,
    ControlStatus,
    PublicStatus,
    by_category,
    failing_since,
    require_newer,
    standing,
)

PASSING, REMEDIATION, FAILING, UNKNOWN = (
    ControlStatus.PASSING,
    ControlStatus.IN_REMEDIATION,
    ControlStatus.FAILING,
    ControlStatus.NOT_MONITORED,
)
SECOND = timedelta(seconds=1)


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def control(**changes: Any) -> Control:
    given: dict[str, Any] = {
        "id": 1,
        "workspace_id": 1,
        "category": Category.DATA_SECURITY,
        "place": 0,
        "code": "AC-1",
        "name": "Encryption",
        "description": "",
        "is_published": True,
        "is_status_displayed": True,
        "interval_days": 1.0,
        "is_passing": None,
        "checked_at": None,
        "failing_since": None,
        "evidence_until": None,
        "created_at": NOW,
        "updated_at": NOW,
        **changes,
    }
    return Control(**given)


@pytest.mark.parametrize(
    ("checked", "failing", "sla_time", "status", "due"),
    [
        # Never tested.
        (None, None, 7, UNKNOWN, None),
        # A test that is run daily: its result counts for two days.
        (ago(hours=1), None, 7, PASSING, None),
        (ago(days=2), None, 7, PASSING, None),
        (ago(days=2) - SECOND, None, 7, UNKNOWN, None),
        # It fails, and is to pass again within so many days.
        (ago(hours=1), ago(hours=1), 7, REMEDIATION, NOW + timedelta(days=7, hours=-1)),
        (ago(hours=1), ago(days=7) + SECOND, 7, REMEDIATION, NOW + SECOND),
        (ago(hours=1), ago(days=7), 7, FAILING, NOW),
        (ago(hours=1), ago(days=30), 7, FAILING, ago(days=23)),
        # Nothing is promised.
        (ago(hours=1), ago(hours=1), 0, FAILING, None),
        # What failed long ago, and was not tested since, is not known to fail now.
        (ago(days=3), ago(days=3), 7, UNKNOWN, None),
    ],
)
def test_a_control_with_a_test_stands_as_its_last_result_says(
    checked: datetime | None, failing: datetime | None, sla_time: int, status: ControlStatus, due: datetime | None
) -> None:
    passing = None if checked is None else failing is None

    stands = standing(control(is_passing=passing, checked_at=checked, failing_since=failing), sla_time, NOW)

    assert (stands.status, stands.sla_due_at, stands.last_checked_at) == (status, due, checked)
    assert stands.failing_since == (failing if status in (REMEDIATION, FAILING) else None)


@pytest.mark.parametrize(
    ("interval", "passing", "age", "evidence", "status", "documented"),
    [
        (None, None, None, None, UNKNOWN, False),
        (None, None, None, NOW + SECOND, UNKNOWN, True),
        (None, None, None, NOW, UNKNOWN, False),
        (None, None, None, ago(days=1), UNKNOWN, False),
        # Evidence stands in for a test that there never was, not for one that stopped.
        (1.0, None, None, NOW + SECOND, UNKNOWN, False),
        (1.0, True, 3, NOW + SECOND, UNKNOWN, False),
        # Somebody looked: what was seen counts for 60 days.
        (None, True, 60, None, PASSING, False),
        (None, True, 61, None, UNKNOWN, False),
        (None, True, 1, NOW + SECOND, PASSING, True),
        (None, True, 61, NOW + SECOND, UNKNOWN, True),
        (None, False, 1, NOW + SECOND, REMEDIATION, False),
    ],
)
def test_evidence_in_date_documents_a_control_without_a_test(
    interval: float | None,
    passing: bool | None,
    age: float | None,
    evidence: datetime | None,
    status: ControlStatus,
    documented: bool,
) -> None:
    checked = None if age is None else ago(days=age)
    one = control(interval_days=interval, is_passing=passing, checked_at=checked, evidence_until=evidence)

    stands = standing(one, 7, NOW)

    assert (stands.status, stands.is_documented) == (status, documented)


@given(
    interval=st.none() | st.floats(0.01, 3650),
    passing=st.none() | st.booleans(),
    age=st.floats(0, 10_000),
    failing=st.floats(0, 10_000),
    sla_time=st.integers(0, 3650),
)
def test_only_a_recent_good_result_passes(
    interval: float | None, passing: bool | None, age: float, failing: float, sla_time: int
) -> None:
    checked = None if passing is None else ago(days=age)
    since = ago(days=age + failing) if passing is False else None
    one = control(interval_days=interval, is_passing=passing, checked_at=checked, failing_since=since)

    stands = standing(one, sla_time, NOW)

    recent = checked is not None and NOW - checked <= timedelta(days=2 * (interval or 30))
    assert (stands.status is PASSING) == (passing is True and recent)
    assert (stands.status is UNKNOWN) == (not recent)
    assert (stands.status is REMEDIATION) == (stands.sla_due_at is not None and stands.sla_due_at > NOW)
    assert PUBLIC[stands.status] is not PublicStatus.PASSING or passing is True


def test_visitors_are_not_told_whether_a_promise_was_broken() -> None:
    assert PUBLIC[REMEDIATION] is PUBLIC[FAILING] is PublicStatus.NEEDS_ATTENTION
    assert set(PUBLIC) == set(ControlStatus)


def test_every_category_has_its_place_and_its_title() -> None:
    assert list(CATEGORIES) == [
        Category.PRODUCT_SECURITY,
        Category.DATA_SECURITY,
        Category.NETWORK_SECURITY,
        Category.APP_SECURITY,
        Category.ENDPOINT_SECURITY,
        Category.CORPORATE_SECURITY,
    ]
    assert set(CATEGORIES) == set(Category)


def test_controls_come_by_category_those_with_a_test_first_then_by_place() -> None:
    controls = [
        control(id=1, place=0, interval_days=None),
        control(id=2, place=3),
        control(id=3, place=1),
        control(id=4, place=2, category=Category.PRODUCT_SECURITY),
        control(id=5, place=4, interval_days=None, is_published=False),
        control(id=6, place=5, category=Category.APP_SECURITY, is_published=False),
    ]

    found = by_category(controls)

    assert {category: [each.id for each in members] for category, members in found.items()} == {
        Category.PRODUCT_SECURITY: [4],
        Category.DATA_SECURITY: [3, 2, 1],
    }
    assert list(found) == [Category.PRODUCT_SECURITY, Category.DATA_SECURITY]


@pytest.mark.parametrize(
    ("before", "passes", "after"),
    [
        (None, True, None),
        (None, False, NOW),
        (ago(days=3), False, ago(days=3)),
        (ago(days=3), True, None),
    ],
)
def test_a_control_fails_since_its_first_failure(before: datetime | None, passes: bool, after: datetime | None) -> None:
    assert failing_since(control(failing_since=before), NOW, is_passing=passes) == after


@pytest.mark.parametrize(
    ("known", "new", "good"),
    [
        (None, NOW, True),
        (None, NOW + SECOND, False),
        (ago(days=1), ago(days=1), True),
        (ago(days=1), ago(hours=1), True),
        (ago(days=1), ago(days=1) - SECOND, False),
    ],
)
def test_a_result_is_neither_of_the_future_nor_older_than_the_last(
    known: datetime | None, new: datetime, good: bool
) -> None:
    wrong: AbstractContextManager[Any] = nullcontext() if good else pytest.raises(Invalid, match="checkedAt: ")

    with wrong:
        require_newer(control(checked_at=known), new, NOW)
