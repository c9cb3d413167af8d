"""The vendor's end of the link: what it shows, saves, refuses, submits; two pages at once."""

import re
from typing import Any

import pytest

from tests.documents import pdf
from tests.factories import Account
from tests.questionnaires.cast import HEADER, QUESTIONS, Desk, Json, Portal
from tests.records.cast import everything, together
from trustwright.accounts.roles import Role

REPORT = pdf("Our report")


@pytest.fixture
def portal(desk: Desk) -> Portal:
    """The page of a questionnaire that was just sent."""
    return desk.asked()[1]


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["message"]


def test_the_page_is_the_same_for_everybody_and_lets_nothing_else_run(acme: Account) -> None:
    page = acme.client(None).get("/q")

    policy = page.headers["content-security-policy"]
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "Acme" not in page.text
    assert not re.search(r"<script>|<style|\son\w+=|javascript:|https?://", page.text)


def test_all_that_the_page_names_is_there(acme: Account) -> None:
    client = acme.client(None)
    names = re.findall(r'(?:src|href)="(/[^"]+)"', client.get("/q").text)
    scripts = [name for name in names if name.endswith(".js")]
    imported = re.findall(r'from "\./([^"]+)"', client.get(scripts[0]).text)

    assert len(names) >= 3
    assert len(imported) >= 3
    for name in [*names, *(f"/q/static/{each}" for each in imported)]:
        answer = client.get(name)
        assert answer.status_code == 200, name
        assert answer.headers["cache-control"] == "no-cache"


def test_it_shows_what_is_asked_and_by_whom(portal: Portal) -> None:
    answer = portal.get()
    state = answer.json()

    assert answer.headers["cache-control"] == "no-store"
    assert (state["title"], state["company"], state["vendor"]) == ("Security basics", "Acme", "Initech")
    assert (state["revision"], state["answers"], state["files"], state["submittedAt"]) == (0, {}, [], None)
    assert [(each["id"], each["text"]) for each in state["questions"]] == [(q["id"], q["text"]) for q in QUESTIONS]


def test_saved_answers_are_there_when_the_link_is_opened_again(desk: Desk, portal: Portal) -> None:
    portal.put({"mfa": {"value": "na", "comment": "No employees"}})
    portal.save(store=["EU"])

    again = Portal(desk.account, desk.tokens()[-1]).state()

    assert again["revision"] == 2
    assert again["answers"] == {
        "mfa": {"value": "na", "comment": "No employees"},
        "store": {"value": ["EU"], "comment": ""},
    }


def test_an_empty_answer_takes_the_old_one_away(portal: Portal) -> None:
    portal.save(mfa="yes", store=["EU"])

    portal.save(mfa=None)

    assert set(portal.state()["answers"]) == {"store"}


def test_saving_nothing_makes_no_revision(desk: Desk, portal: Portal) -> None:
    assert portal.put({}).json()["revision"] == 0

    assert desk.events("VENDOR_QUESTIONNAIRE_ANSWER_SAVED") == []


def test_the_company_sees_how_many_are_answered_and_not_what(desk: Desk) -> None:
    sent, portal = desk.asked()
    portal.save(mfa="no", store=["EU", "US"])

    answers = desk.answers(sent["id"])

    assert (answers["totalQuestions"], answers["totalQuestionsAnswered"]) == (4, 2)
    assert {each["answer"] for each in answers["questions"]} == {None}
    assert answers["files"] == []


