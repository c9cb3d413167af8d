"""The outbox in the console: what it shows of mails, what it hides, and what is tried once more."""

import re

import pytest

from tests.factories import Account
from trustwright.accounts.roles import Role
from trustwright.mail import actions
from trustwright.mail.model import MailState

MAIL = "/settings/mail"
TOKEN = "A" * 43


async def _refused(acme: Account) -> int:
    async with acme.world.database.begin(acme.who) as tx:
        await actions.send(
            tx,
            "test",
            "bob@initech.test",
            "test_mail",
            {"link": f"https://acme.test/access/{TOKEN}", "moment": "today"},
            subject="<b>Hello",
        )
        (mail,) = await actions.newest_mails(tx, 1)
        await actions.mark_refused(tx, mail, "550 no such person")
        return mail.id


@pytest.fixture
def mail_id(acme: Account) -> int:
    """Of a mail that was refused for good."""
    return acme.world.run(_refused(acme))


def test_a_mail_is_found_by_its_state_and_read_without_what_opens_something(acme: Account, mail_id: int) -> None:
    browser = acme.browser()

    listed = browser.get(MAIL, params={"state": "FAILED", "q": "initech"}).text
    shown = browser.get(f"{MAIL}/{mail_id}").text

    assert ("&lt;b&gt;Hello" in listed, "550 no such person" in listed) == (True, True)
    assert "No mail fits" in browser.get(MAIL, params={"state": "SENT"}).text
    assert (TOKEN in shown, "https://acme.test/access/..." in shown) == (False, True)


def test_a_mail_that_was_given_up_is_tried_once_more(acme: Account, mail_id: int) -> None:
    browser = acme.browser()

    assert browser.post(f"{MAIL}/{mail_id}/retry").headers["location"] == f"{MAIL}/{mail_id}"

    async def state() -> MailState:
        async with acme.world.database.read(acme.who) as tx:
            return (await actions.get_mail(tx, mail_id)).state

    assert acme.world.run(state()) is not MailState.FAILED
    assert "is tried once more" in browser.get("/events").text


def test_a_test_mail_goes_to_whoever_asks(acme: Account) -> None:
    browser = acme.browser()

    assert browser.post(f"{MAIL}/test").headers["location"] == MAIL

    assert re.search(rf"A test mail of Acme.*{acme.alice_email}", browser.get(MAIL).text, re.DOTALL)


def test_only_who_may_edit_the_settings_tries_again(acme: Account, mail_id: int) -> None:
    acme.user("rita@acme.test", Role.READONLY_ADMIN)
    reader = acme.browser("rita@acme.test")

    assert reader.get(f"{MAIL}/{mail_id}").status_code == 200
    assert reader.post(f"{MAIL}/{mail_id}/retry").status_code == 403
    assert reader.post(f"{MAIL}/test").status_code == 403


def test_another_account_does_not_see_a_mail(globex: Account, mail_id: int) -> None:
    assert globex.browser().get(f"{MAIL}/{mail_id}").status_code == 404
    assert globex.browser().post(f"{MAIL}/{mail_id}/retry").status_code == 404
