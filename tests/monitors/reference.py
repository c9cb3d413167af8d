"""The language of conditions read a second time, in plain Python (custom-data 3.3 and 3.4, decisions 23): what its SQL
must agree with, and nothing that the product itself runs.

A truth is True, False, or None for unknown. Numbers are compared as decimals. Moments are whole microseconds since
1970, which is what PostgreSQL keeps of a time."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from msgspec import Struct

from trustwright.monitors.conditions import (
    COMPARING,
    DATING,
    FURTHEST_HOURS,
    HOURS,
    ITEM,
    LENGTH,
    QUANTIFYING,
    All,
    Any_,
    Condition,
    Leaf,
    Literal,
    Not,
    Operator,
    Term,
)

Truth = bool | None

NUMBER = re.compile(r"[+-]?[0-9]{1,100}(\.[0-9]{1,100})?([eE][+-]?[0-9]{1,2})?")
INDEX = re.compile(r"-?[0-9]+")
DAY = r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
CLOCK = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})(\.(?P<fraction>[0-9]{1,9}))?)?"
ZONE = r"(?P<zone>Z|(?P<sign>[+-])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2}))"
DATE = re.compile(f"{DAY}([T ]{CLOCK}{ZONE}?)?")

MICROSECONDS_AN_HOUR = 3_600_000_000
FIRST_DAY = date(1970, 1, 1).toordinal()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Absent(Enum):
    """What is found where nothing is; not to be taken for an explicit null."""

    ABSENT = "absent"


class Scope(Struct, frozen=True):
    """What terms are looked up in, a record or an item of a quantifier, and the microsecond that is now."""

    value: Any
    now: int
    is_item: bool = False


def truth_of(condition: Condition, document: dict[str, Any], now: datetime) -> Truth:
    """What a condition comes to for a record."""
    return truth(condition, Scope(document, (now - EPOCH) // timedelta(microseconds=1)))


def truth(condition: Condition, scope: Scope) -> Truth:
    match condition:
        case All(members):
            return every(truth(member, scope) for member in members)
        case Any_(members):
            return some(truth(member, scope) for member in members)
        case Not(member):
            return opposite(truth(member, scope))
        case Leaf():
            return truth_of_leaf(condition, scope)


def every(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    if False in found:
        return False
    return None if None in found else True


def some(truths: Iterable[Truth]) -> Truth:
    return opposite(every(opposite(truth) for truth in truths))


def opposite(truth: Truth) -> Truth:
    return None if truth is None else not truth


def truth_of_leaf(leaf: Leaf, scope: Scope) -> Truth:
    found = looked_up(leaf.term, scope)
    if found is Absent.ABSENT:
        return None
    match leaf.value:
        case Literal(value):
            return is_met(leaf.operator, found, value, scope.now)
        case Term():
            value = looked_up(leaf.value, scope)
            return None if value is Absent.ABSENT else is_met(leaf.operator, found, value, scope.now)
        case body:
            assert leaf.operator in QUANTIFYING
            if not isinstance(found, list):
                return False
            truths = (truth(body, Scope(item, scope.now, is_item=True)) for item in found)
            return every(truths) if leaf.operator is Operator.ALL else some(truths)


def looked_up(term: Term, scope: Scope) -> Any:
    is_item = scope.is_item and term.fact == ITEM
    value = scope.value if is_item else key_of(scope.value, term.fact)
    return value if term.path is None else below(value, term.path)


def below(value: Any, path: str) -> Any:
    """What lies at a path below a value."""
    if isinstance(value, dict) and path in value:
        return value[path]
    *way, last = path.split(".")
    for segment in way:
        value = child(value, segment)
    return length_of(value) if last == LENGTH else child(value, last)


def child(value: Any, segment: str) -> Any:
    if isinstance(value, list) and INDEX.fullmatch(segment):
        index = int(segment)
        return value[index] if -len(value) <= index < len(value) else Absent.ABSENT
    return key_of(value, segment)


def key_of(value: Any, key: str) -> Any:
    return value.get(key, Absent.ABSENT) if isinstance(value, dict) else Absent.ABSENT


def length_of(value: Any) -> Any:
    return len(value) if isinstance(value, list | str) else key_of(value, LENGTH)


def is_met(operator: Operator, found: Any, value: Any, now: int) -> bool:
    """Whether what was found fits what is asked, where neither is absent."""
    if operator in COMPARING:
        return compares(operator, found, value)
    if operator in DATING:
        return is_dated(operator, found, value, now)
    return PLAIN[operator](found, value)


def same(one: Any, other: Any) -> bool:
    """Deep and strict: numbers by their value, and no boolean is a number."""
    if is_number(one) and is_number(other):
        return decimal(one) == decimal(other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and bool(one == other)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def decimal(number: float) -> Decimal:
    """The number as it stands in JSON, not the binary one beside it."""
    return Decimal(repr(number))


def is_member(found: Any, values: Any) -> bool:
    return isinstance(values, list) and any(same(found, value) for value in values)


def contains(found: Any, value: Any) -> bool:
    return can_contain(found, value) and holds(found, value)


def does_not_contain(found: Any, value: Any) -> bool:
    """No negation of `contains`: what can contain nothing satisfies neither."""
    return can_contain(found, value) and not holds(found, value)


def can_contain(found: Any, value: Any) -> bool:
    return isinstance(found, list | str) and not isinstance(value, list | dict)


def holds(found: list[Any] | str, value: Any) -> bool:
    if isinstance(found, str):
        return isinstance(value, str) and value in found
    return is_member(value, found)


PLAIN: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: same,
    Operator.NOT_EQUAL: lambda found, value: not same(found, value),
    Operator.IN: is_member,
    Operator.NOT_IN: lambda found, values: not is_member(found, values),
    Operator.CONTAINS: contains,
    Operator.DOES_NOT_CONTAIN: does_not_contain,
}


def compares(operator: Operator, found: Any, value: Any) -> bool:
    left, right = as_number(found), as_number(value)
    if left is None or right is None:
        return False
    match operator:
        case Operator.GREATER_THAN:
            return left > right
        case Operator.GREATER_THAN_OR_EQUAL:
            return left >= right
        case Operator.LESS_THAN:
            return left < right
        case _:
            return left <= right


def as_number(value: Any) -> Decimal | None:
    """A number, or a string that is one and nothing else."""
    if isinstance(value, str):
        return Decimal(value) if NUMBER.fullmatch(value) else None
    return decimal(value) if is_number(value) else None


def is_dated(operator: Operator, found: Any, amount: Any, now: int) -> bool:
    moment = as_moment(found)
    if moment is None or not is_number(amount):
        return False
    hours = Fraction(decimal(amount)) * HOURS[operator]
    if not 0 <= hours <= FURTHEST_HOURS:
        return False
    span = round(hours * MICROSECONDS_AN_HOUR)
    match operator:
        case Operator.WITHIN_NEXT_DAYS:
            return now <= moment <= now + span
        case Operator.OLDER_THAN_DAYS:
            return moment < now - span
        case _:
            return now - span <= moment <= now


def as_moment(value: Any) -> int | None:
    """Milliseconds or seconds since 1970, or a date with or without a time; None for all else."""
    if isinstance(value, str):
        return as_written(value)
    if not is_number(value):
        return None
    number = Fraction(decimal(value))
    if 10**11 < number < 253_402_300_800_000:
        return round(number * 1000)
    return round(number * 1_000_000) if 10**8 <= number <= 10**11 else None


def as_written(text: str) -> int | None:
    match = DATE.fullmatch(text)
    if match is None:
        return None
    part = {name: int(digits or 0) for name, digits in match.groupdict().items() if name not in ("zone", "sign")}
    if part["hour"] > 23 or part["minute"] > 59 or part["second"] > 59 or part["hours"] > 14 or part["minutes"] > 59:
        return None
    try:
        days = date(part["year"], part["month"], part["day"]).toordinal() - FIRST_DAY
    except ValueError:
        return None
    offset = (part["hours"] * 60 + part["minutes"]) * (-1 if match["sign"] == "-" else 1)
    minutes = (days * 24 + part["hour"]) * 60 + part["minute"] - offset
    fraction = Fraction(f"0.{match['fraction'] or 0}")
    return (minutes * 60 + part["second"]) * 1_000_000 + round(fraction * 1_000_000)
