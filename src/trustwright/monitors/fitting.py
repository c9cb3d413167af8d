"""Whether a group's conditions fit the schema of the resource: facts and paths that no record has, and operators and
values that never go with their types. What a schema leaves open is no fault."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from msgspec import Struct

from trustwright.monitors.conditions import (
    COMPARING,
    DATING,
    ITEM,
    LENGTH,
    QUANTIFYING,
    All,
    Any_,
    Condition,
    Leaf,
    Literal,
    Not,
    Operator,
    Term,
)
from trustwright.monitors.faults import MOST, described, kind_of, shown, suggestion
from trustwright.monitors.model import Fault, Group, Population
from trustwright.monitors.record_types import EVERY, Part, RecordTypes, Types, either

ID = "id"
IDS: Part = {"type": ["string", "number"]}
NUMBER: Part = {"type": "number"}
INDEX = re.compile(r"-?[0-9]{1,9}", re.ASCII)
NAMES_SHOWN = 8

NUMERIC: Types = frozenset({"number", "string"})
HOLDING: Types = frozenset({"array", "string"})
SCALAR: Types = frozenset({"null", "boolean", "number", "string"})
EQUATING = frozenset({Operator.EQUAL, Operator.NOT_EQUAL})
LISTING = frozenset({Operator.IN, Operator.NOT_IN})
CONTAINING = frozenset({Operator.CONTAINS, Operator.DOES_NOT_CONTAIN})

# What an operator asks for: the types of its fact, the words for them, and the types of a fact that is its value.
WANTED: dict[Operator, tuple[Types, str, Types]] = {
    **dict.fromkeys(EQUATING, (EVERY, "", EVERY)),
    **dict.fromkeys(LISTING, (EVERY, "", frozenset({"array"}))),
    **dict.fromkeys(COMPARING, (NUMERIC, "compares numbers", NUMERIC)),
    **dict.fromkeys(DATING, (NUMERIC, "compares dates", frozenset({"number"}))),
    **dict.fromkeys(CONTAINING, (HOLDING, "looks into arrays and strings", SCALAR)),
    **dict.fromkeys(QUANTIFYING, (frozenset({"array"}), "asks the items of an array", EVERY)),
}


class Scope(Struct, frozen=True):
    """Whose fields facts are: the record's, or those of the items of a quantifier. `name` stands in sentences."""

    part: Part
    name: str
    is_record: bool


class Lost(Struct, frozen=True):
    """A fact (or its `path`) that leads nowhere, and why."""

    key: str
    message: str


def misfits(
    group: Group, place: str, schema: dict[str, Any], resource_name: str, *, allow_unknown: bool
) -> list[Fault]:
    """The first fifty faults of a group against the JSON Schema of its resource. `allow_unknown`: fields may be missing
    from the schema, unless it says that no record can have others."""
    fit = _Fit(RecordTypes(schema), allow_unknown)
    record = Scope(schema, f"the schema of {shown(resource_name)}", is_record=True)
    return list(islice(fit.group(group, place, record), MOST))


