"""The console in a browser: coming in, moving about, the log of events, and going out."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LOOKS, NewPage, require_sound, signed_in
from tests.factories import Account


@pytest.mark.parametrize("look", LOOKS)
def test_the_log_of_events_is_searched_and_one_of_them_is_read(
    new_page: NewPage, acme: Account, look: dict[str, Any]
) -> None:
    page = signed_in(new_page, acme, **look)
    acme.alice.post("/public/v2/vendors", json={"name": "Fjord Hosting"})

    page.goto("/")
    require_sound(page)
    if look["viewport"]["width"] < 992:
        page.get_by_label("Menu").click()
    page.get_by_role("link", name="Events").click()
    page.get_by_label("Search in descriptions").fill("fjord")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page).to_have_url(re.compile("q=fjord"))
    require_sound(page)
    page.get_by_role("link", name="Fjord Hosting").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Fjord Hosting")
    require_sound(page)
