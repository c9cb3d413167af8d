"""What a session allows in each of its states (custom-data 1.8 under decisions 17), without server or database."""

from datetime import UTC, datetime

import pytest

from trustwright.errors import Invalid, WrongState
from trustwright.records.model import Session, SessionAction, SessionStatus
from trustwright.records.states import after, require_session_id, uploading_to

COMPLETE, CANCEL = SessionAction.COMPLETE, SessionAction.CANCEL
IN_PROGRESS, ACTIVE, CANCELED, ARCHIVED = SessionStatus
ENDED = [CANCELED, ARCHIVED]


def session(status: SessionStatus, session_id: str = "run-1") -> Session:
    now = datetime(2025, 4, 1, tzinfo=UTC)
    return Session(
        id=1,
        resource_id=1,
        session_id=session_id,
        status=status,
        dataset_id=1,
        created_at=now,
        updated_at=now,
        activated_at=None,
        canceled_at=None,
    )


def test_an_open_session_becomes_what_is_asked_for() -> None:
    assert after(session(IN_PROGRESS), COMPLETE, has_records=True) is ACTIVE
    assert after(session(IN_PROGRESS), CANCEL, has_records=True) is CANCELED
    assert after(session(IN_PROGRESS), CANCEL, has_records=False) is CANCELED


def test_completing_the_active_session_again_changes_nothing() -> None:
    for has_records in (True, False):
        assert after(session(ACTIVE), COMPLETE, has_records=has_records) is None


def test_an_open_session_without_records_cannot_be_completed() -> None:
    with pytest.raises(WrongState, match=r"^Cannot complete a session with no data records$"):
        after(session(IN_PROGRESS), COMPLETE, has_records=False)


@pytest.mark.parametrize(
    ("status", "action"), [(ACTIVE, CANCEL), *((status, action) for status in ENDED for action in SessionAction)]
)
def test_any_other_state_refuses_the_action(status: SessionStatus, action: SessionAction) -> None:
    for has_records in (True, False):
        with pytest.raises(WrongState, match=f"run-1.*{status}"):
            after(session(status), action, has_records=has_records)


def test_an_upload_under_an_unknown_name_starts_a_session() -> None:
    assert uploading_to("run-1", None, None) is None


def test_an_upload_goes_into_the_open_session_of_its_name() -> None:
    opened = session(IN_PROGRESS)

    assert uploading_to("run-1", opened, opened) is opened


@pytest.mark.parametrize("status", ENDED)
def test_the_name_of_an_ended_session_starts_a_new_one(status: SessionStatus) -> None:
    assert uploading_to("run-1", session(status), None) is None


def test_an_upload_to_the_active_session_is_refused() -> None:
    with pytest.raises(Invalid, match=r"run-1.*ACTIVE"):
        uploading_to("run-1", session(ACTIVE), None)


@pytest.mark.parametrize("status", [None, ACTIVE, *ENDED])
def test_an_upload_beside_an_open_session_is_refused_and_told_its_name(status: SessionStatus | None) -> None:
    newest = session(status) if status else None

    with pytest.raises(Invalid, match=r"run-2.*IN_PROGRESS"):
        uploading_to("run-1", newest, session(IN_PROGRESS, "run-2"))


@pytest.mark.parametrize("name", ["abc", "A-z_09", "upload-2025-04-01", "-_-", "x" * 64])
def test_a_session_may_have_such_a_name(name: str) -> None:
    require_session_id(name)


@pytest.mark.parametrize("name", ["", "ab", "x" * 65, "a b", "a.b", "a/b", "äbc", "abc\n", "\nabc", "٣٣٣", "a\0bc"])
def test_a_session_may_not_have_such_a_name(name: str) -> None:
    with pytest.raises(Invalid, match=r"sessionId"):
        require_session_id(name)
