"""The items of an upload: taken from the body, each judged by itself, so that one bad item spoils only itself.

The fast ways read the whole list at once: into the shape of its schema, or into any values. Only when that fails is it
read again by a decoder that forgives what one record may get wrong, which finds out whose fault it is."""

import json
import re
from functools import cached_property
from itertools import repeat
from typing import Any, Generic, TypeVar
from uuid import uuid4

import msgspec
from msgspec import Struct

from trustwright.errors import Invalid
from trustwright.records.nesting import deeper_than, members
from trustwright.records.shapes import Shape

DEEPEST = 64
LARGEST = 1024 * 1024
LONGEST_ID = 255

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
SURROGATE = re.compile(r"[\ud800-\udfff]")
SUSPECT_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
# A text may lack its end: the search for it must not start again at each quote inside.
TOKEN = re.compile(r'"(?:[^"\\]++|\\.?)*+"?|[\[\]{}]', re.DOTALL)

# The database keeps numbers exactly, with at most 16,383 digits behind the point. What may pass that is seen with every
# digit made 0 and every sign a minus: a search for plain text costs a tenth of one for a pattern.
FOLDED = bytes.maketrans(b"123456789E+", b"000000000e-")
SUSPECT_EXPONENTS = (b"0e-0000", b"0e0000000000")
LONGEST_NUMBER = 1000
LONG_DIGITS = b"0" * LONGEST_NUMBER
SMALLEST_EXPONENT = -1000

TOO_DEEP = f"A record must not be nested deeper than {DEEPEST} levels"
CUT_DEPTH = DEEPEST + 4
# No text of valid JSON: it ends up where no record can be stored.
CUT_OFF = "\ud800 nested too deeply"

BRACE = ord("{")
BAD_DATA = "data: must be an object or a list of objects"


class Item(Struct):
    """One record as it was sent. `raw` is its JSON text, None when there is none to echo; `values` the same decoded;
    `fault` says why it cannot be stored, and `code` of what kind that is."""

    raw: msgspec.Raw | None
    values: dict[str, Any]
    record_id: str = ""
    fault: str | None = None
    code: int = Invalid.code


class Batch(Struct, frozen=True, dict=True):
    """What an upload carries: the texts of its items, which nobody has looked into yet unless there was no other way to
    tell where they end. `single` when it was an object and not a list."""

    body: bytes
    single: bool
    raws: list[msgspec.Raw]
    known: list[Item] | None = None

    @cached_property
    def items(self) -> list[Item]:
        """The items, with a fault where one cannot be stored whatever its schema says. Raises Invalid."""
        if self.known is not None:
            return self.known
        try:
            values = [_object.decode(self.raws[0])] if self.single else _objects.decode(self.body).data
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _examined(self.body, _read_by_hand(self.body, len(self.raws))[1])
        return _examined(self.body, list(map(Item, self.raws, values)))

    def fitting(self, shape: Shape | None) -> list[Item] | None:
        """The items without their values, if all have that shape and nothing else speaks against any of them."""
        if shape is None or self.single or self.known is not None:
            return None
        try:
            names = [record.id for record in shape.decode(self.body).data]
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        if not _ordinary(names) or max(map(len, self.raws), default=0) > LONGEST_NUMBER or _has_suspect_text(self.body):
            return None
        return list(map(Item, self.raws, repeat({}), names))


T = TypeVar("T")


class Envelope(Struct, Generic[T]):
    data: T


_raw_item = msgspec.json.Decoder(Envelope[msgspec.Raw])
_raw_items = msgspec.json.Decoder(Envelope[list[msgspec.Raw]])
_objects = msgspec.json.Decoder(Envelope[list[dict[str, Any]]])
_object = msgspec.json.Decoder(dict[str, Any])


