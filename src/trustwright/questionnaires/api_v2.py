"""Questionnaires of vendors and of their security reviews, version 2."""

from functools import partial

from trustwright.accounts.permissions import Permission
from trustwright.files.model import QUESTIONNAIRE_EXTENSIONS, Upload
from trustwright.http.lists import CursorPage, CursorQuery, by_cursor
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.wire import Id, Wire
from trustwright.questionnaires import actions, store, templates_v2
from trustwright.questionnaires.actions import Sending
from trustwright.questionnaires.wire import (
    AnswerFile,
    AnswersAnswer,
    SecurityQuestionnaireAnswer,
    SendBody,
    SentAnswer,
)
from trustwright.reviews.actions import get_review
from trustwright.vendors.actions import get_vendor


class VendorPath(Wire, frozen=True):
    vendor_id: Id


class QuestionnairePath(VendorPath, frozen=True):
    questionnaire_id: Id


class ReviewPath(VendorPath, frozen=True):
    security_review_id: Id


class UploadForm(Wire, frozen=True):
    files: list[Upload]


async def list_vendor_questionnaires(call: Call, path: VendorPath, filters: CursorQuery) -> CursorPage[SentAnswer]:
    """Lists the questionnaires that were sent to a vendor, and those of it that were uploaded."""
    async with call.read() as tx:
        await get_vendor(tx, path.vendor_id)
        return await by_cursor(
            filters,
            ["questionnaires", path.vendor_id],
            partial(store.page_of_vendor, tx, vendor_id=path.vendor_id),
            partial(store.count_of_vendor, tx, path.vendor_id),
            SentAnswer.of,
        )


async def send_questionnaire(call: Call, path: VendorPath, body: SendBody) -> SentAnswer:
    """Sends a questionnaire to a vendor, who answers it on a page behind a link."""
    sending = Sending(
        template_id=body.questionnaire_id,
        email=body.email,
        content=body.email_content,
        subject=body.email_subject or None,
        review_id=body.security_review_id,
    )
    async with call.begin() as tx:
        return SentAnswer.of(await actions.send(tx, path.vendor_id, sending, call.settings.public_url))


async def get_vendor_questionnaire(call: Call, path: QuestionnairePath) -> SentAnswer:
    """Gets one questionnaire of a vendor."""
    async with call.read() as tx:
        return SentAnswer.of(await actions.get_questionnaire(tx, path.vendor_id, path.questionnaire_id))


async def get_questionnaire_answers(call: Call, path: QuestionnairePath) -> AnswersAnswer:
    """Gets what a questionnaire asked and was answered, online or in uploaded files."""
    async with call.read() as tx:
        questionnaire = await actions.get_questionnaire(tx, path.vendor_id, path.questionnaire_id)
        content = await store.get_content(tx, questionnaire.id)
        files = await actions.files_to_show(tx, questionnaire, content)
    shown = [AnswerFile(id=file.id, name=file.name, size=file.size, download_url=call.link_to(file)) for file in files]
    return AnswersAnswer.of(questionnaire, content, shown)


async def revoke_questionnaire(call: Call, path: QuestionnairePath) -> SentAnswer:
    """Ends the links to a questionnaire."""
    async with call.begin() as tx:
        return SentAnswer.of(await actions.revoke(tx, path.vendor_id, path.questionnaire_id))


async def archive_questionnaire(call: Call, path: QuestionnairePath) -> None:
    """Archives a questionnaire: its links end and its review lists it no more; the vendor keeps it."""
    async with call.begin() as tx:
        await actions.archive(tx, path.vendor_id, path.questionnaire_id)


async def upload_vendor_questionnaire(call: Call, path: VendorPath, form: UploadForm) -> SecurityQuestionnaireAnswer:
    """Uploads a finished questionnaire of a vendor."""
    return await _upload(call, path.vendor_id, None, form)


async def upload_review_questionnaire(call: Call, path: ReviewPath, form: UploadForm) -> SecurityQuestionnaireAnswer:
    """Uploads a finished questionnaire to a security review."""
    return await _upload(call, path.vendor_id, path.security_review_id, form)


async def _upload(call: Call, vendor_id: int, review_id: int | None, form: UploadForm) -> SecurityQuestionnaireAnswer:
    async with call.keeping(form.files, QUESTIONNAIRE_EXTENSIONS) as kept, call.begin() as tx:
        return SecurityQuestionnaireAnswer.of(await actions.upload(tx, vendor_id, review_id, kept))


async def list_review_questionnaires(
    call: Call, path: ReviewPath, filters: CursorQuery
) -> CursorPage[SecurityQuestionnaireAnswer]:
    """Lists the questionnaires of a security review, without archived ones."""
    async with call.read() as tx:
        review = await get_review(tx, path.vendor_id, path.security_review_id)
        return await by_cursor(
            filters,
            ["security-questionnaires", review.id],
            partial(store.page_of_review, tx, review_id=review.id),
            partial(store.count_of_review, tx, review.id),
            SecurityQuestionnaireAnswer.of,
        )


OF_VENDOR = "/vendors/{vendorId}/questionnaires"
ONE = f"{OF_VENDOR}/{{questionnaireId}}"
UPLOADED = "/vendors/{vendorId}/security-questionnaires"
OF_REVIEW = "/vendors/{vendorId}/security-reviews/{securityReviewId}/security-questionnaires"

operation = partial(Operation, version=Version.V2, errors=(400, 404))

operations = [
    operation(
        method="GET",
        path=OF_VENDOR,
        handler=list_vendor_questionnaires,
        permissions=(Permission.VENDORS_GET_QUESTIONNAIRES,),
    ),
    operation(
        method="POST",
        path=OF_VENDOR,
        handler=send_questionnaire,
        permissions=(Permission.VENDORS_POST_QUESTIONNAIRES,),
        success=(201,),
    ),
    operation(
        method="GET",
        path=ONE,
        handler=get_vendor_questionnaire,
        permissions=(Permission.VENDORS_GET_QUESTIONNAIRES,),
    ),
    operation(
        method="DELETE",
        path=ONE,
        handler=archive_questionnaire,
        permissions=(Permission.VENDORS_POST_QUESTIONNAIRES,),
        success=(204,),
        extension=True,
    ),
    operation(
        method="GET",
        path=f"{ONE}/answers",
        handler=get_questionnaire_answers,
        permissions=(Permission.VENDORS_GET_QUESTIONNAIRES,),
        extension=True,
    ),
    operation(
        method="POST",
        path=f"{ONE}/revoke",
        handler=revoke_questionnaire,
        permissions=(Permission.VENDORS_POST_QUESTIONNAIRES,),
        errors=(400, 404, 422),
        extension=True,
    ),
    operation(
        method="POST",
        path=UPLOADED,
        handler=upload_vendor_questionnaire,
        permissions=(Permission.VENDORS_POST_UPLOAD_QUESTIONNAIRES,),
        success=(201,),
    ),
    operation(
        method="GET",
        path=OF_REVIEW,
        handler=list_review_questionnaires,
        permissions=(Permission.VENDORS_GET_QUESTIONNAIRES,),
    ),
    operation(
        method="POST",
        path=OF_REVIEW,
        handler=upload_review_questionnaire,
        permissions=(Permission.VENDORS_POST_UPLOAD_QUESTIONNAIRES,),
        success=(201,),
    ),
    *templates_v2.operations,
]
