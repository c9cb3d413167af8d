"""Shapes, without server or database: what fits one is what the validator accepts, and is read as any other way."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trustwright.records.items import read_batch
from trustwright.records.schemas import compiled, schema_faults
from trustwright.records.shapes import shape

NAMES = st.sampled_from(["id", "a", "_0", "é x"])
TEXTS = st.sampled_from(["", "x", "Active", "1", "é"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.sampled_from([0, 1, -7, 2**70, 1.0, 1.5, 1e-7]) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
WORDS = st.sampled_from(["string", "boolean", "null", "integer", "number", "array", "object"])


def objects(part: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"type": st.just("object")},
        optional={
            "properties": st.dictionaries(NAMES, part, max_size=4),
            "required": st.lists(NAMES, max_size=2, unique=True),
            "additionalProperties": st.booleans() | part,
            "description": TEXTS,
        },
    )


PARTS = st.recursive(
    st.fixed_dictionaries({}, optional={"type": WORDS | st.lists(WORDS, min_size=1, max_size=3, unique=True)})
    | st.fixed_dictionaries({"enum": st.lists(TEXTS, min_size=1, max_size=3, unique=True)})
    | st.fixed_dictionaries(
        {"enum": st.lists(VALUES, min_size=1, max_size=2, unique_by=repr)}, optional={"type": WORDS}
    )
    | st.fixed_dictionaries({"type": st.just("string"), "minLength": st.integers(0, 2)}),
    lambda part: objects(part) | st.fixed_dictionaries({"type": st.just("array")}, optional={"items": part}),
    max_leaves=6,
)


def values_of(part: Any) -> st.SearchStrategy[Any]:
    """Values that often are what a part of a schema asks for."""
    if not isinstance(part, dict):
        return VALUES
    if "enum" in part:
        return st.sampled_from(part["enum"]) | TEXTS
    if part.get("type") == "array":
        return st.lists(values_of(part.get("items")), max_size=3)
    if part.get("type") == "object":
        declared = {name: values_of(inner) for name, inner in part.get("properties", {}).items()}
        return st.fixed_dictionaries(dict.fromkeys(part.get("required", ()), TEXTS) | declared)
    words = {"string": TEXTS, "boolean": st.booleans(), "null": st.none(), "integer": st.integers()}
    return words.get(str(part.get("type")), VALUES)


@st.composite
def uploads(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A schema, and records that may fit it."""
    schema = draw(objects(PARTS))
    record = st.tuples(values_of(schema), st.dictionaries(NAMES, VALUES, max_size=1), st.sampled_from(["r1", "r2"]))
    return schema, [right | odd | {"id": id_} for right, odd, id_ in draw(st.lists(record, min_size=1, max_size=2))]


PLAIN = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "Full name"},
        "status": {"type": "string", "enum": ["Active", "Gone"]},
        "level": {"type": ["number", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "more": {"type": "object", "properties": {"seen": {"type": "boolean"}}, "required": ["seen"]},
    },
    "required": ["name"],
    "additionalProperties": False,
}
GOOD = {"id": "a", "name": "Ann", "status": "Gone", "level": 3, "tags": ["x"], "more": {"seen": True}}


def as_body(*records: Any) -> bytes:
    return json.dumps({"data": records}).encode()


def fits(schema: Any, *records: Any) -> bool:
    return read_batch(as_body(*records), 100).fitting(shape(json.dumps(schema))) is not None


@given(uploads())
@settings(deadline=None, max_examples=400)
def test_what_fits_is_valid_and_is_read_as_any_other_way(upload: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    schema, records = upload
    assume(not schema_faults(schema))
    fitting = read_batch(as_body(*records), 100).fitting(shape(json.dumps(schema)))

    if fitting is not None:
        items = read_batch(as_body(*records), 100).items
        told = [(item.raw, item.record_id, item.fault) for item in items]
        assert [(item.raw, item.record_id, item.fault) for item in fitting] == told
        judge = compiled(json.dumps(schema))
        for item in items:
            if not judge.declares_id:
                item.values.pop("id", None)
            assert judge.faults(item.values) == []


@pytest.mark.parametrize("left_out", [{}, {"status": 0, "more": 0}, {"level": 0, "tags": 0}])
def test_valid_records_of_a_plain_schema_fit(left_out: dict[str, int]) -> None:
    record = {name: value for name, value in GOOD.items() if name not in left_out}

    assert fits(PLAIN, record, GOOD | {"id": "b", "level": None})


@pytest.mark.parametrize(
    "change",
    [
        {"name": 1},
        {"status": "Lost"},
        {"level": "3"},
        {"level": True},
        {"level": 1.5},
        {"level": 1e-7},
        {"tags": ["x", None]},
        {"more": {}},
        {"more": {"seen": 1}},
        {"more": {"seen": True, "deep": {}}},
        {"other": 1},
        {"id": 7},
        {"id": None},
        {"id": ""},
        {"id": "a\nb"},
        {"id": "x" * 256},
        {"name": "a\0b"},
        {"name": "\ud800"},
        {"name": "x" * 1001},
    ],
)
def test_whatever_has_to_be_looked_into_does_not_fit(change: dict[str, Any]) -> None:
    assert not fits(PLAIN, GOOD, GOOD | change)


def test_a_list_with_a_missing_name_and_what_is_no_list_do_not_fit() -> None:
    assert not fits(PLAIN, {"id": "a"})
    assert read_batch(b'{"data":{"id":"a","name":"x"}}', 1).fitting(shape(json.dumps(PLAIN))) is None


@pytest.mark.parametrize(
    "more",
    [
        {"enum": [{}]},
        {"minProperties": 1},
        {"required": ["id"]},
        {"patternProperties": {"^x": {"type": "string"}}},
        {"properties": {"name": {"type": "string", "maxLength": 3}}},
        {"properties": {"name": {"enum": ["x", 1]}}},
        {"properties": {"name": {"$ref": "#"}}},
        {"properties": {"name": True}},
        {"properties": {'"': {"type": "string"}}},
        {"properties": {"name": {"type": "array", "items": [{"type": "string"}]}}},
    ],
)
def test_a_schema_that_asks_for_more_has_no_shape(more: dict[str, Any]) -> None:
    assert shape(json.dumps(PLAIN | more)) is None


def test_the_last_of_two_members_of_one_name_counts() -> None:
    twice = b'{"data":[{"id":"a","name":"x"},{"id":"b","name":"y"}],"data":[{"id":"c","id":"d","name":"z"}]}'

    fitting = read_batch(twice, 100).fitting(shape(json.dumps(PLAIN)))

    assert [(item.record_id, item.raw) for item in fitting or []] == [
        ("d", msgspec.Raw(b'{"id":"c","id":"d","name":"z"}'))
    ]
