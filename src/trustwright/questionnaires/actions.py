"""What an account does with questionnaires: keep templates, send, upload, remind, end. `answering` is the vendor's."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from trustwright.accounts.actions import active_user, first_admin
from trustwright.accounts.model import is_email
from trustwright.db import Slice, Tx
from trustwright.errors import Invalid, NotFound, WrongState
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.files.actions import add_file, files_by_id
from trustwright.files.model import KeptFile, StoredFile
from trustwright.links import hash_token, new_token
from trustwright.mail import actions as mail
from trustwright.questionnaires import store
from trustwright.questionnaires.model import (
    LIFETIME,
    Content,
    Questionnaire,
    State,
    Template,
    facts,
    has_link,
    link_of,
    reminded_before,
    state_of,
    target,
    template_facts,
)
from trustwright.questionnaires.questions import Question, attachments, template_faults, totals, with_ids
from trustwright.questionnaires.store import NewQuestionnaire
from trustwright.reviews.actions import get_review
from trustwright.vendors.actions import get_settings, get_vendor, vendors_by_id
from trustwright.vendors.model import Vendor

PARSE = "questionnaires.parse"


class Sending(Struct, frozen=True, kw_only=True):
    """A questionnaire to send: which, to whom, and what the mail says."""

    template_id: int
    email: str
    content: str
    subject: str | None
    review_id: int | None


async def create_template(tx: Tx, title: str, description: str | None, questions: list[Question]) -> Template:
    """Adds a template; questions without an id get one. Raises Invalid."""
    ready, total = _ready(questions)
    template = await store.insert_template(tx, title, description, ready, total)
    await _record_template(tx, template, "created", None, template)
    return template


async def get_template(tx: Tx, template_id: int, *, lock: bool = False) -> Template:
    """Raises NotFound."""
    template = await store.get_template(tx, template_id, lock=lock)
    if template is None:
        raise NotFound(f"No questionnaire template {template_id}")
    return template


async def update_template(
    tx: Tx,
    template_id: int,
    title: str | UnsetType,
    description: str | UnsetType | None,
    questions: list[Question] | UnsetType,
) -> Template:
    """Changes what is given and leaves the rest; what was sent keeps what it asked, and what changes nothing leaves no
    trace. Raises NotFound, Invalid."""
    before = await get_template(tx, template_id, lock=True)
    new_title = before.title if title is UNSET else title
    new_description = before.description if description is UNSET else description
    ready, total = _ready(before.questions if questions is UNSET else questions)
    if (new_title, new_description, ready) == (before.title, before.description, before.questions):
        return before
    after = await store.update_template(tx, template_id, new_title, new_description, ready, total)
    await _record_template(tx, after, "changed", before, after)
    return after


async def duplicate_template(tx: Tx, template_id: int) -> Template:
    """Adds a template that asks the same. Raises NotFound."""
    template = await get_template(tx, template_id)
    return await create_template(tx, f"Copy of {template.title}"[:191], template.description, template.questions)


async def delete_template(tx: Tx, template_id: int) -> None:
    """Raises NotFound."""
    template = await get_template(tx, template_id, lock=True)
    await store.delete_template(tx, template_id)
    await _record_template(tx, template, "deleted", template, None)


def _ready(questions: list[Question]) -> tuple[list[Question], int]:
    ready = with_ids(questions)
    if faults := template_faults(ready):
        raise Invalid("; ".join(faults))
    return ready, totals(ready, {}).questions


async def _record_template(
    tx: Tx, template: Template, verb: str, before: Template | None, after: Template | None
) -> None:
    await record(
        tx,
        EventType.VENDOR_SECURITY_QUESTIONNAIRE_UPDATED,
        f"Questionnaire template {template.title} {verb}",
        target={"kind": "questionnaire template", "id": template.id},
        before=template_facts(before) if before else None,
        after=template_facts(after) if after else None,
    )


async def send(tx: Tx, vendor_id: int, sending: Sending, public_url: str) -> Questionnaire:
    """Copies a template into a questionnaire and mails its link to the vendor. Raises NotFound for vendor, template or
    review, Invalid for an address or a subject that no mail can have."""
    vendor = await get_vendor(tx, vendor_id)
    template = await get_template(tx, sending.template_id)
    if sending.review_id is not None:
        await get_review(tx, vendor_id, sending.review_id)
    asked = totals(template.questions, {})
    questionnaire = await store.insert_questionnaire(
        tx,
        NewQuestionnaire(
            vendor_id=vendor_id,
            review_id=sending.review_id,
            template_id=template.id,
            title=template.title,
            description=template.description,
            recipient_email=sending.email,
            is_manual_upload=False,
            questions=template.questions,
            total_questions=asked.questions,
            total_answered=0,
            expires_at=tx.now + LIFETIME,
        ),
    )
    await _mail_link(tx, questionnaire, public_url, "questionnaire_sent", sending.content, sending.subject)
    await _record(
        tx,
        EventType.VENDOR_QUESTIONNAIRE_EMAIL_SENT,
        f"Questionnaire {template.title} sent to {sending.email} of {vendor.name}",
        questionnaire,
    )
    return questionnaire


async def _mail_link(
    tx: Tx, questionnaire: Questionnaire, public_url: str, template: str, content: str = "", subject: str | None = None
) -> None:
    """Writes to the recipient with a new link. Each link works on its own: a reminder must not end the one by which
    somebody may be writing an answer at this moment."""
    token = new_token()
    await store.insert_link(tx, questionnaire.id, hash_token(token))
    values = {
        "title": questionnaire.title,
        "content": content,
        "link": link_of(public_url, token),
        "questions": questionnaire.total_questions,
        "answered": questionnaire.total_answered,
        "sent_on": _day(questionnaire.date_sent),
        "expires_on": _day(questionnaire.expires_at or tx.now),
    }
    event = f"{template}:{questionnaire.id}:{questionnaire.reminders}"
    await mail.send(tx, event, questionnaire.recipient_email, template, values, subject)


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


async def upload(tx: Tx, vendor_id: int, review_id: int | None, kept: Sequence[KeptFile]) -> Questionnaire:
    """Stores finished files as one questionnaire, and has them read (Q34). Raises NotFound for vendor or review,
    Invalid for a file that is there already."""
    vendor = await get_vendor(tx, vendor_id)
    if review_id is not None:
        await get_review(tx, vendor_id, review_id)
    digests = [file.sha256 for file in kept]
    if len(set(digests)) < len(digests):
        raise Invalid("files: the same file is there more than once")
    files = [await add_file(tx, file) for file in kept]
    questionnaire = await store.insert_questionnaire(
        tx,
        NewQuestionnaire(
            vendor_id=vendor_id,
            review_id=review_id,
            title=files[0].name,
            recipient_email=await _contact(tx, vendor),
            is_manual_upload=True,
            completed_by=vendor.name,
            completed_at=tx.now,
            response_id=files[0].id,
        ),
    )
    if await store.insert_files(tx, questionnaire.id, review_id, [file.id for file in files], digests) < len(files):
        raise Invalid("files: this security review has the same file in a questionnaire already")
    await tx.defer(PARSE, questionnaire_id=questionnaire.id)
    await _record(
        tx,
        EventType.VENDOR_MANUAL_UPLOAD if review_id is None else EventType.VENDOR_SECURITY_QUESTIONNAIRE_CREATED,
        f"Questionnaire {questionnaire.title} of {vendor.name} uploaded",
        questionnaire,
    )
    return questionnaire


async def _contact(tx: Tx, vendor: Vendor) -> str:
    """Whose questionnaire an uploaded one is: the vendor's first contact, else who uploaded it (Q34)."""
    address = next((each.strip() for each in vendor.contact_addresses if is_email(each.strip())), None)
    if address:
        return address
    uploader = await active_user(tx, tx.who.user_id) if tx.who.user_id else None
    person = uploader or await first_admin(tx)
    if person is None:
        raise Invalid("The vendor has no contact with an e-mail address; give it one")
    return person.email


