"""JSON Schema of a custom connection: whether one can be accepted, and what it finds wrong with a record.

Rules: decisions 21, Q39, Q40, Q47, custom-data.md 1.6. jsonschema-rs decides what is valid. The reasons are found
here, in AJV 8's words: the library's own list of errors copies the record into each (a megabyte that lacks 5,000
properties: 10 GB), cannot stop at the twentieth, and grows exponentially on some recursive schemas.
"""

import copy
import json
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

import jsonschema_rs
from jsonschema_rs import Draft7Validator, RegexOptions, Registry
from msgspec import Struct

from trustwright.records.nesting import deeper_than

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DEEPEST = 64
LARGEST = 256 * 1024
MOST_PARTS = 100_000
LONGEST_CHAIN = 200
FAULTS_SHOWN = 20
PATTERN_BYTES = 2 * 1024 * 1024
ALL_PATTERNS_BYTES = 32 * 1024 * 1024
BASE = "json-schema:///record"

# Where a draft-07 schema holds schemas: by itself, in a list, by name. Definitions judge nothing until referred to.
ALONE = ("additionalItems", "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then")
LISTED = ("allOf", "anyOf", "items", "oneOf")
DEFINED = ("$defs", "definitions")
NAMED = ("dependencies", "patternProperties", "properties", *DEFINED)
JUDGES_ROOT = re.compile(r"(/(allOf|anyOf|oneOf)/\d+|/if|/then|/else)*")

# `$id` and `$schema` could move what a `#` means; the content keywords may be asserted, and AJV does not.
DROPPED = ("$id", "$schema", "contentEncoding", "contentMediaType")

LINEAR = RegexOptions(size_limit=PATTERN_BYTES)
TEXTS = {
    "type": "must be {}",
    "maximum": "must be <= {}",
    "minimum": "must be >= {}",
    "exclusiveMaximum": "must be < {}",
    "exclusiveMinimum": "must be > {}",
    "multipleOf": "must be multiple of {}",
    "maxLength": "must NOT have more than {} characters",
    "minLength": "must NOT have fewer than {} characters",
    "pattern": 'must match pattern "{}"',
    "const": "must be equal to constant",
    "enum": "must be equal to one of the allowed values",
    "maxItems": "must NOT have more than {} items",
    "minItems": "must NOT have fewer than {} items",
    "uniqueItems": "must NOT have duplicate items",
    "maxProperties": "must NOT have more than {} properties",
    "minProperties": "must NOT have fewer than {} properties",
}

Part: TypeAlias = dict[str, Any] | bool


class Place(Struct, frozen=True):
    """A part of the schema (by JSON pointer) that has to fit a value of the record (at the JSON pointer `path`)."""

    part: str
    value: Any
    path: str


Found: TypeAlias = Iterator[Place | dict[str, str]]


class RecordSchema(Struct, frozen=True, eq=False):
    """The validator of one accepted schema. `parts` and `targets` as `_parts_of` gives them."""

    declares_id: bool
    parts: dict[str, Part]
    targets: dict[str, str]
    batch: Draft7Validator
    single: Draft7Validator

    @classmethod
    def compile(cls, schema: dict[str, object]) -> "RecordSchema":
        """Of a schema without `schema_faults`; raises jsonschema_rs.ValidationError for most others."""
        root = copy.deepcopy(schema)
        parts, targets = _parts_of(root)
        for pointer, part in _objects(parts):
            for keyword in DROPPED:
                part.pop(keyword, None)
            if pointer in targets:
                part["$ref"] = _uri(targets[pointer])
        registry = Registry([(BASE, root)], draft=jsonschema_rs.Draft7)
        options = _pattern_options(parts)
        judges = {targets.get(pointer, pointer) for pointer in parts if JUDGES_ROOT.fullmatch(pointer)}
        return cls(
            declares_id=any(_names_id(parts[pointer]) for pointer in judges),
            parts=parts,
            targets=targets,
            batch=_validator({"items": {"$ref": BASE}}, options, registry),
            single=_validator({"properties": {part: {"$ref": _uri(part)} for part in parts}}, options, registry),
        )

    def all_valid(self, items: list[dict[str, Any]]) -> bool:
        """One native call for the whole batch. An undeclared `id` has to be taken out of the items first (Q40)."""
        return self.batch.is_valid(items)

    def fits(self, place: Place) -> bool:
        return self.single.is_valid({place.part: place.value})

    def faults(self, item: dict[str, Any]) -> list[dict[str, str]]:
        """The first 20 faults, each `{"<JSON pointer into the item>": "<AJV text>"}`; empty when it is valid."""
        faults: list[dict[str, str]] = []
        seen: set[tuple[str, str, int]] = set()
        open_: list[Found] = [iter([Place("", item, "")])]
        while open_ and len(faults) < FAULTS_SHOWN:
            found = next(open_[-1], None)
            if found is None:
                open_.pop()
            elif isinstance(found, dict):
                faults.append(found)
            # A recursive schema may come to the same value in exponentially many ways.
            elif (key := (found.part, found.path, id(found.value))) not in seen and not self.fits(found):
                seen.add(key)
                open_.append(_breaches(self, found))
        return faults


