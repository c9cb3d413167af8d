"""Questionnaires in the console: what its pages show and refuse, and what their forms do."""

import re
from html import unescape
from typing import Any

import httpx
import pytest

from tests.factories import Account
from tests.questionnaires.cast import TEMPLATES, Desk, Portal, question
from trustwright.accounts.roles import Role, allows
from trustwright.console.navigation import EDIT_VENDORS, VENDORS

LIST = "/questionnaires"
EDITOR = "/questionnaires/templates"


@pytest.fixture
def browser(acme: Account) -> httpx.Client:
    """Alice's."""
    return acme.browser()


@pytest.fixture
def reader(acme: Account) -> httpx.Client:
    """Of somebody who may look at vendors and change nothing."""
    role = next(role for role in Role if allows([role], VENDORS) and not allows([role], EDIT_VENDORS))
    acme.user(f"ray@account{acme.id}.test", role)
    return acme.browser(f"ray@account{acme.id}.test")


def page_of(desk: Desk, id_: int) -> str:
    return f"/vendors/{desk.vendor_id}/questionnaires/{id_}"


def editor_form(*texts: str, **more: Any) -> dict[str, Any]:
    """The editor's form with yes-or-no questions of these texts."""
    fields: dict[str, Any] = {"title": "Basics", "description": "", "order": [str(key) for key in range(len(texts))]}
    for key, text in enumerate(texts):
        fields |= {f"{key}-kind": "question", f"{key}-id": f"q{key + 1}", f"{key}-text": text, f"{key}-type": "yes_no"}
    return fields | more


def template_of(desk: Desk, answer: httpx.Response) -> dict[str, Any]:
    """The template whose editor a form led to."""
    assert answer.status_code == 303, answer.text
    template: dict[str, Any] = desk.alice.get(f"{TEMPLATES}/{answer.headers['location'].rsplit('/', 1)[1]}").json()
    return template


def test_the_list_finds_by_title_vendor_and_recipient(desk: Desk, browser: httpx.Client) -> None:
    desk.send(email="bob@initech.test")
    desk.send(email="eve@elsewhere.test")

    assert "eve@elsewhere" not in browser.get(LIST, params={"q": "BOB@"}).text
    assert "eve@elsewhere" in browser.get(LIST, params={"q": "initech"}).text
    assert "eve@elsewhere" in browser.get(LIST, params={"q": "security basics"}).text
    assert "No questionnaires" in browser.get(LIST, params={"q": "100%"}).text


def test_the_list_is_filtered_by_state(desk: Desk, browser: httpx.Client) -> None:
    made = {name: desk.made_template(name) for name in ("sent", "begun", "done", "late", "revoked", "archived")}
    sent = {name: desk.send(questionnaireId=template) for name, template in made.items()}
    tokens = dict(zip(made, desk.tokens(), strict=True))
    Portal(desk.account, tokens["begun"]).save(a="yes")
    done = Portal(desk.account, tokens["done"])
    done.save(a="yes")
    done.submit()
    late = "update questionnaires set expires_at = now() where account_id = %s and id = %s"
    desk.account.sql(late, sent["late"]["id"])
    desk.alice.post(f"{desk.questionnaires}/{sent['revoked']['id']}/revoke")
    desk.alice.delete(f"{desk.questionnaires}/{sent['archived']['id']}")
    desk.upload(("uploaded.csv", b"Question,Answer\nIs it safe?,Yes\n"))

    def found(state: str) -> list[str]:
        text = browser.get(LIST, params={"state": state, "sort": "sent"}).text
        return re.findall(r'questionnaires/\d+"><bdi>(.*?)</bdi>', text)

    assert found("SENT") == ["sent"]
    assert found("IN_PROGRESS") == ["begun"]
    assert found("SUBMITTED") == ["done"]
    assert found("OVERDUE") == ["late"]
    assert found("REVOKED") == ["revoked"]
    assert found("ARCHIVED") == ["archived"]
    assert found("UPLOADED") == ["uploaded.csv"]
    assert len(found("")) == 7


def test_the_list_goes_out_as_csv_in_the_order_asked_for(desk: Desk, browser: httpx.Client) -> None:
    for _ in range(3):
        desk.send()

    answer = browser.get(LIST, params={"format": "csv", "sort": "deadline"})

    lines = answer.text.splitlines()
    assert lines[0].startswith("id,title,vendor,recipient,state,sent,deadline")
    assert len(lines) == 4
    assert ",Initech,bob@initech.test,SENT," in lines[1]


def test_a_deleted_vendor_takes_its_questionnaires_off_the_list(desk: Desk, browser: httpx.Client) -> None:
    desk.send()
    desk.alice.delete(desk.vendor)

    assert "No questionnaires yet" in browser.get(LIST).text


