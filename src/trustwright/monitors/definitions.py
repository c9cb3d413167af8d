"""Definitions from JSON and back: what a monitor checks, and what it is made of."""

from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from trustwright.errors import Invalid
from trustwright.monitors.conditions import Condition, rendered
from trustwright.monitors.faults import MOST, blame, blame_unknown_keys, shown, suggestion, text_fault
from trustwright.monitors.model import (
    Definition,
    Draft,
    Fault,
    Filtering,
    FilterMode,
    Group,
    OnEmpty,
    Population,
    PopulationKind,
    Requirement,
)
from trustwright.monitors.parsing import GROUPS, LEAF, parse_condition
from trustwright.monitors.populations import parse_population, rendered_population

MOST_GROUPS = 20
MOST_CONTROLS = 500
LONGEST_NAME = 191
LONGEST_DESCRIPTION = 30_000
# Ids are PostgreSQL integers.
LARGEST_ID = 2**31 - 1
REFUSALS = 10

DRAFTED = ("name", "description", "enabled", "controlIds")
DEFINED = ("validationRequirement", "onEmpty", "allowUnknownFields", "groups")
# An answer can be sent back as it came.
IGNORED = frozenset({"id", "testId", "version", "checkResultStatus", "checkStatus", "testSource"}) | {
    *("createdAt", "updatedAt", "lastPassedAt", "failedSince")
}
GROUP = ("connectionId", "resourceId", "filteringCriteria", "evaluator", "population")

E = TypeVar("E", bound=StrEnum)


def parse_draft(value: Any, faults: list[Fault]) -> Draft | None:
    """What a monitor is made of, from decoded JSON of any shape; None when it has a fault."""
    found: list[Fault] = []
    body = value if isinstance(value, dict) else {}
    name = _name(body, found) if isinstance(value, dict) else ""
    description = _description(body, found)
    is_enabled = _flag(body, "enabled", True, found)
    control_ids = _control_ids(body, found)
    definition = parse_definition(value, found)
    faults.extend(found[: MOST - len(faults)])
    if found or definition is None:
        return None
    return Draft(
        name=name, description=description, is_enabled=is_enabled, control_ids=control_ids, definition=definition
    )


def parse_definition(value: Any, faults: list[Fault]) -> Definition | None:
    """What a monitor checks, from decoded JSON of any shape; None when it has a fault. Name, description, enabled and
    controlIds may stand beside it and are not looked at."""
    found: list[Fault] = []
    definition = None
    if isinstance(value, dict):
        blame_unknown_keys(found, "", {key: None for key in value if key not in IGNORED}, (*DRAFTED, *DEFINED))
        definition = Definition(
            requirement=_choice(value, "validationRequirement", Requirement.ALL, found),
            on_empty=_choice(value, "onEmpty", OnEmpty.READY, found),
            allow_unknown=_flag(value, "allowUnknownFields", False, found),
            groups=_groups(value, found),
        )
    else:
        blame(found, "", f'{shown(value)} is no definition; write an object: {{"groups": [...]}}')
    faults.extend(found[: MOST - len(faults)])
    return None if found else definition


def rendered_definition(definition: Definition) -> dict[str, Any]:
    """The JSON of a definition, aliases and defaults written out; `parse_definition` makes the same of it again."""
    return {
        "validationRequirement": definition.requirement.value,
        "onEmpty": definition.on_empty.value,
        "allowUnknownFields": definition.allow_unknown,
        "groups": [_rendered_group(group) for group in definition.groups],
    }


def refuse(faults: list[Fault]) -> NoReturn:
    """Raises Invalid with the first ten faults, and how many there are besides."""
    told = [f"{fault.path}: {fault.message}" if fault.path else fault.message for fault in faults[:REFUSALS]]
    if len(faults) > REFUSALS:
        told.append(f"and {'at least ' if len(faults) >= MOST else ''}{len(faults) - REFUSALS} more")
    raise Invalid("; ".join(told))


def _name(body: dict[Any, Any], faults: list[Fault]) -> str:
    name = body.get("name")
    if "name" not in body:
        blame(faults, "name", "is missing: name the test")
    elif not isinstance(name, str) or not name.strip():
        blame(faults, "name", f"{shown(name)} is no name; write a string that is not blank")
    elif fault := text_fault(name.strip(), LONGEST_NAME):
        blame(faults, "name", fault)
    return name.strip() if isinstance(name, str) else ""


def _description(body: dict[Any, Any], faults: list[Fault]) -> str | None:
    description = body.get("description")
    if description is None:
        return None
    if not isinstance(description, str):
        blame(faults, "description", f"{shown(description)} is no text; write a string or null")
        return None
    if fault := text_fault(description, LONGEST_DESCRIPTION):
        blame(faults, "description", fault)
    return description


def _control_ids(body: dict[Any, Any], faults: list[Fault]) -> list[int]:
    """Each once, in the order in which they were written."""
    ids = body.get("controlIds", [])
    if not isinstance(ids, list):
        blame(faults, "controlIds", f"{shown(ids)} is no array; list the ids of controls, or write []")
        return []
    if len(ids) > MOST_CONTROLS:
        blame(faults, "controlIds", f"has {len(ids):,} ids; at most {MOST_CONTROLS} are possible")
        return []
    return list(dict.fromkeys(_id(each, f"controlIds[{i}]", "a control", faults) for i, each in enumerate(ids)))


