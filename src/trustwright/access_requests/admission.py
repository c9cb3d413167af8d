"""Who may ask, who needs no reviewer, who owes a signature, and until when access lasts."""

from datetime import datetime, timedelta

from trustwright.access_requests.model import CrmAccount
from trustwright.errors import Invalid
from trustwright.trust.model import FlowType

LONGEST = 1825

# The more a flow asks of people, the higher: a merged request keeps what binds more.
BINDING = (FlowType.NO_NDA_REQUIRED, FlowType.SALESFORCE_CRM, FlowType.SELF, FlowType.DIGITAL_SIGNATURE)


def admit(flow: FlowType, *, accepts_terms: bool, has_nda: bool) -> None:
    """Raises Invalid where a flow cannot begin: SELF without the box ticked, and what needs an agreement without one
    (trust-center 1.3)."""
    if flow in (FlowType.SELF, FlowType.DIGITAL_SIGNATURE) and not has_nda:
        raise Invalid(f"flowType: {flow} is not configured, for there is no NDA to agree to: upload an NDA")
    if flow is FlowType.SELF and not accepts_terms:
        raise Invalid("acceptTerms: must be true, for the flow SELF asks to agree to the NDA")


def clicks(flow: FlowType, *, accepts_terms: bool) -> bool:
    """Whether a ticked box agrees to the NDA."""
    return accepts_terms and flow in (FlowType.SELF, FlowType.SALESFORCE_CRM)


def owes_signature(flow: FlowType, *, accepts_terms: bool, has_nda: bool, crm: CrmAccount | None) -> bool:
    """Whether the agreement is to be signed after the approval. Under SALESFORCE_CRM a person agreed by the box, or has
    an NDA on file, or signs as under DIGITAL_SIGNATURE."""
    if flow is FlowType.SALESFORCE_CRM:
        return has_nda and not accepts_terms and not (crm is not None and crm.nda_on_file)
    return flow is FlowType.DIGITAL_SIGNATURE


def auto_approval(flow: FlowType, *, is_preapproved: bool, needs_review: bool, crm: CrmAccount | None) -> str | None:
    """The autoApproveType of a request that needs no reviewer (Q55); None where somebody must look at it."""
    if needs_review:
        return None
    if flow is FlowType.SALESFORCE_CRM and crm is not None and crm.relationship_ok and crm.nda_on_file:
        return "SALESFORCE"
    return flow.value if is_preapproved else None


def more_binding(one: FlowType, other: FlowType) -> FlowType:
    """Which of two flows asks more of people."""
    return max(one, other, key=BINDING.index)


def end_of_access(now: datetime, expiration: float | None, default_days: int | None) -> datetime | None:
    """When access ends that is given now; None for access without end. `expiration` is a number of days whatever unit
    it is shown in (decisions 26); without one the workspace's default holds. Raises Invalid."""
    if expiration is None:
        return None if default_days is None else now + timedelta(days=default_days)
    if not 1 <= expiration <= LONGEST or expiration != int(expiration):
        raise Invalid(f"expiration: must be a whole number of days from 1 to {LONGEST}")
    return now + timedelta(days=int(expiration))
