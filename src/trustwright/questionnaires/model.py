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
    expired = questionnaire.expires_at is None or questionnaire.expires_at <= now
    if expired or questionnaire.revoked_at is not None or questionnaire.archived_at is not None:
        raise LinkEnded


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
