"""What can be done to security reviews and to the documents of vendors."""

from datetime import UTC
from typing import Any

from msgspec import UNSET, UnsetType, structs

from trustwright.accounts.actions import active_user, first_admin
from trustwright.accounts.model import User
from trustwright.db import Slice, Tx
from trustwright.errors import Invalid, NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.files.actions import add_file
from trustwright.files.model import KeptFile, StoredFile
from trustwright.reviews import list_store, soc_form, store
from trustwright.reviews.changes import everything, told
from trustwright.reviews.model import (
    DocumentType,
    NewReview,
    Review,
    ReviewChange,
    ReviewStatus,
    ReviewType,
    Step,
    VendorDocument,
)
from trustwright.reviews.soc_form import Form, FormChange
from trustwright.reviews.soc_lists import emptied, renumbered
from trustwright.reviews.states import (
    Performance,
    outcome,
    require_available,
    require_completable,
    require_sound,
)
from trustwright.vendors.actions import get_vendor, set_renewal_date
from trustwright.vendors.model import Vendor
from trustwright.vendors.renewal import following

LATEST = 5


async def create_review(tx: Tx, vendor_id: int, new: NewReview) -> Review:
    """Adds a review of a vendor. Raises NotFound, Invalid."""
    vendor = await get_vendor(tx, vendor_id)
    requester = await _requester(tx, vendor, new.requester_user_id)
    review = await store.insert_review(tx, vendor_id, new, requester.id)
    await _record(
        tx, EventType.VENDOR_SECURITY_REVIEW_CREATED, review, f"of {vendor.name} created", None, everything(review)
    )
    return review


async def create_review_with_file(
    tx: Tx, vendor_id: int, new: NewReview, kept: KeptFile, document_type: DocumentType
) -> Review:
    """Adds a review and its first document. Raises NotFound, Invalid."""
    review = await create_review(tx, vendor_id, new)
    await add_document(tx, vendor_id, await add_file(tx, kept), document_type, review.id)
    return review


async def _requester(tx: Tx, vendor: Vendor, user_id: int | None) -> User:
    """Whoever is named, else the vendor's owner while active, else the first admin (Q27). Raises Invalid."""
    if user_id is not None:
        return await _active_user(tx, "requesterUserId", user_id)
    owner = await active_user(tx, vendor.user_id) if vendor.user_id else None
    requester = owner or await first_admin(tx)
    if requester is None:
        raise Invalid("requesterUserId: name one; the vendor has no active owner and the account no active admin")
    return requester


async def _active_user(tx: Tx, name: str, user_id: int) -> User:
    user = await active_user(tx, user_id)
    if user is None:
        raise Invalid(f"{name}: no active user {user_id} in this account")
    return user


async def get_review(tx: Tx, vendor_id: int, review_id: int, *, lock: bool = False) -> Review:
    """A review; with `lock` others wait with their changes until the transaction ends. Raises NotFound."""
    review = await store.get_review(tx, vendor_id, review_id, lock=lock)
    if review is None:
        vendor = await get_vendor(tx, vendor_id)
        raise NotFound(f"No security review {review_id} of vendor {vendor.id}")
    return review


async def newest_reviews(tx: Tx, vendor_id: int, most: int) -> list[list_store.ListedReview]:
    """The newest reviews of a vendor, without their forms."""
    return await list_store.of_vendor(tx, vendor_id, most)


async def newest_documents(tx: Tx, vendor_id: int, most: int) -> list[VendorDocument]:
    """The newest documents of a vendor and of its reviews."""
    return await list_store.page_documents(tx, Slice(column="created_at", descending=True, limit=most), vendor_id)


async def latest_reviews(tx: Tx, vendor_ids: list[int]) -> dict[int, list[Review]]:
    """By vendor the newest five reviews, the newest first."""
    return _by_vendor(vendor_ids, await store.reviews_of(tx, vendor_ids, LATEST, None))


async def soc_reviews_of(tx: Tx, vendor_ids: list[int]) -> dict[int, list[Review]]:
    """By vendor the reviews of SOC reports, the newest first."""
    return _by_vendor(vendor_ids, await store.reviews_of(tx, vendor_ids, None, ReviewType.SOC_REPORT))


def _by_vendor(vendor_ids: list[int], reviews: list[Review]) -> dict[int, list[Review]]:
    found: dict[int, list[Review]] = {vendor_id: [] for vendor_id in vendor_ids}
    for review in reviews:
        found[review.vendor_id].append(review)
    return found


async def update_review(
    tx: Tx, review: Review, title: str | UnsetType, change: FormChange | None, *, replacing: bool = False
) -> Review:
    """Renames a locked review and lays a change over its SOC form; the first save starts it. Items of lists are
    appended, or with `replacing` put in the place of those there are. Raises Invalid."""
    after = review if title is UNSET else structs.replace(review, title=title)
    if change is not None:
        if review.status is ReviewStatus.COMPLETED:
            raise Invalid("socForm: the review is COMPLETED; reopen it to change its form")
        form = await form_after(tx, review, change, replacing=replacing)
        if form != review.form:
            started = review.status is ReviewStatus.NOT_YET_STARTED
            after = structs.replace(after, soc_form=form, status=ReviewStatus.IN_PROGRESS if started else review.status)
    return await _save(tx, review, after, Step.START)


async def form_after(tx: Tx, review: Review, change: FormChange, *, replacing: bool) -> Form:
    """The form of a review after a save, which does not happen yet. Raises Invalid."""
    if not replacing:
        return await _merged(tx, review.form, change)
    return renumbered(review.form, await _merged(tx, emptied(review.form, change), change))