@pytest.mark.parametrize(
    ("answers", "id_"),
    [
        ({"mfa": {"value": "maybe"}}, "mfa"),
        ({"store": {"value": ["Moon"]}}, "store"),
        ({"proof": {"value": [1]}}, "proof"),
        ({"intro": {"value": "x"}}, "intro"),
        ({"nowhere": {"value": "x"}}, "nowhere"),
        ({"who": {"value": "Bob"}, "mfa": {"value": 1}}, "mfa"),
    ],
)
def test_an_unfit_answer_is_named_and_nothing_is_saved(portal: Portal, answers: Json, id_: str) -> None:
    answer = portal.put(answers)

    assert answer.status_code == 400
    assert [fault["questionId"] for fault in answer.json()["faults"]] == [id_]
    assert (portal.state()["answers"], portal.state()["revision"]) == ({}, 0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"revision": 0}',
        b'{"answers": {}}',
        b'{"revision": "0", "answers": {}}',
        b'{"revision": 0, "answers": []}',
        b'{"revision": 0, "answers": {"who": "Bob"}}',
        b'{"revision": 0, "answers": {"who": {"value": true}}}',
        b'{"revision": 0, "answers": {"who": {"value": {"a": 1}}}}',
        b'{"revision": 0, "answers": {"who": {"value": "a\\u0000"}}}',
        b'{"revision": 0, "answers": {"who": {"value": "\xff"}}}',
    ],
)
def test_a_malformed_save_is_refused(portal: Portal, body: bytes) -> None:
    assert portal.client.put("/q/api/answers", content=body).status_code == 400
    assert portal.state()["revision"] == 0


def test_a_save_larger_than_the_limit_is_refused(portal: Portal) -> None:
    assert portal.client.put("/q/api/answers", content=b" " * (5 * 1024 * 1024 + 1)).status_code == 413


def test_answers_cannot_grow_without_end(desk: Desk) -> None:
    many = [{"id": f"q{n}", "text": "Tell all", "type": "long_text"} for n in range(150)]
    _, portal = desk.asked(questionnaireId=desk.made_template("Long", *many))
    portal.put({f"q{n}": {"value": "x" * 30_000} for n in range(130)})
    assert portal.revision == 1

    answer = portal.put({f"q{n}": {"value": "x" * 30_000} for n in range(130, 150)})

    assert code(answer) == (400, "The answers are too long altogether; shorten some, or point to documents")
    assert len(portal.state()["answers"]) == 130


def test_the_second_of_two_pages_is_told_what_the_first_saved(desk: Desk, portal: Portal) -> None:
    other = Portal(desk.account, desk.tokens()[-1])
    portal.save(mfa="yes")

    answer = other.put({"store": {"value": ["US"]}})

    assert answer.status_code == 409
    state = answer.json()["state"]
    assert (state["revision"], state["answers"]) == (1, {"mfa": {"value": "yes", "comment": ""}})
    assert other.put({"store": {"value": ["US"]}}, revision=1).status_code == 200
    assert set(portal.state()["answers"]) == {"mfa", "store"}


def test_of_saves_at_the_same_moment_one_wins_and_the_others_are_told(desk: Desk, portal: Portal) -> None:
    pages = [Portal(desk.account, desk.tokens()[-1]) for _ in range(6)]

    answers = together(*(lambda page=page: page.put({"mfa": {"value": "yes"}}) for page in pages))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    assert portal.state()["revision"] == 1
    assert len(desk.events("VENDOR_QUESTIONNAIRE_ANSWER_SAVED")) == 1


def test_a_save_is_one_event_that_names_the_questions(desk: Desk, portal: Portal) -> None:
    portal.save(store=["EU"], mfa="no")

    rows = desk.account.sql(
        """
        select source, user_id, key_id, after from events
        where account_id = %s and type = 'VENDOR_QUESTIONNAIRE_ANSWER_SAVED'
        """
    )

    assert rows == [("VENDOR_QUESTIONNAIRE", None, None, {"revision": 1, "questionIds": ["mfa", "store"]})]


def test_submitting_tells_which_answers_are_lacking(portal: Portal) -> None:
    nothing = portal.submit()
    portal.save(mfa="no")
    half = portal.submit()

    assert [fault["questionId"] for fault in nothing.json()["faults"]] == ["mfa"]
    assert [fault["questionId"] for fault in half.json()["faults"]] == ["who"]
    assert (nothing.status_code, half.status_code) == (400, 400)
    assert portal.state()["submittedAt"] is None


