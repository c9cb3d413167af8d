"""SQL of questionnaires, their templates, files and links."""

from datetime import datetime

import msgspec
from msgspec import Struct
from psycopg.types.json import Jsonb

from trustwright.db import Database, Slice, Tx
from trustwright.questionnaires.model import Content, Linked, Questionnaire, QuestionnaireStatus, Template, TemplateHead
from trustwright.questionnaires.questions import Answers, Question, Totals

TEMPLATE_HEAD = "id, title, description, total_questions, created_at, updated_at"
TEMPLATE = f"{TEMPLATE_HEAD}, questions"
QUESTIONNAIRE = """id, vendor_id, review_id, template_id, title, description, recipient_email, is_manual_upload, status,
    revision, completed_by, response_id, total_questions, total_answered, date_sent, completed_at, reminded_at,
    reminders, expires_at, revoked_at, archived_at, created_at, updated_at"""

TEMPLATES = f"""
    select {TEMPLATE_HEAD} from questionnaire_templates where account_id = %(account_id)s and deleted_at is null
"""
OF_VENDOR = (
    f"select {QUESTIONNAIRE} from questionnaires where account_id = %(account_id)s and vendor_id = %(vendor_id)s"
)
OF_REVIEW = f"""
    select {QUESTIONNAIRE} from questionnaires
    where account_id = %(account_id)s and review_id = %(review_id)s and archived_at is null
"""


class NewQuestionnaire(Struct, frozen=True, kw_only=True):
    """The columns that differ between one that is sent and one that is uploaded."""

    vendor_id: int
    review_id: int | None
    title: str
    recipient_email: str
    is_manual_upload: bool
    template_id: int | None = None
    description: str | None = None
    questions: list[Question] | None = None
    completed_by: str | None = None
    response_id: int | None = None
    total_questions: int | None = None
    total_answered: int | None = None
    completed_at: datetime | None = None
    expires_at: datetime | None = None


class FileId(Struct, frozen=True):
    file_id: int


async def questionnaire_of_token(database: Database, token_sha256: bytes) -> Linked | None:
    """What a link opens, in whatever account."""
    return await database.lookup(
        Linked,
        "select account_id, questionnaire_id from questionnaire_of_token(%(token_sha256)s)",
        token_sha256=token_sha256,
    )


async def insert_template(
    tx: Tx, title: str, description: str | None, questions: list[Question], total: int
) -> Template:
    """Adds a template."""
    return await tx.only(
        Template,
        f"""
        insert into questionnaire_templates (account_id, title, description, questions, total_questions, created_at,
            updated_at)
        values (%(account_id)s, %(title)s, %(description)s, %(questions)s, %(total)s, %(now)s, %(now)s)
        returning {TEMPLATE}
        """,
        title=title,
        description=description,
        questions=Jsonb(questions),
        total=total,
        now=tx.now,
    )


async def page_templates(tx: Tx, part: Slice) -> list[TemplateHead]:
    """A page of templates."""
    return await tx.page(TemplateHead, TEMPLATES, part)


async def count_templates(tx: Tx) -> int:
    """How many templates there are."""
    return await tx.count(TEMPLATES)


async def get_template(tx: Tx, template_id: int, *, lock: bool = False) -> Template | None:
    """A template that was not deleted; with `lock` nobody else changes it until the transaction ends."""
    return await tx.one(
        Template,
        f"""
        select {TEMPLATE} from questionnaire_templates
        where account_id = %(account_id)s and id = %(template_id)s and deleted_at is null
        {"for update" if lock else ""}
        """,
        template_id=template_id,
    )


async def update_template(
    tx: Tx, template_id: int, title: str, description: str | None, questions: list[Question], total: int
) -> Template:
    """Replaces what a template says."""
    return await tx.only(
        Template,
        f"""
        update questionnaire_templates
        set title = %(title)s, description = %(description)s, questions = %(questions)s, total_questions = %(total)s,
            updated_at = %(now)s
        where account_id = %(account_id)s and id = %(template_id)s
        returning {TEMPLATE}
        """,
        template_id=template_id,
        title=title,
        description=description,
        questions=Jsonb(questions),
        total=total,
        now=tx.now,
    )


async def delete_template(tx: Tx, template_id: int) -> None:
    """Marks a template as deleted."""
    await tx.run(
        """
        update questionnaire_templates set deleted_at = %(now)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(template_id)s
        """,
        template_id=template_id,
        now=tx.now,
    )


