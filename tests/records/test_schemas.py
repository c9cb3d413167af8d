import json
import timeit
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from trustwright.records.schemas import DRAFT_7, RecordSchema, compiled, display_key_fault, fault_message, schema_faults

Json = dict[str, Any]

ALONE = ("additionalItems", "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then")
OUTSIDE = {"$ref": "http://x/y"}
TEXT = {"type": "string"}
NOT_TEXT, NEVER = "must be string", "boolean schema is false"


def of(**properties: Any) -> Json:
    return {"type": "object", "properties": properties}


def faults_of(schema: Any, value: Any) -> list[dict[str, str]]:
    return RecordSchema.compile(of(x=schema)).faults({"x": value})


def nested(value: Any, levels: int) -> Any:
    for _ in range(levels):
        value = {"x": value}
    return value


def doubling(levels: int, last: Json) -> Json:
    """Each definition asks the next one twice."""
    definitions = {f"a{i}": {"allOf": [{"$ref": f"#/definitions/a{i + 1}"}] * 2} for i in range(levels)}
    return of(x={"$ref": "#/definitions/a0"}) | {"definitions": {**definitions, f"a{levels}": last}}


def test_the_schema_of_the_documentation_is_accepted_with_its_stray_keys() -> None:
    stray = {"id": "not a uri", "selfRequired": True}
    schema = of(name={**TEXT, **stray}) | {"$schema": DRAFT_7, **stray, "additionalProperties": False}
    assert schema_faults(schema) == []
    assert RecordSchema.compile(schema).all_valid([{"name": "x"}])


@pytest.mark.parametrize("schema", [{}, {"type": "array"}, {"type": ["object"]}, {"properties": {}}])
def test_the_root_must_be_an_object(schema: Json) -> None:
    assert schema_faults(schema) == ['Set the "type" of the schema to "object".']


@pytest.mark.parametrize("draft", [DRAFT_7, DRAFT_7.rstrip("#"), "https://json-schema.org/draft-07/schema#"])
def test_draft_07_may_be_named(draft: str) -> None:
    assert schema_faults(of() | {"$schema": draft}) == []


def test_another_draft_is_refused_wherever_it_is_named() -> None:
    newer = {"$id": "http://else.where/s", "$schema": "https://json-schema.org/draft/2020-12/schema"}
    fault = f'Set "{{}}/$schema" of the schema to "{DRAFT_7}", or leave it out.'
    assert schema_faults(of() | newer) == [fault.format("")]
    assert schema_faults(of(a=newer)) == [fault.format("/properties/a")]


@pytest.mark.parametrize("reference", ["http://localhost:9/s.json", "file:///etc/passwd", "other.json", "//host/s", ""])
def test_a_reference_to_the_outside_is_refused(reference: str) -> None:
    fault = f'Replace "/properties/a/items/$ref" of the schema by what "{reference}" holds: only "#..." is followed.'
    assert schema_faults(of(a={"items": {"$ref": reference}})) == [fault]


@pytest.mark.parametrize(
    "holder",
    [
        *({keyword: OUTSIDE} for keyword in ALONE),
        *({keyword: [True, OUTSIDE]} for keyword in ("allOf", "anyOf", "items", "oneOf")),
        *({keyword: {"a": OUTSIDE}} for keyword in ("$defs", "definitions", "dependencies", "patternProperties")),
        {"x-ours": OUTSIDE, "allOf": [{"$ref": "#/properties/deep/x-ours"}]},
    ],
)
def test_a_reference_to_the_outside_is_found_wherever_a_schema_stands(holder: Json) -> None:
    assert ['"http://x/y"' in fault for fault in schema_faults(of(deep=holder))] == [True]


@pytest.mark.parametrize("keyword", ["const", "default", "properties", "x-ours"])
def test_a_ref_that_is_no_keyword_is_left_alone(keyword: str) -> None:
    assert schema_faults(of(a={keyword: {"$ref": TEXT}, "enum": [OUTSIDE], "examples": [OUTSIDE]})) == []


@pytest.mark.parametrize("reference", ["#/definitions/none", "#none", "#/title", "#/properties/a/enum/3"])
def test_a_reference_must_lead_to_a_schema(reference: str) -> None:
    fault = f'Let "/properties/a/$ref" of the schema point to a schema inside it: "{reference}" is none.'
    assert schema_faults(of(a={"$ref": reference}) | {"title": "text", "definitions": {}}) == [fault]


