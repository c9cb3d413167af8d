"""What Acme gives, Globex neither sees nor takes."""

from uuid import uuid4

import pytest

from tests.access.cast import BOB, URL, Desk
from trustwright.access import actions, visiting
from trustwright.errors import NotFound


def test_a_grant_of_another_account_is_not_there(desk: Desk, theirs: Desk) -> None:
    request_id = uuid4()
    grant = desk.give(desk.document(), request_id=request_id)

    for work in (
        lambda tx: actions.get_grant(tx, grant.id),
        lambda tx: actions.revoke(tx, grant.id, request_id),
        lambda tx: actions.extend(tx, grant, None),
    ):
        with pytest.raises(NotFound):
            theirs.do(work)

    assert theirs.do(lambda tx: actions.granted_documents(tx, grant.id)) == set()
    assert theirs.do(lambda tx: actions.live_grant(tx, desk.account.workspace_id, BOB.email)) is None
    assert not theirs.do(lambda tx: actions.held_before(tx, desk.account.workspace_id, BOB.email))
    assert desk.do(lambda tx: actions.get_grant(tx, grant.id)) == grant


def test_a_visitor_of_one_account_gets_no_document_of_another(desk: Desk, theirs: Desk) -> None:
    ours, others = desk.document("Ours"), theirs.document("Theirs")
    visitor = theirs.visiting(others)

    assert visitor.view(ours).status_code == 404
    assert visitor.names() == ["Theirs"]
    assert visitor.room()["company"] == "Globex"


def test_one_person_has_a_grant_with_each_account(desk: Desk, theirs: Desk) -> None:
    ours, others = desk.give(desk.document()), theirs.give(theirs.document())

    assert ours.id != others.id
    assert desk.do(actions.ended_grants) == []
    assert not desk.do(lambda tx: visiting.mail_lost_link(tx, theirs.account.workspace_id, BOB.email, URL))
    assert desk.mails() == []


def test_timers_and_logs_keep_to_their_account(desk: Desk, theirs: Desk) -> None:
    report = desk.document()
    browser = desk.visiting(report)
    browser.view(report)
    desk.account.sql("update grants set expires_at = now() where account_id = %s")

    assert theirs.do(actions.ended_grants) == []
    assert theirs.do(lambda tx: actions.holders(tx, report)) == []
    assert theirs.do(actions.clean_up) == 0
    assert theirs.log() == []
    assert [line[0] for line in desk.log()] == ["OPEN", "VIEW"]
