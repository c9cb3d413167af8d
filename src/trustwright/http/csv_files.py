"""Files for spreadsheets: CSV by RFC 4180, without a byte order mark."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from trustwright.times import iso

# What makes a spreadsheet take a text for a formula (decisions 28).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(lines: Iterable[list[str]]) -> bytes:
    """Lines of cells, in UTF-8 and with CRLF at their ends."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode()


def cell(value: object) -> str:
    """Only texts may hold what others wrote; our own numbers stay numbers, also those below zero."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    shown = plain(value)
    return harmless(shown) if isinstance(value, str) else str(shown)


def plain(value: Any) -> Any:
    """Moments and ids as text; what JSON has itself stays."""
    if isinstance(value, datetime):
        return iso(value)
    return str(value) if isinstance(value, UUID) else value


def harmless(text: str) -> str:
    """A text of others as a spreadsheet shows it, and does not take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
