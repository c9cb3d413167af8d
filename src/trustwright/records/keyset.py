"""Where a page of a long list begins or ends, as an address can hold it."""

from datetime import datetime

from trustwright.records.items import LONGEST_ID

LAST_CHARACTER = "\U0010ffff"
LONGEST = 18


def cursor(value: object, position: int) -> str:
    """Of the row with this value in the column that the list is sorted by."""
    return f"{position}.{value.isoformat() if isinstance(value, datetime) else value}"


def place_of(text: str, *, by_time: bool) -> tuple[object, int] | None:
    """The value and the position that a cursor holds; None for what is no cursor."""
    position, _, value = text.partition(".")
    if not (position.isascii() and position.isdigit() and len(position) <= LONGEST and value):
        return None
    if not by_time:
        return value, int(position)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment, int(position)) if moment.tzinfo else None


def successor(prefix: str) -> str:
    """A text that comes after all ids that begin with `prefix`, and before all others that come after those, in the
    order of code points."""
    kept = prefix.rstrip(LAST_CHARACTER)
    if not kept:
        return LAST_CHARACTER * (LONGEST_ID + 1)
    last = ord(kept[-1]) + 1
    # What lies there are halves of characters, which no text has.
    return kept[:-1] + chr(0xE000 if 0xD800 <= last <= 0xDFFF else last)
