"""Forms of reviews, in the console: a new one, its details, and the decision on it."""

from datetime import UTC, date, datetime, time

from msgspec import UNSET, Struct, UnsetType

from trustwright.accounts.actions import active_users, users_by_id
from trustwright.accounts.model import User
from trustwright.console.forms import Form
from trustwright.console.navigation import EDIT_VENDORS
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Tx
from trustwright.errors import Invalid
from trustwright.files.model import DOCUMENT_EXTENSIONS, Upload
from trustwright.reviews import actions, states
from trustwright.reviews.bodies import EARLIEST, LATEST
from trustwright.reviews.console_documents import ACCEPT
from trustwright.reviews.console_soc import base_of
from trustwright.reviews.model import (
    Decision,
    DocumentType,
    NewReview,
    Review,
    ReviewChange,
    ReviewStatus,
    ReviewType,
)
from trustwright.reviews.states import ReviewAction
from trustwright.times import iso
from trustwright.vendors.actions import get_vendor

LONGEST_TITLE = 191
LONGEST_NOTE = 1000

# What can be set directly; a review becomes finished by a decision.
STATUSES = (ReviewStatus.NOT_YET_STARTED, ReviewStatus.IN_PROGRESS, ReviewStatus.NOT_REQUIRED)


class NewReviewForm(Struct, frozen=True, kw_only=True):
    """The form of a review to be, with its first document or without."""

    title: str = ""
    type: str = ""
    deadline: str = ""
    reviewer: str = ""
    note: str = ""
    document_type: str = ""
    file: Upload | None = None


async def show_new(visit: Visit, form: Form) -> Answer:
    """The form of a review to be."""
    async with visit.read() as tx:
        vendor = await get_vendor(tx, visit.id("vendor_id"))
        people = await _people(tx, None)
    values = {"vendor": vendor, "form": form, "people": people, "me": visit.signed_in.user_id, "accept": ACCEPT}
    return visit.page("review_new", values)


async def _people(tx: Tx, chosen: int | None) -> list[tuple[int, str]]:
    """Who may conduct a review; who does, and has left since, stays."""
    people = {user.id: user for user in await active_users(tx)}
    if chosen is not None and chosen not in people:
        people |= await users_by_id(tx, {chosen})
    return [(user.id, _name(user)) for user in people.values()]


def _name(user: User) -> str:
    return " ".join(part for part in (user.first_name, user.last_name) if part) or user.email


async def create_review(visit: Visit, form: Form) -> Answer:
    """Adds a review, with its first document where one was chosen: both or neither."""
    vendor_id = visit.id("vendor_id")
    new, reviewer = _new(form), form.number("reviewer")
    upload = form.files.file
    kind = form.choice("document_type", DocumentType) or DocumentType.COMPLIANCE_REPORT
    async with visit.keeping([upload] if upload else [], DOCUMENT_EXTENSIONS) as kept, visit.begin() as tx:
        if kept:
            review = await actions.create_review_with_file(tx, vendor_id, new, kept[0], kind)
        else:
            review = await actions.create_review(tx, vendor_id, new)
        if reviewer is not None:
            review = await actions.change_review(tx, review, ReviewChange(user_id=reviewer))
    return visit.see_other(f"/vendors/{vendor_id}/reviews/{review.id}", "The review was added")


def _new(form: Form) -> NewReview:
    """Raises Invalid."""
    type_ = form.choice("type", ReviewType)
    if type_ is None:
        raise Invalid("type: choose what kind of review it is")
    return NewReview(
        type=type_,
        status=ReviewStatus.NOT_YET_STARTED,
        review_deadline_at=datetime.combine(_deadline(form), time(), UTC),
        title=_text(form, "title", LONGEST_TITLE),
        note=_text(form, "note", LONGEST_NOTE),
    )


def _text(form: Form, name: str, longest: int) -> str | None:
    """Raises Invalid."""
    text = form.optional(name)
    if text is not None and len(text) > longest:
        raise Invalid(f"{name}: at most {longest} characters")
    return text


def _deadline(form: Form) -> date:
    """Raises Invalid."""
    day = form.day("deadline")
    if day is None or not EARLIEST <= day.year < LATEST:
        raise Invalid("deadline: choose a day")
    return day


