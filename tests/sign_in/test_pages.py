"""Coming in by password: whom it lets in, whom it keeps out, and what becomes of what was typed."""

import httpx
import pytest
from argon2 import PasswordHasher

from tests.factories import Account
from tests.sign_in.cast import PASSWORD, Bob, bob_of, tried_often
from trustwright.console.visits import SESSION
from trustwright.sign_in import store
from trustwright.sign_in.actions import strengthen
from trustwright.sign_in.pauses import of_network, of_person


@pytest.fixture
def browser(bob: Bob) -> httpx.Client:
    """Of Bob, who is not signed in."""
    return bob.stranger()


def test_the_right_password_opens_a_session_and_leads_on(browser: httpx.Client, bob: Bob) -> None:
    answer = bob.attempt(browser)

    assert (answer.status_code, answer.headers["location"]) == (303, "/events")
    session = next(each for each in answer.headers.get_list("set-cookie") if each.startswith(SESSION))
    assert "HttpOnly" in session
    assert "SameSite=lax" in session
    assert browser.get("/events").status_code == 200


@pytest.mark.parametrize("email", ["", "nobody@elsewhere.test"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    browser: httpx.Client, bob: Bob, email: str
) -> None:
    answer = bob.attempt(browser, "wrong", **({"email": email} if email else {}))

    assert answer.status_code == 401
    assert "The address or the password is wrong" in answer.text
    assert SESSION not in answer.cookies


@pytest.mark.parametrize("is_known", [True, False])
def test_who_tries_too_often_has_to_wait_whether_or_not_there_is_a_user(bob: Bob, is_known: bool) -> None:
    email = bob.email if is_known else f"nobody{bob.id}@elsewhere.test"
    tried_often(bob.account.world, of_person(email.upper()))

    answers = [bob.attempt(bob.stranger(), "wrong", email=email) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [401, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert "too many attempts" in answers[-1].text


def test_a_network_that_tries_many_addresses_has_to_wait(browser: httpx.Client, bob: Bob) -> None:
    bob.attempt(browser, "wrong")
    place = str(browser._transport._pool._local_address)  # type: ignore[attr-defined]
    tried_often(bob.account.world, of_network(place), attempts=60)

    statuses = [bob.attempt(browser, "wrong", email=f"{each}@account{bob.id}.test").status_code for each in range(2)]

    assert statuses == [401, 429]


def test_attempts_of_others_keep_nobody_out_of_a_browser_that_is_known(browser: httpx.Client, bob: Bob) -> None:
    bob.attempt(browser)
    browser.cookies.delete(SESSION)
    tried_often(bob.account.world, of_person(bob.email))
    bob.attempt(bob.stranger(), "wrong")

    assert bob.attempt(bob.stranger()).status_code == 429
    assert bob.attempt(browser).status_code == 303


def test_a_browser_that_is_known_for_one_address_is_not_for_another(acme: Account, bob: Bob) -> None:
    carol = bob_of(acme, "carol")
    browser = carol.stranger()
    carol.attempt(browser)
    tried_often(bob.account.world, of_person(bob.email))

    assert [bob.attempt(browser, "wrong").status_code for _ in range(2)] == [401, 429]


def test_a_success_forgives_what_was_tried_in_vain(bob: Bob) -> None:
    tried_often(bob.account.world, of_person(bob.email))

    assert bob.attempt(bob.stranger()).status_code == 303
    assert bob.attempt(bob.stranger(), "wrong").status_code == 401


def test_a_hash_of_weaker_parameters_is_made_anew(browser: httpx.Client, bob: Bob) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    database, who = bob.account.world.database, bob.account.who

    async def weaken() -> None:
        async with database.begin(who) as tx:
            await strengthen(tx, bob.id, weak)

    async def stored() -> str | None:
        async with database.begin(who) as tx:
            return await store.password_hash(tx, bob.id)

    bob.account.world.run(weaken())
    assert bob.attempt(browser).status_code == 303

    assert PasswordHasher().check_needs_rehash(bob.account.world.run(stored()) or weak) is False


def test_somebody_with_two_accounts_and_one_password_chooses(bob: Bob, globex: Account) -> None:
    twin = bob_of(globex)
    browser = bob.stranger()

    async def same_address() -> None:
        async with globex.world.database.begin(globex.who) as tx:
            await tx.run(
                "update users set email = %(email)s where account_id = %(account_id)s and id = %(id)s",
                email=bob.email,
                id=twin.id,
            )

    globex.world.run(same_address())
    asked = bob.attempt(browser)
    assert "Choose an account" in asked.text
    assert SESSION not in asked.cookies

    assert bob.attempt(browser, account=str(globex.id)).status_code == 303
    assert "Globex" in browser.get("/me").text


def test_a_form_of_another_site_signs_nobody_in(browser: httpx.Client, bob: Bob) -> None:
    browser.headers["Origin"] = "https://evil.test"

    answer = bob.attempt(browser)

    assert answer.status_code == 403
    assert SESSION not in answer.cookies


@pytest.mark.parametrize("wanted", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)"])
def test_nobody_is_sent_on_to_another_site(browser: httpx.Client, bob: Bob, wanted: str) -> None:
    assert bob.attempt(browser, next=wanted).headers["location"] == "/"


def test_a_session_has_a_cookie_of_its_own_whatever_the_browser_came_with(browser: httpx.Client, bob: Bob) -> None:
    browser.cookies.set(SESSION, "chosen by somebody else")

    token = bob.attempt(browser).cookies[SESSION]

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


def test_what_is_sent_after_the_session_has_ended_is_kept_until_it_can_be_sent(browser: httpx.Client, bob: Bob) -> None:
    shown = browser.post("/workspace", data={"workspace": "1"})
    assert shown.status_code == 401
    assert "Your session has ended" in shown.text

    answer = bob.attempt(browser, next="/workspace", kept='[["workspace","1<\\""]]')

    assert answer.status_code == 200
    assert 'name="workspace" value="1&lt;&#34;"' in answer.text


def test_what_was_typed_goes_on_after_a_sign_in_in_another_tab(browser: httpx.Client, bob: Bob) -> None:
    kept = {"next": "/workspace", "kept": '[["workspace","1"]]'}
    assert browser.post("/sign-in/resume", data=kept).status_code == 401
    bob.attempt(browser)

    answer = browser.post("/sign-in/resume", data=kept)

    assert answer.status_code == 200
    assert 'action="/workspace"' in answer.text
