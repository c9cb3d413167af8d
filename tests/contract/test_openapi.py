from datetime import datetime
from typing import Any

import httpx
import jsonschema_rs
import msgspec
import pytest

from tests.contract.contract import label
from tests.factories import World
from trustwright.app import OPERATIONS
from trustwright.http.openapi import Undescribed, document
from trustwright.http.operations import Call, Operation, Reply, Version
from trustwright.http.wire import Id, Wire

DOCUMENTS = {version: document(version, OPERATIONS) for version in Version}

every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=label)


class Leaf(Wire, frozen=True):
    id: int
    next: "Leaf | None"


class Filters(Wire, frozen=True):
    expand: tuple[str, ...] = ()
    since: datetime | None = None


class Place(Wire, frozen=True):
    leaf_id: Id


async def get_leaf(call: Call, path: Place, filters: Filters) -> Leaf:
    """Shows a `leaf` (Q1)."""
    raise NotImplementedError


async def raw(call: Call, body: bytes) -> Reply:
    raise NotImplementedError


def operation(**changes: Any) -> Operation:
    given = {"method": "GET", "path": "/leaves/{leafId}", "handler": get_leaf, **changes}
    return Operation(version=Version.V2, permissions=(), **given)


def described(one: Operation) -> dict[str, Any]:
    return next(iter(document(Version.V2, [one])["paths"][one.path].values()))


def test_parameters_come_from_the_path_and_the_filters() -> None:
    found = {parameter["name"]: parameter for parameter in described(operation())["parameters"]}

    assert found["leafId"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
    assert found["expand[]"]["explode"] is True
    assert found["since"] == {
        "name": "since",
        "in": "query",
        "required": False,
        "schema": {"type": "string", "format": "date-time"},
    }


def test_parameters_come_from_the_declared_headers() -> None:
    class Headers(Wire, frozen=True, rename="kebab"):
        x_session_id: str | None = None

    found = described(operation(headers=Headers))["parameters"]

    assert ("x-session-id", "header") in [(parameter["name"], parameter["in"]) for parameter in found]


def test_a_summary_keeps_our_sources_to_ourselves() -> None:
    assert described(operation())["summary"] == "Shows a leaf"


def test_an_example_of_a_schema_within_itself_ends() -> None:
    shown = described(operation())["responses"]["200"]["content"]["application/json"]["example"]

    assert shown == {"id": 1, "next": None}


def test_an_unlisted_400_makes_a_malformed_id_a_404() -> None:
    assert "404" in described(operation(errors=()))["responses"]
    assert "404" not in described(operation(errors=(400,)))["responses"]


def test_a_body_may_always_be_malformed_or_too_large() -> None:
    assert {"400", "413"} <= set(described(operation(body=Leaf))["responses"])


@pytest.mark.parametrize("missing", [{"body": Leaf}, {"answers": {200: Leaf}}])
def test_raw_bodies_and_replies_must_be_described(missing: dict[str, Any]) -> None:
    with pytest.raises(Undescribed):
        document(Version.V2, [operation(method="POST", path="/raw", handler=raw, **missing)])


def test_every_operation_of_a_version_is_in_its_document() -> None:
    for version, found in DOCUMENTS.items():
        names = [each["operationId"] for path in found["paths"].values() for each in path.values()]

        assert len(names) == len(set(names)) == sum(operation.version is version for operation in OPERATIONS)


@every_operation
def test_examples_fit_their_schemas(operation: Operation) -> None:
    found = DOCUMENTS[operation.version]
    each = found["paths"][operation.path][operation.method.lower()]
    parts = [each.get("requestBody", {}), *(each["responses"][str(status)] for status in operation.success)]
    for content in [content for part in parts for content in part.get("content", {}).values()]:
        schema = {**content["schema"], "components": found["components"]}
        faults = [*jsonschema_rs.Draft202012Validator(schema, validate_formats=True).iter_errors(content["example"])]

        assert not faults, [f"{error.instance_path}: {error.message}" for error in faults]


@every_operation
def test_an_operation_names_its_permission_its_plan_and_its_errors(operation: Operation) -> None:
    each = DOCUMENTS[operation.version]["paths"][operation.path][operation.method.lower()]

    assert each["x-permissions"] == [permission.value for permission in operation.permissions]
    assert all(permission.label in each["description"] for permission in operation.permissions)
    assert each.get("x-entitlement") == operation.entitlement
    assert each.get("x-extension", False) is operation.extension
    assert {str(status) for status in (*operation.success, *operation.statuses)} <= set(each["responses"])


@pytest.mark.parametrize("version", Version)
def test_every_reference_leads_somewhere(version: Version) -> None:
    found = DOCUMENTS[version]
    references = set(_references(found))

    assert all(_at(found, reference) is not None for reference in references)
    assert {name for name in found["components"]["schemas"] if not name.isidentifier()} == set()


@pytest.mark.parametrize("version", Version)
def test_the_server_gives_the_document(world: World, version: Version) -> None:
    response = httpx.get(f"{world.address}/openapi/{version}.json")

    assert response.headers["content-type"].startswith("application/json")
    assert response.json() == msgspec.json.decode(msgspec.json.encode(DOCUMENTS[version]))


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    return [found for item in node for found in _references(item)] if isinstance(node, list) else []


def _at(found: Any, reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found