async def show_edit(visit: Visit, form: Form) -> Answer:
    """The details of a review."""
    base = base_of(visit)
    async with visit.read() as tx:
        review = await actions.get_review(tx, base.vendor_id, base.review_id)
        vendor = await get_vendor(tx, base.vendor_id)
        people = await _people(tx, review.user_id)
    values = {"vendor": vendor, "review": review, "base": base.path, "form": form, "people": people}
    values |= {"revision": iso(review.updated_at), "statuses": STATUSES}
    return visit.page("review_edit", values | {"deadline": review.review_deadline_at.astimezone(UTC).date()})


async def update_review(visit: Visit, form: Form) -> Answer:
    """Saves the details of a review."""
    base = base_of(visit)
    title = _text(form, "title", LONGEST_TITLE)
    async with visit.begin() as tx:
        review = await actions.get_review(tx, base.vendor_id, base.review_id, lock=True)
        form.require_unchanged(review.updated_at, "this review")
        change = _change(form, review)
        review = await actions.update_review(tx, review, title or ("" if review.title else UNSET), None)
        await actions.change_review(tx, review, change)
    return visit.see_other(base.path, "The review was saved")


def _change(form: Form, review: Review) -> ReviewChange:
    """Raises Invalid. A day that stays keeps its time."""
    day = _deadline(form)
    same = day == review.review_deadline_at.astimezone(UTC).date()
    deadline: datetime | UnsetType = UNSET if same else datetime.combine(day, time(), UTC)
    status = form.choice("status", ReviewStatus)
    if status is not None and status not in STATUSES:
        raise Invalid("status: a review is finished by a decision")
    return ReviewChange(
        status=UNSET if status is None or review.status is ReviewStatus.COMPLETED else status,
        note=_text(form, "note", LONGEST_NOTE),
        review_deadline_at=deadline,
        user_id=form.number("reviewer"),
    )


def decision(form: Form) -> states.Performance:
    """What a form decides. Raises Invalid."""
    chosen = form.choice("decision", Decision)
    if chosen is None:
        raise Invalid("decision: choose one")
    return states.Performance(ReviewAction.FINALIZE, chosen, _text(form, "note", LONGEST_NOTE))


async def show_decision(visit: Visit, form: Form) -> Answer:
    """The decision on a review, and what it rests on."""
    base = base_of(visit)
    async with visit.read() as tx:
        review = await actions.get_review(tx, base.vendor_id, base.review_id)
        vendor = await get_vendor(tx, base.vendor_id)
    states.require_available(review, ReviewAction.FINALIZE)
    decisions = [each for each in Decision if each is not Decision.PENDING]
    values = {"vendor": vendor, "review": review, "base": base.path, "form": form, "decisions": decisions}
    return visit.page("review_decide", values | {"revision": iso(review.updated_at)})


async def decide(visit: Visit, form: Form) -> Answer:
    """Finishes a review with a decision."""
    base = base_of(visit)
    asked = decision(form)
    async with visit.begin() as tx:
        review = await actions.get_review(tx, base.vendor_id, base.review_id, lock=True)
        form.require_unchanged(review.updated_at, "this review")
        await actions.perform(tx, review, asked)
    return visit.see_other(base.path, "The review is finished")


async def reopen(visit: Visit, form: Form) -> Answer:
    """Opens a finished review again."""
    base = base_of(visit)
    asked = states.Performance(ReviewAction.REOPEN, reset_decision=form.flag("reset"))
    async with visit.begin() as tx:
        await actions.perform(tx, await actions.get_review(tx, base.vendor_id, base.review_id, lock=True), asked)
    return visit.see_other(base.path, "The review is open again")


REVIEWS = "/vendors/{vendor_id}/reviews"
REVIEW = f"{REVIEWS}/{{review_id}}"

PAGES: list[Page | FormPage | Button] = [
    FormPage(path=f"{REVIEWS}/new", show=show_new, submit=create_review, right=EDIT_VENDORS, files=NewReviewForm),
    FormPage(path=f"{REVIEW}/edit", show=show_edit, submit=update_review, right=EDIT_VENDORS),
    FormPage(path=f"{REVIEW}/decide", show=show_decision, submit=decide, right=EDIT_VENDORS),
    Button(path=f"{REVIEW}/reopen", press=reopen, right=EDIT_VENDORS),
]
