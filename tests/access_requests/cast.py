"""What the tests of access requests play with: Acme's trust center, who asks for its documents, and the clock."""

import re
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import httpx

from tests.factories import Account
from tests.records.cast import Json, checked, eventually, refused, together
from tests.trust.cast import COMPANY_INFO, document, nda, settings
from trustwright.access_requests import actions, timers
from trustwright.access_requests.model import AccessRequest, Approval
from trustwright.agreements import actions as agreements
from trustwright.agreements.model import Signing
from trustwright.db import Tx
from trustwright.settings import Settings
from trustwright.trust.model import ExpirationType

__all__ = ["Json", "checked", "eventually", "refused", "together"]

T = TypeVar("T")

REQUESTS = "/public/trust-center/requests"
ACCOUNTS = "/public/trust-center/accounts"
TEAM = "security@acme.test"
BOB = "bob@initech.test"
URL = "https://trust.acme.test"
HERE = Settings(public_url=URL)
ACCESS_LINK = re.compile(r"/access/([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])")


class Desk:
    """An account whose trust center has one private document, and an agreement where its flow needs one."""

    def __init__(self, account: Account, flow: str = "NO_NDA_REQUIRED") -> None:
        self.account = account
        self.flow = flow
        self.alice = checked(account.alice)
        settings(account, flowType="NO_NDA_REQUIRED", name="Acme")
        if flow != "NO_NDA_REQUIRED":
            nda(account)
            settings(account, flowType=flow)
        self.name_team(TEAM)
        self.report = self.document()

    def ok(self, answer: httpx.Response, status: int = 200) -> Any:
        assert answer.status_code == status, answer.text
        return answer.json()

    def name_team(self, addresses: str) -> None:
        self.ok(self.alice.put(COMPANY_INFO, json={"securityEmails": addresses}))

    def document(self, name: str = "SOC 2 report", **more: Any) -> Json:
        """A new private document, as requests name it."""
        made = document(self.account, name, **more)
        return {"documentId": made["id"], "type": made["type"]}

    def sending(self, *documents: Json, **changes: Any) -> Json:
        """The body of a good request with some of it changed; ... leaves a property out."""
        body = {
            "email": BOB,
            "name": "Bob",
            "lastname": "Porter",
            "company": "Initech",
            "acceptTerms": True,
            "documents": list(documents) or [self.report],
            "flowType": self.flow,
            **changes,
        }
        return {name: value for name, value in body.items() if value is not ...}

    def post(self, *documents: Json, **changes: Any) -> httpx.Response:
        return self.alice.post(REQUESTS, json=self.sending(*documents, **changes))

    def ask(self, *documents: Json, **changes: Any) -> Json:
        """A new request, as it is answered."""
        made: Json = self.ok(self.post(*documents, **changes), 201)
        return made

    def put(self, request: Json, verb: str, body: Json | None = None) -> httpx.Response:
        return self.alice.put(f"{REQUESTS}/{request['requestId']}/{verb}", json=body)

    def put_approval(self, request: Json, **changes: Any) -> httpx.Response:
        return self.put(request, "approve", {"expirationType": "DAYS", **changes})

    def approve(self, request: Json, **changes: Any) -> Json:
        approved: Json = self.ok(self.put_approval(request, **changes))
        return approved

    def deny(self, request: Json) -> Json:
        denied: Json = self.ok(self.put(request, "deny"))
        return denied

    def revoke(self, request: Json) -> Json:
        revoked: Json = self.ok(self.put(request, "revoke"))
        return revoked

    def resend(self, request: Json) -> Json:
        sent: Json = self.ok(self.put(request, "resend"))
        return sent

    def get(self, request: Json) -> Json:
        where = {"workspaceId": self.account.workspace_id}
        found: Json = self.ok(self.alice.get(f"{REQUESTS}/{request['requestId']}", params=where))
        return found

    def page(self, **query: Any) -> Json:
        found: Json = self.ok(self.alice.get(REQUESTS, params=query))
        return found

    def listed(self, **query: Any) -> list[Json]:
        found: list[Json] = self.page(**query)["data"]
        return found

    def row(self, request: Json) -> Json:
        """The request as lists show it."""
        status = self.statuses(request)[-1]
        (found,) = [each for each in self.listed(status=status) if each["requestId"] == request["requestId"]]
        return found

    def statuses(self, request: Json) -> list[str]:
        return [each["status"] for each in self.get(request)["statuses"]]

    def sources(self, request: Json) -> list[tuple[str, str]]:
        return [(each["status"], each["source"]) for each in self.get(request)["statuses"]]

    def do(self, work: Callable[[Tx], Coroutine[Any, Any, T]], **later: float) -> T:
        """Runs actions in a transaction of their own, so much later than now."""

        async def run() -> T:
            async with self.account.world.database.begin(self.account.who) as tx:
                tx.now += timedelta(**later)
                return await work(tx)

        return self.account.world.run(run())

    def tick(self, **later: float) -> None:
        """What the job of every few minutes does, so much later than now."""
        self.do(lambda tx: timers.run(tx, HERE), **later)

    def decide(self, request: Json, length: int | None = None, *, anew: bool = False, **later: float) -> AccessRequest:
        """An approval so much later than now."""
        approval = Approval(expiration=length, expiration_type=ExpirationType.DAYS, is_new_expiration=anew)
        return self.do(lambda tx: actions.approve(tx, UUID(request["requestId"]), approval, HERE), **later)

    def sign(self, tracking_id: str, **later: float) -> None:
        """What the signing page does when somebody has signed."""
        envelope_id = UUID(tracking_id)

        async def sign(tx: Tx) -> None:
            signing = Signing(name="Bob Porter", ip="192.0.2.1", user_agent="Browser", signed_at=tx.now)
            await agreements.complete(tx, envelope_id, signing, None)
            await actions.signature_completed(tx, envelope_id, HERE)

        self.do(sign, **later)

    def signed(self, **changes: Any) -> Json:
        """A request whose agreement was signed and whose documents went out."""
        request = self.ask(**changes)
        self.sign(self.approve(request)["trackingId"])
        return request

    def mails(self, template: str = "", to: str | None = None) -> list[tuple[str, str, str]]:
        """Recipient, subject and text of the mails of a template, the oldest first."""
        rows: list[tuple[str, str, str, str]] = self.account.sql(
            "select event, recipient, subject, body_text from mails where account_id = %s order by id"
        )
        return [row[1:] for row in rows if row[0].startswith(template) and to in (None, row[1])]

    def links(self) -> list[str]:
        """The tokens of the links to documents that were mailed."""
        return [token for _, _, text in self.mails() for token in ACCESS_LINK.findall(text)]

    def opens(self, token: str) -> bool:
        """Whether a link is good for anything: a second browser may be asked for a code."""
        return self.account.client(None).post(f"/access/{token}").status_code < 400

    def events(self, *types: str) -> list[tuple[str, Json | None, Json | None]]:
        """Type, before and after of the events of requests, the oldest first."""
        rows = self.account.sql(
            """
            select type, before, after from events
            where account_id = %s and target ->> 'kind' = 'access request' order by seq
            """
        )
        return [row for row in rows if not types or row[0] in types]

    def grants(self) -> list[tuple[str, datetime | None, datetime | None]]:
        """Address, end and revocation of the grants."""
        return self.account.sql("select email, expires_at, revoked_at from grants where account_id = %s order by id")

    def count(self, table: str) -> int:
        ((count,),) = self.account.sql(f"select count(*) from {table} where account_id = %s")
        return int(count)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def days_until(text: str) -> float:
    """Days from now to a date of the API, rounded to an hour."""
    left = moment(text) - datetime.now(moment(text).tzinfo)
    return round(left / timedelta(days=1) * 24) / 24