async def _merged(tx: Tx, form: Form, change: FormChange) -> Form:
    reviewer = None
    if isinstance(change.reviewer_user_id, int):
        user = await active_user(tx, change.reviewer_user_id)
        if user is not None:
            reviewer = " ".join(filter(None, (user.first_name, user.last_name))) or user.email
        elif change.reviewer_user_id == form.reviewer_information.reviewer_user_id:
            reviewer = form.reviewer_information.reviewer
        else:
            raise Invalid(
                f"reviewerInformation.reviewerUserId: no active user {change.reviewer_user_id} in this account"
            )
    return soc_form.merged(form, change, reviewer=reviewer, today=tx.now.astimezone(UTC).date())


async def change_review(tx: Tx, review: Review, change: ReviewChange) -> Review:
    """Sets fields of a locked review directly (decisions 10). Raises Invalid, WrongState."""
    given = {name: value for name, value in structs.asdict(change).items() if value is not UNSET}
    if given.get("user_id") is not None and given["user_id"] != review.user_id:
        await _active_user(tx, "userId", given["user_id"])
    if "status" in given:
        require_completable(review, given["status"])
    return await _save(tx, review, structs.replace(review, **given), Step.CHANGE, given.get("note"))


async def perform(tx: Tx, review: Review, asked: Performance) -> Review:
    """Finalizes or reopens a locked review. Raises Invalid, WrongState."""
    require_sound(asked)
    require_available(review, asked.action)
    status, decision = outcome(review, asked)
    note = review.note if asked.note is None else asked.note
    after = structs.replace(review, status=status, decision=decision, note=note)
    return await _save(tx, review, after, Step(asked.action), asked.note)


async def _save(tx: Tx, before: Review, after: Review, step: Step, note: str | None = None) -> Review:
    """Stores a change with its events, its line in the history and what it means for the vendor. `note` was given with
    the step. What changes nothing leaves no trace."""
    if after == before:
        return before
    moved = after.status is not before.status
    completed = moved and after.status is ReviewStatus.COMPLETED
    if moved:
        after = structs.replace(after, completed_at=tx.now if completed else None)
    saved = await store.update_review(tx, after)
    for event in told(before, saved):
        await _record(tx, event.type, saved, event.done, event.before, event.after)
    if moved or saved.decision is not before.decision:
        form_sha256 = soc_form.fingerprint(saved.form) if saved.type is ReviewType.SOC_REPORT else None
        await store.insert_entry(tx, saved, step, note, form_sha256)
    if completed:
        await _renew(tx, saved)
    return saved


async def _renew(tx: Tx, review: Review) -> None:
    """Moves the vendor's deadline one period past that of the finished review, and never back (vendor-reviews 1.5)."""
    vendor = await get_vendor(tx, review.vendor_id)
    day = following(review.review_deadline_at.astimezone(UTC).date(), vendor.renewal_schedule_type)
    if day is not None and (vendor.renewal_date is None or vendor.renewal_date < day):
        await set_renewal_date(tx, vendor.id, day)


async def _record(
    tx: Tx, type_: EventType, review: Review, done: str, before: dict[str, Any] | None, after: dict[str, Any]
) -> None:
    await record(
        tx,
        type_,
        f"Security review {review.title or review.id} {done}",
        target={"kind": "security review", "id": review.id, "vendorId": review.vendor_id},
        before=before,
        after=after,
    )


async def upload_document(
    tx: Tx, vendor_id: int, kept: KeptFile, type_: DocumentType, review_id: int | None
) -> VendorDocument:
    """Adds a file to a vendor, or to one of its reviews. Raises NotFound, Invalid."""
    if review_id is None:
        await get_vendor(tx, vendor_id)
    else:
        await get_review(tx, vendor_id, review_id)
    return await add_document(tx, vendor_id, await add_file(tx, kept), type_, review_id)


async def add_document(
    tx: Tx, vendor_id: int, file: StoredFile, type_: DocumentType, review_id: int | None
) -> VendorDocument:
    """Makes a file a document of a vendor, or of one of its reviews, which takes each content once. Raises Invalid."""
    if review_id is not None:
        # Of two that add the same content at once, the second must see what the first has added.
        await store.lock_review(tx, review_id)
        if await store.has_content(tx, review_id, file.sha256):
            raise Invalid(f"file: the review has a document with the content of {file.name} already")
    document = await store.insert_document(tx, vendor_id, review_id, file.id, type_, file.name)
    types = [EventType.VENDOR_DOCUMENT_UPLOADED]
    if review_id is not None:
        types.append(EventType.VENDOR_SECURITY_REVIEW_DOCUMENT_ADDED)
    for event_type in types:
        await record(
            tx,
            event_type,
            f"Document {document.name} added",
            target={"kind": "vendor document", "id": document.id, "vendorId": vendor_id, "securityReviewId": review_id},
            after={"name": document.name, "type": document.type, "sha256": file.sha256.hex(), "size": file.size},
        )
    return document


async def get_document(tx: Tx, vendor_id: int, document_id: int) -> VendorDocument:
    """Raises NotFound."""
    vendor = await get_vendor(tx, vendor_id)
    document = await store.get_document(tx, vendor_id, document_id)
    if document is None:
        raise NotFound(f"No document {document_id} of vendor {vendor.id}")
    return document


async def documents_of(tx: Tx, vendor_ids: list[int]) -> dict[int, list[VendorDocument]]:
    """By vendor its documents, the oldest first."""
    found: dict[int, list[VendorDocument]] = {vendor_id: [] for vendor_id in vendor_ids}
    for document in await store.documents_of(tx, vendor_ids):
        found[document.vendor_id].append(document)
    return found
