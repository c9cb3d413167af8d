"""What the console says of definitions and reasons, and which fields the builder offers: rules, without a database."""

import json
from typing import Any

import pytest

from trustwright.errors import Invalid
from trustwright.monitors import editing
from trustwright.monitors.model import Fault
from trustwright.monitors.parsing import parse_condition
from trustwright.monitors.wording import Said, in_words, reasons


def said(line: Said) -> Any:
    """A line as one text, with what stands below it as a list."""
    text = " ".join(part for part in (line.place, line.verb, line.value, line.unit) if part)
    return [text, *map(said, line.members)] if line.members else text


def worded(condition: Any) -> Any:
    faults: list[Fault] = []
    parsed = parse_condition(condition, "", faults)
    assert parsed is not None, faults
    return said(in_words(parsed))


def test_a_condition_reads_as_sentences() -> None:
    ports = {"fact": "ports", "operator": "all", "value": {"fact": "@", "operator": "notIn", "value": [22, 3389]}}
    fresh = {"fact": "seen", "path": "at", "operator": "withinLastDays", "value": 7}
    other = {"fact": "mergedBy", "operator": "notEqual", "value": {"fact": "author"}}

    assert worded({"all": [fresh, {"not": {"any": [ports]}}, other]}) == [
        "all of these:",
        "seen.at lies within the last 7 days",
        ["not this:", ["ports has only items with:", "the item is none of 22, 3389"]],
        "mergedBy does not equal author (another field)",
    ]


@pytest.mark.parametrize(
    ("cause", "asked", "found"),
    [
        ({"fact": "a", "operator": "equal", "value": True, "factResult": False}, "a equals true", "found: false"),
        (
            {"fact": "a", "path": "b", "operator": "in", "value": ["x"], "missing": True},
            "a.b is one of x",
            "is missing",
        ),
        (
            {"fact": None, "operator": "count equal", "value": 3, "factResult": 1},
            "the number of records equals 3",
            "found: 1",
        ),
        (
            {"fact": None, "operator": "freshness", "value": 24, "factResult": 30},
            "the newest record came within the last 24 hours",
            "found: 30",
        ),
        ({"fact": "m", "operator": "unique", "factResult": "x"}, "m is not the only one with its value", "found: x"),
        (
            {"fact": "l", "operator": "any", "value": {}, "factResult": []},
            "l has an item that meets the condition",
            "found: an empty list",
        ),
        (
            {"fact": "a", "operator": "equal", "value": 1, "not": True, "factResult": 1},
            "a must not be so: equals 1",
            "found: 1",
        ),
    ],
)
def test_a_reason_says_what_was_asked_and_what_was_found(cause: dict[str, Any], asked: str, found: str) -> None:
    (reason,) = reasons([cause])

    assert (said(reason.asked), reason.found) == (asked, found)


def test_the_builder_offers_the_fields_of_objects_and_of_the_items_of_lists() -> None:
    schema = {
        "type": "object",
        "properties": {
            "kind": {"enum": ["a", "b"]},
            "disk": {"type": "object", "properties": {"size": {"type": "integer"}}},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    }

    fields = {(each.fact, each.path): each for each in editing.fields_of(json.dumps(schema))}

    assert list(fields) == [
        ("id", None),
        ("kind", None),
        ("disk", None),
        ("disk", "size"),
        ("tags", None),
        ("tags", "length"),
    ]
    assert fields["kind", None].choices == ["a", "b"]
    assert [(item.fact, item.types) for item in fields["tags", None].items] == [("@", ["string"])]


def test_a_schema_that_goes_round_in_circles_ends() -> None:
    schema = {"type": "object", "properties": {"child": {"$ref": "#"}, "children": {"items": {"$ref": "#"}}}}

    assert 0 < len(editing.fields_of(json.dumps(schema))) < 1000


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"a": ' + "9" * 5000 + "}"])
def test_what_is_no_definition_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(Invalid, match=r"^definition: "):
        editing.body_of(text)
