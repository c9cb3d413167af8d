"""SQL of the lists of reviews and of documents that people look at."""

import re
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from trustwright.db import Slice, Tx
from trustwright.reviews.model import Decision, DecisionEntry, ReviewStatus, ReviewType, VendorDocument
from trustwright.reviews.store import DOCUMENT, ENTRIES, OF_KIND, THESE_KINDS, UNDELETED

LISTED = """
    select r.id, r.vendor_id, v.name as vendor_name, r.type, r.status, r.decision, r.title, r.review_deadline_at,
        r.user_id, r.completed_at, r.created_at
    from reviews r join vendors v on v.account_id = r.account_id and v.id = r.vendor_id
    where r.account_id = %(account_id)s"""

# A review is found by begins of words of its title, or by a part of its vendor's name.
VENDORS_NAMED = """array(
    select id from vendors
    where account_id = %(account_id)s and deleted_at is null and position(lower(%(q)s) in lower(name)) > 0)"""
IS_FOUND = f"""(to_tsvector('simple', coalesce(r.title, '')) @@ to_tsquery('simple', %(words)s)
    or r.vendor_id = any ({VENDORS_NAMED}))"""
FOUND = f"""r.id in (
    select reviews_titled(to_tsquery('simple', %(words)s))
    union all
    select s.id from reviews s where s.account_id = %(account_id)s and s.vendor_id = any ({VENDORS_NAMED}))"""

# How many reviews are looked at one by one before all that are found are asked for: what is often found is soon
# found, and what is seldom found is not much.
WINDOW = 1000

DOCUMENTS = f"""
    select {DOCUMENT} from vendor_documents
    where account_id = %(account_id)s and vendor_id = %(vendor_id)s
        and (%(type)s::text is null or type = %(type)s)
        and position(lower(%(q)s) in lower(name)) > 0
"""


class ListedReview(Struct, frozen=True, kw_only=True):
    """A review in a line, without its form."""

    id: int
    vendor_id: int
    vendor_name: str
    type: ReviewType
    status: ReviewStatus
    decision: Decision
    title: str | None
    review_deadline_at: datetime
    user_id: int | None
    completed_at: datetime | None
    created_at: datetime

    @property
    def name(self) -> str:
        return self.title or f"Review {self.id}"


class Wanted(Struct, frozen=True, kw_only=True):
    """What reviews to list; None for any. `q`: a part of the vendor's name, or begins of words of the title."""

    q: str = ""
    status: ReviewStatus | None = None
    type: ReviewType | None = None
    decision: Decision | None = None
    user_id: int | None = None


class Window(Struct, frozen=True):
    """How many reviews were looked at, and the ids of those that are found."""

    seen: int
    ids: list[int]


async def page(tx: Tx, part: Slice, wanted: Wanted) -> list[ListedReview]:
    """A page of the reviews that match."""
    end = part.offset + part.limit
    if not wanted.q:
        ids = await _ids(tx, part, wanted, end)
    else:
        window = await _window(tx, part, wanted)
        is_enough = window.seen < WINDOW or len(window.ids) >= end
        ids = window.ids if is_enough else await _found_ids(tx, part, wanted, end)
    direction = "desc" if part.descending else "asc"
    sql = f"{LISTED} and r.id = any (%(ids)s::integer[]) order by r.{part.column} {direction}, r.id {direction}"
    return await tx.all(ListedReview, sql, ids=ids[part.offset : end])


async def _ids(tx: Tx, part: Slice, wanted: Wanted, most: int) -> list[int]:
    """The first of the list, whatever is searched for."""
    inner, values = _first(part, wanted, most, "")
    return list(await tx.value(f"select coalesce(array_agg(id), '{{}}') from ({inner}) listed", **values))


async def _window(tx: Tx, part: Slice, wanted: Wanted) -> Window:
    """What is found among the first of the list."""
    inner, values = _first(part, wanted, WINDOW, f", {IS_FOUND} as is_found")
    return await tx.only(
        Window,
        f"""
        select count(*) as seen, coalesce(array_agg(id) filter (where is_found), '{{}}') as ids from ({inner}) listed
        """,
        **values,
    )


