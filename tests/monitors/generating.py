"""Conditions and records that hit each other: the records are grown around what the condition asks for, and each place
is filled with what it wants, with something close to that, with something of another kind, or not at all."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec import Struct

from trustwright.monitors.conditions import (
    COMPARING,
    DATING,
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

# Picks one of so many, up to 256: 0 is the simplest, and what hypothesis goes for when an example fails.
Choose = Callable[[int], int]

# Bytes that decide, one a choice. All of an example are drawn at once: it costs little, and hypothesis cannot pass off
# an example with one choice changed as another.
FOR_CONDITION = 128
FOR_DOCUMENT = 96
# Some turn out alike.
DOCUMENTS = 24
DEEPEST = 3

FACTS = ["a", "b", "c", "length", "0", "a.b", "é", "A", "a'\"\\%(b)s"]
PATHS = (
    "a b length 0 1 -1 a.b a.length 0.a a.0 0.length -1.b -2 length.length length.a a.b.length 0.0 -0 01 +1 99999999999"
    " 99999999999999999999 a.é é 1.5 $ * a[0] -"
    ' "a" b\'\\ %s ..'
).split()
OPERATORS = list(Operator)

TEXTS = [
    "",
    "a",
    "b",
    "ab",
    "A",
    " a",
    "é",
    "e\u0301",
    "é1",
    "😀",
    "a%",
    "a_b",
    "%",
    "\\",
    "a\\b",
    '"',
    "'",
    "null",
    "true",
]
TEXTS += ["\n", "%(now)s", "$", "{}", "[]", "a" * 300]
COUNTS = [0, 1, 2, -1, 10, 1.0, 0.5, -0.0, 1.5, 0.1, 1e20, 2**53 + 1, -(2**62), 1e-7, 1e300]
WRITTEN = (
    "0 1 +1 -1 1.0 01 1e0 1E+0 1e-1 10e-1 0.10 -0 1e99 1e-99 1e100 1. .5 +.5 0x1 1_0 1,0 + - e1 ١ １"
    " NaN Infinity -Infinity inf"
).split()
WRITTEN += [" 1", "1 ", "1\n", "9" * 100, "9" * 101, "0." + "1" * 100, "0." + "1" * 101]
DATES = (
    "2024-02-29 2023-02-29 1900-02-29 2000-02-29 0000-01-01 0001-01-01 0001-01-01T00:00+14:00 9999-12-31T23:59:59.9Z"
    " 9999-12-31T23:59:59-14:59 10000-01-01 2024-13-01 2024-00-01 2024-01-00 2024-01-32 2024-04-31 2024-1-1 20240101"
    " 2024-01-01T23:59:59.9999999Z 2024-01-01T24:00 2024-01-01T23:60 2024-01-01T23:59:60 2024-01-01t00:00"
    " 2024-01-01T00:00z 2024-01-01Z 2024-01-01T00 2024-01-01T00:00:00. 2024-01-01T00:00:00.1234567891"
    " 2024-01-01T00:00.5 2024-01-01T00:00:00,5 2024-01-01T00:00+15:00 2024-01-01T00:00+14:60 2024-01-01T00:00+1"
    " 2024-01-01T00:00+01 2024-W01-1 2024-060 2024/01/01 -2024-01-01 1709251200000 ٢٠٢٤-٠١-٠١ 2024-01-01T00:00UTC"
    " infinity -infinity now today epoch allballs"
).split()
DATES += [
    "2024-01-01  00:00",
    "2024-01-01 00:00 +01:00",
    "2024-01-01\n",
    " 2024-01-01",
    "2024-01-01 BC",
    "2024-01-01 00:00 PST",
]
EPOCHS = [
    0,
    -1,
    10**8,
    10**8 - 1,
    10**11,
    10**11 + 1,
    253402300799999,
    253402300800000,
    1e8,
    1e11,
    100000000000.5,
    99999999.5,
    1e15,
]
# More than a literal holds, but not more than a record may have.
EXTREMES = [10**999, -(10**999), 5e-324, 1e-300]
SPANS = [0, 1, 7, 0.5, 30, 1.5, 0.1, 365, 0.0001, 36500, 1 / 3]
NESTED: list[Any] = [
    [],
    {},
    [[]],
    [{}],
    [None],
    [1, "a"],
    [[1], [2]],
    {"a": 1},
    {"a": {"b": 1}},
    {"a.b": 1, "a": {"b": 2}},
    {"length": 1},
    {"length": [1]},
    {"0": 1, "-1": 2},
    [{"a": 1}, {"a": 2}],
    [[{"a": 1}]],
    {"a": [{"b": "a"}], "b": None},
    ["a", ["a"], {"a": "a"}],
    {"é": "é", "": 0},
]
SCALARS: list[Any] = [None, False, True, *TEXTS, *COUNTS, *WRITTEN]
STRAYS: list[Any] = [*SCALARS, *NESTED, *NESTED, *DATES, *EPOCHS]

NOWS = [
    datetime(2024, 3, 1, tzinfo=UTC),
    datetime(2025, 11, 2, 12, 34, 56, 789012, tzinfo=UTC),
    datetime(2000, 2, 29, 23, 59, 59, 999999, tzinfo=UTC),
]
STEPS = [timedelta(), timedelta(microseconds=1), timedelta(microseconds=-1), timedelta(seconds=1), timedelta(days=-400)]
FORMS: list[Callable[[datetime], Any]] = [
    lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z",
    lambda moment: f"{moment:%Y-%m-%d %H:%M:%S.%f}",
    lambda moment: f"{moment + timedelta(hours=14):%Y-%m-%dT%H:%M:%S.%f}+14:00",
    lambda moment: f"{moment - timedelta(hours=7, minutes=30):%Y-%m-%d %H:%M:%S.%f}-0730",
    lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S.%f}123+00:00",
    lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}",
    lambda moment: f"{moment:%Y-%m-%d %H:%M}Z",
    lambda moment: f"{moment:%Y-%m-%d}",
    lambda moment: round(moment.timestamp() * 1000, 3),
    lambda moment: int(moment.timestamp() * 1000),
    lambda moment: moment.timestamp(),
    lambda moment: int(moment.timestamp()),
]


class Example(Struct, frozen=True):
    """A condition, and records to ask it of, all at one time."""

    condition: Condition
    documents: list[dict[str, Any]]
    now: datetime


class Wish(Struct, frozen=True):
    """What a leaf asks of a document: values that are worth putting there, or what the items of a list are asked for;
    `other` is filled with one of the values too."""

    term: Term
    other: Term | None
    values: list[Any]
    items: "list[Wish] | None"


def examples() -> st.SearchStrategy[Example]:
    """A condition, records around it, and what time it is."""
    size = FOR_CONDITION + DOCUMENTS * FOR_DOCUMENT
    return st.binary(min_size=size, max_size=size).map(example_of)


def example_of(decisions: bytes) -> Example:
    choose = chooser(decisions[:FOR_CONDITION])
    now = NOWS[choose(len(NOWS))]
    condition = group(choose, DEEPEST, is_item=False)
    wishes = wishes_of(condition, now)
    starts = range(FOR_CONDITION, len(decisions), FOR_DOCUMENT)
    documents = [record(chooser(decisions[start : start + FOR_DOCUMENT]), wishes) for start in starts]
    return Example(condition, documents, now)


def chooser(decisions: bytes) -> Choose:
    """Where the bytes are used up, all choices are the simplest."""
    left = iter(decisions)
    return lambda options: next(left, 0) % options


def pick(choose: Choose, options: list[Any]) -> Any:
    return options[choose(len(options))]


def group(choose: Choose, depth: int, *, is_item: bool) -> Condition:
    kind = choose(5)
    if kind == 4:
        return Not(member(choose, depth - 1, is_item=is_item))
    members = tuple(member(choose, depth - 1, is_item=is_item) for _ in range(1 + choose(4)))
    return Any_(members) if kind in (0, 1) else All(members)


def member(choose: Choose, depth: int, *, is_item: bool) -> Condition:
    if depth > 0 and choose(3) == 2:
        return group(choose, depth, is_item=is_item)
    return leaf(choose, depth, is_item=is_item)


def leaf(choose: Choose, depth: int, *, is_item: bool) -> Leaf:
    found = term(choose, is_item=is_item)
    operator = pick(choose, OPERATORS)
    if operator in QUANTIFYING:
        return Leaf(found, operator, member(choose, depth - 1, is_item=True))
    if choose(5) == 4:
        return Leaf(found, operator, term(choose, is_item=is_item))
    return Leaf(found, operator, Literal(argument(choose, operator)))


def term(choose: Choose, *, is_item: bool) -> Term:
    fact = ITEM if is_item and choose(3) == 2 else pick(choose, FACTS)
    return Term(fact, pick(choose, PATHS) if choose(3) == 2 else None)


def argument(choose: Choose, operator: Operator) -> Any:
    if operator in DATING:
        return pick(choose, SPANS)
    if operator in COMPARING:
        return pick(choose, COUNTS)
    if operator in (Operator.IN, Operator.NOT_IN):
        return [pick(choose, STRAYS) for _ in range(choose(4))]
    is_scalar = operator in (Operator.CONTAINS, Operator.DOES_NOT_CONTAIN)
    return pick(choose, SCALARS if is_scalar or choose(3) < 2 else NESTED)


def wishes_of(condition: Condition, now: datetime) -> list[Wish]:
    return [wish_of(leaf, now) for leaf in leaves_of(condition)]


def wish_of(leaf: Leaf, now: datetime) -> Wish:
    match leaf.value:
        case Literal(value):
            return Wish(leaf.term, None, near(leaf.operator, value, now), None)
        case Term():
            return Wish(leaf.term, leaf.value, common(leaf.operator, now), None)
        case body:
            return Wish(leaf.term, None, [], wishes_of(body, now))


def near(operator: Operator, value: Any, now: datetime) -> list[Any]:
    """Values at which a leaf with this argument may turn."""
    if operator in DATING:
        return [*moments(operator, value, now), *DATES, *EPOCHS, *EXTREMES]
    if operator in (Operator.IN, Operator.NOT_IN):
        return [twin for each in value for twin in twins(each)] or [None, [], "a"]
    if operator in (Operator.CONTAINS, Operator.DOES_NOT_CONTAIN):
        return [[value], [0, value], [], [[value]], *([twin] for twin in twins(value)), *twins(str(value)), value]
    if operator in COMPARING:
        return [*twins(value), value * 2, -value, *WRITTEN, *EXTREMES]
    return twins(value)


def common(operator: Operator, now: datetime) -> list[Any]:
    """Values of which two may well fit each other."""
    if operator in DATING:
        return [0, 1, *FORMS_OF_NOW[now], 36500, 876_000, 876_001, -1, "1", *EXTREMES]
    if operator in (Operator.IN, Operator.NOT_IN):
        return ["a", ["a"], [["a"], "a"], 1, [1.0, "1"], [True, None], []]
    return ["a", "ab", 1, 1.0, "1", [1, "a"], ["ab"], [], None, True, {"a": 1}, {"a": 1.0}, 2]


def moments(operator: Operator, span: float, now: datetime) -> Iterator[Any]:
    """Times at both ends of a span and close to them, in all the forms in which a time may stand."""
    length = timedelta(hours=span * HOURS[operator])
    for end in (now - length, now, now + length):
        for step in STEPS:
            yield from (form(end + step) for form in FORMS)


FORMS_OF_NOW = {now: [form(now) for form in FORMS] for now in NOWS}


def twins(value: Any) -> list[Any]:
    """The value and others that are easily taken for it."""
    match value:
        case bool():
            return [value, not value, int(value), str(value).lower(), None]
        case int() | float():
            return [value, value + 1, value - 1, float(value), str(value), bool(value), [value], {"a": value}]
        case str():
            return [value, value + "a", "a" + value, value.upper(), value[1:], [value], f"é{value}é", value * 2]
        case None:
            return [None, "null", 0, False, "", [], {}, [None]]
        case list():
            return [value, value[::-1], value[1:], [*value, None], [value], dict.fromkeys("ab", value), *value]
        case dict():
            return [value, {**value, "a": 1.0}, {**value, "b": 1}, {}, list(value), [value], *value.values()]
    raise TypeError(f"No JSON: {value!r}")


def record(choose: Choose, wishes: list[Wish]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for wish in wishes:
        grow(choose, document, wish.term, filled(choose, wish))
        if wish.other:
            grow(choose, document, wish.other, filled(choose, wish))
    if choose(8) == 7:
        document[pick(choose, FACTS)] = pick(choose, STRAYS)
    return document


def filled(choose: Choose, wish: Wish) -> list[Any]:
    """One value, or none where there is to be nothing."""
    kind = choose(12)
    if kind == 0:
        return []
    if kind == 1:
        return [None]
    if kind == 2:
        return [pick(choose, STRAYS)]
    if wish.items is None:
        return [pick(choose, wish.values)]
    return [[item(choose, wish.items) for _ in range(choose(4))]]


def item(choose: Choose, wishes: list[Wish]) -> Any:
    """An item of a list: mostly an object, but a value where the item itself is asked for, and sometimes a list."""
    alone = [wish for wish in wishes if wish.term.fact == ITEM]
    kind = choose(8)
    if kind == 7:
        return pick(choose, STRAYS)
    if alone and kind > 1:
        wish = pick(choose, alone)
        return next((wrapped(choose, wish.term.path, value) for value in filled(choose, wish)), None)
    grown = record(choose, wishes)
    return [grown] if kind == 6 else grown


def grow(choose: Choose, document: dict[str, Any], term: Term, values: list[Any]) -> None:
    for value in values:
        grown, already = wrapped(choose, term.path, value), document.get(term.fact)
        if isinstance(grown, dict) and isinstance(already, dict):
            grown = {**already, **grown}
        document[term.fact] = grown


def wrapped(choose: Choose, path: str | None, value: Any) -> Any:
    """What has the value at this path: below keys and places of lists, or below one key that is the whole path."""
    if path is None:
        return value
    if choose(6) == 5:
        return {path: value, path.partition(".")[0]: [value]}
    *way, last = path.split(".")
    value = measured(choose, value) if last == LENGTH else held(choose, last, value)
    for segment in reversed(way):
        value = held(choose, segment, value)
    return value


def held(choose: Choose, segment: str, value: Any) -> Any:
    if segment in ("0", "1", "-1", "-2", "01", "-0", "+1") and choose(4) < 3:
        return [[value], [0, value], [value, 0], [value, value, value]][choose(4)]
    return {segment: value}


def measured(choose: Choose, value: Any) -> Any:
    """Something of this length."""
    if isinstance(value, int) and 0 <= value <= 10 and choose(4) < 3:
        return [[0] * value, "é" * value, "😀" * value][choose(3)]
    return {LENGTH: value}


def leaves_of(condition: Condition) -> Iterator[Leaf]:
    """The leaves that look at the record itself, not at an item of a list."""
    match condition:
        case All(members) | Any_(members):
            for each in members:
                yield from leaves_of(each)
        case Not(inner):
            yield from leaves_of(inner)
        case Leaf():
            yield condition
