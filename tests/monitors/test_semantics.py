"""The language of conditions, decision by decision (custom-data 3.4), each expectation written by hand: of the SQL that
runs, and of the plain reading that it is compared with elsewhere. Single leaves are in `cases`, groups of them here."""

import json
from typing import Any

import psycopg
import pytest

from tests.monitors.cases import (
    ALL,
    ANY,
    CONTAINS,
    EQUAL,
    IN,
    LACKS,
    LAST_DAYS,
    LEAST,
    LEAVES,
    LESS,
    MORE,
    NOT_EQUAL,
    NOT_IN,
    NOW,
    OLDER,
    Case,
    F,
    T,
    U,
    edge_cases,
    fact_cases,
    leaf,
    leaf_cases,
    place_cases,
    term,
)
from tests.monitors.reference import Truth, truth_of
from trustwright.db import connection_options
from trustwright.monitors.conditions import All, Any_, Condition, Not, Operator
from trustwright.monitors.predicates import Values, predicate

YES, NO, UNKNOWN = leaf("one", EQUAL, 1), leaf("one", EQUAL, 2), leaf("gone", EQUAL, 1)


def every(*members: Condition) -> Condition:
    return All(members)


def some(*members: Condition) -> Condition:
    return Any_(members)


# Of a record that has `one`, which is 1.
GROUPS: list[tuple[str, Condition, Truth]] = [
    ("all: yes yes", every(YES, YES), T),
    ("all: yes no", every(YES, NO), F),
    ("all: yes unknown", every(YES, UNKNOWN), U),
    ("all: no unknown", every(NO, UNKNOWN), F),
    ("all: unknown no", every(UNKNOWN, NO), F),
    ("all: unknown unknown", every(UNKNOWN, UNKNOWN), U),
    ("any: no no", some(NO, NO), F),
    ("any: no yes", some(NO, YES), T),
    ("any: no unknown", some(NO, UNKNOWN), U),
    ("any: unknown yes", some(UNKNOWN, YES), T),
    ("any: unknown unknown", some(UNKNOWN, UNKNOWN), U),
    ("not yes", Not(YES), F),
    ("not no", Not(NO), T),
    ("not unknown is not met", Not(UNKNOWN), U),
    ("not not unknown", Not(Not(UNKNOWN)), U),
    ("not all: yes unknown", Not(every(YES, UNKNOWN)), U),
    ("not all: no unknown", Not(every(NO, UNKNOWN)), T),
    ("not any: no unknown", Not(some(NO, UNKNOWN)), U),
    ("all of any and not", every(some(NO, YES), Not(some(NO, NO)), every(YES)), T),
    ("what is missing decides nothing beside what holds", some(every(UNKNOWN, YES), Not(UNKNOWN), YES), T),
]

LENT = leaf("items", ALL, leaf("x", EQUAL, 1))
ODD = leaf("items", ANY, leaf("x", EQUAL, 1))
DEEP = leaf("groups", ALL, leaf("users", ANY, leaf("isAdmin", EQUAL, True)))

