"""Templates of questionnaires, an extension: made, listed, changed, deleted."""

from typing import Any

import pytest

from tests.questionnaires.cast import QUESTIONS, TEMPLATES, Desk, Json, question
from tests.records.cast import everything, refused

SHOWN = {"id", "title", "description", "totalQuestions", "createdAt", "updatedAt"}


def body(**changes: Any) -> Json:
    return {"title": "Basics", "questions": [question("a")], **changes}


def test_a_template_is_shown_as_it_was_made(desk: Desk) -> None:
    made = desk.made(TEMPLATES, body(description="Ten minutes", questions=QUESTIONS))

    assert set(made) == {*SHOWN, "questions"}
    assert (made["title"], made["description"], made["totalQuestions"]) == ("Basics", "Ten minutes", 3)
    assert [each["id"] for each in made["questions"]] == ["intro", "mfa", "who", "store", "proof"]
    assert made["questions"][2]["showIf"] == {"questionId": "mfa", "equals": "no"}
    assert desk.alice.get(f"{TEMPLATES}/{made['id']}").json() == made


def test_questions_get_ids_that_stay(desk: Desk) -> None:
    unnamed = {"text": "And then?", "type": "yes_no"}
    made = desk.made(TEMPLATES, body(questions=[unnamed, question("q2"), unnamed]))
    ids = [each["id"] for each in made["questions"]]

    after = desk.alice.put(f"{TEMPLATES}/{made['id']}", json={"questions": made["questions"][::-1]}).json()

    assert ids == ["q1", "q2", "q3"]
    assert [each["id"] for each in after["questions"]] == ids[::-1]


def test_templates_are_listed_without_their_questions(desk: Desk) -> None:
    more = [desk.made(TEMPLATES, body(title=title))["id"] for title in ("One", "Two")]

    listed = everything(desk.alice, TEMPLATES, size=1)

    assert [each["id"] for each in listed] == [desk.template["id"], *more]
    assert all(set(each) == SHOWN for each in listed)
    assert [each["id"] for each in everything(desk.alice, TEMPLATES, sortDir="DESC", size=2)] == [
        *more[::-1],
        desk.template["id"],
    ]
    assert desk.alice.get(f"{TEMPLATES}?includeTotalCount=true").json()["pagination"]["totalCount"] == 3


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ({"title": "New"}, ("New", "Old text", ["a"])),
        ({"description": "New text"}, ("Old", "New text", ["a"])),
        ({"description": None}, ("Old", None, ["a"])),
        ({"questions": [question("b"), question("c")]}, ("Old", "Old text", ["b", "c"])),
        ({}, ("Old", "Old text", ["a"])),
    ],
)
def test_a_change_leaves_what_it_does_not_name(desk: Desk, change: Json, after: tuple[str, str, list[str]]) -> None:
    made = desk.made(TEMPLATES, body(title="Old", description="Old text"))

    answer = desk.alice.put(f"{TEMPLATES}/{made['id']}", json=change)

    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["title"], shown["description"], [each["id"] for each in shown["questions"]]) == after
    assert shown["totalQuestions"] == len(after[2])
    assert desk.alice.get(f"{TEMPLATES}/{made['id']}").json() == shown


def test_a_deleted_template_is_gone_and_cannot_be_sent(desk: Desk) -> None:
    path = f"{TEMPLATES}/{desk.template['id']}"

    assert desk.alice.delete(path).status_code == 204

    for answer in (desk.alice.get(path), desk.alice.put(path, json={}), desk.alice.delete(path)):
        refused(answer, 404)
    assert everything(desk.alice, TEMPLATES) == []
    refused(desk.alice.post(desk.questionnaires, json=desk.sending()), 404, "template")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": ""}, "title"),
        ({"title": " \n"}, "title"),
        ({"title": "x" * 192}, "title"),
        ({"title": None}, "title"),
        ({"description": "x" * 30_001}, "description"),
        ({"questions": []}, "questions"),
        ({"questions": [question("a", text="")]}, "text"),
        ({"questions": [question("a", text="x" * 30_001)]}, "text"),
        ({"questions": [question("a", "table")]}, "type"),
        ({"questions": [question("a", section="x" * 192)]}, "section"),
        ({"questions": [question("a", "single", options=["One"])]}, "at least two options"),
        ({"questions": [question("a"), question("a")]}, "more than one"),
        ({"questions": [question("a", "info")]}, "ask at least one"),
        ({"questions": [question("a", showIf={"questionId": "b", "equals": "yes"})]}, "showIf"),
        ({"questions": [question(f"q{n}") for n in range(1001)]}, "questions"),
    ],
)
def test_a_bad_template_is_refused(shared: Desk, change: Json, words: str) -> None:
    path = f"{TEMPLATES}/{shared.template['id']}"

    refused(shared.alice.post(TEMPLATES, json=body(**change)), 400, words)
    refused(shared.alice.put(path, json=change), 400, words)

    assert shared.alice.get(path).json() == shared.template


@pytest.mark.parametrize("missing", ["title", "questions"])
def test_title_and_questions_are_required(shared: Desk, missing: str) -> None:
    refused(shared.alice.post(TEMPLATES, json={**body(), missing: None}), 400, missing)
    refused(shared.alice.post(TEMPLATES, json={k: v for k, v in body().items() if k != missing}), 400, missing)


def test_a_template_of_a_thousand_questions_is_taken(desk: Desk) -> None:
    made = desk.made(TEMPLATES, body(questions=[question(f"q{n}") for n in range(1000)]))

    assert made["totalQuestions"] == 1000


def test_each_change_is_an_event_with_before_and_after(desk: Desk) -> None:
    path = f"{TEMPLATES}/{desk.template['id']}"
    desk.alice.put(path, json={"title": "New title"})
    desk.alice.delete(path)

    rows = desk.account.sql(
        """
        select before ->> 'title', after ->> 'title' from events
        where account_id = %s and target ->> 'kind' = 'questionnaire template' order by seq
        """
    )

    assert rows == [(None, "Security basics"), ("Security basics", "New title"), ("New title", None)]


def test_a_change_that_changes_nothing_leaves_no_trace(desk: Desk) -> None:
    made = desk.made(TEMPLATES, body(description="Ten minutes"))
    before = everything(desk.alice, "/public/v2/events")

    for change in ({}, {"title": "Basics"}, {"questions": made["questions"], "description": "Ten minutes"}):
        assert desk.alice.put(f"{TEMPLATES}/{made['id']}", json=change).json() == made

    assert everything(desk.alice, "/public/v2/events") == before


def test_a_sent_questionnaire_keeps_what_it_asked(desk: Desk) -> None:
    sent, portal = desk.asked()
    path = f"{TEMPLATES}/{desk.template['id']}"

    desk.alice.put(path, json={"title": "Other", "questions": [question("other")]})
    desk.alice.delete(path)

    assert portal.state()["title"] == "Security basics"
    assert [each["id"] for each in portal.state()["questions"]] == [each["id"] for each in QUESTIONS]
    assert desk.answers(sent["id"])["totalQuestions"] == 3
