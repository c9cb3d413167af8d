"""What the events tell of a change of a review: which events, and before and after."""

from typing import Any

from msgspec import Struct

from trustwright.events.model import EventType
from trustwright.reviews import soc_form
from trustwright.reviews.model import Review, ReviewStatus, ReviewType

# By the names of the answer, what an event shows of a review.
FIELDS = {
    "type": "type",
    "status": "status",
    "decision": "decision",
    "title": "title",
    "note": "note",
    "requestedAt": "requested_at",
    "reviewDeadlineAt": "review_deadline_at",
    "userId": "user_id",
    "requesterUserId": "requester_user_id",
}
DETAILS = ("note", "reviewDeadlineAt", "userId")

COMPLETED = {
    True: EventType.VENDOR_SOC_REPORT_REVIEW_COMPLETED,
    False: EventType.VENDOR_SECURITY_REVIEW_COMPLETED,
}
STARTED = {
    True: EventType.VENDOR_SOC_REPORT_REVIEW_STARTED,
    False: EventType.VENDOR_SECURITY_REVIEW_STARTED,
}
DECIDED = {
    True: EventType.VENDOR_SOC_REPORT_REVIEW_APPROVAL_STATUS_CHANGED,
    False: EventType.VENDOR_SECURITY_REVIEW_APPROVAL_STATUS_CHANGED,
}


class Told(Struct, frozen=True):
    """One event: `done` says in a word or two what became of the review."""

    type: EventType
    done: str
    before: dict[str, Any]
    after: dict[str, Any]


def everything(review: Review) -> dict[str, Any]:
    """What the event of its creation shows of a review."""
    return {name: getattr(review, field) for name, field in FIELDS.items()}


def told(before: Review, after: Review) -> list[Told]:
    """The events of a change: one for the title, one for other details and the form, one for the status, one for the
    decision (vendor-reviews 1.6)."""
    old, new = ({name: getattr(each, FIELDS[name]) for name in FIELDS} for each in (before, after))
    differs = {name for name in FIELDS if old[name] != new[name]}
    events: list[Told] = []

    def tell(type_: EventType, done: str, *names: str) -> None:
        if differs.intersection(names):
            shown = [name for name in names if name in differs]
            events.append(Told(type_, done, {name: old[name] for name in shown}, {name: new[name] for name in shown}))

    is_soc = after.type is ReviewType.SOC_REPORT
    tell(EventType.VENDOR_SECURITY_REVIEW_TITLE_UPDATED, "renamed", "title")
    if before.soc_form != after.soc_form:
        differs.add("socForm")
        old["socForm"], new["socForm"] = soc_form.difference(before.form, after.form)
    tell(EventType.VENDOR_SECURITY_REVIEW_UPDATED, "changed", *DETAILS, "socForm")
    tell(_transition(before, after, is_soc), f"now {after.status}", "status")
    tell(DECIDED[is_soc], f"decided: {after.decision}", "decision")
    return events


def _transition(before: Review, after: Review, is_soc: bool) -> EventType:
    if after.status is ReviewStatus.COMPLETED:
        return COMPLETED[is_soc]
    if (before.status, after.status) == (ReviewStatus.NOT_YET_STARTED, ReviewStatus.IN_PROGRESS):
        return STARTED[is_soc]
    return EventType.VENDOR_SECURITY_REVIEW_TRANSITIONED
