"""Finished questionnaires that somebody uploads, and what a job reads out of them (Q34, Q35)."""

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.documents import pdf
from tests.factories import Account
from tests.questionnaires.cast import Desk, Json
from tests.questionnaires.workbooks import ods, xlsx
from tests.records.cast import eventually, everything, refused, together
from trustwright.questionnaires import jobs

NOBODYS = 2**31 - 1
REPORT = pdf("Our answers")
CSV = b"Question,Answer,Comment\r\nDo you encrypt?,Yes,AES\r\nDo you log?,,\r\nDo you test?,N/A,\r\n"
CAIQ: list[list[Any]] = [
    ["CONSENSUS ASSESSMENTS INITIATIVE QUESTIONNAIRE"],
    ["Question ID", "Question", "CSP CAIQ Answer", "CSP Implementation Description", "CCM Domain Title"],
    ["A&A-01.1", "Are audit policies established?", "Yes", "Reviewed yearly", "Audit & Assurance"],
    ["A&A-01.2", "Are they reviewed?", "NA", None, None],
    ["CEK-01.1", "Are keys managed?", None, None, "Cryptography"],
]


def parsed(desk: Desk, uploaded: Json) -> Json:
    """The answers of an upload, once the job has read them."""
    eventually(lambda: desk.answers(uploaded["id"])["totalQuestions"] is not None)
    return desk.answers(uploaded["id"])


def idle(desk: Desk) -> None:
    """Waits until no job of the account is left."""
    text = "select 1 from procrastinate_jobs where args ->> 'account_id' = %s::text and status in ('todo', 'doing')"
    eventually(lambda: not desk.account.sql(text))


def test_an_upload_is_one_finished_questionnaire_whatever_the_number_of_files(desk: Desk) -> None:
    uploaded = desk.upload(("first.pdf", REPORT), ("second.csv", b"a,b\r\n1,2\r\n"))

    assert uploaded.status_code == 201, uploaded.text
    shown = uploaded.json()
    assert shown == {
        "id": shown["id"],
        "title": "first.pdf",
        "recipientEmail": desk.account.alice_email,
        "isCompleted": True,
        "completedBy": "Initech",
        "responseId": shown["responseId"],
        "dateSent": shown["dateSent"],
        "isManualUpload": True,
        "status": "SENT",
        "completedAt": shown["dateSent"],
        "totalQuestions": None,
        "totalQuestionsAnswered": None,
        "reminderDate": None,
    }
    files = desk.answers(shown["id"])["files"]
    assert [file["name"] for file in files] == ["first.pdf", "second.csv"]
    assert files[0]["id"] == shown["responseId"]
    assert desk.account.client(None).get(files[0]["downloadUrl"]).content == REPORT


def test_it_is_listed_with_its_vendor(desk: Desk) -> None:
    uploaded = desk.upload(("report.pdf", REPORT)).json()

    (listed,) = everything(desk.alice, desk.questionnaires)

    assert listed == {name: uploaded[name] for name in listed}
    assert desk.alice.get(f"{desk.questionnaires}/{uploaded['id']}").json() == listed
    assert everything(desk.alice, desk.of_review) == []


def test_an_upload_to_a_review_is_listed_with_both(desk: Desk) -> None:
    uploaded = desk.upload(("report.pdf", REPORT), to=desk.of_review).json()

    assert everything(desk.alice, desk.of_review) == [uploaded]
    assert [each["id"] for each in everything(desk.alice, desk.questionnaires)] == [uploaded["id"]]


@pytest.mark.parametrize(
    ("contacts", "recipient"),
    [("carol@initech.test;dave@initech.test", "carol@initech.test"), (None, None)],
)
def test_the_recipient_is_the_vendors_first_contact_or_else_the_owner_of_the_key(
    acme: Account, contacts: str | None, recipient: str | None
) -> None:
    desk = Desk(acme, contactsEmail=contacts)

    uploaded = desk.upload(("report.pdf", REPORT)).json()

    assert uploaded["recipientEmail"] == (recipient or acme.alice_email)


