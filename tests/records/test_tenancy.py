"""What belongs to another account does not exist, and stays as it is (decisions 2)."""

from typing import Any

import pytest

from tests.factories import Account
from tests.records.cast import CONNECTIONS, Resource, checked, connect, everything, new_connection, refused, row

NOBODYS = 2**31 - 1


@pytest.fixture
def theirs(globex: Account) -> Resource:
    """Globex's resource, with a live record `a` and the open session `run-2`."""
    resource = connect(globex)
    resource.stage("run-1", "a")
    resource.complete("run-1")
    resource.stage("run-2", "b")
    return resource


def state(resource: Resource) -> Any:
    sessions = everything(resource.alice, resource.sessions)
    connections = resource.alice.get(CONNECTIONS, params={"expand[]": "customResources"}).json()
    return connections, sessions, resource.live(), resource.live(sessionId="run-2")


def requests(connection_id: int, resource_id: int) -> list[tuple[str, str, Any]]:
    """A request of each operation below a connection."""
    connection = f"{CONNECTIONS}/{connection_id}"
    resource = f"{connection}/resources/{resource_id}"
    v1 = resource.replace("/v2/", "/")
    return [
        ("GET", f"{resource}/records", None),
        ("GET", f"{resource}/records?sessionId=run-2", None),
        ("POST", f"{resource}/records", {"data": row("a", level=7)}),
        ("POST", f"{resource}/records", {"data": []}),
        ("PUT", f"{resource}/records/a", {"data": {"level": 7}}),
        ("DELETE", f"{resource}/records/a", None),
        ("GET", f"{resource}/sessions", None),
        ("POST", f"{resource}/sessions/run-2", {"data": row("b", level=7)}),
        ("POST", f"{resource}/sessions/run-3", {"data": []}),
        ("POST", f"{resource}/sessions/run-2/actions", {"action": "complete"}),
        ("POST", f"{resource}/sessions/run-2/actions", {"action": "cancel"}),
        ("POST", f"{v1}/records", {"data": row("a", level=7)}),
        ("PUT", f"{v1}/records/a", {"data": {"level": 7}}),
        ("DELETE", f"{v1}/records/a", None),
    ]


def on_connection(connection_id: int) -> list[tuple[str, str, Any]]:
    path = f"{CONNECTIONS}/{connection_id}"
    return [("GET", path, None), ("PUT", path, {"clientAlias": "ours"}), ("DELETE", path, None)]


def answers(resource: Resource, asked: list[tuple[str, str, Any]]) -> list[tuple[int, str]]:
    """Status and message of each answer."""
    found = [resource.alice.request(method, path, json=body) for method, path, body in asked]
    return [(answer.status_code, answer.json()["message"]) for answer in found]


def test_a_connection_of_another_account_is_like_one_that_never_was(devices: Resource, theirs: Resource) -> None:
    before = state(theirs)

    of_theirs = answers(devices, on_connection(theirs.connection_id))
    of_nobodys = answers(devices, on_connection(NOBODYS))

    assert {status for status, _ in of_theirs} == {404}
    assert [(status, text.replace(str(theirs.connection_id), str(NOBODYS))) for status, text in of_theirs] == of_nobodys
    assert state(theirs) == before


def test_a_resource_of_another_account_is_like_one_that_never_was(devices: Resource, theirs: Resource) -> None:
    before = state(theirs)

    of_theirs = answers(devices, requests(theirs.connection_id, theirs.id))
    of_nobodys = answers(devices, requests(NOBODYS, theirs.id))

    assert {status for status, _ in of_theirs} == {404}
    assert [(status, text.replace(str(theirs.connection_id), str(NOBODYS))) for status, text in of_theirs] == of_nobodys
    assert state(theirs) == before


def test_a_resource_of_another_account_is_not_found_through_an_own_connection(
    devices: Resource, theirs: Resource
) -> None:
    before = state(theirs)

    assert {status for status, _ in answers(devices, requests(devices.connection_id, theirs.id))} == {404}
    assert {status for status, _ in answers(devices, requests(theirs.connection_id, devices.id))} == {404}

    assert state(theirs) == before
    assert devices.ids() == []


def test_a_resource_is_not_found_through_another_connection_of_its_account(devices: Resource) -> None:
    other = connect(devices.account)
    devices.push("a")

    assert {status for status, _ in answers(devices, requests(other.connection_id, devices.id))} == {404}

    assert devices.ids() == ["a"]


def test_lists_show_only_connections_of_the_account(devices: Resource, theirs: Resource) -> None:
    for resource in (devices, theirs):
        shown = everything(resource.alice, CONNECTIONS, **{"expand[]": "customResources"})
        assert [connection["id"] for connection in shown] == [resource.connection_id]


def test_a_cursor_of_another_account_shows_nothing_of_it(devices: Resource, theirs: Resource) -> None:
    theirs.push("c", "d")
    cursor = theirs.alice.get(f"{theirs.records}?size=1").json()["pagination"]["cursor"]

    refused(devices.alice.get(f"{devices.records}?cursor={cursor}"), 400)


def test_the_same_ids_in_two_accounts_are_different_records_and_sessions(devices: Resource, theirs: Resource) -> None:
    before = state(theirs)

    assert devices.upload("run-1", row("b")).status_code == 201
    devices.complete("run-1")
    assert devices.post(row("a", level=7)).status_code == 201
    assert devices.put("a", {"level": 8}).status_code == 200
    assert devices.delete("b").status_code == 204

    assert state(theirs) == before
    assert devices.ids() == ["a"]


def test_a_connection_takes_no_workspace_of_another_account(acme: Account, globex: Account) -> None:
    for ids in ([globex.workspace_id], [acme.workspace_id, globex.workspace_id]):
        refused(checked(acme.alice).post(CONNECTIONS, json=new_connection(acme, workspaceIds=ids)), 400)

    assert everything(acme.alice, CONNECTIONS) == []


def test_deleting_a_connection_leaves_the_records_of_other_accounts(devices: Resource, theirs: Resource) -> None:
    devices.push("a")
    before = state(theirs)

    assert devices.alice.delete(f"{CONNECTIONS}/{devices.connection_id}").status_code == 204

    assert state(theirs) == before
