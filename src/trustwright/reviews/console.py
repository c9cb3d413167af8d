"""Reviews of vendors, in the console: those of all vendors, one of them, and what is decided on it."""

from collections.abc import AsyncGenerator
from datetime import UTC

from trustwright.accounts.actions import active_users, users_by_id
from trustwright.console.listing import Listing, csv_file
from trustwright.console.navigation import EDIT_VENDORS, VENDORS
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.http.csv_files import cell
from trustwright.reviews import (
    console_documents,
    console_forms,
    console_soc,
    list_store,
    soc_texts,
    states,
)
from trustwright.reviews.console_soc import base_of, story
from trustwright.reviews.model import Decision, ReviewStatus, ReviewType

FILTERS = ("status", "type", "decision", "reviewer")
SORTS = {"-created": "created_at", "deadline": "review_deadline_at"}
COLUMNS = ["id", "title", "vendor id", "vendor", "type", "status", "decision", "deadline", "completed", "created"]
MOST_DOCUMENTS = 50
MOST_ENTRIES = 50


def _asked(visit: Visit) -> tuple[Listing, list_store.Wanted]:
    listing = Listing(visit, SORTS, filters=FILTERS)
    reviewer = visit.text("reviewer")
    wanted = list_store.Wanted(
        q=listing.q,
        status=listing.choice("status", ReviewStatus),
        type=listing.choice("type", ReviewType),
        decision=listing.choice("decision", Decision),
        user_id=int(reviewer) if reviewer.isascii() and reviewer.isdigit() and len(reviewer) <= 9 else None,
    )
    return listing, wanted


async def list_reviews(visit: Visit) -> Answer:
    """The reviews of all vendors."""
    listing, wanted = _asked(visit)
    if listing.wants_csv:
        return csv_file("reviews", COLUMNS, _lines(visit))
    async with visit.read() as tx:
        shown = listing.of(await list_store.page(tx, listing.slice, wanted))
        people = {user.id: user for user in await active_users(tx)}
        gone = {review.user_id for review in shown.rows if review.user_id} - set(people)
        reviewers = people | await users_by_id(tx, gone)
        today = tx.now.astimezone(UTC).date()
    values = {"listing": listing, "shown": shown, "people": people, "reviewers": reviewers, "today": today}
    choices = {"statuses": list(ReviewStatus), "decisions": list(Decision)}
    return visit.page("review_list", values | choices)


async def _lines(visit: Visit) -> AsyncGenerator[list[str], None]:
    listing, wanted = _asked(visit)
    async with visit.read() as tx:
        async for review in list_store.stream(tx, listing.slice, wanted):
            yield _line(review)


def _line(review: list_store.ListedReview) -> list[str]:
    said = [review.id, review.name, review.vendor_id, review.vendor_name, review.type, review.status]
    said += [review.decision, review.review_deadline_at, review.completed_at, review.created_at]
    return [cell(each) for each in said]


async def show_review(visit: Visit) -> Answer:
    """One review: its documents, what can be done with it now, and how it came about."""
    base = base_of(visit)
    async with visit.read() as tx:
        review, told = await story(tx, base)
        today = tx.now.astimezone(UTC).date()
    values = {
        **told,
        "today": today,
        "actions": states.available(review),
        "progress": soc_texts.progress(review.form) if review.type is ReviewType.SOC_REPORT else [],
        "may_edit": visit.may(EDIT_VENDORS),
    }
    return visit.page("review_page", values)


PAGES: list[Page | FormPage | Button] = [
    Page(path="/reviews", show=list_reviews, right=VENDORS),
    *console_forms.PAGES,
    *console_documents.PAGES,
    *console_soc.PAGES,
    Page(path="/vendors/{vendor_id}/reviews/{review_id}", show=show_review, right=VENDORS),
]
