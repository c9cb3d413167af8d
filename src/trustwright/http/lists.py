"""Lists: pages by number (v1), pages by cursor (v2). Q10 to Q12, Q16."""

import base64
import binascii
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from trustwright.db import Slice
from trustwright.errors import Invalid
from trustwright.http.wire import MAX_ID, Wire

T = TypeVar("T")
Row = TypeVar("Row")


class Sort(StrEnum):
    CREATED_AT = "createdAt"
    UPDATED_AT = "updatedAt"


class NamedSort(StrEnum):
    """For objects that have a name (Q12)."""

    CREATED_AT = "createdAt"
    UPDATED_AT = "updatedAt"
    NAME = "name"


class CreatedSort(StrEnum):
    """For objects that never change."""

    CREATED_AT = "createdAt"


class SortDirection(StrEnum):
    ASC = "ASC"
    DESC = "DESC"


COLUMNS = {"createdAt": "created_at", "updatedAt": "updated_at", "name": "name"}


class PageQuery(Wire, frozen=True):
    page: Annotated[int, Meta(ge=1, le=MAX_ID)] = 1
    limit: Annotated[int, Meta(ge=1, le=50)] = 20


class ListQuery(Wire, frozen=True, kw_only=True):
    """What every list by cursor is asked with; by what it sorts, each says itself."""

    cursor: str | None = None
    size: Annotated[int, Meta(ge=1, le=500)] = 50
    sort: StrEnum
    sort_dir: SortDirection = SortDirection.ASC
    include_total_count: bool = False


class CursorQuery(ListQuery, frozen=True):
    sort: Sort = Sort.CREATED_AT


class NamedQuery(ListQuery, frozen=True):
    sort: NamedSort = NamedSort.CREATED_AT


class CreatedQuery(ListQuery, frozen=True):
    sort: CreatedSort = CreatedSort.CREATED_AT


class NumberedPage(Wire, Generic[T], frozen=True):
    data: list[T]
    page: int
    limit: int
    total: int


class Pagination(Wire, frozen=True):
    """`cursor` is null on the last page; `totalCount` is there only when asked for on the first."""

    cursor: str | None
    total_count: int | UnsetType = UNSET


class CursorPage(Wire, Generic[T], frozen=True):
    data: list[T]
    pagination: Pagination


class Position(Struct, frozen=True, array_like=True):
    """Where a page ended: the sort value and the key of its last row, and what the list was filtered by."""

    list: str
    value: str
    key: int


async def numbered(
    query: PageQuery,
    fetch: Callable[[Slice], Awaitable[list[Row]]],
    count: Callable[[], Awaitable[int]],
    render: Callable[[Row], T],
    *,
    column: str = "created_at",
    descending: bool = False,
) -> NumberedPage[T]:
    """One page by number; a page past the end is empty and keeps the true total (Q10)."""
    offset = (query.page - 1) * query.limit
    rows = await fetch(Slice(column=column, descending=descending, limit=query.limit, offset=offset))
    return NumberedPage(data=[render(row) for row in rows], page=query.page, limit=query.limit, total=await count())


async def by_cursor(
    query: ListQuery,
    scope: object,
    fetch: Callable[[Slice], Awaitable[list[Row]]],
    count: Callable[[], Awaitable[int]],
    render: Callable[[Row], T],
    *,
    key: str = "id",
) -> CursorPage[T]:
    """One page after the cursor. `scope` is what else decides the list (path ids, its generation): a cursor fits
    only the scope, filters and order that made it. Raises Invalid."""
    column = COLUMNS[query.sort]
    name = _list_name(query, scope)
    after = _after(query.cursor, name, column) if query.cursor is not None else None
    descending = query.sort_dir is SortDirection.DESC
    rows = await fetch(Slice(column=column, descending=descending, limit=query.size + 1, after=after))
    more = len(rows) > query.size
    rows = rows[: query.size]
    total = await count() if query.include_total_count and query.cursor is None else UNSET
    cursor = _cursor(name, getattr(rows[-1], column), getattr(rows[-1], key)) if more else None
    return CursorPage(data=[render(row) for row in rows], pagination=Pagination(cursor=cursor, total_count=total))


def _list_name(query: ListQuery, scope: object) -> str:
    filters = {
        field: value
        for field in query.__struct_fields__
        if field not in ("cursor", "size", "include_total_count", "expand")
        and (value := getattr(query, field)) is not UNSET
    }
    return hashlib.sha256(msgspec.json.encode([filters, scope])).hexdigest()[:16]


def _cursor(name: str, value: Any, key: int) -> str:
    text = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(msgspec.json.encode(Position(name, text, key))).decode().rstrip("=")


def _after(cursor: str, name: str, column: str) -> tuple[object, int]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        position = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=Position)
        value = position.value if column == "name" else datetime.fromisoformat(position.value)
    except (ValueError, binascii.Error) as error:
        raise Invalid("cursor: not a cursor of this API; send the one that the last page gave") from error
    if position.list != name:
        raise Invalid("cursor: it belongs to a list with other filters, order or data; start again without it")
    if not 0 <= position.key < 2**63 or "\0" in position.value:
        raise Invalid("cursor: not a cursor of this API; send the one that the last page gave")
    return value, position.key
