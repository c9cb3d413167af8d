"""What a session allows in each of its states (custom-data 1.8, decisions 17)."""

import re

from trustwright.errors import Invalid, WrongState
from trustwright.records.model import Session, SessionAction, SessionStatus

SESSION_ID = re.compile(r"[A-Za-z0-9_-]{3,64}")

NEXT = {SessionAction.COMPLETE: SessionStatus.ACTIVE, SessionAction.CANCEL: SessionStatus.CANCELED}


def require_session_id(text: str) -> None:
    """Raises Invalid."""
    if not SESSION_ID.fullmatch(text):
        raise Invalid("sessionId: must be 3 to 64 letters, digits, '_' or '-'")


def uploading_to(session_id: str, newest: Session | None, open_session: Session | None) -> Session | None:
    """The session that an upload named `session_id` goes into; None when it starts a new one.

    `newest` is the latest session of that name, `open_session` the one IN_PROGRESS. A canceled or archived name may be
    used again. Raises Invalid."""
    if open_session is not None:
        if open_session.session_id != session_id:
            raise Invalid(f"Session {open_session.session_id} is IN_PROGRESS; complete or cancel it first")
        return open_session
    if newest is not None and newest.status is SessionStatus.ACTIVE:
        raise Invalid(f"Session {session_id} is ACTIVE; add to it through the records of the resource")
    return None


def after(session: Session, action: SessionAction, *, has_records: bool) -> SessionStatus | None:
    """The state that an action leads to, None when nothing changes. Raises WrongState."""
    if session.status is SessionStatus.ACTIVE and action is SessionAction.COMPLETE:
        return None
    if session.status is not SessionStatus.IN_PROGRESS:
        raise WrongState(f"Cannot {action} session {session.session_id}: it is {session.status}")
    if action is SessionAction.COMPLETE and not has_records:
        raise WrongState("Cannot complete a session with no data records")
    return NEXT[action]
