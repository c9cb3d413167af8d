"""The trust center's team at work: a request is found, looked at, approved and revoked; a document gets a version."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.access_requests.cast import Desk
from tests.browser.conftest import LOOKS, NewPage, require_sound, signed_in
from tests.documents import pdf
from tests.factories import Account


@pytest.mark.parametrize("look", LOOKS)
def test_a_request_is_found_approved_for_a_month_and_revoked(
    new_page: NewPage, acme: Account, look: dict[str, Any]
) -> None:
    desk = Desk(acme, "SELF")
    desk.ask()
    desk.ask(email="eve@elsewhere.test", name="Eve", company="Elsewhere")
    page = signed_in(new_page, acme, **look)

    page.goto("/trust-center/requests")
    require_sound(page)
    page.get_by_role("searchbox").fill("initech")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="Bob Porter").click()
    require_sound(page)
    page.get_by_role("link", name="Approve").click()
    page.get_by_label("Days of access").fill("30")
    require_sound(page)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_contain_text("The documents are on their way")
    require_sound(page)

    page.get_by_text("Revoke", exact=True).click()
    require_sound(page)
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_role("status")).to_contain_text("Access was revoked")
    assert desk.grants()[0][2] is not None


# Where there is the least room and the least light.
@pytest.mark.parametrize("look", LOOKS[1:])
def test_what_surrounds_requests_can_be_read_by_everybody(
    new_page: NewPage, acme: Account, look: dict[str, Any]
) -> None:
    desk = Desk(acme, "SELF")
    desk.approve(desk.ask())
    desk.ask(email="eve@elsewhere.test", name="Eve")
    page = signed_in(new_page, acme, **look)

    for path in ("access", "access/edit", "access/nda", "access/acceptances", "access/preapproved", "access/customers"):
        sound(page, f"/trust-center/{path}")
    for path in ("requests/all", "requests/new", "documents/new"):
        sound(page, f"/trust-center/{path}")
    for path in ("reports", "reports/requests", "reports/domains"):
        page.goto(f"/trust-center/{path}")
        expect(page.locator("#report table").first).to_be_attached()
        require_sound(page)


def sound(page: Page, path: str) -> None:
    page.goto(path)
    require_sound(page)


@pytest.mark.parametrize("look", LOOKS)
def test_several_requests_are_decided_at_once_and_a_document_gets_a_new_version(
    new_page: NewPage, acme: Account, look: dict[str, Any], tmp_path: Path
) -> None:
    desk = Desk(acme, "SELF")
    desk.ask()
    desk.ask(email="eve@elsewhere.test", name="Eve")
    (tmp_path / "second.pdf").write_bytes(pdf("second"))
    page = signed_in(new_page, acme, **look)

    page.goto("/trust-center/requests")
    page.get_by_label("Tick all requests of this page").check()
    page.get_by_text("Approve", exact=True).click()
    require_sound(page)
    page.get_by_role("button", name="Approve them").click()
    expect(page.get_by_text("2 of 2 requests were approved")).to_be_visible()
    require_sound(page)

    page.goto("/trust-center/documents")
    require_sound(page)
    page.get_by_role("link", name="SOC 2 report").click()
    page.get_by_label("File").set_input_files(tmp_path / "second.pdf")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("link", name="second.pdf")).to_be_visible()
    require_sound(page)
    page.get_by_text("Delete", exact=True).click()
    expect(page.get_by_text("eve@elsewhere.test").first).to_be_visible()
    require_sound(page)
