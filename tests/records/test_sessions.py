"""Upload sessions: the states and what each allows, what is live meanwhile (custom-data 1.8 under decisions 17, 19)."""

from typing import Any

import httpx
import pytest

from tests.records.cast import Resource, eventually, everything, refused, row

NO_RECORDS = "Cannot complete a session with no data records"


def arrange(resource: Resource, state: str) -> None:
    """Brings the session `run-1` into a state; live data is there in each."""
    if state == "none":
        resource.push("live")
    elif state == "other open":
        resource.push("live")
        resource.stage("run-2", "other")
    elif state == "IN_PROGRESS":
        resource.push("live")
        resource.stage("run-1", "staged")
    elif state == "empty":
        resource.push("live")
        assert resource.upload("run-1", []).json() == []
    elif state == "ACTIVE":
        resource.stage("run-1", "live")
        resource.complete("run-1")
    elif state == "CANCELED":
        resource.push("live")
        resource.stage("run-1", "dropped")
        resource.cancel("run-1")
    elif state == "ARCHIVED":
        resource.stage("run-1", "former")
        resource.complete("run-1")
        resource.stage("run-0", "live")
        resource.complete("run-0")


def happen(resource: Resource, event: str) -> httpx.Response:
    return resource.upload("run-1", [row("new")]) if event == "upload" else resource.act("run-1", event)


# For each state and event: the status, words of the message, the states of run-1 afterwards, the live ids.
TABLE: list[tuple[str, str, int, str, list[str], list[str]]] = [
    ("none", "upload", 200, "", ["IN_PROGRESS"], ["live"]),
    ("none", "complete", 404, "run-1", [], ["live"]),
    ("none", "cancel", 404, "run-1", [], ["live"]),
    ("other open", "upload", 400, "run-2", [], ["live"]),
    ("other open", "complete", 404, "run-1", [], ["live"]),
    ("other open", "cancel", 404, "run-1", [], ["live"]),
    ("IN_PROGRESS", "upload", 200, "", ["IN_PROGRESS"], ["live"]),
    ("IN_PROGRESS", "complete", 200, "", ["ACTIVE"], ["staged"]),
    ("IN_PROGRESS", "cancel", 200, "", ["CANCELED"], ["live"]),
    ("empty", "upload", 200, "", ["IN_PROGRESS"], ["live"]),
    ("empty", "complete", 422, NO_RECORDS, ["IN_PROGRESS"], ["live"]),
    ("empty", "cancel", 200, "", ["CANCELED"], ["live"]),
    ("ACTIVE", "upload", 400, "ACTIVE", ["ACTIVE"], ["live"]),
    ("ACTIVE", "complete", 200, "", ["ACTIVE"], ["live"]),
    ("ACTIVE", "cancel", 422, "ACTIVE", ["ACTIVE"], ["live"]),
    ("CANCELED", "upload", 200, "", ["CANCELED", "IN_PROGRESS"], ["live"]),
    ("CANCELED", "complete", 422, "CANCELED", ["CANCELED"], ["live"]),
    ("CANCELED", "cancel", 422, "CANCELED", ["CANCELED"], ["live"]),
    ("ARCHIVED", "upload", 200, "", ["ARCHIVED", "IN_PROGRESS"], ["live"]),
    ("ARCHIVED", "complete", 422, "ARCHIVED", ["ARCHIVED"], ["live"]),
    ("ARCHIVED", "cancel", 422, "ARCHIVED", ["ARCHIVED"], ["live"]),
]


@pytest.mark.parametrize(
    ("state", "event", "status", "words", "states", "live"), TABLE, ids=[f"{line[0]}-{line[1]}" for line in TABLE]
)
def test_a_session_moves_as_the_table_says(
    devices: Resource, state: str, event: str, status: int, words: str, states: list[str], live: list[str]
) -> None:
    arrange(devices, state)

    answer = happen(devices, event)

    assert answer.status_code == status, answer.text
    assert words in (answer.json()["message"] if status >= 400 else "")
    assert devices.states().get("run-1", []) == states
    assert devices.ids() == live


@pytest.mark.parametrize("state", ["none", "other open", "ACTIVE"])
def test_a_single_record_is_staged_or_refused_as_a_list_is(devices: Resource, state: str) -> None:
    arrange(devices, state)

    answer = devices.upload("run-1", row("new"))

    assert answer.status_code == (201 if state == "none" else 400)


