"""What the JSON Schema of a resource (draft-07) says of a place in its records: whether something can be there, and of
which JSON types. Where a schema says little, or is hard to read, anything is possible."""

from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import unquote

import jsonschema_rs
import msgspec

from trustwright.monitors.faults import kind_of

Part: TypeAlias = dict[str, Any] | bool
Types: TypeAlias = frozenset[str]

EVERY: Types = frozenset({"null", "boolean", "number", "string", "array", "object"})

# How much of a schema is read for one question, and for all of them: references can make it endless.
STEPS_A_QUESTION = 2000
STEPS = 50_000
DEEPEST = 40
MOST_REFERENCES = 20
MOST_PATTERNS = 20

# Of the same value, several schemas may say something.
BRANCHES = ("allOf", "anyOf", "oneOf")
CONDITIONAL = ("if", "then", "else")

LINEAR = jsonschema_rs.RegexOptions(size_limit=2 * 1024 * 1024)


class RecordTypes:
    """Answers questions about one schema. A part of it is the schema of a value: draft-07, or true for anything, or
    false for nothing."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.root = schema
        self._left = STEPS
        self._steps = 0
        self._patterns: set[str] = set()

    def types(self, part: Part) -> Types:
        """The types that a value can have, none if there can be no value. `integer` is `number` here."""
        self._ask()
        return self._types(part, DEEPEST)

    def member(self, part: Part, name: str) -> Part:
        """Of the value with this name in an object."""
        self._ask()
        return self._inside(part, name, DEEPEST)

    def item(self, part: Part, index: int | None = None) -> Part:
        """Of the item at an index of an array, or of any of its items."""
        self._ask()
        return self._inside(part, index, DEEPEST)

    def names(self, part: Part) -> list[str]:
        """The members of an object that the schema lists; none where it says nothing about them."""
        parts = self._parts(part)
        return list(dict.fromkeys(name for each in parts for name in (*_object(each, "properties"), *_required(each))))

    def knows(self, part: Part, name: str) -> bool:
        """Whether the schema says that there may be a member of this name; that others are allowed does not count."""
        return any(
            name in _object(each, "properties")
            or name in _required(each)
            or self._matching(each, name) != []
            or _object(each, "additionalProperties") != {}
            for each in self._parts(part)
        )

    def _ask(self) -> None:
        self._left -= self._steps
        self._steps = 0

    def _is_spent(self) -> bool:
        self._steps += 1
        return self._steps > min(STEPS_A_QUESTION, self._left)

    def _types(self, part: Part, depth: int) -> Types:
        part = self._resolved(part)
        if isinstance(part, bool):
            return EVERY if part else frozenset()
        if self._is_spent() or not depth:
            return EVERY
        found = _own_types(part)
        for each in _schemas(part, "allOf"):
            found &= self._types(each, depth - 1)
        for key in ("anyOf", "oneOf"):
            if branches := _schemas(part, key):
                found &= frozenset[str]().union(*(self._types(each, depth - 1) for each in branches))
        return found

    def _inside(self, part: Part, key: str | int | None, depth: int) -> Part:
        part = self._resolved(part)
        if isinstance(part, bool):
            return part
        if self._is_spent() or not depth:
            return True
        said = [self._own_member(part, key) if isinstance(key, str) else _own_item(part, key)]
        said += [self._inside(each, key, depth - 1) for each in _schemas(part, "allOf")]
        for choice in ("anyOf", "oneOf"):
            if branches := _schemas(part, choice):
                said.append(either([self._inside(each, key, depth - 1) for each in branches]))
        return both(said)

    def _own_member(self, part: dict[str, Any], name: str) -> Part:
        properties = _object(part, "properties")
        said = [_schema(properties[name])] if name in properties else []
        said += self._matching(part, name)
        return both(said) if said else _schema(part.get("additionalProperties", True))

    def _matching(self, part: dict[str, Any], name: str) -> list[Part]:
        """The schemas of the patterns that a name matches. Behind the first twenty of a schema, any pattern could."""
        said: list[Part] = []
        for pattern, schema in _object(part, "patternProperties").items():
            if len(self._patterns) < MOST_PATTERNS:
                self._patterns.add(pattern)
            if pattern not in self._patterns:
                said.append(True)
            elif _pattern(pattern).is_valid(name):
                said.append(_schema(schema))
        return said

    def _parts(self, part: Part) -> list[dict[str, Any]]:
        """All that the schema says of the same value, under whatever condition."""
        self._ask()
        found: dict[int, dict[str, Any]] = {}
        waiting = [part]
        while waiting and not self._is_spent():
            each = self._resolved(waiting.pop())
            if isinstance(each, bool) or id(each) in found:
                continue
            found[id(each)] = each
            inner = [schema for key in BRANCHES for schema in _schemas(each, key)]
            waiting += reversed([*inner, *(each[key] for key in CONDITIONAL if isinstance(each.get(key), dict))])
        return list(found.values())

    def _resolved(self, part: Part) -> Part:
        """What a reference leads to; beside `$ref`, draft-07 takes no notice of anything."""
        for _ in range(MOST_REFERENCES):
            if isinstance(part, bool) or not isinstance(reference := part.get("$ref"), str):
                return part
            target = _at(self.root, reference)
            if not isinstance(target, dict | bool):
                return True
            part = target
        return True


@lru_cache(maxsize=64)
def textless(schema_text: str) -> frozenset[str]:
    """The fields that a schema lists and that hold no text in any record: schemas stay as they are, and each record was
    checked by its own."""
    schema = msgspec.json.decode(schema_text)
    types = RecordTypes(schema)
    return frozenset(name for name in types.names(schema) if "string" not in types.types(types.member(schema, name)))


def both(said: list[Part]) -> Part:
    """A schema of what fits all of the schemas."""
    if any(each is False for each in said):
        return False
    rest = [each for each in said if each is not True]
    return {"allOf": rest} if len(rest) > 1 else rest[0] if rest else True


def either(said: list[Part]) -> Part:
    """A schema of what fits one of the schemas at least."""
    if any(each is True for each in said):
        return True
    rest = [each for each in said if each is not False]
    return {"anyOf": rest} if len(rest) > 1 else rest[0] if rest else False


def _own_types(part: dict[str, Any]) -> Types:
    given = part.get("type", list(EVERY))
    names = given if isinstance(given, list) else [given]
    types = frozenset("number" if name == "integer" else name for name in names if isinstance(name, str)) & EVERY
    if isinstance(values := part.get("enum"), list):
        types &= {kind_of(value) for value in values}
    return types & {kind_of(part["const"])} if "const" in part else types


def _own_item(part: dict[str, Any], index: int | None) -> Part:
    items = part.get("items", True)
    if not isinstance(items, list):
        return _schema(items)
    rest = _schema(part.get("additionalItems", True))
    if index is None or index < 0:
        return either([*map(_schema, items), rest])
    return _schema(items[index]) if index < len(items) else rest


def _required(part: dict[str, Any]) -> list[str]:
    required = part.get("required")
    return required if isinstance(required, list) else []


@lru_cache(maxsize=64)
def _pattern(pattern: str) -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator({"pattern": pattern}, pattern_options=LINEAR)


def _object(part: dict[str, Any], key: str) -> dict[str, Any]:
    value = part.get(key)
    return value if isinstance(value, dict) else {}


def _schemas(part: dict[str, Any], key: str) -> list[Part]:
    listed = part.get(key)
    return [_schema(each) for each in listed] if isinstance(listed, list) else []


def _schema(value: Any) -> Part:
    return value if isinstance(value, dict | bool) else True


def _at(root: dict[str, Any], reference: str) -> object:
    """What a local reference leads to; None for all others."""
    if reference != "#" and not reference.startswith("#/"):
        return None
    value: Any = root
    for step in unquote(reference[1:]).split("/")[1:]:
        inside = {str(i): inner for i, inner in enumerate(value)} if isinstance(value, list) else value
        value = inside.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(inside, dict) else None
    return value
