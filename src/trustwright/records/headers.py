"""The session headers of version 1 (Q46, custom-data 1.7)."""

from collections.abc import Mapping

from msgspec import Struct, field

from trustwright.errors import Invalid
from trustwright.records.states import require_session_id


class SessionHeaders(Struct, frozen=True, kw_only=True):
    """All optional; only the word `true`, in any case of letters, means yes."""

    session_id: str | None = field(default=None, name="x-session-id")
    complete: bool = field(default=False, name="x-session-complete")
    abort: bool = field(default=False, name="x-session-abort")

    @staticmethod
    def of(headers: Mapping[str, str]) -> "SessionHeaders":
        """Raises Invalid for an end without a session, and for both ends at once."""
        session_id = headers.get("x-session-id", "").strip() or None
        complete = headers.get("x-session-complete", "").strip().lower() == "true"
        abort = headers.get("x-session-abort", "").strip().lower() == "true"
        if complete and abort:
            raise Invalid("Send X-Session-Complete or X-Session-Abort, not both")
        if session_id is None and (complete or abort):
            raise Invalid("X-Session-Complete and X-Session-Abort need X-Session-ID")
        if session_id is not None:
            require_session_id(session_id)
        return SessionHeaders(session_id=session_id, complete=complete, abort=abort)
