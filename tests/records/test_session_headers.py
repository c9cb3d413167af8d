"""Sessions of version 1, which are named in headers (Q46, custom-data 1.7)."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.factories import Account
from tests.records.cast import Resource, refused, row
from trustwright.errors import Invalid
from trustwright.records.headers import SessionHeaders

ID, COMPLETE, ABORT = "X-Session-ID", "X-Session-Complete", "X-Session-Abort"


def post(resource: Resource, data: Any, **headers: str) -> httpx.Response:
    """An upload of version 1; `id`, `complete` and `abort` are its headers."""
    names = {"id": ID, "complete": COMPLETE, "abort": ABORT}
    named = {names[name]: value for name, value in headers.items()}
    return resource.alice.post(resource.records_v1, json={"data": data}, headers=named)


def staged(resource: Resource) -> Resource:
    """`run-1` is open with record `a`; `live` is live."""
    resource.push("live")
    resource.stage("run-1", "a")
    return resource


@pytest.mark.parametrize(
    ("headers", "session_id", "complete", "abort"),
    [
        ({}, None, False, False),
        ({ID: ""}, None, False, False),
        ({ID: "  "}, None, False, False),
        ({ID: "run-1"}, "run-1", False, False),
        ({ID: "run-1", COMPLETE: "false", ABORT: "false"}, "run-1", False, False),
        ({ID: "run-1", COMPLETE: "true", ABORT: "false"}, "run-1", True, False),
        ({ID: "run-1", COMPLETE: "TRUE"}, "run-1", True, False),
        ({ID: "run-1", COMPLETE: " True "}, "run-1", True, False),
        ({ID: "run-1", COMPLETE: "1", ABORT: "yes"}, "run-1", False, False),
        ({ID: "run-1", COMPLETE: "", ABORT: ""}, "run-1", False, False),
        ({ID: "run-1", ABORT: "true"}, "run-1", False, True),
        ({COMPLETE: "false", ABORT: "no"}, None, False, False),
    ],
)
def test_only_the_word_true_means_yes(
    headers: Mapping[str, str], session_id: str | None, complete: bool, abort: bool
) -> None:
    found = SessionHeaders.of(httpx.Headers(headers))

    assert (found.session_id, found.complete, found.abort) == (session_id, complete, abort)


@pytest.mark.parametrize(
    "headers",
    [
        {ID: "run-1", COMPLETE: "true", ABORT: "true"},
        {COMPLETE: "true", ABORT: "true"},
        {COMPLETE: "true"},
        {ABORT: "true"},
        {ID: "", COMPLETE: "true"},
        {ID: "", ABORT: "True"},
    ],
)
def test_ends_that_fit_no_session_are_refused(shared: Resource, headers: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        SessionHeaders.of(httpx.Headers(headers))
    refused(shared.alice.post(shared.records_v1, json={"data": row("a")}, headers=headers), 400, "X-Session")

    assert (shared.ids(), shared.states()) == ([], {})


def test_without_headers_records_are_live_at_once(devices: Resource) -> None:
    answers = post(devices, row("a")), post(devices, [row("a"), row("b")], complete="false", abort="false", id="")

    assert [answer.status_code for answer in answers] == [201, 200]
    assert devices.ids() == ["a", "b"]
    assert devices.states() == {}


def test_an_id_stages(devices: Resource) -> None:
    answers = [
        post(devices, row("a"), id="run-1", complete="false", abort="false"),
        post(devices, [row("a"), row("b")], id="run-1"),
    ]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert [item["statusCode"] for item in answers[1].json()] == [200, 201]
    assert devices.ids() == []
    assert devices.ids(sessionId="run-1") == ["a", "b"]


def test_an_upload_may_be_staged_and_completed_at_once(devices: Resource) -> None:
    staged(devices)

    answer = post(devices, [row("b")], id="run-1", complete="true")

    assert (answer.status_code, [item["statusCode"] for item in answer.json()]) == (200, [201])
    assert devices.ids() == ["a", "b"]
    assert devices.states() == {"run-1": ["ACTIVE"]}


def test_one_upload_may_be_a_whole_session(devices: Resource) -> None:
    devices.push("live")

    assert post(devices, row("a"), id="run-1", complete="True").status_code == 201

    assert devices.ids() == ["a"]
    assert devices.states() == {"run-1": ["ACTIVE"]}


def test_a_session_is_completed_by_an_empty_list(devices: Resource) -> None:
    staged(devices)

    answer = post(devices, [], id="run-1", complete="true")

    assert (answer.status_code, answer.json()) == (200, [])
    assert devices.ids() == ["a"]
    assert devices.states() == {"run-1": ["ACTIVE"]}


def test_completing_the_active_session_again_by_an_empty_list_changes_nothing(devices: Resource) -> None:
    staged(devices)
    devices.complete("run-1")

    answer = post(devices, [], id="run-1", complete="true")

    assert (answer.status_code, answer.json()) == (200, [])
    assert devices.states() == {"run-1": ["ACTIVE"]}


def test_completing_the_active_session_again_is_no_error_beside_an_open_one(devices: Resource) -> None:
    staged(devices)
    devices.complete("run-1")
    devices.stage("run-2", "b")

    assert post(devices, [], id="run-1", complete="true").status_code == 200

    assert devices.states() == {"run-1": ["ACTIVE"], "run-2": ["IN_PROGRESS"]}


def test_completing_an_unknown_session_by_an_empty_list_opens_none(devices: Resource) -> None:
    refused(post(devices, [], id="run-1", complete="true"), 404)

    assert devices.states() == {}


def test_an_empty_session_cannot_be_completed(devices: Resource) -> None:
    assert post(devices, [], id="run-1").status_code == 200

    refused(post(devices, [], id="run-1", complete="true"), 400, "no data records")

    assert devices.states() == {"run-1": ["IN_PROGRESS"]}


def test_an_ended_session_is_not_completed_by_an_empty_list(devices: Resource) -> None:
    staged(devices)
    devices.cancel("run-1")

    refused(post(devices, [], id="run-1", complete="true"), 400)

    assert devices.states() == {"run-1": ["CANCELED"]}
    assert devices.ids() == ["live"]


def test_a_rejected_row_keeps_the_session_open(devices: Resource) -> None:
    staged(devices)

    answer = post(devices, [row("b"), {"id": "c"}], id="run-1", complete="true")

    assert [item["statusCode"] for item in answer.json()] == [201, 400]
    assert devices.ids() == ["live"]
    assert devices.ids(sessionId="run-1") == ["a", "b"]
    assert devices.states() == {"run-1": ["IN_PROGRESS"]}


def test_a_single_rejected_row_keeps_the_session_open(devices: Resource) -> None:
    staged(devices)

    refused(post(devices, {"id": "b"}, id="run-1", complete="true"), 400, code=28022)

    assert devices.states() == {"run-1": ["IN_PROGRESS"]}
    assert devices.ids() == ["live"]


@pytest.mark.parametrize("body", [b'{"data":[{"name":"x"}]}', b'{"data":[]}', b"", b"{", b"\xff", b"[" * 10_000])
def test_abort_cancels_and_ignores_the_body(devices: Resource, body: bytes) -> None:
    staged(devices)

    answer = devices.alice.post(devices.records_v1, content=body, headers={ID: "run-1", ABORT: "true"})

    assert answer.status_code == 200, answer.text
    assert devices.ids() == ["live"]
    assert devices.states() == {"run-1": ["CANCELED"]}


@pytest.mark.parametrize(("state", "status"), [("none", 404), ("ACTIVE", 400), ("CANCELED", 400)])
def test_abort_of_a_session_that_is_not_open_is_refused(devices: Resource, state: str, status: int) -> None:
    if state != "none":
        staged(devices)
        devices.act("run-1", "complete" if state == "ACTIVE" else "cancel")
    before = devices.ids()

    refused(post(devices, [], id="run-1", abort="true"), status)

    assert devices.ids() == before


@pytest.mark.parametrize("end", ["", "Complete", "Abort"])
def test_a_bad_name_is_refused(shared: Resource, end: str) -> None:
    ends = {f"X-Session-{end}".encode(): b"true"} if end else {}

    for name in ("ab", "x" * 65, "a b", "a/b", "run.1", "\u00e4bc"):
        headers = {ID.encode(): name.encode(), **ends}
        refused(shared.alice.post(shared.records_v1, json={"data": [row("a")]}, headers=headers), 400)

    assert shared.states() == {}


def test_an_upload_beside_an_open_session_is_refused_and_told_its_name(devices: Resource) -> None:
    staged(devices)

    refused(post(devices, [row("b")], id="run-2"), 400, "run-1")


def test_both_versions_see_the_same_sessions(devices: Resource) -> None:
    post(devices, [row("a")], id="run-1")
    devices.stage("run-1", "b")
    devices.complete("run-1")
    devices.stage("run-2", "c")
    post(devices, [], id="run-2", complete="true")

    assert devices.ids() == ["c"]
    assert devices.states() == {"run-1": ["ARCHIVED"], "run-2": ["ACTIVE"]}


def test_the_long_prefix_of_version_1_does_the_same(acme: Account, devices: Resource) -> None:
    long = devices.records_v1.replace("/public/", "/public/v1/")

    answer = acme.alice.post(long, json={"data": row("a")}, headers={ID: "run-1", COMPLETE: "true"})

    assert answer.status_code == 201
    assert acme.alice.put(f"{long}/a", json={"data": {"level": 1}}).json() == {"id": "a"}
    assert acme.alice.delete(f"{long}/a").status_code == 200
