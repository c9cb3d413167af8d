from typing import Any

import pytest

from trustwright.monitors.definitions import parse_definition
from trustwright.monitors.fitting import misfits
from trustwright.monitors.model import Fault
from trustwright.records.inference import infer_schema

Json = dict[str, Any]

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
FLAG = {"type": "boolean"}


def of(**properties: Any) -> Json:
    return {"type": "object", "properties": properties}


def listed(items: Any) -> Json:
    return {"type": "array", "items": items}


USERS = of(
    name=TEXT,
    mfaEnabled=FLAG,
    level={"type": ["integer", "null"]},
    tags=listed(TEXT),
    volumes=listed(of(size=NUMBER, encrypted=FLAG) | {"additionalProperties": False}),
    config=of(**{"a.b": NUMBER, "deep": of(x=TEXT), "length": NUMBER}),
    labels={"type": "object", "additionalProperties": TEXT},
    open={},
)
OTHERS = "(for others, set allowUnknownFields)"


def leaf(fact: str, operator: str, value: Any, **more: Any) -> Json:
    return {"fact": fact, "operator": operator, "value": value, **more}


def faults_of(group: Json, schema: Json, *, allow_unknown: bool = False) -> list[tuple[str, str]]:
    """Of a group's checks; the place is told below the group."""
    faults: list[Fault] = []
    definition = parse_definition({"groups": [{"connectionId": 1, "resourceId": 2, **group}]}, faults)
    assert faults == []
    assert definition is not None
    found = misfits(definition.groups[0], "groups[0]", schema, "Users", allow_unknown=allow_unknown)
    assert all(fault.path.startswith("groups[0].") for fault in found)
    return [(fault.path.removeprefix("groups[0]."), fault.message) for fault in found]


def misfits_of(comparison: Json, schema: Json = USERS, *, allow_unknown: bool = False) -> list[tuple[str, str]]:
    """Of one comparison; the place is told below it."""
    found = faults_of({"evaluator": {"all": [comparison]}}, schema, allow_unknown=allow_unknown)
    assert all(place.startswith("evaluator.all[0].") for place, _ in found)
    return [(place.removeprefix("evaluator.all[0]."), message) for place, message in found]


def fits(comparison: Json, schema: Json = USERS, *, allow_unknown: bool = False) -> bool:
    return misfits_of(comparison, schema, allow_unknown=allow_unknown) == []


@pytest.mark.parametrize(
    "comparison",
    [
        leaf("name", "equal", "x"),
        leaf("name", "notEqual", None),
        leaf("name", "in", ["x", None]),
        leaf("name", "greaterThan", 3),
        leaf("name", "withinLastDays", 3),
        leaf("name", "contains", "x"),
        leaf("name", "greaterThan", 3, path="length"),
        leaf("level", "equal", None),
        leaf("level", "equal", 1.5),
        leaf("level", "olderThanDays", {"fact": "level"}),
        leaf("tags", "contains", "x"),
        leaf("tags", "any", leaf("@", "equal", "x")),
        leaf("tags", "equal", 2, path="length"),
        leaf("tags", "equal", "x", path="-1"),
        leaf("tags", "equal", 2, path="0.length"),
        leaf("tags", "equal", ["x"]),
        leaf("volumes", "all", {"any": [leaf("size", "lessThan", 5), leaf("encrypted", "equal", True)]}),
        leaf("volumes", "equal", 5, path="0.size"),
        leaf("config", "equal", 5, path="a.b"),
        leaf("config", "equal", "x", path="deep.x"),
        leaf("config", "equal", 5, path="length"),
        leaf("labels", "equal", "x", path="app.kubernetes.io"),
        leaf("open", "equal", True, path="any.0.length"),
        leaf("open", "all", leaf("what", "equal", 1)),
        leaf("id", "equal", "a-1"),
        leaf("name", "equal", {"fact": "tags", "path": "0"}),
        leaf("name", "in", {"fact": "tags"}),
    ],
)
def test_what_a_record_can_be_asked_fits(comparison: Json) -> None:
    assert misfits_of(comparison) == []


