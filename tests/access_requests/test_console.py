"""Requests for access in the console: what is refused, what two reviewers do to each other, and what nobody may see."""

import httpx
import pytest

from tests.access_requests.cast import BOB, Desk, Json
from tests.factories import Account, World
from trustwright.accounts.model import Entitlement
from trustwright.accounts.roles import Role

INBOX = "/trust-center/requests"


def at(request: Json, rest: str = "") -> str:
    return f"{INBOX}/{request['requestId']}{rest}"


def revision(browser: httpx.Client, request: Json) -> str:
    """What a form that is opened now would carry."""
    return browser.get(at(request, "/approve")).text.partition('name="revision" value="')[2].partition('"')[0]


def test_the_inbox_shows_who_waits_and_the_list_of_all_who_was_decided(desk: Desk, acme: Account) -> None:
    desk.approve(desk.ask())
    desk.ask(email="eve@gmail.com", name="Eve")
    browser = acme.browser()

    waiting, everybody = browser.get(INBOX).text, browser.get(f"{INBOX}/all").text

    assert ("eve@gmail.com" in waiting, BOB in waiting) == (True, False)
    assert ("eve@gmail.com" in everybody, BOB in everybody) == (True, True)
    assert "Free-mail address" in waiting


def test_a_list_is_searched_narrowed_sorted_and_saved_as_csv(desk: Desk, acme: Account) -> None:
    desk.deny(desk.ask())
    desk.ask(email="ann@ahead.test", name="=1+1", company="Ahead")
    browser = acme.browser()

    assert BOB not in browser.get(f"{INBOX}/all?q=ahead").text
    assert BOB not in browser.get(f"{INBOX}/all?status=PENDING").text
    by_address = browser.get(f"{INBOX}/all?sort=email").text
    assert by_address.index("ann@ahead.test") < by_address.index(BOB)
    lines = browser.get(f"{INBOX}/all?sort=email&format=csv").text.splitlines()
    assert [line.split(",")[2] for line in lines] == ["email", "ann@ahead.test", BOB]
    assert "'=1+1" in lines[1]
    assert len(browser.get(f"{INBOX}/all?q=ahead&format=csv").text.splitlines()) == 2


def test_an_approval_opens_the_documents_for_the_days_that_were_typed(desk: Desk, acme: Account) -> None:
    request, browser = desk.ask(), acme.browser()

    answer = browser.post(at(request, "/approve"), data={"expiration": "30", "revision": revision(browser, request)})

    assert (answer.status_code, answer.headers["location"]) == (303, at(request))
    assert desk.statuses(request) == ["PENDING", "APPROVED"]
    ((_, ends_at, _),) = desk.grants()
    assert ends_at is not None


@pytest.mark.parametrize("typed", ["0", "soon", "9999"])
def test_a_length_that_cannot_be_is_shown_again_as_it_was_typed(desk: Desk, acme: Account, typed: str) -> None:
    request, browser = desk.ask(), acme.browser()

    answer = browser.post(at(request, "/approve"), data={"expiration": typed, "revision": revision(browser, request)})

    assert answer.status_code == 400
    assert f'value="{typed}"' in answer.text
    assert "invalid-feedback" in answer.text
    assert desk.statuses(request) == ["PENDING"]


def test_the_second_reviewer_is_told_of_the_first(desk: Desk, acme: Account) -> None:
    request, browser = desk.ask(), acme.browser()
    seen = revision(browser, request)
    desk.deny(request)

    answer = browser.post(at(request, "/approve"), data={"revision": seen})

    assert answer.status_code == 409
    assert "Somebody else changed this request" in answer.text
    assert desk.statuses(request) == ["PENDING", "DENIED"]
    again = answer.text.partition('name="revision" value="')[2].partition('"')[0]
    assert browser.post(at(request, "/approve"), data={"revision": again}).status_code == 303


@pytest.mark.parametrize(
    ("verb", "status"), [("deny", "PENDING"), ("revoke", "APPROVED"), ("resend", "APPROVED"), ("approve", "APPROVED")]
)
def test_what_the_page_offers_is_what_the_table_of_states_allows(
    desk: Desk, acme: Account, verb: str, status: str
) -> None:
    request = desk.ask()
    if status == "APPROVED":
        desk.approve(request)
    browser = acme.browser()

    assert at(request, f"/{verb}") in browser.get(at(request)).text
    assert browser.post(at(request, f"/{verb}"), data={"revision": revision(browser, request)}).status_code == 303


def test_what_cannot_be_done_is_said_on_the_page_of_the_request(desk: Desk, acme: Account) -> None:
    request, browser = desk.ask(), acme.browser()

    answer = browser.post(at(request, "/revoke"), data={"revision": revision(browser, request)})

    assert answer.status_code == 400
    assert "deny it instead of revoking it" in answer.text
    assert at(request, "/approve") in answer.text


