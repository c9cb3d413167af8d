"""Conditions as SQL over a jsonb expression. What a condition says stands in parameters, never in the text.

A condition has three truths, and so has SQL: a place that is absent is null, and null goes through `and`, `or`, `not`,
`all` and `any` as UNKNOWN goes through a condition (decisions 23). Under no `not` it makes no difference whether a leaf
is false or null, and there cheaper forms stand; `exact` asks for the very truth.
"""

import re
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from trustwright.monitors.conditions import (
    FURTHEST_HOURS,
    HOURS,
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

EQUALITIES = {Operator.EQUAL: "=", Operator.NOT_EQUAL: "<>"}
MEMBERSHIPS = {Operator.IN: "= any", Operator.NOT_IN: "<> all"}
COMPARISONS = {
    Operator.GREATER_THAN: ">",
    Operator.GREATER_THAN_OR_EQUAL: ">=",
    Operator.LESS_THAN: "<",
    Operator.LESS_THAN_OR_EQUAL: "<=",
}
# What goes before `@>`, how the place of a part in a text compares with 0, and what holds where there can be no part.
CONTAINMENTS = {Operator.CONTAINS: ("", ">", "false"), Operator.DOES_NOT_CONTAIN: ("not ", "=", "true")}

# The whole document of a record, the table being `r`.
RECORD = "r.attributes"

# What `->>` also makes of a number, a boolean, an array or an object.
AMBIGUOUS = re.compile(r"[-0-9{\[]|(true|false)$")


class Values:
    """The parameters of a statement, by name. `textless`: the fields of a record that hold no text."""

    def __init__(self, textless: frozenset[str] = frozenset()) -> None:
        self.named: dict[str, object] = {}
        self.textless = textless
        self._items = 0

    def json(self, value: Any) -> str:
        return f"{self._add(Jsonb(value))}::jsonb"

    def jsons(self, values: list[Any]) -> str:
        return f"{self._add([Jsonb(value) for value in values])}::jsonb[]"

    def text(self, value: str) -> str:
        return f"{self._add(value)}::text"

    def texts(self, values: list[str]) -> str:
        return f"{self._add(values)}::text[]"

    def path(self, value: str) -> str:
        return f"{self._add(value)}::jsonpath"

    def number(self, value: float) -> str:
        return f"{self._add(value)}::numeric"

    def integer(self, value: int) -> str:
        return f"{self._add(value)}::bigint"

    def item(self) -> str:
        """A new name for the items of a list."""
        self._items += 1
        return f"item{self._items}"

    def _add(self, value: object) -> str:
        name = f"v{len(self.named)}"
        self.named[name] = value
        return f"%({name})s"


def predicate(condition: Condition, document: str, values: Values, *, exact: bool = False) -> str:
    """A boolean expression that is true where `document` meets the condition. The statement gives it the parameter
    `now`. With `exact` it is null where the condition is UNKNOWN, without it null and false say the same."""
    match condition:
        case All(members):
            return f"({' and '.join(predicate(member, document, values, exact=exact) for member in members)})"
        case Any_(members):
            return f"({' or '.join(predicate(member, document, values, exact=exact) for member in members)})"
        case Not(member):
            return f"(not {predicate(member, document, values, exact=True)})"
        case Leaf():
            return _leaf(condition, document, values, exact)


def reading(term: Term, document: str, values: Values) -> str:
    """The jsonb that stands at a place; null where nothing does."""
    base = document if term.fact == ITEM else f"({document} -> {values.text(term.fact)})"
    if term.path is None:
        return base
    keys = term.path.split(".")
    below = _below(base, keys, values)
    return below if len(keys) == 1 else f"coalesce({base} -> {values.text(term.path)}, {below})"


def _below(base: str, keys: list[str], values: Values) -> str:
    if keys[-1] == LENGTH:
        return _length(_below(base, keys[:-1], values) if keys[:-1] else base)
    if len(keys) == 1 and not keys[0].lstrip("-").isdigit():
        return f"({base} -> {values.text(keys[0])})"
    return f"({base} #> {values.texts(keys)})"


def _length(base: str) -> str:
    return (
        f"(case jsonb_typeof({base}) when 'array' then to_jsonb(jsonb_array_length({base}))"
        f" when 'string' then to_jsonb(char_length({base} #>> '{{}}')) else {base} -> 'length' end)"
    )


def _leaf(leaf: Leaf, document: str, values: Values, exact: bool) -> str:
    if not exact and (cheap := _cheaper(leaf, document, values)):
        return cheap
    left = reading(leaf.term, document, values)
    if leaf.operator in QUANTIFYING:
        return _quantified(leaf, left, values, exact)
    if isinstance(leaf.value, Literal):
        truth, present = _against_literal(leaf.operator, left, leaf.value.value, values), [left]
    elif isinstance(leaf.value, Term):
        right = reading(leaf.value, document, values)
        truth, present = _against_fact(leaf.operator, left, right), [left, right]
    else:
        raise TypeError(f"{leaf.operator} takes no condition")
    absent = " or ".join(f"{each} is null" for each in present)
    if exact or leaf.operator in (Operator.NOT_IN, Operator.DOES_NOT_CONTAIN):
        return f"(case when {absent} then null else coalesce({truth}, false) end)"
    return f"({truth})"


def _cheaper(leaf: Leaf, document: str, values: Values) -> str | None:
    """A field of the document compared with a scalar, or with texts, where it stands: taking it out first costs more.
    None where there is no such form, or not one of the same meaning."""
    if not isinstance(leaf.value, Literal) or leaf.term.path is not None or leaf.term.fact == ITEM:
        return None
    fact, value = leaf.term.fact, leaf.value.value
    if leaf.operator is Operator.IN and value and all(map(_is_unmistakable, value)):
        return f"(({document} ->> {values.text(fact)}) = any({values.texts(value)}))"
    is_textless = document == RECORD and fact in values.textless
    if leaf.operator is Operator.EQUAL and (_is_unmistakable(value) or (is_textless and isinstance(value, bool))):
        return f"(({document} ->> {values.text(fact)}) = {values.text(_written(value))})"
    if leaf.operator is Operator.EQUAL and not isinstance(value, list | dict):
        return f"({document} @> {values.json({fact: value})})"
    if leaf.operator in COMPARISONS:
        sign, left = COMPARISONS[leaf.operator], reading(leaf.term, document, values)
        # Strict: no item of a list stands for the list.
        path = f"strict $.{msgspec.json.encode(fact).decode()} {sign} {msgspec.json.encode(value).decode()}"
        return f"({document} @@ {values.path(path)} or {_as_written_number(left, sign, value, values)})"
    return None


def _written(value: str | bool) -> str:
    """What `->>` makes of it."""
    return value if isinstance(value, str) else str(value).lower()


def _is_unmistakable(value: Any) -> bool:
    """Whether it is a text that nothing but the same text in JSON can be written like."""
    return isinstance(value, str) and not AMBIGUOUS.match(value)


def _as_written_number(left: str, sign: str, value: float, values: Values) -> str:
    return f"(jsonb_typeof({left}) = 'string' and as_number({left}) {sign} {values.number(value)})"


def _against_literal(operator: Operator, left: str, value: Any, values: Values) -> str:
    if operator in EQUALITIES:
        return f"{left} {EQUALITIES[operator]} {values.json(value)}"
    if operator in MEMBERSHIPS:
        return f"{left} {MEMBERSHIPS[operator]}({values.jsons(value)})"
    if operator in CONTAINMENTS:
        no, sign, otherwise = CONTAINMENTS[operator]
        in_text = f"strpos({left} #>> '{{}}', {values.text(value)}) {sign} 0" if isinstance(value, str) else otherwise
        return _of_list_or_text(left, f"{no}{left} @> {values.json(value)}", in_text)
    if operator in COMPARISONS:
        sign = COMPARISONS[operator]
        # Numbers compare as JSON without being taken out of it.
        return (
            f"({left} {sign} {values.json(value)} and jsonb_typeof({left}) = 'number')"
            f" or {_as_written_number(left, sign, value, values)}"
        )
    return _dated(operator, left, values.number(value * HOURS[operator] * 3600))


def _against_fact(operator: Operator, left: str, right: str) -> str:
    if operator in EQUALITIES:
        return f"{left} {EQUALITIES[operator]} {right}"
    if operator in MEMBERSHIPS:
        found = f"{left} {MEMBERSHIPS[operator]} (select value from jsonb_array_elements({right}))"
        otherwise = "true" if operator is Operator.NOT_IN else "false"
        return f"case when jsonb_typeof({right}) = 'array' then {found} else {otherwise} end"
    if operator in CONTAINMENTS:
        no, sign, otherwise = CONTAINMENTS[operator]
        found = f"strpos({left} #>> '{{}}', {right} #>> '{{}}') {sign} 0"
        in_text = f"case jsonb_typeof({right}) when 'string' then {found} else {otherwise} end"
        judged = _of_list_or_text(left, f"{no}{left} @> {right}", in_text)
        return f"jsonb_typeof({right}) not in ('array', 'object') and {judged}"
    if operator in COMPARISONS:
        return f"as_number({left}) {COMPARISONS[operator]} as_number({right})"
    number = f"case jsonb_typeof({right}) when 'number' then ({right})::numeric end"
    dated = _dated(operator, left, f"({number}) * {HOURS[operator] * 3600}")
    return f"case when ({number}) between 0 and {FURTHEST_HOURS // HOURS[operator]} then {dated} else false end"


def _of_list_or_text(left: str, in_list: str, in_text: str) -> str:
    return f"(case jsonb_typeof({left}) when 'array' then {in_list} when 'string' then {in_text} else false end)"


def _dated(operator: Operator, left: str, seconds: str) -> str:
    now = "%(now)s::timestamptz"
    span = f"make_interval(secs => ({seconds})::double precision)"
    if operator is Operator.OLDER_THAN_DAYS:
        return f"as_moment({left}) < {now} - {span}"
    first, last = (now, f"{now} + {span}") if operator is Operator.WITHIN_NEXT_DAYS else (f"{now} - {span}", now)
    # A range, and not `between`, which would read the date twice.
    return f"tstzrange({first}, {last}, '[]') @> as_moment({left})"


def _quantified(leaf: Leaf, left: str, values: Values, exact: bool) -> str:
    if isinstance(leaf.value, Literal | Term):
        raise TypeError(f"{leaf.operator} takes a condition")
    item = values.item()
    inner = predicate(leaf.value, f"{item}.value", values, exact=exact)
    truth = f"true = {leaf.operator.value} (select {inner} from jsonb_array_elements({left}) as {item} (value))"
    absent = f"when {left} is null then null " if exact else ""
    return f"(case when jsonb_typeof({left}) = 'array' then {truth} {absent}else false end)"