def test_a_session_is_shown_with_its_dates(devices: Resource) -> None:
    devices.stage("run-1", "a")
    devices.complete("run-1")
    devices.stage("run-2", "a")
    devices.cancel("run-2")
    devices.stage("run-3", "a")

    active, canceled, opened = everything(devices.alice, devices.sessions)

    names = {"id", "sessionId", "status", "createdAt", "updatedAt", "activatedAt", "canceledAt"}
    assert set(active) == set(canceled) == set(opened) == names
    assert [shown["sessionId"] for shown in (active, canceled, opened)] == ["run-1", "run-2", "run-3"]
    assert active["createdAt"] <= active["activatedAt"] == active["updatedAt"]
    assert (active["canceledAt"], canceled["activatedAt"]) == (None, None)
    assert canceled["canceledAt"] == canceled["updatedAt"]
    assert (opened["activatedAt"], opened["canceledAt"]) == (None, None)


@pytest.mark.parametrize(("action", "status"), [("complete", "ACTIVE"), ("cancel", "CANCELED")])
def test_an_action_answers_what_became_of_the_session(devices: Resource, action: str, status: str) -> None:
    devices.stage("run-1", "a")

    answer = devices.act("run-1", action)

    assert answer.status_code == 200
    assert answer.json() == {
        "sessionId": "run-1",
        "status": status,
        "action": action,
        "connectionId": devices.connection_id,
        "resourceId": devices.id,
    }


def test_completing_twice_answers_the_same_and_changes_nothing(devices: Resource) -> None:
    devices.stage("run-1", "a", "b")
    first = devices.act("run-1", "complete")
    before = devices.live(), everything(devices.alice, devices.sessions)

    second = devices.act("run-1", "complete")

    assert second.json() == first.json()
    assert (devices.live(), everything(devices.alice, devices.sessions)) == before


def test_the_active_session_stays_so_when_completed_again_after_it_was_emptied(devices: Resource) -> None:
    devices.stage("run-1", "a")
    devices.complete("run-1")
    devices.delete("a")

    assert devices.act("run-1", "complete").json()["status"] == "ACTIVE"


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b'{"action":null}', b'{"action":"COMPLETE"}', b'{"action":"abort"}', b'{"action":7}', b"{"],
)
def test_an_unknown_action_is_refused(devices: Resource, body: bytes) -> None:
    devices.stage("run-1", "a")

    refused(devices.alice.post(f"{devices.sessions}/run-1/actions", content=body), 400)

    assert devices.states() == {"run-1": ["IN_PROGRESS"]}


@pytest.mark.parametrize("session_id", ["abc", "A-z_09", "upload-2025-04-01", "x" * 64, "actions"])
def test_a_session_may_have_such_a_name(devices: Resource, session_id: str) -> None:
    devices.stage(session_id, "a")
    devices.complete(session_id)

    assert devices.live()[0]["sessionId"] == session_id


BAD_NAMES = ["ab", "x" * 65, "a%20b", "a.b", "a%2Fb", "%C3%A4bc", "abc%0A", "%D9%A3%D9%A3%D9%A3"]


def test_no_session_is_opened_under_a_bad_name(shared: Resource) -> None:
    for name in BAD_NAMES:
        refused(shared.upload(name, [row("a")]), 400, "sessionId")
        refused(shared.upload(name, []), 400, "sessionId")

    assert shared.states() == {}


def test_no_action_is_taken_under_a_bad_name(shared: Resource) -> None:
    for name in BAD_NAMES:
        for action in ("complete", "cancel"):
            refused(shared.act(name, action), 400, "sessionId")


def test_staged_records_are_seen_only_by_the_name_of_their_session(devices: Resource) -> None:
    devices.push("live")
    devices.stage("run-1", "a", "b")

    assert devices.ids() == ["live"]
    assert devices.ids(sessionId="run-1") == ["a", "b"]
    assert {record["sessionId"] for record in devices.live(sessionId="run-1")} == {"run-1"}


def test_completing_replaces_all_live_records(devices: Resource) -> None:
    devices.push("direct", "both", level=1)
    devices.stage("run-1", "both", "new", level=2)

    devices.complete("run-1")

    assert devices.live() == devices.live(sessionId="run-1")
    assert [record["attributes"] for record in devices.live()] == [row("both", level=2), row("new", level=2)]
    assert {record["sessionId"] for record in devices.live()} == {"run-1"}


def test_completing_the_next_session_archives_the_former(devices: Resource) -> None:
    for number in (1, 2, 3):
        devices.stage(f"run-{number}", f"of-{number}")
        devices.complete(f"run-{number}")

    assert devices.states() == {"run-1": ["ARCHIVED"], "run-2": ["ARCHIVED"], "run-3": ["ACTIVE"]}
    assert devices.ids() == ["of-3"]
    assert devices.ids(sessionId="run-1") == []


def test_canceling_leaves_the_live_records_alone(devices: Resource) -> None:
    devices.push("a", level=1)
    before = devices.live()
    devices.stage("run-1", "a", "b", level=2)

    devices.cancel("run-1")

    assert devices.live() == before
    assert devices.ids(sessionId="run-1") == []


