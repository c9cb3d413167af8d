"""Connections, once they are there: shown, renamed, deleted with all they hold (Q6, Q18, Q47)."""

import re
from typing import Any

import pytest

from tests.factories import Account
from tests.records.cast import CONNECTIONS, SCHEMA, Resource, connect, eventually, everything, refused, row

SHOWN = {"id", "clientAlias", "description", "createdAt", "updatedAt", "providerTypes", "createdById"}
NOBODYS = 2**31 - 1
MALFORMED = ["0", "-1", "1.0", "1e3", "abc", "2147483648", "99999999999999999999", "%00", "%FF", "%D9%A1"]


@pytest.fixture
def address(devices: Resource) -> str:
    return f"{CONNECTIONS}/{devices.connection_id}"


def test_a_connection_is_shown_without_what_is_not_expanded(devices: Resource, address: str) -> None:
    shown = devices.alice.get(address).json()

    assert set(shown) == SHOWN
    assert (shown["id"], shown["clientAlias"], shown["description"]) == (devices.connection_id, "Devices", None)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", shown[at]) for at in ("createdAt", "updatedAt"))


def test_an_expansion_adds_its_property_and_no_other(devices: Resource, address: str) -> None:
    plain = devices.alice.get(address).json()

    resources = devices.alice.get(f"{address}?expand[]=customResources").json()
    creator = devices.alice.get(f"{address}?expand[]=createdByUser").json()
    both = devices.alice.get(f"{address}?expand%5B%5D=createdByUser&expand%5B%5D=customResources").json()

    assert resources == plain | {"customResources": devices.connection["customResources"]}
    assert set(creator) - set(plain) <= {"createdByUser"}
    assert both == resources | creator


def test_the_resource_is_named_like_the_connection(devices: Resource) -> None:
    (resource,) = devices.connection["customResources"]

    assert set(resource) == {"id", "name", "description", "schema", "createdAt", "updatedAt", "deletedAt"}
    assert (resource["name"], resource["schema"], resource["deletedAt"]) == ("Devices", SCHEMA, None)


def test_connections_are_listed_as_they_were_made(acme: Account) -> None:
    made = [connect(acme, name=name).connection_id for name in ("One", "Two", "Three")]

    listed = everything(acme.alice, CONNECTIONS, size=1)

    assert [connection["id"] for connection in listed] == made
    assert listed[0] == acme.alice.get(f"{CONNECTIONS}/{made[0]}").json()
    assert [item["id"] for item in everything(acme.alice, CONNECTIONS, sortDir="DESC", size=2)] == made[::-1]


def test_a_list_of_connections_is_expanded_like_one(devices: Resource, address: str) -> None:
    for query in ("?expand[]=customResources", "?expand[]=customResources&expand[]=createdByUser"):
        listed = devices.alice.get(CONNECTIONS + query).json()["data"]

        assert listed == [devices.alice.get(address + query).json()]


@pytest.mark.parametrize("path", ["", "/{}"])
def test_an_unknown_expansion_is_refused(devices: Resource, path: str) -> None:
    refused(devices.alice.get(CONNECTIONS + path.format(devices.connection_id) + "?expand[]=secrets"), 400, "expand")


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ({"clientAlias": "Laptops"}, ("Laptops", "All of them")),
        ({"description": "Some"}, ("Devices", "Some")),
        ({"clientAlias": "Laptops", "description": "Some"}, ("Laptops", "Some")),
        ({"clientAlias": None}, (None, "All of them")),
        ({}, ("Devices", "All of them")),
        ({"name": "Ignored", "schema": {}, "workspaceIds": []}, ("Devices", "All of them")),
    ],
)
def test_an_update_changes_only_what_it_names(acme: Account, change: Any, after: Any) -> None:
    made = connect(acme, description="All of them")

    updated = acme.alice.put(f"{CONNECTIONS}/{made.connection_id}", json=change)

    assert updated.status_code == 200
    assert set(updated.json()) == SHOWN
    assert (updated.json()["clientAlias"], updated.json()["description"]) == after
    assert acme.alice.get(f"{CONNECTIONS}/{made.connection_id}").json() == updated.json()


@pytest.mark.parametrize(
    "change",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"clientAlias":7}',
        b'{"clientAlias":"a\\u0000b"}',
        b'{"clientAlias":"\\ud800"}',
        b'{"clientAlias":"%s"}' % (b"x" * 192),
        b'{"description":["x"]}',
    ],
)
def test_an_update_that_does_not_fit_changes_nothing(shared: Resource, change: bytes) -> None:
    address = f"{CONNECTIONS}/{shared.connection_id}"
    before = shared.alice.get(address).json()

    refused(shared.alice.put(address, content=change), 400)

    assert shared.alice.get(address).json() == before


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_connection_that_never_was_is_not_found(acme: Account, method: str) -> None:
    refused(acme.alice.request(method, f"{CONNECTIONS}/{NOBODYS}", json={"clientAlias": "x"}), 404)


@pytest.mark.parametrize(("method", "status"), [("GET", 404), ("PUT", 400), ("DELETE", 404)])
def test_a_malformed_id_is_answered_as_the_operation_lists_it(shared: Resource, method: str, status: int) -> None:
    for malformed in MALFORMED:
        refused(shared.alice.request(method, f"{CONNECTIONS}/{malformed}", json={"clientAlias": "x"}), status)


def test_a_deleted_connection_is_shown_nowhere(devices: Resource, address: str) -> None:
    devices.push("a")

    deleted = devices.alice.delete(address)

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert everything(devices.alice, CONNECTIONS) == []
    refused(devices.alice.get(address), 404)
    refused(devices.alice.put(address, json={"clientAlias": "x"}), 404)


def test_deleting_a_connection_once_more_is_no_error(devices: Resource, address: str) -> None:
    assert [devices.alice.delete(address).status_code for _ in range(3)] == [204, 204, 204]


def test_the_records_of_a_deleted_connection_are_not_found(devices: Resource, address: str) -> None:
    devices.push("a")
    devices.stage("run-1", "b")
    devices.alice.delete(address)

    answers = [
        devices.alice.get(devices.records),
        devices.alice.get(f"{devices.records}?sessionId=run-1"),
        devices.alice.get(devices.sessions),
        devices.post(row("c")),
        devices.post([]),
        devices.put("a", {"name": "x"}),
        devices.delete("a"),
        devices.upload("run-1", [row("c")]),
        devices.act("run-1", "complete"),
        devices.act("run-1", "cancel"),
        devices.alice.post(devices.records_v1, json={"data": row("c")}),
        devices.alice.put(f"{devices.records_v1}/a", json={"data": row("a")}),
        devices.alice.delete(f"{devices.records_v1}/a"),
    ]

    assert [answer.status_code for answer in answers] == [404] * len(answers)


def test_the_records_of_a_deleted_connection_are_removed_from_the_database(devices: Resource, address: str) -> None:
    devices.push("direct")
    devices.stage("run-1", "old")
    devices.complete("run-1")
    devices.stage("run-2", "staged")
    assert len(devices.datasets()) >= 2

    devices.alice.delete(address)

    eventually(lambda: devices.datasets() == [])


def test_deleting_a_connection_leaves_the_others_alone(acme: Account) -> None:
    gone, kept = connect(acme), connect(acme)
    gone.push("a")
    kept.push("a")

    acme.alice.delete(f"{CONNECTIONS}/{gone.connection_id}")
    eventually(lambda: len(kept.datasets()) == 1)

    assert kept.ids() == ["a"]
