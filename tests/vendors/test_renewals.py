"""When the next review is due, and how a vendor stands with it (vendor-reviews 1.5)."""

from datetime import date
from typing import Any

import pytest
from msgspec import UNSET

from tests.factories import Account, World
from tests.vendors.cast import add, change, get, in_days, names, names_v1, post, put, refused, review, today
from trustwright.errors import Invalid
from trustwright.vendors.model import RenewalSchedule, VendorFields
from trustwright.vendors.renewal import MONTHS, following, renewal_date

TODAY = date(2026, 3, 31)
SOON = date(2026, 4, 7)
YEARLY, MONTHLY = RenewalSchedule.ONE_YEAR, RenewalSchedule.ONE_MONTH
CUSTOM, NONE = RenewalSchedule.CUSTOM, RenewalSchedule.NONE


@pytest.mark.parametrize(
    ("day", "schedule", "next_day"),
    [
        (date(2026, 1, 15), MONTHLY, date(2026, 2, 15)),
        (date(2026, 1, 31), MONTHLY, date(2026, 2, 28)),
        (date(2028, 1, 31), MONTHLY, date(2028, 2, 29)),
        (date(2026, 12, 31), RenewalSchedule.TWO_MONTHS, date(2027, 2, 28)),
        (date(2026, 9, 30), RenewalSchedule.THREE_MONTHS, date(2026, 12, 30)),
        (date(2026, 8, 31), RenewalSchedule.SIX_MONTHS, date(2027, 2, 28)),
        (date(2028, 2, 29), YEARLY, date(2029, 2, 28)),
        (date(2026, 12, 1), YEARLY, date(2027, 12, 1)),
        (TODAY, CUSTOM, None),
        (TODAY, NONE, None),
        (TODAY, None, None),
    ],
)
def test_a_period_later(day: date, schedule: RenewalSchedule | None, next_day: date | None) -> None:
    assert following(day, schedule) == next_day


@pytest.mark.parametrize(
    ("before", "schedule", "given", "expected"),
    [
        ((None, None), None, UNSET, None),
        ((None, None), None, SOON, SOON),
        ((None, None), YEARLY, UNSET, date(2027, 3, 31)),
        ((None, None), YEARLY, None, date(2027, 3, 31)),
        ((None, None), YEARLY, SOON, SOON),
        ((None, None), CUSTOM, SOON, SOON),
        ((None, None), NONE, SOON, None),
        ((YEARLY, SOON), YEARLY, UNSET, SOON),
        ((YEARLY, SOON), YEARLY, None, date(2027, 3, 31)),
        ((YEARLY, SOON), MONTHLY, UNSET, date(2026, 4, 30)),
        ((YEARLY, SOON), NONE, UNSET, None),
        ((YEARLY, SOON), None, UNSET, None),
        ((YEARLY, SOON), None, SOON, SOON),
        ((CUSTOM, SOON), CUSTOM, UNSET, SOON),
        ((None, SOON), None, UNSET, SOON),
        ((None, SOON), None, None, None),
    ],
)
def test_the_deadline_that_a_schedule_leads_to(before: Any, schedule: Any, given: Any, expected: Any) -> None:
    vendor = VendorFields(name="Initech", renewal_schedule_type=before[0], renewal_date=before[1])

    assert renewal_date(vendor, schedule, given, TODAY) == expected


@pytest.mark.parametrize(("before", "given"), [((None, None), UNSET), ((YEARLY, SOON), UNSET), ((CUSTOM, SOON), None)])
def test_a_custom_schedule_has_no_deadline_of_its_own(before: Any, given: Any) -> None:
    vendor = VendorFields(name="Initech", renewal_schedule_type=before[0], renewal_date=before[1])

    with pytest.raises(Invalid, match="renewalDate"):
        renewal_date(vendor, CUSTOM, given, TODAY)


def status(world: World, function: str, *values: Any) -> Any:
    """What one of the database's rules says."""
    places = ", ".join(["%s"] * len(values))
    found = world.connection.execute(f"select {function}({places})".encode(), values).fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("renewal", "schedule", "finished", "due", "covers"),
    [
        (None, None, TODAY, TODAY, False),
        (TODAY, "CUSTOM", None, None, False),
        (TODAY, "CUSTOM", date(2025, 12, 31), date(2025, 6, 1), True),
        (TODAY, "CUSTOM", date(2025, 12, 30), date(2025, 12, 30), False),
        (TODAY, None, date(2026, 6, 29), date(2025, 6, 1), True),
        (TODAY, None, date(2026, 6, 30), date(2026, 6, 30), False),
        (TODAY, "ONE_MONTH", date(2026, 3, 1), date(2026, 2, 28), False),
        (TODAY, "ONE_MONTH", date(2026, 3, 1), TODAY, True),
        (TODAY, "ONE_YEAR", date(2025, 3, 31), date(2026, 4, 1), False),
    ],
)
def test_which_deadline_a_finished_review_covers(
    world: World, renewal: Any, schedule: Any, finished: Any, due: Any, covers: bool
) -> None:
    assert status(world, "review_covers", renewal, schedule, finished, due) is covers


