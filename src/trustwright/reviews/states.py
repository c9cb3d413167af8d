"""What a review allows in which state, and where it leads (vendor-reviews 1.4)."""

from enum import StrEnum

from msgspec import Struct

from trustwright.errors import Invalid, WrongState
from trustwright.reviews import soc_form
from trustwright.reviews.model import Decision, Review, ReviewStatus, ReviewType


class ReviewAction(StrEnum):
    FINALIZE = "finalize"
    REOPEN = "reopen"


class Performance(Struct, frozen=True):
    """An action with what it is to do: `decision` and `note` belong to finalize, `reset_decision` to reopen."""

    action: ReviewAction
    decision: Decision | None = None
    note: str | None = None
    reset_decision: bool | None = None


OPEN = (ReviewStatus.NOT_YET_STARTED, ReviewStatus.IN_PROGRESS)


def is_ready(review: Review) -> bool:
    """Whether its contents allow it to be finalized: a SOC report's form must be complete."""
    return review.type is not ReviewType.SOC_REPORT or soc_form.ready(review.form)


def available(review: Review) -> list[ReviewAction]:
    """The actions that the review's state offers."""
    if review.status is ReviewStatus.COMPLETED:
        return [ReviewAction.REOPEN]
    return [ReviewAction.FINALIZE] if review.status in OPEN and is_ready(review) else []


def require_sound(asked: Performance) -> None:
    """Raises Invalid for what belongs to the other action, and for a decision that decides nothing."""
    if asked.action is ReviewAction.REOPEN and (asked.decision is not None or asked.note is not None):
        raise Invalid("decision, note: only finalize takes them")
    if asked.action is ReviewAction.FINALIZE and asked.reset_decision is not None:
        raise Invalid("resetDecision: only reopen takes it")
    if asked.decision is Decision.PENDING:
        raise Invalid("decision: PENDING decides nothing; send APPROVED, APPROVED_WITH_CONDITIONS or REJECTED")


def require_available(review: Review, action: ReviewAction) -> None:
    """Raises WrongState, saying what would make the action available."""
    if action not in available(review):
        raise WrongState(f"The action {action} is not available: {_why_not(review, action)}")


def _why_not(review: Review, action: ReviewAction) -> str:
    if action is ReviewAction.FINALIZE and review.status in OPEN:
        paths = [path for section in soc_form.missing(review.form).values() for path in section]
        return f"the SOC form lacks {', '.join(paths)}"
    return f"the review is {review.status}"


def outcome(review: Review, asked: Performance) -> tuple[ReviewStatus, Decision]:
    """Status and decision after the action; a finalize that decides nothing approves (Q32)."""
    if asked.action is ReviewAction.FINALIZE:
        return ReviewStatus.COMPLETED, asked.decision or Decision.APPROVED
    return ReviewStatus.IN_PROGRESS, Decision.PENDING if asked.reset_decision else review.decision


def require_actions(type_: ReviewType, *, all_types: bool) -> None:
    """Raises WrongState for a review type that has no actions (decisions 9)."""
    if type_ is not ReviewType.SOC_REPORT and not all_types:
        raise WrongState(f"Actions are supported for SOC_REPORT reviews only; this one is {type_}")


def require_completable(review: Review, status: ReviewStatus) -> None:
    """Raises WrongState when the review is to become COMPLETED and is not ready for it (decisions 10)."""
    if status is ReviewStatus.COMPLETED and review.status is not status and not is_ready(review):
        raise WrongState(f"The review cannot be completed: {_why_not(review, ReviewAction.FINALIZE)}")
