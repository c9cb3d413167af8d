"""Made-up requests against the running server, by its own description: every answer must be a described one."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.documents import pdf
from tests.factories import Account, World
from trustwright.app import OPERATIONS
from trustwright.http.openapi import document
from trustwright.http.operations import Version

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance, content_type_conformance]

LONGEST_IN_QUERY = 1000


def described(version: Version) -> dict[str, Any]:
    """The document; of a long enumeration in the query only the begin, for each of its values is tried, and no text
    that would make the request line too long for the server."""
    found = document(version, OPERATIONS)
    for operation in (each for path in found["paths"].values() for each in path.values()):
        for parameter in operation["parameters"]:
            if "enum" in parameter["schema"]:
                parameter["schema"]["enum"] = parameter["schema"]["enum"][:10]
            if parameter["schema"].get("maxLength", 0) > LONGEST_IN_QUERY:
                parameter["schema"]["maxLength"] = LONGEST_IN_QUERY
    return found


SCHEMAS = {version: schemathesis.openapi.from_dict(described(version)) for version in Version}

within_bounds = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Seeded:
    """An account with something at every path, and the ids that lead there."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.key = account.alice.headers["Authorization"]
        event = account.alice.get("/public/v2/events").json()["data"][0]
        self.ids: dict[str, Any] = {
            "id": account.alice_id,
            "userId": account.alice_id,
            "email": account.alice_email,
            "roleId": "role:ADMIN",
            "eventId": event["id"],
            "workspaceId": account.workspace_id,
        }
        # What the same names of parameters mean below other paths.
        self.below: dict[str, dict[str, Any]] = {}
        self._connect(account)
        self._review(account)
        self._trust(account)

    def _listen(self, account: Account) -> None:
        """A webhook to nowhere, with a delivery."""
        at = "/public/v2/webhooks"
        webhook = _added(account.alice.post(at, json={"url": "https://hooks.acme.invalid/"}))
        self.ids |= {"webhookId": webhook, "deliveryId": _added(account.alice.post(f"{at}/{webhook}/test"))}

    def _trust(self, account: Account) -> None:
        """A trust center with a private document, a control and a request for the document."""
        alice, at = account.alice, "/public/trust-center"
        form = {"name": "SOC 2", "type": "SECURITY_REPORT", "isPublic": "false"}
        document = _added(alice.post(f"{at}/documents", data=form, files={"file": ("soc2.pdf", pdf("SOC 2"))}))
        new = {
            "email": "vera@buyer.test",
            "name": "Vera",
            "lastname": "Lund",
            "company": "Buyer",
            "acceptTerms": True,
            "flowType": "NO_NDA_REQUIRED",
            "documents": [{"documentId": document, "type": "SECURITY_REPORT"}],
        }
        request = alice.post(f"{at}/requests", json=new).raise_for_status().json()
        self.below["/trust-center/requests"] = {"id": request["requestId"]}
        self.below["/trust-center/documents"] = {"type": "SECURITY_REPORT", "id": document}

    def at(self, path: str) -> dict[str, Any]:
        """The ids that lead somewhere at a path."""
        if "{webhookId}" in path and "webhookId" not in self.ids:
            self._listen(self.account)
        if "{testId}" in path and "testId" not in self.ids:
            self._monitor(self.account)
        return self.ids | next((ids for prefix, ids in self.below.items() if path.startswith(prefix)), {})

    def _review(self, account: Account) -> None:
        """A vendor with a review, a document, a questionnaire sent from a template; and a type of vendors."""
        alice = account.alice
        vendor = _added(alice.post("/public/v2/vendors", json={"name": "Initech"}))
        at = f"/public/v2/vendors/{vendor}"
        body = {
            "reviewDeadlineAt": "2030-07-01T00:00:00Z",
            "securityReviewStatus": "IN_PROGRESS",
            "securityReviewType": "SOC_REPORT",
        }
        review = _added(alice.post(f"{at}/security-reviews", json=body))
        file = ("report.pdf", pdf("SOC 2"), "application/pdf")
        questions = [{"section": "Access", "text": "Is sign-in protected?", "type": "yes_no"}]
        template = {"title": "Basics", "questions": questions}
        self.ids |= {
            "vendorId": vendor,
            "securityReviewId": review,
            "documentId": _added(alice.post(f"{at}/documents", files={"file": file})),
            "vendorTypeId": _added(alice.post("/public/v2/vendor-types", json={"name": "Hosting"})),
            "templateId": _added(alice.post("/public/v2/questionnaire-templates", json=template)),
            "questionnaireId": _added(alice.post(f"{at}/security-questionnaires", files={"files": file})),
        }

    def _connect(self, account: Account) -> None:
        given = {
            "name": "Door locks",
            "providerTypes": ["CUSTOM"],
            "workspaceIds": [account.workspace_id],
            "displayNameKey": "name",
            "sampleData": {"name": "Front", "locked": True},
        }
        connection = account.alice.post("/public/v2/custom-connections", json=given).raise_for_status().json()
        resource = connection["customResources"][0]
        self.ids |= {"connectionId": connection["id"], "resourceId": resource["id"], "recordId": "front"}
        records = f"/public/v2/custom-connections/{connection['id']}/resources/{resource['id']}"
        item = {"data": {"id": "front", "name": "Front", "locked": True}}
        account.alice.post(f"{records}/records", json=item).raise_for_status()
        account.alice.post(f"{records}/sessions/night", json=item).raise_for_status()
        self.ids["sessionId"] = "night"

    def _monitor(self, account: Account) -> None:
        """A test that ran, with a record that failed and one that is excluded."""
        tests = f"/public/v2/workspaces/{account.workspace_id}/monitoring-tests"
        open_doors = {"all": [{"fact": "locked", "operator": "equal", "value": False}]}
        of_doors = {name: self.ids[name] for name in ("connectionId", "resourceId")}
        new = {"name": "Doors are open", "enabled": False, "groups": [{**of_doors, "evaluator": open_doors}]}
        test = account.alice.post(tests, json=new).raise_for_status().json()["testId"]
        run = account.alice.post(f"{tests}/{test}/run").raise_for_status().json()["runId"]
        left_out = {"targetId": "back", "exclusionReason": "Walled up"}
        exclusion = _added(account.alice.post(f"{tests}/{test}/exclusions", json=left_out))
        self.ids |= {"testId": test, "runId": run, "exclusionId": exclusion}


