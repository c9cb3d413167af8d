"""The signing page in a browser: signed by typing or drawing, declined; on a phone, in the dark, without a script."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.agreements.cast import Desk, Signer, texts
from tests.browser.conftest import NewPage, require_sound
from tests.factories import Account
from tests.records.cast import eventually

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def vera(acme: Account) -> Signer:
    return Desk(acme).signer()


def address(vera: Signer) -> str:
    return f"{vera.desk.world.address}{vera.link}"


def opened(page: Page, vera: Signer) -> Page:
    page.goto(address(vera))
    expect(page.get_by_role("heading", name="Sign the agreement")).to_be_visible()
    return page


def mailed_code(page: Page, vera: Signer) -> str:
    """Asks for a code as a person does, and looks into the mailbox."""
    before = len(vera.desk.codes())
    page.get_by_role("button", name=re.compile("Mail me")).click()
    expect(page.get_by_text("A code is on its way to vera@buyer.test.")).to_be_visible()
    eventually(lambda: len(vera.desk.codes()) > before)
    return vera.desk.codes()[-1]


def fill(page: Page, vera: Signer, name: str = "Vera Núñez") -> None:
    code = mailed_code(page, vera)
    page.get_by_label("Your full name").fill(name)
    page.get_by_label("Code from the mail").fill(f"{code[:3]} {code[3:]}")
    page.get_by_label("I have read the agreement").check()


def draw(page: Page) -> None:
    field = page.locator("#canvas")
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box is not None
    for left, right in ((0.1, 0.5), (0.4, 0.9)):
        page.mouse.move(box["x"] + box["width"] * left, box["y"] + box["height"] * 0.8)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * (left + right) / 2, box["y"] + box["height"] * 0.2, steps=8)
        page.mouse.move(box["x"] + box["width"] * right, box["y"] + box["height"] * 0.8, steps=8)
        page.mouse.up()


def sign(page: Page) -> None:
    page.get_by_role("button", name="Sign", exact=True).click()


def test_an_agreement_is_signed_by_typing_a_name(new_page: NewPage, vera: Signer) -> None:
    page = opened(new_page(), vera)
    fill(page, vera)

    sign(page)

    expect(page.get_by_role("heading", name="The agreement is signed")).to_be_visible()
    assert vera.state == "SIGNED"
    assert "The name typed" in texts(vera.sealed())[-1]
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="The agreement is signed")).to_be_visible()


def test_an_agreement_is_signed_by_drawing(new_page: NewPage, vera: Signer) -> None:
    page = opened(new_page(), vera)
    fill(page, vera, name="")
    draw(page)
    expect(page.get_by_role("button", name="Clear the drawing")).to_be_enabled()

    sign(page)

    expect(page.get_by_role("heading", name="The agreement is signed")).to_be_visible()
    assert "Drawn" in texts(vera.sealed())[-1]


def test_a_drawing_can_be_cleared(new_page: NewPage, vera: Signer) -> None:
    page = opened(new_page(), vera)
    draw(page)
    assert page.locator("#drawing").input_value()

    page.get_by_role("button", name="Clear the drawing").click()

    assert page.locator("#drawing").input_value() == ""
    expect(page.get_by_role("img", name="Field for a drawn signature: empty")).to_be_visible()


def test_a_fault_is_named_and_what_was_filled_in_stays(new_page: NewPage, vera: Signer) -> None:
    page = opened(new_page(), vera)
    mailed_code(page, vera)
    page.get_by_label("Your full name").fill("Vera")
    draw(page)
    drawn = page.locator("#drawing").input_value()

    sign(page)

    expect(page.get_by_role("heading", name="Nothing is signed yet")).to_be_visible()
    assert page.title().startswith("Error:")
    expect(page.locator("#faults")).to_be_focused()
    expect(page.get_by_label("Your full name")).to_have_value("Vera")
    assert page.locator("#drawing").input_value() == drawn
    expect(page.get_by_role("button", name="Clear the drawing")).to_be_enabled()
    page.get_by_role("link", name="Enter the six digits").click()
    assert page.evaluate("document.activeElement.id") == "code"
    require_sound(page)


def test_everything_but_drawing_works_without_a_script(new_page: NewPage, vera: Signer) -> None:
    page = opened(new_page(java_script_enabled=False), vera)
    expect(page.locator("#canvas")).to_be_hidden()
    fill(page, vera)

    sign(page)

    expect(page.get_by_role("heading", name="The agreement is signed")).to_be_visible()
    assert vera.state == "SIGNED"


def test_who_does_not_want_to_sign_says_so(new_page: NewPage, vera: Signer) -> None:
    page = opened(new_page(), vera)
    page.get_by_text("Decline", exact=True).click()
    page.get_by_label("Why").fill("Clause 7")

    page.get_by_role("button", name="Decline to sign").click()

    expect(page.get_by_role("heading", name="You declined to sign")).to_be_visible()
    assert vera.desk.envelope(vera.envelope_id).reason == "Clause 7"
    require_sound(page)


def test_the_whole_form_works_by_keyboard(new_page: NewPage, vera: Signer) -> None:
    page = opened(new_page(), vera)
    code = mailed_code(page, vera)
    page.get_by_label("Your full name").focus()
    page.keyboard.type("Vera Núñez")
    while page.evaluate("document.activeElement.id") != "code":
        page.keyboard.press("Tab")
    page.keyboard.type(code)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="The agreement is signed")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "desk"])
def test_the_page_is_accessible(new_page: NewPage, vera: Signer, scheme: str, viewport: Any) -> None:
    page = opened(new_page(color_scheme=scheme, viewport=viewport), vera)

    require_sound(page)
    mailed_code(page, vera)
    require_sound(page)


def test_an_ended_link_says_so(new_page: NewPage, vera: Signer) -> None:
    vera.desk.account.sql("update envelopes set state = 'VOIDED' where account_id = %s")
    page = new_page(viewport=PHONE)

    page.goto(address(vera))

    expect(page.get_by_role("heading", name="This link has ended")).to_be_visible()
    require_sound(page)