def _first(part: Slice, wanted: Wanted, most: int, more: str) -> tuple[str, dict[str, object]]:
    """The ids of the first of the list, in its order, with another column."""
    conditions, values = _conditions(wanted)
    order = _order(part)
    inner = f"""
        select r.id, r.{part.column}{more} from reviews r where {conditions} order by r.{order} limit {most:d}"""
    if _of_kinds(wanted):
        # The begin of each kind, out of an index that has it in the order of the list, however rare the kind is.
        inner = f"""
            select found.* from {THESE_KINDS} cross join lateral ({inner}) found order by {order} limit {most:d}"""
    return inner, values


async def _found_ids(tx: Tx, part: Slice, wanted: Wanted, most: int) -> list[int]:
    """The first of all that are found."""
    conditions, values = _conditions(wanted)
    kinds = f"{THESE_KINDS} join" if _of_kinds(wanted) else ""
    follows = "on" if kinds else "where"
    inner = f"""
        select r.id from {kinds} reviews r {follows} {conditions} and {FOUND}
        order by r.{_order(part)} limit {most:d}"""
    return list(await tx.value(f"select coalesce(array_agg(id), '{{}}') from ({inner}) listed", **values))


def _order(part: Slice) -> str:
    direction = "desc" if part.descending else "asc"
    return f"{part.column} {direction}, id {direction}"


def stream(tx: Tx, part: Slice, wanted: Wanted) -> AsyncGenerator[ListedReview, None]:
    """All reviews that match, in the order of `part`."""
    direction = "desc" if part.descending else "asc"
    conditions, values = _conditions(wanted)
    inner = f"select r.id from {THESE_KINDS} join reviews r on {conditions}" if _of_kinds(wanted) else ""
    matching = f"r.id in ({inner})" if inner else conditions
    if wanted.q:
        matching += f" and {FOUND}"
    sql = f"{LISTED} and {matching} order by r.{part.column} {direction}, r.id {direction}"
    return tx.stream(ListedReview, sql, **values)


def _of_kinds(wanted: Wanted) -> bool:
    return bool(wanted.status or wanted.type or wanted.decision)


def _conditions(wanted: Wanted) -> tuple[str, dict[str, object]]:
    """The conditions on `r`, those on kinds included, with their values."""
    found = ["r.account_id = %(account_id)s", UNDELETED]
    if _of_kinds(wanted):
        found.append(OF_KIND)
    if wanted.user_id is not None:
        found.append("r.user_id = %(user_id)s")
    kinds: dict[str, Sequence[StrEnum]] = {
        "statuses": [wanted.status] if wanted.status else list(ReviewStatus),
        "types": [wanted.type] if wanted.type else list(ReviewType),
        "decisions": [wanted.decision] if wanted.decision else list(Decision),
    }
    values: dict[str, object] = {name: [each.value for each in chosen] for name, chosen in kinds.items()}
    return " and ".join(found), values | {"user_id": wanted.user_id, "q": wanted.q, "words": _words(wanted.q)}


def _words(q: str) -> str:
    """A query for titles in which words begin so."""
    return " & ".join(f"'{word}':*" for word in re.findall(r"\w+", q))


async def of_vendor(tx: Tx, vendor_id: int, most: int) -> list[ListedReview]:
    """The newest reviews of a vendor."""
    return await tx.all(
        ListedReview,
        f"{LISTED} and r.vendor_id = %(vendor_id)s order by r.created_at desc, r.id desc limit %(most)s",
        vendor_id=vendor_id,
        most=most,
    )


async def page_documents(
    tx: Tx, part: Slice, vendor_id: int, q: str = "", type_: str | None = None
) -> list[VendorDocument]:
    """A page of a vendor's documents whose names contain `q`, of one type or any."""
    return await tx.page(VendorDocument, DOCUMENTS, part, vendor_id=vendor_id, q=q, type=type_)


async def documents_of_review(tx: Tx, review_id: int, most: int) -> list[VendorDocument]:
    """The documents of a review, the oldest first."""
    return await tx.all(
        VendorDocument,
        f"""
        select {DOCUMENT} from vendor_documents
        where account_id = %(account_id)s and review_id = %(review_id)s
        order by created_at, id limit %(most)s
        """,
        review_id=review_id,
        most=most,
    )


async def newest_entries(tx: Tx, review_id: int, most: int) -> list[DecisionEntry]:
    """The last entries of a review's history, the newest first."""
    return await tx.all(
        DecisionEntry, f"{ENTRIES} order by created_at desc, id desc limit %(most)s", review_id=review_id, most=most
    )
