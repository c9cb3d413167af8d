"""Conditions from JSON (custom-data 3.3, 3.4). Nothing is raised: each fault names its place and the cure."""

from collections.abc import Sequence
from typing import Any

from trustwright.monitors.conditions import (
    ALIASES,
    COMPARING,
    DATING,
    FURTHEST_HOURS,
    HOURS,
    ITEM,
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
from trustwright.monitors.faults import MOST, blame, blame_unknown_keys, kind_of, shown, suggestion, text_fault
from trustwright.monitors.model import Fault

DEEPEST = 20
MOST_NODES = 500
MOST_VALUES = 1000
MOST_STEPS = 50
LARGEST_NUMBER = 10**1000

GROUPS = ("all", "any", "not")
REFERENCE = ("fact", "path")
LEAF = (*REFERENCE, "operator", "value")
EQUATING = frozenset({Operator.EQUAL, Operator.NOT_EQUAL})
LISTING = frozenset({Operator.IN, Operator.NOT_IN})

EXAMPLE = '{"fact": "name", "operator": "equal", "value": "x"}'


def parse_condition(value: Any, place: str, faults: list[Fault], *, is_root: bool = True) -> Condition | None:
    """A condition from decoded JSON of any shape; None when it has a fault.

    `place` goes before the place of each fault. `is_root`: a group is asked for; without, it is the value of a
    quantifier, where a bare comparison may stand and `@` means the item.
    """
    reading = _Reading()
    condition = reading.condition(value, place, 1, in_item=not is_root, is_bare=not is_root)
    faults.extend(reading.faults[: MOST - len(faults)])
    return None if reading.faults else condition


def parse_term(value: dict[Any, Any], place: str, faults: list[Fault], *, in_item: bool = False) -> Term | None:
    """The `fact` and `path` of an object; None when one has a fault. `in_item`: whether `@` means something there."""
    found: list[Fault] = []
    fact, path = value.get("fact"), value.get("path")
    if fault := _fact_fault("fact" in value, fact, in_item=in_item):
        blame(found, f"{place}.fact", fault)
    if isinstance(path, str):
        path = path.removeprefix("$.")
    if "path" in value and (fault := _path_fault(path)):
        blame(found, f"{place}.path", fault)
    faults.extend(found[: MOST - len(faults)])
    return None if found or not isinstance(fact, str) else Term(fact, path)


def parse_operator(
    value: dict[Any, Any], place: str, faults: list[Fault], known: Sequence[Operator]
) -> Operator | None:
    """The `operator` of an object, by its name or an alias; None when it is none of the known."""
    name = value.get("operator")
    if "operator" not in value:
        blame(faults, f"{place}.operator", "is missing: write an operator, such as 'equal'")
        return None
    operator = ALIASES.get(name) or next((o for o in known if o.value == name), None) if isinstance(name, str) else None
    if operator not in known:
        close = suggestion(name, [o.value for o in known]) or f"; write one of {', '.join(known)}"
        is_elsewhere = operator is not None or name in list(Operator)
        blame(faults, f"{place}.operator", f"{shown(name)} is no operator{' here' if is_elsewhere else ''}{close}")
        return None
    return operator


class _Reading:
    """One condition being read: its faults so far, and how many groups and comparisons it has."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.nodes = 0

    def condition(self, value: Any, place: str, depth: int, *, in_item: bool, is_bare: bool) -> Condition | None:
        """`in_item`: whether it is asked of the items of a quantifier. `is_bare`: whether a leaf may stand here."""
        self.nodes += 1
        if self.nodes > MOST_NODES:
            if self.nodes == MOST_NODES + 1:
                cure = "check the rest in another group or another test"
                self.blame(place, f"a condition has at most {MOST_NODES} groups and comparisons; {cure}")
            return None
        if fault := _shape_fault(value):
            self.blame(place, fault)
            return None
        kind = next((kind for kind in GROUPS if kind in value), None)
        if kind:
            return self.group(kind, value, place, depth, in_item=in_item)
        if not is_bare:
            self.blame(place, 'is a bare comparison; wrap it: {"all": [...]}')
        return self.leaf(value, place, depth, in_item=in_item)

    def group(self, kind: str, value: dict[Any, Any], place: str, depth: int, *, in_item: bool) -> Condition | None:
        blame_unknown_keys(self.faults, place, value, (kind,))
        members, inner = value[kind], f"{place}.{kind}"
        if self.is_too_deep(place, depth):
            return None
        if fault := _members_fault(kind, members):
            self.blame(inner, fault)
            return None
        if kind == "not":
            member = self.condition(members, inner, depth + 1, in_item=in_item, is_bare=True)
            return Not(member) if member else None
        parsed: list[Condition] = []
        for i, inside in enumerate(members):
            if self.nodes > MOST_NODES:
                break
            member = self.condition(inside, f"{inner}[{i}]", depth + 1, in_item=in_item, is_bare=True)
            parsed += [member] if member else []
        return All(tuple(parsed)) if kind == "all" else Any_(tuple(parsed))

    def leaf(self, value: dict[Any, Any], place: str, depth: int, *, in_item: bool) -> Leaf | None:
        if "params" in value:
            self.blame(place, "'params' belongs to built-in tests; remove it")
        blame_unknown_keys(self.faults, place, value, (*LEAF, "params") if "params" in value else LEAF)
        term = parse_term(value, place, self.faults, in_item=in_item)
        operator = parse_operator(value, place, self.faults, tuple(Operator))
        inner = f"{place}.value"
        if "value" not in value:
            what = "the condition that items have to meet" if operator in QUANTIFYING else "what to compare with"
            self.blame(inner, f"is missing: write {what}")
            return None
        if operator is None:
            return None
        compared: Literal | Term | Condition | None
        if operator in QUANTIFYING:
            compared = self.asked_of_items(value["value"], operator, inner, depth)
        else:
            compared = self.compared(value["value"], operator, inner, in_item=in_item)
        return None if term is None or compared is None else Leaf(term, operator, compared)

    def asked_of_items(self, value: Any, operator: Operator, place: str, depth: int) -> Condition | None:
        if not isinstance(value, dict):
            self.blame(place, f"{shown(value)} is no condition; '{operator}' asks one of each item: {EXAMPLE}")
            return None
        if self.is_too_deep(place, depth):
            return None
        return self.condition(value, place, depth + 1, in_item=True, is_bare=True)

    def compared(self, value: Any, operator: Operator, place: str, *, in_item: bool) -> Literal | Term | None:
        if isinstance(value, dict) and "fact" in value and "operator" not in value:
            blame_unknown_keys(self.faults, place, value, REFERENCE)
            return parse_term(value, place, self.faults, in_item=in_item)
        if fault := _literal_fault(value) or _misuse(value, operator):
            self.blame(place, fault)
            return None
        return Literal(value)

    def is_too_deep(self, place: str, depth: int) -> bool:
        if depth > DEEPEST:
            self.blame(place, f"groups and quantifiers nest at most {DEEPEST} deep; take levels out")
        return depth > DEEPEST

    def blame(self, place: str, message: str) -> None:
        blame(self.faults, place, message)


def _shape_fault(value: Any) -> str | None:
    """Why a value is neither a group nor a comparison."""
    if not isinstance(value, dict):
        return f'{shown(value)} is no condition; write a group, such as {{"all": [{EXAMPLE}]}}'
    kinds = [kind for kind in GROUPS if kind in value]
    if len(kinds) > 1:
        return f"holds {' and '.join(kinds)}; keep one of them and nest the other inside it"
    if kinds or any(key in value for key in LEAF):
        return None
    close = suggestion(next(iter(value), None), (*GROUPS, *LEAF))
    found = f"{shown(next(iter(value)))} begins no condition{close}" if value else "is empty"
    return found if close else f'{found}; write a group, such as {{"all": [...]}}, or a comparison, such as {EXAMPLE}'


def _members_fault(kind: str, members: Any) -> str | None:
    if kind == "not":
        is_list = isinstance(members, list)
        return 'is an array; \'not\' takes one condition: {"not": {"any": [...]}}' if is_list else None
    if not isinstance(members, list):
        return f"{shown(members)} is no array; put the conditions into [...]"
    return None if members else "is empty; write at least one condition into it, or remove the group"


def _fact_fault(is_given: bool, fact: object, *, in_item: bool) -> str | None:
    whose = "the item" if in_item else "the record"
    if not is_given:
        return f"is missing: name a field of {whose}"
    if not isinstance(fact, str):
        return f"{shown(fact)} is no name; write the name of a field of {whose} as a string"
    if not fact:
        return f"is empty; name a field of {whose}"
    if fact == ITEM and not in_item:
        return f"'{ITEM}' is the item inside 'all' and 'any'; here, name a field of the record"
    if fact.startswith("!"):
        return f"{shown(fact)} belongs to built-in tests; name a field of {whose}"
    return text_fault(fact)


def _path_fault(path: object) -> str | None:
    """Of a path without its leading `$.`."""
    example = "write keys and indexes with dots between, such as 'ports.0.number'"
    if not isinstance(path, str):
        return f"{shown(path)} is no path; {example}, or leave it out"
    if path in ("", "$"):
        return "is empty; leave it out to compare the fact itself"
    if path.startswith("$["):
        return f"{shown(path)} has brackets; {example}"
    steps = path.split(".")
    if "" in steps:
        return f"{shown(path)} has an empty part; {example}"
    if len(steps) > MOST_STEPS:
        return f"has {len(steps)} parts; at most {MOST_STEPS} are possible"
    return text_fault(path)


def _literal_fault(value: object) -> str | None:
    """Level by level, so that neither depth nor what YAML may repeat makes it long."""
    level, count = [value], 0
    for _ in range(DEEPEST + 1):
        inner: list[object] = []
        for each in level:
            if fault := _scalar_fault(each):
                return fault
            inside = [*each, *each.values()] if isinstance(each, dict) else each if isinstance(each, list) else []
            count += len(each) if isinstance(each, dict | list) else 0
            if count > MOST_VALUES:
                return f"holds more than {MOST_VALUES:,} values; split the comparison"
            if isinstance(each, dict) and not all(isinstance(key, str) for key in each):
                return "has a key that is no string; put it into quotes"
            inner += inside
        level = inner
    return f"nests arrays and objects more than {DEEPEST} deep; compare what lies below by a path" if level else None


def _scalar_fault(value: object) -> str | None:
    if isinstance(value, str):
        return text_fault(value)
    if kind_of(value) is None:
        return f"{shown(value)} is no value that JSON has; put it into quotes"
    if isinstance(value, int) and abs(value) >= LARGEST_NUMBER:
        return "has more than 1,000 digits; no record can have such a number"
    return None


def _misuse(value: Any, operator: Operator) -> str | None:
    """Why an operator cannot be given a JSON value (the table of custom-data 3.4)."""
    kind = kind_of(value)
    if kind == "object" and "fact" in value and "operator" in value:
        return "is a condition, and only 'all' and 'any' take one; write a value or a fact"
    if kind == "object" and operator not in EQUATING:
        return f"is an object without 'fact'; '{operator}' takes {_wanted(operator)}"
    if operator in LISTING:
        return _list_fault(value, operator)
    if operator in (Operator.CONTAINS, Operator.DOES_NOT_CONTAIN) and kind == "array":
        return f"is an array; '{operator}' takes one value: write a comparison for each"
    if operator in COMPARING | DATING and kind != "number":
        return f"{shown(value)} is no number; '{operator}' takes {_wanted(operator)}"
    return _days_fault(value, operator) if operator in DATING else None


def _list_fault(value: Any, operator: Operator) -> str | None:
    if not isinstance(value, list):
        return f"{shown(value)} is no array; '{operator}' takes a list of values: [...]"
    if any(isinstance(each, dict) and "fact" in each for each in value):
        return 'lists a fact; a list holds values, or is itself one fact: {"fact": "allowed"}'
    return None


def _wanted(operator: Operator) -> str:
    if operator in DATING:
        return f"a number of {_unit(operator)}, such as 30, or a fact"
    if operator in COMPARING:
        return "a number without quotes, such as 14, or a fact"
    return (
        'an array or a fact: {"fact": "allowed"}' if operator in LISTING else "a string, a number, a boolean or a fact"
    )


def _days_fault(value: float, operator: Operator) -> str | None:
    most = FURTHEST_HOURS // HOURS[operator]
    if 0 <= value <= most:
        return None
    return f"{shown(value)} is out of range; '{operator}' takes 0 to {most:,} {_unit(operator)}"


def _unit(operator: Operator) -> str:
    return "hours" if HOURS[operator] == 1 else "days"
