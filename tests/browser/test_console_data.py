"""Data in a browser: a connection made from a sample record, its first push, and a look at what came."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LOOKS, NewPage, require_sound, signed_in
from tests.factories import Account

SAMPLE = {"id": "vol/1", "name": "vol-1", "encrypted": True, "size": 40, "tags": {"team": "core"}}


@pytest.mark.parametrize("look", LOOKS)
def test_a_connection_is_made_from_a_sample_and_takes_its_first_records(
    new_page: NewPage, acme: Account, look: dict[str, Any]
) -> None:
    page = signed_in(new_page, acme, **look)

    page.goto("/data")
    require_sound(page)
    page.get_by_role("link", name="New connection").first.click()
    page.get_by_label("Name").fill("Volumes")
    page.get_by_label("Sample record").fill(json.dumps(SAMPLE))
    require_sound(page)
    page.get_by_role("button", name="Next").click()

    schema = page.get_by_label("Schema", exact=True)
    asked = {**json.loads(schema.input_value()), "required": ["owner"]}
    schema.fill(json.dumps(asked))
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_role("group", name="How they go together")).to_contain_text("required property 'owner'")
    require_sound(page)
    schema.fill(json.dumps({**asked, "required": ["encrypted"]}))
    page.get_by_role("button", name="Create the connection").click()

    expect(page.get_by_role("status")).to_contain_text("Volumes was created")
    require_sound(page)
    command = page.locator("#snippet-curl").inner_text()
    address = command.split()[2]
    assert acme.alice.post(address, json={"data": [SAMPLE]}).status_code == 200

    page.get_by_role("navigation", name="Of this resource").get_by_role("link", name="Records").click()
    require_sound(page)
    page.get_by_role("link", name="vol-1").click()
    expect(page.get_by_role("region", name="the record")).to_contain_text('"team": "core"')
    require_sound(page)
    page.get_by_text("Delete", exact=True).click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("No records yet")).to_be_visible()

    acme.alice.post(address.replace("/records", "/sessions/first-load"), json={"data": [SAMPLE]})
    tabs = page.get_by_role("navigation", name="Of this resource")
    tabs.get_by_role("link", name="Sessions").click()
    require_sound(page)
    page.locator("summary", has_text="Complete").click()
    page.get_by_role("button", name="Complete it").click()
    expect(page.get_by_role("cell", name="Active")).to_be_visible()
    for title in ("Schema", "Monitors"):
        tabs.get_by_role("link", name=title).click()
        require_sound(page)
