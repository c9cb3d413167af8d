"""What the vendor does with a questionnaire behind its link: read, answer, submit."""

from msgspec import Struct
from msgspec.structs import replace

from trustwright.accounts.actions import active_user, first_admin, get_account
from trustwright.db import Tx
from trustwright.errors import Invalid
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.files.actions import add_file, files_by_id
from trustwright.files.model import KeptFile, StoredFile
from trustwright.mail import actions as mail
from trustwright.questionnaires import store
from trustwright.questionnaires.model import (
    AlreadySubmitted,
    Content,
    LinkEnded,
    LinkUnknown,
    Questionnaire,
    facts,
    require_open,
    target,
)
from trustwright.questionnaires.questions import (
    MOST_FILES,
    MOST_LETTERS,
    Answer,
    Answers,
    Fault,
    QuestionType,
    answer_faults,
    attachments,
    lacking,
    letters,
    merged,
    of_asked,
    totals,
)
from trustwright.reviews.actions import add_document
from trustwright.reviews.model import DocumentType
from trustwright.vendors.actions import vendors_by_id
from trustwright.vendors.model import Vendor


class Page(Struct, frozen=True, kw_only=True):
    """What stands behind a link. `company` is who asks; `files` are all that came with answers, kept or not."""

    questionnaire: Questionnaire
    content: Content
    files: list[StoredFile]
    company: str
    vendor: Vendor


class Outcome(Struct, frozen=True, kw_only=True):
    """How a save or a submit went. `stale`: somebody saved after the revision that it began with, so nothing was done.
    `faults`: what is wrong, so nothing was done."""

    page: Page
    stale: bool = False
    faults: list[Fault] = []


async def open_page(tx: Tx, questionnaire_id: int) -> Page:
    """What the vendor sees, submitted or not. Raises LinkEnded."""
    return await _page(tx, questionnaire_id, lock=False)


async def save_answers(tx: Tx, questionnaire_id: int, revision: int, changes: Answers) -> Outcome:
    """Lays some answers over those that are there, all of them or none. An empty one is taken away. Raises LinkEnded,
    AlreadySubmitted, Invalid."""
    page = await _writable(tx, questionnaire_id)
    if page.questionnaire.revision != revision:
        return Outcome(page=page, stale=True)
    faults = answer_faults(page.content.questions or [], changes, {file.id for file in page.files})
    if faults or not changes:
        return Outcome(page=page, faults=faults)
    return Outcome(page=await _save(tx, page, changes))


async def attach(tx: Tx, questionnaire_id: int, revision: int, question_id: str, kept: KeptFile) -> Outcome:
    """Adds a file to the answer of a `file` question. Raises as `save_answers` does."""
    page = await _writable(tx, questionnaire_id)
    if page.questionnaire.revision != revision:
        return Outcome(page=page, stale=True)
    question = next((each for each in page.content.questions or [] if each.id == question_id), None)
    if question is None or question.type is not QuestionType.FILE:
        raise Invalid("questionId: no question here takes files under this id")
    if len(page.files) >= MOST_FILES:
        raise Invalid(f"A questionnaire takes {MOST_FILES} files at most; put several into one")
    file = await add_file(tx, kept)
    await store.insert_attachment(tx, questionnaire_id, file.id, file.sha256)
    before = page.content.answers.get(question_id, Answer())
    value = [*before.value, file.id] if isinstance(before.value, list) else [file.id]
    after = replace(page, files=[*page.files, file])
    return Outcome(page=await _save(tx, after, {question_id: replace(before, value=value)}))


async def _save(tx: Tx, page: Page, changes: Answers) -> Page:
    questions = page.content.questions or []
    answers = merged(page.content.answers, changes)
    if letters(answers) > MOST_LETTERS:
        raise Invalid("The answers are too long altogether; shorten some, or point to documents")
    after = await store.save_answers(tx, page.questionnaire.id, answers, totals(questions, answers))
    await record(
        tx,
        EventType.VENDOR_QUESTIONNAIRE_ANSWER_SAVED,
        f"{len(changes)} answers to questionnaire {after.title} saved by {page.vendor.name}",
        target=target(after),
        before={"revision": page.questionnaire.revision},
        after={"revision": after.revision, "questionIds": sorted(changes)},
    )
    return replace(page, questionnaire=after, content=Content(questions, answers))


async def submit(tx: Tx, questionnaire_id: int, revision: int, completed_by: str) -> Outcome:
    """Locks the answers, makes their files documents of the vendor, and tells its security owner, or an admin where
    there is none. Answers to questions that are not asked after all are left out. Raises LinkEnded and
    AlreadySubmitted."""
    page = await _writable(tx, questionnaire_id)
    if page.questionnaire.revision != revision:
        return Outcome(page=page, stale=True)
    questions, given = page.content.questions or [], page.content.answers
    if faults := lacking(questions, given):
        return Outcome(page=page, faults=faults)
    answers = of_asked(questions, given)
    await store.save_answers(tx, questionnaire_id, answers, totals(questions, answers))
    after = await store.complete(tx, questionnaire_id, completed_by or page.vendor.name)
    attached = attachments(questions, answers)
    for file in page.files:
        if file.id in attached:
            await add_document(tx, after.vendor_id, file, DocumentType.QUESTIONNAIRE_ATTACHMENT, after.review_id)
    await _tell_owner(tx, after, page.vendor)
    await record(
        tx,
        EventType.VENDOR_QUESTIONNAIRE_RESPONSE_SAVED,
        f"Questionnaire {after.title} submitted by {page.vendor.name}",
        target=target(after),
        before=facts(page.questionnaire),
        after=facts(after),
    )
    return Outcome(page=replace(page, questionnaire=after, content=Content(questions, answers)))


async def _page(tx: Tx, questionnaire_id: int, *, lock: bool) -> Page:
    questionnaire = await store.get_questionnaire(tx, questionnaire_id, lock=lock)
    if questionnaire is None:
        raise LinkUnknown
    require_open(questionnaire, tx.now)
    vendor = (await vendors_by_id(tx, {questionnaire.vendor_id}))[questionnaire.vendor_id]
    if vendor.deleted_at is not None:
        raise LinkEnded
    files = await files_by_id(tx, set(await store.files_of(tx, questionnaire_id)))
    return Page(
        questionnaire=questionnaire,
        content=await store.get_content(tx, questionnaire_id),
        files=list(files.values()),
        company=(await get_account(tx)).name,
        vendor=vendor,
    )


async def _writable(tx: Tx, questionnaire_id: int) -> Page:
    page = await _page(tx, questionnaire_id, lock=True)
    if page.questionnaire.completed_at is not None:
        raise AlreadySubmitted
    return page


async def _tell_owner(tx: Tx, questionnaire: Questionnaire, vendor: Vendor) -> None:
    owner = await active_user(tx, vendor.user_id) if vendor.user_id else None
    person = owner or await first_admin(tx)
    if person is None:
        return
    values = {
        "title": questionnaire.title,
        "vendor": vendor.name,
        "completed_by": questionnaire.completed_by,
        "questions": questionnaire.total_questions,
        "answered": questionnaire.total_answered,
    }
    await mail.send(tx, f"questionnaire-submitted:{questionnaire.id}", person.email, "questionnaire_submitted", values)
