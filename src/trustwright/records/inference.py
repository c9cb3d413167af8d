"""A schema made from a sample record, for connections that are created with `sampleData` (custom-data.md 1.6)."""

from typing import Any


def infer_schema(*samples: dict[str, object]) -> dict[str, object]:
    """A draft-07 schema with the samples' properties: none is required, others are allowed, null stands for anything.

    Every number is a `number`: that a sample has 3 does not make 3.5 wrong.
    """
    return _schema_of(list(samples))


def _schema_of(values: list[Any]) -> dict[str, Any]:
    """A schema that accepts each of the values, made in one pass: merging two by two takes the square of the time."""
    types = list(dict.fromkeys(map(_type_of, values)))
    if not types or "null" in types:
        return {}
    schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    if "object" in types:
        members: dict[str, list[Any]] = {}
        for name, inner in (member for value in values if isinstance(value, dict) for member in value.items()):
            members.setdefault(name, []).append(inner)
        schema["properties"] = {name: _schema_of(inner) for name, inner in members.items()}
        schema["additionalProperties"] = True
    if "array" in types:
        schema["items"] = _schema_of([inner for value in values if isinstance(value, list) for inner in value])
    return schema


def _type_of(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return "array"
    return "object" if isinstance(value, dict) else "number"