def _flag(body: dict[Any, Any], key: str, default: bool, faults: list[Fault]) -> bool:
    flag = body.get(key, default)
    if isinstance(flag, bool):
        return flag
    blame(faults, key, f"{shown(flag)} is neither true nor false; write one of them, without quotes")
    return default


def _choice(body: dict[Any, Any], key: str, default: E, faults: list[Fault], place: str = "") -> E:
    choice = body.get(key, default.value)
    for each in type(default):
        if choice == each.value:
            return each
    names = [each.value for each in type(default)]
    cure = suggestion(choice, names) or f"; write one of {', '.join(names)}"
    blame(faults, f"{place}{key}", f"{shown(choice)} is no choice{cure}")
    return default


def _id(value: Any, place: str, what: str, faults: list[Fault]) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LARGEST_ID:
        return value
    blame(faults, place, f"{shown(value)} is no id; write the number of {what}")
    return 0


def _groups(body: dict[Any, Any], faults: list[Fault]) -> list[Group]:
    groups = body.get("groups")
    if "groups" not in body:
        blame(faults, "groups", "is missing: list the groups, each with connectionId, resourceId and an evaluator")
    elif not isinstance(groups, list):
        blame(faults, "groups", f"{shown(groups)} is no array; put the groups into [...]")
    elif not 1 <= len(groups) <= MOST_GROUPS:
        blame(faults, "groups", f"has {len(groups)} groups; write 1 to {MOST_GROUPS}")
    else:
        parsed = [_group(group, f"groups[{i}]", faults) for i, group in enumerate(groups)]
        return [group for group in parsed if group]
    return []


def _group(value: Any, place: str, faults: list[Fault]) -> Group | None:
    if not isinstance(value, dict):
        blame(faults, place, f"{shown(value)} is no group; write an object with connectionId, resourceId, evaluator")
        return None
    blame_unknown_keys(faults, place, value, GROUP)
    ids = [_group_id(value, key, place, faults) for key in ("connectionId", "resourceId")]
    filtering = _filtering(value.get("filteringCriteria"), f"{place}.filteringCriteria", faults)
    check = _check(value, place, faults)
    if filtering and isinstance(check, Population) and check.kind is PopulationKind.FRESHNESS:
        blame(faults, f"{place}.filteringCriteria", "means nothing here: freshness counts every push; leave it out")
    return Group(connection_id=ids[0], resource_id=ids[1], filtering=filtering, check=check) if check else None


def _group_id(group: dict[Any, Any], key: str, place: str, faults: list[Fault]) -> int:
    what = "a connection" if key == "connectionId" else "a resource of it"
    if key in group:
        return _id(group[key], f"{place}.{key}", what, faults)
    blame(faults, f"{place}.{key}", f"is missing: write the id of {what}")
    return 0


def _filtering(value: Any, place: str, faults: list[Fault]) -> Filtering | None:
    if value is None:
        return None
    form = '{"mode": "exclusion", "evaluator": {"all": [...]}}'
    if not isinstance(value, dict):
        blame(faults, place, f"{shown(value)} is no filter; write {form} or null")
        return None
    if "mode" not in value:
        # Older files hold the condition alone, and the mode was chosen in a form.
        is_bare = "evaluator" not in value and any(key in value for key in (*GROUPS, *LEAF))
        cure = f"choose exclusion or inclusion{' and wrap the condition' if is_bare else ''}: {form}"
        blame(faults, f"{place}.mode", f"is missing: {cure}")
        if is_bare:
            return None
    blame_unknown_keys(faults, place, value, ("mode", "evaluator"))
    mode = _choice(value, "mode", FilterMode.EXCLUSION, faults, f"{place}.")
    if "evaluator" not in value:
        blame(faults, f"{place}.evaluator", 'is missing: write a condition, such as {"all": [...]}')
        return None
    evaluator = parse_condition(value["evaluator"], f"{place}.evaluator", faults)
    return Filtering(mode=mode, evaluator=evaluator) if evaluator else None


def _check(group: dict[Any, Any], place: str, faults: list[Fault]) -> Condition | Population | None:
    evaluator, population = group.get("evaluator"), group.get("population")
    if evaluator is not None and population is not None:
        blame(faults, place, "holds evaluator and population; keep one, and give the other a group of its own")
        return None
    if population is not None:
        return parse_population(population, f"{place}.population", faults)
    if evaluator is not None:
        return parse_condition(evaluator, f"{place}.evaluator", faults)
    blame(faults, f"{place}.evaluator", 'is missing: write a condition, such as {"all": [...]}, or a population')
    return None


def _rendered_group(group: Group) -> dict[str, Any]:
    filtering = group.filtering
    criteria = {"mode": filtering.mode.value, "evaluator": rendered(filtering.evaluator)} if filtering else None
    is_population = isinstance(group.check, Population)
    return {
        "connectionId": group.connection_id,
        "resourceId": group.resource_id,
        "filteringCriteria": criteria,
        "population" if is_population else "evaluator": (
            rendered_population(group.check) if isinstance(group.check, Population) else rendered(group.check)
        ),
    }