@pytest.mark.parametrize("field", ["files", "files[]", "files[0]"])
def test_files_are_taken_under_each_of_their_names(desk: Desk, field: str) -> None:
    answer = desk.alice.post(desk.uploads, files=[(field, ("report.pdf", REPORT))])

    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([], ""),
        ([("file", ("report.pdf", REPORT))], "files"),
        ([("files", ("report.pdf", b""))], "empty"),
        ([("files", ("image.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 64))], "png"),
        ([("files", ("report.pdf", b"not a PDF"))], "pdf"),
        ([("files", ("report", REPORT))], ""),
        ([("files", ("one.pdf", REPORT)), ("files", ("two.exe", b"MZ"))], "exe"),
        ([("files", ("one.pdf", REPORT)), ("files", ("two.pdf", REPORT))], "more than once"),
    ],
)
@pytest.mark.parametrize("of_review", [False, True])
def test_a_bad_upload_is_refused_and_leaves_nothing_behind(
    shared: Desk, files: list[tuple[str, Any]], words: str, of_review: bool
) -> None:
    path = shared.of_review if of_review else shared.uploads
    sent = shared.alice.post(path, files=files) if files else shared.alice.post(path, json={})

    refused(sent, 400, words)

    for table in ("questionnaires", "files", "blobs", "events"):
        named = (
            " and type like '%%QUESTIONNAIRE%%' and target ->> 'kind' = 'questionnaire'" if table == "events" else ""
        )
        assert shared.account.sql(f"select count(*) from {table} where account_id = %s{named}") == [(0,)]


def test_more_files_than_the_limit_are_refused(shared: Desk) -> None:
    answer = shared.upload(*((f"{n}.pdf", pdf(str(n))) for n in range(11)))

    assert answer.status_code == 413


def test_a_review_takes_the_same_file_once(desk: Desk) -> None:
    assert desk.upload(("report.pdf", REPORT), to=desk.of_review).status_code == 201

    refused(desk.upload(("other-name.pdf", REPORT), to=desk.of_review), 400, "same file")
    refused(desk.upload(("new.pdf", pdf("New")), ("again.pdf", REPORT), to=desk.of_review), 400, "same file")

    assert len(everything(desk.alice, desk.of_review)) == 1
    assert desk.account.sql("select count(*) from files where account_id = %s") == [(1,)]
    assert desk.upload(("new.pdf", pdf("New")), to=desk.of_review).status_code == 201


def test_of_the_same_file_at_the_same_moment_a_review_takes_one(desk: Desk) -> None:
    answers = together(*[lambda: desk.upload(("report.pdf", REPORT), to=desk.of_review)] * 4)

    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400]
    assert len(everything(desk.alice, desk.of_review)) == 1


def test_another_review_and_the_vendor_itself_take_it_again(desk: Desk) -> None:
    desk.upload(("report.pdf", REPORT), to=desk.of_review)
    another = desk.uploads_to(desk.new_review(desk.vendor_id))

    assert desk.upload(("report.pdf", REPORT), to=another).status_code == 201
    assert desk.upload(("report.pdf", REPORT)).status_code == 201
    assert desk.upload(("report.pdf", REPORT)).status_code == 201


def test_once_archived_a_review_takes_the_file_again(desk: Desk) -> None:
    uploaded = desk.upload(("report.pdf", REPORT), to=desk.of_review).json()

    desk.alice.delete(f"{desk.questionnaires}/{uploaded['id']}")

    assert desk.upload(("report.pdf", REPORT), to=desk.of_review).status_code == 201


def test_an_upload_has_no_link_to_revoke(desk: Desk) -> None:
    uploaded = desk.upload(("report.pdf", REPORT)).json()

    refused(desk.alice.post(f"{desk.questionnaires}/{uploaded['id']}/revoke"), 422, "no link")


@pytest.mark.parametrize("missing", ["vendor", "review", "review of another vendor"])
def test_an_upload_needs_its_vendor_and_its_review(shared: Desk, missing: str) -> None:
    other = shared.new_review(shared.new_vendor(name="Other"))
    path = {
        "vendor": f"/public/v2/vendors/{NOBODYS}/security-questionnaires",
        "review": shared.uploads_to(NOBODYS),
        "review of another vendor": shared.uploads_to(other),
    }[missing]

    refused(shared.upload(("report.pdf", REPORT), to=path), 404)

    assert shared.account.sql("select count(*) from blobs where account_id = %s") == [(0,)]


def test_uploads_are_events(desk: Desk) -> None:
    desk.upload(("report.pdf", REPORT))
    desk.upload(("report.pdf", REPORT), to=desk.of_review)

    rows = desk.account.sql(
        """
        select type, after ->> 'title' from events
        where account_id = %s and type in ('VENDOR_MANUAL_UPLOAD', 'VENDOR_SECURITY_QUESTIONNAIRE_CREATED')
        order by seq
        """
    )

    assert rows == [("VENDOR_MANUAL_UPLOAD", "report.pdf"), ("VENDOR_SECURITY_QUESTIONNAIRE_CREATED", "report.pdf")]


def test_a_caiq_workbook_is_read(desk: Desk, tmp_path: Path) -> None:
    content = xlsx(tmp_path / "caiq.xlsx", CAIQ=CAIQ).read_bytes()

    uploaded = desk.upload(("CAIQ.XLSX", content), to=desk.of_review).json()

    answers = parsed(desk, uploaded)
    assert (answers["totalQuestions"], answers["totalQuestionsAnswered"]) == (3, 2)
    shown = [(each["section"], each["text"], each["answer"], each["comment"]) for each in answers["questions"]]
    assert shown == [
        ("Audit & Assurance", "A&A-01.1 Are audit policies established?", "Yes", "Reviewed yearly"),
        ("Audit & Assurance", "A&A-01.2 Are they reviewed?", "NA", ""),
        ("Cryptography", "CEK-01.1 Are keys managed?", None, ""),
    ]
    (listed,) = everything(desk.alice, desk.of_review)
    assert (listed["totalQuestions"], listed["totalQuestionsAnswered"]) == (3, 2)
    assert [event["description"] for event in desk.events("VENDOR_SECURITY_QUESTIONNAIRE_UPDATED")][1:] == [
        "3 questions read in CAIQ.XLSX"
    ]


def test_what_was_read_in_each_of_several_files_is_one_questionnaire(desk: Desk, tmp_path: Path) -> None:
    book = ods(tmp_path / "more.ods", [["Question", "Answer"], ["Do you hash?", "Yes"]]).read_bytes()

    uploaded = desk.upload(("a.csv", CSV), ("cover.pdf", REPORT), ("b.ods", book)).json()

    questions = parsed(desk, uploaded)["questions"]
    assert [(each["text"], each["answer"]) for each in questions] == [
        ("Do you encrypt?", "Yes"),
        ("Do you log?", None),
        ("Do you test?", "N/A"),
        ("Do you hash?", "Yes"),
    ]
    assert len({each["id"] for each in questions}) == 4


@pytest.mark.parametrize(
    ("name", "content"),
    [("report.pdf", REPORT), ("list.csv", b"Name,Town\r\nBob,Austin\r\n"), ("empty.csv", b"Question,Answer\r\n")],
)
def test_what_cannot_be_read_stays_a_file(desk: Desk, name: str, content: bytes) -> None:
    uploaded = desk.upload((name, content)).json()
    idle(desk)

    answers = desk.answers(uploaded["id"])

    assert (answers["totalQuestions"], answers["totalQuestionsAnswered"], answers["questions"]) == (None, None, [])
    assert [file["name"] for file in answers["files"]] == [name]
    failed = "select count(*) from procrastinate_jobs where args ->> 'account_id' = %s::text and status = 'failed'"
    assert desk.account.sql(failed) == [(0,)]


@pytest.mark.parametrize(("state", "waits"), [("PENDING", True), ("INFECTED", False), ("ERROR", False)])
def test_nothing_is_read_that_the_scanner_has_not_let_through(desk: Desk, state: str, waits: bool) -> None:
    uploaded = desk.upload(("answers.csv", CSV)).json()
    parsed(desk, uploaded)
    desk.account.sql(f"update files set scan_state = '{state}' where account_id = %s")
    desk.account.sql("update questionnaires set questions = null, total_questions = null where account_id = %s")
    context: Any = SimpleNamespace(additional_context={"database": desk.account.world.database, "storage": None})
    job = jobs.parse(context, account_id=desk.account.id, questionnaire_id=uploaded["id"])

    with pytest.raises(jobs.NotYetScanned) if waits else nullcontext():
        desk.account.world.run(job)

    assert desk.answers(uploaded["id"])["totalQuestions"] is None


def test_the_last_questionnaire_that_came_back_is_shown_with_its_vendor(desk: Desk) -> None:
    def last() -> Any:
        return desk.alice.get(f"{desk.vendor}?expand[]=lastQuestionnaire").json()["lastQuestionnaire"]

    _, portal = desk.asked()
    assert last() is None
    uploaded = desk.upload(("report.pdf", REPORT)).json()
    assert (last()["file"], last()["responseId"], last()["isManualUpload"]) == (
        "report.pdf",
        uploaded["responseId"],
        True,
    )
    portal.save(mfa="yes")
    portal.submit()
    assert (last()["sentEmail"], last()["isManualUpload"], last()["completedBy"]) == (
        "bob@initech.test",
        False,
        "Initech",
    )
