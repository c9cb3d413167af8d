"""Questionnaires: their templates, those sent and those uploaded, and the links that open them."""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from msgspec import Struct

from trustwright.errors import Conflict, NotFound, Problem
from trustwright.links import address
from trustwright.questionnaires.questions import Answers, Question

# How long the links of a questionnaire work after it was sent.
LIFETIME = timedelta(days=90)


class QuestionnaireStatus(StrEnum):
    """DRAFT belongs to the contract; whatever is here was sent, or came back, at once."""

    DRAFT = "DRAFT"
    SENT = "SENT"


class Stage(StrEnum):
    """How far one is, as far as no clock is needed to tell: what is OPEN was neither submitted nor ended."""

    OPEN = "OPEN"
    SUBMITTED = "SUBMITTED"
    REVOKED = "REVOKED"
    ARCHIVED = "ARCHIVED"
    UPLOADED = "UPLOADED"


class State(StrEnum):
    """How far one is, as people say it. OVERDUE: its links expired before anything was submitted."""

    SENT = "SENT"
    IN_PROGRESS = "IN_PROGRESS"
    SUBMITTED = "SUBMITTED"
    OVERDUE = "OVERDUE"
    REVOKED = "REVOKED"
    ARCHIVED = "ARCHIVED"
    UPLOADED = "UPLOADED"


OPEN_STATES = (State.SENT, State.IN_PROGRESS, State.OVERDUE)


class TemplateHead(Struct, frozen=True, kw_only=True):
    """A template without its questions, as lists show it."""

    id: int
    title: str
    description: str | None
    total_questions: int
    created_at: datetime
    updated_at: datetime


class Template(TemplateHead, frozen=True, kw_only=True):
    questions: list[Question]


class Questionnaire(Struct, frozen=True, kw_only=True):
    """One that went to a vendor, or that was uploaded finished. Totals are None for an upload that was not read."""

    id: int
    vendor_id: int
    review_id: int | None
    template_id: int | None
    title: str
    description: str | None
    recipient_email: str
    is_manual_upload: bool
    status: QuestionnaireStatus
    revision: int
    completed_by: str | None
    response_id: int | None
    total_questions: int | None
    total_answered: int | None
    date_sent: datetime
    completed_at: datetime | None
    reminded_at: datetime | None
    reminders: int
    expires_at: datetime | None
    revoked_at: datetime | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime


class Listed(Questionnaire, frozen=True, kw_only=True):
    """One as lists over all vendors show it. `due_at`: when its links end; of an uploaded one, when it came."""

    vendor_name: str
    stage: Stage
    due_at: datetime


class Content(Struct, frozen=True):
    """What a questionnaire asks and what it was answered; without questions it is only files."""

    questions: list[Question] | None
    answers: Answers


class Linked(Struct, frozen=True):
    """What a link opens."""

    account_id: int
    questionnaire_id: int


class LinkUnknown(NotFound):
    """A token that opens nothing, whatever it looks like: always the same answer, so that guesses teach nothing."""

    sentence = "This link opens nothing. Copy all of it from the mail, up to its last character."


class LinkEnded(Problem):
    """The link was ended by who sent it, or it is too old."""

    status = 410
    code = 10110
    name = "GoneException"
    sentence = "This link has ended. Ask the company that sent it for a new one."


class AlreadySubmitted(Conflict):
    """Submitted answers are not changed."""

    sentence = "The answers were submitted already and can no longer be changed."


def link_of(public_url: str, token: str) -> str:
    """The address of the vendor's page. Browsers keep the fragment to themselves: no server's log, no referrer has it.
    Raises NoPublicUrl."""
    return address(public_url, f"/q#{token}")


def require_open(questionnaire: Questionnaire, now: datetime) -> None:
    """Raises LinkEnded once its links were revoked or have expired."""
    if not has_link(questionnaire, now):
        raise LinkEnded


def state_of(questionnaire: Questionnaire, now: datetime) -> State:
    """What is written down of it comes first; only what is still open is asked how late it is."""
    if questionnaire.archived_at is not None:
        return State.ARCHIVED
    if questionnaire.is_manual_upload:
        return State.UPLOADED
    if questionnaire.completed_at is not None:
        return State.SUBMITTED
    if questionnaire.revoked_at is not None:
        return State.REVOKED
    if questionnaire.expires_at is None or questionnaire.expires_at <= now:
        return State.OVERDUE
    return State.IN_PROGRESS if questionnaire.total_answered else State.SENT


class Wanted(Struct, frozen=True, kw_only=True):
    """What a list is narrowed down to; None and an empty text leave it as it is. `begun`: something was answered."""

    stage: Stage | None = None
    expired: bool | None = None
    begun: bool | None = None
    q: str = ""

    @staticmethod
    def of(state: State | None, q: str) -> "Wanted":
        if state is None or state not in OPEN_STATES:
            return Wanted(stage=Stage(state) if state else None, q=q)
        if state is State.OVERDUE:
            return Wanted(stage=Stage.OPEN, expired=True, q=q)
        return Wanted(stage=Stage.OPEN, expired=False, begun=state is State.IN_PROGRESS, q=q)


def has_link(questionnaire: Questionnaire, now: datetime) -> bool:
    """Whether a link to it opens anything."""
    ended = questionnaire.revoked_at or questionnaire.archived_at
    return ended is None and questionnaire.expires_at is not None and questionnaire.expires_at > now


def reminded_before(now: datetime, days: int) -> datetime:
    """Who was last written to before this moment is reminded today: `days` days ago or longer, counted by dates in
    UTC, so that the hour of the mail does not put the reminder off by a day."""
    midnight = datetime.combine(now.astimezone(UTC).date(), time.min, UTC)
    return midnight - timedelta(days=days - 1)


def target(questionnaire: Questionnaire) -> dict[str, object]:
    """How events name it."""
    return {"kind": "questionnaire", "id": questionnaire.id}


def facts(questionnaire: Questionnaire) -> dict[str, object]:
    """What events tell of it."""
    return {
        "vendorId": questionnaire.vendor_id,
        "securityReviewId": questionnaire.review_id,
        "title": questionnaire.title,
        "recipientEmail": questionnaire.recipient_email,
        "isManualUpload": questionnaire.is_manual_upload,
        "totalQuestions": questionnaire.total_questions,
        "totalQuestionsAnswered": questionnaire.total_answered,
        "completedBy": questionnaire.completed_by,
        "completedAt": questionnaire.completed_at,
        "remindedAt": questionnaire.reminded_at,
        "revokedAt": questionnaire.revoked_at,
        "archivedAt": questionnaire.archived_at,
    }


def template_facts(template: Template) -> dict[str, object]:
    """What events tell of a template."""
    return {"title": template.title, "description": template.description, "questions": template.questions}
