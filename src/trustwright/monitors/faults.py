"""Faults of definitions: collected instead of raised, so that an author sees all of them at once."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from trustwright.monitors.model import Fault

MOST = 50

LONGEST_TEXT = 10_000
LONGEST_SHOWN = 60
# What jsonb cannot keep, and no record therefore has.
UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")

# Comparing a long name with thousands takes longer than its author waits.
COMPARED = 300
KEYS_SHOWN = 5


def blame(faults: list[Fault], place: str, message: str) -> None:
    """Adds a fault; those behind the fiftieth are dropped."""
    if len(faults) < MOST:
        faults.append(Fault(place, message))


def blame_unknown_keys(faults: list[Fault], place: str, value: dict[Any, Any], known: Sequence[str]) -> None:
    """One fault for all keys of an object that mean nothing there; the first five are named."""
    unknown = [key for key in value if key not in known]
    if not unknown:
        return
    named = ", ".join(shown(key) for key in unknown[:KEYS_SHOWN])
    more = f" and {len(unknown) - KEYS_SHOWN} more" if len(unknown) > KEYS_SHOWN else ""
    close = suggestion(unknown[0], [key for key in known if key not in value]) if len(unknown) == 1 else ""
    cure = close or f"; remove {'it' if len(unknown) == 1 else 'them'} (known here: {', '.join(known)})"
    blame(faults, place, f"{named}{more} {'has' if len(unknown) == 1 else 'have'} no meaning here{cure}")


def suggestion(name: object, known: Iterable[str]) -> str:
    """`; did you mean 'equal'?`, or nothing when no known name is near."""
    if not isinstance(name, str) or len(name) > LONGEST_SHOWN:
        return ""
    by_small = {other.lower(): other for other, _ in zip(known, range(COMPARED), strict=False)}
    close = get_close_matches(name.lower(), by_small, n=1, cutoff=0.6)
    return f"; did you mean '{by_small[close[0]]}'?" if close else ""


def shown(value: object) -> str:
    """A value in a sentence: scalars as JSON writes them (texts in single quotes, cut short), all else by its kind."""
    if isinstance(value, str):
        text = "".join(c if c.isprintable() else "?" for c in value[:LONGEST_SHOWN])
        return f"'{text}{'...' if len(value) > LONGEST_SHOWN else ''}'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float) and abs(value) < 10**LONGEST_SHOWN:
        return str(value)
    return described(kind_of(value) or type(value).__name__)


def kind_of(value: object) -> str | None:
    """The JSON type of a value; None for what JSON does not have, such as the dates of YAML, NaN and infinity."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int):
        return "number"
    if isinstance(value, float):
        return "number" if abs(value) < float("inf") else None
    return "array" if isinstance(value, list) else "object" if isinstance(value, dict) else None


def described(kind: str) -> str:
    """A type with its article."""
    return kind if kind == "null" else f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"


def text_fault(value: str, most: int = LONGEST_TEXT) -> str | None:
    """Why a text can stand nowhere in a definition. `most`: how many characters it may have."""
    if len(value) > most:
        return f"has {len(value):,} characters; at most {most:,} are possible"
    if UNKEEPABLE.search(value):
        return "has a character that no record can have (NUL or half a surrogate pair); remove it"
    return None
