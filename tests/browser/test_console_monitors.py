"""A monitor in a browser: built by clicking beside its JSON, tried on real data, saved, run, and a record left out."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, NewPage, require_sound, signed_in
from tests.factories import Account
from tests.records.cast import Json, connect

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "level": {"type": "number"},
        "encrypted": {"type": "boolean"},
        "disks": {"type": "array", "items": {"type": "object", "properties": {"size": {"type": "integer"}}}},
    },
    "required": ["name"],
}


def definition(page: Page) -> Json:
    """What the JSON beside the builder says."""
    found: Json = json.loads(page.get_by_label("Definition as JSON", exact=True).last.input_value())
    return found


@pytest.mark.parametrize("look", LOOKS)
def test_a_monitor_is_built_tried_saved_and_run(new_page: NewPage, acme: Account, look: dict[str, Any]) -> None:
    devices = connect(acme, schema=SCHEMA)
    devices.push("laptop-1", level=5, encrypted=True, disks=[{"size": 9}])
    devices.push("laptop-2", level=1, encrypted=False, disks=[{"size": 1}])
    page = signed_in(new_page, acme, **look)

    page.goto("/monitors/new")
    page.get_by_label("Name").fill("Laptops are safe")
    page.get_by_label("Enabled").uncheck()
    build(page)
    try_out(page)
    require_sound(page)
    edit_the_json(page)

    page.get_by_role("button", name="Create the monitor").click()
    expect(page.get_by_role("status").first).to_contain_text("The monitor was created")
    page.get_by_role("button", name="Run now").first.click()
    expect(page.get_by_role("status").first).to_contain_text("2 records checked, 1 failed")
    require_sound(page)
    look_around(page)
    leave_out(page)


def build(page: Page) -> None:
    """A condition with a group in it and a question to the items of a list, by its controls alone."""
    field = page.get_by_label("Field", exact=True)
    field.first.select_option(label="encrypted")
    assert definition(page)["groups"][0]["evaluator"] == {
        "all": [{"fact": "encrypted", "operator": "equal", "value": True}]
    }
    page.get_by_role("button", name="Add group").click()
    expect(page.get_by_label("How these belong together").nth(1)).to_be_focused()
    field.nth(1).select_option(label="level")
    page.get_by_label("Operator").nth(1).select_option(label="is greater than")
    page.get_by_label("Value", exact=True).nth(1).fill("3")
    page.get_by_role("button", name="Add comparison").first.click()
    field.nth(2).select_option(label="disks")
    page.get_by_label("Operator").nth(2).select_option(label="has an item with:")
    page.get_by_label("Value", exact=True).nth(2).fill("4")
    page.get_by_label("Operator").nth(3).select_option(label="is at least")

    assert definition(page)["groups"][0]["evaluator"]["all"][0] == {
        "fact": "encrypted",
        "operator": "equal",
        "value": True,
    }
    inner = definition(page)["groups"][0]["evaluator"]["all"][1]
    assert inner["any"][0] == {"fact": "level", "operator": "greaterThan", "value": 3}
    asked = {"all": [{"fact": "size", "operator": "greaterThanOrEqual", "value": 4}]}
    assert inner["any"][1] == {"fact": "disks", "operator": "any", "value": asked}


def try_out(page: Page) -> None:
    """The trial shows which record would fail and why, and saves nothing."""
    page.get_by_role("button", name="Try it").click()
    trial = page.get_by_role("region", name="Trial")
    expect(trial).to_contain_text("nothing was saved")
    expect(trial).to_contain_text("laptop-2")
    expect(trial).to_contain_text("found: false")
    assert "/monitors/new" in page.url


def edit_the_json(page: Page) -> None:
    """The builder follows what is typed, waits while that is no JSON, and says what a definition lacks."""
    text = page.get_by_label("Definition as JSON", exact=True).last
    changed = definition(page)
    changed["groups"][0]["evaluator"]["all"][1]["any"][0]["value"] = 4
    text.fill(json.dumps(changed) + "}")
    expect(page.get_by_text("this is no JSON yet")).to_be_visible()
    expect(page.get_by_label("Field", exact=True).first).to_be_disabled()
    text.fill(json.dumps(changed))
    expect(page.get_by_label("Value", exact=True).nth(1)).to_have_value("4")
    page.get_by_label("Value", exact=True).nth(1).fill("2")
    assert definition(page)["groups"][0]["evaluator"]["all"][1]["any"][0]["value"] == 2

    text.fill(json.dumps(changed).replace('"equal"', '"equalz"'))
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("region", name="Trial")).to_contain_text("did you mean 'equal'?")
    text.fill(json.dumps(changed))


def look_around(page: Page) -> None:
    """All pages of the monitor are sound; its words say what it checks."""
    expect(page.get_by_text("has an item with:").first).to_be_visible()
    for name in ("Passing records", "Runs", "Versions"):
        page.get_by_role("navigation", name="Monitor").get_by_role("link", name=name).click()
        require_sound(page)
    page.get_by_role("navigation", name="Monitor").get_by_role("link", name="Result").click()
    page.get_by_role("link", name="All runs").click()
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Run ")
    require_sound(page)


def leave_out(page: Page) -> None:
    """A failing record is excluded with a reason; the monitor is deleted after a question."""
    page.goto("/monitors")
    require_sound(page)
    page.get_by_role("link", name="Laptops are safe").click()
    page.get_by_role("link", name="Exclude laptop-2").click()
    require_sound(page)
    page.get_by_label("Reason").fill("Kept for spare parts")
    page.get_by_role("button", name="Exclude the record").click()
    expect(page.get_by_text("Kept for spare parts")).to_be_visible()
    require_sound(page)
    page.get_by_role("navigation", name="Monitor").get_by_role("link", name="Result").click()
    expect(page.get_by_text("Nothing left")).to_be_visible()
    page.locator("summary", has_text="Delete").click()
    page.get_by_role("button", name="Delete the monitor").click()
    expect(page.get_by_text("No monitors yet")).to_be_visible()
