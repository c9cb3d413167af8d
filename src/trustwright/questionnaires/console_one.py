"""One questionnaire of a vendor, in the console: how far it is, what was answered, and beside it what was answered the
last time."""

from datetime import date

from trustwright.console.forms import Form
from trustwright.console.navigation import EDIT_VENDORS, VENDORS
from trustwright.console.rendering import plain_day
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Tx
from trustwright.errors import NotFound
from trustwright.files.actions import files_by_id
from trustwright.files.model import StoredFile
from trustwright.questionnaires import actions, questions, sent_lists, store
from trustwright.questionnaires.comparing import file_ids, in_words, parts_of
from trustwright.questionnaires.model import OPEN_STATES, Content, Questionnaire, has_link, state_of
from trustwright.questionnaires.questions import Question, QuestionType, attachments, is_date
from trustwright.reviews.actions import get_review
from trustwright.vendors.actions import get_settings, get_vendor


async def show(visit: Visit) -> Answer:
    """How far it is, and its answers once they were submitted."""
    async with visit.read() as tx:
        questionnaire = await _wanted(visit, tx)
        content = await _content(tx, questionnaire)
        previous = await sent_lists.previous(tx, questionnaire) if questionnaire.completed_at else None
        before = await store.get_content(tx, previous.id) if previous else None
        state = state_of(questionnaire, tx.now)
        values = {
            "questionnaire": questionnaire,
            "content": content,
            "previous": previous,
            "state": state,
            "has_link": has_link(questionnaire, tx.now),
            "vendor": await get_vendor(tx, questionnaire.vendor_id),
            "review": await _review(tx, questionnaire),
            "settings": await get_settings(tx) if state in OPEN_STATES else None,
            "files": await _files(tx, [each for each in (content, before) if each]),
            "uploaded": await _uploaded(tx, questionnaire),
        }
    tools = {"in_words": _said, "file_ids": file_ids, "path": _path, "may_edit": visit.may(EDIT_VENDORS)}
    return visit.page("questionnaire_page", {**values, **tools, "parts": parts_of(content, before)})


def _said(question: Question, answer: questions.Answer) -> list[str]:
    """What was answered as a person reads it, days as all pages write them."""
    texts = in_words(question, answer)
    if question.type is not QuestionType.DATE or not all(map(is_date, texts)):
        return texts
    return [plain_day(date.fromisoformat(text)) for text in texts]


async def _wanted(visit: Visit, tx: Tx) -> Questionnaire:
    return await actions.get_questionnaire(tx, visit.id("vendor_id"), visit.id("questionnaire_id"))


async def _content(tx: Tx, questionnaire: Questionnaire) -> Content:
    """What was asked, and what was answered once the vendor has submitted it: before, it is nobody else's."""
    content = await store.get_content(tx, questionnaire.id)
    return content if questionnaire.completed_at else Content(content.questions, {})


async def _files(tx: Tx, contents: list[Content]) -> dict[int, StoredFile]:
    """The files that answers are made of."""
    held = {file_id for each in contents for file_id in attachments(each.questions or [], each.answers)}
    return await files_by_id(tx, held) if held else {}


async def _uploaded(tx: Tx, questionnaire: Questionnaire) -> list[StoredFile]:
    return await actions.stored_files(tx, questionnaire.id) if questionnaire.is_manual_upload else []


async def _review(tx: Tx, questionnaire: Questionnaire) -> str | None:
    if questionnaire.review_id is None:
        return None
    review = await get_review(tx, questionnaire.vendor_id, questionnaire.review_id)
    return review.title or f"Review {review.id}"


def _path(questionnaire: Questionnaire) -> str:
    return f"/vendors/{questionnaire.vendor_id}/questionnaires/{questionnaire.id}"


async def download(visit: Visit) -> Answer:
    """On to a link to one of the files that came with it."""
    file_id = visit.id("file_id")
    async with visit.read() as tx:
        questionnaire = await _wanted(visit, tx)
        content = await store.get_content(tx, questionnaire.id)
        files = await actions.files_to_show(tx, questionnaire, content)
    file = next((file for file in files if file.id == file_id), None)
    if file is None:
        raise NotFound("There is no such file in this questionnaire")
    return visit.see_other(visit.link_to(file))


async def show_link(visit: Visit, form: Form) -> Answer:
    """What a link is, before one is made."""
    return await _link_page(visit, form, "")


async def make_link(visit: Visit, form: Form) -> Answer:
    """A new link, which is shown this once: only its hash is kept."""
    async with visit.begin() as tx:
        link = await actions.make_link(
            tx, visit.id("vendor_id"), visit.id("questionnaire_id"), visit.settings.public_url
        )
    return await _link_page(visit, form, link)


async def _link_page(visit: Visit, form: Form, link: str) -> Answer:
    async with visit.read() as tx:
        questionnaire = await _wanted(visit, tx)
        vendor = await get_vendor(tx, questionnaire.vendor_id)
    path = _path(questionnaire)
    values = {"form": form, "questionnaire": questionnaire, "vendor": vendor, "path": path, "link": link}
    return visit.page("questionnaire_link", values)


async def remind(visit: Visit, form: Form) -> Answer:
    """Writes to the recipient once more."""
    async with visit.begin() as tx:
        questionnaire = await _wanted(visit, tx)
        await actions.remind_now(tx, questionnaire.vendor_id, questionnaire.id, visit.settings.public_url)
    return visit.see_other(_path(questionnaire), "A reminder is on the way by mail")


async def revoke(visit: Visit, form: Form) -> Answer:
    """Ends its links."""
    async with visit.begin() as tx:
        questionnaire = await actions.revoke(tx, visit.id("vendor_id"), visit.id("questionnaire_id"))
    return visit.see_other(_path(questionnaire), "The links to this questionnaire open nothing any more")


async def archive(visit: Visit, form: Form) -> Answer:
    """Takes it out of its review, and ends its links."""
    async with visit.begin() as tx:
        questionnaire = await _wanted(visit, tx)
        await actions.archive(tx, questionnaire.vendor_id, questionnaire.id)
    return visit.see_other(_path(questionnaire), "The questionnaire was archived")


ONE = "/vendors/{vendor_id}/questionnaires/{questionnaire_id}"

PAGES: list[Page | FormPage | Button] = [
    Page(path=ONE, show=show, right=VENDORS),
    Page(path=f"{ONE}/files/{{file_id}}", show=download, right=VENDORS),
    FormPage(path=f"{ONE}/link", show=show_link, submit=make_link, right=EDIT_VENDORS),
    Button(path=f"{ONE}/remind", press=remind, right=EDIT_VENDORS),
    Button(path=f"{ONE}/revoke", press=revoke, right=EDIT_VENDORS),
    Button(path=f"{ONE}/archive", press=archive, right=EDIT_VENDORS),
]