@pytest.mark.parametrize(
    ("renewal", "covered", "expected"),
    [
        (None, False, "NO_RENEWAL"),
        (date(2026, 3, 30), False, "RENEWAL_DUE"),
        (TODAY, False, "RENEWAL_DUE_SOON"),
        (SOON, False, "RENEWAL_DUE_SOON"),
        (date(2026, 4, 8), False, "COMPLETED"),
        (date(2026, 3, 30), True, "COMPLETED"),
        (TODAY, True, "COMPLETED"),
    ],
)
def test_the_status_of_a_renewal_date(world: World, renewal: Any, covered: bool, expected: str) -> None:
    assert status(world, "renewal_date_status", renewal, covered, TODAY) == expected


@pytest.mark.parametrize(
    ("renewal", "expected"),
    [
        (None, "NO_RENEWAL"),
        (date(2026, 3, 30), "OVERDUE"),
        (TODAY, "DUE_SOON"),
        (SOON, "DUE_SOON"),
        (date(2026, 4, 8), None),
    ],
)
def test_the_status_of_the_next_deadline(world: World, renewal: Any, expected: str | None) -> None:
    assert status(world, "next_review_deadline_status", renewal, TODAY) == expected


@pytest.mark.parametrize(
    ("renewal", "covered", "in_progress", "waived", "finished", "due", "expected"),
    [
        (None, False, False, False, None, None, "NO_PAST_REVIEW"),
        (None, False, False, False, TODAY, TODAY, "COMPLETED"),
        (None, False, True, False, TODAY, TODAY, "IN_PROGRESS"),
        (None, False, False, True, TODAY, TODAY, "NO_SECURITY"),
        (None, False, True, True, None, None, "IN_PROGRESS"),
        (date(2026, 4, 30), False, False, False, None, None, "NEEDS_REVIEW"),
        (date(2026, 5, 1), False, False, False, None, None, "NO_PAST_REVIEW"),
        (date(2026, 3, 1), False, False, False, None, None, "NEEDS_REVIEW"),
        (date(2026, 3, 1), False, True, False, None, None, "IN_PROGRESS"),
        (date(2026, 3, 1), False, False, False, date(2025, 3, 1), date(2025, 3, 1), "NEEDS_REVIEW"),
        (date(2026, 3, 1), True, False, False, date(2026, 3, 1), date(2026, 1, 1), "UP_TO_DATE"),
        (date(2027, 3, 1), False, False, False, date(2026, 3, 1), date(2026, 3, 1), "UP_TO_DATE"),
        (date(2027, 3, 1), False, False, False, date(2026, 3, 1), date(2025, 12, 1), "UP_TO_DATE"),
        (date(2027, 3, 1), False, False, False, date(2026, 3, 1), date(2025, 11, 30), "NEEDS_REVIEW"),
        (date(2027, 3, 1), False, False, True, date(2026, 3, 1), date(2026, 3, 1), "NO_SECURITY"),
    ],
)
def test_how_a_vendor_stands_with_its_reviews(
    world: World, renewal: Any, covered: bool, in_progress: bool, waived: bool, finished: Any, due: Any, expected: str
) -> None:
    values = (renewal, covered, 30, in_progress, waived, finished, due, TODAY)

    assert status(world, "security_review_status", *values) == expected


def test_a_schedule_without_a_date_counts_from_today(acme: Account) -> None:
    for schedule in MONTHS:
        made = add(acme, renewalScheduleType=schedule)

        assert made["renewalDate"] == str(following(today(), schedule))
        assert change(acme, made, notes="x")["renewalDate"] == made["renewalDate"]
        assert change(acme, made, renewalScheduleType=schedule)["renewalDate"] == made["renewalDate"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2027-06-30", "2027-06-30"),
        ("2027-06-30T23:30:00Z", "2027-06-30"),
        ("2027-06-30T23:30:00-02:00", "2027-07-01"),
        ("2027-06-30T10:00:00.000", "2027-06-30"),
    ],
)
def test_a_renewal_date_is_a_day_in_utc(acme: Account, given: str, kept: str) -> None:
    assert add(acme, renewalDate=given)["renewalDate"] == kept


def test_a_custom_schedule_needs_a_date(acme: Account) -> None:
    refused(post(acme, renewalScheduleType="CUSTOM"), 400, "renewalDate")
    vendor = add(acme, renewalScheduleType="CUSTOM", renewalDate="2027-06-30")
    refused(put(acme, vendor, renewalDate=None), 400, "renewalDate")
    other = add(acme, renewalScheduleType="ONE_YEAR")
    refused(put(acme, other, renewalScheduleType="CUSTOM"), 400, "renewalDate")
    assert change(acme, vendor, renewalScheduleType="CUSTOM")["renewalDate"] == "2027-06-30"


