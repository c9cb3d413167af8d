"""Reports on the wire: as CSV (RFC 4180, without a byte order mark), and as JSON."""

import re
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from trustwright.http.csv_files import cell, csv_lines, plain
from trustwright.http.wire import Wire
from trustwright.trust_reports.model import Row

CSV = "text/csv"
JSON = "application/json"

QUALITY = re.compile(r";\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)", re.IGNORECASE)

Value = str | int | float | bool | None

_json = msgspec.json.Encoder(decimal_format="number")


class Report(Wire, frozen=True):
    """The rows as objects: the columns of the CSV by their names, numbers and booleans as such, an empty cell null."""

    filename: str
    data: list[dict[str, Value]]


class Form(Struct, frozen=True):
    """How a report is written: `begin`, rows with `between` between their groups, `end`."""

    media_type: str
    begin: bytes
    between: bytes
    end: bytes

    def lines(self, rows: Sequence[Row]) -> bytes:
        """A group of rows."""
        return csv_lines(map(cells, rows)) if self.media_type == CSV else json_items(rows)


def form(media_type: str, kind: type[Row], filename: str) -> Form:
    """The form of a report, in CSV with its header."""
    if media_type == CSV:
        return Form(CSV, begin=csv_lines([list(kind.__struct_fields__)]), between=b"", end=b"")
    return Form(JSON, begin=b'{"filename":' + _json.encode(filename) + b',"data":[', between=b",", end=b"]}")


def cells(row: Row) -> list[str]:
    """The cells of a row; a text that a spreadsheet would take for a formula gets an apostrophe (decisions 28)."""
    return [cell(getattr(row, name)) for name in row.__struct_fields__]


def json_items(rows: Sequence[Row]) -> bytes:
    """Objects with commas between them."""
    return _json.encode([{name: plain(getattr(row, name)) for name in row.__struct_fields__} for row in rows])[1:-1]


def media_type_for(accept: str, otherwise: str = CSV) -> str:
    """CSV or JSON, whichever the client would rather have; `otherwise` in all other cases."""
    wanted = dict(_range(part) for part in accept.lower().split(","))

    def quality(*ranges: str) -> float:
        return next((wanted[each] for each in ranges if each in wanted), 0)

    for_json, for_csv = quality(JSON, "application/*", "*/*"), quality(CSV, "text/*", "*/*")
    if for_json == for_csv:
        return otherwise
    return JSON if for_json > for_csv else CSV


def _range(part: str) -> tuple[str, float]:
    found = QUALITY.search(part)
    return part.partition(";")[0].strip(), float(found[1]) if found else 1
