"""What an author types, and what helps to type it: definitions as text, the fields that a resource has, and which
operators go with them."""

import json
from typing import Any

import msgspec
from msgspec import Struct

from trustwright.errors import Invalid
from trustwright.monitors.conditions import COMPARING, DATING, LENGTH, QUANTIFYING, Operator
from trustwright.monitors.definitions import DEFINED, rendered_definition
from trustwright.monitors.fitting import ID, IDS, WANTED
from trustwright.monitors.model import Definition, Requirement
from trustwright.monitors.record_types import Part, RecordTypes
from trustwright.monitors.wording import WORDS

DEEPEST = 4
MOST_FIELDS = 200
LONGEST_TEXT = 1_000_000
LISTING = (Operator.IN, Operator.NOT_IN)


class Field(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place in a record that a condition can ask for. `choices`: the only texts that stand there. `items`: of a list,
    what its items have; the one without a name is the item itself."""

    fact: str
    path: str | None = None
    types: list[str] = []
    choices: list[str] = []
    items: list["Field"] = []


class Choice(Struct, frozen=True):
    """An operator as the builder offers it: its words, the types of fields that it goes with, and what it takes."""

    name: str
    words: str
    types: list[str]
    takes: str


def choices() -> list[Choice]:
    """The operators, each once."""
    return [Choice(each.value, WORDS[each], sorted(WANTED[each][0]), _takes(each)) for each in Operator]


def fields_of(schema_text: str) -> list[Field]:
    """The first two hundred places that the schema of a resource knows."""
    schema = msgspec.json.decode(schema_text)
    types = RecordTypes(schema)
    found = _Fields(types).below(schema, DEEPEST)
    if not types.knows(schema, ID):
        found.insert(0, Field(fact=ID, types=list(IDS["type"]) if isinstance(IDS, dict) else []))
    return found


class _Fields:
    def __init__(self, types: RecordTypes) -> None:
        self.types = types
        self.count = 0

    def below(self, part: Part, depth: int) -> list[Field]:
        """The places in an object of this schema."""
        return [
            field
            for name in self.types.names(part)
            for field in self.at(name, None, self.types.member(part, name), depth)
        ]

    def at(self, fact: str, path: str | None, part: Part, depth: int) -> list[Field]:
        """A place and those inside it, by dots."""
        self.count += 1
        if self.count > MOST_FIELDS or not depth:
            return []
        kinds = self.types.types(part)
        items = self.items(part, depth - 1) if "array" in kinds else []
        found = [Field(fact=fact, path=path, types=sorted(kinds), choices=_texts(part), items=items)]
        if "array" in kinds and len(kinds) < len(("array", "null", "other")):
            found.append(Field(fact=fact, path=f"{path}.{LENGTH}" if path else LENGTH, types=["number"]))
        if "object" in kinds:
            for name in self.types.names(part):
                inner = f"{path}.{name}" if path else name
                found += self.at(fact, inner, self.types.member(part, name), depth - 1)
        return found

    def items(self, part: Part, depth: int) -> list[Field]:
        item = self.types.item(part)
        kinds = self.types.types(item)
        inner = self.below(item, depth) if "object" in kinds else []
        return inner or [Field(fact="@", types=sorted(kinds), choices=_texts(item))]


def _texts(part: Part) -> list[str]:
    values = part.get("enum") if isinstance(part, dict) else None
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _takes(operator: Operator) -> str:
    if operator in QUANTIFYING:
        return "condition"
    if operator in LISTING:
        return "list"
    return "number" if operator in COMPARING | DATING else "value"


def body_of(text: str) -> dict[str, Any]:
    """What was typed as a definition. Raises Invalid with the line of what is no JSON."""
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"definition: has {len(text):,} characters; at most {LONGEST_TEXT:,} are possible")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Invalid(f"definition: this is no JSON: {error.msg.lower()} in {where}") from error
    except (RecursionError, ValueError) as error:
        raise Invalid("definition: this JSON is nested too deeply, or has too long a number") from error
    if not isinstance(value, dict):
        raise Invalid('definition: write an object: {"groups": [...]}')
    return value


def text_of(definition: Definition) -> str:
    """A definition as an author edits it, without what is as it would be anyway."""
    value = rendered_definition(definition)
    if not definition.allow_unknown:
        del value["allowUnknownFields"]
    value["groups"] = [{key: each for key, each in group.items() if each is not None} for group in value["groups"]]
    return _pretty(value)


def first_text(connection_id: int | None, resource_id: int | None, field: Field | None) -> str:
    """What a new definition begins with: one comparison, to be filled in."""
    fact = field.fact if field else ""
    leaf: dict[str, Any] = {"fact": fact} | ({"path": field.path} if field and field.path else {})
    leaf |= {"operator": Operator.EQUAL.value, "value": ""}
    ids = {"connectionId": connection_id or 0, "resourceId": resource_id or 0}
    return _pretty(
        {
            "validationRequirement": Requirement.ALL.value,
            "onEmpty": "READY",
            "groups": [{**ids, "evaluator": {"all": [leaf]}}],
        }
    )


def defined(body: dict[str, Any]) -> dict[str, Any]:
    """Of a whole test only what it checks: the rest stands in fields of its own."""
    known = {"name", "description", "enabled", "controlIds"}
    return {key: value for key, value in body.items() if key in DEFINED or key not in known}


def _pretty(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
