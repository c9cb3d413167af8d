"""What each operator says of each kind of fact, by hand (custom-data 3.3, 3.4)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from tests.monitors.reference import Truth
from trustwright.monitors.conditions import All, Any_, Condition, Leaf, Literal, Not, Operator, Term

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)

# What a leaf says: that it holds, that it does not, and that there is nothing to say it of.
T, F, U = True, False, None

EQUAL, NOT_EQUAL, IN, NOT_IN = Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN, Operator.NOT_IN
MORE, MOST = Operator.GREATER_THAN, Operator.LESS_THAN_OR_EQUAL
LEAST, LESS = Operator.GREATER_THAN_OR_EQUAL, Operator.LESS_THAN
CONTAINS, LACKS = Operator.CONTAINS, Operator.DOES_NOT_CONTAIN
LAST_DAYS, LAST_HOURS = Operator.WITHIN_LAST_DAYS, Operator.WITHIN_LAST_HOURS
NEXT_DAYS, OLDER = Operator.WITHIN_NEXT_DAYS, Operator.OLDER_THAN_DAYS
ALL, ANY = Operator.ALL, Operator.ANY


class Case(Struct, frozen=True):
    """What a condition comes to for a record: None where it is unknown."""

    name: str
    condition: Condition
    document: dict[str, Any]
    expected: Truth


def leaf(place: str, operator: Operator, value: Any) -> Leaf:
    """`fact` or `fact:path`; a value that is no term and no condition is a literal."""
    is_built = isinstance(value, Term | Leaf | All | Any_ | Not)
    return Leaf(term(place), operator, value if is_built else Literal(value))


def term(place: str) -> Term:
    fact, _, path = place.partition(":")
    return Term(fact, path or None)


OTHER = term("other")
X_IS_1 = leaf("x", EQUAL, 1)

# operator and value; a fact of the wrong type, a right one, a wrong one;
# then what is found for: no fact, null, the wrong type, an empty list, the right fact, the wrong fact.
LEAVES: list[tuple[Operator, Any, Any, Any, Any, tuple[Truth, ...]]] = [
    (EQUAL, "eu", 7, "eu", "us", (U, F, F, F, T, F)),
    (EQUAL, 1, "1", 1.0, 2, (U, F, F, F, T, F)),
    (EQUAL, True, 1, True, False, (U, F, F, F, T, F)),
    (EQUAL, None, "null", None, 0, (U, T, F, F, T, F)),
    (EQUAL, ["a", {"b": 1}], "a", ["a", {"b": 1.0}], [{"b": 1}, "a"], (U, F, F, F, T, F)),
    (NOT_EQUAL, "eu", 7, "us", "eu", (U, T, T, T, T, F)),
    (NOT_EQUAL, 1, "1", 2, 1.0, (U, T, T, T, T, F)),
    (NOT_EQUAL, True, 1, False, True, (U, T, T, T, T, F)),
    (NOT_EQUAL, None, "null", 0, None, (U, F, T, T, T, F)),
    (MORE, 10, "x", 10.5, 10, (U, F, F, F, T, F)),
    (MORE, 0, True, "0.5", "0", (U, F, F, F, T, F)),
    (LEAST, 14, [14], 14, 13.9, (U, F, F, F, T, F)),
    (LESS, 10, {"a": 1}, 9, 10, (U, F, F, F, T, F)),
    (LESS, 1, False, "-1e2", "1", (U, F, F, F, T, F)),
    (MOST, 10, "ten", "10", 11, (U, F, F, F, T, F)),
    (IN, ["eu", 1], "1", 1.0, "us", (U, F, F, F, T, F)),
    (IN, [None, []], "null", [], 0, (U, T, F, T, T, F)),
    (NOT_IN, ["eu", 1], "1", "us", "eu", (U, T, T, T, T, F)),
    (NOT_IN, [None, True], 1, False, True, (U, F, T, T, T, F)),
    (CONTAINS, "a", 7, ["b", "a"], ["ab"], (U, F, F, F, T, F)),
    (CONTAINS, "a", {"a": "a"}, "cat", "dog", (U, F, F, F, T, F)),
    (CONTAINS, 1, "1", [0, 1.0], ["1", True], (U, F, F, F, T, F)),
    (CONTAINS, None, "null", [None], [[]], (U, F, F, F, T, F)),
    (LACKS, "a", 7, ["b", "ab"], ["a"], (U, F, F, T, T, F)),
    (LACKS, "a", True, "dog", "cat", (U, F, F, T, T, F)),
    (LACKS, 1, 1, ["1", True], [1.0], (U, F, F, T, T, F)),
    (LAST_DAYS, 30, True, "2024-02-01", "2024-01-01", (U, F, F, F, T, F)),
    (LAST_HOURS, 12, "noon", "2024-03-01T00:00:00Z", "2024-02-29T23:59:59Z", (U, F, F, F, T, F)),
    (NEXT_DAYS, 30, {}, "2024-03-31", "2024-04-01", (U, F, F, F, T, F)),
    (OLDER, 90, "long ago", "2023-12-01", "2024-02-01", (U, F, F, F, T, F)),
    (ALL, X_IS_1, "x", [{"x": 1}, {"x": 1.0}], [{"x": 1}, {"x": 2}], (U, F, F, T, T, F)),
    (ANY, X_IS_1, {"x": 1}, [{"x": 2}, {"x": 1}], [{"x": 2}], (U, F, F, F, T, F)),
]

KINDS = ("missing", "null", "wrong type", "empty array", "right", "wrong")

# Of each operator that compares with another fact: what this is, for which fact the leaf holds and for which not; then
# what is found when the other fact is missing, and when it is null.
FACTS: list[tuple[Operator, Any, Any, Any, Truth, Truth]] = [
    (EQUAL, "a", "a", "b", U, F),
    (EQUAL, {"k": [1]}, {"k": [1.0]}, {"k": [True]}, U, F),
    (NOT_EQUAL, "a", "b", "a", U, T),
    (MORE, 5, 6, 5, U, F),
    (MORE, "5", "6", 5, U, F),
    (LEAST, "5", 5.0, "4.9", U, F),
    (LESS, 5, "4", 5, U, F),
    (MOST, 5, 5, 5.1, U, F),
    (IN, ["a", 1], 1.0, "1", U, F),
    (NOT_IN, ["a", 1], "1", "a", U, T),
    (CONTAINS, "a", ["a"], ["b"], U, F),
    (CONTAINS, "a", "cat", "dog", U, F),
    (LACKS, "a", "dog", "cat", U, T),
    (LAST_DAYS, 1, "2024-03-01", "2024-02-01", U, F),
    (LAST_HOURS, 1.5, "2024-03-01 10:30", "2024-03-01 10:29", U, F),
    (NEXT_DAYS, 1, "2024-03-02", "2024-02-29", U, F),
    (OLDER, 1, "2024-02-01", "2024-03-01", U, F),
]


def leaf_cases() -> Iterator[Case]:
    for operator, value, strange, right, wrong, truths in LEAVES:
        facts: list[Any] = [None, strange, [], right, wrong]
        documents = [{}, *({"fact": fact} for fact in facts)]
        asked = "x is 1" if isinstance(value, Leaf) else json.dumps(value)
        for kind, document, truth in zip(KINDS, documents, truths, strict=True):
            yield Case(f"{operator.value} {asked}: {kind}", leaf("fact", operator, value), document, truth)


def fact_cases() -> Iterator[Case]:
    for operator, other, right, wrong, missing, null in FACTS:
        documents: list[tuple[str, dict[str, Any], Truth]] = [
            ("right", {"fact": right, "other": other}, T),
            ("wrong", {"fact": wrong, "other": other}, F),
            ("missing", {"fact": right}, missing),
            ("null", {"fact": right, "other": None}, null),
            ("itself missing", {"other": other}, U),
            ("both missing", {}, U),
        ]
        for kind, document, truth in documents:
            name = f"{operator.value} another fact, {json.dumps(other)}: {kind}"
            yield Case(name, leaf("fact", operator, OTHER), document, truth)


NO_DATES: list[Any] = (
    "yesterday now today epoch infinity -infinity 20240101 2024-1-1 2024-01 01/02/2024 1704067200 2024-00-10 2024-13-01"
    " 2024-04-31 2024-01-32 2024-01-00 0000-01-01 10000-01-01 2024-01-01T24:00 2024-01-01T10:60 2024-01-01T10:00:60"
    " 2024-01-01T10 2024-01-01t10:00 2024-01-01T10:00z 2024-01-01Z 2024-01-01T10:00+15:00 2024-01-01T10:00+02"
    " 2024-01-01T10:00+02:60 2024-01-01T10:00:00. 2024-01-01T10:00:00.1234567890 2024-01-01T10:00:00,5"
).split()
NO_DATES += ["", " 2024-01-01", "2024-01-01\n", "2024-01-01  10:00", "2024-01-01 10:00 Z", "2024-01-01 BC"]
NO_DATES += [None, True, [], ["2024-01-01"], {}, {"date": "2024-01-01"}, 0, -1_709_294_400, 99_999_999]

# What the leaf asks of the fact, what the fact is, and the answer.
EDGES: dict[str, list[tuple[Operator, Any, Any, Truth]]] = {
    "numbers by value": [
        (EQUAL, 1.0, 1, T),
        (EQUAL, 0, -0.0, T),
        (EQUAL, 100, 1e2, T),
        (EQUAL, 0.1, 0.1, T),
        (EQUAL, 2**53, 2**53 + 1, F),
        (IN, [2**53 + 1], 2**53, F),
        (CONTAINS, 1e2, [100], T),
    ],
    "no coercion": [
        (EQUAL, 1, True, F),
        (EQUAL, False, 0, F),
        (EQUAL, [True], [1], F),
        (EQUAL, {"a": 0}, {"a": False}, F),
        (EQUAL, "", None, F),
        (EQUAL, "1", 1, F),
        (NOT_EQUAL, True, 1, T),
        (IN, [1], True, F),
        (NOT_IN, [0], False, T),
        (CONTAINS, 1, [True], F),
        (LACKS, True, [1], T),
        (EQUAL, [], {}, F),
    ],
    "deep equality": [
        (EQUAL, {"a": [1, {"b": None}]}, {"a": [1.0, {"b": None}]}, T),
        (EQUAL, {"a": 1, "b": 2}, {"b": 2, "a": 1}, T),
        (EQUAL, {"a": 1}, {"a": 1, "b": None}, F),
        (EQUAL, [1, 2], [2, 1], F),
        (EQUAL, [1], [1, 1], F),
        (EQUAL, [[]], [], F),
        (IN, [["a"], {"b": 1}], {"b": 1.0}, T),
        (IN, [["a"]], "a", F),
        (IN, [], None, F),
        (NOT_IN, [], None, T),
    ],
    "texts as they are": [
        (EQUAL, "Prod", "prod", F),
        (EQUAL, "a", "a ", F),
        (EQUAL, "é", "e\u0301", F),
        (EQUAL, "😀", "😀", T),
        (EQUAL, "a\"b'c\\d", "a\"b'c\\d", T),
        (CONTAINS, "%", "abc", F),
        (CONTAINS, "_", "abc", F),
        (CONTAINS, "50%", "at 50% now", T),
        (CONTAINS, "\\", "a\\b", T),
        (CONTAINS, "", "", T),
        (CONTAINS, "", [], F),
        (CONTAINS, "A", "cat", F),
        (CONTAINS, 1, "1", F),
        (CONTAINS, None, "null", F),
        (LACKS, 1, "1", T),
        (LACKS, "", "", F),
        (CONTAINS, "a", [["a"]], F),
        (LACKS, "a", [["a"]], T),
    ],
    "numbers in texts": [
        *((LEAST, 0, text, T) for text in ("0", "+1", "1.50", "1e2", "1E-2", "007", "-0", "9" * 100, "1e99")),
        *(
            (LEAST, -9, text, F)
            for text in ("", " 1", "1 ", "1\n", "1.", ".5", "1,5", "0x10", "1_0", "١", "1e100", "--1")
        ),
        *((LEAST, -9, text, F) for text in ("NaN", "Infinity", "-Infinity", "true", "9" * 101)),
        *((MOST, 9, fact, F) for fact in (None, True, False, [], [1], {}, {"a": 1}, "NaN")),
        (MORE, 9.99, "10", T),
        (LESS, 10, "9", T),
        (LESS, 2**53 + 1, str(2**53), T),
        (LEAST, 0.3, "0.3", T),
    ],
    "both ends belong to a span, the future to no last one": [
        (LAST_DAYS, 1, "2024-02-29T12:00:00Z", T),
        (LAST_DAYS, 1, "2024-02-29T11:59:59.999999Z", F),
        (LAST_DAYS, 1, "2024-03-01T12:00:00Z", T),
        (LAST_DAYS, 1, "2024-03-01T12:00:00.000001Z", F),
        (LAST_DAYS, 0, "2024-03-01T12:00:00Z", T),
        (LAST_DAYS, 0.5, "2024-03-01T00:00:00Z", T),
        (LAST_DAYS, 0.5, "2024-02-29T23:59:59Z", F),
        (LAST_DAYS, 36500, "1924-03-26T12:00:00Z", T),
        (LAST_DAYS, 36500, "1924-03-26T11:59:59Z", F),
        (LAST_HOURS, 1, "2024-03-01T11:00:00Z", T),
        (LAST_HOURS, 1, "2024-03-01T10:59:59Z", F),
        (LAST_HOURS, 1, "2024-03-01T12:00:01Z", F),
        (NEXT_DAYS, 1, "2024-03-01T12:00:00Z", T),
        (NEXT_DAYS, 1, "2024-03-01T11:59:59Z", F),
        (NEXT_DAYS, 1, "2024-03-02T12:00:00Z", T),
        (NEXT_DAYS, 1, "2024-03-02T12:00:01Z", F),
        (OLDER, 1, "2024-02-29T12:00:00Z", F),
        (OLDER, 1, "2024-02-29T11:59:59.999999Z", T),
        (OLDER, 0, "2024-03-01T11:59:59Z", T),
        (OLDER, 0, "2024-03-01T12:00:01Z", F),
    ],
    "forms of a date": [
        *(
            (LAST_HOURS, 0, text, T)
            for text in (
                "2024-03-01T12:00:00Z",
                "2024-03-01T12:00:00",
                "2024-03-01 12:00:00",
                "2024-03-01 12:00",
                "2024-03-01T12:00Z",
                "2024-03-01T12:00:00.0",
                "2024-03-01T12:00:00.000000000+00:00",
                "2024-03-01T14:00+02:00",
                "2024-03-01T14:00+0200",
                "2024-03-01 07:30-04:30",
                "2024-03-02T02:00:00+14:00",
                "2024-02-29T22:00:00-14:00",
            )
        ),
        *((LAST_HOURS, 0, number, T) for number in (1709294400, 1709294400.0, 1709294400000, 1709294400000.0)),
        (LAST_HOURS, 12, "2024-03-01", T),
        (LAST_HOURS, 11.9, "2024-03-01", F),
    ],
    "leap days": [
        (OLDER, 0, "2024-02-29", T),
        (OLDER, 0, "2000-02-29", T),
        (OLDER, 0, "2023-02-29", F),
        (OLDER, 0, "1900-02-29", F),
        (OLDER, 0, "2023-02-28", T),
    ],
    "no dates": [
        *((OLDER, 0, fact, F) for fact in NO_DATES),
    ],
    "years and numbers at the edges of dates": [
        (OLDER, 0, "0001-01-01", T),
        (OLDER, 0, "0001-01-01T00:00:00+14:00", T),
        (OLDER, 0, "9999-12-31T23:59:59-14:00", F),
        (OLDER, 0, 100_000_000, T),
        # The last second, which is in the year 5138, and the first millisecond, which is in 1973.
        (OLDER, 0, 100_000_000_000, F),
        (OLDER, 0, 100_000_000_001, T),
        (NEXT_DAYS, 36500, 253_402_300_799_999, F),
        (OLDER, 0, 253_402_300_800_000, F),
    ],
}

# The place of a fact, a record, and what is there; `...` for nothing.
PLACES: list[tuple[str, dict[str, Any], Any]] = [
    ("a", {"a": None}, None),
    ("a", {}, ...),
    ("a.b", {"a.b": 1}, 1),
    ("a.b", {"a": {"b": 1}}, ...),
    ("A", {"a": 1}, ...),
    ("é", {"é": 1}, 1),
    ("é", {"e\u0301": 1}, ...),
    ("a'b\"c", {"a'b\"c": 1}, 1),
    ("%(now)s", {"%(now)s": 1}, 1),
    ("a:b", {"a": {"b": 1}}, 1),
    ("a:b", {"a": {"b": None}}, None),
    ("a:b", {"a": {}}, ...),
    ("a:b", {"a": None}, ...),
    ("a:b", {"a": "b"}, ...),
    ("a:b", {"a": [{"b": 1}]}, ...),
    ("a:b.c", {"a": {"b": {"c": 1}}}, 1),
    ("a:b.c", {"a": {"b.c": 1}}, 1),
    ("a:b.c", {"a": {"b.c": 1, "b": {"c": 2}}}, 1),
    ("a:b.c", {"a": {"b.c": None, "b": {"c": 2}}}, None),
    ("a:b.c.d", {"a": {"b": {"c.d": 1}}}, ...),
    ("a:b.c", {"a": {"b": [{"c": 1}]}}, ...),
    ("a:0", {"a": ["x", "y"]}, "x"),
    ("a:1", {"a": ["x", "y"]}, "y"),
    ("a:2", {"a": ["x", "y"]}, ...),
    ("a:-1", {"a": ["x", "y"]}, "y"),
    ("a:-2", {"a": ["x", "y"]}, "x"),
    ("a:-3", {"a": ["x", "y"]}, ...),
    ("a:0", {"a": []}, ...),
    ("a:0", {"a": {"0": 1}}, 1),
    ("a:-1", {"a": {"-1": 1}}, 1),
    ("a:0", {"a": "xy"}, ...),
    ("a:0.b", {"a": [{"b": 1}]}, 1),
    ("a:0.-1", {"a": [[1, 2]]}, 2),
    ("a:b.0.c", {"a": {"b": [{"c": 1}]}}, 1),
    ("a:1.5", {"a": [1, 2]}, ...),
    ("a:x", {"a": [1]}, ...),
    ("a:99999999999999999999", {"a": [1]}, ...),
    ("a:$", {"a": {"$": 1}}, 1),
    ("a:*", {"a": [1]}, ...),
    ("a:length", {"a": [1, [2, 3]]}, 2),
    ("a:length", {"a": []}, 0),
    ("a:length", {"a": "abc"}, 3),
    ("a:length", {"a": ""}, 0),
    ("a:length", {"a": "é😀"}, 2),
    ("a:length", {"a": "e\u0301"}, 2),
    ("a:length", {"a": {"length": "long"}}, "long"),
    ("a:length", {"a": {"b": 1}}, ...),
    ("a:length", {"a": None}, ...),
    ("a:length", {"a": 12}, ...),
    ("a:length", {"a": True}, ...),
    ("a:length", {}, ...),
    ("length", {"length": 5}, 5),
    ("length", {"a": 1}, ...),
    ("a:b.length", {"a": {"b": [1]}}, 1),
    ("a:0.length", {"a": ["abc"]}, 3),
    ("a:length.b", {"a": {"length": {"b": 1}}}, 1),
    ("a:length.b", {"a": [1]}, ...),
    ("a:length.length", {"a": {"length": "abc"}}, 3),
]


def edge_cases() -> Iterator[Case]:
    for edges in EDGES.values():
        for operator, value, fact, expected in edges:
            name = f"{operator.value} {json.dumps(value)} of {json.dumps(fact)[:40]}"
            yield Case(name, leaf("fact", operator, value), {"fact": fact}, expected)


def place_cases() -> Iterator[Case]:
    for place, document, found in PLACES:
        name = f"{place} in {json.dumps(document, ensure_ascii=False)}"
        if found is ...:
            yield Case(f"nothing at {name}", leaf(place, NOT_EQUAL, "anything"), document, U)
        else:
            yield Case(f"{json.dumps(found)} at {name}", leaf(place, EQUAL, found), document, T)
