"""Security reviews, version 2."""

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Annotated

from msgspec import Meta, field

from trustwright.accounts.actions import users_by_id
from trustwright.accounts.permissions import Permission
from trustwright.db import Tx
from trustwright.files.model import DOCUMENT_EXTENSIONS
from trustwright.http.bodies import decode
from trustwright.http.lists import CreatedQuery, CursorPage, CursorQuery, by_cursor
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.wire import Id, Wire
from trustwright.reviews import actions, states, store
from trustwright.reviews.bodies import (
    NewReviewWithFile,
    NewSecurityReview,
    ReviewActionBody,
    ReviewPatch,
    ReviewTitle,
    ReviewUpdate,
    first_moment,
    last_moment,
)
from trustwright.reviews.model import (
    Decision,
    DecisionEntry,
    Review,
    ReviewFilter,
    ReviewStatus,
    ReviewType,
)
from trustwright.reviews.states import ReviewAction
from trustwright.reviews.wire import (
    ActionItem,
    ActionResult,
    ActionsAnswer,
    Around,
    DecisionAnswer,
    ReviewAnswer,
    ReviewExpand,
)
from trustwright.settings import ReviewActions
from trustwright.vendors.actions import get_vendor, vendors_by_id

PEOPLE = frozenset({ReviewExpand.USER, ReviewExpand.REQUESTER_USER})


class PeopleExpand(StrEnum):
    USER = "user"
    REQUESTER_USER = "requesterUser"


class ReviewsPath(Wire, frozen=True):
    vendor_id: Id


class ReviewPath(ReviewsPath, frozen=True):
    security_review_id: Id


class ReviewQuery(Wire, frozen=True):
    expand: frozenset[PeopleExpand] = frozenset()


class AnyReviewsQuery(CursorQuery, frozen=True):
    """Days are in UTC, and belong to the range."""

    status: list[ReviewStatus] = field(default_factory=list)
    type: list[ReviewType] = field(default_factory=list)
    decision: list[Decision] = field(default_factory=list)
    created_at_from: date | None = None
    created_at_to: date | None = None
    updated_at_from: date | None = None
    updated_at_to: date | None = None

    def filter(self, vendor_ids: Collection[int]) -> ReviewFilter:
        return ReviewFilter(
            vendor_ids=sorted(set(vendor_ids)),
            statuses=sorted(set(self.status)),
            types=sorted(set(self.type)),
            decisions=sorted(set(self.decision)),
            created_from=first_moment(self.created_at_from),
            created_to=last_moment(self.created_at_to),
            updated_from=first_moment(self.updated_at_from),
            updated_to=last_moment(self.updated_at_to),
        )


class ReviewsQuery(AnyReviewsQuery, frozen=True):
    expand: frozenset[PeopleExpand] = frozenset()


class ReviewsAcrossQuery(AnyReviewsQuery, frozen=True):
    vendor_ids: Annotated[list[Id], Meta(max_length=500)] = field(default_factory=list)
    expand: frozenset[ReviewExpand] = frozenset()


async def create_review(call: Call, path: ReviewsPath, body: NewSecurityReview) -> ReviewAnswer:
    """Creates a security review of a vendor; its decision is pending."""
    new = body.review()
    async with call.begin() as tx:
        return await _with_people(call, tx, await actions.create_review(tx, path.vendor_id, new))


async def create_review_with_file(call: Call, path: ReviewsPath, form: NewReviewWithFile) -> ReviewAnswer:
    """Creates a security review of a vendor with its first document, both or neither."""
    new, kind = form.review(), form.kind_of_document()
    async with call.keeping([form.file], DOCUMENT_EXTENSIONS) as (kept,), call.begin() as tx:
        return await _with_people(call, tx, await actions.create_review_with_file(tx, path.vendor_id, new, kept, kind))


async def get_review(call: Call, path: ReviewPath, filters: ReviewQuery) -> ReviewAnswer:
    """Gets one security review."""
    if not filters.expand:
        # Asked for most often, and by programs that wait.
        found = await store.glance(call.database, call.caller.account_id, path.vendor_id, path.security_review_id)
        if found:
            return ReviewAnswer.shown(found, Around(address=call.settings.public_url))
    async with call.read() as tx:
        review = await actions.get_review(tx, path.vendor_id, path.security_review_id)
        return (await _shown(call, tx, [review], _wider(filters.expand)))[0]


