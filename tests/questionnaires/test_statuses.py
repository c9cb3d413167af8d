"""Every error status that an operation of this domain declares, provoked (decisions 2 and 3, Q6)."""

from typing import Any

import httpx
import pytest

from tests.contract.contract import label
from tests.documents import pdf
from tests.questionnaires.cast import TEMPLATES, Desk, question
from tests.records.cast import refused
from trustwright.http.openapi import error_statuses
from trustwright.http.operations import Operation
from trustwright.questionnaires.api_v2 import operations

NOBODYS = 2**31 - 1
BAD_IDS = ["0", "-1", "1.0", "abc", str(2**31), "%00", "%FF"]
FILES = [("files", ("report.pdf", pdf("x")))]

every_operation = pytest.mark.parametrize("operation", operations, ids=label)
every_path = pytest.mark.parametrize("operation", [each for each in operations if "{" in each.path], ids=label)
every_list = pytest.mark.parametrize("operation", [each for each in operations if "filters" in each.hints], ids=label)


def address(operation: Operation, desk: Desk, sent_id: int = 1, *, ids: dict[str, Any] | None = None) -> str:
    """The operation's path; to what is there, where nothing else is said."""
    there = {
        "vendorId": desk.vendor_id,
        "securityReviewId": desk.review_id,
        "templateId": desk.template["id"],
        "questionnaireId": sent_id,
    }
    return f"/public/v2{operation.path.format(**there | (ids or {}))}"


def ask(client: httpx.Client, operation: Operation, desk: Desk, path: str, **more: Any) -> httpx.Response:
    """A request whose form is good."""
    good: dict[str, Any] = {}
    if operation.handler.__name__ == "send_questionnaire":
        good = {"json": desk.sending()}
    elif "body" in operation.hints:
        good = {"json": {"title": "New", "questions": [question("a")]}}
    elif "form" in operation.hints:
        good = {"files": FILES}
    return client.request(operation.method, path, **(more or good))


def parameters(operation: Operation) -> list[str]:
    return [part.strip("{}") for part in operation.path.split("/") if part.startswith("{")]


@every_operation
def test_a_good_request_succeeds(desk: Desk, operation: Operation) -> None:
    path = address(operation, desk, desk.send()["id"])

    answer = ask(desk.alice, operation, desk, path)

    assert answer.status_code == operation.success[0], answer.text


@every_operation
def test_what_each_operation_declares_is_what_is_tested_here(operation: Operation) -> None:
    tested = {400, 401, 403, 404, 412, 413, 422, 500}

    assert set(error_statuses(operation)) <= tested


@every_operation
def test_without_a_key_401(desk: Desk, operation: Operation) -> None:
    refused(ask(desk.account.client(None), operation, desk, address(operation, desk)), 401)


@every_operation
def test_before_the_terms_412(desk: Desk, operation: Operation) -> None:
    desk.account.plan(terms_accepted=False)

    refused(ask(desk.alice, operation, desk, address(operation, desk)), 412)


@every_operation
def test_without_its_permission_403_and_with_that_alone_not(desk: Desk, operation: Operation) -> None:
    path = address(operation, desk, desk.send()["id"])
    _, none = desk.account.key()
    _, fitting = desk.account.key(operation.permissions[0])

    refused(ask(desk.account.client(none), operation, desk, path), 403, operation.permissions[0].label)
    assert ask(desk.account.client(fitting), operation, desk, path).is_success


@every_path
def test_what_does_not_exist_404(shared: Desk, operation: Operation) -> None:
    for name in parameters(operation):
        path = address(operation, shared, NOBODYS, ids={name: NOBODYS})

        refused(ask(shared.alice, operation, shared, path), 404)


@every_path
@pytest.mark.parametrize("bad", BAD_IDS)
def test_an_id_that_cannot_be_one_400(shared: Desk, operation: Operation, bad: str) -> None:
    for name in parameters(operation):
        refused(ask(shared.alice, operation, shared, address(operation, shared, ids={name: bad})), 400)


@every_list
@pytest.mark.parametrize("query", ["size=0", "size=501", "cursor=x", "sort=name", "sortDir=up", "includeTotalCount=7"])
def test_a_bad_query_400(shared: Desk, operation: Operation, query: str) -> None:
    refused(shared.alice.get(f"{address(operation, shared)}?{query}"), 400)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
@pytest.mark.parametrize("operation", [each for each in operations if "body" in each.hints], ids=label)
def test_a_body_that_is_no_object_400(shared: Desk, operation: Operation, body: bytes) -> None:
    refused(ask(shared.alice, operation, shared, address(operation, shared), content=body), 400)


@pytest.mark.parametrize("operation", [each for each in operations if "body" in each.hints], ids=label)
def test_a_body_over_the_limit_413(shared: Desk, operation: Operation) -> None:
    huge = b" " * (5 * 1024 * 1024 + 1)

    refused(ask(shared.alice, operation, shared, address(operation, shared), content=huge), 413)


def test_a_template_is_named_in_its_list_by_the_same_path(shared: Desk) -> None:
    assert shared.alice.get(TEMPLATES).json()["data"][0]["id"] == shared.template["id"]