@lru_cache(maxsize=256)
def compiled(text: str) -> RecordSchema:
    """The validator of an accepted schema, given as JSON text."""
    return RecordSchema.compile(json.loads(text))


def fault_message(faults: list[dict[str, str]]) -> str:
    """The sentence of a rejected record (Q39)."""
    return f"Schema validation failed for data: {_compact(faults)}"


def schema_faults(schema: dict[str, object]) -> list[str]:
    """Why a connection cannot have this schema, a sentence for each of the first 20 reasons; empty when it can."""
    if deeper_than(DEEPEST, schema):
        return [f"Nest the schema at most {DEEPEST} levels deep."]
    if len(_compact(schema).encode()) > LARGEST:
        return [f"Shorten the schema to at most {LARGEST // 1024} KiB of JSON."]
    faults = [] if schema.get("type") == "object" else ['Set the "type" of the schema to "object".']
    for fault in _meta_schema().faults(schema):
        faults += [f'Correct "{pointer}" of the schema: {text}.' for pointer, text in fault.items()]
    parts, targets = _parts_of(schema)
    for pointer, part in _objects(parts):
        faults += _draft_faults(pointer, part) + _reference_faults(pointer, part, targets)
    faults += _pattern_faults(parts)
    if not faults and _extent("", parts, targets, {}, LONGEST_CHAIN) > MOST_PARTS:
        faults.append(
            f"Use fewer references: written out, the schema has over {MOST_PARTS} parts or {LONGEST_CHAIN} levels."
        )
    return (faults or _compile_faults(schema))[:FAULTS_SHOWN]


def display_key_fault(schema: dict[str, object], key: str) -> str | None:
    """Why `key` cannot be the displayNameKey of records of this schema; None when it can (Q47)."""
    properties = schema.get("properties")
    names = list(properties) if isinstance(properties, dict) else []
    choice = ", ".join(names) or "it has none"
    return (
        None if key in names else f'Set displayNameKey to a top-level property of the schema ({choice}), not "{key}".'
    )


@cache
def _meta_schema() -> RecordSchema:
    return RecordSchema.compile(jsonschema_rs.dereference({"$ref": DRAFT_7}, draft=jsonschema_rs.Draft7))


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _draft_faults(pointer: str, part: dict[str, Any]) -> list[str]:
    draft = part.get("$schema", DRAFT_7)
    known = not isinstance(draft, str) or draft.replace("https:", "http:").rstrip("#") == DRAFT_7.rstrip("#")
    return [] if known else [f'Set "{pointer}/$schema" of the schema to "{DRAFT_7}", or leave it out.']


def _reference_faults(pointer: str, part: dict[str, Any], targets: dict[str, str]) -> list[str]:
    reference = part.get("$ref")
    if not isinstance(reference, str) or pointer in targets:
        return []
    if reference.startswith("#"):
        return [f'Let "{pointer}/$ref" of the schema point to a schema inside it: "{reference}" is none.']
    return [f'Replace "{pointer}/$ref" of the schema by what "{reference}" holds: only "#..." is followed.']


def _pattern_faults(parts: dict[str, Part]) -> list[str]:
    options, faults = _pattern_options(parts), []
    for pattern in _patterns(parts):
        try:
            _validator({"pattern": pattern}, options)
        except jsonschema_rs.ValidationError:
            faults.append(f'Write the pattern "{pattern}" without look-around, back-references and huge repetitions.')
    return faults


def _extent(part: str, parts: dict[str, Part], targets: dict[str, str], known: dict[str, int], chain: int) -> int:
    """How many parts it has with references written out; a recursive one counts 1, as jsonschema-rs remembers it."""
    if part in known or not chain:
        return known.get(part, MOST_PARTS + 1)
    known[part] = 1
    inner = [part + step for step, _ in _inside(parts[part]) if step.split("/")[1] not in DEFINED]
    for below in [targets[part]] if part in targets else inner:
        known[part] += _extent(below, parts, targets, known, chain - 1)
    return known[part]


