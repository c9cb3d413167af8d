"""A vendor is reviewed in a browser: its SOC report is read beside the form, and decided on."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, NewPage, require_sound, signed_in
from tests.documents import pdf
from tests.factories import Account

SCOPE = "complianceScope"


@pytest.fixture
def review(acme: Account) -> str:
    """The path of a review of a SOC report that misses a few answers."""
    vendor = acme.alice.post("/public/v2/vendors", json={"name": "Fjord Hosting", "risk": "HIGH"}).json()["id"]
    sent = {"title": "SOC 2 of 2027", "reviewDeadlineAt": "2027-05-31T00:00:00Z", "securityReviewType": "SOC_REPORT"}
    made = acme.alice.post(
        f"/public/v2/vendors/{vendor}/security-reviews/with-file",
        data=sent | {"securityReviewStatus": "NOT_YET_STARTED", "documentType": "SOC_DOCUMENT"},
        files={"file": ("SOC 2.pdf", pdf("The auditor is content"), "application/pdf")},
    ).json()["id"]
    scope = {"certification": "SOC_2", "trustServiceCriteria": ["SECURITY"]}
    form = {"reviewerInformation": {"reviewerUserId": acme.alice_id}, "complianceScope": scope}
    acme.alice.put(f"/public/v2/vendors/{vendor}/security-reviews/{made}", json={"socForm": form})
    return f"/vendors/{vendor}/reviews/{made}"


@pytest.mark.parametrize("look", LOOKS)
def test_a_soc_report_is_read_and_decided_on(
    new_page: NewPage, acme: Account, review: str, look: dict[str, Any]
) -> None:
    page = signed_in(new_page, acme, **look)
    page.goto("/vendors?q=fjord")
    page.get_by_role("link", name="Fjord Hosting").click()
    require_sound(page)
    page.get_by_role("link", name="SOC 2 of 2027", exact=True).click()
    require_sound(page)
    page.get_by_role("link", name="Fill the form").click()
    expect(page.get_by_text("The auditor is content")).to_be_attached()
    require_sound(page)

    fill(page)
    expect(page.get_by_text("8 of 8 sections complete")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The form was saved")).to_be_visible()
    expect(page.get_by_label("Finding, 2", exact=True)).to_have_value("A door stood open")
    page.get_by_role("link", name="Back to the review").click()
    page.get_by_role("link", name="Decide").click()
    require_sound(page)
    page.get_by_label("Approved with conditions").check()
    page.get_by_role("textbox", name="Note").fill("Until May")
    page.get_by_role("button", name="Finish the review").click()
    expect(page.get_by_text("The review is finished")).to_be_visible()
    page.get_by_role("link", name="Print view").click()
    expect(page.get_by_text("A door stood open")).to_be_visible()
    require_sound(page)


def fill(page: Page) -> None:
    """Types what the form misses, as a person does."""
    page.get_by_label("Report issued on").fill("2026-02-01")
    page.get_by_label("Type", exact=True).select_option("Type 1")
    expect(page.get_by_label("First day")).to_be_hidden()
    page.get_by_label("Day audited").fill("2026-01-15")
    page.get_by_label("Opinion", exact=True).select_option("Unqualified")
    page.get_by_label("Does the report cover what you use?").select_option("Yes")
    expect(page.get_by_text("8 of 8 sections complete")).to_be_visible()
    page.get_by_label("Finding, 1", exact=True).fill("A window stood open")
    page.get_by_role("button", name="Add a finding").click()
    page.keyboard.type("A door stood open")
    expect(page.get_by_text("lacks Do the findings matter to you?")).to_be_visible()
    page.get_by_label("Do the findings matter to you?").select_option("No")


def test_the_viewer_turns_pages_by_button_number_and_key(new_page: NewPage, acme: Account, review: str) -> None:
    page = signed_in(new_page, acme)
    page.goto(f"{review}/soc")
    number = page.get_by_label("Page", exact=True)
    expect(number).to_have_value("1")
    assert page.get_by_role("button", name="Next page").is_disabled()
    width = page.locator(".pdf-page").bounding_box()
    page.get_by_role("button", name="Zoom in").click()
    expect(page.get_by_text("The auditor is content")).to_be_attached()
    wider = page.locator(".pdf-page").bounding_box()
    assert width is not None
    assert wider is not None
    assert wider["width"] > width["width"] * 1.1
    page.get_by_role("region", name="SOC 2.pdf").press("0")
    expect(page.locator(".pdf-page canvas")).to_be_visible()


def test_the_other_pages_are_sound(new_page: NewPage, acme: Account, review: str) -> None:
    page = signed_in(new_page, acme)
    vendor = review.partition("/reviews")[0]
    acme.browser().post("/vendors/types", data={"name": "Cloud"})
    for path in (
        "/vendors",
        "/vendors/types",
        "/reviews",
        f"{vendor}/edit",
        f"{vendor}/documents",
        f"{vendor}/reviews/new",
    ):
        page.goto(path)
        require_sound(page)
