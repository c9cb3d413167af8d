"""Security reviews, version 1."""

from trustwright.accounts.actions import users_by_id
from trustwright.accounts.permissions import Permission
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.wire import Id, Wire
from trustwright.reviews import actions
from trustwright.reviews.bodies import OldNewReview
from trustwright.reviews.wire import NewOldReview


class ReviewsPath(Wire, frozen=True):
    vendor_id: Id


async def create_review(call: Call, path: ReviewsPath, body: OldNewReview) -> NewOldReview:
    """Creates a security review of a vendor; its decision is pending."""
    new = body.review()
    async with call.begin() as tx:
        review = await actions.create_review(tx, path.vendor_id, new)
        people = await users_by_id(tx, {review.requester_user_id} if review.requester_user_id else set())
    return NewOldReview.of(review, people.get(review.requester_user_id or 0))


operations = [
    Operation(
        version=Version.V1,
        method="POST",
        path="/vendors/{vendorId}/security-reviews",
        handler=create_review,
        permissions=(Permission.VENDORS_POST_SECURITY_REVIEW,),
        success=(201,),
        errors=(400, 404),
    ),
]
