"""Definitions and reasons as sentences, for people who read no JSON."""

from typing import Any

import msgspec
from msgspec import Struct

from trustwright.monitors.conditions import ITEM, QUANTIFYING, All, Any_, Condition, Leaf, Literal, Not, Operator, Term
from trustwright.monitors.model import FilterMode, Group, OnEmpty, Population, PopulationKind, Requirement, ResultStatus

WORDS: dict[Operator, str] = {
    Operator.EQUAL: "equals",
    Operator.NOT_EQUAL: "does not equal",
    Operator.GREATER_THAN: "is greater than",
    Operator.GREATER_THAN_OR_EQUAL: "is at least",
    Operator.LESS_THAN: "is less than",
    Operator.LESS_THAN_OR_EQUAL: "is at most",
    Operator.IN: "is one of",
    Operator.NOT_IN: "is none of",
    Operator.CONTAINS: "contains",
    Operator.DOES_NOT_CONTAIN: "does not contain",
    Operator.WITHIN_LAST_DAYS: "lies within the last days:",
    Operator.WITHIN_LAST_HOURS: "lies within the last hours:",
    Operator.WITHIN_NEXT_DAYS: "lies within the next days:",
    Operator.OLDER_THAN_DAYS: "is older than days:",
    Operator.ALL: "has only items with:",
    Operator.ANY: "has an item with:",
}
# Where the number stands inside the sentence.
AROUND: dict[Operator, tuple[str, str]] = {
    Operator.WITHIN_LAST_DAYS: ("lies within the last", "days"),
    Operator.WITHIN_LAST_HOURS: ("lies within the last", "hours"),
    Operator.WITHIN_NEXT_DAYS: ("lies within the next", "days"),
    Operator.OLDER_THAN_DAYS: ("is older than", "days"),
}

REQUIREMENTS = {
    Requirement.ALL: "All groups must pass",
    Requirement.ANY: "One group must pass",
    Requirement.AT_MOST_ONE_FAIL: "At most one group may fail",
}
EMPTIES = {
    OnEmpty.READY: "No result while there are no records",
    OnEmpty.PASSED: "Passes while there are no records",
    OnEmpty.FAILED: "Fails while there are no records",
}
STATUSES = {
    ResultStatus.READY: "No result yet",
    ResultStatus.PASSED: "Passed",
    ResultStatus.FAILED: "Failed",
    ResultStatus.ERROR: "Could not run",
    ResultStatus.PREAUDIT: "Before an audit",
}
TONES = {ResultStatus.PASSED: "green", ResultStatus.FAILED: "red", ResultStatus.ERROR: "orange"}

# What checks of all records ask for that have no operator of conditions, with the unit of their value.
UNASKED = {
    PopulationKind.UNIQUE: ("is not the only one with its value", ""),
    PopulationKind.EXISTS: ("there is a record that meets the condition", ""),
    PopulationKind.FRESHNESS: ("the newest record came within the last", "hours"),
}
OF_ITEMS = {
    Operator.ALL: "has only items that meet the condition",
    Operator.ANY: "has an item that meets the condition",
}
COUNTED = {"count": "the number of records ", "percent": "the share of records "}

LONGEST_VALUE = 200


class Said(Struct, frozen=True, kw_only=True):
    """A line of a condition: `place verb value unit`, of which the place and the value are others' words, and what
    stands below it."""

    verb: str
    place: str = ""
    value: str = ""
    unit: str = ""
    members: list["Said"] = []


class SaidGroup(Struct, frozen=True, kw_only=True):
    """What a group checks: which records are in scope, and what of them. `scope` is None for all records."""

    connection_id: int
    resource_id: int
    scope: tuple[str, Said] | None
    check: Said


class Reason(Struct, frozen=True, kw_only=True):
    """Why a record failed: what was asked of it, and what was found."""

    asked: Said
    found: str


def group_in_words(group: Group) -> SaidGroup:
    """A group as lines."""
    scope = None
    if group.filtering is not None:
        mode = "Only records with" if group.filtering.mode is FilterMode.INCLUSION else "Not the records with"
        scope = (mode, in_words(group.filtering.evaluator))
    check = _population(group.check) if isinstance(group.check, Population) else in_words(group.check)
    return SaidGroup(connection_id=group.connection_id, resource_id=group.resource_id, scope=scope, check=check)


