"""Coming in by password: whom it lets in, whom it keeps out, and what becomes of what was typed."""

import httpx
import pytest

from tests.factories import Account
from trustwright.accounts import actions
from trustwright.console.visits import SESSION

PASSWORD = "correct horse battery staple"


@pytest.fixture
def browser(acme: Account) -> httpx.Client:
    """Of Bob, who has a password and is not signed in."""

    async def make() -> None:
        async with acme.world.database.begin(acme.who) as tx:
            await actions.create_user(tx, f"bob@account{acme.id}.test", [actions.Role.ADMIN], PASSWORD)

    acme.world.run(make())
    client = acme.visitor()
    client.headers["Origin"] = acme.world.address
    return client


def attempt(browser: httpx.Client, acme: Account, password: str = PASSWORD, **more: str) -> httpx.Response:
    email = more.pop("email", f"bob@account{acme.id}.test")
    return browser.post("/sign-in", data={"email": email, "password": password, "next": "/events", "kept": "", **more})


def test_the_right_password_opens_a_session_and_leads_on(browser: httpx.Client, acme: Account) -> None:
    answer = attempt(browser, acme)

    assert (answer.status_code, answer.headers["location"]) == (303, "/events")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert browser.get("/events").status_code == 200


@pytest.mark.parametrize("email", ["", "nobody@elsewhere.test"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    browser: httpx.Client, acme: Account, email: str
) -> None:
    answer = attempt(browser, acme, "wrong", **({"email": email} if email else {}))

    assert answer.status_code == 401
    assert "The address or the password is wrong" in answer.text
    assert SESSION not in answer.cookies


def test_who_tries_too_often_has_to_wait(browser: httpx.Client, acme: Account) -> None:
    statuses = [attempt(browser, acme, "wrong").status_code for _ in range(21)]

    assert 429 in statuses


def test_a_form_of_another_site_signs_nobody_in(browser: httpx.Client, acme: Account) -> None:
    browser.headers["Origin"] = "https://evil.test"

    answer = attempt(browser, acme)

    assert answer.status_code == 403
    assert SESSION not in answer.cookies


@pytest.mark.parametrize("wanted", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)"])
def test_nobody_is_sent_on_to_another_site(browser: httpx.Client, acme: Account, wanted: str) -> None:
    assert attempt(browser, acme, next=wanted).headers["location"] == "/"


def test_a_session_has_a_cookie_of_its_own_whatever_the_browser_came_with(browser: httpx.Client, acme: Account) -> None:
    browser.cookies.set(SESSION, "chosen by somebody else")

    token = attempt(browser, acme).cookies[SESSION]

    assert token != "chosen by somebody else"
    browser.cookies.clear()
    browser.cookies.set(SESSION, "chosen by somebody else")
    assert browser.get("/events").status_code == 303


def test_signing_out_ends_the_session_for_good(acme: Account) -> None:
    browser = acme.browser()
    token = browser.cookies[SESSION]

    assert browser.post("/sign-out").headers["location"] == "/sign-in"

    browser.cookies.set(SESSION, token)
    assert browser.get("/events").headers["location"] == "/sign-in?next=%2Fevents"


def test_what_is_sent_after_the_session_has_ended_is_kept_until_it_can_be_sent(
    browser: httpx.Client, acme: Account
) -> None:
    shown = browser.post("/workspace", data={"workspace": "1"})
    assert shown.status_code == 401
    assert "Your session has ended" in shown.text

    answer = attempt(browser, acme, next="/workspace", kept='[["workspace","1<\\""]]')

    assert answer.status_code == 200
    assert 'name="workspace" value="1&lt;&#34;"' in answer.text
