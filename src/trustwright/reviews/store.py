"""SQL of security reviews, of what was decided on them, and of the documents of vendors."""

from datetime import date, datetime

from psycopg.types.json import Jsonb

from trustwright.db import Database, Slice, Tx
from trustwright.reviews.model import (
    Decision,
    DecisionEntry,
    DocumentType,
    NewReview,
    Review,
    ReviewFilter,
    ReviewStatus,
    ReviewType,
    Step,
    VendorDocument,
)

REVIEW = """r.id, r.vendor_id, r.type, r.status, r.decision, r.title, r.note, r.requested_at, r.review_deadline_at,
    r.user_id, r.requester_user_id, r.soc_form, r.completed_at, r.created_at, r.updated_at"""
ENTRY = "id, action, status, decision, note, form_sha256, user_id, created_at"
DOCUMENT = "id, vendor_id, review_id, file_id, type, name, created_at, updated_at"

ENTRIES = f"select {ENTRY} from review_decisions where account_id = %(account_id)s and review_id = %(review_id)s"

DOCUMENTS = f"""
    select {DOCUMENT} from vendor_documents
    where account_id = %(account_id)s and vendor_id = %(vendor_id)s
        and (%(type)s::text is null or type = %(type)s)
"""

# The pieces of which a list of reviews is made. Reviews of deleted vendors stay for the audit, out of reach.
BOUNDS = {
    "created_from": "r.created_at >= %(created_from)s",
    "created_to": "r.created_at <= %(created_to)s",
    "updated_from": "r.updated_at >= %(updated_from)s",
    "updated_to": "r.updated_at <= %(updated_to)s",
}
UNDELETED = """r.vendor_id not in (
    select id from vendors where account_id = %(account_id)s and deleted_at is not null)"""
THESE_VENDORS = """(
    select id from vendors
    where account_id = %(account_id)s and id = any (%(vendor_ids)s::integer[]) and deleted_at is null) vendor"""
THESE_KINDS = """(
    unnest(%(statuses)s::text[]) as statuses (status) cross join unnest(%(types)s::text[]) as types (type)
    cross join unnest(%(decisions)s::text[]) as decisions (decision)) as kind"""
OF_KIND = "r.status = kind.status and r.type = kind.type and r.decision = kind.decision"


async def insert_review(tx: Tx, vendor_id: int, new: NewReview, requester_user_id: int) -> Review:
    """Adds a review, its decision pending."""
    return await tx.only(
        Review,
        f"""
        insert into reviews as r (account_id, vendor_id, type, status, title, note, requested_at, review_deadline_at,
            requester_user_id, completed_at, created_at, updated_at)
        values (%(account_id)s, %(vendor_id)s, %(type)s, %(status)s, %(title)s, %(note)s, %(requested_at)s,
            %(review_deadline_at)s, %(requester_user_id)s, case when %(status)s = 'COMPLETED' then %(now)s end,
            %(now)s, %(now)s)
        returning {REVIEW}
        """,
        vendor_id=vendor_id,
        type=new.type.value,
        status=new.status.value,
        title=new.title,
        note=new.note,
        requested_at=new.requested_at or tx.now,
        review_deadline_at=new.review_deadline_at,
        requester_user_id=requester_user_id,
        now=tx.now,
    )


async def get_review(tx: Tx, vendor_id: int, review_id: int, *, lock: bool = False) -> Review | None:
    """A review of a vendor that was not deleted; with `lock` nobody else changes it until the transaction ends."""
    return await tx.one(
        Review,
        f"""
        select {REVIEW} from reviews r
        join vendors v on v.account_id = r.account_id and v.id = r.vendor_id and v.deleted_at is null
        where r.account_id = %(account_id)s and r.id = %(review_id)s and r.vendor_id = %(vendor_id)s
        {"for update of r" if lock else ""}
        """,
        vendor_id=vendor_id,
        review_id=review_id,
    )


async def glance(database: Database, account_id: int, vendor_id: int, review_id: int) -> Review | None:
    """The same review in one round trip, where nothing else is read or written."""
    return await database.lookup(
        Review,
        f"""
        select {REVIEW} from review_in_account(%(account_id)s, %(vendor_id)s::integer, %(review_id)s::integer) r
        """,
        account_id=account_id,
        vendor_id=vendor_id,
        review_id=review_id,
    )


async def lock_review(tx: Tx, review_id: int) -> None:
    """Waits for whoever changes a review, and keeps others from it until the transaction ends."""
    await tx.run(
        "select from reviews where account_id = %(account_id)s and id = %(review_id)s for update", review_id=review_id
    )


