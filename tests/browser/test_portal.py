"""The vendor's page in a browser: answered, saved, submitted; by keyboard, on a phone, offline, by two at once."""

import re
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import NewPage, require_sound
from tests.documents import pdf
from tests.factories import Account
from tests.questionnaires.cast import Desk, Json, Portal
from tests.records.cast import eventually

SAVED = re.compile(r"Saved \d\d:\d\d")

MANY = {"options": [f"Country {number}" for number in range(12)]}
QUESTIONS: list[Json] = [
    {"id": "intro", "section": "Access", "type": "info", "text": "About access.\nAnswer for our service."},
    {"id": "mfa", "section": "Access", "type": "yes_no_na", "text": "Do all use two factors?", "required": True},
    {"id": "who", "section": "Access", "type": "long_text", "text": "Who is exempt?", "required": True},
    {"id": "often", "section": "Access", "type": "single", "text": "How often?", "options": ["Monthly", "Yearly"]},
    {"id": "where", "section": "Data", "type": "multi", "text": "Where is it?", "options": ["Europe", "Asia"]},
    {"id": "seat", "section": "Data", "type": "single", "text": "Where is your seat?", **MANY},
    {"id": "days", "section": "Data", "type": "number", "text": "How many days?", "help": "Whole days."},
    {"id": "tested", "section": "Data", "type": "date", "text": "When tested?"},
    {"id": "officer", "section": "Data", "type": "short_text", "text": "Who is the officer?"},
    {"id": "proof", "section": "Proof", "type": "file", "text": "Your report"},
]
QUESTIONS[2]["showIf"] = {"questionId": "mfa", "equals": "no"}


class Sent:
    """A questionnaire that was sent, the address of its link, and a second one who has the link."""

    def __init__(self, account: Account) -> None:
        self.desk = Desk(account)
        self.id = self.desk.send(questionnaireId=self.desk.made_template("Basics", *QUESTIONS))["id"]
        self.token = self.desk.tokens()[-1]
        self.link = f"{account.world.address}/q#{self.token}"
        self.other = Portal(account, self.token)

    def answers(self) -> dict[str, Any]:
        """What is saved, by question."""
        saved = "select answers from questionnaires where account_id = %s and id = %s"
        ((answers,),) = self.desk.account.sql(saved, self.id)
        return {id_: answer["value"] for id_, answer in answers.items()}


@pytest.fixture
def sent(acme: Account) -> Sent:
    return Sent(acme)


def opened(page: Page, sent: Sent) -> Page:
    page.goto(sent.link)
    expect(page.get_by_role("heading", name="Basics")).to_be_visible()
    return page


@pytest.fixture
def page(new_page: NewPage, sent: Sent) -> Page:
    """The page, just opened."""
    return opened(new_page(), sent)


def choose(page: Page, question: str, option: str) -> None:
    page.get_by_role("group", name=question).get_by_label(option, exact=True).check()


def await_saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_text(SAVED, timeout=15_000)


def test_answers_are_saved_as_they_are_given_and_locked_once_submitted(page: Page, sent: Sent) -> None:
    expect(page.get_by_text("0 of 8 answered")).to_be_visible()
    choose(page, "Do all use two factors?", "No")
    page.get_by_label("Who is exempt?").fill("Two interns\nuntil May")
    choose(page, "Where is it?", "Europe")
    choose(page, "Where is it?", "Asia")
    page.get_by_label("Where is your seat?").select_option("Country 7")
    page.get_by_label("How many days?").fill("2.5")
    page.get_by_label("When tested?").fill("2026-05-04")
    expect(page.get_by_text("6 of 9 answered")).to_be_visible()
    await_saved(page)
    eventually(lambda: len(sent.answers()) == 6)
    assert sent.answers() == {
        "mfa": "no",
        "who": "Two interns\nuntil May",
        "where": ["Europe", "Asia"],
        "seat": "Country 7",
        "days": 2.5,
        "tested": "2026-05-04",
    }

    page.get_by_label("Your name").fill("Bob")
    page.get_by_role("button", name="Submit the answers").click()

    expect(page.get_by_text("Thank you. Acme has your answers now.")).to_be_visible()
    expect(page.get_by_text("by Bob. The answers can no longer be changed.")).to_be_visible()
    expect(page.get_by_text("Two interns")).to_be_visible()
    assert page.locator("input:visible, textarea:visible, select:visible").count() == 0
    page.reload()
    expect(page.get_by_text("The answers can no longer be changed.")).to_be_visible()
    assert sent.desk.answers(sent.id)["isCompleted"]