async def insert_questionnaire(tx: Tx, new: NewQuestionnaire) -> Questionnaire:
    """Adds a questionnaire, sent now."""
    values = msgspec.structs.asdict(new)
    return await tx.only(
        Questionnaire,
        f"""
        insert into questionnaires (account_id, vendor_id, review_id, template_id, title, description, recipient_email,
            is_manual_upload, status, questions, completed_by, response_id, total_questions, total_answered, date_sent,
            completed_at, expires_at, created_at, updated_at)
        values (%(account_id)s, %(vendor_id)s, %(review_id)s, %(template_id)s, %(title)s, %(description)s,
            %(recipient_email)s, %(is_manual_upload)s, %(status)s, %(questions)s, %(completed_by)s, %(response_id)s,
            %(total_questions)s, %(total_answered)s, %(now)s, %(completed_at)s, %(expires_at)s, %(now)s, %(now)s)
        returning {QUESTIONNAIRE}
        """,
        **values | {"questions": None if new.questions is None else Jsonb(new.questions)},
        status=QuestionnaireStatus.SENT.value,
        now=tx.now,
    )


async def insert_link(tx: Tx, questionnaire_id: int, token_sha256: bytes) -> None:
    """Adds a link to a questionnaire."""
    await tx.run(
        """
        insert into questionnaire_links (account_id, token_sha256, questionnaire_id, created_at)
        values (%(account_id)s, %(token_sha256)s, %(questionnaire_id)s, %(now)s)
        """,
        token_sha256=token_sha256,
        questionnaire_id=questionnaire_id,
        now=tx.now,
    )


async def insert_files(
    tx: Tx, questionnaire_id: int, review_id: int | None, file_ids: list[int], digests: list[bytes]
) -> int:
    """Attaches files in their order; how many of them the review did not have yet."""
    return await tx.run(
        """
        insert into questionnaire_files (account_id, questionnaire_id, file_id, place, sha256, review_id)
        select %(account_id)s, %(questionnaire_id)s, file_id, place, sha256, %(review_id)s
        from unnest(%(file_ids)s::integer[], %(digests)s::bytea[]) with ordinality as given (file_id, sha256, place)
        on conflict (account_id, review_id, sha256) do nothing
        """,
        questionnaire_id=questionnaire_id,
        review_id=review_id,
        file_ids=file_ids,
        digests=digests,
    )


async def insert_attachment(tx: Tx, questionnaire_id: int, file_id: int, sha256: bytes) -> None:
    """Attaches a file that belongs to an answer."""
    await tx.run(
        """
        insert into questionnaire_files (account_id, questionnaire_id, file_id, place, sha256)
        values (%(account_id)s, %(questionnaire_id)s, %(file_id)s, %(file_id)s, %(sha256)s)
        """,
        questionnaire_id=questionnaire_id,
        file_id=file_id,
        sha256=sha256,
    )


async def free_files(tx: Tx, questionnaire_id: int) -> None:
    """Lets the review take files of this content again."""
    await tx.run(
        """
        update questionnaire_files set review_id = null
        where account_id = %(account_id)s and questionnaire_id = %(questionnaire_id)s
        """,
        questionnaire_id=questionnaire_id,
    )


async def files_of(tx: Tx, questionnaire_id: int) -> list[int]:
    """The ids of its files, in their order."""
    rows = await tx.all(
        FileId,
        """
        select file_id from questionnaire_files
        where account_id = %(account_id)s and questionnaire_id = %(questionnaire_id)s order by place
        """,
        questionnaire_id=questionnaire_id,
    )
    return [row.file_id for row in rows]


async def get_questionnaire(tx: Tx, questionnaire_id: int, *, lock: bool = False) -> Questionnaire | None:
    """A questionnaire; with `lock` nobody else changes it until the transaction ends."""
    return await tx.one(
        Questionnaire,
        f"""
        select {QUESTIONNAIRE} from questionnaires
        where account_id = %(account_id)s and id = %(questionnaire_id)s
        {"for update" if lock else ""}
        """,
        questionnaire_id=questionnaire_id,
    )


async def get_content(tx: Tx, questionnaire_id: int) -> Content:
    """What it asks and what it was answered."""
    return await tx.only(
        Content,
        "select questions, answers from questionnaires where account_id = %(account_id)s and id = %(questionnaire_id)s",
        questionnaire_id=questionnaire_id,
    )


async def page_of_vendor(tx: Tx, part: Slice, vendor_id: int) -> list[Questionnaire]:
    """A page of a vendor's questionnaires."""
    return await tx.page(Questionnaire, OF_VENDOR, part, vendor_id=vendor_id)


async def count_of_vendor(tx: Tx, vendor_id: int) -> int:
    """How many they are."""
    return await tx.count(OF_VENDOR, vendor_id=vendor_id)


