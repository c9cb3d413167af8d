"""The items of an upload: taken from the body, each judged by itself, so that one bad item spoils only itself.

The fast way reads the whole list at once. Only when that fails is the text cut into items by hand, which finds out
whose fault it is."""

import json
import re
from typing import Any
from uuid import uuid4

import msgspec
from msgspec import Struct

from trustwright.errors import Invalid

DEEPEST = 64
LARGEST = 1024 * 1024
LONGEST_ID = 255

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
SURROGATE = re.compile(r"[\ud800-\udfff]")
SUSPECT_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]', re.DOTALL)

# The database keeps numbers exactly, with at most 16,383 digits behind the point. What may pass that is seen with every
# digit made 0: a search for plain text costs a tenth of one for a pattern.
FOLDED = bytes.maketrans(b"123456789E", b"000000000e")
SUSPECT_EXPONENTS = (b"0e-0000", b"0e0000000000", b"0e+0000000000")
LONGEST_NUMBER = 1000
LONG_DIGITS = b"0" * LONGEST_NUMBER
SMALLEST_EXPONENT = -1000

BAD_DATA = "data: must be an object or a list of objects"


class Item(Struct):
    """One record as it was sent. `raw` is its JSON text, None when there is none to echo; `values` the same decoded;
    `fault` says why it cannot be stored, and `code` of what kind that is."""

    raw: bytes | None
    values: dict[str, Any]
    record_id: str = ""
    fault: str | None = None
    code: int = Invalid.code


class Batch(Struct, frozen=True):
    """What an upload carries. `single` when it was an object and not a list."""

    items: list[Item]
    single: bool


class Envelope(Struct):
    data: msgspec.Raw


_envelope = msgspec.json.Decoder(Envelope)
_raw_items = msgspec.json.Decoder(list[msgspec.Raw])
_objects = msgspec.json.Decoder(list[dict[str, Any]])
_object = msgspec.json.Decoder(dict[str, Any])


