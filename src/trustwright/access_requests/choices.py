"""What a reviewer reads of a request, and what can be done with it now, by the table of states."""

from msgspec import Struct

from trustwright.access_requests.model import AccessRequest, Status
from trustwright.access_requests.transitions import Event, Outcome, Refused, Stay, Work, outcome
from trustwright.trust.addresses import domain_of
from trustwright.trust.free_mail import is_free_mail
from trustwright.trust.model import FlowType

STATUSES = {
    Status.PENDING: ("Waiting for a decision", "yellow"),
    Status.APPROVED: ("Approved", "green"),
    Status.AUTO_APPROVED: ("Approved by a rule", "green"),
    Status.FILES_SENT: ("Signed, documents sent", "green"),
    Status.NDA_SENT: ("Agreement sent", "blue"),
    Status.NDA_SIGNED: ("Agreement signed", "blue"),
    Status.NDA_EXPIRED: ("Not signed in time", "orange"),
    Status.PROCESS_ERROR: ("A step failed", "red"),
    Status.DENIED: ("Denied", "red"),
    Status.REVOKED: ("Revoked", "red"),
    Status.ACCESS_EXPIRED: ("Access has ended", "secondary"),
}
CLICKED = (FlowType.SELF, FlowType.SALESFORCE_CRM)
AGREEMENTS = {
    Status.NDA_SENT: "Waits for the signature",
    Status.NDA_SIGNED: "Signed",
    Status.FILES_SENT: "Signed",
    Status.NDA_EXPIRED: "Not signed in time",
}
UNASKED = {
    FlowType.SELF: "Not agreed to yet",
    FlowType.DIGITAL_SIGNATURE: "To be signed",
    FlowType.NO_NDA_REQUIRED: "Not needed",
    FlowType.SALESFORCE_CRM: "To be signed, unless one is on file",
}
# What an approval is called, by what is left to do.
APPROVALS = {
    Work.BEGIN: "Approve",
    Work.RESTART: "Try the failed step again",
    Work.ASK: "Send the agreement again",
    Work.DELIVER: "Deliver the documents",
    Work.EXTEND: "Change the end of access",
    Work.DATE: "Change the end of access",
}
DATED = (Work.BEGIN, Work.EXTEND, Work.DATE)
RESENDS = {
    Work.LINK: "Send a new link",
    Work.REMIND: "Send the signing link again",
    Work.ASK: "Send the agreement again",
    Work.RESTART: "Try the failed step again",
}


class Approving(Struct, frozen=True):
    """What to approve means now: how it is called, whether a length of access is chosen, and whether the choice holds
    anew for what the person has already."""

    label: str
    has_length: bool
    is_anew: bool


class Choices(Struct, frozen=True, kw_only=True):
    """What can be done now. `resend` is how that is called, None where there is nothing to send."""

    approving: Approving | None
    can_deny: bool
    can_revoke: bool
    resend: str | None


def choices(request: AccessRequest) -> Choices:
    """What the table of states allows, without what would change nothing."""
    resend = _work(outcome(request.status, Event.RESEND))
    return Choices(
        approving=approving(request),
        can_deny=_work(outcome(request.status, Event.DENY)) is not None,
        can_revoke=_work(outcome(request.status, Event.REVOKE)) is not None,
        resend=RESENDS.get(resend) if resend else None,
    )


def approving(request: AccessRequest) -> Approving | None:
    """What an approval does now; None where there is nothing to approve."""
    work = _work(outcome(request.status, Event.APPROVE))
    if work is not None:
        return Approving(APPROVALS[work], work in DATED, is_anew=False)
    work = _work(outcome(request.status, Event.APPROVE_ANEW))
    if work is None:
        return None
    return Approving("Open access again" if work is Work.BEGIN else APPROVALS[work], work in DATED, is_anew=True)


def _work(found: Outcome) -> Work | None:
    """What is done; None for what is refused, and for what changes nothing."""
    if isinstance(found, Refused) or (isinstance(found, Stay) and found.work is Work.NOTHING):
        return None
    return found.work


def agreement(request: AccessRequest) -> str:
    """How it stands with the agreement, in a few words."""
    if request.status in AGREEMENTS:
        return AGREEMENTS[request.status]
    if request.accepts_terms and request.flow_type in CLICKED:
        return "Agreed to in the form"
    if request.tracking_id is not None:
        return "Was sent"
    return UNASKED[request.flow_type]


def hints(request: AccessRequest) -> list[tuple[str, str]]:
    """What a reviewer should know of a request, each with its tone."""
    found = []
    if is_free_mail(domain_of(request.email)):
        found.append(("Free-mail address", "orange"))
    if request.is_renewal:
        found.append(("Asks for more time", "blue"))
    elif request.had_access_before:
        found.append(("Had access before", "secondary"))
    if not request.is_public:
        found.append(("Made by your team", "secondary"))
    return found
