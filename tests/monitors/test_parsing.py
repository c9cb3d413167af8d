import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwright.monitors.conditions import ALIASES, DATING, All, Any_, Leaf, Literal, Not, Operator, Term, rendered
from trustwright.monitors.model import Fault
from trustwright.monitors.parsing import LEAF, parse_condition

Json = dict[str, Any]

EXAMPLE = '{"fact": "name", "operator": "equal", "value": "x"}'
OPERATORS = ", ".join(Operator)
CLOCK = {"fact": "age", "operator": "equal", "value": 1}


def leaf(operator: str, value: Any, fact: str = "age", **more: Any) -> Json:
    return {"fact": fact, "operator": operator, "value": value, **more}


def both(*conditions: Any) -> Json:
    return {"all": list(conditions)}


def faults_of(condition: Any) -> list[tuple[str, str]]:
    """Place and message of each fault, none of which goes with a condition."""
    faults: list[Fault] = []
    parsed = parse_condition(condition, "e", faults)
    assert (parsed is None) == bool(faults)
    return [(fault.path, fault.message) for fault in faults]


def nested(levels: int) -> Json:
    """So many groups and quantifiers in each other, around one comparison."""
    condition: Json = leaf("equal", 1)
    for level in range(levels):
        condition = leaf("any", condition) if level % 2 == 0 and level < levels - 1 else {"not": condition}
    return condition


def test_groups_comparisons_and_quantifiers_become_a_condition() -> None:
    faults: list[Fault] = []
    volume = leaf("greaterThan", {"fact": "least", "path": "gb"}, "size", path="$.gb")
    written = both({"any": [leaf("equal", None)]}, {"not": leaf("in", ["a"])}, leaf("all", volume, "volumes"))

    assert parse_condition(written, "e", faults) == All(
        (
            Any_((Leaf(Term("age"), Operator.EQUAL, Literal(None)),)),
            Not(Leaf(Term("age"), Operator.IN, Literal(["a"]))),
            Leaf(
                Term("volumes"),
                Operator.ALL,
                Leaf(Term("size", "gb"), Operator.GREATER_THAN, Term("least", "gb")),
            ),
        )
    )
    assert faults == []


@pytest.mark.parametrize(("alias", "operator"), ALIASES.items())
def test_an_alias_becomes_what_it_stands_for(alias: str, operator: Operator) -> None:
    parsed = parse_condition(both(leaf(alias, 1)), "e", [])

    assert parsed is not None
    assert rendered(parsed) == both(leaf(operator.value, 1))


@pytest.mark.parametrize(
    "condition",
    [
        both(leaf("equal", [1, {"a": None}]), leaf("notEqual", {"a": [True]})),
        both(leaf("in", []), leaf("notIn", [None, "a", 1, [2]]), leaf("in", {"fact": "allowed"})),
        both(*(leaf("contains", value) for value in ("a", 1.5, False, None, {"fact": "b"}))),
        both(leaf("withinLastDays", 36_500), leaf("withinLastHours", 876_000), leaf("olderThanDays", 0.5)),
        both(leaf("withinNextDays", 0), leaf("olderThanDays", {"fact": "limit"})),
        both(leaf("any", leaf("equal", 1, "@")), leaf("any", both(leaf("equal", 1, "@", path="length")))),
        both(leaf("equal", 1, "params"), leaf("equal", 1, "a.b"), leaf("equal", 1, path="$ref.-1.x")),
        both(*[leaf("equal", 1)] * 499),
        both(leaf("in", list(range(1000)))),
        both(leaf("equal", "x" * 10_000)),
        nested(20),
    ],
)
def test_what_the_language_allows_is_read(condition: Json) -> None:
    assert faults_of(condition) == []