def _added(answer: httpx.Response) -> int:
    added: int = answer.raise_for_status().json()["id"]
    return added


@pytest.fixture
def seeded(world: World) -> Seeded:
    return Seeded(world.account("Acme"))


@pytest.fixture(scope="module")
def connection() -> Iterator[requests.Session]:
    """One connection for all requests, and no look at the environment's proxies before each."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def perform(case: Case[Any], seeded: Seeded, connection: requests.Session, address: str) -> None:
    if case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE:
        # A made-up id leads nowhere, a made-up cursor is refused; what is meant to be wrong stays as it is.
        case.query.pop("cursor", None)
        ids = seeded.at(case.path)
        case.path_parameters |= {name: ids[name] for name in case.path_parameters if name in ids}
    headers = {"Authorization": seeded.key}
    case.call_and_validate(base_url=address, session=connection, headers=headers, checks=CHECKS)


@SCHEMAS[Version.V1].parametrize()
@within_bounds
def test_version_1(case: Case[Any], seeded: Seeded, connection: requests.Session, world: World) -> None:
    perform(case, seeded, connection, f"{world.address}/public")


@SCHEMAS[Version.V2].parametrize()
@within_bounds
def test_version_2(case: Case[Any], seeded: Seeded, connection: requests.Session, world: World) -> None:
    perform(case, seeded, connection, f"{world.address}/public/v2")