def in_words(condition: Condition) -> Said:
    """A condition as lines."""
    match condition:
        case All(members):
            return in_words(members[0]) if len(members) == 1 else _listed("all of these:", members)
        case Any_(members):
            return in_words(members[0]) if len(members) == 1 else _listed("at least one of these:", members)
        case Not(member):
            return Said(verb="not this:", members=[in_words(member)])
        case Leaf(term, operator, Literal(value)):
            verb, unit = AROUND.get(operator, (WORDS[operator], ""))
            return Said(place=placed(term), verb=verb, value=valued(value), unit=unit)
        case Leaf(term, operator, Term() as other):
            verb, unit = AROUND.get(operator, (WORDS[operator], ""))
            return Said(place=placed(term), verb=verb, value=placed(other), unit=unit or "(another field)")
        case Leaf(term, operator, asked) if not isinstance(asked, Literal | Term):
            return Said(place=placed(term), verb=WORDS[operator], members=[in_words(asked)])
    raise TypeError(f"no condition: {condition!r}")


def placed(term: Term) -> str:
    """A place in a record as people write it."""
    fact = "the item" if term.fact == ITEM else term.fact
    return fact if term.path is None else f"{fact}.{term.path}"


def valued(value: Any) -> str:
    """A value as JSON writes it, texts without quotes, cut short."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, list):
        text = ", ".join(map(valued, value)) or "an empty list"
    else:
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"{text[:LONGEST_VALUE]}..." if len(text) > LONGEST_VALUE else text or "an empty text"


def reasons(cause: list[dict[str, Any]] | None) -> list[Reason]:
    """Why a record failed, leaf by leaf; nothing where it is not known."""
    return [_reason(each) for each in cause or []]


def _listed(verb: str, members: tuple[Condition, ...]) -> Said:
    return Said(verb=verb, members=[in_words(member) for member in members])


def _population(check: Population) -> Said:
    where = [in_words(check.where)] if check.where else []
    value, verb = valued(check.value), WORDS[check.operator] if check.operator else ""
    match check.kind:
        case PopulationKind.COUNT:
            what = "the number of records with what follows" if where else "the number of records"
            return Said(verb=f"{what} {verb}", value=value, members=where)
        case PopulationKind.PERCENT:
            return Said(verb=f"the share of records with what follows {verb}", value=value, unit="%", members=where)
        case PopulationKind.EXISTS:
            return Said(verb="there is a record with this:" if where else "there is a record", members=where)
        case PopulationKind.UNIQUE:
            return Said(verb="no two records have the same", value=placed(check.term) if check.term else "")
        case PopulationKind.FRESHNESS:
            return Said(verb="the newest record came within the last", value=value, unit="hours")


def _reason(cause: dict[str, Any]) -> Reason:
    fact, path = cause.get("fact"), cause.get("path")
    place = placed(Term(fact, path)) if isinstance(fact, str) else ""
    found = "is missing" if cause.get("missing") else f"found: {valued(cause.get('factResult'))}"
    if cause.get("valueResult") is not None:
        found += f", against {valued(cause['valueResult'])}"
    verb, value, unit = _asked(str(cause.get("operator", "")), cause.get("value"))
    negation = "must not be so: " if cause.get("not") else ""
    return Reason(asked=Said(place=place, verb=f"{negation}{verb}", value=value, unit=unit), found=found)


def _asked(name: str, value: Any) -> tuple[str, str, str]:
    """Verb, value and unit of a reason. A check of all records has its kind before the operator."""
    kind, _, inner = name.rpartition(" ")
    if inner in UNASKED:
        verb, unit = UNASKED[PopulationKind(inner)]
        return verb, valued(value) if unit else "", unit
    if inner not in list(Operator):
        return name, valued(value), ""
    operator = Operator(inner)
    if operator in QUANTIFYING:
        return OF_ITEMS[operator], "", ""
    if isinstance(value, dict) and isinstance(value.get("fact"), str):
        verb, unit = AROUND.get(operator, (WORDS[operator], "(another field)"))
        return verb, placed(Term(value["fact"], value.get("path"))), unit
    verb, unit = AROUND.get(operator, (WORDS[operator], ""))
    noun = COUNTED.get(kind, "")
    return f"{noun}{verb}", valued(value), "%" if kind == PopulationKind.PERCENT else unit
