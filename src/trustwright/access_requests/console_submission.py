"""A request that the team makes in somebody's name, in the console."""

from trustwright.access_requests import actions
from trustwright.access_requests.console_request import FLOWS
from trustwright.access_requests.model import NewRequest, Status
from trustwright.accounts.model import Entitlement
from trustwright.agreements.actions import current_nda
from trustwright.console.forms import Form
from trustwright.console.navigation import DECIDE_REQUESTS
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.errors import Invalid
from trustwright.trust import actions as trust
from trustwright.trust.model import DocumentType, FlowType, Visibility

LONGEST = 255
NAMES = {"name": "a first name", "lastname": "a last name", "company": "a company"}


async def show_new(visit: Visit, form: Form) -> Answer:
    """Who asks, for which of the private documents."""
    async with visit.read() as tx:
        documents = await trust.documents_of_workspace(tx, visit.workspace_id)
        values = {
            "form": form,
            "documents": [
                document
                for document in documents
                if document.visibility is not Visibility.PUBLIC and document.is_offered(tx.now)
            ],
            "center": await trust.get_trust_center(tx, visit.workspace_id),
            "nda": await current_nda(tx, visit.workspace_id),
            "flows": list(FLOWS.items()),
        }
    return visit.page("request_new", values)


async def submit_new(visit: Visit, form: Form) -> Answer:
    """Takes the request in, as if the person had sent it."""
    new = _new(form)
    async with visit.begin() as tx:
        request = await actions.submit(tx, visit.workspace_id, new, visit.settings, is_public=False)
    told = "waits for a decision" if request.status is Status.PENDING else "was approved by a rule"
    return visit.see_other(f"/trust-center/requests/{request.request_id}", f"The request was made, and {told}.")


def _new(form: Form) -> NewRequest:
    """Raises Invalid."""
    if not form.text("email"):
        raise Invalid("email: say whose request it is")
    for name, what in NAMES.items():
        text = form.text(name)
        if name == "name" and not text:
            raise Invalid(f"{name}: give {what}")
        if len(text) > LONGEST or "\0" in text:
            raise Invalid(f"{name}: must not be longer than {LONGEST} characters")
    return NewRequest(
        email=form.text("email"),
        first_name=form.text("name"),
        last_name=form.text("lastname"),
        company=form.text("company"),
        accepts_terms=form.flag("acceptTerms"),
        flow_type=form.choice("flowType", FlowType) or FlowType.NO_NDA_REQUIRED,
        documents=[_document(text) for text in form.texts("documents")],
    )


def _document(text: str) -> tuple[DocumentType, int]:
    """`POLICY:7`. Raises Invalid."""
    type_, _, number = text.partition(":")
    if type_ not in list(DocumentType) or not number.isascii() or not number.isdigit() or len(number) > 9:
        raise Invalid("documents: choose among the documents that are shown")
    return DocumentType(type_), int(number)


PAGES: list[Page | FormPage | Button] = [
    FormPage(
        path="/trust-center/requests/new",
        show=show_new,
        submit=submit_new,
        right=DECIDE_REQUESTS,
        entitlement=Entitlement.TRUST_CENTER,
    )
]
