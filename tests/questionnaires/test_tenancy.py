"""What belongs to another account does not exist, and stays as it is (decisions 2)."""

from typing import Any

import pytest

from tests.documents import pdf
from tests.questionnaires.cast import TEMPLATES, Desk, Portal
from tests.records.cast import everything, refused

NOBODYS = 2**31 - 1
REPORT = pdf("Ours")
TABLES = ("questionnaires", "questionnaire_templates", "questionnaire_links", "questionnaire_files")


@pytest.fixture
def sent(theirs: Desk) -> int:
    """Globex's questionnaire."""
    return int(theirs.send()["id"])


def state(desk: Desk) -> Any:
    rows = [desk.account.sql(f"select t::text from {table} t where account_id = %s order by 1") for table in TABLES]
    return rows, len(desk.mails()), desk.events()


def requests(vendor_id: int, review_id: int, questionnaire_id: int, template_id: int) -> list[tuple[str, str, Any]]:
    """A request of each operation below a vendor, and below a template."""
    vendor = f"/public/v2/vendors/{vendor_id}"
    one = f"{vendor}/questionnaires/{questionnaire_id}"
    review = f"{vendor}/security-reviews/{review_id}/security-questionnaires"
    template = f"{TEMPLATES}/{template_id}"
    sending = {"email": "eve@evil.test", "questionnaireId": template_id, "emailContent": "Hi"}
    files = {"files": [("files", ("report.pdf", REPORT))]}
    return [
        ("GET", f"{vendor}/questionnaires", {}),
        ("POST", f"{vendor}/questionnaires", {"json": sending}),
        ("GET", one, {}),
        ("DELETE", one, {}),
        ("GET", f"{one}/answers", {}),
        ("POST", f"{one}/revoke", {}),
        ("POST", f"{vendor}/security-questionnaires", files),
        ("GET", review, {}),
        ("POST", review, files),
        ("GET", template, {}),
        ("PUT", template, {"json": {"title": "Eve's"}}),
        ("DELETE", template, {}),
    ]


def answers(desk: Desk, *ids: int) -> list[tuple[int, str]]:
    found = [desk.alice.request(method, path, **more) for method, path, more in requests(*ids)]
    return [(answer.status_code, answer.json()["message"]) for answer in found]


def test_what_another_account_has_is_like_what_never_was(desk: Desk, theirs: Desk, sent: int) -> None:
    before = state(theirs)
    ids = (theirs.vendor_id, theirs.review_id, sent, theirs.template["id"])

    of_theirs = answers(desk, *ids)
    of_nobodys = answers(desk, NOBODYS, NOBODYS, NOBODYS, NOBODYS)

    assert {status for status, _ in of_theirs} == {404}
    words = {str(id_) for id_ in ids}
    assert [" ".join("#" if word in words else word for word in text.split()) for _, text in of_theirs] == [
        " ".join("#" if word == str(NOBODYS) else word for word in text.split()) for _, text in of_nobodys
    ]
    assert state(theirs) == before


def test_another_accounts_things_are_not_reached_through_ones_own_vendor(desk: Desk, theirs: Desk, sent: int) -> None:
    before = state(theirs)

    asked = requests(desk.vendor_id, theirs.review_id, sent, theirs.template["id"])
    found = {(method, path): desk.alice.request(method, path, **more).status_code for method, path, more in asked}

    own = {("GET", desk.questionnaires): 200, ("POST", desk.uploads): 201}
    assert found == dict.fromkeys(found, 404) | own
    assert state(theirs) == before


def test_lists_show_only_what_belongs_to_the_account(desk: Desk, theirs: Desk, sent: int) -> None:
    mine = desk.send()["id"]

    assert [each["id"] for each in everything(desk.alice, desk.questionnaires)] == [mine]
    assert [each["id"] for each in everything(desk.alice, TEMPLATES)] == [desk.template["id"]]
    assert [each["id"] for each in everything(theirs.alice, theirs.questionnaires)] == [sent]


def test_a_review_or_template_of_another_account_cannot_be_named_in_a_sending(desk: Desk, theirs: Desk) -> None:
    for change in ({"questionnaireId": theirs.template["id"]}, {"securityReviewId": theirs.review_id}):
        refused(desk.alice.post(desk.questionnaires, json=desk.sending(**change)), 404)

    assert desk.mails() == []


def test_a_cursor_of_another_account_shows_nothing_of_it(desk: Desk, theirs: Desk, sent: int) -> None:
    theirs.send()
    cursor = theirs.alice.get(f"{theirs.questionnaires}?size=1").json()["pagination"]["cursor"]

    refused(desk.alice.get(f"{desk.questionnaires}?cursor={cursor}"), 400)


def test_a_link_opens_the_questionnaire_of_its_account_only(desk: Desk, theirs: Desk) -> None:
    _, ours = desk.asked()
    _, others = theirs.asked()
    before = state(theirs)

    ours.save(mfa="yes")
    ours.submit()

    assert (ours.state()["company"], others.state()["company"]) == ("Acme", "Globex")
    assert state(theirs) == before


def test_a_file_of_another_questionnaire_is_no_answer(desk: Desk, theirs: Desk) -> None:
    _, others = theirs.asked()
    _, first = desk.asked()
    _, second = desk.asked()
    ids = [portal.attach("proof", "report.pdf", REPORT).json()["files"][0]["id"] for portal in (others, first)]

    for id_ in ids:
        assert second.put({"proof": {"value": [id_]}}).status_code == 400


def test_the_same_file_in_two_accounts_is_two(desk: Desk, theirs: Desk) -> None:
    for each in (desk, theirs):
        assert each.upload(("report.pdf", REPORT), to=each.of_review).status_code == 201


def test_a_key_opens_no_link_and_a_link_no_api(desk: Desk) -> None:
    _, portal = desk.asked()
    stranger = Portal(desk.account, "tw_" + "x" * 40)

    assert stranger.get().status_code == 404
    assert portal.client.get(desk.questionnaires).status_code == 401
