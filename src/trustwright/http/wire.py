"""How values look on the wire: names, ids, dates, expansions (Q10 to Q19)."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct

from trustwright.times import iso

__all__ = ["MAX_ID", "Id", "Timestamp", "Wire", "iso", "iso_or_none", "plain"]

MAX_ID = 2**31 - 1

Id = Annotated[int, Meta(ge=1, le=MAX_ID)]
Timestamp = Annotated[str, Meta(extra_json_schema={"format": "date-time", "examples": ["2025-07-01T16:45:55.246Z"]})]


class Wire(Struct, frozen=True, kw_only=True, rename="camel"):
    """A body or a query: fields in camel case, unknown ones ignored (Q22)."""


def iso_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


def plain(moment: datetime) -> str:
    """`2025-07-01 16:45:55.246000`: UTC, no zone, as upsert answers print it (Q38)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
