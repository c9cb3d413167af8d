"""A schema made from a sample record, for connections that are created with `sampleData` (custom-data.md 1.6)."""

from typing import Any


def infer_schema(sample: dict[str, object]) -> dict[str, object]:
    """A draft-07 schema of an object with the sample's properties: none required, further ones allowed, null is anything.

    Every number is a `number`: a sample's 3 does not say that 3.5 would be wrong.
    """
    return _schema_of(sample)


def _schema_of(value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        properties = {name: _schema_of(inner) for name, inner in value.items()}
        return {"type": "object", "properties": properties, "additionalProperties": True}
    if isinstance(value, list):
        return {"type": "array", "items": _schema_of_all(value)}
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int | float):
        return {"type": "number"}
    return {"type": "string"} if isinstance(value, str) else {}


def _schema_of_all(values: list[Any]) -> dict[str, Any]:
    schemas = [_schema_of(value) for value in values]
    merged = schemas[0] if schemas else {}
    for schema in schemas[1:]:
        merged = _merged(merged, schema)
    return merged


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """A schema of all that either accepts. Keywords of one type say nothing of the others, so they stand side by side."""
    if not one or not other or one == other:
        return one and other
    merged = {**one, **other, "type": _types(one, other)}
    if "properties" in one and "properties" in other:
        shared = one["properties"].keys() & other["properties"].keys()
        both = {name: _merged(one["properties"][name], other["properties"][name]) for name in shared}
        merged["properties"] = {**one["properties"], **other["properties"], **both}
    if "items" in one and "items" in other:
        merged["items"] = _merged(one["items"], other["items"])
    return merged


def _types(one: dict[str, Any], other: dict[str, Any]) -> str | list[str]:
    names = [name for schema in (one, other) for name in _listed(schema["type"])]
    distinct = list(dict.fromkeys(names))
    return distinct[0] if len(distinct) == 1 else distinct


def _listed(type_: str | list[str]) -> list[str]:
    return [type_] if isinstance(type_, str) else type_