def test_after_a_reload_the_answers_are_there(page: Page, sent: Sent) -> None:
    choose(page, "Do all use two factors?", "No")
    factors = page.get_by_role("group", name="Do all use two factors?")
    factors.get_by_role("button", name="Add a comment").click()
    factors.get_by_label("Comment").fill("Soon")
    page.get_by_label("Who is exempt?").fill("Interns")
    await_saved(page)
    eventually(lambda: "who" in sent.answers())

    page.reload()

    expect(page.get_by_label("Who is exempt?")).to_have_value("Interns")
    expect(factors.get_by_label("Comment")).to_have_value("Soon")
    expect(page.get_by_role("radio", name="No", exact=True)).to_be_checked()


def test_a_question_is_shown_while_it_is_asked(page: Page) -> None:
    expect(page.get_by_label("Who is exempt?")).to_be_hidden()

    choose(page, "Do all use two factors?", "No")
    expect(page.get_by_label("Who is exempt?")).to_be_visible()

    choose(page, "Do all use two factors?", "Yes")
    expect(page.get_by_label("Who is exempt?")).to_be_hidden()


def test_an_answer_can_be_cleared(page: Page, sent: Sent) -> None:
    choose(page, "How often?", "Yearly")
    eventually(lambda: sent.answers() == {"often": "Yearly"})

    page.get_by_role("group", name="How often?").get_by_role("button", name="Clear the answer").click()

    eventually(lambda: sent.answers() == {})


def test_what_is_missing_is_listed_with_a_way_to_it(page: Page, sent: Sent) -> None:
    choose(page, "Do all use two factors?", "No")
    page.get_by_role("button", name="Submit the answers").click()

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Who is exempt?").click()

    field = page.get_by_label("Who is exempt?")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("Error: An answer is required")
    assert page.url == sent.link
    field.fill("Interns")
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_what_is_no_number_is_not_saved_and_said_so(page: Page, sent: Sent) -> None:
    page.get_by_label("How many days?").fill("1,000")
    page.get_by_label("Who is the officer?").fill("Dana")

    expect(page.get_by_text("Error: Write a number, such as 12 or 0.5")).to_be_visible()
    expect(page.locator("#saved")).to_have_text("Not saved: an answer needs another look", timeout=15_000)
    eventually(lambda: sent.answers() == {"officer": "Dana"})
    page.get_by_label("How many days?").fill("1000")
    eventually(lambda: sent.answers().get("days") == 1000)


def test_what_is_not_asked_any_more_is_in_nobodys_way(new_page: NewPage, acme: Account) -> None:
    desk = Desk(acme)
    gate = {"id": "gate", "text": "Any backups?", "type": "yes_no"}
    days = {"id": "days", "text": "For how many days?", "type": "number", "required": True}
    days["showIf"] = {"questionId": "gate", "equals": "yes"}
    desk.send(questionnaireId=desk.made_template("Backups", gate, days))
    page = new_page()
    page.goto(f"{acme.world.address}/q#{desk.tokens()[-1]}")
    choose(page, "Any backups?", "Yes")
    page.get_by_label("For how many days?").fill("many")
    choose(page, "Any backups?", "No")

    page.get_by_role("button", name="Submit the answers").click()

    expect(page.get_by_text("Thank you.")).to_be_visible()