# A condition, a record, and the answer.
WHOLES: list[tuple[str, Condition, dict[str, Any], Truth]] = [
    # 3.4, point 1: what is missing satisfies nothing, whatever is asked; null is a value.
    ("a key that is missing is not 'not null'", leaf("kmsKeyId", NOT_EQUAL, None), {}, U),
    ("a key that is null is not 'not null'", leaf("kmsKeyId", NOT_EQUAL, None), {"kmsKeyId": None}, F),
    ("an endpoint that is missing is not null", leaf("endpoint", EQUAL, None), {}, U),
    ("an endpoint that is null is null", leaf("endpoint", EQUAL, None), {"endpoint": None}, T),
    ("a type that is missing filters nothing out", leaf("type", NOT_EQUAL, "bucket"), {}, U),
    ("no severity is not a low one", Not(leaf("severity", EQUAL, "Critical")), {}, U),
    ("null is not a low number", leaf("age", LESS, 5), {"age": None}, F),
    ("no age at all is not old", leaf("age", OLDER, 90), {"age": None}, F),
    ("`not` turns a date that is none", Not(leaf("age", OLDER, 90)), {"age": "soon"}, T),
    # point 4: how many days there are may stand in the record.
    ("days from a fact", leaf("at", LAST_DAYS, term("days")), {"at": "2024-02-20", "days": 10.5}, T),
    ("days from a path", leaf("at", LAST_DAYS, term("sla:days.0")), {"at": "2024-02-20", "sla": {"days": [11]}}, T),
    ("days in a text", leaf("at", LAST_DAYS, term("days")), {"at": "2024-02-29", "days": "10"}, F),
    ("days that are true", leaf("at", LAST_DAYS, term("days")), {"at": "2024-02-29", "days": True}, F),
    ("fewer than no days", leaf("at", OLDER, term("days")), {"at": "2024-02-01", "days": -1}, F),
    ("too many days", leaf("at", LAST_DAYS, term("days")), {"at": "2024-02-01", "days": 36500.5}, F),
    ("far too many days", leaf("at", LAST_DAYS, term("days")), {"at": "2024-02-01", "days": 1e300}, F),
    ("days that are missing", Not(leaf("at", LAST_DAYS, term("days"))), {"at": "2024-02-01"}, U),
    # Facts against facts.
    ("a fact equals itself", leaf("a", EQUAL, term("a")), {"a": [1, {}]}, T),
    ("a path against a path", leaf("a:b", MORE, term("a:c")), {"a": {"b": "10", "c": 9.5}}, T),
    ("a list of another fact's length", leaf("a:length", EQUAL, term("b:length")), {"a": [1, 2], "b": "xy"}, T),
    ("in what is no list", leaf("a", IN, term("b")), {"a": "x", "b": "x"}, F),
    ("not in what is no list", leaf("a", NOT_IN, term("b")), {"a": "x", "b": {"x": 1}}, T),
    ("contains a list", leaf("a", CONTAINS, term("b")), {"a": [["x"]], "b": ["x"]}, F),
    ("does not contain a list", leaf("a", LACKS, term("b")), {"a": [], "b": ["x"]}, F),
    ("does not contain an object", leaf("a", LACKS, term("b")), {"a": "text", "b": {}}, F),
    ("contains what looks like a pattern", leaf("a", CONTAINS, term("b")), {"a": "abc", "b": "%b%"}, F),
    ("compares with a text that is no number", leaf("a", MORE, term("b")), {"a": 1, "b": "low"}, F),
    # Quantifiers: an empty list, what is no list, and items that lack what is asked for.
    ("all of an empty list", LENT, {"items": []}, T),
    ("any of an empty list", ODD, {"items": []}, F),
    ("not any of an empty list", Not(ODD), {"items": []}, T),
    ("all of null", LENT, {"items": None}, F),
    ("not all of null", Not(LENT), {"items": None}, T),
    ("all of an object", LENT, {"items": {"x": 1}}, F),
    ("all of nothing", LENT, {}, U),
    ("not any of nothing", Not(ODD), {}, U),
    ("all where an item lacks it", LENT, {"items": [{"x": 1}, {}]}, U),
    ("all where an item lacks it and one is wrong", LENT, {"items": [{}, {"x": 2}]}, F),
    ("not all where an item lacks it", Not(LENT), {"items": [{"x": 1}, {}]}, U),
    ("any where an item lacks it", ODD, {"items": [{}, {"x": 2}]}, U),
    ("any where an item lacks it and one is right", ODD, {"items": [{}, {"x": 1}]}, T),
    ("not any where an item lacks it", Not(ODD), {"items": [{}, {"x": 2}]}, U),
    ("items that are no objects have no keys", ODD, {"items": [1, "x", None, ["x"]]}, U),
    ("lists in lists are not opened", ODD, {"items": [[{"x": 1}]]}, U),
    ("an item that is null there", leaf("items", ALL, leaf("x", EQUAL, None)), {"items": [{"x": None}]}, T),
    (
        "a group for each item",
        leaf("items", ANY, every(leaf("x", MORE, 1), leaf("y", LESS, 1))),
        {"items": [{"x": 2, "y": 2}, {"x": 0, "y": 0}]},
        F,
    ),
    ("not, for each item", leaf("items", ALL, Not(leaf("x", EQUAL, 1))), {"items": [{"x": 2}, {"x": "1"}]}, T),
    ("not, for an item that lacks it", leaf("items", ALL, Not(leaf("x", EQUAL, 1))), {"items": [{"x": 2}, {}]}, U),
    ("a list below a path", leaf("vpc:nets", ALL, leaf("x", EQUAL, 1)), {"vpc": {"nets": [{"x": 1}]}}, T),
    (
        "a path below an item",
        leaf("items", ALL, leaf("tags:0.key", EQUAL, "env")),
        {"items": [{"tags": [{"key": "env"}]}]},
        T,
    ),
    (
        "an item's length",
        leaf("items", ALL, leaf("tags:length", LEAST, 1)),
        {"items": [{"tags": [1]}, {"tags": []}]},
        F,
    ),
    ("a date in an item", leaf("keys", ALL, leaf("made", LAST_DAYS, 90)), {"keys": [{"made": "2024-02-01"}]}, T),
    ("two facts of an item", leaf("items", ANY, leaf("a", EQUAL, term("b"))), {"items": [{"a": 1, "b": 1.0}]}, T),
    # point 8: the scope is the innermost item, and the record around it is out of reach.
    ("a quantifier in a quantifier", DEEP, {"groups": [{"users": [{"isAdmin": False}, {"isAdmin": True}]}]}, T),
    ("one list fails in the outer one", DEEP, {"groups": [{"users": [{"isAdmin": True}]}, {"users": []}]}, F),
    ("a list is missing in the outer one", DEEP, {"groups": [{"users": [{"isAdmin": True}]}, {}]}, U),
    ("no access to the record from an item", ODD, {"items": [{"y": 1}], "x": 1}, U),
    ("no access from an item's item", DEEP, {"groups": [{"users": [{}], "isAdmin": True}], "isAdmin": True}, U),
    (
        "a value of the record for an item",
        leaf("items", ANY, leaf("x", EQUAL, term("y"))),
        {"items": [{"x": 1}], "y": 1},
        U,
    ),
    # `@`: the item itself.
    ("items that are texts", leaf("ports", ANY, leaf("@", EQUAL, "22")), {"ports": ["80", "22"]}, T),
    ("items that are numbers", leaf("ports", ALL, leaf("@", LEAST, 1024)), {"ports": [8080, "1024"]}, T),
    ("items that are null", leaf("ports", ANY, leaf("@", EQUAL, None)), {"ports": [None]}, T),
    ("items that are dates", leaf("days", ALL, leaf("@", LAST_DAYS, 2)), {"days": ["2024-03-01", "2024-02-29"]}, T),
    ("what lies below an item", leaf("pairs", ALL, leaf("@:1", EQUAL, 2)), {"pairs": [[1, 2], {"1": 2}]}, T),
    ("how long an item is", leaf("names", ALL, leaf("@:length", LESS, 4)), {"names": ["abc", [1], {"length": 1}]}, T),
    ("an item without length", leaf("names", ALL, leaf("@:length", LESS, 4)), {"names": ["abc", 7]}, U),
    ("a list of lists", leaf("rows", ALL, leaf("@", ANY, leaf("@", EQUAL, 1))), {"rows": [[0, 1], [1.0]]}, T),
    ("a list of lists and others", leaf("rows", ALL, leaf("@", ANY, leaf("@", EQUAL, 1))), {"rows": [[0, 1], 1]}, F),
    ("an item that has a key of that name", leaf("rows", ANY, leaf("@", EQUAL, 1)), {"rows": [{"@": 1}]}, F),
]


