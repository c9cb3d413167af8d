from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustwright.errors import Invalid
from trustwright.records.fields import example_of, fields_of
from trustwright.records.inference import infer_schema
from trustwright.records.keyset import cursor, place_of, successor
from trustwright.records.samples import examine, likely_key, read_samples
from trustwright.records.samples import inferred as schema_text
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


@pytest.mark.parametrize(
    "text",
    ['[{"a": 1}, {"a": 2}]', '{"data": [{"a": 1}, {"a": 2}]}', '{"a": 1}\n\n{"a": 2}\n', '[{"a":1},\r\n{"a":2}]'],
)
def test_samples_are_read_however_they_were_copied(text: str) -> None:
    assert read_samples(text) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    "text", ["", "3", "[1]", '{"a": NaN}', '{"a": 1}\n{"b"}', '["' + "[" * 5000, '{"id": "\\ud800"}']
)
def test_what_is_no_sample_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(Invalid, match=r"^sample: "):
        read_samples(text)


@given(st.lists(st.dictionaries(st.text("abcd", min_size=1), VALUES, min_size=1, max_size=4), min_size=1, max_size=4))
def test_samples_fit_the_schema_that_is_made_of_them(samples: list[dict[str, Any]]) -> None:
    text = schema_text(samples)
    key = likely_key(examine(text, "", samples).keys, samples)

    assert examine(text, key, samples).is_good


def test_a_sample_that_does_not_fit_is_named_with_the_place() -> None:
    schema = '{"type": "object", "properties": {"n": {"type": "number"}}}'

    (misfit,) = examine(schema, "n", [{"id": "1", "n": 1}, {"n": "x"}]).misfits

    assert (misfit.number, misfit.pointer, misfit.message) == (2, "/n", "must be number")


@pytest.mark.parametrize(
    ("schema", "key", "said"),
    [
        ("{", "n", "no JSON: line 1"),
        ("[]", "n", "must be a JSON object"),
        ('{"type": "object", "properties": {"n": {}}}', "m", "no property m"),
        ('{"type": "array"}', "n", 'Set the "type"'),
        ('{"type": "object", "title": "\\ud800"}', "n", "half a character"),
    ],
)
def test_a_schema_that_cannot_be_used_says_why(schema: str, key: str, said: str) -> None:
    assert said in examine(schema, key, [{}]).faults[0]


def test_a_schema_is_read_as_a_table_of_fields() -> None:
    schema = {
        "properties": {
            "id": {"type": "string", "maxLength": 9},
            "tags": {"type": "array", "items": {"type": "object", "properties": {"k": {"enum": ["a", 1]}}}},
            "any": True,
        },
        "required": ["id"],
    }

    assert [(each.path, each.types, each.is_required, each.rules) for each in fields_of(schema)] == [
        ("id", "string", True, "at most 9 characters"),
        ("tags", "list of object", False, ""),
        ("tags[].k", "one of a few", False, "one of a, 1"),
        ("any", "anything", False, ""),
    ]


@given(st.lists(st.dictionaries(st.text("abcd", min_size=1), VALUES, min_size=1, max_size=4), min_size=1, max_size=3))
def test_the_example_of_an_inferred_schema_fits_it(samples: list[dict[str, Any]]) -> None:
    schema = infer_schema(*samples)

    assert RecordSchema.compile(schema).faults(example_of(schema, next(iter(samples[0])))) == []


@given(st.text(max_size=5), st.text(max_size=5))
def test_what_begins_with_a_text_lies_between_it_and_its_successor(prefix: str, more: str) -> None:
    assert prefix <= prefix + more < successor(prefix)
    assert not successor(prefix).startswith(prefix or "x")


@pytest.mark.parametrize("text", ["", "x", "1", "1.", "99999999999999999999.a", "-1.a", "\u0661.a"])
def test_what_is_no_cursor_is_the_beginning(text: str) -> None:
    assert place_of(text, by_time=False) is None
    assert place_of("1.yesterday", by_time=True) is None
    assert place_of(cursor("a.b", 7), by_time=False) == ("a.b", 7)