@pytest.mark.parametrize(
    ("comparison", "place", "message"),
    [
        (
            leaf("mfaEnabeld", "equal", True),
            "fact",
            f"'mfaEnabeld' is no field of the schema of 'Users'; did you mean 'mfaEnabled'? {OTHERS}",
        ),
        (
            leaf("zzz", "equal", True),
            "fact",
            f"'zzz' is no field of the schema of 'Users'; it has {', '.join(map(repr, USERS['properties']))} {OTHERS}",
        ),
        (
            leaf("config", "equal", "x", path="deep.y"),
            "path",
            f"'y' is no field of 'config.deep'; it has 'x' {OTHERS}",
        ),
        (
            leaf("volumes", "any", leaf("sizee", "equal", 1)),
            "value.fact",
            "'sizee' is no field of the items of 'volumes', which allows no others; did you mean 'size'?",
        ),
        (
            leaf("tags", "any", leaf("x", "equal", "a")),
            "value.fact",
            "the items of 'tags' have no fields (each is a string); write '@' for the item itself",
        ),
        (
            leaf("volumes", "equal", 1, path="size"),
            "path",
            "'volumes' is an array; ask its items by 'all' or 'any', or name one by its index: '0.size'",
        ),
        (
            leaf("mfaEnabled", "equal", 1, path="length"),
            "path",
            "'mfaEnabled' is a boolean and has no length",
        ),
        (
            leaf("config", "equal", 1, path="deep.x.y"),
            "path",
            "'config.deep.x' is a string and has nothing below it; leave the path out",
        ),
        (
            leaf("mfaEnabled", "greaterThan", 3),
            "operator",
            "'greaterThan' compares numbers, and 'mfaEnabled' is a boolean",
        ),
        (
            leaf("tags", "withinLastDays", 3),
            "operator",
            "'withinLastDays' compares dates, and 'tags' is an array",
        ),
        (
            leaf("level", "contains", 3),
            "operator",
            "'contains' looks into arrays and strings, and 'level' is a number or null",
        ),
        (
            leaf("config", "all", leaf("x", "equal", 1), path="deep.x"),
            "operator",
            "'all' asks the items of an array, and 'config.deep.x' is a string",
        ),
        (
            leaf("mfaEnabled", "equal", "true"),
            "value",
            "'true' is a string, and 'mfaEnabled' is a boolean; write true or false without quotes",
        ),
        (
            leaf("level", "notEqual", "5"),
            "value",
            "'5' is a string, and 'level' is a number or null; compare with one of that type",
        ),
        (
            leaf("tags", "all", leaf("@", "equal", 1)),
            "value.value",
            "1 is a number, and '@' is a string; put it into quotes",
        ),
        (leaf("name", "equal", None), "value", "'name' is a string, never null; remove the comparison"),
        (
            leaf("name", "notIn", ["a", 1, 2]),
            "value[1]",
            "1 is a number, and 'name' is a string; put it into quotes",
        ),
        (
            leaf("name", "equal", {"fact": "nmae"}),
            "value.fact",
            f"'nmae' is no field of the schema of 'Users'; did you mean 'name'? {OTHERS}",
        ),
        (
            leaf("name", "equal", {"fact": "mfaEnabled"}),
            "value",
            "'mfaEnabled' is a boolean, and 'name' is a string: never equal",
        ),
        (leaf("name", "in", {"fact": "level"}), "value", "'in' takes an array, and 'level' is a number or null"),
        (
            leaf("name", "withinLastDays", {"fact": "name"}),
            "value",
            "'withinLastDays' takes a number, and 'name' is a string",
        ),
        (
            leaf("id", "equal", True),
            "value",
            "true is a boolean, and 'id' is a string or a number; compare with one of that type",
        ),
    ],
)
def test_what_no_record_can_meet_is_told(comparison: Json, place: str, message: str) -> None:
    assert misfits_of(comparison) == [(place, message)]


def test_unknown_fields_may_be_allowed_but_not_impossible_ones() -> None:
    assert fits(leaf("zzz", "equal", 1, path="a.b"), allow_unknown=True)
    assert fits(leaf("config", "equal", 1, path="new.key"), allow_unknown=True)
    assert not fits(leaf("mfaEnabled", "equal", "true"), allow_unknown=True)
    assert not fits(leaf("volumes", "any", leaf("sizee", "equal", 1)), allow_unknown=True)
    assert not fits(leaf("gone", "equal", 1), of(gone=False), allow_unknown=True)


