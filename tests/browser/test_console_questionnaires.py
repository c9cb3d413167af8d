"""Questionnaires in the console, as a person goes through them: a template is made, sent, answered, and compared."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, NewPage, require_sound, signed_in
from tests.factories import Account
from tests.questionnaires.cast import TEMPLATES, Desk

MFA, EXEMPT = "Do all sign in with two factors?", "Who is exempt?"


@pytest.mark.parametrize("look", LOOKS)
def test_a_template_is_made_and_sent_and_its_answers_are_compared(
    new_page: NewPage, acme: Account, look: dict[str, Any]
) -> None:
    desk = Desk(acme)
    _, then = desk.asked()
    then.save(mfa="no", who="Two interns", store=["EU"])
    then.submit()
    page = signed_in(new_page, acme, **look)

    make_template(page)
    template = desk.alice.get(TEMPLATES).json()["data"][-1]
    questions = desk.alice.get(f"{TEMPLATES}/{template['id']}").json()["questions"]
    assert [(each["section"], each["text"]) for each in questions] == [("Access", MFA), ("Access", EXEMPT)]
    assert questions[1]["showIf"] == {"questionId": questions[0]["id"], "equals": "no"}

    preview(page)
    send(page)
    require_sound(page)
    expect(page.get_by_text("The answers are shown here once the vendor submits them.")).to_be_visible()
    page.get_by_role("link", name="Link to copy").click()
    page.get_by_role("button", name="Make a link").click()
    require_sound(page)
    link = page.locator("#link").inner_text()

    answer(new_page(), link)
    page.get_by_role("link", name="Back to the questionnaire").click()
    expect(page.get_by_text("2 answers have changed.")).to_be_visible()
    expect(page.locator(".q-changed")).to_contain_text(["BeforeNo", "BeforeTwo interns"])
    require_sound(page)
    page.locator("summary", has_text="Archive").click()
    page.get_by_role("button", name="Archive", exact=True).click()
    expect(page.get_by_text("The questionnaire was archived")).to_be_visible()

    page.goto("/questionnaires?state=ARCHIVED")
    expect(page.get_by_role("row")).to_have_count(2)
    require_sound(page)


def make_template(page: Page) -> None:
    """By its buttons, and by the keyboard where that is quicker."""
    page.goto("/questionnaires")
    page.get_by_role("link", name="Templates").click()
    require_sound(page)
    page.get_by_role("link", name="New template").click()
    page.get_by_label("Title").fill("Access")
    items = page.locator("[data-item]")
    items.nth(0).get_by_label("Question", exact=True).fill(EXEMPT)
    items.nth(0).get_by_label("Answer", exact=True).select_option("Long text")
    items.nth(0).get_by_text("Ask it only after a certain answer").click()
    items.nth(0).get_by_label("Id of the question").fill("q2")
    items.nth(0).get_by_label("Its answer").fill("no")
    page.get_by_role("button", name="Add a question", exact=True).click()
    expect(items).to_have_count(2)
    expect(items.nth(1).get_by_label("Question", exact=True)).to_be_focused()
    page.keyboard.type(MFA)
    expect(items.nth(1).get_by_label("Options, one a line")).to_be_hidden()
    page.get_by_role("button", name="Add a section").click()
    expect(items.nth(2).get_by_role("textbox", name="Section")).to_be_focused()
    page.keyboard.type("Access")
    for _ in range(2):
        page.get_by_role("button", name="Move up: section").press("Enter")
    require_sound(page)

    page.get_by_role("button", name="Save the template").first.click()
    expect(page.get_by_role("alert")).to_contain_text("No question q2 stands before it")
    page.get_by_role("alert").get_by_role("link", name=EXEMPT).click()
    require_sound(page)
    items.nth(1).get_by_role("button", name="Move down").click()
    page.get_by_role("button", name="Save the template").first.click()
    expect(page.get_by_text("The template was created")).to_be_visible()
    require_sound(page)


def preview(page: Page) -> None:
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Preview").click()
    shown = opened.value
    expect(shown.get_by_text("This is a preview: nothing is saved")).to_be_visible()
    shown.get_by_label("No", exact=True).check()
    shown.get_by_label(EXEMPT).fill("Nobody")
    shown.get_by_role("button", name="Submit the answers").click()
    expect(shown.get_by_text("Thank you.")).to_be_visible()
    shown.close()


def send(page: Page) -> None:
    page.goto("/questionnaires/send")
    require_sound(page)
    page.get_by_role("link", name="Initech").click()
    page.get_by_label("Access").check()
    page.get_by_label("Who answers?").fill("bob@initech.test")
    page.get_by_label("Message").fill("Until Friday, please.")
    require_sound(page)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("The questionnaire is on the way by mail")).to_be_visible()


def answer(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Submit the answers").click()
    expect(page.get_by_text("Thank you.")).to_be_visible()
