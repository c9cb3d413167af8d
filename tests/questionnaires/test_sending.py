"""Sending a questionnaire: what is made, what is mailed, what is refused; ending its links."""

from typing import Any

import pytest

from tests.questionnaires.cast import Desk, Json, Portal, question
from tests.records.cast import everything, refused
from trustwright.links import hash_token

NOBODYS = 2**31 - 1
KEPT_APART = ("questionnaires", "questionnaire_links", "questionnaire_templates", "events", "vendor_documents")


def test_a_sent_questionnaire_waits_for_its_answers(desk: Desk) -> None:
    sent = desk.send()

    assert sent == {
        "id": sent["id"],
        "title": "Security basics",
        "recipientEmail": "bob@initech.test",
        "isCompleted": False,
        "completedBy": None,
        "responseId": None,
        "dateSent": sent["dateSent"],
        "isManualUpload": False,
    }
    assert desk.alice.get(f"{desk.questionnaires}/{sent['id']}").json() == sent
    assert everything(desk.alice, desk.questionnaires) == [sent]


def test_it_is_listed_with_its_review_too(desk: Desk) -> None:
    sent = desk.send()

    (listed,) = everything(desk.alice, desk.of_review)

    assert listed == sent | {
        "status": "SENT",
        "completedAt": None,
        "totalQuestions": 3,
        "totalQuestionsAnswered": 0,
        "reminderDate": None,
    }


@pytest.mark.parametrize("absent", [None, ...])
def test_it_needs_no_review(desk: Desk, absent: Any) -> None:
    sent = desk.send(securityReviewId=absent)

    assert everything(desk.alice, desk.of_review) == []
    assert everything(desk.alice, desk.questionnaires) == [sent]


def test_the_mail_says_what_the_sender_wrote_and_holds_the_link(desk: Desk) -> None:
    desk.send(emailContent="Please <b>answer</b>\nuntil Friday.", emailSubject="Our questions")

    ((recipient, subject, text),) = desk.mails()
    ((html,),) = desk.account.sql("select body_html from mails where account_id = %s")

    assert (recipient, subject) == ("bob@initech.test", "Our questions")
    assert "Please <b>answer</b>\nuntil Friday." in text
    assert "Please &lt;b&gt;answer&lt;/b&gt;<br>until Friday." in html
    (token,) = desk.tokens()
    link = f"{desk.account.world.address}/q#{token}"
    assert link in text
    assert link in html


@pytest.mark.parametrize("subject", [..., None, ""])
def test_without_a_subject_the_mail_says_who_asks_what(desk: Desk, subject: Any) -> None:
    desk.send(emailSubject=subject)

    ((_, subject, _),) = desk.mails()

    assert "Acme" in subject
    assert "Security basics" in subject


def test_only_the_hash_of_the_token_is_kept_outside_the_mail(desk: Desk) -> None:
    desk.send()
    (token,) = desk.tokens()

    tables = [f"select t::text from {table} t where account_id = %s" for table in KEPT_APART]
    dump = "\n".join(str(row) for text in tables for row in desk.account.sql(text))
    jobs = desk.account.sql("select args::text from procrastinate_jobs where %s is not null")

    assert hash_token(token).hex() in dump
    assert token not in dump
    assert token not in str(jobs)


def test_each_sending_has_a_link_and_a_mail_of_its_own(desk: Desk) -> None:
    first, second = desk.send(), desk.send()

    assert first["id"] != second["id"]
    assert len(set(desk.tokens())) == 2


def test_a_sending_is_an_event(desk: Desk) -> None:
    sent = desk.send()

    rows = desk.account.sql(
        """
        select source, target, before, after ->> 'recipientEmail', after ->> 'securityReviewId' from events
        where account_id = %s and type = 'VENDOR_QUESTIONNAIRE_EMAIL_SENT'
        """
    )

    target = {"kind": "questionnaire", "id": sent["id"]}
    assert rows == [("PUBLIC_API", target, None, "bob@initech.test", str(desk.review_id))]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": ...}, "email"),
        ({"email": "bob"}, "email"),
        ({"email": "bob@initech.test\r\nBcc: eve@evil.test"}, "email"),
        ({"email": "b" * 180 + "@initech.test"}, "email"),
        ({"questionnaireId": ...}, "questionnaireId"),
        ({"questionnaireId": 0}, "questionnaireId"),
        ({"questionnaireId": "1"}, "questionnaireId"),
        ({"emailContent": ...}, "emailContent"),
        ({"emailContent": None}, "emailContent"),
        ({"emailContent": "x" * 30_001}, "emailContent"),
        ({"emailSubject": "x" * 192}, "emailSubject"),
        ({"emailSubject": "Hello\nBcc: eve@evil.test"}, "subject"),
        ({"securityReviewId": -1}, "securityReviewId"),
        ({"securityReviewId": "1"}, "securityReviewId"),
    ],
)
def test_a_malformed_sending_is_refused(shared: Desk, change: Json, words: str) -> None:
    refused(shared.alice.post(shared.questionnaires, json=shared.sending(**change)), 400, words)

    assert everything(shared.alice, shared.questionnaires) == []
    assert shared.mails() == []


def test_the_longest_texts_are_taken(desk: Desk) -> None:
    desk.send(email="b" * 60 + "@" + "i" * 60 + ".test", emailContent="x" * 30_000, emailSubject="x" * 191)

    assert len(desk.mails()) == 1


