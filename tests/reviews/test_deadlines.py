"""What each morning brings: reviews that recur, and reminders of deadlines."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.factories import Account
from tests.reviews.cast import Json, add, add_vendor, checked, delete_vendor, everything, good, reviews_of
from trustwright.accounts.roles import Role
from trustwright.jobs import as_scheduler
from trustwright.mail.actions import newest_mails
from trustwright.mail.model import Mail
from trustwright.reviews.deadlines import remind_owners, start_recurring
from trustwright.reviews.reminders import due_reminder

DUE = date(2031, 6, 30)
SITE = "https://trust.acme.test"
OPEN, CLOSED = ("NOT_YET_STARTED", "IN_PROGRESS"), ("COMPLETED", "NOT_REQUIRED")


def morning(account: Account, day: date) -> tuple[int, int]:
    """What the scheduler does that day: how many reviews it starts, how many mails it writes."""

    async def work() -> tuple[int, int]:
        async with account.world.database.begin(as_scheduler(account.id)) as tx:
            tx.now = datetime(day.year, day.month, day.day, 5, 30, tzinfo=UTC)
            return len(await start_recurring(tx)), await remind_owners(tx, SITE)

    return account.world.run(work())


def mails(account: Account) -> list[Mail]:
    async def read() -> list[Mail]:
        async with account.world.database.read(as_scheduler(account.id)) as tx:
            return await newest_mails(tx, 50)

    return account.world.run(read())


def recurring(account: Account, **fields: object) -> int:
    """The id of a vendor whose yearly review is due on DUE."""
    return add_vendor(account, renewalDate=DUE.isoformat(), renewalScheduleType="ONE_YEAR", **fields)


def owned(account: Account, deadline: date = DUE) -> int:
    """The id of a vendor that Alice owns, with a review due that day."""
    vendor_id = add_vendor(account, userId=account.alice_id)
    add(account, vendor_id, reviewDeadlineAt=f"{deadline}T12:00:00Z")
    return vendor_id


def of(account: Account, vendor_id: int) -> list[Json]:
    return everything(account.alice, reviews_of(vendor_id))


def test_a_review_starts_when_its_window_opens_and_not_before(acme: Account) -> None:
    vendor_id = recurring(acme)

    assert morning(acme, DUE - timedelta(days=31))[0] == 0
    assert morning(acme, DUE - timedelta(days=30))[0] == 1
    (review,) = of(acme, vendor_id)
    assert review["reviewDeadlineAt"] == "2031-06-30T00:00:00.000Z"
    assert (review["status"], review["type"]) == ("NOT_YET_STARTED", "SECURITY")


def test_a_window_is_as_long_as_the_account_says(acme: Account) -> None:
    recurring(acme)
    good(checked(acme.alice).put("/public/v2/vendor-settings", json={"windowDays": 60}))

    assert morning(acme, DUE - timedelta(days=60))[0] == 1


def test_the_same_morning_twice_starts_one_review(acme: Account) -> None:
    vendor_id = recurring(acme)

    assert [morning(acme, DUE)[0] for _ in range(2)] == [1, 0]
    assert len(of(acme, vendor_id)) == 1


def test_a_review_is_of_the_type_of_the_last_one(acme: Account) -> None:
    vendor_id = recurring(acme)
    add(acme, vendor_id, securityReviewType="UPLOAD_REPORT", securityReviewStatus="NOT_REQUIRED")

    morning(acme, DUE)

    assert [review["type"] for review in of(acme, vendor_id)] == ["UPLOAD_REPORT", "UPLOAD_REPORT"]


@pytest.mark.parametrize(
    ("status", "started"), [*((status, 0) for status in OPEN), *((status, 1) for status in CLOSED)]
)
def test_no_review_starts_while_another_is_under_way(acme: Account, status: str, started: int) -> None:
    vendor_id = recurring(acme)
    add(acme, vendor_id, securityReviewStatus=status, reviewDeadlineAt="2030-06-30T00:00:00Z")

    assert morning(acme, DUE)[0] == started


def test_a_deadline_that_was_not_required_stays_so(acme: Account) -> None:
    vendor_id = recurring(acme)
    add(acme, vendor_id, securityReviewStatus="NOT_REQUIRED", reviewDeadlineAt=f"{DUE}T00:00:00Z")

    assert morning(acme, DUE)[0] == 0


@pytest.mark.parametrize("fields", [{"status": "ARCHIVED"}, {"status": "OFFBOARDED"}, {"status": "REJECTED"}])
def test_a_vendor_out_of_use_is_not_reviewed(acme: Account, fields: Json) -> None:
    recurring(acme, **fields)

    assert morning(acme, DUE)[0] == 0


def test_a_deleted_vendor_is_neither_reviewed_nor_reminded_of(acme: Account) -> None:
    delete_vendor(acme, recurring(acme))
    delete_vendor(acme, owned(acme))

    assert morning(acme, DUE) == (0, 0)


def test_an_account_may_start_its_reviews_by_hand(acme: Account) -> None:
    recurring(acme)
    good(checked(acme.alice).put("/public/v2/vendor-settings", json={"recurringReviews": False}))

    assert morning(acme, DUE)[0] == 0


def test_the_owner_is_reminded_a_week_before_a_day_before_and_a_day_after(acme: Account) -> None:
    owned(acme)

    sent = {days: morning(acme, DUE - timedelta(days=days))[1] for days in range(9, -4, -1)}

    assert [days for days, count in sent.items() if count] == [7, 1, -1]
    assert [mail.subject for mail in reversed(mails(acme))] == [
        "Initech: the security review is due on 2031-06-30",
        "Initech: the security review is due on 2031-06-30",
        "Initech: the security review is overdue",
    ]
    assert {mail.recipient for mail in mails(acme)} == {acme.alice_email}
    assert all(SITE in mail.body_text and SITE in mail.body_html for mail in mails(acme))


def test_a_morning_on_which_nothing_ran_is_made_up_for(acme: Account) -> None:
    owned(acme)

    assert morning(acme, DUE - timedelta(days=4))[1] == 1
    assert morning(acme, DUE - timedelta(days=3))[1] == 0


def test_what_is_long_overdue_is_left_alone(acme: Account) -> None:
    owned(acme)

    assert morning(acme, DUE + timedelta(days=32))[1] == 0


def test_a_finished_review_is_not_reminded_of(acme: Account) -> None:
    vendor_id = add_vendor(acme, userId=acme.alice_id)
    add(acme, vendor_id, securityReviewStatus="COMPLETED", reviewDeadlineAt=f"{DUE}T12:00:00Z")

    assert morning(acme, DUE)[1] == 0


def test_a_vendor_without_owner_has_nobody_to_remind(acme: Account) -> None:
    add(acme, add_vendor(acme), reviewDeadlineAt=f"{DUE}T12:00:00Z")

    assert morning(acme, DUE)[1] == 0


def test_another_account_is_left_alone(acme: Account, globex: Account) -> None:
    vendor_id = recurring(globex, userId=globex.user("bob@globex.test", Role.ADMIN))

    assert morning(acme, DUE) == (0, 0)
    assert of(globex, vendor_id) == []
    assert mails(globex) == []


@pytest.mark.parametrize(("days_left", "reminder"), [(8, None), (7, 7), (2, 7), (1, 1), (0, 1), (-1, -1), (-20, -1)])
def test_the_latest_reminder_whose_day_has_come_is_due(days_left: int, reminder: int | None) -> None:
    assert due_reminder(days_left, [7, 1, -1]) == reminder
