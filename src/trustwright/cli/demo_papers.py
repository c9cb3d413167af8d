"""The demo account's papers of vendors: reports to read beside their forms, and questionnaires answered twice."""

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from trustwright.cli.demo_trust import write_pdf
from trustwright.db import Database, Tx, Who
from trustwright.files.model import Upload
from trustwright.files.storage import connect
from trustwright.http.keeping import keeping
from trustwright.questionnaires import actions, answering
from trustwright.questionnaires.actions import Sending
from trustwright.questionnaires.questions import Answer, Question, QuestionType
from trustwright.reviews.actions import latest_reviews, upload_document
from trustwright.reviews.model import DocumentType, ReviewType
from trustwright.settings import Settings

Said: TypeAlias = str | list[str | int]

QUESTIONS = (
    Question(section="Access", text="Do all employees sign in with a second factor?", type=QuestionType.YES_NO_NA),
    Question(section="Access", text="How do you review access rights?", type=QuestionType.LONG_TEXT),
    Question(
        section="Data",
        text="Where do you keep our data?",
        type=QuestionType.MULTI,
        options=["European Union", "United States", "Elsewhere"],
        required=True,
    ),
    Question(section="Data", text="When was a restore last tested?", type=QuestionType.DATE),
)

# In the order of the questions: what the vendor said first, and what a year later.
ANSWERS: tuple[tuple[Said, ...], ...] = (
    ("no", "Once a year, by the heads of the teams.", ["European Union", "United States"], "2024-11-04"),
    ("yes", "Each quarter, by the owners of the systems.", ["European Union"], "2025-10-21"),
)


async def add_papers(database: Database, settings: Settings, who: Who, answering_id: int, waiting_id: int) -> None:
    """A report for each review of a SOC report of two vendors; a questionnaire that the one answered twice, and that
    waits for the other."""
    storage = connect(settings.storage_url, settings.data_dir)
    with TemporaryDirectory() as folder:
        for vendor_id in (answering_id, waiting_id):
            upload = _report(Path(folder) / f"soc2-{vendor_id}.pdf")
            storage = connect(settings.storage_url, settings.data_dir)
            async with (
                keeping(database, storage, settings, who, [upload], ["pdf"]) as (kept,),
                database.begin(who) as tx,
            ):
                for review in (await latest_reviews(tx, [vendor_id]))[vendor_id]:
                    if review.type is ReviewType.SOC_REPORT:
                        await upload_document(tx, vendor_id, kept, DocumentType.COMPLIANCE_REPORT, review.id)
    async with database.begin(who) as tx:
        template = await actions.create_template(tx, "Vendor basics", "What we ask every vendor.", list(QUESTIONS))
        for answers in ANSWERS:
            await _answered(tx, answering_id, template.id, answers, settings.public_url)
        await _sent(tx, waiting_id, template.id, settings.public_url)


def _report(path: Path) -> Upload:
    write_pdf(path, "SOC 2 Type 2 report", "In our opinion the controls operated effectively, but for two exceptions.")
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).digest()
    return Upload(name="soc2-type2.pdf", content_type="", size=len(content), sha256=sha256, path=path)


async def _sent(tx: Tx, vendor_id: int, template_id: int, public_url: str) -> int:
    sending = Sending(
        template_id=template_id,
        email="security@vendor.example",
        content="Please answer within two weeks.",
        subject=None,
        review_id=None,
    )
    return (await actions.send(tx, vendor_id, sending, public_url)).id


async def _answered(tx: Tx, vendor_id: int, template_id: int, values: tuple[Said, ...], public_url: str) -> None:
    questionnaire_id = await _sent(tx, vendor_id, template_id, public_url)
    page = await answering.open_page(tx, questionnaire_id)
    given = {
        question.id: Answer(value=value) for question, value in zip(page.content.questions or [], values, strict=True)
    }
    saved = await answering.save_answers(tx, questionnaire_id, page.questionnaire.revision, given)
    await answering.submit(tx, questionnaire_id, saved.page.questionnaire.revision, "Eva Lund")