def test_a_template_is_made_with_sections_options_and_conditions(desk: Desk, browser: httpx.Client) -> None:
    form = editor_form("Any?", "Which?", order=["9", "0", "8", "1"])
    form |= {"9-kind": "section", "9-title": "Access", "8-kind": "section", "8-title": "Data", "0-required": "yes"}
    form |= {"1-type": "single", "1-options": " EU \r\n\r\nUS", "1-if": "q1", "1-equals": "yes", "1-help": "Pick"}

    template = template_of(desk, browser.post(f"{EDITOR}/new", data=form))

    any_, which = template["questions"]
    assert (any_["section"], any_["required"], any_["type"]) == ("Access", True, "yes_no")
    assert (which["section"], which["options"], which["help"]) == ("Data", ["EU", "US"], "Pick")
    assert which["showIf"] == {"questionId": "q1", "equals": "yes"}


def test_saving_what_the_editor_shows_changes_nothing(desk: Desk, browser: httpx.Client) -> None:
    shown = browser.get(f"{EDITOR}/{desk.template['id']}").text
    fields: dict[str, Any] = {"title": desk.template["title"], "description": ""}
    names = r'name="(\d+-(?:kind|id|title|if|equals)|revision)" value="([^"]*)"'
    fields |= dict(re.findall(names, re.sub(r"\s+", " ", shown)))
    fields |= dict(re.findall(r'name="(\d+-(?:text|help|options))"[^>]*>\n(.*?)</textarea>', shown, re.DOTALL))
    fields |= dict(re.findall(r'name="(\d+-required)" value="(yes)" checked', shown))
    for name, body in re.findall(r'name="(\d+-type)"[^>]*>(.*?)</select>', shown, re.DOTALL):
        fields[name] = re.findall(r'value="(\w+)" selected', body)[0]
    fields["order"] = re.findall(r'name="order" value="(\d+)"', shown)

    assert browser.post(f"{EDITOR}/{desk.template['id']}", data=fields).status_code == 303

    assert desk.alice.get(f"{TEMPLATES}/{desk.template['id']}").json() == desk.template


@pytest.mark.parametrize(
    ("action", "texts"),
    [
        ("up-1", ["Second", "First", "Third"]),
        ("down-1", ["First", "Third", "Second"]),
        ("up-0", ["First", "Second", "Third"]),
        ("remove-1", ["First", "Third"]),
        ("add-0", ["First", "", "Second", "Third"]),
        ("question", ["First", "Second", "Third", ""]),
    ],
)
def test_the_buttons_of_the_editor_store_nothing(
    desk: Desk, browser: httpx.Client, action: str, texts: list[str]
) -> None:
    form = editor_form("First", "Second", "Third", do=action, revision="r")

    shown = browser.post(f"{EDITOR}/{desk.template['id']}", data=form).text

    found = re.findall(r'name="\d+-text"[^>]*>\n(.*?)</textarea>', shown, re.DOTALL)
    assert found == texts
    assert 'name="revision" value="r"' in shown
    assert desk.alice.get(f"{TEMPLATES}/{desk.template['id']}").json() == desk.template


def test_what_is_wrong_with_a_template_is_said_at_its_question(desk: Desk, browser: httpx.Client) -> None:
    form = editor_form("Any?", "", "Which?", **{"2-type": "multi", "2-options": "EU"})

    answer = browser.post(f"{EDITOR}/new", data=form)

    assert answer.status_code == 400
    assert '<a href="#item-1"><bdi>A question without a text</bdi></a>: Text must not be blank' in answer.text
    assert '<p class="invalid-feedback d-block" id="e-2">Multi needs at least two options</p>' in answer.text
    assert "Any?</textarea>" in answer.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, "Write a title"),
        ({"title": "t" * 192}, "title"),
        ({"order": []}, "ask at least one"),
        ({"0-if": "q9", "0-equals": "yes"}, "No question q9 stands before it"),
        ({"order": ["99999999999999999999", "x"]}, "ask at least one"),
    ],
)
def test_a_template_that_cannot_be_asked_is_shown_again(
    browser: httpx.Client, changes: dict[str, Any], said: str
) -> None:
    answer = browser.post(f"{EDITOR}/new", data=editor_form("Any?", **changes))

    assert answer.status_code == 400
    assert said.casefold() in answer.text.casefold()


def test_a_second_editor_is_told_and_can_save_over_it(desk: Desk, browser: httpx.Client) -> None:
    path = f"{EDITOR}/{desk.template['id']}"
    revision = r'name="revision" value="([^"]+)"'
    (old,) = re.findall(revision, browser.get(path).text)
    desk.alice.put(f"{TEMPLATES}/{desk.template['id']}", json={"title": "Theirs"})

    told = browser.post(path, data=editor_form("Mine", revision=old))

    assert told.status_code == 409
    assert "Somebody else changed this template" in told.text
    assert "Mine</textarea>" in told.text
    (new,) = re.findall(revision, told.text)
    assert template_of(desk, browser.post(path, data=editor_form("Mine", revision=new)))["title"] == "Basics"


