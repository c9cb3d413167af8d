"""Sample records that somebody pastes, and how they and a schema go together."""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

import msgspec
from msgspec import Struct

from trustwright.errors import Invalid
from trustwright.records.inference import infer_schema
from trustwright.records.items import read_batch
from trustwright.records.schemas import RecordSchema, display_key_fault, schema_faults

MOST = 1000
MISFITS_SHOWN = 20

# What people call a thing by, the likeliest first.
NAMES = ("name", "displayName", "display_name", "title", "hostname", "email", "id")


class Misfit(Struct, frozen=True):
    """Where a sample record does not fit: its number, beginning with 1, the JSON pointer and what is wrong there."""

    number: int
    pointer: str
    message: str


class Examined(Struct, frozen=True, kw_only=True):
    """What is to be said of a schema, the samples and the choice of a name: `faults` of the schema itself. `keys`: the
    properties that a record could be shown by."""

    faults: list[str]
    misfits: list[Misfit]
    keys: list[str]
    count: int

    @property
    def is_good(self) -> bool:
        return not self.faults and not self.misfits


def read_samples(text: str) -> list[dict[str, Any]]:
    """One object, a list of them, `{"data": ...}` as it is pushed, or an object a line. Raises Invalid with the place
    of what is no JSON."""
    if not text.strip():
        raise Invalid("sample: paste at least one record as JSON")
    value = _read("sample", text)
    if isinstance(value, dict) and set(value) == {"data"} and isinstance(value["data"], dict | list):
        value = value["data"]
    samples = value if isinstance(value, list) else [value]
    if not samples or not all(isinstance(each, dict) for each in samples):
        raise Invalid("sample: a record is a JSON object, like {...}")
    if len(samples) > MOST:
        raise Invalid(f"sample: {MOST} records are enough")
    # By the words of an upload, so that what is taken here is taken there.
    items = read_batch(json.dumps({"data": samples}).encode(), MOST).items
    for number, item in enumerate(items, 1):
        if item.fault:
            raise Invalid(f"sample: record {number}: {item.fault}")
    return samples


def _read(field: str, text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if field == "sample" and len(lines) > 1 and all(line.lstrip().startswith("{") for line in lines):
            return [_read("line", line) for line in lines] if all(map(_is_json, lines)) else _misread(field, error)
        return _misread(field, error)
    except RecursionError as error:
        raise Invalid(f"{field}: it is nested too deeply") from error


def _is_json(line: str) -> bool:
    try:
        json.loads(line, parse_constant=_refuse)
    except (json.JSONDecodeError, RecursionError):
        return False
    return True


def _misread(field: str, error: json.JSONDecodeError) -> NoReturn:
    raise Invalid(f"{field}: line {error.lineno}, column {error.colno}: {error.msg}") from error


def _refuse(word: str) -> NoReturn:
    raise Invalid(f"sample: {word} is no JSON")


def inferred(samples: list[dict[str, Any]]) -> str:
    """A schema of the samples, as text to be edited."""
    return json.dumps(infer_schema(*samples), indent=2, ensure_ascii=False)


def likely_key(keys: list[str], samples: list[dict[str, Any]]) -> str:
    """The property that records are likely to be shown by: one with a usual name, else the first text."""
    for name in NAMES:
        if name in keys:
            return name
    texts = [key for key in keys if any(isinstance(sample.get(key), str) for sample in samples)]
    return next(iter([*texts, *keys]), "")


def examine(schema_text: str, key: str, samples: list[dict[str, Any]]) -> Examined:
    """Whether a connection can have this schema and this key, and whether the samples fit."""
    schema, fault = _schema(schema_text)
    if schema is None:
        return Examined(faults=[fault], misfits=[], keys=[], count=len(samples))
    properties = schema.get("properties")
    keys = list(properties) if isinstance(properties, dict) else []
    faults = schema_faults(schema)
    misfits = [] if faults else list(_misfits(schema, samples))[:MISFITS_SHOWN]
    if not faults and display_key_fault(schema, key):
        faults = [f"The schema has no property {key} to show records by." if key else "Choose what to show records by."]
    return Examined(faults=faults, misfits=misfits, keys=keys, count=len(samples))


def _schema(text: str) -> tuple[dict[str, Any] | None, str]:
    """The schema, or why it is none."""
    try:
        value = _read("schema", text)
        # As the schema is read when it is kept.
        msgspec.json.decode(text)
    except Invalid as error:
        return None, f"The schema is no JSON: {error.message.partition(': ')[2]}."
    except (msgspec.DecodeError, UnicodeError):
        return None, "The schema is no JSON: it holds half a character."
    return (value, "") if isinstance(value, dict) else (None, "The schema must be a JSON object.")


def _misfits(schema: dict[str, Any], samples: list[dict[str, Any]]) -> Iterator[Misfit]:
    judge = RecordSchema.compile(schema)
    for number, sample in enumerate(samples, 1):
        values = sample if judge.declares_id else {name: each for name, each in sample.items() if name != "id"}
        for fault in judge.faults(values):
            yield from (Misfit(number, pointer, message) for pointer, message in fault.items())
