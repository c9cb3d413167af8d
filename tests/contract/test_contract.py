"""The helper itself: it must refuse what the contract does not allow."""

from typing import Any

import httpx
import pytest

from tests.contract.contract import check, required, validating

pytestmark = required

TYPE = {"content-type": "application/json; charset=utf-8"}
ENVELOPE = {"name": "NotFoundException", "statusCode": 404, "message": "Not Found", "code": 10030}
ROLE = "/roles/{roleId}"


def test_a_documented_answer_passes() -> None:
    check(httpx.Response(404, json=ENVELOPE, headers=TYPE), "v2", "GET", ROLE)


def test_names_of_path_parameters_are_free() -> None:
    check(httpx.Response(404, json=ENVELOPE, headers=TYPE), "v2", "GET", "/roles/{id}")


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(422, json={**ENVELOPE, "statusCode": 422}, headers=TYPE),
        httpx.Response(404, json={**ENVELOPE, "statusCode": 400}, headers=TYPE),
        httpx.Response(404, json={**ENVELOPE, "message": 1}, headers=TYPE),
        httpx.Response(404, json=ENVELOPE, headers={"content-type": "application/json"}),
        httpx.Response(404, headers=TYPE),
        httpx.Response(200, json={"id": 1}, headers=TYPE),
    ],
    ids=["status", "inner status", "message", "content type", "no body", "schema"],
)
def test_an_undocumented_answer_fails(response: httpx.Response) -> None:
    with pytest.raises((AssertionError, ValueError)):
        check(response, "v2", "GET", ROLE)


def test_version_1_has_no_name() -> None:
    response = httpx.Response(401, json={**ENVELOPE, "statusCode": 401}, headers=TYPE)

    with pytest.raises(AssertionError):
        check(response, "v1", "GET", "/users")


def client(status: int, body: Any) -> httpx.Client:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json=body, headers=TYPE))
    return validating(httpx.Client(transport=transport, base_url="http://server"), "v2")


def test_a_validating_client_finds_the_operation_by_the_address() -> None:
    assert client(404, ENVELOPE).get("/public/v2/roles/role%3AADMIN?size=1").status_code == 404
    with pytest.raises(AssertionError, match="v2 GET /roles/"):
        client(418, ENVELOPE).get("/public/v2/roles/7")


def test_a_validating_client_refuses_a_success_that_the_contract_does_not_know() -> None:
    assert client(404, ENVELOPE).get("/public/v2/nowhere").status_code == 404
    with pytest.raises(AssertionError, match="not in the contract"):
        client(200, {}).get("/public/v2/nowhere")


def test_a_validating_client_leaves_other_versions_alone() -> None:
    assert client(418, {}).get("/public/users").status_code == 418