def read_batch(body: bytes, most: int) -> Batch:
    """The items of `{"data": object or list of objects}`. Raises Invalid when it is not that, or has over `most`."""
    try:
        data = _envelope.decode(body).data
        first = memoryview(data)[0]
        single = first == ord("{")
        if not single and first != ord("["):
            raise Invalid(BAD_DATA)
        texts = [bytes(data)] if single else [bytes(raw) for raw in _raw_items.decode(data)]
        values = [_object.decode(data)] if single else _objects.decode(data)
        items = [Item(raw=raw, values=value) for raw, value in zip(texts, values, strict=True)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        single, items = _read_by_hand(body)
    if len(items) > most:
        raise Invalid(f"data: at most {most} records a request, not {len(items)}")
    suspect_texts = b"\\" in body and SUSPECT_ESCAPE.search(body) is not None
    suspect_numbers = _has_suspect_exponent(body)
    for item in items:
        if suspect_texts or suspect_numbers or not _is_plain(item):
            item.fault = item.fault or _size_fault(item, suspect_numbers) or _identify(item)
        if suspect_texts and item.fault is None:
            item.fault = _bad_text(item.values)
    return Batch(items=items, single=single)


def _is_plain(item: Item) -> bool:
    """Whether the item is short, flat and named by an ordinary text, as nearly all are; takes its name then."""
    raw, given = item.raw, item.values.get("id")
    if (
        raw is None
        or len(raw) > LONGEST_NUMBER
        or raw.count(b"{") + raw.count(b"[") > DEEPEST
        or not isinstance(given, str)
        or not given.isprintable()
        or not 0 < len(given) <= LONGEST_ID
    ):
        return False
    item.record_id = given
    return True


def read_single(body: bytes) -> Item:
    """The item of `{"data": object}`. Raises Invalid when it is not that."""
    batch = read_batch(body, 1)
    if not batch.single:
        raise Invalid("data: must be an object")
    return batch.items[0]


def _identify(item: Item) -> str | None:
    """Names the record, by a new id where none was sent; why it cannot be named (Q40)."""
    given = item.values.get("id")
    if isinstance(given, str):
        item.record_id = given
        return id_fault(given)
    if given is None:
        item.record_id = str(uuid4())
        return None
    if isinstance(given, bool) or not isinstance(given, int | float):
        return "id: must be a string or a number"
    item.record_id = str(int(given)) if given == int(given) else str(given)
    return None


def id_fault(record_id: str) -> str | None:
    """Why a text cannot be a record id (decisions 20)."""
    if not 1 <= len(record_id) <= LONGEST_ID:
        return f"id: must have 1 to {LONGEST_ID} characters"
    if not record_id.isprintable() and (CONTROL.search(record_id) or SURROGATE.search(record_id)):
        return "id: must not contain control characters"
    return None


def _size_fault(item: Item, suspect_numbers: bool) -> str | None:
    """Why a record is too much: too long, too deep, or with a number that the database cannot keep."""
    raw = item.raw or b""
    size = len(raw)
    if size > LARGEST:
        return f"A record must not be larger than {LARGEST} bytes"
    # Fewer brackets than levels: nothing to look into.
    if raw.count(b"{") + raw.count(b"[") > DEEPEST and _depth(item.values) > DEEPEST:
        return f"A record must not be nested deeper than {DEEPEST} levels"
    if (suspect_numbers and _has_suspect_exponent(raw)) or (
        size > LONGEST_NUMBER and LONG_DIGITS in raw.translate(FOLDED)
    ):
        return _bad_number(raw)
    return None


def _has_suspect_exponent(text: bytes) -> bool:
    folded = text.translate(FOLDED)
    return b"0e" in folded and any(hint in folded for hint in SUSPECT_EXPONENTS)


def _bad_number(raw: bytes) -> str | None:
    numbers: list[str] = []
    json.loads(raw, parse_float=numbers.append, parse_int=numbers.append)
    for number in numbers:
        exponent = number.lower().partition("e")[2] or "0"
        if len(number) > LONGEST_NUMBER or len(exponent) > 6 or int(exponent) < SMALLEST_EXPONENT:
            return "A number is out of range"
    return None


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


def _bad_text(value: object) -> str | None:
    if isinstance(value, str):
        if "\0" in value:
            return "A text must not contain the NUL character"
        return "A text must not contain a lone surrogate" if SURROGATE.search(value) else None
    parts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return next(filter(None, map(_bad_text, parts)), None)


def _read_by_hand(body: bytes) -> tuple[bool, list[Item]]:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Invalid("The JSON is not UTF-8") from error
    data = _member(text, "data")
    if data is None:
        raise Invalid(_why_malformed(text))
    if data[:1] not in ("{", "["):
        raise Invalid(BAD_DATA)
    single = data[0] == "{"
    return single, [_judge(part) for part in ([data] if single else _parts(data))]


def _judge(text: str) -> Item:
    """An item that may or may not be what spoilt the whole. Raises Invalid when its JSON is malformed."""
    nonsense: list[str] = []
    try:
        values = json.loads(text, parse_constant=nonsense.append)
    except RecursionError:
        return Item(raw=None, values={}, fault=f"A record must not be nested deeper than {DEEPEST} levels")
    except ValueError as error:
        if "integer string conversion" not in str(error):
            raise Invalid(f"malformed JSON: {error}") from error
        return Item(raw=None, values={}, fault="A number has too many digits")
    if not isinstance(values, dict):
        raise Invalid(BAD_DATA)
    if nonsense:
        return Item(raw=None, values={}, fault=f"{nonsense[0]} is not JSON; send null or a text")
    if _infinite(values):
        return Item(raw=None, values={}, fault="A number is out of range")
    if bad := _bad_text(values):
        return Item(raw=None, values={}, fault=bad)
    return Item(raw=text.encode(), values=values)


def _infinite(value: object) -> bool:
    if isinstance(value, float):
        return value in (float("inf"), float("-inf"))
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(_infinite, parts))


def _why_malformed(text: str) -> str:
    try:
        value = json.loads(text)
    except RecursionError:
        return "malformed JSON: nested too deeply"
    except ValueError as error:
        return f"malformed JSON: {error}"
    return "data: is required" if isinstance(value, dict) else "The body must be an object with `data`"


def _member(text: str, name: str) -> str | None:
    """The text of a member of the outermost object; None when the brackets do not close or it is not there."""
    if not text.lstrip().startswith("{"):
        return None
    found: str | None = None
    for part in _parts(text.strip()):
        key, colon, value = part.partition(":")
        if not colon:
            raise Invalid("malformed JSON: a name or a value is missing")
        if key.strip() == f'"{name}"':
            found = value.strip()
    return found


def _parts(text: str) -> list[str]:
    """What stands between the commas of the outermost list or object. Raises Invalid when its brackets do not close."""
    depth, start, parts = 0, 1, []
    for token in TOKEN.finditer(text):
        symbol = token.group()
        if symbol in ("[", "{"):
            depth += 1
        elif symbol in ("]", "}"):
            depth -= 1
        if (symbol == "," and depth == 1) or depth == 0:
            parts.append(text[start : token.start()].strip())
            start = token.end()
        if depth == 0:
            break
    if depth or text[start:].strip():
        raise Invalid("malformed JSON: its brackets do not close")
    return [] if parts == [""] else parts