def test_all_conditions_of_a_group_are_looked_at() -> None:
    unknown = {"not": leaf("zzz", "equal", 1)}
    filtering = {"mode": "exclusion", "evaluator": unknown}
    counting = {"kind": "count", "where": {"any": [unknown]}, "operator": "equal", "value": 0}
    unique = {"kind": "unique", "fact": "config", "path": "nope"}

    places = [
        [place for place, _ in faults_of(group, USERS)]
        for group in (
            {"filteringCriteria": filtering, "evaluator": {"all": [leaf("id", "equal", "a"), unknown]}},
            {"population": counting},
            {"population": unique},
            {"filteringCriteria": filtering, "population": {"kind": "exists"}},
        )
    ]

    assert places == [
        ["filteringCriteria.evaluator.not.fact", "evaluator.all[1].not.fact"],
        ["population.where.any[0].not.fact"],
        ["population.path"],
        ["filteringCriteria.evaluator.not.fact"],
    ]


def test_what_a_sample_has_is_known() -> None:
    schema = infer_schema({"name": "a", "size": 1, "nested": {"tags": [{"key": "a"}]}, "empty": [], "nothing": None})

    assert fits(leaf("size", "equal", 2.5), schema)
    assert fits(leaf("nested", "any", leaf("key", "equal", "x"), path="tags"), schema)
    assert fits(leaf("empty", "any", leaf("anything", "equal", 1)), schema)
    assert fits(leaf("nothing", "equal", True), schema)
    assert not fits(leaf("nested", "any", leaf("kye", "equal", "x"), path="tags"), schema)
    assert not fits(leaf("siez", "equal", 1), schema)


def test_a_schema_without_properties_knows_nothing() -> None:
    assert fits(leaf("any", "withinLastDays", 1, path="thing.0"), {"type": "object"})


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"enum": ["a", "b", None]}, "a", 1),
        ({"const": True}, True, "true"),
        ({"type": "string", "enum": [1, "a"]}, "a", 1),
        ({"anyOf": [TEXT, NUMBER]}, 1, True),
        ({"oneOf": [TEXT, {"type": "null"}]}, None, 1),
        ({"allOf": [{"type": ["string", "number"]}, {"type": ["number", "null"]}]}, 1, "a"),
        ({"$ref": "#/definitions/flag"}, True, 1),
        ({"$ref": "#/$defs/a~1b"}, "x", 1),
        ({"$ref": "#/definitions/flag", "type": "string"}, True, "x"),
        ({"anyOf": [{"$ref": "#/definitions/flag"}, False]}, True, "x"),
    ],
)
def test_types_are_read_from_wherever_they_stand(schema: Any, right: Any, wrong: Any) -> None:
    whole = of(x=schema) | {"definitions": {"flag": FLAG}, "$defs": {"a/b": TEXT}}

    assert fits(leaf("x", "equal", right), whole)
    assert not fits(leaf("x", "equal", wrong), whole)


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {"$ref": "#/nowhere"},
        {"$ref": "#anchor"},
        {"$ref": "#/properties/x"},
        {"allOf": [{"$ref": "#/properties/x"}]},
        {"anyOf": [TEXT, {}]},
        {"not": TEXT},
        {"if": TEXT, "then": TEXT},
    ],
)
def test_what_a_schema_leaves_open_is_no_fault(schema: Any) -> None:
    values: list[Any] = [None, True, 1, "a", [], {}]
    for value in values:
        assert fits(leaf("x", "equal", value), of(x=schema))


