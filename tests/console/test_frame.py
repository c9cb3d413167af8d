"""The frame of the console over HTTP: lists, rights, and where forms come from."""

import csv
import io
import re

import httpx
import pytest

from tests.factories import Account
from tests.vendors.cast import VENDORS
from trustwright.accounts.roles import Role


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_list_is_searched_paged_and_turned_round(acme: Account) -> None:
    for number in range(30):
        acme.alice.post(VENDORS, json={"name": f"Vendor {number:02}"})
    browser = acme.browser()

    first = browser.get("/events", params={"q": "vendor"}).text
    second = browser.get("/events", params={"q": "vendor", "page": "2"}).text
    turned = browser.get("/events", params={"q": "vendor", "sort": "time"}).text

    assert ("Vendor 29" in first, "Vendor 02" in first, "Vendor 02" in second) == (True, False, True)
    assert "q=vendor&amp;page=2" in first
    assert 'aria-sort="ascending"' in turned
    assert turned.index("Vendor 00") < turned.index("Vendor 01")


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "page=99999999", "sort=password", "category=X", "q=%00"]
)
def test_an_address_that_somebody_made_up_shows_a_list_all_the_same(acme: Account, query: str) -> None:
    assert acme.browser().get(f"/events?{query}").status_code == 200


def test_a_list_comes_as_a_file_that_runs_nothing(acme: Account) -> None:
    acme.alice.post(VENDORS, json={"name": "=cmd()"})

    answer = acme.browser().get("/events", params={"format": "csv", "q": "=cmd"})

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    heads, event = rows(answer.text)
    assert heads[:2] == ["time", "type"]
    assert (event[1], event[3].startswith("=")) == ("VENDOR_CREATED", False)


def test_names_of_others_are_text_and_never_markup(acme: Account) -> None:
    acme.alice.post(VENDORS, json={"name": "<script>alert(1)</script>"})

    assert "<script>alert" not in acme.browser().get("/events").text


def test_what_a_role_may_not_see_it_is_neither_shown_nor_led_to(acme: Account) -> None:
    acme.user("eve@account.test", Role.EMPLOYEE)
    browser = acme.browser("eve@account.test")

    dashboard = browser.get("/")

    assert dashboard.status_code == 200
    assert 'href="/events"' not in dashboard.text
    assert browser.get("/events").status_code == 403


def test_a_form_below_a_page_of_several_is_at_that_page_and_at_no_other(acme: Account) -> None:
    page = acme.browser().get("/trust-center/access/preapproved/add").text

    tabs = page[page.index('class="tabs"') :]
    assert re.findall(r'href="([^"]+)" aria-current="page"', tabs) == ["/trust-center/access/preapproved"]


def test_an_event_of_another_account_is_not_there(acme: Account, globex: Account) -> None:
    (event, *_) = acme.alice.get("/public/v2/events").json()["data"]

    assert acme.browser().get(f"/events/{event['id']}").status_code == 200
    assert globex.browser().get(f"/events/{event['id']}").status_code == 404
    assert acme.browser().get("/events/not-an-id").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
)
def test_only_forms_of_our_own_pages_are_taken(acme: Account, headers: dict[str, str]) -> None:
    browser = acme.browser()
    del browser.headers["Origin"]

    assert browser.post("/sign-out", headers=headers).status_code == 403
    assert browser.get("/events").status_code == 200


def test_a_user_who_was_deactivated_is_out_at_once(acme: Account) -> None:
    acme.user("bob@account.test", Role.ADMIN)
    browser = acme.browser("bob@account.test")
    assert browser.get("/").status_code == 200

    acme.world.run(deactivate(acme, "bob@account.test"))

    assert browser.get("/").headers["location"].startswith("/sign-in")


async def deactivate(account: Account, email: str) -> None:
    async with account.world.database.begin(account.who) as tx:
        await tx.run(
            "update users set deactivated_at = now() where account_id = %(account_id)s and email = %(email)s",
            email=email,
        )


def test_a_list_that_a_script_asks_for_leads_to_the_sign_in_page(acme: Account) -> None:
    nobody: httpx.Client = acme.visitor()

    answer = nobody.get("/events?q=x", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in?next=%2Fevents%3Fq%3Dx")


def test_an_address_of_no_page_is_told_to_people_as_a_page_and_to_programs_as_always(acme: Account) -> None:
    person = acme.visitor().get("/nothing", headers={"Accept": "text/html"})
    program = acme.visitor().get("/public/v2/nothing", headers={"Accept": "text/html"})

    assert (person.status_code, program.status_code) == (404, 404)
    assert "There is no such page" in person.text
    assert "default-src 'none'" in person.headers["content-security-policy"]
    assert program.json()["name"] == "NotFoundException"