def test_a_reference_may_make_a_schema_of_what_stands_under_an_unknown_keyword() -> None:
    schema = of(a={"$ref": "#/components/Name"}) | {"components": {"Name": TEXT}}
    assert schema_faults(schema) == []
    assert RecordSchema.compile(schema).faults({"a": 1}) == [{"/a": "must be string"}]
    broken = schema | {"components": {"Name": {"type": "text"}}}
    assert schema_faults(broken) == ['Correct "/components/Name/type" of the schema: Unexpected type.']


@pytest.mark.parametrize("letter", ["x", "é"])
def test_a_schema_may_take_256_kib_of_utf_8(letter: str) -> None:
    space = 256 * 1024 - len(json.dumps(of() | {"title": ""}, separators=(",", ":")))
    fitting = letter * (space // len(letter.encode()))
    assert schema_faults(of() | {"title": fitting}) == []
    assert schema_faults(of() | {"title": fitting + letter}) == ["Shorten the schema to at most 256 KiB of JSON."]


@pytest.mark.parametrize("inside", [nested(1, 64), nested([], 63), nested(1, 100_000)])
def test_a_schema_may_be_nested_64_deep(inside: Json) -> None:
    assert schema_faults(of() | {"default": nested(1, 63)}) == []
    assert schema_faults(of() | {"default": inside}) == ["Nest the schema at most 64 levels deep."]


def test_a_schema_that_is_not_draft_07_is_refused_at_its_place() -> None:
    assert schema_faults(of(a={"minimum": "x"}, b={"required": [1]})) == [
        'Correct "/properties/a/minimum" of the schema: must be number.',
        'Correct "/properties/b/required/0" of the schema: must be string.',
    ]


@pytest.mark.parametrize("keyword", ["properties", "required", "allOf", "items", "definitions", "pattern", "$ref"])
def test_a_keyword_of_the_wrong_type_is_reported_and_nothing_breaks(keyword: str) -> None:
    assert f'Correct "/{keyword}" of the schema' in schema_faults({"type": "object", keyword: 5})[0]


@pytest.mark.parametrize("pattern", ["(?=a)b", "(?!a)b", "(?<=a)b", r"(a)\1", "(a", "((a{1000}){1000}){1000}"])
def test_a_pattern_that_cannot_run_in_linear_time_is_refused(pattern: str) -> None:
    fault = f'Write the pattern "{pattern}" without look-around, back-references and huge repetitions.'
    assert schema_faults(of(a={"pattern": pattern})) == [fault]
    assert schema_faults(of(a={"patternProperties": {pattern: {}}})) == [fault]


@pytest.mark.parametrize("pattern", [r"^\d{4}-\d\d$", r"^\d{12}:user\/[\w+=,.@-]+$", "^.{1,255}$", r"^\p{L}{1,40}$"])
def test_an_ordinary_pattern_is_accepted(pattern: str) -> None:
    assert schema_faults(of(a={"pattern": pattern})) == []


def test_all_patterns_together_share_the_memory() -> None:
    assert schema_faults(of(**{f"a{i}": {"pattern": f"^.{{1,{400 + i}}}$"} for i in range(300)})) != []


def test_a_pattern_made_to_backtrack_takes_no_time() -> None:
    assert faults_of({"pattern": "^(a+)+$"}, "a" * 100_000 + "!") == [{"/x": 'must match pattern "^(a+)+$"'}]


def test_references_that_double_too_often_are_refused() -> None:
    fault = "Use fewer references: written out, the schema has over 100000 parts or 200 levels."
    assert schema_faults(doubling(12, {})) == []
    assert schema_faults(doubling(30, {})) == [fault]
    assert schema_faults(doubling(30, of(x={"$ref": "#/definitions/a0"}))) == [fault]
    assert schema_faults({**doubling(30, {}), "properties": {}}) == [], "nothing refers to the definitions"


def test_a_long_chain_of_references_is_refused() -> None:
    chain = {f"a{i}": {"$ref": f"#/definitions/a{i + 1}"} for i in range(300)}
    schema = of(x={"$ref": "#/definitions/a0"}) | {"definitions": {**chain, "a300": {}}}
    assert [fault.startswith("Use fewer references") for fault in schema_faults(schema)] == [True]


def test_all_reasons_are_told_at_once() -> None:
    assert len(schema_faults({"properties": {"a": OUTSIDE, "b": {"pattern": "("}, "c": {"minLength": -1}}})) == 4


def test_judging_a_schema_leaves_it_as_it_was() -> None:
    schema = of(a={"$ref": "#/definitions/d"}) | {"definitions": {"d": {"contentEncoding": "base64"}}, "$id": "s.json"}
    text = json.dumps(schema)
    assert schema_faults(schema) == []
    assert RecordSchema.compile(schema).all_valid([])
    assert json.dumps(schema) == text


@pytest.mark.parametrize(
    ("schema", "choice"),
    [(of(name=of(inner={}), age={}), "name, age"), (of(), "it has none"), ({"properties": "inner"}, "it has none")],
)
def test_the_display_key_must_be_a_top_level_property(schema: Json, choice: str) -> None:
    fault = f'Set displayNameKey to a top-level property of the schema ({choice}), not "inner".'
    assert display_key_fault(schema, "inner") == fault
    assert display_key_fault(of(inner={}), "inner") is None


@pytest.mark.parametrize(
    "schema",
    [
        of(id={}),
        {"type": "object", "required": ["id"]},
        {"type": "object", "allOf": [{"anyOf": [of(id={})]}]},
        {"type": "object", "if": {"required": ["id"]}},
        {"type": "object", "allOf": [{"$ref": "#/definitions/base"}], "definitions": {"base": of(id={})}},
    ],
)
def test_a_schema_declares_the_id_when_it_names_it_for_the_record_itself(schema: Json) -> None:
    assert RecordSchema.compile(schema).declares_id


@pytest.mark.parametrize("schema", [of(), of(inner=of(id={})), of() | {"definitions": {"a": of(id={})}, "not": True}])
def test_an_id_elsewhere_in_the_schema_is_not_that_of_the_record(schema: Json) -> None:
    assert not RecordSchema.compile(schema).declares_id


def test_one_bad_record_spoils_the_batch() -> None:
    schema = RecordSchema.compile(of(a=TEXT))
    assert schema.all_valid([])
    assert schema.all_valid([{"a": "x"}, {}])
    assert not schema.all_valid([{"a": "x"}, {"a": 1}])


def test_references_keep_their_meaning_in_a_batch() -> None:
    schema = RecordSchema.compile(
        of(name={"$ref": "#/definitions/a%20b~1c"}, again={"$ref": "#text"}, children={"items": {"$ref": "#"}})
        | {"definitions": {"a b/c": {"$id": "#text", **TEXT}}, "required": ["name"]}
    )
    assert schema.all_valid([{"name": "x", "again": "y", "children": [{"name": "z", "children": [{"name": "q"}]}]}])
    assert not schema.all_valid([{"name": 1}])
    assert not schema.all_valid([{"name": "x", "again": 1}])
    assert not schema.all_valid([{"name": "x", "children": [{"name": "z", "children": [{}]}]}])


@pytest.mark.parametrize("id_", ["http://example.com/s.json", "s.json", "/a/b", "#root", "", "#", DRAFT_7, "urn:x:y"])
def test_an_id_in_the_schema_does_not_change_its_references(id_: str) -> None:
    text = {"$ref": "#/definitions/text"}
    schema = of(b=text, a=of(b=text) | {"$id": id_}) | {"$id": id_, "definitions": {"text": TEXT}}
    assert schema_faults(schema) == []
    assert RecordSchema.compile(schema).faults({"b": 1, "a": {"b": 1}}) == [{"/b": NOT_TEXT}, {"/a/b": NOT_TEXT}]


def test_formats_and_content_are_not_asserted() -> None:
    kinds = {"at": {"format": "date-time"}, "code": {"contentEncoding": "base64"}}
    schema = RecordSchema.compile(of(**kinds, body={"contentMediaType": "application/json"}, contentEncoding=TEXT))
    item = {"at": "never", "code": "%%", "body": "{", "contentEncoding": "x"}
    assert schema.all_valid([item])
    assert schema.faults(item) == []
    assert not schema.all_valid([{"contentEncoding": 1}])


def test_a_batch_of_500_is_judged_in_a_millisecond() -> None:
    schema = RecordSchema.compile(of(**{f"k{i}": {"type": ["string", "null"]} for i in range(10)}))
    items = [{f"k{i}": "v" * 16 for i in range(10)} for _ in range(500)]
    assert min(timeit.repeat(lambda: schema.all_valid(items), number=1, repeat=20)) < 0.001


def test_one_text_is_compiled_once() -> None:
    assert compiled(json.dumps(of(id={}))) is compiled(json.dumps(of(id={})))
    assert compiled(json.dumps(of(id={}))).declares_id


@pytest.mark.parametrize(
    ("schema", "value", "texts"),
    [
        (TEXT, 1, [NOT_TEXT]),
        ({"type": ["string", "array", "null"]}, 1, ["must be string,array,null"]),
        ({"type": "integer"}, 1.5, ["must be integer"]),
        ({"type": "number"}, True, ["must be number"]),
        ({"maximum": 5}, 6, ["must be <= 5"]),
        ({"minimum": 5.0}, 4, ["must be >= 5"]),
        ({"exclusiveMaximum": 5.5}, 5.5, ["must be < 5.5"]),
        ({"exclusiveMinimum": 5}, 5, ["must be > 5"]),
        ({"multipleOf": 2}, 3, ["must be multiple of 2"]),
        ({"maxLength": 2}, "abc", ["must NOT have more than 2 characters"]),
        ({"minLength": 3}, "é€", ["must NOT have fewer than 3 characters"]),
        ({"pattern": "^[{}]$"}, "x", ['must match pattern "^[{}]$"']),
        ({"const": [1]}, [2], ["must be equal to constant"]),
        ({"enum": ["a", 1]}, True, ["must be equal to one of the allowed values"]),
        ({"maxItems": 1}, [1, 2], ["must NOT have more than 1 items"]),
        ({"minItems": 1}, [], ["must NOT have fewer than 1 items"]),
        ({"uniqueItems": True}, [1, 1.0], ["must NOT have duplicate items"]),
        ({"contains": {"const": 1}}, [], ["must contain at least 1 valid item(s)"]),
        ({"items": [{}], "additionalItems": False}, [1, 2], ["must NOT have more than 1 items"]),
        ({"maxProperties": 0}, {"a": 1}, ["must NOT have more than 0 properties"]),
        ({"minProperties": 1}, {}, ["must NOT have fewer than 1 properties"]),
        ({"required": ["a", "b"]}, {}, ["must have required property 'a'", "must have required property 'b'"]),
        ({"additionalProperties": False}, {"a": 1, "b": 2}, ["must NOT have additional properties"]),
        ({"dependencies": {"a": ["b"]}}, {"a": 1}, ["must have property b when property a is present"]),
        ({"dependencies": {"a": ["a", "b"]}}, {"a": 1}, ["must have properties a, b when property a is present"]),
        ({"dependencies": {"a": {"required": ["b"]}}}, {"a": 1}, ["must have required property 'b'"]),
        ({"not": TEXT}, "x", ["must NOT be valid"]),
        (False, "x", [NEVER]),
        ({"allOf": [{"minimum": 5}, {"multipleOf": 5}]}, 3, ["must be >= 5", "must be multiple of 5"]),
        ({"anyOf": [TEXT, {"minimum": 5}]}, 1, [NOT_TEXT, "must be >= 5", "must match a schema in anyOf"]),
        ({"oneOf": [TEXT, False]}, 1, [NOT_TEXT, NEVER, "must match exactly one schema in oneOf"]),
        ({"oneOf": [{}, {}]}, "x", ["must match exactly one schema in oneOf"]),
        ({"if": {"minimum": 3}, "then": TEXT}, 4, [NOT_TEXT, 'must match "then" schema']),
        ({"if": TEXT, "else": {"minimum": 3}}, 1, ["must be >= 3", 'must match "else" schema']),
        ({"propertyNames": {"pattern": "a"}}, {"b": 1}, ['must match pattern "a"', "property name must be valid"]),
    ],
)
def test_a_fault_is_told_in_the_words_of_ajv(schema: Any, value: Any, texts: list[str]) -> None:
    assert schema_faults(of(x=schema)) == []
    assert faults_of(schema, value) == [{"/x": text} for text in texts]


def test_a_fault_stands_at_the_pointer_of_what_is_wrong() -> None:
    lists = {"tags": {"items": TEXT}, "pair": {"items": [TEXT], "additionalItems": TEXT}}
    rest = {"patternProperties": {"^n": TEXT}, "additionalProperties": {"type": "null"}}
    properties = of(**lists, **{"a/b~c": of(**{"": TEXT})}, rest=rest)
    schema = RecordSchema.compile(properties | {"required": ["gone"], "additionalProperties": False})
    item = {"tags": ["x", 1], "pair": [1, 2], "a/b~c": {"": 1}, "rest": {"n1": 1, "m": 1}, "more": 1}
    pointers = [pointer for fault in schema.faults(item) for pointer in fault]
    assert pointers == ["", "", "/tags/1", "/pair/0", "/pair/1", "/a~1b~0c/", "/rest/n1", "/rest/m"]


def test_the_message_is_that_of_the_original() -> None:
    schema = RecordSchema.compile(of(name=TEXT, größe={"type": "number"}) | {"required": ["id"]})
    assert fault_message(schema.faults({"name": 1, "größe": "10"})) == (
        'Schema validation failed for data: [{"":"must have required property \'id\'"},'
        '{"/name":"must be string"},{"/größe":"must be number"}]'
    )


def test_the_first_20_faults_are_told_in_the_order_of_the_record() -> None:
    faults = RecordSchema.compile({"type": "object", "additionalProperties": TEXT}).faults(
        {f"k{i}": i for i in range(50)}
    )
    assert faults == [{f"/k{i}": NOT_TEXT} for i in range(20)]


def test_a_large_record_with_many_faults_costs_little() -> None:
    schema = RecordSchema.compile({"type": "object", "required": [f"n{i}" for i in range(5000)]})
    assert timeit.timeit(lambda: schema.faults({"text": "x" * 1_000_000}), number=1) < 1


@pytest.mark.parametrize("choice", ["allOf", "anyOf", "oneOf"])
@pytest.mark.parametrize("leaf", [1, "x"])
def test_a_deep_record_of_a_doubly_recursive_schema_costs_little(choice: str, leaf: object) -> None:
    inner = {"type": ["object", "number"], "properties": {"x": {"$ref": "#/definitions/node"}}}
    schema = of(x={"$ref": "#/definitions/node"}) | {"definitions": {"node": {choice: [inner, inner]}}}
    assert schema_faults(schema) == []
    record = RecordSchema.compile(schema)
    assert bool(record.faults(nested(leaf, 60))) is not record.all_valid([nested(leaf, 60)])


def test_a_schema_that_refers_to_itself_in_place_ends() -> None:
    schema = of() | {"allOf": [{"$ref": "#"}], "required": ["a"]}
    assert schema_faults(schema) == []
    assert RecordSchema.compile(schema).faults({}) == [{"": "must have required property 'a'"}]
    assert RecordSchema.compile(schema).faults({"a": 1}) == []


NAMES = st.sampled_from(["a", "b", "ab", "id"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, "", "a", "b", "ab"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(["object", "array", "string", "number", "integer", "null", "boolean"])
SIZES = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
LEAVES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys((*SIZES, "minimum", "exclusiveMaximum"), st.integers(0, 2)),
    "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
    "const": VALUES,
    "enum": st.lists(VALUES, min_size=1, max_size=3),
    "multipleOf": st.sampled_from([1, 2, 0.5]),
    "pattern": st.sampled_from(["^a", "b$"]),
    "uniqueItems": st.booleans(),
    "required": st.lists(NAMES, max_size=2, unique=True),
}


def around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    listed = st.lists(inner, min_size=1, max_size=2)
    keywords = {
        **LEAVES,
        **dict.fromkeys(ALONE, inner),
        **dict.fromkeys(("allOf", "anyOf", "oneOf"), listed),
        "items": inner | listed,
        "properties": st.dictionaries(NAMES, inner, max_size=2),
        "patternProperties": st.dictionaries(LEAVES["pattern"], inner, max_size=2),
        "dependencies": st.dictionaries(NAMES, inner | LEAVES["required"], max_size=2),
    }
    return st.fixed_dictionaries({}, optional=keywords)


REFERENCES = st.sampled_from([{"$ref": "#"}, {"$ref": "#/definitions/a"}, {"$ref": "#/definitions/b"}])
SCHEMAS = st.recursive(st.booleans() | st.fixed_dictionaries({}, optional=LEAVES) | REFERENCES, around, max_leaves=5)
ROOTS = st.fixed_dictionaries(
    {"type": st.just("object"), "definitions": st.fixed_dictionaries({"a": SCHEMAS, "b": SCHEMAS})},
    optional={"properties": st.dictionaries(NAMES, SCHEMAS, max_size=3), "additionalProperties": SCHEMAS},
)


def may_contradict_itself(schema: Json) -> bool:
    """Of a schema that fits exactly when it does not fit, nothing can be expected."""
    text = json.dumps(schema)
    return "$ref" in text and any(f'"{keyword}"' in text for keyword in ("not", "if", "oneOf"))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(ROOTS, st.lists(st.dictionaries(NAMES, VALUES, max_size=4), max_size=4))
def test_a_record_has_faults_exactly_when_it_is_invalid(schema: Json, items: list[Json]) -> None:
    assume(not may_contradict_itself(schema))
    assert schema_faults(schema) == []
    record = RecordSchema.compile(schema)
    plain = jsonschema_rs.Draft7Validator(schema, validate_formats=False)
    assert [record.faults(item) == [] for item in items] == [plain.is_valid(item) for item in items]
    assert record.all_valid(items) is all(map(plain.is_valid, items))
