"""The pages behind the link in a browser: opened, asked for a code, used by keyboard and on a phone, light and dark."""

import io
from typing import Any

import pypdf
import pytest
from playwright.sync_api import Page, expect

from tests.access.cast import BOB, Desk
from tests.browser.conftest import LOOKS, NewPage, require_sound
from tests.factories import Account

LONG = "A report whose name is so long that on a telephone it takes more than one line: Verylongwordwithoutanyblank" * 2


@pytest.fixture
def desk(acme: Account) -> Desk:
    return Desk(acme)


def address(desk: Desk, path: str) -> str:
    return f"{desk.account.world.address}{path}"


def opened(page: Page, desk: Desk, link: str) -> Page:
    """The room, by the button of a link."""
    page.goto(address(desk, link))
    page.get_by_role("button", name="Open the documents").click()
    expect(page.get_by_role("heading", name="Your access")).to_be_visible()
    return page


def asked(page: Page, desk: Desk) -> Page:
    """The question for a code."""
    link = desk.link(desk.give(desk.document(), asks=True))
    desk.browser().open(link)
    page.goto(address(desk, link))
    page.get_by_role("button", name="Open the documents").click()
    expect(page.get_by_label("Code from the mail")).to_be_visible()
    return page


def test_from_the_link_to_a_stamped_download_and_out_again(new_page: NewPage, desk: Desk) -> None:
    link = desk.link(desk.give(desk.document("SOC 2 report"), desk.document("Policy", mode="VIEW")))
    page = opened(new_page(), desk, link)

    expect(page.get_by_text(BOB.email)).to_be_visible()
    expect(page.get_by_role("link", name="View Policy")).to_be_visible()
    expect(page.get_by_role("link", name="Download Policy")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download SOC 2 report").click()
    content = download.value.path().read_bytes()
    assert BOB.email in pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()

    page.get_by_role("button", name="Ask for more time").click()
    expect(page.get_by_role("status")).to_contain_text("passed it on")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    page.goto(address(desk, "/access"))
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()


def test_another_device_goes_on_with_the_code_from_the_mail(new_page: NewPage, desk: Desk) -> None:
    page = asked(new_page(), desk)
    code = desk.codes()[-1]

    field = page.get_by_label("Code from the mail")
    expect(field).to_be_focused()
    field.fill("x")
    page.keyboard.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("Error: that is not the code. Look at the newest mail.")
    field.fill(code)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Your access")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_a_document_that_may_only_be_viewed_is_read_in_the_page(
    new_page: NewPage, desk: Desk, look: dict[str, Any]
) -> None:
    policy = desk.document("Policy", mode="VIEW")
    page = opened(new_page(**look), desk, desk.link(desk.give(policy)))
    require_sound(page)

    page.get_by_role("link", name="View Policy").click()

    expect(page.locator(".pdf-page[data-drawn]").first).to_be_visible(timeout=30_000)
    expect(page.locator(".pdf-text")).to_contain_text(BOB.email)
    expect(page.get_by_role("link", name="Download")).to_have_count(0)
    require_sound(page)
    # The browser's own viewer would save it: what is opened there leads back here.
    page.goto(address(desk, f"/access/documents/{policy}"))
    assert page.url.endswith(f"/access/documents/{policy}/view")
    page.get_by_role("link", name="All documents").click()
    expect(page.get_by_role("heading", name="Documents for you")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["link", "code", "room", "over"])
def test_pages_can_be_used_by_everybody_on_a_phone_too(new_page: NewPage, desk: Desk, which: str, scheme: str) -> None:
    page = new_page(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    if which == "code":
        asked(page, desk)
    elif which == "over":
        page.goto(address(desk, "/access"))
    else:
        link = desk.link(desk.give(desk.document(LONG), desk.document("Policy", mode="VIEW")))
        page.goto(address(desk, link)) if which == "link" else opened(page, desk, link)

    require_sound(page)


def test_the_whole_way_works_without_scripts_and_by_keyboard(new_page: NewPage, desk: Desk) -> None:
    link = desk.link(desk.give(desk.document("SOC 2 report")))
    page = new_page(java_script_enabled=False)
    page.goto(address(desk, link))

    page.get_by_role("button", name="Open the documents").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("link", name="View SOC 2 report")).to_be_visible()
