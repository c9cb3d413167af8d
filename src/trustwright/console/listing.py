"""Lists of the console: search, filters, order and page live in the address, so that it can be sent to somebody."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar
from urllib.parse import urlencode

from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse
from msgspec import Struct

from trustwright.console.rendering import HEADERS
from trustwright.console.visits import Visit
from trustwright.db import Slice
from trustwright.http.answers import unbroken
from trustwright.http.csv_files import csv_lines

SIZE = 25
FURTHEST = 10_000
AT_ONCE = 500

Row = TypeVar("Row")
E = TypeVar("E", bound=StrEnum)


class Listing:
    """What a list is asked for. `sorts`: the database's column for each order that can be asked for; the first is the
    one that nobody asked for, downwards if its name begins with `-`."""

    def __init__(self, visit: Visit, sorts: dict[str, str], *, filters: tuple[str, ...] = ()) -> None:
        first = next(iter(sorts))
        self.visit = visit
        self.sorts = {name.removeprefix("-"): column for name, column in sorts.items()}
        self.q = visit.text("q").strip()
        asked = visit.text("sort", first)
        self.sort = asked if asked.removeprefix("-") in self.sorts else first
        page = visit.text("page", "1")
        self.number = max(1, min(int(page), FURTHEST)) if page.isascii() and page.isdigit() else 1
        self.filters = {name: visit.texts(name) for name in ("q", *filters) if any(visit.texts(name))}
        self._default = first

    def choice(self, name: str, kind: type[E]) -> E | None:
        """What a filter is set to; None for everything, and for what is no such thing."""
        text = self.visit.text(name)
        return kind(text) if text in list(kind) else None

    def day(self, name: str) -> date | None:
        """The day that a filter is set to; None for none, and for what is no day."""
        try:
            return date.fromisoformat(self.visit.text(name))
        except ValueError:
            return None

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def is_filtered(self) -> bool:
        return bool(self.filters)

    @property
    def slice(self) -> Slice:
        """The rows of the page, and one more that tells whether another follows."""
        column = self.sorts[self.sort.removeprefix("-")]
        return Slice(column=column, descending=self.descending, limit=SIZE + 1, offset=(self.number - 1) * SIZE)

    def of(self, rows: list[Row]) -> "Shown[Row]":
        """The page's rows, of those that its slice found."""
        return Shown(rows=rows[:SIZE], has_more=len(rows) > SIZE, first=(self.number - 1) * SIZE + 1)

    def url(self, **changes: str | int | None) -> str:
        """The address of this list with some parameters changed, None for without."""
        asked: dict[str, str | int | list[str] | None] = {**self.filters}
        asked |= {"sort": self.sort if self.sort != self._default else None}
        asked |= {"page": self.number if self.number > 1 and "page" not in changes else None}
        asked |= changes
        given = {name: value for name, value in asked.items() if value not in (None, "", [])}
        return f"{self.visit.path}?{urlencode(given, doseq=True)}" if given else self.visit.path

    def order(self, name: str) -> str:
        """The address that sorts by a column: upwards, then downwards."""
        return self.url(sort=f"-{name}" if self.sort == name else name, page=None)

    def direction(self, name: str) -> str:
        """How the list is sorted by a column, in the words of `aria-sort`."""
        if self.sort.removeprefix("-") != name:
            return "none"
        return "descending" if self.descending else "ascending"

    @property
    def wants_csv(self) -> bool:
        return self.visit.text("format") == "csv"


class Shown(Struct, Generic[Row], frozen=True):
    """The rows of a page, the number of the first of them, and whether another page follows."""

    rows: list[Row]
    has_more: bool
    first: int

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def csv_file(name: str, columns: list[str], lines: AsyncGenerator[list[str], None]) -> ASGIResponse:
    """A list as a file, sent while it is read."""

    async def parts() -> AsyncGenerator[bytes, None]:
        yield csv_lines([columns])
        async for line in lines:
            yield csv_lines([line])

    headers = {**HEADERS, "content-type": "text/csv; charset=utf-8"}
    headers |= {"content-disposition": f'attachment; filename="{name}.csv"'}
    return ASGIStreamingResponse(iterator=unbroken(parts()), headers=headers)


async def everything(
    listing: Listing, fetch: Callable[[Slice], Awaitable[list[Row]]], *, key: str = "id"
) -> AsyncGenerator[Row, None]:
    """All rows of a list, in its order, some hundred at a time. The column that it is sorted by has the name of the
    rows' field, and is never null."""
    column = listing.sorts[listing.sort.removeprefix("-")]
    after = None
    while rows := await fetch(Slice(column=column, descending=listing.descending, limit=AT_ONCE, after=after)):
        for row in rows:
            yield row
        after = (getattr(rows[-1], column), getattr(rows[-1], key))