async def get_questionnaire(tx: Tx, vendor_id: int, questionnaire_id: int, *, lock: bool = False) -> Questionnaire:
    """Raises NotFound, for the vendor first."""
    await get_vendor(tx, vendor_id)
    questionnaire = await store.get_questionnaire(tx, questionnaire_id, lock=lock)
    if questionnaire is None or questionnaire.vendor_id != vendor_id:
        raise NotFound(f"No questionnaire {questionnaire_id} of vendor {vendor_id}")
    return questionnaire


async def newest_questionnaires(tx: Tx, vendor_id: int, most: int) -> list[Questionnaire]:
    """Those of a vendor, the newest first."""
    return await store.page_of_vendor(tx, Slice(column="created_at", descending=True, limit=most), vendor_id)


async def last_questionnaires(tx: Tx, vendor_ids: list[int]) -> dict[int, Questionnaire]:
    """By vendor the questionnaire that came back last, if any did."""
    found = await store.last_answered(tx, vendor_ids) if vendor_ids else []
    return {questionnaire.vendor_id: questionnaire for questionnaire in found}


async def stored_files(tx: Tx, questionnaire_id: int) -> list[StoredFile]:
    """The files that came with a questionnaire, in the order in which they came."""
    ids = await store.files_of(tx, questionnaire_id)
    found = await files_by_id(tx, set(ids))
    return [found[file_id] for file_id in ids]


async def files_to_show(tx: Tx, questionnaire: Questionnaire, content: Content) -> list[StoredFile]:
    """The files of an uploaded one, or those that the submitted answers of a sent one hold."""
    files = await stored_files(tx, questionnaire.id)
    if questionnaire.is_manual_upload:
        return files
    held = attachments(content.questions or [], content.answers) if questionnaire.completed_at else set[int]()
    return [file for file in files if file.id in held]


