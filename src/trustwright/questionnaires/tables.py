"""Tables of text out of workbooks and CSV files."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

from msgspec import Struct
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

WORKBOOKS = ("xlsx", "ods")
READABLE = (*WORKBOOKS, "csv")

SHEETS = 50
ROWS = 20_000
COLUMNS = 200
LONGEST_TEXT = 32_767
SAMPLE = 16_384

Value = int | float | str | bool | date | datetime | time | timedelta


class Table(Struct, frozen=True):
    """A sheet from its first row and column on. `wide`: the cells, as (row, column) from 0, that span columns."""

    name: str
    rows: list[list[str]]
    wide: set[tuple[int, int]] = set()


def tables_of(path: Path, extension: str) -> list[Table] | None:
    """The sheets that a person sees in a file, cut at 50 sheets of 20,000 rows and 200 columns; None where the file
    is none of its kind."""
    if extension == "csv":
        return _of_csv(path)
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            shown = [
                sheet.name
                for sheet in workbook.sheets_metadata
                if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
            ]
            return [_of_sheet(workbook.get_sheet_by_name(name)) for name in shown[:SHEETS]]
    except CalamineError:
        # The root of the library's errors: a broken archive or XML, a password. A vendor's file may be all of these,
        # and is then kept as a file.
        return None


def _of_sheet(sheet: CalamineSheet) -> Table:
    rows = sheet.to_python(skip_empty_area=False, nrows=ROWS)
    wide = {(top, left) for (top, left), (_, right) in sheet.merged_cell_ranges or [] if right > left}
    return Table(sheet.name, [[_text(value) for value in row[:COLUMNS]] for row in rows], wide)


def _of_csv(path: Path) -> list[Table] | None:
    text = _decoded(path.read_bytes())
    if text is None:
        return None
    try:
        return [Table(path.stem, [[_text(value) for value in row[:COLUMNS]] for row in islice(_csv_rows(text), ROWS)])]
    except csv.Error:
        # A field longer than the module reads: no answer of a person.
        return None


def _csv_rows(text: str) -> Iterator[list[str]]:
    """Rows by the delimiter that the beginning speaks for. The quotes are RFC 4180's whatever the sniffer thinks: it
    sees only the beginning, and a doubled quote may come late."""
    try:
        delimiter = csv.Sniffer().sniff(text[:SAMPLE], delimiters=",;\t|").delimiter
    except csv.Error:
        # Nothing speaks for any delimiter, as in a single column.
        delimiter = ","
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _decoded(content: bytes) -> str | None:
    """Text in the encoding that its byte order mark names, else UTF-8, else that of Western Windows, else Latin-1."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            return None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _text(value: Value) -> str:
    """A cell as a person reads it; without NUL, which the database cannot hold."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    return re.sub(r"[ \t\xa0]+", " ", str(value).replace("\0", "")).strip()[:LONGEST_TEXT]
