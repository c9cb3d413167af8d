"""Coming in, in a browser: by an invitation, with a second factor, and when the password is forgotten."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LOOKS, NewPage, require_sound
from tests.factories import Account
from tests.sign_in.cast import ANOTHER, bob_of, code_of


@pytest.mark.parametrize("look", LOOKS)
def test_somebody_is_invited_sets_up_a_second_factor_and_comes_in_by_it(
    new_page: NewPage, acme: Account, look: dict[str, Any]
) -> None:
    bob = bob_of(acme)
    page = new_page(base_url=acme.world.address, **look)
    page.set_default_timeout(10_000)

    page.goto(bob.invited())
    require_sound(page)
    page.get_by_label("New password", exact=False).first.fill(ANOTHER)
    page.get_by_label("New password, once more").fill("something else")
    page.get_by_role("button", name="Set it and sign in").click()
    expect(page.get_by_text("The two are not the same")).to_be_visible()
    require_sound(page)
    page.get_by_label("New password", exact=False).first.fill(ANOTHER)
    page.get_by_label("New password, once more").fill(ANOTHER)
    page.get_by_role("button", name="Set it and sign in").click()
    expect(page).to_have_url(f"{acme.world.address}/")

    page.goto("/me")
    require_sound(page)
    page.goto("/me/password")
    require_sound(page)
    page.goto("/me/second-factor")
    require_sound(page)
    secret = page.locator("input[name=secret]").input_value()
    page.get_by_role("textbox", name="Code").fill(code_of(secret, steps=-1))
    page.get_by_label("Password").fill(ANOTHER)
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    require_sound(page)
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("link", name="Manage it").click()
    require_sound(page)
    page.goto("/settings/sign-in")
    require_sound(page)

    page.context.clear_cookies()
    page.goto("/events")
    require_sound(page)
    page.get_by_label("E-mail address").fill(bob.email)
    page.get_by_label("Password").fill(ANOTHER)
    page.get_by_role("button", name="Sign in", exact=True).click()
    require_sound(page)
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Events")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_somebody_without_a_password_looks_for_another_way(
    new_page: NewPage, acme: Account, look: dict[str, Any]
) -> None:
    bob = bob_of(acme)
    page = new_page(base_url=acme.world.address, **look)
    page.set_default_timeout(10_000)

    page.goto("/sign-in")
    page.get_by_role("link", name="Sign in with single sign-on").click()
    page.get_by_label("E-mail address").fill(bob.email)
    page.get_by_role("button", name="Go on").click()
    require_sound(page)
    page.goto("/sign-in/forgotten")
    page.get_by_label("E-mail address").fill(bob.email)
    require_sound(page)
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    require_sound(page)
