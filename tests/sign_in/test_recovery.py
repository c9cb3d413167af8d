"""Links in mails that set a password: invitations, and for those who forgot theirs."""

import pytest

from tests.sign_in.cast import ANOTHER, PASSWORD, Bob, with_factor
from trustwright.console.visits import SESSION
from trustwright.sign_in.actions import end_sessions_of

CHOSEN = {"password": ANOTHER, "repeated": ANOTHER}


def test_an_invitation_sets_the_password_and_leads_in(bob: Bob) -> None:
    link, browser = bob.invited(), bob.stranger()

    assert browser.get(link).status_code == 200
    assert SESSION not in browser.cookies
    answer = browser.post(link, data=CHOSEN)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert bob.email in browser.get("/me").text
    assert bob.attempt(bob.stranger(), ANOTHER).status_code == 303
    assert bob.attempt(bob.stranger(), PASSWORD).status_code == 401


def test_a_link_works_once_and_to_look_at_it_uses_nothing_up(bob: Bob) -> None:
    link = bob.invited()
    for _ in range(3):
        assert bob.stranger().get(link).status_code == 200

    assert bob.stranger().post(link, data=CHOSEN).status_code == 303

    assert bob.stranger().get(link).status_code == 404
    assert bob.stranger().post(link, data=CHOSEN).status_code == 404


def test_another_invitation_ends_the_one_before(bob: Bob) -> None:
    first, second = bob.invited(), bob.invited()

    assert bob.stranger().get(first).status_code == 404
    assert bob.stranger().get(second).status_code == 200


def test_a_link_of_nobody_says_no_more_than_a_used_one(bob: Bob) -> None:
    answer = bob.stranger().get(f"/sign-in/link/{'x' * 43}")

    assert answer.status_code == 404
    assert "used already, or has ended" in answer.text


def test_a_form_of_another_site_sets_no_password(bob: Bob) -> None:
    link, browser = bob.invited(), bob.stranger()
    browser.headers["Origin"] = "https://evil.test"

    assert browser.post(link, data=CHOSEN).status_code == 403
    assert bob.stranger().get(link).status_code == 200


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "12 to 256 characters"),
        ("Password1234!", "lists that attackers try first"),
        ("ababababababab", "different characters"),
        ("", "12 to 256 characters"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_still_works(bob: Bob, password: str, said: str) -> None:
    link = bob.invited()

    answer = bob.stranger().post(link, data={"password": password, "repeated": password})

    assert answer.status_code == 400
    assert said in answer.text
    assert password == "" or password not in answer.text
    assert bob.stranger().get(link).status_code == 200


def test_two_different_passwords_are_refused(bob: Bob) -> None:
    answer = bob.stranger().post(bob.invited(), data={"password": ANOTHER, "repeated": PASSWORD})

    assert answer.status_code == 400
    assert "not the same" in answer.text


def test_who_forgot_the_password_is_mailed_a_link_and_everybody_gets_the_same_answer(bob: Bob) -> None:
    known = bob.stranger().post("/sign-in/forgotten", data={"email": bob.email.upper()})
    unknown = bob.stranger().post("/sign-in/forgotten", data={"email": "nobody@elsewhere.test"})

    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(bob.email.upper(), "") == unknown.text.replace("nobody@elsewhere.test", "")
    assert bob.stranger().post(bob.await_link(), data=CHOSEN).status_code == 303


def test_a_new_password_by_a_link_ends_all_sessions(bob: Bob) -> None:
    before = bob.browser()
    assert before.get("/me").status_code == 200

    bob.stranger().post(bob.invited(), data=CHOSEN)

    assert before.get("/me").status_code == 303


def test_a_link_does_not_go_around_the_second_factor(bob: Bob) -> None:
    _, codes = with_factor(bob)
    browser = bob.stranger()

    answer = browser.post(bob.invited(), data=CHOSEN)

    assert SESSION not in browser.cookies
    assert "Your second factor" in answer.text
    assert browser.get("/me").status_code == 303
    assert browser.post("/sign-in/code", data={"code": codes[0]}).status_code == 303
    assert browser.get("/me").status_code == 200


def test_who_is_shut_out_keeps_neither_sessions_nor_links(bob: Bob) -> None:
    browser, link = bob.browser(), bob.invited()

    async def end() -> None:
        async with bob.account.world.database.begin(bob.account.who) as tx:
            await end_sessions_of(tx, bob.id)

    bob.account.world.run(end())

    assert browser.get("/me").status_code == 303
    assert bob.stranger().get(link).status_code == 404