async def update_review(tx: Tx, review: Review) -> Review:
    """Stores what may change of a review, and that it changed now."""
    return await tx.only(
        Review,
        f"""
        update reviews r set status = %(status)s, decision = %(decision)s, title = %(title)s, note = %(note)s,
            review_deadline_at = %(review_deadline_at)s, user_id = %(user_id)s, soc_form = %(soc_form)s,
            completed_at = %(completed_at)s, updated_at = greatest(r.updated_at, %(now)s)
        where r.account_id = %(account_id)s and r.id = %(review_id)s
        returning {REVIEW}
        """,
        review_id=review.id,
        status=review.status.value,
        decision=review.decision.value,
        title=review.title,
        note=review.note,
        review_deadline_at=review.review_deadline_at,
        user_id=review.user_id,
        soc_form=None if review.soc_form is None else Jsonb(review.soc_form),
        completed_at=review.completed_at,
        now=tx.now,
    )


async def page_reviews(tx: Tx, part: Slice, filters: ReviewFilter) -> list[Review]:
    """A page of reviews."""
    direction, follows = ("desc", "<") if part.descending else ("asc", ">")
    order = f"{part.column} {direction}, id {direction} limit {part.limit:d}"
    inner = f"select r.id, r.{part.column} from reviews r where {_conditions(filters)}"
    if part.after:
        inner += f" and (r.{part.column}, r.id) {follows} (%(after_value)s, %(after_key)s)"
    inner += f" order by r.{order}"
    if sources := _sources(filters):
        # The begin of each kind, out of an index that has it in the order of the list, however rare the kind is.
        inner = f"select found.* from {sources} cross join lateral ({inner}) found order by {order}"
    after_value, after_key = part.after or (None, None)
    return await tx.all(
        Review,
        f"""
        select {REVIEW} from reviews r
        where r.account_id = %(account_id)s and r.id = any (array(select id from ({inner}) page))
        order by r.{part.column} {direction}, r.id {direction}
        """,
        after_value=after_value,
        after_key=after_key,
        **_values(filters),
    )


async def count_reviews(tx: Tx, filters: ReviewFilter) -> int:
    """How many they are."""
    inner = f"select from reviews r where {_conditions(filters)}"
    if sources := _sources(filters):
        inner = f"select from {sources} cross join lateral ({inner}) found"
    return await tx.count(inner, **_values(filters))


def _conditions(filters: ReviewFilter) -> str:
    """The list's conditions on `r`, those on what `_sources` yields included."""
    found = ["r.account_id = %(account_id)s", "r.vendor_id = vendor.id" if filters.vendor_ids else UNDELETED]
    if _of_kinds(filters):
        found.append(OF_KIND)
    found += [text for name, text in BOUNDS.items() if getattr(filters, name) is not None]
    return " and ".join(found)


def _sources(filters: ReviewFilter) -> str:
    """What the conditions compare with: the vendors asked for, the kinds asked for, each with each."""
    return " cross join ".join(
        [*([THESE_VENDORS] if filters.vendor_ids else []), *([THESE_KINDS] if _of_kinds(filters) else [])]
    )


def _of_kinds(filters: ReviewFilter) -> bool:
    return bool(filters.statuses or filters.types or filters.decisions)


def _values(filters: ReviewFilter) -> dict[str, object]:
    values = {name: getattr(filters, name) for name in ("vendor_ids", *BOUNDS)}
    kinds = {
        "statuses": filters.statuses or ReviewStatus,
        "types": filters.types or ReviewType,
        "decisions": filters.decisions or Decision,
    }
    return values | {name: [each.value for each in chosen] for name, chosen in kinds.items()}


async def reviews_of(tx: Tx, vendor_ids: list[int], most: int | None, type_: ReviewType | None) -> list[Review]:
    """Of each vendor the newest reviews, so many or all, of one type or any; the newest first."""
    return await tx.all(
        Review,
        f"""
        select r.* from unnest(%(vendor_ids)s::integer[]) as vendor (id) cross join lateral (
            select {REVIEW} from reviews r
            where r.account_id = %(account_id)s and r.vendor_id = vendor.id
                and (%(type)s::text is null or r.type = %(type)s)
            order by r.created_at desc, r.id desc limit %(most)s::integer
        ) r
        order by r.created_at desc, r.id desc
        """,
        vendor_ids=vendor_ids,
        type=type_,
        most=most,
    )


