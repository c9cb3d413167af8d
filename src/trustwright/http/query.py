"""Query strings: brackets in any of their spellings, whole numbers, booleans, dates (Q10, Q14 to Q17)."""

import re
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import inspect

from trustwright.errors import Invalid
from trustwright.http.bodies import fault

INDEX = re.compile(r"\[[0-9]*\]$")
WHOLE = re.compile(r"[0-9]{1,18}")
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def parse(text: bytes, kind: Any) -> Any:
    """The query as a `kind`. A list is named without brackets, with `[]` or with `[0]`. Raises Invalid."""
    fields = kinds(kind)
    values: dict[str, Any] = {}
    for name, value in _pairs(text):
        base = INDEX.sub("", name)
        wanted = fields.get(base)
        if isinstance(wanted, tuple):
            values.setdefault(base, []).append(scalar(base, value, wanted[0]))
        elif wanted is not None and base == name:
            if base in values:
                raise Invalid(f"{base}: given more than once")
            values[base] = scalar(base, value, wanted)
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise Invalid(fault(error)) from error


def _pairs(text: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise Invalid("The query string is not UTF-8 in percent-encoding, or has too many fields") from error


def scalar(name: str, text: str, wanted: type) -> object:
    """What a text stands for where a `wanted` is expected; the text itself when it does not fit. Raises Invalid."""
    if "\0" in text:
        raise Invalid(f"{name}: must not contain NUL")
    if wanted is int:
        return int(text) if WHOLE.fullmatch(text) else text or None
    if wanted is bool:
        return BOOLEANS.get(text.lower(), text)
    if wanted is datetime:
        return _moment(name, text)
    return text


def _moment(name: str, text: str) -> datetime:
    """RFC 3339 with any offset; a plain date is midnight UTC (Q19)."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"{name}: must be a date and time like 2025-07-01T16:45:55Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@cache
def kinds(kind: Any) -> dict[str, Any]:
    """For each wire name of a Struct the plain type of its text: int, bool, datetime, str; (type,) for a list."""
    described = inspect.type_info(kind)
    if not isinstance(described, inspect.StructType):
        raise TypeError(f"{kind} is not a Struct")
    return {field.encode_name: _kind(field.type) for field in described.fields}


def _kind(described: inspect.Type) -> Any:
    if isinstance(described, inspect.UnionType):
        return _kind(next(kind for kind in described.types if not isinstance(kind, inspect.NoneType)))
    if isinstance(described, inspect.ListType | inspect.SetType | inspect.FrozenSetType):
        return (_kind(described.item_type),)
    plain: dict[type[inspect.Type], type] = {
        inspect.IntType: int,
        inspect.BoolType: bool,
        inspect.DateTimeType: datetime,
    }
    return plain.get(type(described), str)
