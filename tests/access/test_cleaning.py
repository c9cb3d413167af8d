"""What visitors leave behind is cleared away."""

from tests.access.cast import Desk
from trustwright.access import actions


def test_sessions_that_are_over_are_removed_and_others_stay(desk: Desk) -> None:
    report = desk.document()
    desk.visiting(report)
    desk.account.sql("update visitor_sessions set expires_at = now() where account_id = %s")
    browser = desk.visiting(report)

    assert desk.do(actions.clean_up) == 1

    assert browser.get("/access").status_code == 200
