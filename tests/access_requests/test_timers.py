"""What the clock does, by a moved clock."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.access_requests.cast import BOB, HERE, TEAM, URL, Desk
from tests.trust.cast import settings
from trustwright.access import actions as access
from trustwright.access.model import Grant
from trustwright.access_requests import actions, jobs, timers
from trustwright.access_requests.model import AccessRequest
from trustwright.db import Tx
from trustwright.settings import Settings


def more_time(desk: Desk, **later: float) -> AccessRequest:
    """What the page behind the link does when Bob asks for more time."""

    async def ask(tx: Tx) -> AccessRequest:
        grant = await access.live_grant(tx, desk.account.workspace_id, BOB)
        assert isinstance(grant, Grant)
        return await actions.ask_for_more_time(tx, grant, HERE)

    return desk.do(ask, **later)


def give_up_mails(desk: Desk, template: str) -> None:
    desk.account.sql(f"update mails set state = 'FAILED' where account_id = %s and event like '{template}%%'")


def test_access_ends_when_its_time_is_over(desk: Desk) -> None:
    made = desk.ask()
    desk.approve(made, expiration=30)

    desk.tick(days=29)
    assert desk.statuses(made)[-1] == "APPROVED"
    desk.tick(days=30, minutes=1)
    desk.tick(days=30, minutes=6)

    assert desk.sources(made)[-1] == ("ACCESS_EXPIRED", "SELF")
    assert len(desk.mails("access_ended", BOB)) == 1


def test_access_without_end_does_not_end(desk: Desk) -> None:
    settings(desk.account, defaultExpirationDays=None)
    made = desk.ask()
    desk.approve(made)

    desk.tick(days=4000)

    assert desk.statuses(made)[-1] == "APPROVED"


def test_all_requests_under_a_grant_end_with_it(desk: Desk) -> None:
    first = desk.ask()
    desk.approve(first, expiration=30)
    second = desk.ask(desk.document("Pentest"))
    desk.approve(second)
    again = desk.ask()

    desk.tick(days=31)

    assert [desk.statuses(each)[-1] for each in (first, second, again)] == ["ACCESS_EXPIRED"] * 3
    assert len(desk.mails("access_ended")) == 1


def test_a_revoked_request_does_not_expire(desk: Desk) -> None:
    made = desk.ask()
    desk.approve(made, expiration=30)
    desk.revoke(made)

    desk.tick(days=31)

    assert desk.statuses(made)[-1] == "REVOKED"
    assert desk.mails("access_ended") == []


def test_the_end_is_told_two_weeks_and_three_days_ahead(desk: Desk) -> None:
    desk.approve(desk.ask(), expiration=30)
    told = []

    for day in (15, 16, 17, 26, 27, 28, 29):
        desk.tick(days=day, minutes=1)
        desk.tick(days=day, minutes=6)
        told.append(len(desk.mails("access_ending", BOB)))

    assert told == [0, 1, 1, 1, 2, 2, 2]
    assert desk.opens(desk.links()[-1])


def test_a_new_end_is_told_ahead_again(desk: Desk) -> None:
    made = desk.ask()
    desk.approve(made, expiration=30)
    desk.tick(days=20)
    desk.approve(made, expiration=60, isNewExpiration=True)

    desk.tick(days=20)
    assert len(desk.mails("access_ending")) == 1
    desk.tick(days=50)

    assert len(desk.mails("access_ending")) == 2


def test_the_team_is_nagged_after_two_and_five_business_days(desk: Desk) -> None:
    made = desk.ask()
    # A Monday at noon, so that no weekend comes in between.
    desk.account.sql("update access_requests set created_at = '2026-03-02 12:00+00' where account_id = %s")

    def nag(day: int) -> int:
        async def run(tx: Tx) -> int:
            tx.now = tx.now.replace(year=2026, month=3, day=day, hour=13)
            return await timers.nag(tx, HERE)

        return desk.do(run)

    assert [nag(day) for day in (3, 4, 4, 6, 8, 9, 10, 30)] == [0, 1, 0, 0, 0, 1, 0, 0]
    nags = [subject for to, subject, _ in desk.mails("access_requested", TEAM) if "Still waiting" in subject]
    assert len(nags) == 2
    assert desk.statuses(made) == ["PENDING"]


def test_nobody_is_nagged_of_what_was_decided(desk: Desk) -> None:
    desk.deny(desk.ask())

    desk.tick(days=20)

    assert len(desk.mails("access_requested")) == 1


def test_documents_whose_mail_was_given_up_are_a_failed_step(desk: Desk) -> None:
    made = desk.ask()
    desk.approve(made)
    give_up_mails(desk, "access_given")

    desk.tick()
    desk.tick()

    assert desk.statuses(made) == ["PENDING", "APPROVED", "PROCESS_ERROR"]
    assert len(desk.mails("access_failed", TEAM)) == 1
    desk.resend(made)
    assert desk.statuses(made)[-1] == "APPROVED"
    assert desk.opens(desk.links()[-1])


def test_signed_documents_whose_mail_was_given_up_are_not_signed_again(signing: Desk) -> None:
    made = signing.signed()
    give_up_mails(signing, "access_given")
    signing.tick()
    assert signing.statuses(made)[-1] == "PROCESS_ERROR"

    signing.approve(made)

    assert signing.statuses(made)[-2:] == ["APPROVED", "FILES_SENT"]
    assert signing.count("envelopes") == 1


def test_denying_a_failed_delivery_takes_back_what_it_opened(desk: Desk) -> None:
    made = desk.ask()
    desk.approve(made)
    give_up_mails(desk, "access_given")
    desk.tick()

    desk.deny(made)

    assert not desk.opens(desk.links()[-1])


def test_other_mails_that_were_given_up_move_nothing(desk: Desk) -> None:
    made = desk.ask()
    desk.approve(made)
    give_up_mails(desk, "access_receipt")

    desk.tick()

    assert desk.statuses(made)[-1] == "APPROVED"


def test_more_time_is_asked_for_once_and_approved_by_nobody_else(desk: Desk) -> None:
    desk.ok(desk.alice.put("/public/trust-center/preapproved-email-addresses", json={"emails": [BOB]}))
    desk.ask()

    first = more_time(desk)
    second = more_time(desk)

    assert first.request_id == second.request_id
    (waiting,) = desk.listed(status="PENDING")
    assert [each["name"] for each in desk.get(waiting)["documents"]] == ["SOC 2 report"]
    ((_, subject, text),) = desk.mails("access_requested")
    assert "asks for more time" in subject
    assert "had access before" in text


def test_approving_a_renewal_gives_more_time(desk: Desk) -> None:
    made = desk.ask()
    desk.approve(made, expiration=10)
    more_time(desk)
    (renewal,) = desk.listed(status="PENDING")

    desk.approve(renewal, expiration=100)

    assert desk.row(made)["expirationDate"] == desk.row(renewal)["expirationDate"]
    ((_, ends_at, _),) = desk.grants()
    assert ends_at is not None
    desk.revoke(made)
    assert desk.statuses(renewal)[-1] == "REVOKED"


def test_a_renewal_joins_what_waits_already(desk: Desk) -> None:
    desk.approve(desk.ask())
    waiting = desk.ask(desk.document("Pentest"))

    more_time(desk)

    assert [each["requestId"] for each in desk.listed(status="PENDING")] == [waiting["requestId"]]
    assert {each["name"] for each in desk.get(waiting)["documents"]} == {"SOC 2 report", "Pentest"}


def test_the_job_looks_after_every_account(desk: Desk, theirs: Desk) -> None:
    requests = []
    for each in (desk, theirs):
        requests.append(each.ask())
        each.approve(requests[-1])
        each.account.sql("update grants set expires_at = now() - interval '1 minute' where account_id = %s")
    more = {"database": desk.account.world.database, "settings": Settings(public_url=URL)}
    context: Any = SimpleNamespace(additional_context=more)

    for each in (desk, theirs):
        desk.account.world.run(jobs.look_at_clock(context, account_id=each.account.id))

    assert [each.statuses(made)[-1] for each, made in zip((desk, theirs), requests, strict=True)] == [
        "ACCESS_EXPIRED"
    ] * 2


def test_without_an_address_for_links_the_end_is_written_down_all_the_same(desk: Desk) -> None:
    made = desk.ask()
    desk.approve(made, expiration=30)

    desk.do(lambda tx: timers.run(tx, Settings()), days=31)

    assert desk.statuses(made)[-1] == "ACCESS_EXPIRED"


@pytest.mark.parametrize("times", [1, 2])
def test_ticking_where_nothing_is_due_changes_nothing(desk: Desk, times: int) -> None:
    made = desk.ask()
    desk.approve(made)
    before = desk.mails(), desk.statuses(made)

    for _ in range(times):
        desk.tick()

    assert (desk.mails(), desk.statuses(made)) == before
