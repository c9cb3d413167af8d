"""Real answers against the contract: what the guards answer on every operation, and every GET that needs no records."""

import re
from typing import Any

import httpx
import pytest

from tests.contract.contract import domain, label, required, validating
from tests.factories import Account
from trustwright.app import OPERATIONS
from trustwright.http.openapi import SERVERS, document
from trustwright.http.operations import Operation, Version

pytestmark = required

DOCUMENTS = {version: document(version, OPERATIONS) for version in Version}

CONTRACTED = [operation for operation in OPERATIONS if not operation.extension]
READS = [each for each in CONTRACTED if each.method == "GET" and domain(each) in ("accounts", "events")]


def parameters(operation: Operation) -> dict[str, dict[str, Any]]:
    """The schemas of an operation's query."""
    found = DOCUMENTS[operation.version]["paths"][operation.path][operation.method.lower()]["parameters"]
    return {parameter["name"]: parameter["schema"] for parameter in found if parameter["in"] == "query"}


def over(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=label)


every_operation = over(CONTRACTED)
every_entitled_operation = over([each for each in CONTRACTED if each.entitlement])
every_read = over(READS)
every_expanding_read = over([each for each in READS if "expand[]" in parameters(each)])
every_numbered_list = over([each for each in READS if "page" in parameters(each)])
every_cursor_list = over([each for each in READS if "cursor" in parameters(each)])
every_read_of_one = over([each for each in READS if "{" in each.path])


def send(client: httpx.Client, operation: Operation, path: str | None = None, query: Any = None) -> httpx.Response:
    """One request of an operation, its answer checked against the contract."""
    address = SERVERS[operation.version] + (path or re.sub(r"\{\w+\}", "1", operation.path))
    return validating(client, operation.version).request(operation.method, address, params=query)


def path_of(operation: Operation, account: Account) -> str:
    """The operation's path to something that exists in the account."""
    first = account.alice.get("/public/v2/events").json()["data"][0]["id"] if "{eventId}" in operation.path else ""
    values = {
        "id": account.alice_id,
        "userId": account.alice_id,
        "email": account.alice_email,
        "roleId": "role:ADMIN",
        "eventId": first,
    }
    return operation.path.format(**values)


@every_operation
def test_without_a_key_401(acme: Account, operation: Operation) -> None:
    assert send(acme.client(None), operation).status_code == 401


@every_operation
def test_before_the_terms_412(acme: Account, operation: Operation) -> None:
    acme.plan(terms_accepted=False)

    assert send(acme.alice, operation).status_code == 412


@every_entitled_operation
def test_without_the_plan_402(acme: Account, operation: Operation) -> None:
    acme.plan(entitlements=[])

    assert send(acme.alice, operation).status_code == 402


@every_operation
def test_without_the_permission_403(acme: Account, operation: Operation) -> None:
    _, key = acme.key()

    assert send(acme.client(key), operation).status_code == 403


@every_operation
def test_with_each_permission_alone_it_passes(acme: Account, operation: Operation) -> None:
    for permission in operation.permissions:
        _, key = acme.key(permission)

        assert send(acme.client(key), operation).status_code not in (401, 402, 403, 412)


@every_read
def test_it_answers_as_documented(acme: Account, operation: Operation) -> None:
    acme.user("bob@acme.test", first_name="Bob")
    acme.user("carol@acme.test", first_name="Carol", last_name="Cole")

    assert send(acme.alice, operation, path_of(operation, acme)).status_code == 200


@every_expanding_read
def test_with_every_expansion_too(acme: Account, operation: Operation) -> None:
    schema = parameters(operation)["expand[]"]["items"]
    schema = DOCUMENTS[operation.version]["components"]["schemas"].get(schema.get("$ref", "").split("/")[-1], schema)

    response = send(acme.alice, operation, path_of(operation, acme), {"expand[]": schema["enum"]})

    assert response.status_code == 200


@every_cursor_list
def test_a_list_by_cursor_ends_with_null(acme: Account, operation: Operation) -> None:
    acme.user("bob@acme.test")
    path, query = path_of(operation, acme), {"size": 1, "includeTotalCount": "true"}
    seen = []
    page = send(acme.alice, operation, path, query).json()
    total = page["pagination"]["totalCount"]
    while page["pagination"]["cursor"] is not None:
        seen += page["data"]
        page = send(acme.alice, operation, path, {**query, "cursor": page["pagination"]["cursor"]}).json()
        assert len(page["data"]) == 1
    assert len(seen + page["data"]) == total
    assert send(acme.alice, operation, path, {"size": 0}).status_code == 400


@every_numbered_list
def test_a_list_by_number_is_empty_past_its_end(acme: Account, operation: Operation) -> None:
    acme.user("bob@acme.test")
    path = path_of(operation, acme)

    first = send(acme.alice, operation, path, {"limit": 1}).json()
    past = send(acme.alice, operation, path, {"limit": 50, "page": 2}).json()

    assert (len(first["data"]), first["page"], first["limit"]) == (1, 1, 1)
    assert (past["data"], past["page"], past["limit"], past["total"]) == ([], 2, 50, first["total"])
    assert send(acme.alice, operation, path, {"limit": 51}).status_code == 400


@every_read_of_one
def test_an_unknown_object_is_answered_as_documented(acme: Account, operation: Operation) -> None:
    for unknown in ("2147483647", "2147483648", "0", "abc", "-1", "1.0", "%00", "%ff"):
        path = re.sub(r"\{\w+\}", unknown, operation.path)

        assert send(acme.alice, operation, path).status_code in (400, 404), path