@pytest.mark.parametrize("missing", ["vendor", "template", "review", "review of another vendor"])
def test_what_does_not_exist_cannot_be_sent(shared: Desk, missing: str) -> None:
    other = shared.new_review(shared.new_vendor(name="Other"))
    path = shared.questionnaires if missing != "vendor" else f"/public/v2/vendors/{NOBODYS}/questionnaires"
    changes = {
        "template": {"questionnaireId": NOBODYS},
        "review": {"securityReviewId": NOBODYS},
        "review of another vendor": {"securityReviewId": other},
    }.get(missing, {})

    refused(shared.alice.post(path, json=shared.sending(**changes)), 404, missing.split(maxsplit=1)[0])

    assert shared.mails() == []


def test_the_form_of_the_request_is_checked_before_what_it_names(shared: Desk) -> None:
    path = f"/public/v2/vendors/{NOBODYS}/questionnaires"

    refused(shared.alice.post(path, json=shared.sending(email="bob")), 400)


def test_revoking_ends_every_link(desk: Desk) -> None:
    sent, portal = desk.asked()
    path = f"{desk.questionnaires}/{sent['id']}/revoke"

    assert desk.alice.post(path).json() == sent
    assert desk.alice.post(path).json() == sent

    for answer in (portal.get(), portal.put({}), portal.submit(), portal.attach("proof", "a.pdf", b"%PDF-1.7\n")):
        assert answer.status_code == 410, answer.text
    assert len(desk.events("QUESTIONNAIRE_SENT_DELETED")) == 1
    assert everything(desk.alice, desk.questionnaires) == [sent]


def test_revoking_one_leaves_the_others(desk: Desk) -> None:
    first, _ = desk.asked()
    _, portal = desk.asked()

    desk.alice.post(f"{desk.questionnaires}/{first['id']}/revoke")

    assert portal.get().status_code == 200


def test_archiving_ends_the_links_and_takes_it_out_of_the_review(desk: Desk) -> None:
    sent, portal = desk.asked()
    path = f"{desk.questionnaires}/{sent['id']}"

    assert desk.alice.delete(path).status_code == 204

    refused(desk.alice.delete(path), 404, "archived")
    assert portal.get().status_code == 410
    assert everything(desk.alice, desk.of_review) == []
    assert everything(desk.alice, desk.questionnaires) == [sent]
    assert len(desk.events("VENDOR_SECURITY_QUESTIONNAIRE_DELETED")) == 1


def test_a_questionnaire_belongs_to_its_vendor(desk: Desk) -> None:
    sent = desk.send()
    elsewhere = f"/public/v2/vendors/{desk.new_vendor(name='Other')}/questionnaires/{sent['id']}"

    refused(desk.alice.get(elsewhere), 404)
    refused(desk.alice.get(f"{elsewhere}/answers"), 404)
    refused(desk.alice.post(f"{elsewhere}/revoke"), 404)
    refused(desk.alice.delete(elsewhere), 404)


def test_a_deleted_vendor_ends_the_link(desk: Desk) -> None:
    _, portal = desk.asked()

    assert desk.alice.delete(desk.vendor).status_code == 204

    assert portal.get().status_code == 410


def test_a_link_ends_after_ninety_days(desk: Desk) -> None:
    sent, portal = desk.asked()
    lasts = "select extract(day from expires_at - date_sent) from questionnaires where account_id = %s"
    assert desk.account.sql(lasts) == [(90,)]

    desk.account.sql("update questionnaires set expires_at = now() where account_id = %s and id = %s", sent["id"])

    assert portal.get().status_code == 410


def test_lists_follow_their_order_and_pages(desk: Desk) -> None:
    ids = [desk.send()["id"] for _ in range(3)]

    for path in (desk.questionnaires, desk.of_review):
        assert [each["id"] for each in everything(desk.alice, path, size=1)] == ids
        assert [each["id"] for each in everything(desk.alice, path, size=2, sortDir="DESC")] == ids[::-1]
        assert [each["id"] for each in everything(desk.alice, path, sort="updatedAt")] == ids
        assert desk.alice.get(f"{path}?includeTotalCount=true").json()["pagination"]["totalCount"] == 3


def test_a_cursor_of_one_list_fits_no_other(desk: Desk) -> None:
    for _ in range(2):
        desk.send()
    cursor = desk.alice.get(f"{desk.questionnaires}?size=1").json()["pagination"]["cursor"]

    refused(desk.alice.get(f"{desk.of_review}?cursor={cursor}"), 400, "cursor")


def test_the_questions_of_the_moment_are_sent(desk: Desk) -> None:
    desk.alice.put(f"/public/v2/questionnaire-templates/{desk.template['id']}", json={"questions": [question("new")]})

    _, portal = desk.asked()

    assert [each["id"] for each in portal.state()["questions"]] == ["new"]


def test_a_link_opens_what_was_sent_with_it(desk: Desk) -> None:
    desk.send(email="one@initech.test")
    desk.send(email="two@initech.test", questionnaireId=desk.made_template("Another"))

    titles = [Portal(desk.account, token).state()["title"] for token in desk.tokens()]

    assert titles == ["Security basics", "Another"]