def _compile_faults(schema: dict[str, object]) -> list[str]:
    try:
        RecordSchema.compile(schema)
    except jsonschema_rs.ValidationError as error:
        pointer = "".join(_step(str(name)) for name in error.instance_path)
        return [f'Correct "{pointer}" of the schema: {error.message}.']
    return []


def _inside(part: Part) -> Iterator[tuple[str, Part]]:
    """The schemas directly inside one, each with the pointer to it from there."""
    if isinstance(part, bool):
        return
    inside = [(f"/{keyword}", part.get(keyword)) for keyword in ALONE]
    for keyword in LISTED:
        if isinstance(listed := part.get(keyword), list):
            inside += [(f"/{keyword}/{i}", inner) for i, inner in enumerate(listed)]
    for keyword in NAMED:
        if isinstance(named := part.get(keyword), dict):
            inside += [(f"/{keyword}{_step(name)}", inner) for name, inner in named.items()]
    yield from ((step, inner) for step, inner in inside if isinstance(inner, dict | bool))


def _parts_of(schema: dict[str, Any]) -> tuple[dict[str, Part], dict[str, str]]:
    """What stands where a schema stands, or is made one by a reference, by JSON pointer; and where each `$ref` leads,
    by the pointer of the part that holds it. A reference that leads nowhere is left out."""
    parts: dict[str, Part] = {}
    waiting: list[tuple[str, Any]] = [("", schema)]
    while waiting:
        pointer, part = waiting.pop()
        if isinstance(part, dict | bool) and pointer not in parts:
            parts[pointer] = part
            waiting += [(pointer + step, inner) for step, inner in _inside(part)]
            if isinstance(part, dict) and (target := _pointer(part.get("$ref"))) is not None:
                waiting.append((target, _at(schema, target)))
    anchors = {part["$id"]: pointer for pointer, part in _objects(parts) if isinstance(part.get("$id"), str)}
    targets = {pointer: _pointer(part.get("$ref"), anchors) for pointer, part in _objects(parts)}
    return parts, {pointer: target for pointer, target in targets.items() if target is not None and target in parts}


def _objects(parts: dict[str, Part]) -> list[tuple[str, dict[str, Any]]]:
    return [(pointer, part) for pointer, part in parts.items() if isinstance(part, dict)]


def _names_id(part: Part) -> bool:
    return isinstance(part, dict) and ("id" in part.get("properties", ()) or "id" in part.get("required", ()))


def _pointer(reference: object, anchors: dict[str, str] | None = None) -> str | None:
    if isinstance(reference, str) and (reference == "#" or reference.startswith("#/")):
        return unquote(reference[1:])
    return anchors.get(reference) if anchors and isinstance(reference, str) and reference.startswith("#") else None


def _uri(pointer: str) -> str:
    return f"{BASE}#{quote(pointer)}"