@pytest.mark.parametrize(
    ("condition", "place", "message"),
    [
        (5, "", f'5 is no condition; write a group, such as {{"all": [{EXAMPLE}]}}'),
        ([], "", f'an array is no condition; write a group, such as {{"all": [{EXAMPLE}]}}'),
        ({}, "", f'is empty; write a group, such as {{"all": [...]}}, or a comparison, such as {EXAMPLE}'),
        ({"All": []}, "", "'All' begins no condition; did you mean 'all'?"),
        (
            {"zzz": []},
            "",
            f"'zzz' begins no condition; write a group, such as {{\"all\": [...]}}, or a comparison, such as {EXAMPLE}",
        ),
        (leaf("equal", 1), "", 'is a bare comparison; wrap it: {"all": [...]}'),
        ({"all": [CLOCK], "any": [CLOCK]}, "", "holds all and any; keep one of them and nest the other inside it"),
        ({"all": [CLOCK], "operator": "equal"}, "", "'operator' has no meaning here; remove it (known here: all)"),
        ({"all": CLOCK}, ".all", "an object is no array; put the conditions into [...]"),
        ({"any": []}, ".any", "is empty; write at least one condition into it, or remove the group"),
        ({"not": [CLOCK]}, ".not", 'is an array; \'not\' takes one condition: {"not": {"any": [...]}}'),
    ],
)
def test_a_faulty_group_is_told_what_to_write(condition: Any, place: str, message: str) -> None:
    assert faults_of(condition) == [(f"e{place}", message)]


@pytest.mark.parametrize(
    ("comparison", "place", "message"),
    [
        ({"operator": "equal", "value": 1}, ".fact", "is missing: name a field of the record"),
        (leaf("equal", 1, ""), ".fact", "is empty; name a field of the record"),
        (
            {**CLOCK, "fact": 3},
            ".fact",
            "3 is no name; write the name of a field of the record as a string",
        ),
        (leaf("equal", 1, "@"), ".fact", "'@' is the item inside 'all' and 'any'; here, name a field of the record"),
        (leaf("equal", 1, "!Same"), ".fact", "'!Same' belongs to built-in tests; name a field of the record"),
        (leaf("equal", 1, "x" * 10_001), ".fact", "has 10,001 characters; at most 10,000 are possible"),
        ({**CLOCK, "params": {}}, "", "'params' belongs to built-in tests; remove it"),
        ({**CLOCK, "pth": "a"}, "", "'pth' has no meaning here; did you mean 'path'?"),
        (
            {**CLOCK, **dict.fromkeys("abcdefg")},
            "",
            f"'a', 'b', 'c', 'd', 'e' and 2 more have no meaning here; remove them (known here: {', '.join(LEAF)})",
        ),
        (
            leaf("equal", 1, path=["a"]),
            ".path",
            "an array is no path; write keys and indexes with dots between, such as 'ports.0.number', or leave it out",
        ),
        (leaf("equal", 1, path="$"), ".path", "is empty; leave it out to compare the fact itself"),
        (leaf("equal", 1, path=""), ".path", "is empty; leave it out to compare the fact itself"),
        (
            leaf("equal", 1, path="$.a..b"),
            ".path",
            "'a..b' has an empty part; write keys and indexes with dots between, such as 'ports.0.number'",
        ),
        (
            leaf("equal", 1, path="$[0]"),
            ".path",
            "'$[0]' has brackets; write keys and indexes with dots between, such as 'ports.0.number'",
        ),
        (leaf("equal", 1, path="a" + ".a" * 50), ".path", "has 51 parts; at most 50 are possible"),
        (
            leaf("equal", 1, path="a\0"),
            ".path",
            "has a character that no record can have (NUL or half a surrogate pair); remove it",
        ),
        ({"fact": "a", "value": 1}, ".operator", "is missing: write an operator, such as 'equal'"),
        (leaf("equalz", 1), ".operator", "'equalz' is no operator; did you mean 'equal'?"),
        (leaf("GREATERTHAN", 1), ".operator", "'GREATERTHAN' is no operator; did you mean 'greaterThan'?"),
        (leaf("==", 1), ".operator", f"'==' is no operator; write one of {OPERATORS}"),
        ({**CLOCK, "operator": True}, ".operator", f"true is no operator; write one of {OPERATORS}"),
        ({"fact": "a", "operator": "equal"}, ".value", "is missing: write what to compare with"),
        (
            {"fact": "a", "operator": "all"},
            ".value",
            "is missing: write the condition that items have to meet",
        ),
    ],
)
def test_a_faulty_comparison_is_told_what_to_write(comparison: Json, place: str, message: str) -> None:
    assert faults_of(both(CLOCK, comparison)) == [(f"e.all[1]{place}", message)]


