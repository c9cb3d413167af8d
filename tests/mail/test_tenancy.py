"""A mail of another account does not exist (decisions 2)."""

import pytest

from tests.factories import World
from tests.mail.postman import Office
from trustwright.errors import NotFound


@pytest.fixture
def globex(outbox: World, office: Office) -> Office:
    return Office(outbox, outbox.account("Globex"), office.settings.smtp_url)


def test_a_mail_of_another_account_is_not_found(office: Office, globex: Office) -> None:
    mail_id = office.send()

    with pytest.raises(NotFound):
        globex.mail(mail_id)
    assert office.mail(mail_id).id == mail_id


def test_lists_show_only_mails_of_the_account(office: Office, globex: Office) -> None:
    ours, theirs = office.send(), globex.send()

    assert [mail.id for mail in office.mails()] == [ours]
    assert [mail.id for mail in globex.mails()] == [theirs]


def test_the_same_event_in_two_accounts_is_two_mails(office: Office, globex: Office) -> None:
    assert office.send("review 1 due") != globex.send("review 1 due")


def test_a_job_of_another_account_sends_nothing(office: Office, globex: Office) -> None:
    mail_id = office.send()

    assert globex.deliver(mail_id) is None
    assert office.mail(mail_id).attempts == 0