@pytest.mark.parametrize(
    ("schema", "known", "unknown"),
    [
        ({"anyOf": [of(a=TEXT), of(b=NUMBER)]}, ["a", "b"], ["c"]),
        ({"allOf": [of(a=TEXT), {"$ref": "#/definitions/b"}], "definitions": {"b": of(b=TEXT)}}, ["a", "b"], ["c"]),
        (of(a=TEXT) | {"if": of(b=TEXT), "then": of(c=TEXT), "else": of(d=TEXT)}, list("abcd"), ["e"]),
        (of(a=TEXT) | {"required": ["b"]}, ["a", "b"], ["c"]),
        (of(a=TEXT) | {"patternProperties": {"^tag-": TEXT}}, ["a", "tag-1"], ["tg"]),
        (of(a=TEXT) | {"additionalProperties": TEXT}, ["a", "zzz"], []),
        (of(a=TEXT) | {"additionalProperties": False}, ["a", "id"], ["b"]),
        ({"additionalProperties": False}, ["id"], ["b"]),
    ],
)
def test_fields_are_found_wherever_they_stand(schema: Json, known: list[str], unknown: list[str]) -> None:
    fields = [*known, *unknown]

    assert [field for field in fields if fits(leaf(field, "equal", "x"), schema)] == known


def test_a_choice_of_schemas_settles_a_type_only_when_each_does() -> None:
    closed = [of(a=TEXT) | {"additionalProperties": False}, of(a=NUMBER, b=FLAG) | {"additionalProperties": False}]

    assert fits(leaf("a", "equal", 1), {"anyOf": closed})
    assert not fits(leaf("a", "equal", True), {"anyOf": closed})
    assert not fits(leaf("b", "equal", 1), {"anyOf": closed})
    assert fits(leaf("b", "equal", 1), {"anyOf": [of(a=TEXT), of(b=FLAG)]})


def test_items_by_index_have_their_own_schema() -> None:
    schema = of(pair={"type": "array", "items": [TEXT, NUMBER], "additionalItems": False}, open={"items": [TEXT]})

    assert fits(leaf("pair", "equal", "x", path="0"), schema)
    assert fits(leaf("pair", "equal", 1, path="-1"), schema)
    assert fits(leaf("open", "equal", 1, path="5"), schema)
    assert misfits_of(leaf("pair", "equal", "x", path="1")) != []
    assert not fits(leaf("pair", "equal", True, path="-1"), schema)
    assert not fits(leaf("pair", "equal", "x", path="2"), schema)
    assert not fits(leaf("pair", "any", leaf("@", "equal", True)), schema)


def test_a_declared_id_is_what_the_schema_says() -> None:
    assert not fits(leaf("id", "equal", "x"), of(id=NUMBER))
    assert not fits(leaf("volumes", "any", leaf("id", "equal", "x")))


def test_a_schema_that_refers_to_itself_in_circles_is_read_in_time() -> None:
    doubling = {f"d{i}": {"anyOf": [{"$ref": f"#/definitions/d{i + 1}"}] * 2} for i in range(60)}
    schema = of(x={"$ref": "#/definitions/d0"}, me={"$ref": "#"}) | {"definitions": {**doubling, "d60": TEXT}}
    circle = {"type": "object", "anyOf": [{"$ref": "#"}, {"$ref": "#"}], "properties": {"a": TEXT}}

    assert fits({"any": [leaf("x", "equal", 1), leaf("me", "equal", "x", path="me.me.x")]}, schema)
    assert not fits(leaf("me", "equal", "x", path="me.me.y"), schema)
    assert not fits(leaf("a", "equal", 1), circle)


def test_patterns_take_no_more_time_than_names_are_long() -> None:
    schema = of(a=TEXT) | {"patternProperties": {"^(a+)+$": TEXT}}

    assert not fits(leaf("a" * 5000 + "!", "equal", "x"), schema)


def test_at_most_fifty_misfits_are_told() -> None:
    unknown = {"all": [leaf(f"x{i}", "equal", 1) for i in range(60)]}

    assert [place for place, _ in faults_of({"evaluator": unknown}, USERS)] == [
        f"evaluator.all[{i}].fact" for i in range(50)
    ]


def test_behind_twenty_patterns_any_name_could_match() -> None:
    schema = of(a=TEXT) | {"patternProperties": {f"^p{i}$": TEXT for i in range(21)}}

    assert fits(leaf("zzz", "equal", 1), schema)
    assert not fits(leaf("a", "equal", 1), schema)
