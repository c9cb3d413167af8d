"""Mixed load over HTTP, by clients that remember everything that they were told."""

import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg

from tests.documents import pdf
from tests.factories import TLS

V2 = "/public/v2"
TRUST = "/public/trust-center"
# Seconds that a client waits between two turns, on average: the others of the machine want to work too.
PAUSE = 0.05
HOT = 20
STAGED = 40
PARTS = 3
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "level": {"type": "number"}},
    "required": ["name"],
}
COMPLIANCE = {
    "certification": "SOC_2",
    "scopeType": "TYPE_2",
    "auditPeriodRange": {"start": "2025-01-01", "end": "2025-12-31"},
    "trustServiceCriteria": ["SECURITY"],
}


class Unanswered(Exception):
    """The request was cut off, or answered by a fault: whether it was done is not known."""


class Wrong(Exception):
    """An answer that no fault explains; the message shows it."""


class Gate:
    """Lets the clients through one by one, and holds them while the database is looked at."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._closed = False
        self.over = False

    @contextmanager
    def passing(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """While the block runs nobody is inside."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: self._inside == 0)
        try:
            yield
        finally:
            with self._changed:
                self._closed = False
                self._changed.notify_all()


class Told:
    """What the clients of one account were told, and what they asked for last. Sets hold ids."""

    def __init__(self) -> None:
        self.requests = 0
        self.acknowledged = 0
        self.records: dict[str, int] = {}
        self.asked_level: dict[str, int] = {}
        self.completed = 0
        self.asked_to_complete = 0
        self.canceled: set[str] = set()
        self.reviews: dict[int, bytes] = {}
        self.finalized: set[int] = set()
        self.asked: set[str] = set()
        self.approved: set[str] = set()
        self.denied: set[str] = set()
        self.runs: dict[int, tuple[str, int]] = {}
        self.vendors: set[int] = set()
        self.wrong: list[str] = []
        self.unanswered: Counter[str] = Counter()


