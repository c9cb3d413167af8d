"""What belongs to another account does not exist, and stays as it is (decisions 2)."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.agreements.cast import VERA, Desk, Signer
from trustwright.agreements import actions, signing
from trustwright.agreements.model import LinkEnded
from trustwright.errors import NotFound


def test_an_envelope_of_another_account_is_not_found(theirs: Desk, vera: Signer) -> None:
    before = vera.desk.everything()
    envelope_id: UUID = vera.envelope_id

    with pytest.raises(NotFound):
        theirs.envelope(envelope_id)
    with pytest.raises(NotFound):
        theirs.do(lambda tx: actions.void(tx, envelope_id, "Ours now"))
    with pytest.raises(NotFound):
        theirs.do(lambda tx: actions.send_again(tx, envelope_id, theirs.settings))
    with pytest.raises(LinkEnded):
        theirs.do(lambda tx: signing.send_code(tx, envelope_id, theirs.settings))
    with pytest.raises(LinkEnded):
        theirs.do(lambda tx: signing.decline(tx, envelope_id, "", theirs.settings))
    assert theirs.do(lambda tx: actions.signed_file(tx, envelope_id)) is None
    assert vera.desk.everything() == before


def test_a_workspace_of_another_account_has_no_agreement(desk: Desk, theirs: Desk) -> None:
    workspace_id = desk.account.workspace_id

    assert theirs.do(lambda tx: actions.current_nda(tx, workspace_id)) is None
    assert theirs.do(lambda tx: actions.remove_nda(tx, workspace_id)) is False
    assert desk.do(lambda tx: actions.current_nda(tx, workspace_id)) is not None


def test_signatures_of_another_account_are_neither_seen_nor_superseded(theirs: Desk, vera: Signer) -> None:
    vera.sign()
    workspace_id = vera.desk.account.workspace_id

    assert theirs.do(lambda tx: actions.standing_signature(tx, workspace_id, VERA)) is None
    theirs.do(lambda tx: actions.supersede(tx, workspace_id, VERA, "Ours now"))
    assert vera.desk.do(lambda tx: actions.standing_signature(tx, workspace_id, VERA)) is not None


def test_the_timers_of_an_account_touch_no_other(theirs: Desk, vera: Signer) -> None:
    assert theirs.close_windows(timedelta(days=30)) == 0
    assert theirs.remind(timedelta(days=5)) == 0
    assert vera.state == "SENT"


def test_a_code_of_one_account_signs_nothing_in_another(theirs: Desk, vera: Signer) -> None:
    other = theirs.signer()
    code = vera.code()
    other.code()

    if code not in theirs.codes():
        assert other.post(code=code).status_code == 400
    assert other.state == "SENT"
