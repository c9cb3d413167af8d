"""Population checks from JSON and back: checks of all records of a resource together."""

from typing import Any

from trustwright.monitors.conditions import COMPARING, FURTHEST_HOURS, Operator, rendered, rendered_term
from trustwright.monitors.faults import blame, blame_unknown_keys, shown, suggestion
from trustwright.monitors.model import Fault, Population, PopulationKind
from trustwright.monitors.parsing import parse_condition, parse_operator, parse_term

LARGEST_COUNT = 10**15

KEYS = {
    PopulationKind.COUNT: ("kind", "where", "operator", "value"),
    PopulationKind.PERCENT: ("kind", "where", "operator", "value"),
    PopulationKind.EXISTS: ("kind", "where"),
    PopulationKind.UNIQUE: ("kind", "fact", "path"),
    PopulationKind.FRESHNESS: ("kind", "withinHours"),
}
OPERATORS = tuple(each for each in Operator if each in COMPARING | {Operator.EQUAL, Operator.NOT_EQUAL})


def parse_population(value: Any, place: str, faults: list[Fault]) -> Population | None:
    """A population check from decoded JSON of any shape; None when it has a fault."""
    if not isinstance(value, dict):
        blame(faults, place, f'{shown(value)} is no population check; write an object, such as {{"kind": "exists"}}')
        return None
    kind = next((each for each in PopulationKind if each.value == value.get("kind")), None)
    if kind is None:
        close = suggestion(value.get("kind"), list(PopulationKind)) or f"; write one of {', '.join(PopulationKind)}"
        blame(
            faults,
            f"{place}.kind",
            f"{shown(value['kind'])} is no kind{close}" if "kind" in value else f"is missing{close}",
        )
        return None
    blame_unknown_keys(faults, place, value, KEYS[kind])
    match kind:
        case PopulationKind.UNIQUE:
            term = parse_term(value, place, faults)
            return Population(kind=kind, term=term) if term else None
        case PopulationKind.FRESHNESS:
            hours = _number(value, "withinHours", place, faults, most=FURTHEST_HOURS, is_above_zero=True)
            return None if hours is None else Population(kind=kind, value=hours)
        case _:
            return _counting(kind, value, place, faults)


def rendered_population(population: Population) -> dict[str, Any]:
    """The JSON of a population check."""
    if population.kind is PopulationKind.FRESHNESS:
        return {"kind": population.kind.value, "withinHours": population.value}
    return {
        "kind": population.kind.value,
        **(rendered_term(population.term) if population.term else {}),
        **({"where": rendered(population.where)} if population.where else {}),
        **({"operator": population.operator.value, "value": population.value} if population.operator else {}),
    }


def _counting(kind: PopulationKind, value: dict[Any, Any], place: str, faults: list[Fault]) -> Population | None:
    where = None
    if (given := value.get("where")) is not None:
        where = parse_condition(given, f"{place}.where", faults)
    elif kind is PopulationKind.PERCENT:
        blame(
            faults, f"{place}.where", "is missing: write the condition that so many of a hundred records have to meet"
        )
    if kind is PopulationKind.EXISTS:
        return Population(kind=kind, where=where)
    operator = parse_operator(value, place, faults, OPERATORS)
    is_count = kind is PopulationKind.COUNT
    number = _number(value, "value", place, faults, most=LARGEST_COUNT if is_count else 100, is_whole=is_count)
    return Population(kind=kind, where=where, operator=operator, value=number)


def _number(
    body: dict[Any, Any],
    key: str,
    place: str,
    faults: list[Fault],
    *,
    most: int,
    is_above_zero: bool = False,
    is_whole: bool = False,
) -> float | None:
    """A number from 0 to `most`."""
    number = body.get(key)
    wanted = f"write a {'whole ' if is_whole else ''}number {'above' if is_above_zero else 'from'} 0{{}} {most:,}"
    wanted = wanted.format(" up to" if is_above_zero else " to")
    if key not in body:
        blame(faults, f"{place}.{key}", f"is missing: {wanted}")
    elif isinstance(number, bool) or not isinstance(number, int | float):
        blame(faults, f"{place}.{key}", f"{shown(number)} is no number; {wanted}, without quotes")
    elif not 0 <= number <= most or (is_above_zero and not number) or (is_whole and number % 1):
        blame(faults, f"{place}.{key}", f"{shown(number)} does not fit; {wanted}")
    else:
        return int(number) if number % 1 == 0 else number
    return None
