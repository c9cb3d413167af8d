"""Examples for the API's description, made from its schemas where no better one is declared."""

from typing import Any

import msgspec
from msgspec import inspect

Json = dict[str, Any]

SCHEMAS = "#/components/schemas/"

FORMATS = {
    "date-time": "2025-07-01T16:45:55.246Z",
    "date": "2025-07-01",
    "email": "alice@example.com",
    "uri": "https://example.com",
    "uuid": "5f0c1e0a-6c1d-4c57-9d0b-2b9f6f6f2a51",
}
WORDS = {
    "avatarUrl": "https://example.com/alice.png",
    "clientAlias": "Door locks",
    "cursor": "WyJsaXN0IiwiMjAyNS0wNy0wMSIsMV0",
    "description": "What it is for",
    "displayNameKey": "name",
    "email": "alice@example.com",
    "firstName": "Alice",
    "jobTitle": "Security engineer",
    "lastName": "Adams",
    "logo": "https://example.com/logo.png",
    "message": "What is wrong, and what to do",
    "name": "Acme",
    "sessionId": "nightly-1",
    "url": "https://example.com",
}
PLAIN: Json = {"boolean": True, "null": None, "object": {}}


def declared_examples(kinds: list[Any]) -> dict[type, Any]:
    """The Structs within `kinds` that have a class attribute `example`, each with that as JSON."""
    found: dict[type, Any] = {}
    pending: list[Any] = [*inspect.multi_type_info(kinds)]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, inspect.StructType) and hasattr(node.cls, "example"):
            found[node.cls] = msgspec.to_builtins(node.cls.example)
        pending += [part for part in _parts(node) if isinstance(part, inspect.Type | inspect.Field)]
    return found


def _parts(node: Any) -> list[Any]:
    values = [getattr(node, name) for name in node.__struct_fields__]
    return [part for value in values for part in (value if isinstance(value, tuple) else (value,))]


def example(schema: Json, schemas: Json, name: str = "", within: tuple[str, ...] = ()) -> Any:
    """A value that fits the schema. `name` is the property it is for, `within` the components around it."""
    if "$ref" in schema:
        component = schema["$ref"].removeprefix(SCHEMAS)
        return example(schemas[component], schemas, name, (*within, component))
    if "examples" in schema:
        return schema["examples"][0]
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    for choices in ("anyOf", "oneOf"):
        if choices in schema:
            return _first_fitting(schema[choices], schemas, name, within)
    return _of_type(schema, schemas, name, within)


def _first_fitting(choices: list[Json], schemas: Json, name: str, within: tuple[str, ...]) -> Any:
    null = {"type": "null"}
    if null in choices and any(_recurs(choice, within) for choice in choices):
        return None
    return example(next(choice for choice in choices if choice != null), schemas, name, within)


def _of_type(schema: Json, schemas: Json, name: str, within: tuple[str, ...]) -> Any:
    kind = schema.get("type")
    if kind == "array":
        items = schema.get("items", {})
        return [] if _recurs(items, within) else [example(items, schemas, name, within)] * schema.get("minItems", 1)
    if kind == "object" and "properties" in schema:
        return {
            field: example(inner, schemas, field, within)
            for field, inner in schema["properties"].items()
            if field in schema.get("required", ()) or not _recurs(inner, within)
        }
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "string":
        text = FORMATS.get(schema.get("format", "")) or WORDS.get(name) or name or "text"
        return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]
    return PLAIN.get(kind or "object")


def _recurs(schema: Json, within: tuple[str, ...]) -> bool:
    return schema.get("$ref", "").removeprefix(SCHEMAS) in within