def test_no_schedule_means_no_deadline(acme: Account) -> None:
    vendor = add(acme, renewalScheduleType="ONE_YEAR")

    after = change(acme, vendor, renewalScheduleType="NONE")

    assert (after["renewalDate"], after["renewalScheduleType"], after["renewalDateStatus"]) == (
        None,
        "NONE",
        "NO_RENEWAL",
    )


def test_the_status_of_the_date_is_shown_with_it(acme: Account) -> None:
    for days, expected in ((-1, "RENEWAL_DUE"), (0, "RENEWAL_DUE_SOON"), (7, "RENEWAL_DUE_SOON"), (8, "COMPLETED")):
        vendor = add(acme, renewalDate=in_days(days), renewalScheduleType="CUSTOM")
        assert vendor["renewalDateStatus"] == expected
        assert get(acme, vendor)["renewalDateStatus"] == expected
    review(acme, vendor, "COMPLETED", finished=-10)
    assert change(acme, vendor, renewalDate=in_days(-1))["renewalDateStatus"] == "COMPLETED"


def test_only_the_review_that_was_finished_last_counts(acme: Account) -> None:
    vendor = add(acme, renewalDate=in_days(-1), renewalScheduleType="CUSTOM")
    review(acme, vendor, "COMPLETED", finished=-200, created=0)
    review(acme, vendor, "NOT_YET_STARTED")
    assert get(acme, vendor)["renewalDateStatus"] == "RENEWAL_DUE"
    review(acme, vendor, "COMPLETED", finished=-60, created=-400)
    assert get(acme, vendor)["renewalDateStatus"] == "COMPLETED"


def test_vendors_are_found_by_how_they_stand(acme: Account) -> None:
    for name, days in (("Off", None), ("Late", -3), ("Near", 3), ("Far", 300)):
        dates = {} if days is None else {"renewalDate": in_days(days), "renewalScheduleType": "CUSTOM"}
        add(acme, name=name, userId=acme.alice_id, **dates)
    under_way, waived = add(acme, name="Under way"), add(acme, name="Waived", renewalDate=in_days(-5))
    review(acme, under_way, "COMPLETED", finished=-5)
    review(acme, under_way, "IN_PROGRESS")
    review(acme, waived, "COMPLETED", finished=-300)
    review(acme, waived, "NOT_REQUIRED")
    done = add(acme, name="Done", renewalDate=in_days(200))
    review(acme, done, "COMPLETED", due=-100, finished=-90)

    by_deadline = {
        each: names(acme, **{"nextReviewDeadlineStatus[]": each}) for each in ("NO_RENEWAL", "DUE_SOON", "OVERDUE")
    }
    by_date = {each: names_v1(acme, renewalDateStatus=each) for each in ("COMPLETED", "RENEWAL_DUE")}
    by_review = {
        each: names_v1(acme, securityReviewStatus=each)
        for each in ("NO_SECURITY", "UP_TO_DATE", "IN_PROGRESS", "NEEDS_REVIEW", "COMPLETED", "NO_PAST_REVIEW")
    }

    assert by_deadline == {"NO_RENEWAL": ["Off", "Under way"], "DUE_SOON": ["Near"], "OVERDUE": ["Late", "Waived"]}
    assert by_date == {"COMPLETED": ["Done", "Far"], "RENEWAL_DUE": ["Late", "Waived"]}
    assert by_review == {
        "NO_SECURITY": ["Waived"],
        "UP_TO_DATE": ["Done"],
        "IN_PROGRESS": ["Under way"],
        "NEEDS_REVIEW": ["Late", "Near"],
        "COMPLETED": [],
        "NO_PAST_REVIEW": ["Far", "Off"],
    }


def test_a_window_that_opens_earlier_asks_for_reviews_earlier(acme: Account) -> None:
    add(acme, renewalDate=in_days(60))
    assert names_v1(acme, securityReviewStatus="NEEDS_REVIEW") == []

    acme.alice.put("/public/v2/vendor-settings", json={"windowDays": 60})

    assert names_v1(acme, securityReviewStatus="NEEDS_REVIEW") == ["Initech"]


def test_action_is_required_where_somebody_can_act(acme: Account) -> None:
    owned = {"userId": acme.alice_id}
    add(acme, name="Late", renewalDate=in_days(-1), status="ACTIVE", **owned)
    add(acme, name="Near", renewalDate=in_days(7), **owned)
    add(acme, name="Far", renewalDate=in_days(8), **owned)
    add(acme, name="Nobody's", renewalDate=in_days(-1))
    add(acme, name="Prospect", renewalDate=in_days(-1), status="PROSPECTIVE", **owned)
    add(acme, name="Archived", renewalDate=in_days(-1), status="ARCHIVED", **owned)
    done = add(acme, name="Done", renewalDate=in_days(-1), **owned)
    review(acme, done, "COMPLETED", finished=-2)

    assert names(acme, actionRequired="true") == ["Late", "Near"]
    assert names(acme, actionRequired="false") == ["Far", "Nobody's", "Prospect", "Archived", "Done"]
