"""The language of conditions (custom-data 3.3, 3.4): what `parsing` makes of JSON and `predicates` turns into SQL."""

from enum import StrEnum
from typing import Any

from msgspec import Struct

# `{"fact": "@"}` is the item of a quantifier itself, for lists of texts or numbers.
ITEM = "@"
LENGTH = "length"


class Operator(StrEnum):
    EQUAL = "equal"
    NOT_EQUAL = "notEqual"
    GREATER_THAN = "greaterThan"
    GREATER_THAN_OR_EQUAL = "greaterThanOrEqual"
    LESS_THAN = "lessThan"
    LESS_THAN_OR_EQUAL = "lessThanOrEqual"
    IN = "in"
    NOT_IN = "notIn"
    CONTAINS = "contains"
    DOES_NOT_CONTAIN = "doesNotContain"
    WITHIN_LAST_DAYS = "withinLastDays"
    WITHIN_LAST_HOURS = "withinLastHours"
    WITHIN_NEXT_DAYS = "withinNextDays"
    OLDER_THAN_DAYS = "olderThanDays"
    ALL = "all"
    ANY = "any"


ALIASES = {
    "equals": Operator.EQUAL,
    "greaterThanInclusive": Operator.GREATER_THAN_OR_EQUAL,
    "lessThanInclusive": Operator.LESS_THAN_OR_EQUAL,
}

COMPARING = frozenset(
    {Operator.GREATER_THAN, Operator.GREATER_THAN_OR_EQUAL, Operator.LESS_THAN, Operator.LESS_THAN_OR_EQUAL}
)
DATING = frozenset(
    {Operator.WITHIN_LAST_DAYS, Operator.WITHIN_LAST_HOURS, Operator.WITHIN_NEXT_DAYS, Operator.OLDER_THAN_DAYS}
)
QUANTIFYING = frozenset({Operator.ALL, Operator.ANY})

# A hundred years, in hours: further back or ahead no date is compared.
FURTHEST_HOURS = 876_000
HOURS = {
    Operator.WITHIN_LAST_DAYS: 24,
    Operator.WITHIN_LAST_HOURS: 1,
    Operator.WITHIN_NEXT_DAYS: 24,
    Operator.OLDER_THAN_DAYS: 24,
}


class Term(Struct, frozen=True):
    """A place in a record, or in an item of a quantifier: a top-level key, and what lies below it. `path` is as it was
    written without a leading `$.`: keys and indexes with dots between, perhaps `length` at the end; one key that holds
    the whole path goes before."""

    fact: str
    path: str | None = None


class Literal(Struct, frozen=True):
    """A JSON value."""

    value: Any


class Leaf(Struct, frozen=True):
    """`value` is a condition for quantifiers, and only for them."""

    term: Term
    operator: Operator
    value: "Literal | Term | Condition"


class All(Struct, frozen=True):
    members: "tuple[Condition, ...]"


class Any_(Struct, frozen=True):
    members: "tuple[Condition, ...]"


class Not(Struct, frozen=True):
    member: "Condition"


Condition = Leaf | All | Any_ | Not


def rendered(condition: Condition) -> dict[str, Any]:
    """The JSON of a condition, aliases replaced by what they stand for."""
    match condition:
        case All(members):
            return {"all": [rendered(member) for member in members]}
        case Any_(members):
            return {"any": [rendered(member) for member in members]}
        case Not(member):
            return {"not": rendered(member)}
        case Leaf(term, operator, value):
            return {**rendered_term(term), "operator": operator.value, "value": rendered_value(value)}


def rendered_term(term: Term) -> dict[str, Any]:
    return {"fact": term.fact} if term.path is None else {"fact": term.fact, "path": term.path}


def rendered_value(value: Literal | Term | Condition) -> Any:
    match value:
        case Literal(literal):
            return literal
        case Term():
            return rendered_term(value)
        case _:
            return rendered(value)
