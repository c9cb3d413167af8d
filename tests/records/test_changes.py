"""Each change leaves one event: who did what, how it was before and after. What changes nothing leaves none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.factories import Account
from tests.records.cast import CONNECTIONS, SCHEMA, Json, Resource, checked, connect, everything, new_connection, row

RECORDS = "/custom-connections/{connectionId}/resources/{resourceId}/records"
SESSION = "/custom-connections/{connectionId}/resources/{resourceId}/sessions/{sessionId}"


def events(account: Account) -> list[Json]:
    """The events of connections, the oldest first."""
    return everything(
        account.alice, "/public/v2/events", **{"category": "CUSTOM_CONNECTION", "expand[]": "metadata", "size": 500}
    )


@contextmanager
def one_change(account: Account) -> Iterator[Json]:
    """The event that the block leaves behind, known when the block is over."""
    before, found = len(events(account)), dict[str, Any]()
    yield found
    (event,) = events(account)[before:]
    found |= event


@contextmanager
def no_change(account: Account) -> Iterator[None]:
    before = events(account)
    yield
    assert events(account) == before


def told(event: Json) -> tuple[str, Json | None, Json | None]:
    """Its type, what was before and what is after."""
    return event["type"], event["metadata"]["sourceData"], event["metadata"]["dto"]


def test_an_event_names_the_request_and_the_connection(devices: Resource) -> None:
    with one_change(devices.account) as event:
        devices.push("a")

    assert (event["source"], event["connectionId"]) == ("PUBLIC_API", devices.connection_id)
    assert event["requestDescription"] == f"POST {RECORDS}"


def test_an_event_names_the_user_whose_key_it_was(devices: Resource) -> None:
    whoever = devices.alice.get(f"{CONNECTIONS}/{devices.connection_id}").json()["createdById"]

    assert {event["userId"] for event in events(devices.account)} == {whoever}


def test_a_new_connection(acme: Account) -> None:
    with one_change(acme) as event:
        devices = connect(acme, description="All of them")

    after = {"clientAlias": "Devices", "description": "All of them", "providerType": "CUSTOM"}
    assert told(event) == ("PROVIDER_CONNECTION_CREATED", None, after)
    assert event["metadata"]["targetEntity"] == {"kind": "connection", "id": devices.connection_id}


def test_a_changed_connection(devices: Resource) -> None:
    with one_change(devices.account) as event:
        devices.alice.put(f"{CONNECTIONS}/{devices.connection_id}", json={"clientAlias": "Laptops"})

    before = {"clientAlias": "Devices", "description": None}
    assert told(event) == ("PROVIDER_CONNECTION_UPDATED", before, before | {"clientAlias": "Laptops"})


def test_a_deleted_connection(devices: Resource) -> None:
    with one_change(devices.account) as event:
        devices.alice.delete(f"{CONNECTIONS}/{devices.connection_id}")

    assert told(event) == ("PROVIDER_CONNECTION_REMOVED", {"clientAlias": "Devices", "description": None}, None)
    with no_change(devices.account):
        devices.alice.delete(f"{CONNECTIONS}/{devices.connection_id}")


def test_a_new_record(devices: Resource) -> None:
    with one_change(devices.account) as event:
        devices.post(row("a", level=1))

    kind, before, after = told(event)
    assert (kind, before) == ("CUSTOM_RESOURCE_RECORD_CREATED", None)
    assert after == {"created": 1, "updated": 0, "ids": ["a"], "attributes": row("a", level=1)}


def test_a_replaced_record(devices: Resource) -> None:
    devices.push("a", level=1)

    with one_change(devices.account) as event:
        devices.post(row("a", level=2))

    kind, before, after = told(event)
    assert (kind, before) == ("CUSTOM_RESOURCE_RECORD_UPDATED", {"attributes": row("a", level=1)})
    assert after == {"created": 0, "updated": 1, "ids": ["a"], "attributes": row("a", level=2)}


def test_a_list_of_records_is_one_change(devices: Resource) -> None:
    devices.push("a")

    with one_change(devices.account) as event:
        devices.post([row("a"), row("b"), {"id": "c"}, row("b"), row("d")])

    kind, _, after = told(event)
    assert (kind, after) == ("CUSTOM_RESOURCE_RECORD_CREATED", {"created": 2, "updated": 1, "ids": ["a", "b", "d"]})
    assert event["description"] == "2 records created and 1 updated in the live data of Devices"


def test_a_long_list_names_its_first_hundred_ids(devices: Resource) -> None:
    ids = [f"{number:03}" for number in range(150)]

    with one_change(devices.account) as event:
        devices.push(*ids)

    assert event["metadata"]["dto"] == {"created": 150, "updated": 0, "ids": ids[:20]}


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_changed_record(devices: Resource, version: str) -> None:
    devices.push("a", level=1, tags=["x"])

    with one_change(devices.account) as event:
        root = devices.records if version == "v2" else devices.records_v1
        devices.alice.put(f"{root}/a", json={"data": {"level": 2}})

    before = row("a", level=1, tags=["x"])
    assert told(event) == ("CUSTOM_RESOURCE_RECORD_UPDATED", before, before | {"level": 2})
    assert event["metadata"]["targetEntity"] == {"kind": "record", "id": "a", "resourceId": devices.id}
    assert event["requestDescription"] == f"PUT {RECORDS}/{{recordId}}"


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_deleted_record(devices: Resource, version: str) -> None:
    devices.push("a", level=1)

    with one_change(devices.account) as event:
        devices.alice.delete(f"{devices.records if version == 'v2' else devices.records_v1}/a")

    assert told(event) == ("CUSTOM_RESOURCE_RECORD_REMOVED", row("a", level=1), None)


def test_staged_records(devices: Resource) -> None:
    with one_change(devices.account) as event:
        devices.stage("run-1", "a")

    assert event["metadata"]["targetEntity"] == {"kind": "resource", "id": devices.id, "sessionId": "run-1"}
    assert told(event)[2] == {"created": 1, "updated": 0, "ids": ["a"]}
    assert event["requestDescription"] == f"POST {SESSION}"


@pytest.mark.parametrize(("action", "status"), [("complete", "ACTIVE"), ("cancel", "CANCELED")])
def test_the_end_of_a_session(devices: Resource, action: str, status: str) -> None:
    devices.stage("run-0", "a")
    devices.complete("run-0")
    devices.stage("run-1", "a")

    with one_change(devices.account) as event:
        devices.act("run-1", action)

    _, before, after = told(event)
    assert (before, after) == ({"status": "IN_PROGRESS"}, {"status": status})
    assert event["metadata"]["targetEntity"]["sessionId"] == "run-1"
    assert event["requestDescription"] == f"POST {SESSION}/actions"


def test_an_empty_upload_that_opens_a_session_is_a_change(devices: Resource) -> None:
    with one_change(devices.account) as event:
        devices.upload("run-1", [])

    assert event["metadata"]["targetEntity"]["sessionId"] == "run-1"


def test_what_changes_nothing_leaves_no_event(devices: Resource) -> None:
    devices.push("a")
    devices.stage("run-1", "a")
    devices.complete("run-1")

    with no_change(devices.account):
        devices.post([])
        devices.post([{"id": "b"}])
        devices.post({"id": "b"})
        devices.put("a", {"name": 7})
        devices.put("b", {"name": "b"})
        devices.delete("b")
        devices.act("run-1", "complete")
        devices.act("run-1", "cancel")
        devices.upload("run-1", [row("c")])
        devices.upload("run-2", {"id": "c"})
        devices.alice.get(devices.records)
        checked(devices.alice).post(CONNECTIONS, json=new_connection(devices.account, schema=SCHEMA | {"type": "list"}))


def test_an_event_keeps_the_numbers_of_a_record_as_they_were(devices: Resource) -> None:
    devices.send(b'{"data":{"id":"a","name":"x","big":123456789012345678901234567890,"price":19.990}}')
    devices.delete("a")

    text = devices.alice.get("/public/v2/events?type=CUSTOM_RESOURCE_RECORD_REMOVED&expand[]=metadata").text

    assert '"big":123456789012345678901234567890' in text.replace(" ", "")
