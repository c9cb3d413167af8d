"""What the tests of records play with: a resource that takes records, and the ways to ask for it through the API."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx

from tests.contract.contract import validating
from tests.factories import Account

Json = dict[str, Any]
T = TypeVar("T")

CONNECTIONS = "/public/v2/custom-connections"

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "level": {"type": "number"}},
    "required": ["name"],
}


def checked(client: httpx.Client) -> httpx.Client:
    """The client, each of whose answers must keep the contract of its version."""
    return client if client.event_hooks["response"] else validating(validating(client, "v1"), "v2")


def new_connection(account: Account, **changes: Any) -> Json:
    """The body of a good CUSTOM connection, with some of it changed; None leaves a property out."""
    body = {
        "name": "Devices",
        "providerTypes": ["CUSTOM"],
        "workspaceIds": [account.workspace_id],
        "schema": SCHEMA,
        "displayNameKey": "name",
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def connect(account: Account, **changes: Any) -> "Resource":
    """A new CUSTOM connection of the account."""
    made = checked(account.alice).post(CONNECTIONS, json=new_connection(account, **changes))
    assert made.status_code == 201, made.text
    return Resource(account, made.json())


def row(record_id: str, **more: Any) -> Json:
    """A record that fits the schema."""
    return {"id": record_id, "name": record_id, **more}


class Resource:
    """The resource of a CUSTOM connection; what is asked of it, Alice asks."""

    def __init__(self, account: Account, connection: Json) -> None:
        self.account = account
        self.connection = connection
        self.connection_id: int = connection["id"]
        self.id: int = connection["customResources"][0]["id"]
        self.path = f"{CONNECTIONS}/{self.connection_id}/resources/{self.id}"
        self.records = f"{self.path}/records"
        self.sessions = f"{self.path}/sessions"
        self.records_v1 = self.records.replace("/v2/", "/")
        self.alice = checked(account.alice)

    def post(self, data: Any) -> httpx.Response:
        """Upserts into the live data."""
        return self.alice.post(self.records, json={"data": data})

    def send(self, body: bytes, **headers: str) -> httpx.Response:
        """Upserts a body as it stands."""
        return self.alice.post(self.records, content=body, headers=headers)

    def push(self, *ids: str, **more: Any) -> None:
        """Stores good records in the live data."""
        accepted(self.post([row(id_, **more) for id_ in ids]))

    def put(self, record_id: str, data: Any) -> httpx.Response:
        """`record_id` as it stands in the path."""
        return self.alice.put(f"{self.records}/{record_id}", json={"data": data})

    def delete(self, record_id: str) -> httpx.Response:
        return self.alice.delete(f"{self.records}/{record_id}")

    def upload(self, session_id: str, data: Any) -> httpx.Response:
        """Upserts into a session."""
        return self.alice.post(f"{self.sessions}/{session_id}", json={"data": data})

    def stage(self, session_id: str, *ids: str, **more: Any) -> None:
        """Stores good records in a session."""
        accepted(self.upload(session_id, [row(id_, **more) for id_ in ids]))

    def act(self, session_id: str, action: str) -> httpx.Response:
        return self.alice.post(f"{self.sessions}/{session_id}/actions", json={"action": action})

    def complete(self, session_id: str) -> None:
        accepted(self.act(session_id, "complete"))

    def cancel(self, session_id: str) -> None:
        accepted(self.act(session_id, "cancel"))

    def live(self, **query: Any) -> list[Json]:
        """The records as the list shows them, all pages of it."""
        return everything(self.alice, self.records, **query)

    def ids(self, **query: Any) -> list[str]:
        return [record["id"] for record in self.live(**query)]

    def attributes(self, record_id: str) -> Json:
        """What the live record of that id holds."""
        (found,) = [record["attributes"] for record in self.live() if record["id"] == record_id]
        attributes: Json = found
        return attributes

    def states(self) -> dict[str, list[str]]:
        """By session id the states of its sessions, the oldest first."""
        found: dict[str, list[str]] = {}
        for session in everything(self.alice, self.sessions):
            found.setdefault(session["sessionId"], []).append(session["status"])
        return found

    def rows_kept(self, dataset_ids: list[int]) -> int:
        """How many rows of these datasets are still in the database."""
        text = "select count(*) from records where account_id = %s and dataset_id = any (%s)"
        ((count,),) = self.account.sql(text, dataset_ids)
        return int(count)

    def datasets(self) -> list[int]:
        """The datasets of the account that have rows."""
        found = self.account.sql("select distinct dataset_id from records where account_id = %s order by 1")
        return [dataset_id for (dataset_id,) in found]


def everything(client: httpx.Client, path: str, **query: Any) -> list[Json]:
    """All items of a list by cursor; an empty page must be the last one (decisions 6)."""
    items: list[Json] = []
    cursor = None
    while True:
        response = client.get(path, params={**query, **({"cursor": cursor} if cursor else {})})
        assert response.status_code == 200, response.text
        page = response.json()
        items += page["data"]
        cursor = page["pagination"]["cursor"]
        if cursor is None:
            return items
        assert page["data"]


def accepted(response: httpx.Response) -> None:
    """It was answered 2xx, and each item of its list too."""
    assert response.is_success, response.text
    faults = [item["error"] for item in response.json() if "error" in item] if response.text[:1] == "[" else []
    assert not faults


def refused(response: httpx.Response, status: int, words: str = "", code: int | None = None) -> None:
    """It was refused with that status, and its message has these words in it."""
    assert response.status_code == status, response.text
    assert words in response.json()["message"]
    assert code in (None, response.json()["code"])


def eventually(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Waits for a job to make it so."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def together(*actions: Callable[[], T]) -> list[T]:
    """Does all at the same moment, each in a thread of its own; what they return, in order."""
    start = threading.Barrier(len(actions))

    def begin(action: Callable[[], T]) -> T:
        start.wait(10)
        return action()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(begin, actions))
