"""Questionnaires that go out to a vendor, and finished ones that somebody has from it already."""

import msgspec

from trustwright.console.forms import Form
from trustwright.console.navigation import EDIT_VENDORS
from trustwright.console.rendering import words
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Slice, Tx
from trustwright.errors import Invalid
from trustwright.files.model import QUESTIONNAIRE_EXTENSIONS, Upload
from trustwright.http import bodies
from trustwright.http.wire import Wire
from trustwright.questionnaires import actions, sent_lists
from trustwright.questionnaires.actions import Sending
from trustwright.questionnaires.model import LIFETIME
from trustwright.questionnaires.wire import SendBody
from trustwright.reviews.actions import latest_reviews
from trustwright.reviews.model import Review
from trustwright.vendors.actions import get_vendor

# Of each as many as a page shows to choose from.
TEMPLATES = 200
VENDORS_SHOWN = 25


class UploadForm(Wire, frozen=True):
    files: list[Upload]
    review: str = ""


async def choose_vendor(visit: Visit) -> Answer:
    """Whom a questionnaire goes to."""
    q = visit.text("q").strip()
    async with visit.read() as tx:
        vendors = await sent_lists.vendors_named(tx, q, VENDORS_SHOWN + 1)
    values = {"q": q, "vendors": vendors[:VENDORS_SHOWN], "has_more": len(vendors) > VENDORS_SHOWN}
    return visit.page("questionnaire_vendors", values)


async def show_sending(visit: Visit, form: Form) -> Answer:
    """Which templates go to whom, and what the mail says."""
    vendor_id = visit.id("vendor_id")
    part = Slice(column="title", descending=False, limit=TEMPLATES)
    async with visit.read() as tx:
        vendor = await get_vendor(tx, vendor_id)
        templates = await sent_lists.page_templates(tx, part, "")
        reviews = await _open_reviews(tx, vendor_id)
    values = {
        "form": form,
        "vendor": vendor,
        "templates": templates,
        "reviews": reviews,
        "contacts": [address.strip() for address in vendor.contact_addresses if address.strip()],
        "days": LIFETIME.days,
        "chosen": form.values("questionnaireId", visit.texts("template")),
        "review": visit.text("review"),
    }
    return visit.page("questionnaire_send", values)


async def send(visit: Visit, form: Form) -> Answer:
    """Sends one questionnaire for each template that was chosen."""
    vendor_id = visit.id("vendor_id")
    chosen = dict.fromkeys(form.texts("questionnaireId"))
    if not chosen:
        raise Invalid("questionnaireId: choose at least one template")
    wanted = [_sending(form, template_id) for template_id in chosen]
    async with visit.begin() as tx:
        sent = [await actions.send(tx, vendor_id, each, visit.settings.public_url) for each in wanted]
    mailed = "The questionnaire is" if len(sent) == 1 else f"{len(sent)} questionnaires are"
    return visit.see_other(f"/vendors/{vendor_id}/questionnaires/{sent[-1].id}", f"{mailed} on the way by mail")


def _sending(form: Form, template_id: str) -> Sending:
    """What the form says, held to the rules of the API. Raises Invalid."""
    if not template_id.isascii() or not template_id.isdigit() or len(template_id) > 9:
        raise Invalid("questionnaireId: choose templates of this list")
    said = {
        "email": form.text("email"),
        "questionnaireId": int(template_id),
        "emailContent": form.text("emailContent"),
        "emailSubject": form.optional("emailSubject"),
        "securityReviewId": form.number("securityReviewId"),
    }
    body = bodies.decode(msgspec.json.encode(said), SendBody)
    return Sending(
        template_id=body.questionnaire_id,
        email=body.email,
        content=body.email_content,
        subject=body.email_subject,
        review_id=body.security_review_id,
    )


async def show_upload(visit: Visit, form: Form) -> Answer:
    """The files of a questionnaire that is finished, and the review that they belong to."""
    vendor_id = visit.id("vendor_id")
    async with visit.read() as tx:
        vendor = await get_vendor(tx, vendor_id)
        reviews = await _open_reviews(tx, vendor_id)
    values = {
        "form": form,
        "vendor": vendor,
        "reviews": reviews,
        "review": visit.text("review"),
        "accept": ",".join(f".{extension}" for extension in QUESTIONNAIRE_EXTENSIONS),
    }
    return visit.page("questionnaire_upload", values)


async def upload(visit: Visit, form: Form) -> Answer:
    """Stores the files as one questionnaire; what can be read in them is read soon after."""
    vendor_id, review_id = visit.id("vendor_id"), form.number("review")
    async with visit.keeping(form.files.files, QUESTIONNAIRE_EXTENSIONS) as kept, visit.begin() as tx:
        questionnaire = await actions.upload(tx, vendor_id, review_id, kept)
    notice = "The questionnaire was uploaded. What can be read in it is shown here in a moment"
    return visit.see_other(f"/vendors/{vendor_id}/questionnaires/{questionnaire.id}", notice)


async def _open_reviews(tx: Tx, vendor_id: int) -> list[tuple[int, str]]:
    """Those that a questionnaire can belong to, as choices of a select."""
    reviews = (await latest_reviews(tx, [vendor_id])).get(vendor_id, [])
    return [(review.id, review.title or f"{words(review.type)}, {review.id}") for review in reviews if _is_open(review)]


def _is_open(review: Review) -> bool:
    return review.completed_at is None


OF_VENDOR = "/vendors/{vendor_id}/questionnaires"

PAGES: list[Page | FormPage | Button] = [
    Page(path="/questionnaires/send", show=choose_vendor, right=EDIT_VENDORS),
    FormPage(path=f"{OF_VENDOR}/send", show=show_sending, submit=send, right=EDIT_VENDORS),
    FormPage(path=f"{OF_VENDOR}/upload", show=show_upload, submit=upload, right=EDIT_VENDORS, files=UploadForm),
]
