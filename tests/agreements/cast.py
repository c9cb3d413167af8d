"""What the tests of agreements play with: a trust center that has them signed, who is asked, and the page they open."""

import io
import re
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import httpx
import pypdf

from tests.documents import pdf
from tests.factories import Account
from tests.records.cast import eventually
from tests.trust import cast as trust
from trustwright.access_requests import actions as access_requests
from trustwright.access_requests.model import AccessRequest, Approval, NewRequest
from trustwright.agreements import actions, jobs
from trustwright.agreements.model import Envelope
from trustwright.db import Tx
from trustwright.settings import Settings
from trustwright.trust.model import DocumentType, ExpirationType, FlowType

T = TypeVar("T")

LINK = re.compile(r"https?://\S+(/sign/[A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])")
CODE = re.compile(r"^(\d{6})$", re.MULTILINE)
NDA = pdf("Mutual agreement, page one")
DRAWING = "10.10 300.150 590.20_20.180 580.180"
VERA = "vera@buyer.test"


class Desk:
    """An account whose documents open once its agreement is signed."""

    def __init__(self, account: Account, nda: bytes = NDA, settings: Settings | None = None) -> None:
        self.account = account
        self.world = account.world
        self.settings = settings or Settings(public_url=account.world.address)
        trust.nda(account, nda)
        trust.settings(account, flowType="DIGITAL_SIGNATURE", legalEmail="legal@acme.test", name="Acme Trust")
        self.document_id: int = trust.document(account)["id"]

    def do(self, work: Callable[[Tx], Coroutine[Any, Any, T]], later: timedelta = timedelta(0)) -> T:
        """Does something in one transaction of the account, some time from now."""

        async def run() -> T:
            async with self.world.database.begin(self.account.who) as tx:
                tx.now += later
                return await work(tx)

        return self.world.run(run())

    def ask(self, email: str = VERA, first: str = "Vera", last: str = "Núñez", company: str = "Buyer & Söhne") -> UUID:
        """A request that was approved, so that a signature is owed: its tracking id."""

        async def submit(tx: Tx) -> AccessRequest:
            new = NewRequest(
                email=email,
                first_name=first,
                last_name=last,
                company=company,
                accepts_terms=False,
                flow_type=FlowType.DIGITAL_SIGNATURE,
                documents=[(DocumentType.SECURITY_REPORT, self.document_id)],
            )
            workspace_id = self.account.workspace_id
            made = await access_requests.submit(tx, workspace_id, new, self.settings, is_public=True)
            approval = Approval(expiration=30, expiration_type=ExpirationType.DAYS, is_new_expiration=False)
            return await access_requests.approve(tx, made.request_id, approval, self.settings)

        tracking_id = self.do(submit).tracking_id
        assert tracking_id is not None
        return tracking_id

    def envelope(self, envelope_id: UUID) -> Envelope:
        return self.do(lambda tx: actions.get_envelope(tx, envelope_id))

    def status(self, envelope_id: UUID) -> str:
        """Of the request that waits for the envelope."""

        async def find(tx: Tx) -> str:
            envelope = await actions.get_envelope(tx, envelope_id)
            return (await access_requests.get_request(tx, envelope.request_id)).status

        return self.do(find)

    def signer(self, **asked: Any) -> "Signer":
        """Who was asked, with the link of the mail."""
        envelope_id = self.ask(**asked)
        return Signer(self, envelope_id, self.links(asked.get("email", VERA))[-1])

    def mails(self, recipient: str) -> list[tuple[str, str]]:
        """Subject and text of the mails to somebody, the oldest first."""
        return self.account.sql(
            "select subject, body_text from mails where account_id = %s and recipient = %s order by id", recipient
        )

    def links(self, recipient: str = VERA) -> list[str]:
        return [link for _, text in self.mails(recipient) for link in LINK.findall(text)]

    def codes(self, recipient: str = VERA) -> list[str]:
        return [code for _, text in self.mails(recipient) for code in CODE.findall(text)]

    def close_windows(self, later: timedelta) -> int:
        return self.do(lambda tx: jobs.close_windows(tx, self.settings), later)

    def remind(self, later: timedelta) -> int:
        return self.do(lambda tx: actions.remind(tx, self.settings), later)

    def acceptances(self) -> list[Any]:
        """Method, address, name, and whether there is a sealed copy, of each acceptance."""
        return self.account.sql(
            """
            select method, email, name, signed_file_id is not null from nda_acceptances
            where account_id = %s order by id
            """
        )

    def everything(self) -> Any:
        """Every row that belongs to the account, but for the clock of its keys, and for how far its mails have got."""
        tables = ("ndas", "envelopes", "nda_acceptances", "nda_supersessions", "events", "files", "blobs")
        mails = self.account.sql("select id, event, recipient, subject from mails where account_id = %s order by 1")
        return [
            mails,
            *(self.account.sql(f"select t::text from {table} t where account_id = %s order by 1") for table in tables),
        ]


class Signer:
    """A browser at the link of an envelope. It follows no redirect by itself."""

    def __init__(self, desk: Desk, envelope_id: UUID, link: str) -> None:
        self.desk = desk
        self.envelope_id = envelope_id
        self.link = link
        self.client = desk.account.client(None)

    @property
    def state(self) -> str:
        return self.desk.envelope(self.envelope_id).state

    def get(self) -> httpx.Response:
        return self.client.get(self.link)

    def ask_for_code(self) -> httpx.Response:
        return self.client.post(f"{self.link}/code")

    def code(self, recipient: str | None = None) -> str:
        """A new code, as the mail has it."""
        email = recipient or self.desk.envelope(self.envelope_id).email
        before = len(self.desk.codes(email))
        answer = self.ask_for_code()
        assert answer.status_code == 303, answer.text
        eventually(lambda: len(self.desk.codes(email)) > before)
        return self.desk.codes(email)[-1]

    def post(self, **changes: Any) -> httpx.Response:
        """A good form with some of it changed; ... leaves a field out."""
        fields = {"name": "Vera Núñez", "code": "", "consent": "yes", **changes}
        return self.client.post(self.link, data={name: value for name, value in fields.items() if value is not ...})

    def sign(self, **changes: Any) -> httpx.Response:
        return self.post(code=self.code(), **changes)

    def decline(self, reason: str = "") -> httpx.Response:
        return self.client.post(f"{self.link}/decline", data={"reason": reason})

    def sealed(self) -> bytes:
        """The signed copy, as the API hands it out."""
        request_id = self.desk.envelope(self.envelope_id).request_id
        path = f"/public/trust-center/requests/{request_id}"
        detail = self.desk.account.alice.get(path, params={"workspaceId": self.desk.account.workspace_id})
        assert detail.status_code == 200, detail.text
        answer = self.client.get(detail.json()["ndaUrl"])
        assert answer.status_code == 200, answer.text
        return answer.content


def texts(content: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]