async def update_review(call: Call, path: ReviewPath, body: bytes) -> ReviewAnswer:
    """Renames a security review, and lays what is sent over the form of a SOC report."""
    title = decode(body, ReviewTitle).title
    async with call.begin() as tx:
        review = await actions.get_review(tx, path.vendor_id, path.security_review_id, lock=True)
        # Other types have no form: theirs is ignored, and be it no form at all (Q29).
        sent = decode(body, ReviewUpdate).soc_form if review.type is ReviewType.SOC_REPORT else None
        return await _with_people(call, tx, await actions.update_review(tx, review, title, sent or None))


async def change_review(call: Call, path: ReviewPath, body: ReviewPatch) -> ReviewAnswer:
    """Sets status, decision, note, deadline or reviewer of a security review. A SOC report can be completed only when
    its form is."""
    change = body.change()
    async with call.begin() as tx:
        review = await actions.get_review(tx, path.vendor_id, path.security_review_id, lock=True)
        return await _with_people(call, tx, await actions.change_review(tx, review, change))


async def list_actions(call: Call, path: ReviewPath) -> ActionsAnswer:
    """Lists what can be done with a security review in its state: finalize or reopen."""
    async with call.read() as tx:
        review = await actions.get_review(tx, path.vendor_id, path.security_review_id)
    states.require_actions(review.type, all_types=_all_types(call))
    return ActionsAnswer(data=[ActionItem(action=action) for action in states.available(review)])


async def perform_action(call: Call, path: ReviewPath, body: ReviewActionBody) -> ActionResult:
    """Finalizes a security review with a decision, or reopens it."""
    asked = body.performance()
    # The form of the request is looked at before the review is looked for (decisions 2).
    states.require_sound(asked)
    async with call.begin() as tx:
        review = await actions.get_review(tx, path.vendor_id, path.security_review_id, lock=True)
        states.require_actions(review.type, all_types=_all_types(call))
        review = await actions.perform(tx, review, asked)
    return ActionResult(
        success=True, new_status=review.status, message=f"Security review {DONE[asked.action]} successfully"
    )


def _all_types(call: Call) -> bool:
    return call.settings.review_actions is ReviewActions.ALL


async def list_history(call: Call, path: ReviewPath, filters: CreatedQuery) -> CursorPage[DecisionAnswer]:
    """Lists how status and decision of a security review came about; nothing is ever removed from it."""
    async with call.read() as tx:
        review = await actions.get_review(tx, path.vendor_id, path.security_review_id)
        page = await by_cursor(
            filters,
            ["history", review.id],
            partial(store.page_entries, tx, review_id=review.id),
            partial(store.count_entries, tx, review.id),
            _entry,
        )
        people = await users_by_id(tx, {entry.user_id for entry in page.data if entry.user_id})
        data = [DecisionAnswer.of(entry, people) for entry in page.data]
    return CursorPage(data=data, pagination=page.pagination)


async def list_reviews(call: Call, path: ReviewsPath, filters: ReviewsQuery) -> CursorPage[ReviewAnswer]:
    """Lists the security reviews of a vendor."""
    async with call.read() as tx:
        await get_vendor(tx, path.vendor_id)
        return await _listed(call, tx, filters, filters.filter([path.vendor_id]), _wider(filters.expand))


async def list_reviews_across(call: Call, filters: ReviewsAcrossQuery) -> CursorPage[ReviewAnswer]:
    """Lists the security reviews of all vendors, or of some."""
    async with call.read() as tx:
        return await _listed(call, tx, filters, filters.filter(filters.vendor_ids), filters.expand)


