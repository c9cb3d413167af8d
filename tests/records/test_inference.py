from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustwright.records.inference import infer_schema
from trustwright.records.schemas import RecordSchema, display_key_fault, schema_faults

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=25,
)


def inferred(value: Any) -> Any:
    properties: Any = infer_schema({"x": value})["properties"]
    return properties["x"]


def test_a_sample_becomes_an_open_object_that_requires_nothing() -> None:
    assert infer_schema({"name": "a", "on": True}) == {
        "type": "object",
        "properties": {"name": {"type": "string"}, "on": {"type": "boolean"}},
        "additionalProperties": True,
    }


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ("", {"type": "string"}),
        (3, {"type": "number"}),
        (3.5, {"type": "number"}),
        (False, {"type": "boolean"}),
        (None, {}),
        ([], {"type": "array", "items": {}}),
        ({}, {"type": "object", "properties": {}, "additionalProperties": True}),
    ],
)
def test_a_value_becomes_its_type(value: object, schema: object) -> None:
    assert inferred(value) == schema


@pytest.mark.parametrize(
    ("values", "schema"),
    [
        (["a", "b"], {"type": "string"}),
        ([1, 2.5], {"type": "number"}),
        ([1, "a", 2], {"type": ["number", "string"]}),
        (["a", None], {}),
        ([[], ["a"]], {"type": "array", "items": {"type": "string"}}),
        ([True, [1], ["a"]], {"type": ["boolean", "array"], "items": {"type": ["number", "string"]}}),
    ],
)
def test_the_items_of_a_list_share_one_schema(values: object, schema: object) -> None:
    assert inferred(values) == {"type": "array", "items": schema}


def test_the_objects_of_a_list_are_merged_property_by_property() -> None:
    assert inferred([{"a": 1, "b": {"c": 1}}, {"a": "x", "d": None}, {"b": {"e": True}}])["items"] == {
        "type": "object",
        "properties": {
            "a": {"type": ["number", "string"]},
            "b": {
                "type": "object",
                "properties": {"c": {"type": "number"}, "e": {"type": "boolean"}},
                "additionalProperties": True,
            },
            "d": {},
        },
        "additionalProperties": True,
    }


def test_a_number_of_the_sample_admits_any_other_number() -> None:
    assert RecordSchema.compile(infer_schema({"n": 3})).all_valid([{"n": 3.5}, {"more": 1}, {}])


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_the_schema_of_a_sample_is_acceptable_and_accepts_it(sample: dict[str, object]) -> None:
    schema = infer_schema(sample)
    assert schema_faults(schema) == []
    assert RecordSchema.compile(schema).faults(sample) == []
    assert [display_key_fault(schema, name) for name in sample] == [None] * len(sample)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3), max_size=5))
def test_the_schema_of_a_list_accepts_each_of_its_items(items: list[dict[str, object]]) -> None:
    schema = RecordSchema.compile(infer_schema({"x": items}))
    assert schema.all_valid([{"x": [item]} for item in items])