def test_each_of_several_requests_is_decided_by_itself(desk: Desk, acme: Account) -> None:
    first, second = desk.ask(), desk.ask(email="eve@elsewhere.test")
    desk.deny(second)
    ticked = {"request": [first["requestId"], second["requestId"]], "decision": "approve"}

    answer = acme.browser().post(f"{INBOX}/decide", data=ticked)

    assert "1 of 2 requests was approved" in answer.text
    assert "It was decided already" in answer.text
    assert (desk.statuses(first)[-1], desk.statuses(second)[-1]) == ("APPROVED", "DENIED")


def test_a_request_is_made_in_the_name_of_somebody(desk: Desk, acme: Account) -> None:
    document = f"{desk.report['type']}:{desk.report['documentId']}"
    form = {"email": "Ann@Ahead.test", "name": "Ann", "flowType": "NO_NDA_REQUIRED", "documents": document}

    answer = acme.browser().post(f"{INBOX}/new", data=form)

    assert answer.status_code == 303
    assert [each["email"] for each in desk.listed(status="PENDING")] == ["ann@ahead.test"]


@pytest.mark.parametrize("change", [{"email": "nobody"}, {"name": ""}, {"documents": ""}, {"documents": "POLICY:x"}])
def test_a_request_that_cannot_be_made_keeps_what_was_typed(desk: Desk, acme: Account, change: dict[str, str]) -> None:
    document = f"{desk.report['type']}:{desk.report['documentId']}"
    form = {"email": "ann@ahead.test", "name": "Ann", "company": "<b>Ahead", "flowType": "SELF", "documents": document}

    answer = acme.browser().post(f"{INBOX}/new", data={**form, **change})

    assert answer.status_code == 400
    assert "&lt;b&gt;Ahead" in answer.text
    assert desk.listed(status="PENDING") == []


def test_html_in_a_name_is_shown_as_it_was_typed(desk: Desk, acme: Account) -> None:
    request, browser = desk.ask(name="<img src=x>", company='"><script>'), acme.browser()

    for path in (INBOX, at(request), at(request, "/approve")):
        text = browser.get(path).text
        assert "&lt;img src=x&gt;" in text
        assert "<img src=x>" not in text


def test_who_may_only_read_sees_no_button_and_decides_nothing(desk: Desk, acme: Account) -> None:
    acme.user("reader@acme.test", Role.ACT_AS_READ_ONLY)
    request, browser = desk.ask(), acme.browser("reader@acme.test")

    assert "/approve" not in browser.get(at(request)).text
    assert browser.get(at(request, "/approve")).status_code == 403
    assert browser.post(at(request, "/deny"), data={}).status_code == 403
    assert browser.post(f"{INBOX}/decide", data={"request": request["requestId"]}).status_code == 403


def test_without_the_plan_for_it_nothing_is_decided(desk: Desk, acme: Account) -> None:
    request = desk.ask()
    acme.plan([Entitlement.TRUST_CENTER_ESSENTIALS])
    browser = acme.browser()

    assert "/deny" not in browser.get(at(request)).text
    assert browser.post(at(request, "/deny"), data={}).status_code == 402


@pytest.mark.parametrize("rest", ["", "/approve", "/agreement"])
def test_a_request_of_another_account_is_not_there(world: World, desk: Desk, rest: str) -> None:
    stranger = world.account("Strangers").browser()

    assert stranger.get(at(desk.ask(), rest)).status_code == 404


@pytest.mark.parametrize("verb", ["approve", "deny", "revoke", "resend"])
def test_nobody_decides_for_another_account(world: World, desk: Desk, verb: str) -> None:
    request = desk.ask()

    assert world.account("Strangers").browser().post(at(request, f"/{verb}"), data={}).status_code == 404


def test_customers_are_replaced_by_a_file_and_a_bad_one_changes_nothing(desk: Desk, acme: Account) -> None:
    browser, path = acme.browser(), "/trust-center/access/customers"
    good = b"domain,name,relationshipOk,ndaOnFile\r\ninitech.test,Initech,true,true\r\n"

    assert browser.post(f"{path}/replace", files={"file": ("customers.csv", good)}).status_code == 303
    refused = browser.post(f"{path}/replace", files={"file": ("customers.csv", b"name\r\nnobody\r\n")})

    assert refused.status_code == 400
    assert "domain or email must be among them" in refused.text
    assert "initech.test" in browser.get(path).text
    assert browser.get(f"{path}?format=csv").text.splitlines()[1] == "initech.test,,Initech,true,true"
