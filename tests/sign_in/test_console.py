"""A person's own account: name, password, second factor, sessions."""

import re

import httpx
import pytest

from tests.factories import Account
from tests.sign_in.cast import ANOTHER, PASSWORD, Bob, bob_of, code_of, secret_in, tried_often, with_factor
from trustwright.accounts.roles import Role
from trustwright.console.visits import SESSION
from trustwright.sign_in.pauses import of_user


def revision_in(page: str) -> str:
    found = re.search(r'name="revision" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_name_is_saved_and_shown_as_text(bob: Bob) -> None:
    browser = bob.browser()
    revision = revision_in(browser.get("/me").text)

    sent = {"first_name": "<b>Bob", "last_name": "Porter", "revision": revision}
    assert browser.post("/me", data=sent).status_code == 303

    assert "&lt;b&gt;Bob Porter" in browser.get("/me").text


def test_a_second_editor_of_the_name_is_told_and_keeps_what_was_typed(bob: Bob) -> None:
    browser = bob.browser()
    revision = revision_in(browser.get("/me").text)
    browser.post("/me", data={"first_name": "Bob", "last_name": "Porter", "revision": revision})

    late = browser.post("/me", data={"first_name": "Robert", "last_name": "Porter", "revision": revision})

    assert late.status_code == 409
    assert 'value="Robert"' in late.text
    again = {"first_name": "Robert", "last_name": "Porter", "revision": revision_in(late.text)}
    assert browser.post("/me", data=again).status_code == 303


def test_a_name_that_is_too_long_is_refused_at_its_field(bob: Bob) -> None:
    browser = bob.browser()
    sent = {"first_name": "x" * 101, "last_name": "", "revision": revision_in(browser.get("/me").text)}

    answer = browser.post("/me", data=sent)

    assert answer.status_code == 400
    assert 'aria-describedby="e-first_name"' in answer.text


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(bob: Bob) -> None:
    browser, other = bob.browser(), bob.browser()
    wrong = browser.post("/me/password", data={"current": ANOTHER, "password": ANOTHER, "repeated": ANOTHER})
    assert wrong.status_code == 400
    assert "This is not your password" in wrong.text

    right = browser.post("/me/password", data={"current": PASSWORD, "password": ANOTHER, "repeated": ANOTHER})

    assert right.status_code == 303
    assert browser.get("/me").status_code == 200
    assert other.get("/me").status_code == 303
    assert bob.attempt(bob.stranger(), ANOTHER).status_code == 303


def test_who_guesses_at_the_old_password_has_to_wait(bob: Bob) -> None:
    browser = bob.browser()
    tried_often(bob.account.world, of_user(bob.account.id, bob.id))

    statuses = [browser.post("/me/password", data={"current": "wrong"}).status_code for _ in range(2)]

    assert statuses == [400, 429]


def test_a_session_is_ended_by_its_owner_only(bob: Bob) -> None:
    browser, other, carols = bob.browser(), bob.browser(), bob_of(bob.account, "carol").browser()
    theirs = re.findall(r'action="(/me/sessions/\d+/end)"', browser.get("/me").text)
    assert len(theirs) == 1

    assert carols.post(theirs[0]).status_code == 404
    assert other.get("/me").status_code == 200
    assert browser.post(theirs[0]).status_code == 303
    assert other.get("/me").status_code == 303


def test_all_other_sessions_are_ended_at_once(bob: Bob) -> None:
    browser, others = bob.browser(), [bob.browser(), bob.browser()]

    browser.post("/me/sessions/end-others")

    assert [each.get("/me").status_code for each in [browser, *others]] == [200, 303, 303]


def test_with_a_second_factor_the_password_alone_opens_nothing(bob: Bob) -> None:
    secret, _ = with_factor(bob)
    browser = bob.stranger()

    asked = bob.attempt(browser)
    assert SESSION not in browser.cookies
    assert 'name="code"' in asked.text
    assert browser.get("/events").status_code == 303

    wrong = browser.post("/sign-in/code", data={"code": "000000", "next": "/events"})
    assert wrong.status_code == 401
    right = browser.post("/sign-in/code", data={"code": code_of(secret), "next": "/events"})
    assert (right.status_code, right.headers["location"]) == (303, "/events")
    assert browser.get("/events").status_code == 200


def test_a_code_and_a_recovery_code_work_once(bob: Bob) -> None:
    secret, codes = with_factor(bob)
    assert len(codes) == 10
    for code in (code_of(secret), codes[0].upper().replace("-", " ")):
        first, second = bob.stranger(), bob.stranger()
        bob.attempt(first)
        bob.attempt(second)

        assert first.post("/sign-in/code", data={"code": code}).status_code == 303
        assert second.post("/sign-in/code", data={"code": code}).status_code == 401


def test_who_guesses_at_codes_has_to_wait(bob: Bob) -> None:
    with_factor(bob)
    browser = bob.stranger()
    bob.attempt(browser)
    tried_often(bob.account.world, of_user(bob.account.id, bob.id))

    statuses = [browser.post("/sign-in/code", data={"code": "000000"}).status_code for _ in range(2)]

    assert statuses == [401, 429]


def test_a_second_factor_is_on_only_once_its_code_is_right(bob: Bob) -> None:
    browser = bob.browser()
    secret = secret_in(browser.get("/me/second-factor").text)

    answer = browser.post("/me/second-factor", data={"secret": secret, "code": "123", "current": PASSWORD})

    assert answer.status_code == 400
    assert secret_in(answer.text) == secret
    assert bob.attempt(bob.stranger()).status_code == 303


def test_a_second_factor_goes_with_the_password_only(bob: Bob) -> None:
    with_factor(bob)
    browser = bob.browser()
    assert browser.post("/me/second-factor/remove", data={"current": "wrong"}).status_code == 400
    assert 'name="code"' in bob.attempt(bob.stranger()).text

    assert browser.post("/me/second-factor/remove", data={"current": PASSWORD}).status_code == 303
    assert bob.attempt(bob.stranger()).status_code == 303


def test_new_recovery_codes_end_the_old_ones(bob: Bob) -> None:
    _, old = with_factor(bob)
    answer = bob.browser().post("/me/second-factor/codes", data={"current": PASSWORD})
    assert answer.status_code == 200
    browser = bob.stranger()
    bob.attempt(browser)

    assert browser.post("/sign-in/code", data={"code": old[0]}).status_code == 401
    new = re.findall(r"<li>((?:[a-z2-7]{4}-){3}[a-z2-7]{4})", answer.text)
    assert browser.post("/sign-in/code", data={"code": new[0]}).status_code == 303


@pytest.fixture
def strict(acme: Account) -> httpx.Client:
    """Alice's browser, of an account that asks everybody for a second factor."""
    browser = acme.browser()
    assert browser.post("/settings/sign-in/second-factor", data={"is_required": "yes"}).status_code == 303
    return browser


def test_where_it_is_required_nothing_is_open_before_it_is_set_up(strict: httpx.Client, bob: Bob) -> None:
    browser = bob.browser()
    for path in ("/", "/events", "/me", "/settings/sign-in"):
        assert browser.get(path).headers["location"] == "/me/second-factor"
    assert browser.post("/settings/sign-in/second-factor").headers["location"] == "/me/second-factor"

    secret = secret_in(browser.get("/me/second-factor").text)
    browser.post("/me/second-factor", data={"secret": secret, "code": code_of(secret), "current": PASSWORD})

    assert browser.get("/events").status_code == 200


def test_only_administrators_see_and_change_how_people_come_in(acme: Account) -> None:
    manager = bob_of(acme, "carol", Role.TECHGOV).browser()

    assert manager.get("/settings/sign-in").status_code == 403
    assert manager.post("/settings/sign-in/second-factor", data={"is_required": "yes"}).status_code == 403
    assert manager.post("/settings/sign-in/delete-provider").status_code == 403