def test_a_name_can_be_used_again_after_a_failed_run(devices: Resource) -> None:
    devices.stage("daily", "old")
    devices.cancel("daily")
    devices.stage("daily", "new")

    assert devices.ids(sessionId="daily") == ["new"]
    devices.complete("daily")

    assert devices.ids() == ["new"]
    assert devices.states() == {"daily": ["CANCELED", "ACTIVE"]}


def test_a_direct_upload_joins_the_active_session(devices: Resource) -> None:
    devices.push("before")
    assert devices.live()[0]["sessionId"] is None
    devices.stage("run-1", "a")
    devices.complete("run-1")

    devices.push("b", "c")

    assert [(record["id"], record["sessionId"]) for record in devices.live()] == [
        ("a", "run-1"),
        ("b", "run-1"),
        ("c", "run-1"),
    ]
    assert devices.ids(sessionId="run-1") == ["a", "b", "c"]


def test_a_direct_upload_beside_an_open_session_is_live_at_once_and_ends_with_the_completion(devices: Resource) -> None:
    devices.stage("run-1", "staged")
    devices.push("direct")

    assert [(record["id"], record["sessionId"]) for record in devices.live()] == [("direct", None)]
    devices.complete("run-1")

    assert devices.ids() == ["staged"]


def test_live_and_staged_records_of_one_id_are_two(devices: Resource) -> None:
    devices.push("a", level=1)

    staged_first = devices.upload("run-1", row("a", level=2))
    staged_again = devices.upload("run-1", row("a", level=3))
    live_again = devices.post(row("a", level=4))
    staged_only = [devices.upload("run-1", row("b")).status_code, devices.post(row("b")).status_code]

    assert [staged_first.status_code, staged_again.status_code, live_again.status_code] == [201, 200, 200]
    assert staged_only == [201, 201]
    assert devices.attributes("a")["level"] == 4
    devices.complete("run-1")
    assert devices.attributes("a")["level"] == 3


def test_a_record_sent_again_in_a_new_session_starts_anew(devices: Resource) -> None:
    devices.push("a")
    (before,) = devices.live()
    devices.stage("run-1", "a")
    devices.complete("run-1")

    assert devices.live()[0]["createdAt"] > before["createdAt"]


def test_rejected_records_are_not_staged(devices: Resource) -> None:
    answer = devices.upload("run-1", [row("a"), {"id": "b"}])

    assert [item["statusCode"] for item in answer.json()] == [201, 400]
    assert devices.ids(sessionId="run-1") == ["a"]


def test_a_session_of_rejected_records_cannot_be_completed(devices: Resource) -> None:
    devices.push("live")
    assert devices.upload("run-1", [{"id": "a"}]).json()[0]["statusCode"] == 400

    refused(devices.act("run-1", "complete"), 422, NO_RECORDS)

    assert devices.ids() == ["live"]
    devices.stage("run-1", "a")
    devices.complete("run-1")


def test_a_batch_sent_twice_into_a_session_is_there_once(devices: Resource) -> None:
    rows: list[Any] = [row("a"), row("b")]

    first, second = devices.upload("run-1", rows), devices.upload("run-1", rows)

    assert [item["statusCode"] for item in first.json()] == [201, 201]
    assert [item["statusCode"] for item in second.json()] == [200, 200]
    assert devices.ids(sessionId="run-1") == ["a", "b"]


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("IN_PROGRESS", ["open"]),
        ("ACTIVE", ["second"]),
        ("CANCELED", ["given-up"]),
        ("CANCELLED", ["given-up"]),
        ("ARCHIVED", ["first"]),
    ],
)
def test_sessions_are_found_by_their_state(devices: Resource, status: str, found: list[str]) -> None:
    for name in ("first", "second"):
        devices.stage(name, "a")
        devices.complete(name)
    devices.stage("given-up", "a")
    devices.cancel("given-up")
    devices.stage("open", "a")

    shown = everything(devices.alice, devices.sessions, status=status)

    assert [session["sessionId"] for session in shown] == found
    assert {session["status"] for session in shown} == {status.replace("LL", "L")}


def test_sessions_are_not_found_by_an_unknown_state(shared: Resource) -> None:
    for status in ("DONE", "active", "", "1"):
        refused(shared.alice.get(shared.sessions, params={"status": status}), 400, "status")


def test_superseded_and_canceled_rows_are_removed_from_the_database(devices: Resource) -> None:
    devices.push(*(f"direct-{number}" for number in range(200)))
    devices.stage("run-1", *(f"first-{number}" for number in range(200)))
    devices.complete("run-1")
    devices.stage("run-2", "canceled")
    devices.cancel("run-2")
    devices.stage("run-3", "last")
    devices.complete("run-3")

    eventually(lambda: len(devices.datasets()) == 1)

    assert devices.rows_kept(devices.datasets()) == 1
    assert devices.ids() == ["last"]