@pytest.mark.parametrize(
    ("operator", "value", "message"),
    [
        ("in", "a", "'a' is no array; 'in' takes a list of values: [...]"),
        (
            "notIn",
            [{"fact": "a"}],
            'lists a fact; a list holds values, or is itself one fact: {"fact": "allowed"}',
        ),
        ("in", {"a": 1}, "is an object without 'fact'; 'in' takes an array or a fact: {\"fact\": \"allowed\"}"),
        ("in", [0] * 1001, "holds more than 1,000 values; split the comparison"),
        ("contains", ["a"], "is an array; 'contains' takes one value: write a comparison for each"),
        (
            "doesNotContain",
            {},
            "is an object without 'fact'; 'doesNotContain' takes a string, a number, a boolean or a fact",
        ),
        ("greaterThan", "14", "'14' is no number; 'greaterThan' takes a number without quotes, such as 14, or a fact"),
        ("lessThan", True, "true is no number; 'lessThan' takes a number without quotes, such as 14, or a fact"),
        ("greaterThan", CLOCK, "is a condition, and only 'all' and 'any' take one; write a value or a fact"),
        ("equal", CLOCK, "is a condition, and only 'all' and 'any' take one; write a value or a fact"),
        ("withinLastDays", "3", "'3' is no number; 'withinLastDays' takes a number of days, such as 30, or a fact"),
        ("withinLastDays", -1, "-1 is out of range; 'withinLastDays' takes 0 to 36,500 days"),
        ("olderThanDays", 36_501, "36501 is out of range; 'olderThanDays' takes 0 to 36,500 days"),
        ("withinLastHours", 876_000.5, "876000.5 is out of range; 'withinLastHours' takes 0 to 876,000 hours"),
        ("all", [1], f"an array is no condition; 'all' asks one of each item: {EXAMPLE}"),
        ("equal", "x" * 10_001, "has 10,001 characters; at most 10,000 are possible"),
        ("equal", {1: 2}, "has a key that is no string; put it into quotes"),
        ("equal", [float("nan")], "a float is no value that JSON has; put it into quotes"),
        ("equal", 10**1000, "has more than 1,000 digits; no record can have such a number"),
        ("equal", {"fact": "a", "pat": "b"}, "'pat' has no meaning here; did you mean 'path'?"),
    ],
)
def test_a_value_that_does_not_go_with_the_operator_is_told_what_does(operator: str, value: Any, message: str) -> None:
    assert faults_of(both(leaf(operator, value))) == [("e.all[0].value", message)]


def test_a_value_nests_twenty_deep_and_no_deeper() -> None:
    value: Any = 1
    for _ in range(20):
        value = [value]
    assert faults_of(both(leaf("equal", value))) == []
    assert faults_of(both(leaf("equal", [value]))) == [
        ("e.all[0].value", "nests arrays and objects more than 20 deep; compare what lies below by a path")
    ]


@pytest.mark.parametrize("operator", sorted(DATING))
def test_no_time_span_is_a_boolean(operator: str) -> None:
    assert [place for place, _ in faults_of(both(leaf(operator, True)))] == ["e.all[0].value"]


def test_faults_inside_quantifiers_and_facts_are_placed() -> None:
    inside = leaf("any", both(leaf("equal", {"fact": "!x", "path": "."}, ""), leaf("equals", 1, "@")), "tags")

    assert [place for place, _ in faults_of({"any": [{"not": leaf("all", inside)}]})] == [
        "e.any[0].not.value.value.all[0].fact",
        "e.any[0].not.value.value.all[0].value.fact",
        "e.any[0].not.value.value.all[0].value.path",
    ]


def test_a_fact_of_an_item_is_asked_for_in_the_words_of_items() -> None:
    assert faults_of(both(leaf("all", {"operator": "equal", "value": 1}))) == [
        ("e.all[0].value.fact", "is missing: name a field of the item")
    ]


