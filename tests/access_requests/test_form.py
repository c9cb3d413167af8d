"""The public form: whatever is known of an address, the answer is the same."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from tests.access_requests.cast import BOB, Desk, refused
from tests.conftest import cloned, free_port, serving
from tests.factories import Account, World
from tests.trust.cast import COMPANY_INFO, settings
from trustwright.accounts.model import Entitlement

numbers = count(1)


@pytest.fixture(scope="module")
def behind_proxy(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A service that trusts its proxy, so that each visitor of a test can have an address of their own."""
    folder = tmp_path_factory.mktemp("form")
    with (
        cloned(f"trustwright_form_{worker_id}") as url,
        serving(url, folder, free_port(), TRUSTWRIGHT_TRUSTED_PROXIES="127.0.0.0/8") as server,
    ):
        world = World(url, server)
        yield world
        world.close()


@pytest.fixture
def acme(behind_proxy: World) -> Account:
    return behind_proxy.account("Acme")


@pytest.fixture
def page(acme: Account) -> "Page":
    return Page(Desk(acme))


class Page:
    """A published trust center, and its visitors."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.slug = f"acme-{desk.account.id}"
        settings(desk.account, slug=self.slug, isPublished=True)

    @property
    def path(self) -> str:
        return f"/trust/{self.slug}/requests"

    def send(self, ip: str | None = None, **changes: Any) -> httpx.Response:
        """What a visitor sends, from an address of their own unless one is given."""
        return self.post(ip, json=self.desk.sending(**changes))

    def post(self, ip: str | None = None, **sent: Any) -> httpx.Response:
        number = next(numbers)
        headers = {"X-Forwarded-For": ip or f"10.0.{number // 250}.{number % 250 + 1}", "User-Agent": "Browser"}
        return self.desk.account.client(None).post(self.path, headers=headers, **sent)


def test_a_visitor_asks_without_a_key(page: Page) -> None:
    answer = page.send()

    assert answer.status_code == 201
    assert answer.json()["received"] is True
    (waiting,) = page.desk.listed(status="PENDING")
    assert waiting["email"] == BOB
    rows = page.desk.account.sql("select is_public from access_requests where account_id = %s")
    assert rows == [(True,)]


def test_the_answer_is_the_same_for_everybody(page: Page) -> None:
    desk = page.desk
    desk.ok(desk.alice.put(COMPANY_INFO, json={"preapprovedEmailDomains": ["known.test"]}))
    desk.ask(email="waits@x.test")
    desk.approve(desk.ask(email="holds@x.test"))
    desk.deny(desk.ask(email="denied@x.test"))
    revoked = desk.ask(email="revoked@x.test")
    desk.approve(revoked)
    desk.revoke(revoked)

    emails = ["new@x.test", "waits@x.test", "holds@x.test", "denied@x.test", "revoked@x.test", "carol@known.test"]
    answers = [page.send(email=email) for email in emails]

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    same = [{name: value for name, value in answer.headers.items() if name != "x-request-id"} for answer in answers]
    assert all({**each, "date": ""} == {**same[0], "date": ""} for each in same)


def test_a_form_of_a_browser_is_taken_too(page: Page) -> None:
    report = page.desk.report
    fields = {
        "email": BOB,
        "name": "Bob",
        "lastname": "Pörter",
        "company": "Initech & Co",
        "acceptTerms": "true",
        "documents": [f"{report['type']}:{report['documentId']}"],
    }

    answer = page.post(data=fields)

    assert answer.status_code == 201, answer.text
    (waiting,) = page.desk.listed(status="PENDING")
    assert (waiting["lastname"], waiting["company"]) == ("Pörter", "Initech & Co")


def test_a_tick_on_the_form_is_kept_with_where_it_came_from(page: Page) -> None:
    desk = Desk(page.desk.account, "SELF")
    page.desk = desk

    assert page.send(ip="203.0.113.7").status_code == 201

    assert desk.account.sql("select ip, user_agent, method from nda_acceptances where account_id = %s") == [
        ("203.0.113.7", "Browser", "CLICK")
    ]


@pytest.mark.parametrize("sent", [..., "NO_NDA_REQUIRED", "SELF"])
def test_the_flow_is_that_of_the_trust_center_whatever_is_sent(page: Page, sent: object) -> None:
    desk = Desk(page.desk.account, "DIGITAL_SIGNATURE")
    page.desk = desk

    assert page.send(flowType=sent, acceptTerms=False).status_code == 201

    assert desk.account.sql("select flow_type from access_requests where account_id = %s") == [("DIGITAL_SIGNATURE",)]


def test_unlisted_and_unknown_documents_are_refused_alike(page: Page) -> None:
    hidden = page.desk.document("Pentest", is_public="null")
    nowhere = {**hidden, "documentId": hidden["documentId"] + 1000}

    first, second = (page.send(documents=[each]) for each in (hidden, nowhere))

    assert first.status_code == second.status_code == 400
    place = str(hidden["documentId"])
    assert first.json()["message"].replace(place, "N") == second.json()["message"].replace(
        str(nowhere["documentId"]), "N"
    )


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {}},
        {"json": []},
        {"content": b"\xff"},
        {"data": {"email": BOB}},
        {"data": {"email": BOB, "name": "B", "lastname": "P", "company": "I", "documents": ["POLICY"]}},
        {"content": b"email=%00", "headers": {}},
    ],
)
def test_a_bad_form_is_refused(page: Page, sent: dict[str, Any]) -> None:
    sent = {name: value for name, value in sent.items() if name != "headers"}

    refused(page.post(**sent), 400)

    assert page.desk.count("access_requests") == 0


def test_a_form_that_is_too_large_is_413(page: Page) -> None:
    assert page.post(content=b"{" + b" " * 70_000 + b"}").status_code == 413


@pytest.mark.parametrize("hidden", ["unknown", "unpublished", "not entitled"])
def test_what_is_not_there_is_404_in_the_same_words(page: Page, hidden: str) -> None:
    match hidden:
        case "unknown":
            page.slug = "nobody"
        case "unpublished":
            settings(page.desk.account, isPublished=False)
        case "not entitled":
            page.desk.account.plan(entitlements=[Entitlement.TRUST_CENTER_ESSENTIALS])

    refused(page.send(), 404, "There is no such page")


def test_one_address_sends_ten_a_minute_and_it_is_recorded_once(page: Page) -> None:
    statuses = [page.send(ip="198.51.100.9", email=f"b{number}@x.test") for number in range(25)]

    # A minute may begin in between.
    refused_ones = [answer for answer in statuses if answer.status_code == 429]
    assert len(refused_ones) >= 5
    assert int(refused_ones[0].headers["retry-after"]) > 0
    rows = page.desk.account.sql(
        "select target ->> 'id' from events where account_id = %s and type = 'TRUST_CENTER_INGRESS_DENIED'"
    )
    assert rows in ([("198.51.100.9",)], [("198.51.100.9",)] * 2)
    assert page.send(ip="198.51.100.10", email="c@x.test").status_code == 201


def test_one_mailbox_is_written_to_five_times_a_minute(page: Page) -> None:
    statuses = [page.send(email=email).status_code for email in ["spam@x.test", "SPAM@X.test"] * 8]

    assert statuses.count(429) >= 6
    assert statuses.count(201) >= 5
    assert page.send(email="other@x.test").status_code == 201


def test_a_get_is_no_request(page: Page) -> None:
    assert page.desk.account.client(None).get(page.path).status_code == 200

    assert page.desk.account.sql("select id from access_requests where account_id = %s") == []
