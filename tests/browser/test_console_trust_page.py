"""The trust page in the console in a browser: a control, an entry with its preview, and the page's appearance."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LOOKS, NewPage, require_sound, signed_in
from tests.factories import Account
from tests.trust_page.cast import control, item, noted, publish
from trustwright.trust_page.model import Faq


@pytest.mark.parametrize("look", LOOKS)
def test_somebody_fills_the_page_and_looks_at_it(new_page: NewPage, acme: Account, look: dict[str, Any]) -> None:
    page = signed_in(new_page, acme, **look)
    slug = publish(acme)
    noted(acme, control(acme, description="Each disk."), passes=False)
    item(acme, Faq(question="Where is our data?", answer="In Norway"))

    page.goto("/trust-center/controls")
    require_sound(page)
    page.get_by_role("link", name="Control AC-1").click()
    require_sound(page)
    page.get_by_role("button", name="I looked: it passes").click()
    expect(page.get_by_role("status")).to_contain_text("passes")

    page.goto("/trust-center/content/faq")
    require_sound(page)
    page.get_by_role("link", name="Add a question").click()
    page.get_by_role("textbox", name="Question").fill("Who is told?")
    page.get_by_label("Answer").fill("The **contact**")
    expect(page.locator("#preview-answer strong")).to_have_text("contact")
    require_sound(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("was added")
    page.get_by_role("button", name="Move up: Who is told?").click()
    expect(page.locator("tbody tr").first).to_contain_text("Who is told?")

    page.goto("/trust-center/appearance")
    require_sound(page)
    page.get_by_role("textbox", name="Colour").fill("#ffee00")
    expect(page.locator("#page-preview")).to_contain_text("#756d00")
    page.get_by_label("Overview").fill("We *host*.")
    expect(page.locator("#page-preview em")).to_have_text("host")
    require_sound(page)
    page.get_by_role("button", name="Save").click()
    page.goto("/trust-center/appearance/pictures")
    require_sound(page)

    page.goto(f"/trust/{slug}")
    expect(page.get_by_text("Who is told?")).to_be_visible()
    require_sound(page)
