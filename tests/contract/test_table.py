"""The route tables against the contract. `pytest tests/contract/test_table.py -n 0 -s` prints the table."""

from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from tests.contract.contract import documented, domain, label, operations, required, shape
from trustwright.app import OPERATIONS
from trustwright.http.operations import Operation

pytestmark = required

# What we declare otherwise than the contract lists, and the decision or quirk that says so.
DEVIATIONS: dict[tuple[str, str], tuple[object, str]] = {
    ("v1 GET /trust-center/reports", "permissions"): (
        ["trust-center-get-requests", "trust-center-get-trust-center-reports"],
        "Q49, decisions 29: the permission of the requests passes too",
    ),
}

ISSUE_SCOPE = (
    "/workspaces",
    "/users",
    "/company",
    "/roles",
    "/events",
    "/custom-connections",
    "/vendors",
    "/vendors-stats",
    "/vendor-types",
    "/vendor-security-reviews",
    "/trust-center",
)
OUT_OF_SCOPE = ("/devices", "/hris")

COLUMNS: dict[str, tuple[Callable[[Operation], object], Callable[[dict[str, Any]], object]]] = {
    "permissions": (lambda ours: sorted(ours.permissions), lambda theirs: sorted(theirs["x-drata-permissions"])),
    "entitlement": (
        lambda ours: [ours.entitlement.value] if ours.entitlement else [],
        lambda theirs: theirs.get("x-drata-entitlement", []),
    ),
    "success": (lambda ours: sorted(ours.success), lambda theirs: statuses(theirs, range(200, 300))),
    "errors": (lambda ours: sorted(ours.statuses), lambda theirs: statuses(theirs, range(400, 600))),
}


def test_every_operation_is_declared_as_the_contract_has_it() -> None:
    table = Table("operation", *COLUMNS, "agrees", title="Route tables against the contract")
    faults: list[str] = []
    for operation in OPERATIONS:
        found = [] if operation.extension else disagreements(operation)
        shown = [text(ours(operation)) for ours, _ in COLUMNS.values()]
        table.add_row(label(operation), *shown, "extension" if operation.extension else "no" if found else "yes")
        faults += found
    Console(width=240).print(table)

    assert not faults, "\n".join(faults)


def test_no_operation_is_declared_twice() -> None:
    shapes = [(operation.version, operation.method, shape(operation.path)) for operation in OPERATIONS]

    assert len(shapes) == len(set(shapes))


def test_every_deviation_is_one() -> None:
    by_label = {label(operation): operation for operation in OPERATIONS}
    idle = [
        name
        for (name, column), _ in DEVIATIONS.items()
        if name in by_label and not differs(by_label[name], column, deviations={})
    ]

    assert idle == []


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_every_operation_in_scope_is_declared(version: str) -> None:
    ours = {(operation.method, shape(operation.path)) for operation in OPERATIONS if operation.version == version}
    missing = [
        f"{version} {method} {path}"
        for method, path in operations(version)
        if in_scope(path) and (method, shape(path)) not in ours
    ]

    assert missing == []


def in_scope(path: str) -> bool:
    inside = any(path == begin or path.startswith(f"{begin}/") for begin in ISSUE_SCOPE)
    return inside and not any(part in path for part in OUT_OF_SCOPE)


def disagreements(operation: Operation) -> list[str]:
    if documented(operation.version, operation.method, operation.path) is None:
        return [f"{label(operation)} ({domain(operation)}): the contract has no such operation"]
    return [fault for column in COLUMNS if (fault := differs(operation, column, DEVIATIONS))]


def differs(operation: Operation, column: str, deviations: dict[tuple[str, str], tuple[object, str]]) -> str | None:
    """What one column of the declaration says otherwise than the contract; None when they agree."""
    theirs = documented(operation.version, operation.method, operation.path) or {}
    of_ours, of_theirs = COLUMNS[column]
    ours, contracted = of_ours(operation), of_theirs(theirs)
    expected, _ = deviations.get((label(operation), column), (contracted, ""))
    # Q48: the ids of 2026-04 pass beside the contract's own.
    older = theirs.get("x-permissions-2026-04", []) if column == "permissions" else []
    if ours == expected or (older and ours == sorted({*theirs["x-drata-permissions"], *older})):
        return None
    return f"{label(operation)} ({domain(operation)}): {column} are {ours}, documented are {expected}"


def statuses(theirs: dict[str, Any], kind: range) -> list[int]:
    return sorted(status for status in map(int, theirs["responses"]) if status in kind)


def text(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