async def vendors_in_review(tx: Tx, vendor_ids: list[int], days: list[date]) -> list[int]:
    """Of vendors and the days of their next deadlines: those with a review under way, or with one for that day."""
    return list(
        await tx.value(
            """
            select coalesce(array_agg(distinct due.vendor_id), '{}')
            from unnest(%(vendor_ids)s::integer[], %(days)s::date[]) as due (vendor_id, day)
            join reviews r on r.account_id = %(account_id)s and r.vendor_id = due.vendor_id
            where r.status in ('NOT_YET_STARTED', 'IN_PROGRESS')
                or (r.review_deadline_at at time zone 'UTC')::date = due.day
            """,
            vendor_ids=vendor_ids,
            days=days,
        )
    )


async def open_reviews_between(tx: Tx, start: datetime, end: datetime) -> list[Review]:
    """The unfinished reviews due in between, the first due first."""
    return await tx.all(
        Review,
        f"""
        select {REVIEW} from reviews r
        where r.account_id = %(account_id)s and r.status in ('NOT_YET_STARTED', 'IN_PROGRESS')
            and r.review_deadline_at between %(start)s and %(end)s and {UNDELETED}
        order by r.review_deadline_at, r.id
        """,
        start=start,
        end=end,
    )


async def insert_entry(tx: Tx, review: Review, step: Step, note: str | None, form_sha256: bytes | None) -> None:
    """Adds to the history of a review what it is now."""
    await tx.run(
        """
        insert into review_decisions (account_id, review_id, action, status, decision, note, form_sha256, user_id,
            created_at)
        values (%(account_id)s, %(review_id)s, %(action)s, %(status)s, %(decision)s, %(note)s, %(form_sha256)s,
            %(user_id)s, %(now)s)
        """,
        review_id=review.id,
        action=step.value,
        status=review.status.value,
        decision=review.decision.value,
        note=note,
        form_sha256=form_sha256,
        user_id=tx.who.user_id,
        now=tx.now,
    )


async def page_entries(tx: Tx, part: Slice, review_id: int) -> list[DecisionEntry]:
    """A page of a review's history."""
    return await tx.page(DecisionEntry, ENTRIES, part, review_id=review_id)


async def count_entries(tx: Tx, review_id: int) -> int:
    """How many they are."""
    return await tx.count(ENTRIES, review_id=review_id)


async def insert_document(
    tx: Tx, vendor_id: int, review_id: int | None, file_id: int, type_: DocumentType, name: str
) -> VendorDocument:
    """Adds a document of a vendor, or of one of its reviews."""
    return await tx.only(
        VendorDocument,
        f"""
        insert into vendor_documents (account_id, vendor_id, review_id, file_id, type, name, created_at, updated_at)
        values (%(account_id)s, %(vendor_id)s, %(review_id)s, %(file_id)s, %(type)s, %(name)s, %(now)s, %(now)s)
        returning {DOCUMENT}
        """,
        vendor_id=vendor_id,
        review_id=review_id,
        file_id=file_id,
        type=type_.value,
        name=name,
        now=tx.now,
    )


async def has_content(tx: Tx, review_id: int, sha256: bytes) -> bool:
    """Whether a document of the review has this content."""
    return bool(
        await tx.value(
            """
            select exists (
                select from vendor_documents d
                join files f on f.account_id = d.account_id and f.id = d.file_id
                where d.account_id = %(account_id)s and d.review_id = %(review_id)s and f.sha256 = %(sha256)s
            )
            """,
            review_id=review_id,
            sha256=sha256,
        )
    )


async def get_document(tx: Tx, vendor_id: int, document_id: int) -> VendorDocument | None:
    """A document of a vendor."""
    return await tx.one(
        VendorDocument,
        f"""
        select {DOCUMENT} from vendor_documents
        where account_id = %(account_id)s and vendor_id = %(vendor_id)s and id = %(document_id)s
        """,
        vendor_id=vendor_id,
        document_id=document_id,
    )


async def page_documents(tx: Tx, part: Slice, vendor_id: int, type_: DocumentType | None) -> list[VendorDocument]:
    """A page of a vendor's documents, of one type or any."""
    return await tx.page(VendorDocument, DOCUMENTS, part, vendor_id=vendor_id, type=type_)


async def count_documents(tx: Tx, vendor_id: int, type_: DocumentType | None) -> int:
    """How many they are."""
    return await tx.count(DOCUMENTS, vendor_id=vendor_id, type=type_)


async def documents_of(tx: Tx, vendor_ids: list[int]) -> list[VendorDocument]:
    """All documents of some vendors, the oldest first."""
    return await tx.all(
        VendorDocument,
        f"""
        select {DOCUMENT} from vendor_documents
        where account_id = %(account_id)s and vendor_id = any (%(vendor_ids)s::integer[])
        order by created_at, id
        """,
        vendor_ids=vendor_ids,
    )