class _Fit:
    def __init__(self, types: RecordTypes, allow_unknown: bool) -> None:
        self.schema = types
        self.allow_unknown = allow_unknown

    def group(self, group: Group, place: str, record: Scope) -> Iterator[Fault]:
        if group.filtering:
            yield from self.condition(group.filtering.evaluator, f"{place}.filteringCriteria.evaluator", record)
        if not isinstance(group.check, Population):
            yield from self.condition(group.check, f"{place}.evaluator", record)
            return
        if group.check.term and isinstance(lost := self.follow(group.check.term, record), Lost):
            yield Fault(f"{place}.population.{lost.key}", lost.message)
        if group.check.where:
            yield from self.condition(group.check.where, f"{place}.population.where", record)

    def condition(self, condition: Condition, place: str, scope: Scope) -> Iterator[Fault]:
        match condition:
            case All(members):
                for i, member in enumerate(members):
                    yield from self.condition(member, f"{place}.all[{i}]", scope)
            case Any_(members):
                for i, member in enumerate(members):
                    yield from self.condition(member, f"{place}.any[{i}]", scope)
            case Not(member):
                yield from self.condition(member, f"{place}.not", scope)
            case Leaf():
                yield from self.leaf(condition, place, scope)

    def leaf(self, leaf: Leaf, place: str, scope: Scope) -> Iterator[Fault]:
        part = self.follow(leaf.term, scope)
        if isinstance(part, Lost):
            yield Fault(f"{place}.{part.key}", part.message)
            part = True
        types, name = self.schema.types(part), shown(_written(leaf.term))
        wanted, does, _ = WANTED[leaf.operator]
        if not types & wanted:
            yield Fault(f"{place}.operator", f"'{leaf.operator}' {does}, and {name} is {_said(types)}")
        match leaf.value:
            case Literal(value):
                yield from _of_literal(leaf.operator, value, types, name, f"{place}.value")
            case Term() as other:
                yield from self.of_fact(leaf.operator, other, types, name, f"{place}.value", scope)
            case asked:
                items = Scope(self.schema.item(part), f"the items of {name}", is_record=False)
                # What is no array was told above; what its items would be is nobody's question then.
                if types & wanted:
                    yield from self.condition(asked, f"{place}.value", items)

    def of_fact(
        self, operator: Operator, other: Term, types: Types, name: str, place: str, scope: Scope
    ) -> Iterator[Fault]:
        """What is wrong with a fact that another fact is compared with."""
        part = self.follow(other, scope)
        if isinstance(part, Lost):
            yield Fault(f"{place}.{part.key}", part.message)
            return
        found, (_, _, wanted) = self.schema.types(part), WANTED[operator]
        if not found & wanted:
            yield Fault(place, f"'{operator}' takes {_said(wanted)}, and {shown(_written(other))} is {_said(found)}")
        elif operator in EQUATING and not found & types:
            yield Fault(place, f"{shown(_written(other))} is {_said(found)}, and {name} is {_said(types)}: never equal")

    def follow(self, term: Term, scope: Scope) -> Part | Lost:
        """The schema of what a term leads to."""
        part: Part | Lost
        if term.fact == ITEM:
            part = scope.part
        elif "object" not in self.schema.types(scope.part) and not scope.is_record:
            said = _said(self.schema.types(scope.part))
            return Lost("fact", f"{scope.name} have no fields (each is {said}); write '{ITEM}' for the item itself")
        elif scope.is_record and term.fact == ID and not self.schema.knows(scope.part, ID):
            part = IDS
        else:
            part = self.member(scope.part, term.fact, scope.name, "fact")
        if isinstance(part, Lost) or term.path is None:
            return part
        return self.below(part, term.path, term.fact)

    def below(self, part: Part, path: str, fact: str) -> Part | Lost:
        """What a path leads to: one key that is the whole path goes before keys one below the other."""
        descended = self.descend(part, path.split("."), fact)
        if "." not in path or "object" not in self.schema.types(part):
            return descended
        whole = self.schema.member(part, path)
        if path in self.schema.names(part):
            return whole
        if not self.schema.types(whole) or not (self.allow_unknown or self.schema.knows(part, path)):
            return descended
        return whole if isinstance(descended, Lost) else either([whole, descended])

    def descend(self, part: Part, steps: list[str], trail: str) -> Part | Lost:
        """Along a path: through objects by name, through arrays by index. `trail`: where it has come to."""
        for number, step in enumerate(steps, start=1):
            types, options = self.schema.types(part), list[Part]()
            if step == LENGTH and number == len(steps) and types & HOLDING:
                options.append(NUMBER)
            if "array" in types and INDEX.fullmatch(step):
                item = self.schema.item(part, int(step))
                options += [item] if self.schema.types(item) else []
            below = self.member(part, step, shown(trail), "path") if "object" in types else None
            if isinstance(below, Lost) and not options:
                return below
            options += [below] if below is not None and not isinstance(below, Lost) else []
            if not options:
                return Lost("path", _nothing_below(step, shown(trail), types))
            part, trail = either(options), f"{trail}.{step}"
        return part

    def member(self, part: Part, name: str, whose: str, key: str) -> Part | Lost:
        below = self.schema.member(part, name)
        if not self.schema.types(below):
            names = self.schema.names(part)
            cure = suggestion(name, names) or f"; it has {_few(names) if names else 'none'}"
            return Lost(key, f"{shown(name)} is no field of {whose}, which allows no others{cure}")
        if not self.allow_unknown and not self.schema.knows(part, name) and (names := self.schema.names(part)):
            cure = suggestion(name, names) or f"; it has {_few(names)}"
            return Lost(key, f"{shown(name)} is no field of {whose}{cure} (for others, set allowUnknownFields)")
        return below


def _of_literal(operator: Operator, value: Any, types: Types, name: str, place: str) -> Iterator[Fault]:
    """A value of a type that the fact never has. null tells what is there from what is not (decisions 23), and may be
    asked for wherever the question can have two answers."""
    is_listing = operator in LISTING
    if operator not in EQUATING | LISTING or (value is None and operator is Operator.NOT_EQUAL):
        return
    for i, each in enumerate(value if is_listing else [value]):
        kind = kind_of(each)
        if kind not in types and not (is_listing and each is None):
            where = f"{place}[{i}]" if is_listing else place
            if each is None:
                yield Fault(where, f"{name} is {_said(types)}, never null; remove the comparison")
            else:
                yield Fault(
                    where, f"{shown(each)} is {described(kind or '')}, and {name} is {_said(types)}; {_cure(types)}"
                )
            return


def _cure(types: Types) -> str:
    forms = {"boolean": "write true or false without quotes", "number": "write a number without quotes"}
    forms |= {"string": "put it into quotes"}
    return next((forms[kind] for kind in types if len(types) == 1 and kind in forms), "compare with one of that type")


def _nothing_below(step: str, trail: str, types: Types) -> str:
    if step == LENGTH:
        return f"{trail} is {_said(types)} and has no length"
    if "array" in types:
        return f"{trail} is an array; ask its items by 'all' or 'any', or name one by its index: '0.{step[:60]}'"
    return f"{trail} is {_said(types)} and has nothing below it; leave the path out"


def _written(term: Term) -> str:
    return term.fact if term.path is None else f"{term.fact}.{term.path}"


def _said(types: Types) -> str:
    order = ("string", "number", "boolean", "array", "object", "null")
    return " or ".join(described(kind) for kind in order if kind in types) or "never there"


def _few(names: list[str]) -> str:
    return ", ".join(map(shown, names[:NAMES_SHOWN])) + (", ..." if len(names) > NAMES_SHOWN else "")