def read_batch(body: bytes, most: int) -> Batch:
    """What `{"data": object or list of objects}` carries. Raises Invalid when it is not that, or has over `most`."""
    try:
        single, raws = _texts(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        single, items = _read_by_hand(body, most)
        return Batch(body, single, [], _examined(body, items))
    _require_few(len(raws), most)
    if any(memoryview(raw)[0] != BRACE for raw in raws):
        raise Invalid(BAD_DATA)
    return Batch(body, single, raws)


def _texts(body: bytes) -> tuple[bool, list[msgspec.Raw]]:
    if not body.isascii():
        body.decode()  # no text is looked into here, so none would be found that is not UTF-8
    try:
        return False, _raw_items.decode(body).data
    except msgspec.ValidationError:
        raw = _raw_item.decode(body).data
        if memoryview(raw)[0] != BRACE:
            raise
        return True, [raw]


def _examined(body: bytes, items: list[Item]) -> list[Item]:
    """The items with their names, or with a fault."""
    suspect_texts = _has_suspect_text(body)
    suspect_numbers = _has_suspect_exponent(body)
    if suspect_texts or suspect_numbers or not _all_plain(items):
        for item in items:
            item.fault = item.fault or _size_fault(item, suspect_numbers) or _identify(item)
            if suspect_texts and item.fault is None:
                item.fault = _bad_text(item.values)
    return items


def _all_plain(items: list[Item]) -> bool:
    """Whether all are short, flat and named by ordinary texts, as nearly always; takes their names then.

    The whole list is looked at by loops outside Python: to ask item by item takes as long as to decode them."""
    raws = [bytes(item.raw or b"") for item in items]
    names: list[Any] = [item.values.get("id") for item in items]
    if not _ordinary(names):
        return False
    if any(len(raw) > LONGEST_NUMBER or raw.count(b"{") + raw.count(b"[") > DEEPEST for raw in raws):
        return False
    for item, name in zip(items, names, strict=True):
        item.record_id = name
    return True


def _ordinary(names: list[Any]) -> bool:
    """Whether all are texts that can name a record."""
    try:
        printable = "".join(names).isprintable()
    except TypeError:
        return False
    lengths = set(map(len, names)) | {1}
    return printable and min(lengths) > 0 and max(lengths) <= LONGEST_ID


def _require_few(count: int, most: int) -> None:
    if count > most:
        raise Invalid(f"data: at most {most} records a request, not {count}")


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
    return id_fault(item.record_id)


def id_fault(record_id: str) -> str | None:
    """Why a text cannot be a record id (decisions 20)."""
    if not 1 <= len(record_id) <= LONGEST_ID:
        return f"id: must have 1 to {LONGEST_ID} characters"
    if not record_id.isprintable() and (CONTROL.search(record_id) or SURROGATE.search(record_id)):
        return "id: must not contain control characters"
    return None


def _size_fault(item: Item, suspect_numbers: bool) -> str | None:
    """Why a record is too much: too long, too deep, or with a number that the database cannot keep."""
    raw = bytes(item.raw or b"")
    size = len(raw)
    if size > LARGEST:
        return f"A record must not be larger than {LARGEST} bytes"
    # Fewer brackets than levels: nothing to look into.
    if raw.count(b"{") + raw.count(b"[") > DEEPEST and deeper_than(DEEPEST, item.values):
        return TOO_DEEP
    if (suspect_numbers and _has_suspect_exponent(raw)) or (
        size > LONGEST_NUMBER and LONG_DIGITS in raw.translate(FOLDED)
    ):
        return _bad_number(raw)
    return None


def _has_suspect_text(body: bytes) -> bool:
    return b"\\" in body and SUSPECT_ESCAPE.search(body) is not None


def _has_suspect_exponent(text: bytes) -> bool:
    folded = text.translate(FOLDED)
    return any(hint in folded for hint in SUSPECT_EXPONENTS)


def _bad_number(raw: bytes) -> str | None:
    numbers: list[str] = []
    json.loads(raw, parse_float=numbers.append, parse_int=numbers.append)
    for number in numbers:
        exponent = number.lower().partition("e")[2] or "0"
        if len(number) > LONGEST_NUMBER or len(exponent) > 6 or int(exponent) < SMALLEST_EXPONENT:
            return "A number is out of range"
    return None


def _bad_text(value: object) -> str | None:
    if isinstance(value, str):
        if "\0" in value:
            return "A text must not contain the NUL character"
        return "A text must not contain a lone surrogate" if SURROGATE.search(value) else None
    names = list(value) if isinstance(value, dict) else []
    return next(filter(None, map(_bad_text, [*names, *members(value)])), None)


def _read_by_hand(body: bytes, most: int) -> tuple[bool, list[Item]]:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Invalid("The JSON is not UTF-8") from error
    try:
        envelope = _forgiving(text)
    except RecursionError:
        envelope = _forgiving(_pruned(text))
    if not isinstance(envelope, dict) or "data" not in envelope:
        raise Invalid("data: is required, in an object")
    data = envelope.pop("data")
    if fault := _judged(envelope).fault:
        raise Invalid(fault)
    single = isinstance(data, dict)
    values = [data] if single else data
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise Invalid(BAD_DATA)
    _require_few(len(values), most)
    return single, [_judged(value) for value in values]


class Nonsense:
    """NaN or an infinity: some programs write them, JSON has none."""

    def __init__(self, word: str) -> None:
        self.word = word


def _forgiving(text: str) -> Any:
    """JSON decoded with what one record may get wrong; numbers stay as they are written."""
    try:
        return json.loads(text, parse_float=_as_written, parse_int=_as_written, parse_constant=Nonsense)
    except ValueError as error:
        raise Invalid(f"malformed JSON: {error}") from error


def _as_written(number: str) -> msgspec.Raw:
    return msgspec.Raw(number.encode())


def _judged(values: dict[str, Any]) -> Item:
    """An item of what `_forgiving` decoded, which may or may not be what spoilt the whole."""
    try:
        raw = msgspec.json.encode(values)
        return Item(raw=msgspec.Raw(raw), values=_object.decode(raw))
    except TypeError:
        fault = "NaN and Infinity are not JSON; send null or a text"
    except UnicodeEncodeError as error:
        fault = TOO_DEEP if error.object == CUT_OFF else "A text must not contain a lone surrogate"
    except RecursionError:
        fault = TOO_DEEP
    except msgspec.DecodeError:
        fault = "A number is out of range"
    return Item(raw=None, values={}, fault=fault)


def _pruned(text: str) -> str:
    """The text with CUT_OFF in place of what is nested far too deep, so that the rest can be decoded."""
    kept: list[str] = []
    depth = start = 0
    for token in TOKEN.finditer(text):
        symbol = text[token.start()]
        if symbol in "[{":
            depth += 1
            if depth == CUT_DEPTH:
                kept.append(text[start : token.start()])
        elif symbol in "]}":
            if depth == CUT_DEPTH:
                kept.append(json.dumps(CUT_OFF))
                start = token.end()
            depth -= 1
    kept.append(text[start:] if depth < CUT_DEPTH else "")
    return "".join(kept)
