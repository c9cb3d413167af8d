"""Who has not answered is reminded, as often as the account wants and no more."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.questionnaires.cast import Desk, Portal
from tests.records.cast import everything
from trustwright.db import Who
from trustwright.events.model import Source
from trustwright.links import NoPublicUrl
from trustwright.questionnaires import actions, jobs
from trustwright.settings import Settings
from trustwright.vendors.actions import update_settings

URL = "https://trust.acme.test"


def remind(desk: Desk, url: str = URL) -> int:
    """What the job of the morning does for the account: how many it reminded."""

    async def run() -> int:
        who = Who(account_id=desk.account.id, source=Source.SCHEDULED)
        async with desk.account.world.database.begin(who) as tx:
            return await actions.remind(tx, url)

    return desk.account.world.run(run())


def days_pass(desk: Desk, days: int) -> None:
    """Moves all that was sent into the past."""
    text = """
        update questionnaires
        set date_sent = date_sent - {0}, reminded_at = reminded_at - {0}, expires_at = expires_at - {0}
        where account_id = %s
    """
    desk.account.sql(text.format(f"interval '{days} days'"))


def set_up(desk: Desk, **settings: int) -> None:
    """Changes how the account watches over its vendors."""

    async def run() -> None:
        async with desk.account.world.database.begin(desk.account.who) as tx:
            await update_settings(tx, settings)

    desk.account.world.run(run())


def reminders(desk: Desk) -> list[tuple[str, str, str]]:
    return [mail for mail in desk.mails() if "Reminder" in mail[1]]


def test_after_a_week_the_vendor_is_reminded_and_then_weekly_three_times(desk: Desk) -> None:
    desk.send()
    reminded = []

    for _ in range(7):
        reminded.append((remind(desk), remind(desk)))
        days_pass(desk, 7)

    assert reminded == [(0, 0), (1, 0), (1, 0), (1, 0), (0, 0), (0, 0), (0, 0)]
    assert len(reminders(desk)) == 3


def test_nobody_is_reminded_a_day_early(desk: Desk) -> None:
    desk.send()

    days_pass(desk, 6)
    assert remind(desk) == 0

    days_pass(desk, 1)
    assert remind(desk) == 1


def test_a_reminder_tells_how_far_the_answers_are_and_opens_them(desk: Desk) -> None:
    _, portal = desk.asked()
    portal.save(mfa="yes")
    days_pass(desk, 7)

    remind(desk)

    ((recipient, subject, text),) = reminders(desk)
    assert recipient == "bob@initech.test"
    assert "Security basics" in subject
    assert "1 of 3 questions are answered" in text
    assert f"{URL}/q#{desk.tokens()[-1]}" in text
    assert Portal(desk.account, desk.tokens()[-1]).state()["answers"]["mfa"]["value"] == "yes"


def test_the_first_link_goes_on_working(desk: Desk) -> None:
    _, portal = desk.asked()
    days_pass(desk, 7)

    remind(desk)

    assert len(set(desk.tokens())) == 2
    portal.save(mfa="yes")
    assert portal.submit().status_code == 200


def test_revoking_ends_the_links_of_reminders_too(desk: Desk) -> None:
    sent = desk.send()
    days_pass(desk, 7)
    remind(desk)

    desk.alice.post(f"{desk.questionnaires}/{sent['id']}/revoke")

    assert [Portal(desk.account, token).get().status_code for token in desk.tokens()] == [410, 410]


def test_a_reminder_is_shown_and_recorded(desk: Desk) -> None:
    desk.send()
    days_pass(desk, 7)

    remind(desk)

    (listed,) = everything(desk.alice, desk.of_review)
    assert listed["reminderDate"] is not None
    rows = desk.account.sql(
        """
        select source, before, after ->> 'remindedAt' is not null from events
        where account_id = %s and type = 'VENDOR_QUESTIONNAIRE_REMINDER_SENT'
        """
    )
    assert rows == [("SCHEDULED", {"remindedAt": None}, True)]


@pytest.mark.parametrize("ended", ["submitted", "revoked", "archived", "expired", "vendor deleted"])
def test_nobody_is_reminded_of_what_has_ended(desk: Desk, ended: str) -> None:
    sent, portal = desk.asked()
    path = f"{desk.questionnaires}/{sent['id']}"
    days_pass(desk, 7)
    match ended:
        case "submitted":
            portal.save(mfa="yes")
            portal.submit()
        case "revoked":
            desk.alice.post(f"{path}/revoke")
        case "archived":
            desk.alice.delete(path)
        case "expired":
            days_pass(desk, 90)
        case "vendor deleted":
            desk.alice.delete(desk.vendor)

    assert remind(desk) == 0


def test_uploads_are_not_reminded_of(desk: Desk) -> None:
    desk.upload(("list.csv", b"a,b\r\n1,2\r\n"))
    days_pass(desk, 7)

    assert remind(desk) == 0


@pytest.mark.parametrize(("days", "most", "reminded"), [(2, 3, 1), (3, 3, 0), (2, 0, 0), (0, 3, 0)])
def test_the_account_says_when_and_how_often(desk: Desk, days: int, most: int, reminded: int) -> None:
    set_up(desk, questionnaire_reminder_days=days, questionnaire_reminders_most=most)
    desk.send()
    days_pass(desk, 2)

    assert remind(desk) == reminded


def test_a_process_that_knows_no_address_reminds_nobody_and_says_so(desk: Desk) -> None:
    desk.send()
    days_pass(desk, 7)

    with pytest.raises(NoPublicUrl):
        remind(desk, url="")

    assert reminders(desk) == []
    assert remind(desk) == 1


def test_the_job_of_the_morning_reminds_in_every_account(desk: Desk, theirs: Desk) -> None:
    for each in (desk, theirs):
        each.send()
        days_pass(each, 7)
    more: dict[str, Any] = {"database": desk.account.world.database, "settings": Settings(public_url=URL)}
    context: Any = SimpleNamespace(additional_context=more)

    desk.account.world.run(jobs.remind(context, timestamp=0))

    assert [len(reminders(each)) for each in (desk, theirs)] == [1, 1]
    assert jobs.remind.name == "questionnaires.remind"