def test_what_somebody_else_saved_is_shown_and_what_was_typed_is_kept(page: Page, sent: Sent) -> None:
    sent.other.save(officer="Dana", often="Yearly")
    page.get_by_label("Who is the officer?").fill("Eve")
    page.get_by_label("How many days?").fill("30")

    expect(page.get_by_text("Yours is kept; theirs was:")).to_be_visible(timeout=15_000)
    expect(page.get_by_label("Who is the officer?")).to_have_value("Eve")
    expect(page.get_by_role("radio", name="Yearly")).to_be_checked()
    await_saved(page)
    eventually(lambda: sent.answers() == {"officer": "Eve", "often": "Yearly", "days": 30})

    page.get_by_role("button", name="Use that answer").click()

    expect(page.get_by_label("Who is the officer?")).to_have_value("Dana")
    eventually(lambda: sent.answers()["officer"] == "Dana")


def test_who_submits_what_somebody_else_changed_meanwhile_is_told_first(page: Page, sent: Sent) -> None:
    choose(page, "Do all use two factors?", "Yes")
    await_saved(page)
    sent.other.revision = 1
    sent.other.save(officer="Dana")

    page.get_by_role("button", name="Submit the answers").click()

    expect(page.get_by_text("Not submitted: somebody else changed answers meanwhile.")).to_be_visible()
    expect(page.get_by_label("Who is the officer?")).to_have_value("Dana")
    page.get_by_role("button", name="Submit the answers").click()
    expect(page.get_by_text("Thank you.")).to_be_visible()


def test_what_was_typed_while_somebody_else_submitted_can_be_copied(page: Page, sent: Sent) -> None:
    sent.other.save(mfa="yes")
    sent.other.submit()

    page.get_by_label("Who is the officer?").fill("Eve")

    expect(page.get_by_text("Somebody else submitted these answers")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("status").get_by_text("Eve")).to_be_visible()


def test_without_a_connection_it_says_so_and_saves_later(page: Page, sent: Sent) -> None:
    page.context.set_offline(True)
    page.get_by_label("Who is the officer?").fill("Dana")
    expect(page.locator("#saved")).to_contain_text("Not saved: no connection", timeout=15_000)

    page.context.set_offline(False)

    await_saved(page)
    assert sent.answers() == {"officer": "Dana"}


@pytest.mark.parametrize("unsaved", [True, False])
def test_leaving_with_unsaved_answers_is_asked_about(page: Page, unsaved: bool) -> None:
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.context.set_offline(unsaved)
    page.get_by_label("Who is the officer?").press_sequentially("Dana")
    if not unsaved:
        await_saved(page)

    page.close(run_before_unload=True)

    page.wait_for_event("close") if not page.is_closed() else None
    assert asked == (["beforeunload"] if unsaved else [])


def test_a_file_is_attached_and_taken_away(page: Page, sent: Sent) -> None:
    chooser = page.get_by_label("Attach a file")
    chooser.set_input_files({"name": "report.pdf", "mimeType": "application/pdf", "buffer": pdf("Report")})
    expect(page.get_by_role("button", name="Remove report.pdf")).to_be_visible()
    eventually(lambda: len(sent.answers().get("proof", [])) == 1)

    chooser.set_input_files({"name": "bad.pdf", "mimeType": "application/pdf", "buffer": b"MZ no PDF"})
    expect(page.locator("#q-proof .error")).to_contain_text("pdf")

    page.get_by_role("button", name="Remove report.pdf").click()
    eventually(lambda: "proof" not in sent.answers())


def test_everything_is_reached_by_the_keyboard(page: Page, sent: Sent) -> None:
    keyboard = page.keyboard
    keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the questions")).to_be_focused()
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Not applicable")).to_be_checked()
    assert page.url == sent.link

    for _ in range(40):
        if page.evaluate("document.activeElement.id") == "submit":
            break
        keyboard.press("Tab")
    keyboard.press("Enter")

    expect(page.get_by_text("Thank you.")).to_be_visible()
    assert sent.desk.answers(sent.id)["isCompleted"]


