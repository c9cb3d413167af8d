"""What the calendar does with reviews: they recur, and their deadlines are reminded of (vendor-reviews 1.5). All days
are UTC."""

from datetime import UTC, date, datetime, time, timedelta

from trustwright.accounts.actions import users_by_id
from trustwright.accounts.model import User
from trustwright.db import Tx
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.links import address
from trustwright.mail.actions import send
from trustwright.reviews import store
from trustwright.reviews.actions import create_review, latest_reviews
from trustwright.reviews.model import NewReview, Review, ReviewStatus, ReviewType
from trustwright.reviews.reminders import due_reminder
from trustwright.vendors.actions import get_settings, vendors_by_id, vendors_to_review
from trustwright.vendors.model import Vendor

# Of what is overdue for longer, one reminder more would tell nobody anything.
LONGEST_OVERDUE = timedelta(days=30)


async def start_recurring(tx: Tx) -> list[Review]:
    """Adds a review for each vendor whose next deadline is near, and that has none for it or under way.

    It is of the type of the vendor's last one, and due at the begin of the day of the deadline."""
    settings = await get_settings(tx)
    if not settings.recurring_reviews:
        return []
    vendors = await vendors_to_review(tx, _today(tx) + timedelta(days=settings.window_days))
    days = {vendor.id: vendor.renewal_date for vendor in vendors if vendor.renewal_date}
    in_review = set(await store.vendors_in_review(tx, list(days), list(days.values())))
    latest = await latest_reviews(tx, list(days))
    return [
        await _start(tx, vendor, days[vendor.id], latest[vendor.id])
        for vendor in vendors
        if vendor.id in days and vendor.id not in in_review
    ]


async def _start(tx: Tx, vendor: Vendor, day: date, latest: list[Review]) -> Review:
    new = NewReview(
        type=latest[0].type if latest else ReviewType.SECURITY,
        status=ReviewStatus.NOT_YET_STARTED,
        review_deadline_at=datetime.combine(day, time(), UTC),
        title=f"Recurring review, due {day}",
    )
    review = await create_review(tx, vendor.id, new)
    await record(
        tx,
        EventType.VENDOR_RECURRING_SECURITY_REVIEW_STARTED,
        f"The recurring review of {vendor.name} is due on {day}",
        target={"kind": "security review", "id": review.id, "vendorId": vendor.id},
        after={"reviewDeadlineAt": day.isoformat(), "type": review.type},
    )
    return review


async def remind_owners(tx: Tx, public_url: str) -> int:
    """Mails the owners of vendors whose reviews are due soon, or overdue; how many mails. A day that was missed, since
    nothing ran, is made up for by the next."""
    settings = await get_settings(tx)
    if not settings.owner_reminder_days:
        return 0
    now = tx.now
    until = now + timedelta(days=max(settings.owner_reminder_days) + 1)
    reviews = await store.open_reviews_between(tx, now - LONGEST_OVERDUE, until)
    vendors = await vendors_by_id(tx, {review.vendor_id for review in reviews})
    owners = await users_by_id(tx, {vendor.user_id for vendor in vendors.values() if vendor.user_id})
    sent = 0
    for review in reviews:
        left = (review.review_deadline_at.astimezone(UTC).date() - _today(tx)).days
        reminder = due_reminder(left, settings.owner_reminder_days)
        vendor = vendors[review.vendor_id]
        owner = owners.get(vendor.user_id or 0)
        if reminder is not None and owner and owner.deactivated_at is None:
            sent += await _remind(tx, review, vendor, owner, left, reminder, public_url)
    return sent


async def _remind(
    tx: Tx, review: Review, vendor: Vendor, owner: User, left: int, reminder: int, public_url: str
) -> bool:
    deadline = review.review_deadline_at.astimezone(UTC).date().isoformat()
    return await send(
        tx,
        f"review {review.id} due {deadline} reminder {reminder}",
        owner.email,
        "review_deadline",
        {
            "vendor": vendor.name,
            "title": review.title or "the security review",
            "deadline": deadline,
            "days_left": left,
            "link": address(public_url, f"/vendors/{vendor.id}/reviews/{review.id}"),
        },
    )


def _today(tx: Tx) -> date:
    return tx.now.astimezone(UTC).date()
