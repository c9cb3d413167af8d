"""Bodies of questionnaires and templates, for the API and for the vendor's page."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, UnsetType

from trustwright.accounts.model import is_email
from trustwright.files.model import StoredFile
from trustwright.http.wire import Id, Timestamp, Wire, iso, iso_or_none
from trustwright.mail.model import address_of, one_line
from trustwright.questionnaires.answering import Page
from trustwright.questionnaires.model import Content, Questionnaire, QuestionnaireStatus, Template, TemplateHead
from trustwright.questionnaires.questions import (
    MOST_QUESTIONS,
    Answer,
    Answers,
    Fault,
    Question,
    QuestionType,
    asked,
)

Title = Annotated[str, Meta(pattern=r"\S", max_length=191)]
Description = Annotated[str, Meta(max_length=30_000)]
Questions = Annotated[list[Question], Meta(min_length=1, max_length=MOST_QUESTIONS)]


class SendBody(Wire, frozen=True):
    """`questionnaireId` is that of a template. `emailContent` is plain text."""

    example: ClassVar = {
        "email": "security@vendor.example",
        "questionnaireId": 1,
        "emailSubject": "Our yearly security questionnaire",
        "emailContent": "Please answer by the end of the month.",
        "securityReviewId": 1,
    }

    email: Annotated[str, Meta(max_length=191)]
    questionnaire_id: Id
    email_content: Annotated[str, Meta(max_length=30_000)]
    email_subject: Annotated[str, Meta(max_length=191)] | None = None
    security_review_id: Id | None = None

    def __post_init__(self) -> None:
        if not is_email(self.email):
            raise ValueError("email: must be an e-mail address")
        # Both raise Invalid for what no mail can have.
        address_of(self.email)
        one_line(self.email_subject or "")


class SentAnswer(Wire, frozen=True):
    id: int
    title: str
    recipient_email: str
    is_completed: bool
    completed_by: str | None
    response_id: int | None
    date_sent: Timestamp
    is_manual_upload: bool

    @staticmethod
    def of(questionnaire: Questionnaire) -> "SentAnswer":
        return SentAnswer(**_sent(questionnaire))


class SecurityQuestionnaireAnswer(SentAnswer, frozen=True):
    """Totals are null until the files of an upload are read, and for good when nothing in them can be."""

    status: QuestionnaireStatus
    completed_at: Timestamp | None
    total_questions: int | None
    total_questions_answered: int | None
    reminder_date: Timestamp | None

    @staticmethod
    def of(questionnaire: Questionnaire) -> "SecurityQuestionnaireAnswer":
        return SecurityQuestionnaireAnswer(
            **_sent(questionnaire),
            status=questionnaire.status,
            completed_at=iso_or_none(questionnaire.completed_at),
            total_questions=questionnaire.total_questions,
            total_questions_answered=questionnaire.total_answered,
            reminder_date=iso_or_none(questionnaire.reminded_at),
        )


def _sent(questionnaire: Questionnaire) -> dict[str, Any]:
    return {
        "id": questionnaire.id,
        "title": questionnaire.title,
        "recipient_email": questionnaire.recipient_email,
        "is_completed": questionnaire.completed_at is not None,
        "completed_by": questionnaire.completed_by,
        "response_id": questionnaire.response_id,
        "date_sent": iso(questionnaire.date_sent),
        "is_manual_upload": questionnaire.is_manual_upload,
    }


class LastQuestionnaire(Wire, frozen=True):
    """The one that a vendor sent back last. `file` is the name of its first file, empty for one answered online."""

    vendor_id: int
    send_at: Timestamp
    sent_email: str
    file: str
    responded_at: Timestamp
    response_id: int
    is_manual_upload: bool
    completed_by: str

    @staticmethod
    def of(questionnaire: Questionnaire) -> "LastQuestionnaire":
        return LastQuestionnaire(
            vendor_id=questionnaire.vendor_id,
            send_at=iso(questionnaire.date_sent),
            sent_email=questionnaire.recipient_email,
            file=questionnaire.title if questionnaire.is_manual_upload else "",
            responded_at=iso(questionnaire.completed_at or questionnaire.date_sent),
            response_id=questionnaire.response_id or questionnaire.id,
            is_manual_upload=questionnaire.is_manual_upload,
            completed_by=questionnaire.completed_by or "",
        )


class NewTemplate(Wire, frozen=True):
    example: ClassVar = {
        "title": "Vendor security, short",
        "description": "Ten minutes about how you protect our data.",
        "questions": [Question.example],
    }

    title: Title
    questions: Questions
    description: Description | None = None


class TemplateChange(Wire, frozen=True):
    """What is absent stays; `questions` replaces all of them. Questionnaires that were sent keep what they asked."""

    example: ClassVar = {"title": "Vendor security, short", "questions": [Question.example]}

    title: Title | UnsetType = UNSET
    questions: Questions | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET


class TemplateSummary(Wire, frozen=True):
    id: int
    title: str
    description: str | None
    total_questions: int
    created_at: Timestamp
    updated_at: Timestamp

    @staticmethod
    def of(template: TemplateHead) -> "TemplateSummary":
        return TemplateSummary(**_head(template))


class TemplateAnswer(Wire, frozen=True):
    id: int
    title: str
    description: str | None
    total_questions: int
    questions: list[Question]
    created_at: Timestamp
    updated_at: Timestamp

    @staticmethod
    def of(template: Template) -> "TemplateAnswer":
        return TemplateAnswer(**_head(template), questions=template.questions)


def _head(template: TemplateHead) -> dict[str, Any]:
    return {
        "id": template.id,
        "title": template.title,
        "description": template.description,
        "total_questions": template.total_questions,
        "created_at": iso(template.created_at),
        "updated_at": iso(template.updated_at),
    }


class AnsweredQuestion(Wire, frozen=True):
    """`isAsked` is false for a question whose condition does not hold. `answer` is null when nothing was answered."""

    id: str
    section: str
    text: str
    type: QuestionType
    options: list[str]
    required: bool
    is_asked: bool
    answer: str | int | float | list[str | int] | None
    comment: str


class AnswerFile(Wire, frozen=True):
    """`downloadUrl` works for ten minutes."""

    id: int
    name: str
    size: int
    download_url: str


class AnswersAnswer(Wire, frozen=True):
    """What was asked and answered. Answers that the vendor has not submitted yet are left out, their number is not."""

    id: int
    title: str
    is_completed: bool
    completed_at: Timestamp | None
    completed_by: str | None
    total_questions: int | None
    total_questions_answered: int | None
    questions: list[AnsweredQuestion]
    files: list[AnswerFile]

    @staticmethod
    def of(questionnaire: Questionnaire, content: Content, files: list[AnswerFile]) -> "AnswersAnswer":
        answers = content.answers if questionnaire.completed_at else {}
        return AnswersAnswer(
            id=questionnaire.id,
            title=questionnaire.title,
            is_completed=questionnaire.completed_at is not None,
            completed_at=iso_or_none(questionnaire.completed_at),
            completed_by=questionnaire.completed_by,
            total_questions=questionnaire.total_questions,
            total_questions_answered=questionnaire.total_answered,
            questions=_answered(content.questions or [], answers),
            files=files,
        )


def _answered(questions: list[Question], answers: Answers) -> list[AnsweredQuestion]:
    shown = {question.id for question in asked(questions, answers)}
    found = [(question, answers.get(question.id, Answer())) for question in questions]
    return [
        AnsweredQuestion(
            id=question.id,
            section=question.section,
            text=question.text,
            type=question.type,
            options=question.options,
            required=question.required,
            is_asked=question.id in shown,
            answer=answer.value,
            comment=answer.comment,
        )
        for question, answer in found
    ]


class PageFile(Wire, frozen=True):
    id: int
    name: str
    size: int

    @staticmethod
    def of(file: StoredFile) -> "PageFile":
        return PageFile(id=file.id, name=file.name, size=file.size)


class PageAnswer(Wire, frozen=True):
    """What the vendor's page shows; from `submittedAt` on nothing of it changes."""

    title: str
    description: str | None
    company: str
    vendor: str
    revision: int
    expires_at: Timestamp | None
    submitted_at: Timestamp | None
    completed_by: str | None
    questions: list[Question]
    answers: Answers
    files: list[PageFile]

    @staticmethod
    def of(page: Page) -> "PageAnswer":
        questionnaire = page.questionnaire
        return PageAnswer(
            title=questionnaire.title,
            description=questionnaire.description,
            company=page.company,
            vendor=page.vendor.name,
            revision=questionnaire.revision,
            expires_at=iso_or_none(questionnaire.expires_at),
            submitted_at=iso_or_none(questionnaire.completed_at),
            completed_by=questionnaire.completed_by,
            questions=page.content.questions or [],
            answers=page.content.answers,
            files=[PageFile.of(file) for file in page.files],
        )


class SaveBody(Wire, frozen=True):
    """`revision` is the one that the page has; `answers` only those that changed."""

    revision: int
    answers: Annotated[Answers, Meta(max_length=MOST_QUESTIONS)]


class SubmitBody(Wire, frozen=True):
    revision: int
    completed_by: Annotated[str, Meta(max_length=191)] = ""


class SavedAnswer(Wire, frozen=True):
    revision: int
    saved_at: Timestamp

    @staticmethod
    def at(page: Page, moment: datetime) -> "SavedAnswer":
        return SavedAnswer(revision=page.questionnaire.revision, saved_at=iso(moment))


class Refusal(Wire, frozen=True):
    """Why nothing was saved: `state` is what is there when somebody else saved meanwhile, `faults` what is wrong."""

    status_code: int
    message: str
    code: int
    faults: list[Fault] | UnsetType = UNSET
    state: PageAnswer | UnsetType = UNSET