def test_the_value_of_a_quantifier_alone_may_be_a_bare_comparison_of_the_item() -> None:
    faults: list[Fault] = []

    assert parse_condition(leaf("equal", 1, "@"), "e", faults, is_root=False) == Leaf(
        Term("@"), Operator.EQUAL, Literal(1)
    )
    assert faults == []


def test_conditions_nest_twenty_deep_and_no_deeper() -> None:
    assert [message for _, message in faults_of(nested(21))] == [
        "groups and quantifiers nest at most 20 deep; take levels out"
    ]
    assert len(faults_of(nested(600))) == 1


def test_a_quantifier_counts_as_a_level() -> None:
    condition: Json = leaf("any", leaf("equal", 1))
    for _ in range(20):
        condition = {"not": condition}

    assert [message for _, message in faults_of(condition)] == [
        "groups and quantifiers nest at most 20 deep; take levels out"
    ]


def test_the_first_node_too_many_is_named_and_the_rest_left_unread() -> None:
    assert faults_of(both(*[CLOCK] * 499, *["no condition"] * 100_000)) == [
        (
            "e.all[499]",
            "a condition has at most 500 groups and comparisons; check the rest in another group or another test",
        )
    ]


def test_all_faults_are_told_in_order_up_to_fifty() -> None:
    places = [place for place, _ in faults_of(both(*[leaf("is", 1, "")] * 100))]

    assert places == [f"e.all[{i}].{key}" for i in range(25) for key in ("fact", "operator")]


def test_faults_that_are_there_already_count() -> None:
    faults = [Fault("before", "wrong")] * 49

    assert parse_condition(both(1, 2), "e", faults) is None
    assert [fault.path for fault in faults[48:]] == ["before", "e.all[0]"]
    assert parse_condition(both(1, 2), "e", faults) is None
    assert len(faults) == 50


names = st.sampled_from(["a", "b.c", "length", "ünï", "0"])
terms = st.builds(lambda fact, path: {"fact": fact, **path}, names, st.sampled_from([{}, {"path": "x.0"}]))
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | names
numbers = st.integers(0, 36_500) | st.floats(0, 36_500)
values: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("equal", "notEqual"), scalars | st.lists(scalars) | st.dictionaries(names, scalars)),
    **dict.fromkeys(("greaterThan", "greaterThanOrEqual", "lessThan", "lessThanOrEqual"), numbers),
    **dict.fromkeys(("in", "notIn"), st.lists(scalars)),
    **dict.fromkeys(("contains", "doesNotContain"), scalars),
    **dict.fromkeys(DATING, numbers),
}
leaves = st.one_of(
    *(
        st.builds(lambda term, value, operator=operator: {**term, "operator": operator, "value": value}, terms, value)
        for operator, compared in values.items()
        for value in (compared, terms)
    )
)


def grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    members = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda kind, several: {kind: several}, st.sampled_from(["all", "any"]), members),
        st.builds(lambda member: {"not": member}, inner),
        st.builds(lambda term, asked: {**term, "operator": "any", "value": asked}, terms, inner),
    )


@settings(max_examples=100, deadline=None)
@given(st.recursive(leaves, grown, max_leaves=8))
def test_a_condition_is_rendered_as_it_was_written(condition: Json) -> None:
    faults: list[Fault] = []
    parsed = parse_condition(condition, "e", faults, is_root=False)

    assert faults == []
    assert parsed is not None
    # As text: to Python, true equals 1 and 1 equals 1.0.
    assert json.dumps(rendered(parsed), sort_keys=True) == json.dumps(condition, sort_keys=True)


keys = st.sampled_from(["all", "any", "not", "fact", "path", "operator", "value", "x"])
words = st.sampled_from([*Operator, "", "@", "!x", "$.", "a", "\0"])
anything = st.recursive(
    st.none() | st.booleans() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(anything)
def test_any_value_is_a_condition_or_has_faults(value: Any) -> None:
    faults_of(value)
