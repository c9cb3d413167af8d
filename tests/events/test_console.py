"""The log of events in the console: found by who did what, and when."""

from datetime import UTC, datetime, timedelta

from tests.events.chains import head_of
from tests.factories import Account
from tests.vendors.cast import VENDORS
from trustwright.accounts.roles import Role

EVENTS = "/events"


def test_events_are_found_by_whoever_did_them(acme: Account) -> None:
    email = f"bob@account{acme.id}.test"
    acme.user(email, Role.ADMIN)
    acme.alice.post(VENDORS, json={"name": "Fjord Hosting"})
    browser = acme.browser()
    acme.browser(email).post("/settings/workspaces/new", data={"name": "Payments"})

    bobs = browser.get(EVENTS, params={"by": email.upper()}).text
    alices = browser.get(EVENTS, params={"by": acme.alice_email}).text

    assert ("Workspace Payments" in bobs, "Fjord Hosting" in bobs) == (True, False)
    assert ("Workspace Payments" in alices, "Fjord Hosting" in alices) == (False, True)
    assert "Nothing that happened" in browser.get(EVENTS, params={"by": "nobody@acme.test"}).text
    assert "Fjord" not in browser.get(EVENTS, params={"by": email, "format": "csv"}).text


def test_events_are_found_by_their_day(acme: Account) -> None:
    acme.alice.post(VENDORS, json={"name": "Fjord Hosting"})
    browser = acme.browser()
    today = datetime.now(UTC).date()

    def found(**query: object) -> bool:
        return "Fjord Hosting" in browser.get(EVENTS, params={name: str(value) for name, value in query.items()}).text

    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    assert found(since=yesterday, until=tomorrow)
    assert not found(until=yesterday)
    assert not found(since=tomorrow)
    assert found(since="yesterday")


def test_the_log_shows_the_head_of_its_chain(acme: Account) -> None:
    browser = acme.browser()
    head = head_of(acme)

    page = browser.get(EVENTS).text

    assert f"{head.position} by now" in page
    assert head.hash.hex() in page
