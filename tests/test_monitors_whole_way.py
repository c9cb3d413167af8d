"""Continuous compliance, watched from outside: records are pushed over HTTP, and a monitor, its control on the trust
page and its webhook follow."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import cloned, free_port, serving
from tests.factories import Account, World
from tests.records.cast import Json, Resource, connect, eventually, row
from tests.trust.cast import act
from tests.webhooks.receiver import Received, Receiver, receiving
from trustwright.trust_page.actions import create_control
from trustwright.trust_page.controls import Category, ControlFields

HIGH = {"all": [{"fact": "level", "operator": "greaterThanOrEqual", "value": 3}]}


@pytest.fixture(scope="module")
def served(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Receiver]]:
    """A service of its own that may send to loopback, and who listens there."""
    folder: Path = tmp_path_factory.mktemp("monitors")
    reach = {"TRUSTWRIGHT_WEBHOOK_HTTP": "true", "TRUSTWRIGHT_WEBHOOK_PRIVATE_NETWORKS": "127.0.0.0/8"}
    with (
        receiving() as receiver,
        cloned(f"trustwright_monitors_way_{worker_id}") as url,
        serving(url, folder, free_port(), **reach) as address,
    ):
        world = World(url, address)
        yield world, receiver
        world.close()


class MonitorDesk:
    """A resource, a control, a webhook, and a test of the resource that the control follows."""

    def __init__(self, served: tuple[World, Receiver]) -> None:
        world, self.receiver = served
        self.account: Account = world.account()
        self.resource: Resource = connect(self.account)
        self.alice = self.resource.alice
        fields = ControlFields(category=Category.DATA_SECURITY, code="DS-1", name="Devices are patched")
        control = act(self.account, lambda tx: create_control(tx, self.account.workspace_id, fields))
        self.secret = self.ok("POST", "/webhooks", 201, json={"url": self.receiver.url})["secret"]
        tests = f"/workspaces/{self.account.workspace_id}/monitoring-tests"
        checked = {"connectionId": self.resource.connection_id, "resourceId": self.resource.id, "evaluator": HIGH}
        new = {"name": "Levels are high", "controlIds": [control.id], "groups": [checked]}
        self.path = f"{tests}/{self.ok('POST', tests, 201, json=new)['testId']}"

    def ok(self, method: str, path: str, status: int = 200, **request: Any) -> Json:
        answer = self.alice.request(method, f"/public/v2{path}", **request)
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    def status(self) -> str:
        return str(self.ok("GET", self.path)["checkResultStatus"])

    def control(self) -> Json:
        controls = self.alice.get("/public/trust-center/controls").json()["controls"]
        (found,) = controls["DATA_SECURITY"]
        return dict(found)

    def news(self) -> list[Json]:
        """What the webhook was told, each piece with a signature that is right."""
        return [self.verified(received)["data"] for received in self.receiver.received]

    def verified(self, received: Received) -> Json:
        signed = f"{received.headers['trustwright-timestamp']}.".encode() + received.body
        mac = hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
        assert received.headers["trustwright-signature"] == f"v1={mac}"
        found: Json = json.loads(received.body)
        return found

    def changes(self) -> list[tuple[str, str]]:
        return [(news["previousStatus"], news["status"]) for news in self.news()]


def test_a_completed_session_flips_a_monitor_its_control_and_its_webhook(served: tuple[World, Receiver]) -> None:
    desk = MonitorDesk(served)
    desk.resource.stage("monday", "a", "b", level=9)
    assert desk.status() == "READY"
    assert desk.control()["status"] == "NOT_MONITORED"

    desk.resource.complete("monday")

    eventually(lambda: desk.changes() == [("READY", "PASSED")])
    assert desk.status() == "PASSED"
    assert desk.control()["status"] == "PASSING"
    passing_run = desk.news()[0]["runId"]

    desk.resource.upload("tuesday", [row("a", level=9), row("b", level=1)])
    desk.resource.complete("tuesday")

    eventually(lambda: desk.changes()[1:] == [("PASSED", "FAILED")])
    assert desk.status() == "FAILED"
    assert desk.control()["status"] == "FAILING"
    (failure,) = desk.ok("GET", f"{desk.path}/failures")["data"]
    assert (failure["id"], failure["providerName"], failure["cause"][0]["factResult"]) == ("b", "Devices", 1)

    # A record that is mended by itself is looked at soon.
    desk.resource.put("b", {"level": 7})

    eventually(lambda: desk.changes()[2:] == [("FAILED", "PASSED")])
    assert desk.control()["status"] == "PASSING"
    runs = desk.ok("GET", f"{desk.path}/runs", params={"sortDir": "DESC"})["data"]
    assert [run["checkResultStatus"] for run in runs][:2] == ["PASSED", "FAILED"]
    monday = desk.ok("GET", f"{desk.path}/runs/{passing_run}")
    assert (monday["evaluated"], monday["groups"][0]["sessionId"]) == (2, "monday")