def test_what_has_the_focus_is_not_behind_the_bar(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 500})
    page.get_by_label("Your name").focus()

    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        top, bar = page.evaluate(
            "[document.activeElement.getBoundingClientRect().bottom,"
            " document.getElementById('bar').getBoundingClientRect().bottom]"
        )
        assert top > bar


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_it_is_accessible_and_fits_in_each_of_its_states(
    new_page: NewPage, sent: Sent, width: int, scheme: str
) -> None:
    page = opened(new_page(viewport={"width": width, "height": 800}, color_scheme=scheme), sent)
    states = [page.locator("#form"), page.locator("#summary")]
    require_sound(page)
    choose(page, "Do all use two factors?", "No")
    page.get_by_role("button", name="Submit the answers").click()
    expect(states[1]).to_be_visible()
    require_sound(page)
    choose(page, "Do all use two factors?", "Yes")
    page.get_by_role("button", name="Submit the answers").click()
    expect(page.get_by_text("Thank you.")).to_be_visible()
    require_sound(page)
    page.goto(sent.link[:-1])
    expect(page.get_by_role("heading", name="This link opens nothing")).to_be_visible()
    require_sound(page)


def test_a_revoked_link_says_whom_to_ask(new_page: NewPage, sent: Sent) -> None:
    sent.desk.alice.post(f"{sent.desk.questionnaires}/{sent.id}/revoke")
    page = new_page()

    page.goto(sent.link)

    expect(page.get_by_role("heading", name="This link has ended")).to_be_visible()


def test_another_link_in_the_same_tab_opens_the_other_questionnaire(page: Page, acme: Account) -> None:
    desk = Desk(acme)
    desk.send(questionnaireId=desk.made_template("The other"))

    page.goto(f"{acme.world.address}/q#{desk.tokens()[-1]}")

    expect(page.get_by_role("heading", name="The other")).to_be_visible()


def test_long_words_fit_and_what_was_written_runs_in_its_own_direction(new_page: NewPage, acme: Account) -> None:
    desk, word = Desk(acme), "Rindfleischetikettierung" * 7
    asked = {"id": "a", "section": word, "text": "ما اسم المسؤول؟", "type": "single", "options": [word, "ليلى"]}
    other = {"id": "b", "section": "Two", "text": word, "type": "short_text", "required": True}
    desk.send(questionnaireId=desk.made_template(word, asked, other))
    page = new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{acme.world.address}/q#{desk.tokens()[-1]}")

    question = page.get_by_role("group", name="ما اسم المسؤول؟").locator("legend")
    expect(question).to_have_css("direction", "rtl")
    page.get_by_text("Sections").click()
    page.get_by_role("button", name="Two").click()
    expect(page.get_by_role("heading", name="Two")).to_be_focused()
    page.get_by_role("button", name="Submit the answers").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_text(re.compile(r"^.{140}…$"))
    require_sound(page)


def test_without_javascript_it_says_what_it_needs(new_page: NewPage, sent: Sent) -> None:
    page = new_page(java_script_enabled=False)

    page.goto(sent.link)

    expect(page.get_by_role("heading", name="This page needs JavaScript")).to_be_visible()


def test_what_a_template_says_is_text_and_never_markup(new_page: NewPage, acme: Account) -> None:
    bad = "<img src=x onerror=document.title='taken'><b>bold</b>"
    desk = Desk(acme)
    template = desk.made_template(
        bad,
        {"id": "a", "section": bad, "text": bad, "help": bad, "type": "single", "options": [bad, "Other"]},
        {"id": "b", "text": bad, "type": "info"},
    )
    desk.send(questionnaireId=template)
    page = new_page()

    page.goto(f"{acme.world.address}/q#{desk.tokens()[-1]}")

    expect(page.get_by_role("heading", name=bad).first).to_be_visible()
    assert page.locator("main b, main img").count() == 0
    assert page.title() != "taken"