def test_submitted_answers_are_read_by_the_company_and_changed_by_nobody(desk: Desk) -> None:
    sent, portal = desk.asked()
    portal.put({"mfa": {"value": "no", "comment": "Soon"}, "who": {"value": "The interns"}})

    submitted = portal.submit(completedBy="  Bob Slydell ")

    assert submitted.status_code == 200
    assert (submitted.json()["completedBy"], submitted.json()["submittedAt"]) != (None, None)
    assert code(portal.put({"mfa": {"value": "yes"}}))[0] == 409
    assert code(portal.submit())[0] == 409
    assert code(portal.attach("proof", "report.pdf", REPORT))[0] == 409
    assert portal.state() == submitted.json()
    shown = desk.answers(sent["id"])
    answers = {each["id"]: (each["isAsked"], each["answer"], each["comment"]) for each in shown["questions"]}
    assert answers["mfa"] == (True, "no", "Soon")
    assert answers["who"] == (True, "The interns", "")
    assert answers["store"] == (True, None, "")
    assert (shown["isCompleted"], shown["completedBy"]) == (True, "Bob Slydell")
    (listed,) = everything(desk.alice, desk.of_review)
    assert (listed["isCompleted"], listed["completedAt"], listed["responseId"]) == (
        True,
        shown["completedAt"],
        sent["id"],
    )
    assert (listed["totalQuestions"], listed["totalQuestionsAnswered"]) == (4, 2)


def test_without_a_name_the_vendor_has_answered(desk: Desk) -> None:
    sent, portal = desk.asked()
    portal.save(mfa="yes")

    assert portal.submit(completedBy="  ").json()["completedBy"] == "Initech"
    assert desk.alice.get(f"{desk.questionnaires}/{sent['id']}").json()["completedBy"] == "Initech"


def test_answers_to_what_is_not_asked_any_more_are_not_submitted(desk: Desk) -> None:
    sent, portal = desk.asked()
    portal.save(mfa="no", who="The interns")
    portal.save(mfa="yes")
    assert portal.state()["answers"]["who"]["value"] == "The interns"

    portal.submit()

    (who,) = [each for each in desk.answers(sent["id"])["questions"] if each["id"] == "who"]
    assert (who["isAsked"], who["answer"]) == (False, None)


def test_a_submit_of_an_old_page_is_told_what_is_there(desk: Desk, portal: Portal) -> None:
    portal.save(mfa="yes")

    answer = portal.submit(revision=0)

    assert answer.status_code == 409
    assert answer.json()["state"]["revision"] == 1
    assert portal.state()["submittedAt"] is None


def test_of_submits_at_the_same_moment_one_counts(desk: Desk, portal: Portal) -> None:
    portal.save(mfa="yes")
    pages = [Portal(desk.account, desk.tokens()[-1]) for _ in range(4)]

    answers = together(*(lambda page=page: page.submit(revision=1) for page in pages))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(desk.events("VENDOR_QUESTIONNAIRE_RESPONSE_SAVED")) == 1
    assert len([mail for mail in desk.mails() if "has answered" in mail[1]]) == 1


def test_a_submit_is_an_event(desk: Desk, portal: Portal) -> None:
    portal.save(mfa="yes")
    portal.submit()

    rows = desk.account.sql(
        """
        select source, before -> 'completedBy', after ->> 'completedBy' from events
        where account_id = %s and type = 'VENDOR_QUESTIONNAIRE_RESPONSE_SAVED'
        """
    )

    assert rows == [("VENDOR_QUESTIONNAIRE", None, "Initech")]


@pytest.mark.parametrize("owner", ["carol@acme.test", None])
def test_the_security_owner_is_told_or_else_an_admin(acme: Account, owner: str | None) -> None:
    more = {"userId": acme.user(owner, Role.ADMIN)} if owner else {}
    desk = Desk(acme, **more)
    _, portal = desk.asked()
    portal.save(mfa="yes")
    portal.submit()

    recipient, subject, text = desk.mails()[-1]

    assert recipient == (owner or acme.alice_email)
    assert subject == "Initech has answered: Security basics"
    assert "1 of 3 questions" in text