async def page_of_review(tx: Tx, part: Slice, review_id: int) -> list[Questionnaire]:
    """A page of a review's questionnaires, without archived ones."""
    return await tx.page(Questionnaire, OF_REVIEW, part, review_id=review_id)


async def count_of_review(tx: Tx, review_id: int) -> int:
    """How many they are."""
    return await tx.count(OF_REVIEW, review_id=review_id)


async def last_answered(tx: Tx, vendor_ids: list[int]) -> list[Questionnaire]:
    """For each of the vendors the one that was completed last."""
    return await tx.all(
        Questionnaire,
        f"""
        select {QUESTIONNAIRE}
        from unnest(%(vendor_ids)s::integer[]) as wanted (wanted_id)
        cross join lateral (
            select * from questionnaires
            where account_id = %(account_id)s and vendor_id = wanted_id and completed_at is not null
                and archived_at is null
            order by completed_at desc, id desc limit 1
        ) q
        """,
        vendor_ids=vendor_ids,
    )


async def save_answers(tx: Tx, questionnaire_id: int, answers: Answers, totals: Totals) -> Questionnaire:
    """Replaces the answers, which makes a new revision."""
    return await tx.only(
        Questionnaire,
        f"""
        update questionnaires
        set answers = %(answers)s, revision = revision + 1, total_questions = %(total_questions)s,
            total_answered = %(total_answered)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(questionnaire_id)s
        returning {QUESTIONNAIRE}
        """,
        questionnaire_id=questionnaire_id,
        answers=Jsonb(answers),
        total_questions=totals.questions,
        total_answered=totals.answered,
        now=tx.now,
    )


async def save_parsed(
    tx: Tx, questionnaire_id: int, questions: list[Question], answers: Answers, totals: Totals
) -> Questionnaire:
    """Keeps what was read in the files of an uploaded one."""
    return await tx.only(
        Questionnaire,
        f"""
        update questionnaires
        set questions = %(questions)s, answers = %(answers)s, total_questions = %(total_questions)s,
            total_answered = %(total_answered)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(questionnaire_id)s
        returning {QUESTIONNAIRE}
        """,
        questionnaire_id=questionnaire_id,
        questions=Jsonb(questions),
        answers=Jsonb(answers),
        total_questions=totals.questions,
        total_answered=totals.answered,
        now=tx.now,
    )


async def complete(tx: Tx, questionnaire_id: int, completed_by: str) -> Questionnaire:
    """Locks the answers of a sent one; it is its own response from now on."""
    return await tx.only(
        Questionnaire,
        f"""
        update questionnaires
        set completed_by = %(completed_by)s, completed_at = %(now)s, response_id = id, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(questionnaire_id)s
        returning {QUESTIONNAIRE}
        """,
        questionnaire_id=questionnaire_id,
        completed_by=completed_by,
        now=tx.now,
    )


async def revoke(tx: Tx, questionnaire_id: int, *, archive: bool) -> Questionnaire:
    """Ends the links, and with `archive` takes it out of the review too."""
    return await tx.only(
        Questionnaire,
        f"""
        update questionnaires
        set revoked_at = coalesce(revoked_at, %(now)s), updated_at = %(now)s,
            archived_at = case when %(archive)s then %(now)s else archived_at end
        where account_id = %(account_id)s and id = %(questionnaire_id)s
        returning {QUESTIONNAIRE}
        """,
        questionnaire_id=questionnaire_id,
        archive=archive,
        now=tx.now,
    )


async def due_for_reminder(tx: Tx, before: datetime, most: int) -> list[Questionnaire]:
    """Those open and unanswered about which nobody was written to since `before`, nor `most` times already; locked."""
    return await tx.all(
        Questionnaire,
        f"""
        select {QUESTIONNAIRE} from questionnaires
        where account_id = %(account_id)s and completed_at is null and revoked_at is null and archived_at is null
            and expires_at > %(now)s and reminders < %(most)s and coalesce(reminded_at, date_sent) < %(before)s
        order by id
        for update skip locked
        """,
        before=before,
        most=most,
        now=tx.now,
    )


async def mark_reminded(tx: Tx, questionnaire_id: int) -> Questionnaire:
    """Counts a reminder that goes out now."""
    return await tx.only(
        Questionnaire,
        f"""
        update questionnaires set reminders = reminders + 1, reminded_at = %(now)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(questionnaire_id)s
        returning {QUESTIONNAIRE}
        """,
        questionnaire_id=questionnaire_id,
        now=tx.now,
    )
