"""Tests of a workspace as the API shows them; what is asked, Alice asks, and each answer must keep the contract."""

from typing import Any

import httpx

from tests.factories import Account
from tests.monitors.cast import body
from tests.records.cast import Json, Resource, checked, everything


def all_tests(account: Account, workspace_id: int | None = None) -> str:
    return f"/public/v2/workspaces/{workspace_id or account.workspace_id}/monitoring-tests"


def v1(account: Account) -> str:
    return f"/public/workspaces/{account.workspace_id}"


def post_test(resource: Resource, name: str = "Levels are high", **changes: Any) -> httpx.Response:
    """Asks for a new test, which runs only when told to."""
    sent = body(resource, name, **{"enabled": False, **changes})
    return checked(resource.account.alice).post(all_tests(resource.account), json=sent)


class Test:
    """A test of Acme's."""

    __test__ = False

    def __init__(self, resource: Resource, name: str = "Levels are high", **changes: Any) -> None:
        made = post_test(resource, name, **changes)
        assert made.status_code == 201, made.text
        self.made: Json = made.json()
        self.account = resource.account
        self.alice = checked(resource.account.alice)
        self.id: int = self.made["id"]
        self.test_id: int = self.made["testId"]
        self.path = f"{all_tests(self.account)}/{self.test_id}"
        self.v1 = f"{v1(self.account)}/monitors/{self.test_id}"

    def get(self, rest: str = "", **query: Any) -> Json:
        """What stands at a path below the test."""
        return good(self.alice.get(f"{self.path}{rest}", params=query))

    def put(self, **change: Any) -> httpx.Response:
        return self.alice.put(self.path, json=change)

    def run(self) -> Json:
        return good(self.alice.post(f"{self.path}/run"))

    def exclude(self, target_id: str, reason: str = "Retired") -> Json:
        sent = {"targetId": target_id, "exclusionReason": reason}
        return good(self.alice.post(f"{self.path}/exclusions", json=sent), 201)

    def ids(self, rest: str, **query: Any) -> list[Any]:
        """The ids of all pages of a list below the test."""
        return [each["id"] for each in everything(self.alice, f"{self.path}{rest}", **query)]


def good(answer: httpx.Response, status: int = 200) -> Json:
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found
