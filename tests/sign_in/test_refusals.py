"""Who tried to come in and was not let in stands in the record of the account."""

from typing import Any

from tests.factories import Account
from tests.records.cast import eventually
from tests.sign_in.cast import Bob, bob_of, with_factor

AGENT = {"User-Agent": "Lynx/2.9"}


def refusals(account: Account) -> list[Any]:
    """What the events of refusals say, the oldest first."""
    return account.sql(
        """
        select description, after from events
        where account_id = %s and description like 'Somebody was not let in%%' order by seq
        """
    )


def test_a_wrong_password_is_written_down_with_where_it_came_from(bob: Bob) -> None:
    browser = bob.stranger()
    browser.headers.update(AGENT)

    bob.attempt(browser, "wrong", email=bob.email.upper())

    eventually(lambda: refusals(bob.account) != [])
    ((said, after),) = refusals(bob.account)
    assert said == f"Somebody was not let in as {bob.email}: wrong password"
    place = str(browser._transport._pool._local_address)  # type: ignore[attr-defined]
    assert after == {"reason": "wrong password", "ip": place, "userAgent": "Lynx/2.9"}


def test_each_account_of_the_address_is_told(bob: Bob, globex: Account) -> None:
    elsewhere = bob_of(globex)
    globex.world.connection.execute("update users set email = %s where id = %s", (bob.email, elsewhere.id))

    bob.attempt(bob.stranger(), "wrong")

    eventually(lambda: len(refusals(bob.account)) == len(refusals(globex)) == 1)


def test_a_wrong_code_is_written_down_too(bob: Bob) -> None:
    with_factor(bob)
    browser = bob.stranger()
    bob.attempt(browser)

    browser.post("/sign-in/code", data={"code": "000000"})

    ((said, _),) = refusals(bob.account)
    assert said == f"Somebody was not let in as {bob.email}: wrong code"


def test_who_comes_in_was_not_refused(bob: Bob) -> None:
    bob.attempt(bob.stranger())

    assert refusals(bob.account) == []