def test_a_template_is_duplicated_and_deleted(desk: Desk, browser: httpx.Client) -> None:
    path = f"{EDITOR}/{desk.template['id']}"

    copy = template_of(desk, browser.post(f"{path}/duplicate"))
    assert (copy["title"], copy["questions"]) == ("Copy of Security basics", desk.template["questions"])

    assert browser.post(f"{path}/delete").status_code == 303
    assert browser.get(path).status_code == 404


def test_the_preview_is_the_vendors_page_and_saves_nothing(desk: Desk, browser: httpx.Client) -> None:
    path = f"{EDITOR}/{desk.template['id']}/preview"

    assert f'data-preview="{path}/state"' in browser.get(path).text
    state = browser.get(f"{path}/state").json()
    assert (state["title"], state["company"], state["answers"]) == ("Security basics", "Acme", {})
    assert [each["id"] for each in state["questions"]] == [each["id"] for each in desk.template["questions"]]


def test_several_templates_go_out_in_mails_of_their_own(desk: Desk, browser: httpx.Client) -> None:
    form = {
        "questionnaireId": [str(desk.template["id"]), str(desk.made_template("Privacy"))],
        "email": "bob@initech.test",
    }
    form |= {"emailContent": "Until Friday, please.", "emailSubject": "", "securityReviewId": str(desk.review_id)}

    answer = browser.post(f"/vendors/{desk.vendor_id}/questionnaires/send", data=form)

    assert answer.status_code == 303
    assert [to for to, _, text in desk.mails() if "Until Friday, please." in text] == ["bob@initech.test"] * 2
    assert desk.review_id
    assert "Privacy" in browser.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"questionnaireId": []}, "Choose at least one template"),
        ({"email": "nobody"}, "Must be an e-mail address"),
        ({"emailSubject": "two\nlines"}, "must be one line"),
        ({"questionnaireId": ["9" * 30]}, "Choose templates of this list"),
    ],
)
def test_a_sending_that_cannot_go_out_is_shown_again(
    desk: Desk, browser: httpx.Client, changes: dict[str, Any], said: str
) -> None:
    form = {"questionnaireId": [str(desk.template["id"])], "email": "bob@initech.test", "emailContent": "Typed <b>"}

    answer = browser.post(f"/vendors/{desk.vendor_id}/questionnaires/send", data={**form, **changes})

    assert answer.status_code == 400
    assert said in answer.text
    assert "Typed &lt;b&gt;" in answer.text
    assert desk.mails() == []


def test_a_finished_one_is_uploaded_and_downloaded(desk: Desk, browser: httpx.Client) -> None:
    path = f"/vendors/{desk.vendor_id}/questionnaires/upload"
    files = [("files", ("a.csv", b"Question,Answer\nSafe?,Yes\n")), ("files", ("b.csv", b"x,y\n"))]

    answer = browser.post(path, data={"review": str(desk.review_id)}, files=files)

    shown = browser.get(answer.headers["location"]).text
    assert "a.csv" in shown
    (_, second) = re.findall(r'href="([^"]+/files/\d+)"', shown)
    assert browser.get(browser.get(second).headers["location"]).content == b"x,y\n"


@pytest.mark.parametrize(("name", "status"), [("picture.gif", 400), ("questions.pdf", 400)])
def test_what_is_no_questionnaire_is_not_uploaded(desk: Desk, browser: httpx.Client, name: str, status: int) -> None:
    path = f"/vendors/{desk.vendor_id}/questionnaires/upload"

    answer = browser.post(path, files=[("files", (name, b"GIF89a"))])

    assert answer.status_code == status
    assert "Upload a finished questionnaire" in answer.text


def test_answers_stand_beside_those_of_the_last_time(desk: Desk, browser: httpx.Client) -> None:
    first, then = desk.asked()
    then.save(mfa="no", who="Interns", store=["EU"])
    then.submit()
    second, now = desk.asked()
    now.save(mfa="yes", store=["EU"])
    now.submit()

    shown = browser.get(page_of(desk, second["id"])).text

    assert "2 answers have changed." in unescape(re.sub(r"<[^>]+>", "", shown))
    changed = re.findall(r'q-changed">.*?dir="auto">(.*?)</span>', shown, re.DOTALL)
    assert changed == ["Do all sign in with two factors?", "Who is exempt?"]
    assert "Beside each answer" not in browser.get(page_of(desk, first["id"])).text


