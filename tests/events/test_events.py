"""Events: what is shown, what is expanded, what is found (Q13, Q14, Q67)."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.factories import Account, World
from trustwright.accounts.roles import Role
from trustwright.db import Tx, Who
from trustwright.events.actions import record
from trustwright.events.model import EventType, Source
from trustwright.events.names import TYPES

EVENTS = "/public/v2/events"
SHOWN = {
    *("id", "type", "category", "source", "description", "status", "createdAt"),
    *("userId", "connectionId", "requestDescription"),
}
CREATED = EventType.PROVIDER_CONNECTION_CREATED
UPDATED = EventType.CUSTOM_RESOURCE_RECORD_UPDATED


async def record_some(tx: Tx) -> None:
    """One event of a connection and one of a workspace."""
    await record(
        tx,
        CREATED,
        "Connection HR created",
        target={"kind": "connection", "id": 7},
        after={"name": "HR"},
        connection_id=7,
    )
    await record(tx, UPDATED, "Counted", target={"kind": "record"}, before=1, after=[2], workspace_id=9)


@pytest.fixture
def busy(world: World, acme: Account) -> Account:
    """Acme, where Alice did two things by the API after those that made the account."""
    who = Who(account_id=acme.id, source=Source.PUBLIC_API, user_id=acme.alice_id, request="POST /custom-connections")

    async def act() -> None:
        async with world.database.begin(who) as tx:
            await record_some(tx)

    world.run(act())
    return acme


def listed(account: Account, query: str = "") -> list[dict[str, Any]]:
    response = account.alice.get(f"{EVENTS}?{query}")
    assert response.status_code == 200, response.text
    events: list[dict[str, Any]] = response.json()["data"]
    return events


def types(account: Account, query: str) -> list[str]:
    return [event["type"] for event in listed(account, query)]


def refused(response: httpx.Response, status: int) -> None:
    assert (response.status_code, response.json()["statusCode"]) == (status, status), response.text


def test_an_event_says_who_did_what_when_and_by_which_request(busy: Account) -> None:
    event = listed(busy, f"type={CREATED}")[0]

    assert set(event) == SHOWN
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["createdAt"])
    assert str(UUID(event["id"])) == event["id"]
    assert event | {"id": "", "createdAt": ""} == {
        "id": "",
        "type": "PROVIDER_CONNECTION_CREATED",
        "category": "CUSTOM_CONNECTION",
        "source": "PUBLIC_API",
        "description": "Connection HR created",
        "status": None,
        "createdAt": "",
        "userId": busy.alice_id,
        "connectionId": 7,
        "requestDescription": "POST /custom-connections",
    }


def test_one_event_is_shown_as_in_the_list(busy: Account) -> None:
    for query in ("", "expand[]=metadata&expand[]=user"):
        for event in listed(busy, query):
            assert busy.alice.get(f"{EVENTS}/{event['id']}?{query}").json() == event


@pytest.mark.parametrize(
    ("expand", "added"),
    [
        ("connection", {"connection": None}),
        ("issues", {"issues": []}),
        ("testId", {"testId": None}),
        ("testName", {"testName": None}),
        (
            "metadata",
            {
                "metadata": {
                    "dto": {"name": "HR"},
                    "targetEntity": {"kind": "connection", "id": 7},
                    "sourceData": None,
                    "request": {"description": "POST /custom-connections"},
                }
            },
        ),
    ],
)
def test_an_expansion_adds_its_property_and_no_other(busy: Account, expand: str, added: dict[str, Any]) -> None:
    (plain,) = listed(busy, f"type={CREATED}")

    (expanded,) = listed(busy, f"type={CREATED}&expand[]={expand}")

    assert expanded == plain | added
    assert busy.alice.get(f"{EVENTS}/{plain['id']}?expand[]={expand}").json() == plain | added


def test_the_user_is_shown_in_short_or_as_null(busy: Account) -> None:
    (by_alice,) = listed(busy, f"type={CREATED}&expand[]=user")
    (by_nobody,) = listed(busy, "type=TERMS_AGREED&expand[]=user")
    alice = busy.alice.get(f"/public/v2/users/{busy.alice_id}").json()

    assert by_alice["user"] == {
        name: alice[name] for name in ("id", "email", "firstName", "lastName", "createdAt", "updatedAt")
    }
    assert by_nobody["user"] is None
    assert by_nobody["userId"] is None


def test_what_was_and_is_stands_in_an_object_even_when_it_is_none(busy: Account) -> None:
    (event,) = listed(busy, f"type={UPDATED}&expand[]=metadata")

    assert event["metadata"]["sourceData"] == {"value": 1}
    assert event["metadata"]["dto"] == {"value": [2]}


def test_an_event_without_a_request_says_so(acme: Account) -> None:
    (event,) = listed(acme, "type=TERMS_AGREED&expand[]=metadata")

    assert (event["requestDescription"], event["metadata"]["request"]) == (None, None)


def test_events_are_found_by_what_they_are(busy: Account) -> None:
    everything = types(busy, "")

    assert set(everything[-2:]) == {CREATED, UPDATED}
    assert types(busy, f"type={UPDATED}") == [UPDATED]
    assert types(busy, "source=PUBLIC_API") == [CREATED, UPDATED]
    assert types(busy, "source=SCHEDULED") == []
    assert types(busy, "category=CUSTOM_CONNECTION") == [CREATED, UPDATED]
    assert types(busy, "category=PUBLIC_API_KEY") == ["PUBLIC_API_KEY_CREATED"]
    assert types(busy, "workspaceId=9") == [UPDATED]
    assert types(busy, "workspaceId=10") == []
    assert types(busy, f"source=PUBLIC_API&type={CREATED}&userId={busy.alice_id}&connectionId=7") == [CREATED]
    assert types(busy, f"source=APP&type={CREATED}") == []


def test_a_blank_user_or_connection_means_none_and_an_absent_one_any(busy: Account) -> None:
    everything = types(busy, "")

    assert types(busy, f"userId={busy.alice_id}") == [CREATED, UPDATED]
    assert types(busy, "userId=") == everything[:-2]
    assert types(busy, "connectionId=7") == [CREATED]
    assert types(busy, "connectionId=8") == []
    assert types(busy, "connectionId=") == [type_ for type_ in everything if type_ != CREATED]
    assert types(busy, f"connectionId=&userId={busy.alice_id}") == [UPDATED]


def test_events_are_found_by_when_they_were(world: World, busy: Account) -> None:
    everything = types(busy, "")
    last = datetime.fromisoformat(listed(busy)[-1]["createdAt"])
    next_millisecond = f"{last + timedelta(milliseconds=1):%Y-%m-%dT%H:%M:%S.%fZ}"
    day, next_day = f"{last:%Y-%m-%d}", f"{last + timedelta(days=1):%Y-%m-%d}"

    assert types(busy, f"createdAtEndDate={next_millisecond}") == everything
    assert types(busy, f"createdAtStartDate={next_millisecond}") == []
    assert types(busy, f"createdAtStartDate={last:%Y-%m-%dT%H:%M:%S.%fZ}") == [CREATED, UPDATED]
    assert types(busy, f"createdAtStartDate={next_day}") == []
    assert types(busy, f"createdAtEndDate={day}") == []
    assert types(busy, f"createdAtEndDate={next_day}T00:00:00%2B00:00") == everything
    assert types(busy, "createdAtStartDate=0001-01-01T00:00:00%2B14:00&createdAtEndDate=9999-12-31T23:59:59-12:00") == (
        everything
    )


@pytest.mark.parametrize(
    "query",
    [
        "type=EVERYTHING",
        "type=vendor_created",
        "type=",
        "source=API",
        "category=custom_connection",
        "userId=alice",
        "userId=0",
        "connectionId=1.0",
        "workspaceId=-1",
        "createdAtStartDate=yesterday",
        "createdAtEndDate=2025-02-30",
        "sort=updatedAt",
        "sort=name",
        "sortDir=up",
        "size=0",
        "cursor=x",
    ],
)
def test_a_filter_that_does_not_fit_is_refused(acme: Account, query: str) -> None:
    refused(acme.alice.get(f"{EVENTS}?{query}"), 400)


@pytest.mark.parametrize("type_", sorted(TYPES)[::97])
def test_any_type_of_the_contract_may_be_asked_for(acme: Account, type_: str) -> None:
    assert set(types(acme, f"type={type_}")) <= {type_}


def test_every_recorded_type_is_one_of_the_contract() -> None:
    assert {type_.value for type_ in EventType} <= TYPES


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_a_walk_visits_every_event_once_in_the_order_of_recording(busy: Account, direction: str, size: int) -> None:
    everything = [event["id"] for event in listed(busy)]
    assert len(everything) == 6
    seen: list[str] = []
    query: dict[str, str | int] = {"size": size, "sort": "createdAt", "sortDir": direction}
    while True:
        body = busy.alice.get(EVENTS, params=query).json()
        assert 1 <= len(body["data"]) <= size
        seen += [event["id"] for event in body["data"]]
        if body["pagination"]["cursor"] is None:
            break
        query["cursor"] = body["pagination"]["cursor"]

    assert seen == (everything if direction == "ASC" else everything[::-1])


def test_a_cursor_tells_a_blank_filter_from_an_absent_one(busy: Account) -> None:
    cursor = busy.alice.get(f"{EVENTS}?size=1&userId=").json()["pagination"]["cursor"]

    assert busy.alice.get(f"{EVENTS}?size=1&userId=&cursor={cursor}").status_code == 200
    refused(busy.alice.get(f"{EVENTS}?size=1&cursor={cursor}"), 400)
    refused(busy.alice.get(f"{EVENTS}?size=1&userId=1&cursor={cursor}"), 400)


def test_the_total_counts_what_matches(busy: Account) -> None:
    body = busy.alice.get(f"{EVENTS}?includeTotalCount=true&size=1&source=PUBLIC_API").json()

    assert body["pagination"]["totalCount"] == 2


def test_paging_parameters_mean_nothing_for_one_event(acme: Account) -> None:
    event = listed(acme)[0]

    for query in ("cursor=&size=0&sort=x&sortDir=up", "size=ten&size=9", "sort=name&includeTotalCount=perhaps"):
        assert acme.alice.get(f"{EVENTS}/{event['id']}?{query}").json() == event


@pytest.mark.parametrize(
    ("event_id", "status"),
    [
        ("7", 400),
        ("none", 400),
        ("00000000-0000-4000-8000-00000000000", 400),
        ("00000000-0000-4000-8000-00000000000g", 400),
        ("%00", 400),
        ("%FF", 400),
        ("00000000-0000-4000-8000-000000000000", 404),
    ],
)
def test_an_event_that_is_not_there_is_refused(acme: Account, event_id: str, status: int) -> None:
    refused(acme.alice.get(f"{EVENTS}/{event_id}"), status)


def test_an_unknown_expansion_of_one_event_is_refused(acme: Account) -> None:
    refused(acme.alice.get(f"{EVENTS}/{listed(acme)[0]['id']}?expand[]=everything"), 400)


def test_what_is_done_to_an_account_is_recorded(acme: Account) -> None:
    key_id, _ = acme.key()
    acme.revoke(key_id)
    bob = acme.user("bob@acme.test", Role.AUDITOR)
    acme.plan(terms_accepted=True)

    done = listed(acme, "expand[]=metadata&size=500")[-4:]

    assert [(event["type"], event["metadata"]["targetEntity"]["id"]) for event in done] == [
        ("PUBLIC_API_KEY_CREATED", key_id),
        ("PUBLIC_API_KEY_REVOKED", key_id),
        ("USER_ROLE_CREATED", bob),
        ("COMPANY_DATA_UPDATED", acme.id),
    ]
    assert done[2]["metadata"]["dto"] == {"email": "bob@acme.test", "roles": ["AUDITOR"]}