def test_an_attached_file_is_an_answer_and_after_submitting_a_document(desk: Desk) -> None:
    sent, portal = desk.asked()

    attached = portal.attach("proof", "report.pdf", REPORT)
    portal.save(mfa="yes")

    assert attached.status_code == 201
    (file,) = attached.json()["files"]
    assert (file["name"], file["size"]) == ("report.pdf", len(REPORT))
    assert attached.json()["answers"]["proof"]["value"] == [file["id"]]
    assert everything(desk.alice, f"{desk.vendor}/documents") == []
    portal.submit()
    (shown,) = desk.answers(sent["id"])["files"]
    assert (shown["id"], shown["name"]) == (file["id"], "report.pdf")
    assert desk.account.client(None).get(shown["downloadUrl"]).content == REPORT
    (document,) = everything(desk.alice, f"{desk.vendor}/documents")
    assert (document["name"], document["type"]) == ("report.pdf", "QUESTIONNAIRE_ATTACHMENT")


def test_a_file_that_was_taken_away_is_not_submitted(desk: Desk) -> None:
    sent, portal = desk.asked()
    portal.attach("proof", "wrong.pdf", REPORT)
    portal.attach("proof", "right.pdf", pdf("Another"))
    wrong, right = portal.state()["answers"]["proof"]["value"]
    portal.save(proof=[right], mfa="yes")
    portal.submit()

    assert [each["id"] for each in desk.answers(sent["id"])["files"]] == [right] != [wrong]
    assert len(everything(desk.alice, f"{desk.vendor}/documents")) == 1


@pytest.mark.parametrize(
    ("question_id", "name", "content"),
    [
        ("mfa", "report.pdf", REPORT),
        ("nowhere", "report.pdf", REPORT),
        ("proof", "report.exe", b"MZ\x90\x00" * 64),
        ("proof", "report.pdf", b"no PDF at all"),
        ("proof", "report.pdf", b""),
    ],
)
def test_a_file_that_cannot_be_an_answer_leaves_nothing_behind(
    desk: Desk, portal: Portal, question_id: str, name: str, content: bytes
) -> None:
    assert portal.attach(question_id, name, content).status_code == 400

    assert portal.state()["answers"] == {}
    for table in ("files", "blobs", "questionnaire_files"):
        assert desk.account.sql(f"select count(*) from {table} where account_id = %s") == [(0,)]


def test_a_file_of_an_old_page_is_not_attached(desk: Desk, portal: Portal) -> None:
    portal.save(mfa="yes")

    answer = portal.attach("proof", "report.pdf", REPORT, revision=0)

    assert answer.status_code == 409
    assert answer.json()["state"]["files"] == []
    assert desk.account.sql("select count(*) from files where account_id = %s") == [(0,)]


def test_a_questionnaire_takes_so_many_files_and_no_more(desk: Desk, portal: Portal) -> None:
    portal.attach("proof", "report.pdf", REPORT)
    desk.account.sql(
        """
        with copies as (
            insert into files (account_id, sha256, name, content_type, size, scan_state)
            select account_id, sha256, name, content_type, size, scan_state from files, generate_series(1, 99)
            where account_id = %s returning *
        )
        insert into questionnaire_files (account_id, questionnaire_id, file_id, place, sha256)
        select c.account_id, q.id, c.id, c.id, c.sha256 from copies c join questionnaires q using (account_id)
        """
    )

    answer = portal.attach("proof", "one-more.pdf", REPORT)

    assert code(answer) == (400, "A questionnaire takes 100 files at most; put several into one")


@pytest.mark.parametrize("token", [None, "", "x", "ü".encode(), "A" * 43, "a" * 5000], ids=range(6))
def test_a_link_that_opens_nothing_is_always_answered_alike(acme: Account, token: Any) -> None:
    client = acme.client(None)
    headers = {} if token is None else {HEADER: token}

    answers = [client.get("/q/api/questionnaire", headers=headers)]
    if token == "x":
        answers += [client.put("/q/api/answers", headers=headers), client.post("/q/api/submit", headers=headers)]

    for answer in answers:
        assert answer.status_code == 404
        assert answer.json() == {
            "statusCode": 404,
            "message": "This link opens nothing. Copy all of it from the mail, up to its last character.",
            "code": 10030,
        }


def test_an_api_key_does_not_open_a_questionnaire(desk: Desk, portal: Portal) -> None:
    assert desk.account.alice.get("/q/api/questionnaire").status_code == 404
    assert portal.client.get(desk.questionnaires).status_code == 401