class Caller:
    """An account of the service, its key, and what it was told."""

    def __init__(self, address: str, account: dict[str, Any]) -> None:
        self.account_id: int = account["accountId"]
        self.workspace_id: int = account["workspaceId"]
        self.user_id: int = account["adminUserId"]
        self.told = Told()
        self._lock = threading.Lock()
        self._client = httpx.Client(
            base_url=address,
            headers={"Authorization": f"Bearer {account['apiKey']}"},
            timeout=30,
            verify=TLS,
            limits=httpx.Limits(max_keepalive_connections=4),
        )

    def close(self) -> None:
        self._client.close()

    def call(self, method: str, path: str, *wanted: int, **sent: Any) -> Any:
        """The body of an answer with a status that is wanted. Raises Unanswered, and Wrong."""
        with self._lock:
            self.told.requests += 1
        try:
            answer = self._client.request(method, path, **sent)
        except httpx.TransportError as error:
            raise Unanswered(type(error).__name__) from error
        if answer.status_code >= 500:
            raise Unanswered(str(answer.status_code))
        if answer.status_code not in (wanted or (200,)):
            raise Wrong(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        with self._lock:
            self.told.acknowledged += 1
        return answer.json() if answer.content else None


class Desk:
    """What the clients of one account work on."""

    def __init__(self, caller: Caller, webhook: str) -> None:
        self.caller = caller
        self.direct = self.resource("Direct")
        self.staged = self.resource("Staged")
        self.watched = self.resource("Watched")
        path = f"{V2}/workspaces/{caller.workspace_id}/monitoring-tests"
        connection, resource = self.watched.split("/")[-3], self.watched.split("/")[-1]
        condition = {"all": [{"fact": "level", "operator": "greaterThan", "value": 3}]}
        group = {"connectionId": int(connection), "resourceId": int(resource), "evaluator": condition}
        made = caller.call("POST", path, 201, json={"name": "Levels are high", "groups": [group]})
        self.monitor = f"{path}/{made['testId']}"
        caller.call("POST", f"{V2}/webhooks", 201, json={"url": webhook})
        self.vendor: int = caller.call("POST", f"{V2}/vendors", 201, json={"name": "Initech"})["id"]
        caller.told.vendors.add(self.vendor)
        form = {"name": "SOC 2 report", "type": "SECURITY_REPORT", "isPublic": "false"}
        files = {"file": ("soc2.pdf", pdf("SOC 2"), "application/pdf")}
        self.document = caller.call("POST", f"{TRUST}/documents", 201, data=form, files=files)
        caller.call("PUT", f"{TRUST}/company-info/private-access", json={"securityEmails": "team@acme.test"})

    def resource(self, name: str) -> str:
        """The path of a new one."""
        body = {
            "name": name,
            "providerTypes": ["CUSTOM"],
            "workspaceIds": [self.caller.workspace_id],
            "schema": SCHEMA,
            "displayNameKey": "name",
        }
        made = self.caller.call("POST", f"{V2}/custom-connections", 201, json=body)
        return f"{V2}/custom-connections/{made['id']}/resources/{made['customResources'][0]['id']}"


def clients(desk: Desk, gate: Gate, seed: int) -> list[threading.Thread]:
    """Threads that each do one kind of work again and again, until the gate says that it is over."""
    works: list[Callable[[Desk, random.Random, int], None]] = [push, stage, review, vendor, request_access, run_monitor]

    def work(number: int) -> None:
        dice = random.Random(f"{seed}-{desk.caller.account_id}-{number}")
        turn = 0
        while not gate.over:
            turn += 1
            time.sleep(dice.uniform(0, 2 * PAUSE))
            with gate.passing():
                try:
                    works[number](desk, dice, turn)
                except Unanswered as error:
                    desk.caller.told.unanswered[str(error)] += 1
                    time.sleep(PAUSE)
                except Wrong as error:
                    desk.caller.told.wrong.append(str(error))

    return [threading.Thread(target=work, args=(number,), daemon=True) for number in range(len(works))]


def push(desk: Desk, dice: random.Random, turn: int) -> None:
    """New records, and some that are written again and again with a level that rises."""
    told = desk.caller.told
    hot = {f"hot-{dice.randrange(HOT)}" for _ in range(3)}
    levels = {**{f"new-{turn}-{item}": turn for item in range(dice.randrange(5, 150))}, **dict.fromkeys(hot, turn)}
    told.asked_level.update(levels)
    rows = [{"id": id_, "name": id_, "level": level} for id_, level in levels.items()]
    answer = desk.caller.call("POST", f"{desk.direct}/records", json={"data": rows})
    bad = [item for item in answer if item["statusCode"] not in (200, 201)]
    if bad:
        raise Wrong(f"records were refused: {bad[:2]}")
    told.records.update(levels)


def stage(desk: Desk, dice: random.Random, turn: int) -> None:
    """A session in parts, then completed or canceled; one that was left open before is canceled first."""
    path, told, name = f"{desk.staged}/sessions", desk.caller.told, f"run-{turn}"
    for left in desk.caller.call("GET", path, params={"status": "IN_PROGRESS"})["data"]:
        desk.caller.call("POST", f"{path}/{left['sessionId']}/actions", json={"action": "cancel"})
        told.canceled.add(left["sessionId"])
    for part in range(PARTS):
        rows = [{"id": f"{turn}-{part}-{item}", "name": "x"} for item in range(STAGED)]
        desk.caller.call("POST", f"{path}/{name}", json={"data": rows})
    if dice.random() < 0.3:
        desk.caller.call("POST", f"{path}/{name}/actions", json={"action": "cancel"})
        told.canceled.add(name)
        return
    told.asked_to_complete = turn
    desk.caller.call("POST", f"{path}/{name}/actions", json={"action": "complete"})
    told.completed = turn


def review(desk: Desk, dice: random.Random, turn: int) -> None:
    """A review with its report, whose form is filled in and finalized."""
    told, base = desk.caller.told, f"{V2}/vendors/{desk.vendor}/security-reviews"
    content = pdf(f"report {desk.caller.account_id} {turn}", padding=dice.randrange(1000, 120_000))
    fields = {
        "title": f"report-{turn}",
        "reviewDeadlineAt": "2030-07-01T00:00:00Z",
        "securityReviewStatus": "NOT_YET_STARTED",
        "securityReviewType": "SOC_REPORT",
        "documentType": "SOC_DOCUMENT",
    }
    made = desk.caller.call(
        "POST", f"{base}/with-file", 201, data=fields, files={"file": ("r.pdf", content, "application/pdf")}
    )
    told.reviews[made["id"]] = hashlib.sha256(content).digest()
    form = {
        "reviewerInformation": {"reviewerUserId": desk.caller.user_id, "reportIssueDate": "2026-02-01"},
        "complianceScope": COMPLIANCE,
        "reportOpinion": {"reportOpinion": "UNQUALIFIED", "encompassBusinessNeeds": True},
    }
    desk.caller.call("PUT", f"{base}/{made['id']}", json={"socForm": form})
    decision = {"action": "finalize", "decision": "APPROVED", "note": f"turn {turn}"}
    desk.caller.call("POST", f"{base}/{made['id']}/actions", json=decision)
    told.finalized.add(made["id"])


def vendor(desk: Desk, dice: random.Random, turn: int) -> None:
    """A new vendor, small and fast."""
    made = desk.caller.call("POST", f"{V2}/vendors", 201, json={"name": f"Vendor {turn}"})
    desk.caller.told.vendors.add(made["id"])
    # What may lag is read too: from the replica, where there is one.
    desk.caller.call("GET", f"{desk.monitor}/runs")


def request_access(desk: Desk, dice: random.Random, turn: int) -> None:
    """Somebody asks for the report, and the team decides."""
    told = desk.caller.told
    body = {
        "email": f"bob{turn}@buyer{desk.caller.account_id}.test",
        "name": "Bob",
        "lastname": "Porter",
        "company": "Buyer",
        "acceptTerms": True,
        "documents": [{"documentId": desk.document["id"], "type": desk.document["type"]}],
        "flowType": "NO_NDA_REQUIRED",
    }
    request_id = desk.caller.call("POST", f"{TRUST}/requests", 201, json=body)["requestId"]
    told.asked.add(request_id)
    if dice.random() < 0.6:
        decision = {"expiration": 30, "expirationType": "DAYS", "isNewExpiration": False}
        desk.caller.call("PUT", f"{TRUST}/requests/{request_id}/approve", json=decision)
        told.approved.add(request_id)
    elif dice.random() < 0.7:
        desk.caller.call("PUT", f"{TRUST}/requests/{request_id}/deny")
        told.denied.add(request_id)


def run_monitor(desk: Desk, dice: random.Random, turn: int) -> None:
    """The data turn good and bad, and the monitor is run: each change of its status is news."""
    level = 9 if turn % 2 else 1
    rows = [{"id": f"device-{item}", "name": "x", "level": level} for item in range(dice.randrange(1, 20))]
    desk.caller.call("POST", f"{desk.watched}/records", json={"data": rows})
    # 409: another run goes on, or one that a dead process left is still thought to.
    ran = desk.caller.call("POST", f"{desk.monitor}/run", 200, 409)
    if "runId" in ran:
        desk.caller.told.runs[ran["runId"]] = (ran["checkResultStatus"], ran["failed"])


def accounts_of(url: str) -> list[int]:
    """The ids of all accounts of a database."""
    with psycopg.connect(url) as connection:
        return [each for (each,) in connection.execute("select account_id from accounts order by 1").fetchall()]