def whole_cases() -> list[Case]:
    groups = [Case(name, condition, {"one": 1}, expected) for name, condition, expected in GROUPS]
    return groups + [Case(name, condition, document, expected) for name, condition, document, expected in WHOLES]


CASES: list[Case] = [*leaf_cases(), *fact_cases(), *edge_cases(), *place_cases(), *whole_cases()]


@pytest.fixture(scope="module")
def answers(database_url: str) -> dict[int, tuple[Truth, Truth]]:
    """What PostgreSQL finds of each case, loosely, as a run asks, and exactly; in one statement for them all."""
    values = Values()
    loose = branches(values, exact=False)
    exact = branches(values, exact=True)
    statement = f"""
        select place, {loose}, {exact}
        from jsonb_array_elements(%(documents)s::jsonb) with ordinality as records(document, place)"""
    named = {**values.named, "now": NOW, "documents": json.dumps([case.document for case in CASES])}
    with psycopg.connect(database_url, **connection_options()) as connection:
        return {place: (loose, exact) for place, loose, exact in connection.execute(statement.encode(), named)}


def branches(values: Values, *, exact: bool) -> str:
    """The predicate of each case for the record of that case."""
    whens = [
        f"when {place} then {predicate(case.condition, 'document', values, exact=exact)}"
        for place, case in enumerate(CASES, start=1)
    ]
    return f"case place {' '.join(whens)} end"


@pytest.mark.parametrize(("place", "case"), list(enumerate(CASES, start=1)), ids=[case.name for case in CASES])
def test_a_condition_says_of_a_record(place: int, case: Case, answers: dict[int, tuple[Truth, Truth]]) -> None:
    loose, exact = answers[place]

    assert exact is case.expected
    assert (loose is True) == (case.expected is True)
    assert truth_of(case.condition, case.document, NOW) is case.expected


def test_every_operator_is_asked_of_every_kind_of_fact() -> None:
    assert {row[0] for row in LEAVES} == set(Operator)
