"""Why a record fails a condition, as SQL: the leaves that brought it about (custom-data 3.5)."""

from typing import Any

from msgspec import Struct

from trustwright.monitors.conditions import (
    QUANTIFYING,
    All,
    Any_,
    Condition,
    Leaf,
    Literal,
    Not,
    Operator,
    Term,
    rendered_term,
    rendered_value,
)
from trustwright.monitors.predicates import Values, predicate, reading

# Of one failure: how many leaves it names, how many items of a list, how many characters of a value.
MOST_LEAVES = 20
MOST_ITEMS = 20
MOST_CHARACTERS = 2000

NOTHING = "'[]'::jsonb"


class Causes(Struct, frozen=True):
    """`truths`: the select list of a lateral subquery `leaf`, in which each leaf is judged once. `reasons`: made of
    them, a jsonb list."""

    truths: str
    reasons: str


def causes(condition: Condition, document: str, values: Values) -> Causes:
    """The reasons why `document` does not meet the condition; an empty list where it does."""
    leaves: list[str] = []
    reasons = _reasons(condition, True, document, values, leaves)
    truths = ", ".join(f"{truth} as l{number}" for number, truth in enumerate(leaves))
    if len(leaves) > MOST_LEAVES:
        reasons = f"jsonb_path_query_array({reasons}, '$[0 to {MOST_LEAVES - 1}]')"
    return Causes(truths, reasons)


def _reasons(condition: Condition, wanted: bool, document: str, values: Values, leaves: list[str]) -> str:
    """The reasons why a condition is not `wanted`. A group says nothing where it is as wanted in spite of a member."""
    if isinstance(condition, Leaf):
        truth = f"leaf.l{len(leaves)}"
        leaves.append(predicate(condition, document, values, exact=True))
        reason = _reason(condition, truth, wanted, document, values)
        return f"case when {truth} is not {str(wanted).lower()} then jsonb_build_array({reason}) else {NOTHING} end"
    if isinstance(condition, Not):
        return _reasons(condition.member, not wanted, document, values, leaves)
    first = len(leaves)
    reasons = " || ".join(_reasons(member, wanted, document, values, leaves) for member in condition.members)
    # Where every member must be as wanted, those that are say nothing by themselves.
    if isinstance(condition, All) is wanted:
        return f"({reasons})"
    truth, _ = _truth(condition, first)
    return f"(case when {truth} is not {str(wanted).lower()} then {reasons} else {NOTHING} end)"


def _truth(condition: Condition, number: int) -> tuple[str, int]:
    """A condition made of leaves that are judged already, the first of them by its number; the number behind."""
    match condition:
        case Leaf():
            return f"leaf.l{number}", number + 1
        case Not(member):
            inner, number = _truth(member, number)
            return f"(not {inner})", number
        case All(members) | Any_(members):
            parts = []
            for member in members:
                part, number = _truth(member, number)
                parts.append(part)
            return f"({(' and ' if isinstance(condition, All) else ' or ').join(parts)})", number


def _reason(leaf: Leaf, truth: str, wanted: bool, document: str, values: Values) -> str:
    left = reading(leaf.term, document, values)
    said: dict[str, Any] = {
        "path": None,
        **rendered_term(leaf.term),
        "operator": leaf.operator.value,
        "value": rendered_value(leaf.value),
    }
    if not wanted:
        said["not"] = True
    found = f"'result', coalesce({truth}, false), 'factResult', {_clipped(_found(leaf, left, document, values))}"
    if isinstance(leaf.value, Term):
        found += f", 'valueResult', {_clipped(reading(leaf.value, document, values))}"
    missing = f"case when {left} is null then '{{\"missing\": true}}'::jsonb else '{{}}'::jsonb end"
    return f"{values.json(said)} || jsonb_build_object({found}) || {missing}"


def _found(leaf: Leaf, left: str, document: str, values: Values) -> str:
    """What stood there: of a list under a quantifier the items that made it fail."""
    if leaf.operator not in QUANTIFYING or isinstance(leaf.value, Literal | Term):
        return left
    item = values.item()
    inner = predicate(leaf.value, f"{item}.value", values)
    offending = f"where ({inner}) is not true " if leaf.operator is Operator.ALL else ""
    items = f"select {item}.value from jsonb_array_elements({left}) as {item} (value) {offending}limit {MOST_ITEMS}"
    listed = f"(select coalesce(jsonb_agg(offending.value), {NOTHING}) from ({items}) as offending)"
    return f"(case when jsonb_typeof({left}) = 'array' then {listed} else {left} end)"


def _clipped(value: str) -> str:
    return (
        f"case when length(({value})::text) <= {MOST_CHARACTERS} then {value}"
        f" else to_jsonb(left(({value})::text, {MOST_CHARACTERS})) end"
    )