async def _listed(
    call: Call, tx: Tx, query: CursorQuery, wanted: ReviewFilter, expand: Collection[ReviewExpand]
) -> CursorPage[ReviewAnswer]:
    page = await by_cursor(
        query,
        ["reviews", wanted.vendor_ids],
        partial(store.page_reviews, tx, filters=wanted),
        partial(store.count_reviews, tx, wanted),
        _review,
    )
    return CursorPage(data=await _shown(call, tx, page.data, expand), pagination=page.pagination)


def _review(review: Review) -> Review:
    return review


def _entry(entry: DecisionEntry) -> DecisionEntry:
    return entry


def _wider(expand: Collection[PeopleExpand]) -> Collection[ReviewExpand]:
    return {ReviewExpand(each) for each in expand}


async def _with_people(call: Call, tx: Tx, review: Review) -> ReviewAnswer:
    """Who changes a review is always shown the people of it (Q28)."""
    return (await _shown(call, tx, [review], PEOPLE))[0]


async def _shown(call: Call, tx: Tx, reviews: list[Review], expand: Collection[ReviewExpand]) -> list[ReviewAnswer]:
    """The reviews of a page, what is expanded loaded for all of them at once."""
    users, vendors = set[int](), set[int]()
    if ReviewExpand.USER in expand:
        users |= {review.user_id for review in reviews if review.user_id}
    if ReviewExpand.REQUESTER_USER in expand:
        users |= {review.requester_user_id for review in reviews if review.requester_user_id}
    if ReviewExpand.VENDOR in expand:
        vendors |= {review.vendor_id for review in reviews}
    around = Around(
        address=call.settings.public_url,
        expand=expand,
        people=await users_by_id(tx, users),
        vendors=await vendors_by_id(tx, vendors),
    )
    return [ReviewAnswer.shown(review, around) for review in reviews]


REVIEWS = "/vendors/{vendorId}/security-reviews"
REVIEW = "/vendors/{vendorId}/security-reviews/{securityReviewId}"

DONE = {ReviewAction.FINALIZE: "finalized", ReviewAction.REOPEN: "reopened"}

operation = partial(Operation, version=Version.V2)

operations = [
    operation(
        method="GET",
        path=REVIEWS,
        handler=list_reviews,
        permissions=(Permission.VENDORS_GET,),
        errors=(400, 404),
    ),
    operation(
        method="POST",
        path=REVIEWS,
        handler=create_review,
        permissions=(Permission.VENDORS_POST_SECURITY_REVIEW,),
        success=(201,),
        errors=(400, 402, 404),
    ),
    operation(
        method="POST",
        path=f"{REVIEWS}/with-file",
        handler=create_review_with_file,
        permissions=(Permission.VENDORS_POST_SECURITY_REVIEW,),
        success=(201,),
        errors=(400, 404),
        also_json=True,
    ),
    operation(
        method="GET",
        path=REVIEW,
        handler=get_review,
        permissions=(Permission.VENDORS_GET,),
        errors=(400, 402, 404),
    ),
    operation(
        method="PUT",
        path=REVIEW,
        handler=update_review,
        permissions=(Permission.VENDORS_PUT_SECURITY_REVIEW,),
        errors=(400, 404),
        body=ReviewUpdate,
    ),
    operation(
        method="PATCH",
        path=REVIEW,
        handler=change_review,
        permissions=(Permission.VENDORS_PUT_SECURITY_REVIEW,),
        errors=(400, 404, 422),
        extension=True,
    ),
    operation(
        method="GET",
        path=f"{REVIEW}/actions",
        handler=list_actions,
        permissions=(Permission.VENDORS_GET_SECURITY_REVIEW_ACTIONS,),
        errors=(404, 422),
    ),
    operation(
        method="POST",
        path=f"{REVIEW}/actions",
        handler=perform_action,
        permissions=(Permission.VENDORS_POST_SECURITY_REVIEW_ACTION,),
        errors=(400, 404, 422),
    ),
    operation(
        method="GET",
        path=f"{REVIEW}/history",
        handler=list_history,
        permissions=(Permission.VENDORS_GET,),
        errors=(400, 404),
        extension=True,
    ),
    operation(
        method="GET",
        path="/vendor-security-reviews",
        handler=list_reviews_across,
        permissions=(Permission.VENDORS_GET,),
        errors=(400,),
    ),
]
