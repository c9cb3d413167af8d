"""The dashboard and the settings in a browser: an administrator takes somebody in, gives a program a key, and has news
sent."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.access_requests.cast import Desk
from tests.browser.conftest import LOOKS, NewPage, require_sound, signed_in
from tests.factories import Account
from tests.monitors.cast import concluded, idle
from tests.records.cast import connect
from tests.reviews.cast import add, add_vendor
from tests.trust.cast import act
from trustwright.monitors.model import ResultStatus


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Settings").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


@pytest.mark.parametrize("look", LOOKS)
def test_the_dashboard_shows_what_waits(new_page: NewPage, acme: Account, look: dict[str, Any]) -> None:
    Desk(acme).ask(name="Ruth")
    add(acme, add_vendor(acme, name="Fjord Hosting", renewalDate="2026-01-01"), title="Half read")
    monitor = idle(connect(acme))
    act(acme, lambda tx: concluded(tx, monitor, ResultStatus.FAILED))
    page = signed_in(new_page, acme, **look)

    page.goto("/")

    expect(page.get_by_role("link", name="Fjord Hosting: Half read")).to_be_visible()
    page.get_by_text("Requests for access in each week, as a table").click()
    expect(page.get_by_role("table").last.get_by_role("row")).to_have_count(13)
    require_sound(page)


@pytest.mark.parametrize("look", LOOKS)
def test_somebody_is_taken_in_and_a_program_gets_a_key(new_page: NewPage, acme: Account, look: dict[str, Any]) -> None:
    page = signed_in(new_page, acme, **look)
    page.goto("/settings")
    require_sound(page)

    open_tab(page, "Users")
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill("carol@acme.test")
    page.get_by_role("button", name="Add the user").click()
    expect(page.get_by_text("Choose at least one")).to_be_visible()
    require_sound(page)
    page.get_by_role("checkbox", name="Trust center manager Sees and changes").check()
    page.get_by_role("button", name="Add the user").click()
    expect(page.get_by_role("status")).to_contain_text("carol@acme.test was invited by mail")
    require_sound(page)
    page.get_by_role("link", name="carol@acme.test").click()
    page.get_by_text("Deactivate", exact=True).first.click()
    require_sound(page)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_label("Job title").fill("Counsel")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Counsel")).to_be_visible()

    open_tab(page, "API keys")
    page.get_by_role("link", name="Create a key").click()
    page.get_by_label("Name").fill("Uploader")
    page.get_by_label("All of Users").check()
    expect(page.get_by_label("List Users")).to_be_checked()
    require_sound(page)
    page.get_by_role("button", name="Create the key").click()
    expect(page.locator("#secret")).to_contain_text("tw_")
    require_sound(page)
    page.get_by_role("link", name="Done").click()
    key = page.get_by_role("row").filter(has_text="Uploader")
    key.get_by_text("Revoke", exact=True).first.click()
    require_sound(page)
    key.get_by_role("button", name="Revoke").click()
    expect(key).to_contain_text("Revoked")


@pytest.mark.parametrize("look", LOOKS)
def test_news_are_sent_and_the_outbox_is_read(new_page: NewPage, acme: Account, look: dict[str, Any]) -> None:
    page = signed_in(new_page, acme, **look)
    page.goto("/settings/webhooks")
    page.get_by_role("link", name="Add a webhook").first.click()
    page.get_by_label("Address").fill("https://198.41.0.4/hook")
    page.get_by_label("Enabled").uncheck()
    page.get_by_role("button", name="Add the webhook").click()
    expect(page.locator("#secret")).to_be_visible()
    page.get_by_role("link", name="Done").click()
    page.get_by_text("Delete", exact=True).first.click()
    require_sound(page)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No webhooks")).to_be_visible()

    open_tab(page, "Mail")
    page.get_by_role("button", name="Send me a test mail").click()
    page.get_by_role("link", name="A test mail of Acme").click()
    expect(page.get_by_text("to see whether mails arrive")).to_be_visible()
    require_sound(page)
    page.get_by_role("link", name="Mail", exact=True).click()
    require_sound(page)
    open_tab(page, "Plan")
    require_sound(page)
    page.get_by_label("Custom Connections and Tests").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("The plan was saved")
