"""Made-up requests against the running server, by its own description: every answer must be a described one."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.factories import Account, World
from trustwright.app import OPERATIONS
from trustwright.http.openapi import document
from trustwright.http.operations import Version

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance, content_type_conformance]


def described(version: Version) -> dict[str, Any]:
    """The document; of a long enumeration in the query only the begin, for each of its values is tried."""
    found = document(version, OPERATIONS)
    for operation in (each for path in found["paths"].values() for each in path.values()):
        for parameter in operation["parameters"]:
            if "enum" in parameter["schema"]:
                parameter["schema"]["enum"] = parameter["schema"]["enum"][:10]
    return found


SCHEMAS = {version: schemathesis.openapi.from_dict(described(version)) for version in Version}

within_bounds = settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Seeded:
    """An account with something at every path, and the ids that lead there."""

    def __init__(self, account: Account) -> None:
        self.key = account.alice.headers["Authorization"]
        event = account.alice.get("/public/v2/events").json()["data"][0]
        self.ids: dict[str, Any] = {
            "id": account.alice_id,
            "userId": account.alice_id,
            "email": account.alice_email,
            "roleId": "role:ADMIN",
            "eventId": event["id"],
        }
        self._connect(account)

    def _connect(self, account: Account) -> None:
        given = {
            "name": "Door locks",
            "providerTypes": ["CUSTOM"],
            "workspaceIds": [account.workspace_id],
            "displayNameKey": "name",
            "sampleData": {"name": "Front", "locked": True},
        }
        connection = account.alice.post("/public/v2/custom-connections", json=given).raise_for_status().json()
        resource = connection["customResources"][0]
        self.ids |= {"connectionId": connection["id"], "resourceId": resource["id"], "recordId": "front"}
        records = f"/public/v2/custom-connections/{connection['id']}/resources/{resource['id']}"
        item = {"data": {"id": "front", "name": "Front", "locked": True}}
        account.alice.post(f"{records}/records", json=item).raise_for_status()
        account.alice.post(f"{records}/sessions/night", json=item).raise_for_status()
        self.ids["sessionId"] = "night"


@pytest.fixture
def seeded(world: World) -> Seeded:
    return Seeded(world.account("Acme"))


def perform(case: Case[Any], seeded: Seeded, address: str) -> None:
    if case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE:
        # A made-up id leads nowhere, a made-up cursor is refused; what is meant to be wrong stays as it is.
        case.query.pop("cursor", None)
        case.path_parameters |= {name: seeded.ids[name] for name in case.path_parameters if name in seeded.ids}
    case.call_and_validate(base_url=address, headers={"Authorization": seeded.key}, checks=CHECKS)


@SCHEMAS[Version.V1].parametrize()
@within_bounds
def test_version_1(case: Case[Any], seeded: Seeded, world: World) -> None:
    perform(case, seeded, f"{world.address}/public")


@SCHEMAS[Version.V2].parametrize()
@within_bounds
def test_version_2(case: Case[Any], seeded: Seeded, world: World) -> None:
    perform(case, seeded, f"{world.address}/public/v2")
