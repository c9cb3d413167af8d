"""Signers are reminded on the third and the seventh day, and have a window to sign in."""

from datetime import timedelta

import pytest

from tests.agreements.cast import VERA, Desk, Signer
from trustwright.agreements import actions
from trustwright.agreements.model import reminders_due
from trustwright.errors import WrongState
from trustwright.links import NoPublicUrl
from trustwright.settings import Settings


def reminders(desk: Desk) -> list[str]:
    return [text for subject, text in desk.mails(VERA) if subject.startswith("Reminder")]


@pytest.mark.parametrize(("hours", "due"), [(0, 0), (71, 0), (72, 1), (167, 1), (168, 2), (2000, 2)])
def test_reminders_are_due_on_the_third_and_the_seventh_day(vera: Signer, hours: int, due: int) -> None:
    sent = vera.desk.envelope(vera.envelope_id).created_at

    assert reminders_due(sent + timedelta(hours=hours), sent) == due


def test_each_reminder_goes_out_once(vera: Signer) -> None:
    counts = [vera.desk.remind(timedelta(days=day, minutes=1)) for day in (1, 2, 3, 3, 4, 6, 7, 7, 8, 13)]

    assert counts == [0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
    assert len(reminders(vera.desk)) == 2


def test_where_nobody_looked_for_long_one_reminder_stands_for_both(vera: Signer) -> None:
    assert [vera.desk.remind(timedelta(days=day, minutes=1)) for day in (9, 10)] == [1, 0]


def test_a_reminder_has_a_new_link_and_says_that_the_old_one_ended(vera: Signer) -> None:
    vera.desk.remind(timedelta(days=3, minutes=1))

    (text,) = reminders(vera.desk)
    assert "takes the place of the link" in text
    first, second = vera.desk.links()
    assert vera.client.get(first).status_code in (404, 429)
    assert vera.client.get(second).status_code == 200


@pytest.mark.parametrize("how", ["signed", "declined", "voided", "expired"])
def test_nobody_is_reminded_of_what_is_settled(vera: Signer, how: str) -> None:
    match how:
        case "signed":
            vera.sign()
        case "declined":
            vera.decline()
        case "voided":
            vera.desk.do(lambda tx: actions.void(tx, vera.envelope_id, "No"))
        case "expired":
            assert vera.desk.remind(timedelta(days=15)) == 0
            vera.desk.close_windows(timedelta(days=15))

    assert vera.desk.remind(timedelta(days=8)) == 0
    assert reminders(vera.desk) == []


def test_a_window_that_closed_ends_the_request_too(vera: Signer) -> None:
    assert vera.desk.close_windows(timedelta(days=13, hours=23)) == 0
    assert vera.desk.close_windows(timedelta(days=14, minutes=1)) == 1
    assert vera.desk.close_windows(timedelta(days=15)) == 0

    assert vera.state == "EXPIRED"
    assert vera.desk.status(vera.envelope_id) == "NDA_EXPIRED"


def test_what_is_signed_does_not_expire(vera: Signer) -> None:
    vera.sign()

    assert vera.desk.close_windows(timedelta(days=400)) == 0
    assert vera.state == "SIGNED"


def test_voiding_twice_or_late_does_no_harm(vera: Signer) -> None:
    vera.sign()

    vera.desk.do(lambda tx: actions.void(tx, vera.envelope_id, "Too late"))

    assert vera.state == "SIGNED"


def test_the_link_of_what_is_settled_is_not_sent_again(vera: Signer) -> None:
    vera.decline()

    with pytest.raises(WrongState):
        vera.desk.do(lambda tx: actions.send_again(tx, vera.envelope_id, vera.desk.settings))


def test_a_process_that_knows_no_address_reminds_nobody_and_says_so(vera: Signer) -> None:
    with pytest.raises(NoPublicUrl):
        vera.desk.do(lambda tx: actions.remind(tx, Settings()), timedelta(days=4))

    assert vera.desk.remind(timedelta(days=4)) == 1


def test_what_no_provider_was_handed_is_given_up(vera: Signer) -> None:
    vera.desk.account.sql("update envelopes set state = 'PREPARED', provider = 'OUTSIDE' where account_id = %s")

    assert vera.desk.close_windows(timedelta(hours=5)) == 0
    assert vera.desk.close_windows(timedelta(hours=7)) == 1
    assert vera.state == "FAILED"