async def keep_parsed(tx: Tx, questionnaire_id: int, content: Content) -> None:
    """Keeps what was read in the files of an uploaded one."""
    questions = content.questions or []
    read = totals(questions, content.answers)
    questionnaire = await store.save_parsed(tx, questionnaire_id, questions, content.answers, read)
    await _record(
        tx,
        EventType.VENDOR_SECURITY_QUESTIONNAIRE_UPDATED,
        f"{read.questions} questions read in {questionnaire.title}",
        questionnaire,
        before={"totalQuestions": None, "totalQuestionsAnswered": None},
    )


async def revoke(tx: Tx, vendor_id: int, questionnaire_id: int) -> Questionnaire:
    """Ends the links of a sent one at once; again changes nothing. Raises NotFound, WrongState for an uploaded one."""
    before = await get_questionnaire(tx, vendor_id, questionnaire_id, lock=True)
    if before.is_manual_upload:
        raise WrongState("An uploaded questionnaire has no link to revoke")
    if before.revoked_at is not None:
        return before
    after = await store.revoke(tx, questionnaire_id, archive=False)
    await _record(
        tx,
        EventType.QUESTIONNAIRE_SENT_DELETED,
        f"The links to questionnaire {after.title} were revoked",
        after,
        before={"revokedAt": None},
    )
    return after


async def make_link(tx: Tx, vendor_id: int, questionnaire_id: int, public_url: str) -> str:
    """A new link to a questionnaire, to be passed on by other ways than mail; those before it stay. Raises NotFound,
    and WrongState where links open nothing."""
    questionnaire = await get_questionnaire(tx, vendor_id, questionnaire_id)
    if not has_link(questionnaire, tx.now):
        raise WrongState("No link opens this questionnaire any more: send it again")
    token = new_token()
    await store.insert_link(tx, questionnaire.id, hash_token(token))
    await _record(
        tx,
        EventType.VENDOR_SECURITY_QUESTIONNAIRE_UPDATED,
        f"A link to questionnaire {questionnaire.title} was made",
        questionnaire,
    )
    return link_of(public_url, token)


async def archive(tx: Tx, vendor_id: int, questionnaire_id: int) -> None:
    """Takes a questionnaire out of its review and ends its links; the vendor keeps it. Raises NotFound."""
    before = await get_questionnaire(tx, vendor_id, questionnaire_id, lock=True)
    if before.archived_at is not None:
        raise NotFound(f"Questionnaire {questionnaire_id} is archived already")
    after = await store.revoke(tx, questionnaire_id, archive=True)
    await store.free_files(tx, questionnaire_id)
    await _record(
        tx,
        EventType.VENDOR_SECURITY_QUESTIONNAIRE_DELETED,
        f"Questionnaire {after.title} archived",
        after,
        before={"archivedAt": None},
    )


async def remind(tx: Tx, public_url: str) -> int:
    """Writes again to those who were asked and have not submitted, as often as the account's settings say; how many
    they are. Running it twice a day changes nothing."""
    settings = await get_settings(tx)
    if settings.questionnaire_reminder_days < 1:
        return 0
    before = reminded_before(tx.now, settings.questionnaire_reminder_days)
    waiting = await store.due_for_reminder(tx, before, settings.questionnaire_reminders_most)
    vendors = await vendors_by_id(tx, {questionnaire.vendor_id for questionnaire in waiting})
    due = [questionnaire for questionnaire in waiting if vendors[questionnaire.vendor_id].deleted_at is None]
    for questionnaire in due:
        await _remind(tx, questionnaire, public_url)
    return len(due)


async def remind_now(tx: Tx, vendor_id: int, questionnaire_id: int, public_url: str) -> None:
    """Writes again to who was asked, whatever the settings say. Raises NotFound, and WrongState for one that waits for
    no answers."""
    questionnaire = await get_questionnaire(tx, vendor_id, questionnaire_id, lock=True)
    if state_of(questionnaire, tx.now) not in (State.SENT, State.IN_PROGRESS):
        raise WrongState("This questionnaire waits for no answers: there is nothing to remind of")
    await _remind(tx, questionnaire, public_url)


async def _remind(tx: Tx, questionnaire: Questionnaire, public_url: str) -> None:
    after = await store.mark_reminded(tx, questionnaire.id)
    await _mail_link(tx, after, public_url, "questionnaire_reminder")
    await _record(
        tx,
        EventType.VENDOR_QUESTIONNAIRE_REMINDER_SENT,
        f"Reminder {after.reminders} of questionnaire {after.title} sent to {after.recipient_email}",
        after,
        before={"remindedAt": questionnaire.reminded_at},
    )


async def _record(
    tx: Tx, type_: EventType, description: str, after: Questionnaire, before: dict[str, object] | None = None
) -> None:
    await record(tx, type_, description, target=target(after), before=before, after=facts(after))
