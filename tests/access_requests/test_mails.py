"""What people wrote is text in every mail, and breaks out of none."""

import pytest

from tests.access_requests.cast import BOB, Desk
from tests.trust.cast import settings

EVIL = "<script>alert(1)</script>\r\nBcc: all@x.test {{ 7 * 7 }}"


@pytest.fixture
def evil(desk: Desk) -> Desk:
    """A desk on which every text that anybody may write holds HTML."""
    settings(desk.account, name=f"Acme {EVIL[:40]}")
    desk.report = desk.document(f"Report {EVIL[:25]}")
    return desk


def every_mail(desk: Desk) -> list[tuple[str, str, str, str]]:
    rows: list[tuple[str, str, str, str]] = desk.account.sql(
        "select event, subject, body_text, body_html from mails where account_id = %s order by id"
    )
    return rows


def test_html_is_text_in_every_mail(evil: Desk) -> None:
    made = evil.ask(name=EVIL, lastname=EVIL, company=EVIL)
    evil.deny(made)
    evil.approve(made, expiration=10)
    evil.approve(made, expiration=12, isNewExpiration=True)
    evil.tick(days=10)
    evil.account.sql("update mails set state = 'FAILED' where account_id = %s and event like 'access_given%%'")
    evil.tick()
    evil.resend(made)
    evil.revoke(made)
    evil.approve(made, expiration=1, isNewExpiration=True)
    evil.tick(days=2)

    mails = every_mail(evil)
    assert {event.partition(":")[0] for event, *_ in mails} == {
        "access_requested",
        "access_receipt",
        "access_given",
        "access_denied",
        "access_revoked",
        "access_extended",
        "access_ending",
        "access_ended",
        "access_failed",
    }
    for event, subject, _, html in mails:
        assert "<script" not in html, event
        assert "&lt;script" in html, event
        assert "\n" not in subject
        assert "49" not in subject


def test_a_receipt_repeats_nothing_that_the_sender_wrote(desk: Desk) -> None:
    desk.ask(name="BUY NOW", lastname="http://spam.test", company="SPAM")

    ((_, subject, text),) = desk.mails("access_receipt", BOB)
    for words in ("BUY NOW", "spam.test", "SPAM"):
        assert words not in subject + text


def test_no_mail_is_sent_but_to_the_requester_and_the_team(desk: Desk) -> None:
    made = desk.ask()
    desk.approve(made)
    desk.revoke(made)

    assert {to for to, _, _ in desk.mails("access_")} == {BOB, "security@acme.test"}
