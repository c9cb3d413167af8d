"""A schema as people read it: a table of fields, and a record that would fit."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

MOST = 500
DEEPEST = 8

LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matches {}",
    "format": "{}",
    "const": "always {}",
    "$ref": "as {}",
}
PLAIN: dict[str, Any] = {"string": "text", "number": 1, "integer": 1, "boolean": True, "null": None}


class Field(Struct, frozen=True, kw_only=True):
    """A field of a record: its path (`tags[].name`), of which types it is, and what else is asked of it."""

    path: str
    types: str
    is_required: bool
    rules: str
    description: str


def fields_of(schema: dict[str, Any]) -> list[Field]:
    """The fields that a schema names, outer ones before those inside of them; the first five hundred."""
    found: list[Field] = []
    for field in _inside(schema, "", 0):
        if len(found) == MOST:
            break
        found.append(field)
    return found


def _inside(part: dict[str, Any], prefix: str, depth: int) -> Iterator[Field]:
    properties, required = part.get("properties"), part.get("required")
    names = required if isinstance(required, list) else []
    if not isinstance(properties, dict) or depth > DEEPEST:
        return
    for name, inner in properties.items():
        path, rules = f"{prefix}{name}", inner if isinstance(inner, dict) else {}
        yield Field(
            path=path,
            types=_types(inner),
            is_required=name in names,
            rules=_rules(rules),
            description=str(rules.get("description") or rules.get("title") or ""),
        )
        yield from _inside(rules, f"{path}.", depth + 1)
        if isinstance(items := rules.get("items"), dict):
            yield from _inside(items, f"{path}[].", depth + 1)


def _types(part: Any) -> str:
    if not isinstance(part, dict):
        return "nothing" if part is False else "anything"
    given = part.get("type")
    words = [str(each) for each in given] if isinstance(given, list) else [str(given)] if given else []
    items = part.get("items")
    if "array" in words and isinstance(items, dict) and items.get("type"):
        words[words.index("array")] = f"list of {_types(items)}"
    if not words:
        return "one of a few" if "enum" in part else "anything"
    return " or ".join("list" if word == "array" else word for word in words)


def _rules(part: dict[str, Any]) -> str:
    said = [text.format(_said(part[word])) for word, text in LIMITS.items() if word in part]
    if isinstance(part.get("enum"), list):
        said.append("one of " + ", ".join(map(_said, part["enum"][:20])))
    said += [f"see {word} below" for word in ("allOf", "anyOf", "oneOf", "not", "if") if word in part]
    return "; ".join(said)


def _said(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def columns_of(schema: dict[str, Any], besides: str, most: int) -> list[str]:
    """The first fields that are plain values, for a table of records that shows `besides` and the id anyway."""
    properties = schema.get("properties")
    names = properties.items() if isinstance(properties, dict) else []
    plain = [name for name, part in names if name not in (besides, "id") and _is_plain(part)]
    return plain[:most]


def _is_plain(part: Any) -> bool:
    given = part.get("type") if isinstance(part, dict) else None
    words = set(given) if isinstance(given, list) else {given}
    return bool(words & set(PLAIN)) and not words & {"array", "object"}


def example_of(schema: dict[str, Any], key: str) -> dict[str, Any]:
    """A record with the properties of a schema that it requires and the first few others; it fits unless the schema
    asks for more than types."""
    properties = schema.get("properties")
    parts = properties if isinstance(properties, dict) else {}
    required = schema.get("required")
    wanted = [*(required if isinstance(required, list) else []), key, *list(parts)[:6]]
    values = {name: _value(parts.get(name, {}), 0) for name in dict.fromkeys(wanted) if name != "id"}
    id_type = parts["id"].get("type", "string") if isinstance(parts.get("id"), dict) else "string"
    return {"id": "record-001" if "string" in id_type else 1, **values}


def _value(part: Any, depth: int) -> Any:
    if not isinstance(part, dict):
        return "text"
    for word in ("enum", "examples"):
        if isinstance(part.get(word), list) and part[word]:
            return part[word][0]
    for word in ("const", "default"):
        if word in part:
            return part[word]
    given = part.get("type", "string")
    word = given[0] if isinstance(given, list) and given else given
    if word == "object":
        names = [*part.get("required", []), *list(part.get("properties", {}))[:3]] if depth < DEEPEST else []
        return {name: _value(part.get("properties", {}).get(name), depth + 1) for name in dict.fromkeys(names)}
    if word == "array":
        return [_value(part["items"], depth + 1)] if isinstance(part.get("items"), dict) and depth < DEEPEST else []
    return PLAIN.get(str(word), "text")