def test_a_day_that_was_answered_reads_like_the_days_of_all_pages(desk: Desk, browser: httpx.Client) -> None:
    sent = desk.send(questionnaireId=desk.made_template("Basics", question("tested", "date")))
    portal = Portal(desk.account, desk.tokens()[-1])
    portal.save(tested="2024-11-04")
    portal.submit()

    assert "04 Nov 2024" in browser.get(page_of(desk, sent["id"])).text


def test_answers_are_not_shown_before_they_are_submitted(desk: Desk, browser: httpx.Client) -> None:
    sent, vendor = desk.asked()
    vendor.save(mfa="no", who="Secret until submitted")

    shown = browser.get(page_of(desk, sent["id"])).text

    assert "Secret until submitted" not in shown
    assert "2 of 4" in shown


def test_a_link_to_copy_opens_the_page_and_leaves_the_mailed_one(desk: Desk, browser: httpx.Client) -> None:
    sent, mailed = desk.asked()

    shown = browser.post(f"{page_of(desk, sent['id'])}/link").text

    (token,) = re.findall(r'id="link">[^<]*/q#([\w-]{43})<', shown)
    assert Portal(desk.account, token).state()["title"] == "Security basics"
    assert mailed.get().status_code == 200


def test_a_reminder_goes_out_at_once(desk: Desk, browser: httpx.Client) -> None:
    sent, _ = desk.asked()

    assert browser.post(f"{page_of(desk, sent['id'])}/remind").status_code == 303

    assert [subject for _, subject, _ in desk.mails()][-1].startswith("Reminder:")
    assert "1, the last" in browser.get(page_of(desk, sent["id"])).text


def test_what_is_revoked_opens_no_more_and_is_not_reminded_of(desk: Desk, browser: httpx.Client) -> None:
    sent, vendor = desk.asked()
    path = page_of(desk, sent["id"])

    assert browser.post(f"{path}/revoke").status_code == 303

    assert vendor.get().status_code == 410
    assert browser.post(f"{path}/remind").status_code == 422
    assert browser.post(f"{path}/link").status_code == 422
    assert "Revoked" in browser.get(path).text


def test_archiving_twice_is_refused(desk: Desk, browser: httpx.Client) -> None:
    sent, _ = desk.asked()
    path = page_of(desk, sent["id"])

    assert browser.post(f"{path}/archive").status_code == 303
    assert browser.post(f"{path}/archive").status_code == 404


def test_who_may_only_look_sees_and_changes_nothing(desk: Desk, reader: httpx.Client) -> None:
    sent, _ = desk.asked()
    path = page_of(desk, sent["id"])

    shown = [reader.get(each) for each in (LIST, EDITOR, path, f"{EDITOR}/{desk.template['id']}/preview")]
    assert [each.status_code for each in shown] == [200] * 4
    assert all(
        "Send a questionnaire" not in each.text and 'method="post" action="/v' not in each.text for each in shown
    )
    for form in (f"{path}/revoke", f"{path}/link", f"{EDITOR}/new", f"{EDITOR}/{desk.template['id']}/delete"):
        assert reader.post(form).status_code == 403
    assert reader.get(f"/vendors/{desk.vendor_id}/questionnaires/send").status_code == 403


def test_what_is_anothers_is_not_there(desk: Desk, theirs: Desk, browser: httpx.Client) -> None:
    sent, _ = theirs.asked()
    vendor = f"/vendors/{theirs.vendor_id}/questionnaires"

    for path in (f"{vendor}/{sent['id']}", f"{EDITOR}/{theirs.template['id']}", f"{vendor}/send", f"{vendor}/upload"):
        assert browser.get(path).status_code == 404
    for path in (f"{vendor}/{sent['id']}/revoke", f"{EDITOR}/{theirs.template['id']}/delete"):
        assert browser.post(path).status_code == 404
    form = {"questionnaireId": [str(theirs.template["id"])], "email": "bob@initech.test", "emailContent": ""}
    assert browser.post(f"/vendors/{desk.vendor_id}/questionnaires/send", data=form).status_code == 404
    assert "Initech" not in browser.get(LIST).text


def test_what_somebody_wrote_is_text_and_never_markup(desk: Desk, browser: httpx.Client) -> None:
    bad = "<img src=x onerror=alert(1)>"
    template = desk.made_template(bad, question("a", "single", text=bad, section=bad, help=bad, options=[bad, "b"]))
    sent, vendor = desk.asked(questionnaireId=template)
    vendor.put({"a": {"value": bad, "comment": bad}})
    vendor.submit(completedBy=bad)

    for path in (LIST, EDITOR, f"{EDITOR}/{template}", page_of(desk, sent["id"])):
        shown = browser.get(path).text
        assert "onerror" in shown
        assert "<img src=x" not in shown
