"""What a plain schema asks for, as a type that JSON is decoded into: what can be decoded so is valid.

Most uploads are lists of valid records. To decode them so takes half the time of decoding them into dicts, asking the
validator, and freeing the dicts. Of what cannot, nothing is said: the validator decides."""

from functools import lru_cache, reduce
from operator import or_
from typing import Any, Literal, TypeAlias

import msgspec

Shape: TypeAlias = msgspec.json.Decoder[Any]

# Narrower than the words they stand for: no fraction, whose size the database might not bear, and nothing nested deep.
Simple: TypeAlias = bool | int | str | None
TYPES: dict[str, Any] = {
    "array": list[Simple],
    "boolean": bool,
    "integer": int,
    "null": None,
    "number": int,
    "object": dict[str, Simple],
    "string": str,
}
# An object has no members but the named ones here, so what is said of others counts only if one of those is required.
UNDERSTOOD = {"type", "enum", "items", "properties", "required", "additionalProperties"}
NOTES = {"$comment", "$schema", "default", "description", "examples", "format", "title"}

lists: Any = list


class NotPlain(Exception):
    """The schema asks for more than types and names."""


@lru_cache(maxsize=256)
def shape(schema: str) -> Shape | None:
    """Decodes `{"data": list of records}` if all fit the accepted schema, given as JSON text, with the `id` of each,
    declared or not; None when the schema is not plain."""
    try:
        record = _object(msgspec.json.decode(schema), "id")
        return msgspec.json.Decoder(msgspec.defstruct("Body", [("data", lists[record])]))
    except (NotPlain, TypeError, ValueError):  # the latter for names and unions that msgspec does not take
        return None


def _object(part: dict[str, Any], *more: str) -> Any:
    """A structure, its fields numbered because any text may name a property; those of `more` keep their names."""
    _require_plain(part)
    properties, required = part.get("properties", {}), part.get("required", [])
    if "enum" in part or ("additionalProperties" in part and set(required) - set(properties)):
        raise NotPlain
    types = dict.fromkeys([*more, *required], Simple) | {name: _type(inner) for name, inner in properties.items()}
    names = {name if name in more else f"_{place}": name for place, name in enumerate(types)}
    return msgspec.defstruct(
        "Shape",
        [(field, types[name]) if name in required else (field, types[name], None) for field, name in names.items()],
        rename=names,
        forbid_unknown_fields=True,
        kw_only=True,
        gc=False,
    )


def _require_plain(part: Any) -> None:
    if not isinstance(part, dict) or part.keys() - UNDERSTOOD - NOTES:
        raise NotPlain


def _type(part: Any) -> Any:
    _require_plain(part)
    if "enum" in part:
        if part.get("type", "string") != "string" or not all(isinstance(value, str) for value in part["enum"]):
            raise NotPlain
        return Literal[tuple(part["enum"])]
    given = part.get("type", list(TYPES))
    return reduce(or_, [_one_type(part, word) for word in ([given] if isinstance(given, str) else given)])


def _one_type(part: dict[str, Any], word: str) -> Any:
    if word == "array" and "items" in part:
        return lists[_type(part["items"])]
    if word == "object" and part.keys() & {"properties", "required", "additionalProperties"}:
        return _object(part)
    return TYPES[word]
