"""Each flow of a trust center to its end, through a running service and a real SMTP server: request, agreement,
approval, link, stamped documents, extension, expiry, revocation."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import httpx
import psycopg
import pypdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.factories import Account, World
from tests.mail.postman import Postman, mailing
from tests.records.cast import checked, eventually
from trustwright.access_requests import timers

V1 = "/public/trust-center"
ACCESS = re.compile(r"(/access/[A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])")
SIGN = re.compile(r"(/sign/[A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])")
CODE = re.compile(r"^\s*(\d{6})\s*$", re.MULTILINE)
PAGES = 3
EMAIL = "vera@buyer.test"
AGED = ("grants", "grant_documents", "access_links", "visitor_sessions", "access_requests", "envelopes")
TIMES = """
    select attname from pg_attribute
    where attrelid = %s::regclass and atttypid = 'timestamptz'::regtype and attgenerated = ''
"""


@pytest.fixture(scope="module")
def served(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Postman]]:
    """A service of its own that sends its mails, and who receives them."""
    folder = tmp_path_factory.mktemp("trust")
    with mailing(f"trustwright_trust_way_{worker_id}", folder) as served:
        yield served


def report(pages: int = PAGES) -> bytes:
    """A PDF whose pages each say which they are."""
    content = io.BytesIO()
    canvas = Canvas(content)
    for number in range(1, pages + 1):
        canvas.drawString(72, 720, f"Findings of chapter {number}")
        canvas.showPage()
    canvas.save()
    return content.getvalue()


class TrustDesk:
    """A published trust center with an agreement and one private report, and the mailboxes around it."""

    def __init__(self, served: tuple[World, Postman], flow: str) -> None:
        self.world, self.postman = served
        self.account: Account = self.world.account("Acme")
        self.alice = checked(self.account.alice)
        self.slug = f"acme-{self.account.id}"
        self.email = f"{self.account.id}-{EMAIL}"
        self.team = f"security{self.account.id}@acme.test"
        self.ok("POST", "/nda", 201, files={"file": ("nda.pdf", report(1), "application/pdf")})
        self.ok(
            "PUT",
            "/settings",
            json={"slug": self.slug, "isPublished": True, "flowType": flow, "defaultExpirationDays": 30},
        )
        self.ok("PUT", "/company-info/private-access", json={"securityEmails": self.team})
        form = {"name": "SOC 2 report", "type": "SECURITY_REPORT", "isPublic": "false"}
        files = {"file": ("soc2.pdf", report(), "application/pdf")}
        self.document = self.ok("POST", "/documents", 201, data=form, files=files)
        self.flow = flow

    def ok(self, method: str, path: str, status: int = 200, **sent: Any) -> Any:
        answer = self.alice.request(method, V1 + path, **sent)
        assert answer.status_code == status, answer.text
        return answer.json()

    def visitor(self) -> httpx.Client:
        """A browser that follows no redirect by itself and has no key."""
        return self.account.client(None)

    def ask(self, **changed: Any) -> None:
        """The form of the public page."""
        body = {
            "email": self.email,
            "name": "Vera",
            "lastname": "Núñez <b>",
            "company": "Buyer & Söhne",
            "acceptTerms": True,
            "flowType": self.flow,
            "documents": [{"documentId": self.document["id"], "type": "SECURITY_REPORT"}],
            **changed,
        }
        answer = self.visitor().post(f"/trust/{self.slug}/requests", json=body)
        assert answer.status_code == 201, answer.text

    def request(self, status: str) -> Any:
        (found,) = self.ok("GET", "/requests", params={"status": status})["data"]
        return found

    def detail(self, request_id: str) -> Any:
        return self.ok("GET", f"/requests/{request_id}", params={"workspaceId": self.account.workspace_id})

    def statuses(self, request_id: str) -> list[str]:
        return [each["status"] for each in self.detail(request_id)["statuses"]]

    def approve(self, request_id: str, days: int, *, anew: bool = False) -> Any:
        body = {"expiration": days, "expirationType": "DAYS", "isNewExpiration": anew}
        return self.ok("PUT", f"/requests/{request_id}/approve", json=body)

    def mails(self, recipient: str) -> list[EmailMessage]:
        return [mail for mail in self.postman.mails if mail["To"] == recipient]

    def mail(self, recipient: str, number: int) -> str:
        """The text of so-and-so-manieth mail to somebody, once it is there."""
        eventually(lambda: len(self.mails(recipient)) >= number)
        body = self.mails(recipient)[number - 1].get_body(("plain",))
        assert body is not None
        text: str = body.get_content()
        return text

    def link(self, wanted: re.Pattern[str], after: int) -> str:
        """The path of the next link mailed to the requester, after so many mails."""

        def found() -> list[str]:
            texts = [self.mail(self.email, number + 1) for number in range(after, len(self.mails(self.email)))]
            return [link for text in texts for link in wanted.findall(text)]

        eventually(lambda: bool(found()))
        return found()[-1]

    def opened(self, link: str) -> httpx.Client:
        """A browser in which the link was opened, and its button pressed."""
        visitor = self.visitor()
        assert visitor.get(link).status_code == 200
        pressed = visitor.post(link)
        assert (pressed.status_code, pressed.headers["location"]) == (303, "/access"), pressed.text
        return visitor

    def look(self, visitor: httpx.Client) -> httpx.Response:
        return visitor.get(f"/access/documents/{self.document['id']}", params={"download": "1"})

    def assert_stamped(self, answer: httpx.Response, request_id: str) -> None:
        assert answer.status_code == 200, answer.text
        pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
        assert len(pages) == PAGES
        for number, page in enumerate(pages, 1):
            text = page.extract_text()
            assert f"Findings of chapter {number}" in text
            assert self.email in text
            assert request_id in text
            assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC", text)

    def grow_older(self, **age: float) -> None:
        """Moves the account into the past, which is to move the clock, and lets the timers look."""
        with psycopg.connect(self.world.database_url) as connection:
            for table in AGED:
                columns = connection.execute(TIMES, [table]).fetchall()
                moved = ", ".join(f"{name} = {name} - %(age)s" for (name,) in columns)
                connection.execute(
                    f"update {table} set {moved} where account_id = %(account)s",
                    {"age": timedelta(**age), "account": self.account.id},
                )

    def timers(self) -> None:
        """What the jobs do every few minutes."""

        async def run() -> None:
            async with self.world.database.begin(self.account.who) as tx:
                await timers.end_access(tx)

        self.world.run(run())

    def end(self, request_id: str, visitor: httpx.Client) -> None:
        """Extension, expiry by a moved clock, renewal and revocation, which are the same in every flow."""
        before = self.detail_end(request_id)
        mails = len(self.mails(self.email))
        self.approve(request_id, 60, anew=True)
        assert self.detail_end(request_id) > before
        self.mail(self.email, mails + 1)
        self.assert_stamped(self.look(visitor), request_id)

        self.grow_older(days=61)
        assert self.look(visitor).status_code in (401, 410)
        self.timers()
        assert self.statuses(request_id)[-1] == "ACCESS_EXPIRED"

        mails = len(self.mails(self.email))
        self.approve(request_id, 5, anew=True)
        again = self.opened(self.link(ACCESS, mails))
        self.assert_stamped(self.look(again), request_id)
        mails = len(self.mails(self.email))
        assert self.ok("PUT", f"/requests/{request_id}/revoke") == {"isRevoked": True}
        assert self.look(again).status_code in (401, 410)
        assert self.statuses(request_id)[-1] == "REVOKED"
        self.mail(self.email, mails + 1)

    def detail_end(self, request_id: str) -> str:
        rows = self.ok("GET", "/requests", params={"q": self.email})["data"]
        (end,) = [row["expirationDate"] for row in rows if row["requestId"] == request_id]
        return str(end)


@pytest.mark.parametrize("flow", ["SELF", "NO_NDA_REQUIRED"])
def test_a_request_is_approved_opened_extended_expired_and_revoked(served: tuple[World, Postman], flow: str) -> None:
    desk = TrustDesk(served, flow)
    desk.ask(acceptTerms=flow == "SELF")
    assert "SOC 2 report" in desk.mail(desk.email, 1)
    assert desk.email in desk.mail(desk.team, 1)
    request_id = desk.request("PENDING")["requestId"]

    assert desk.approve(request_id, 30) == {"isApproved": True}
    link = desk.link(ACCESS, 1)
    scanner = desk.visitor()
    assert {scanner.get(link).status_code for _ in range(15)} == {200}
    visitor = desk.opened(link)

    desk.assert_stamped(desk.look(visitor), request_id)
    assert desk.statuses(request_id) == ["PENDING", "APPROVED"]
    desk.end(request_id, visitor)


def test_a_signature_stands_between_the_approval_and_the_documents(served: tuple[World, Postman]) -> None:
    desk = TrustDesk(served, "DIGITAL_SIGNATURE")
    desk.ask(acceptTerms=False)
    request_id = desk.request("PENDING")["requestId"]

    approved = desk.approve(request_id, 30)
    assert re.fullmatch(r"[0-9a-f-]{36}", approved["trackingId"])
    assert desk.statuses(request_id) == ["PENDING", "APPROVED", "NDA_SENT"]
    link = desk.link(SIGN, 1)
    signer = desk.visitor()
    assert signer.get(link).status_code == 200
    mails = len(desk.mails(desk.email))
    assert signer.post(f"{link}/code").status_code in (200, 303)
    (code,) = CODE.findall(desk.mail(desk.email, mails + 1))
    signed = signer.post(link, data={"name": "Vera Núñez", "code": code, "consent": "yes"})
    assert signed.status_code in (200, 303), signed.text

    assert desk.statuses(request_id) == ["PENDING", "APPROVED", "NDA_SENT", "NDA_SIGNED", "FILES_SENT"]
    sealed = desk.visitor().get(httpx.URL(desk.detail(request_id)["ndaUrl"]).raw_path.decode())
    assert "Vera Núñez" in pypdf.PdfReader(io.BytesIO(sealed.content)).pages[-1].extract_text()
    eventually(lambda: any(part.get_filename() for mail in desk.mails(desk.email) for part in mail.iter_attachments()))
    visitor = desk.opened(desk.link(ACCESS, 1))
    desk.assert_stamped(desk.look(visitor), request_id)
    desk.end(request_id, visitor)


def test_whom_the_crm_knows_well_needs_no_reviewer(served: tuple[World, Postman]) -> None:
    desk = TrustDesk(served, "SALESFORCE_CRM")
    known = {"domain": "buyer.test", "name": "Buyer", "relationshipOk": True, "ndaOnFile": True}
    desk.ok("PUT", "/accounts", json={"accounts": [known]})
    desk.ask(acceptTerms=False)

    request = desk.request("AUTO_APPROVED")
    detail = desk.detail(request["requestId"])
    assert request["isAutoApproved"] is True
    assert detail["autoApproveType"] == "SALESFORCE"
    assert [(each["status"], each["source"]) for each in detail["statuses"]][-1] == ("AUTO_APPROVED", "SALESFORCE")
    visitor = desk.opened(desk.link(ACCESS, 0))
    desk.assert_stamped(desk.look(visitor), request["requestId"])
    desk.end(request["requestId"], visitor)