def _step(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _at(value: Any, pointer: str) -> object:
    for step in pointer.split("/")[1:]:
        inside = {str(i): inner for i, inner in enumerate(value)} if isinstance(value, list) else value
        value = inside.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(inside, dict) else None
    return value


def _patterns(parts: dict[str, Part]) -> list[str]:
    found = [part.get("pattern") for _, part in _objects(parts)]
    for _, part in _objects(parts):
        found += part["patternProperties"] if isinstance(part.get("patternProperties"), dict) else ()
    return [pattern for pattern in found if isinstance(pattern, str)]


def _pattern_options(parts: dict[str, Part]) -> RegexOptions:
    """Linear time for each pattern, and a share of the memory that all together may take."""
    return RegexOptions(size_limit=min(PATTERN_BYTES, ALL_PATTERNS_BYTES // max(1, len(_patterns(parts)))))


def _validator(schema: dict[str, Any], options: RegexOptions, registry: Registry | None = None) -> Draft7Validator:
    return Draft7Validator(schema, validate_formats=False, pattern_options=options, registry=registry, offline=True)


def _breaches(schema: RecordSchema, place: Place) -> Found:
    part = schema.parts[place.part]
    if isinstance(part, bool):
        yield {place.path: "boolean schema is false"}
    elif place.part in schema.targets:
        yield Place(schema.targets[place.part], place.value, place.path)
    else:
        for keyword, text in TEXTS.items():
            if keyword in part and not _validator({keyword: part[keyword]}, LINEAR).is_valid(place.value):
                yield {place.path: text.format(_said(part[keyword]))}
        yield from _of_same_value(schema, place, part)
        if isinstance(place.value, list):
            yield from _of_list(schema, place, part, place.value)
        if isinstance(place.value, dict):
            yield from _of_object(schema, place, part, place.value)


def _said(given: object) -> str:
    if isinstance(given, list):
        return ",".join(map(str, given))
    return given if isinstance(given, str) else jsonschema_rs.canonical.json.to_string(given)


def _of_same_value(schema: RecordSchema, place: Place, part: dict[str, Any]) -> Found:
    yield from _branches(place, part, "allOf")
    if (branches := _branches(place, part, "anyOf")) and not any(map(schema.fits, branches)):
        yield from branches
        yield {place.path: "must match a schema in anyOf"}
    if (branches := _branches(place, part, "oneOf")) and sum(map(schema.fits, branches)) != 1:
        yield from branches
        yield {place.path: "must match exactly one schema in oneOf"}
    if "not" in part and schema.fits(Place(f"{place.part}/not", place.value, place.path)):
        yield {place.path: "must NOT be valid"}
    if "if" in part:
        chosen = "then" if schema.fits(Place(f"{place.part}/if", place.value, place.path)) else "else"
        branch = Place(f"{place.part}/{chosen}", place.value, place.path)
        if branch.part in schema.parts and not schema.fits(branch):
            yield from (branch, {place.path: f'must match "{chosen}" schema'})


def _branches(place: Place, part: dict[str, Any], keyword: str) -> list[Place]:
    return [Place(f"{place.part}/{keyword}/{i}", place.value, place.path) for i in range(len(part.get(keyword, ())))]


def _of_list(schema: RecordSchema, place: Place, part: dict[str, Any], value: list[Any]) -> Found:
    count = len(part["items"]) if isinstance(part.get("items"), list) else len(value)
    judged = value[:count] if part.get("additionalItems") is False else value
    if len(judged) < len(value):
        yield {place.path: f"must NOT have more than {count} items"}
    for i, inner in enumerate(judged):
        steps = ("items", f"items/{i}") if i < count else ("additionalItems",)
        parts = (f"{place.part}/{step}" for step in steps)
        yield from (Place(inside, inner, f"{place.path}/{i}") for inside in parts if inside in schema.parts)
    contained = (Place(f"{place.part}/contains", inner, place.path) for inner in value)
    if "contains" in part and not any(map(schema.fits, contained)):
        yield {place.path: "must contain at least 1 valid item(s)"}


def _of_object(schema: RecordSchema, place: Place, part: dict[str, Any], value: dict[str, Any]) -> Found:
    for name in part.get("required", ()):
        if name not in value:
            yield {place.path: f"must have required property '{name}'"}
    for name in value if "propertyNames" in part else ():
        named = Place(f"{place.part}/propertyNames", name, place.path)
        if not schema.fits(named):
            yield from (named, {place.path: "property name must be valid"})
    for name, others in part.get("dependencies", {}).items():
        if name in value and isinstance(others, list):
            wanted = f"{'property' if len(others) == 1 else 'properties'} {', '.join(others)} when property {name}"
            yield from ({place.path: f"must have {wanted} is present"} for other in others if other not in value)
        elif name in value:
            yield Place(f"{place.part}/dependencies{_step(name)}", value, place.path)
    yield from _of_members(schema, place, part, value)


def _of_members(schema: RecordSchema, place: Place, part: dict[str, Any], value: dict[str, Any]) -> Found:
    patterns = {pattern: _validator({"pattern": pattern}, LINEAR) for pattern in part.get("patternProperties", ())}
    extra: list[str] = []
    places: list[Place] = []
    for name, inner in value.items():
        steps = [f"/properties{_step(name)}"] if name in part.get("properties", ()) else []
        steps += [f"/patternProperties{_step(pattern)}" for pattern, judge in patterns.items() if judge.is_valid(name)]
        extra += [] if steps else [name]
        places += [Place(place.part + step, inner, place.path + _step(name)) for step in steps]
    further = f"{place.part}/additionalProperties"
    if extra and schema.parts.get(further) is False:
        yield {place.path: "must NOT have additional properties"}
    elif further in schema.parts:
        places += [Place(further, value[name], place.path + _step(name)) for name in extra]
    yield from places
