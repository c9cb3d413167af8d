"""What each event does to a request in each status: the whole of it stands in this table (trust-center 1.2 to 1.4)."""

from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from trustwright.access_requests.model import Status, StatusSource
from trustwright.trust.model import FlowType


class Event(StrEnum):
    """APPROVE_ANEW: approved with a new end. DELIVERED: the documents went to somebody who signed for them; who owed
    no signature rests at the approval. FAILED: a step after the decision."""

    APPROVE = "APPROVE"
    APPROVE_ANEW = "APPROVE_ANEW"
    DENY = "DENY"
    SIGNATURE_SENT = "SIGNATURE_SENT"
    SIGNED = "SIGNED"
    DECLINED = "DECLINED"
    SIGNING_EXPIRED = "SIGNING_EXPIRED"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    REVOKE = "REVOKE"
    ACCESS_ENDED = "ACCESS_ENDED"
    RESEND = "RESEND"


class Work(StrEnum):
    """What is done besides. Each may bring about an event of its own: a signature that was asked for is SENT."""

    NOTHING = "nothing"
    BEGIN = "take the decision, then ask for the signature that is owed, or deliver"
    RESTART = "do the failed step again"
    ASK = "make a new envelope"
    DELIVER = "deliver the documents"
    EXTEND = "move the end of what is open"
    DATE = "move the end that was decided"
    LINK = "mail a fresh link"
    REMIND = "mail the signing link again"
    TAKE_BACK = "void the envelope, end the access"


class Move(Struct, frozen=True):
    to: Status
    work: Work = Work.NOTHING


class Stay(Struct, frozen=True):
    work: Work = Work.NOTHING


class Refused(Struct, frozen=True):
    """Nothing is done; the sentence says what to do instead."""

    sentence: str


Outcome = Move | Stay | Refused

NOTHING = Stay()
# A second answer of a provider, and one that comes when all is decided otherwise, moves nothing.
LATE = MappingProxyType[Event, Outcome](
    dict.fromkeys(
        (
            Event.SIGNATURE_SENT,
            Event.SIGNED,
            Event.DECLINED,
            Event.SIGNING_EXPIRED,
            Event.DELIVERED,
            Event.FAILED,
            Event.ACCESS_ENDED,
        ),
        NOTHING,
    )
)
BEGUN = Move(Status.APPROVED, Work.BEGIN)
RESTARTED = Move(Status.APPROVED, Work.RESTART)
DENIED = Move(Status.DENIED, Work.TAKE_BACK)
REVOKED = Move(Status.REVOKED, Work.TAKE_BACK)
DENY_INSTEAD = Refused("This request has opened nothing yet: deny it instead of revoking it")
REVOKE_INSTEAD = Refused("This request was approved: revoke it instead of denying it")
APPROVE_FIRST = Refused("There is nothing to send again: approve the request first")
ANEW_ONLY = Refused("Its access has ended: approve it with isNewExpiration true to open it anew")
OVER = Refused("Its access has ended already; there is nothing to deny")

# While access is live, and while somebody else's signature page is being asked for it.
GRANTED: dict[Event, Outcome] = {
    **LATE,
    Event.APPROVE: NOTHING,
    Event.APPROVE_ANEW: Stay(Work.EXTEND),
    Event.DENY: REVOKE_INSTEAD,
    Event.FAILED: Move(Status.PROCESS_ERROR),
    Event.REVOKE: REVOKED,
    Event.ACCESS_ENDED: Move(Status.ACCESS_EXPIRED),
    Event.RESEND: Stay(Work.LINK),
}
DECIDED: dict[Event, Outcome] = {
    **GRANTED,
    Event.SIGNATURE_SENT: Move(Status.NDA_SENT),
    Event.SIGNED: Move(Status.NDA_SIGNED, Work.DELIVER),
    Event.DECLINED: Move(Status.DENIED),
    Event.SIGNING_EXPIRED: Move(Status.NDA_EXPIRED),
    Event.DELIVERED: Move(Status.FILES_SENT),
}

TABLE: MappingProxyType[Status, dict[Event, Outcome]] = MappingProxyType(
    {
        Status.PENDING: {
            **LATE,
            Event.APPROVE: BEGUN,
            Event.APPROVE_ANEW: BEGUN,
            Event.DENY: DENIED,
            Event.REVOKE: DENY_INSTEAD,
            Event.RESEND: APPROVE_FIRST,
        },
        Status.APPROVED: DECIDED,
        Status.AUTO_APPROVED: DECIDED,
        Status.FILES_SENT: GRANTED,
        Status.NDA_SENT: {
            **LATE,
            Event.APPROVE: NOTHING,
            Event.APPROVE_ANEW: Stay(Work.DATE),
            Event.DENY: DENIED,
            Event.SIGNED: Move(Status.NDA_SIGNED, Work.DELIVER),
            Event.DECLINED: Move(Status.DENIED),
            Event.SIGNING_EXPIRED: Move(Status.NDA_EXPIRED),
            Event.FAILED: Move(Status.PROCESS_ERROR),
            Event.REVOKE: REVOKED,
            Event.RESEND: Stay(Work.REMIND),
        },
        Status.NDA_SIGNED: {
            **LATE,
            Event.APPROVE: Stay(Work.DELIVER),
            Event.APPROVE_ANEW: Stay(Work.DELIVER),
            Event.DENY: DENIED,
            Event.DELIVERED: Move(Status.FILES_SENT),
            Event.FAILED: Move(Status.PROCESS_ERROR),
            Event.REVOKE: DENY_INSTEAD,
            Event.ACCESS_ENDED: Move(Status.ACCESS_EXPIRED),
            Event.RESEND: Refused("The agreement is signed: approve the request, and the documents are delivered"),
        },
        Status.NDA_EXPIRED: {
            **LATE,
            Event.APPROVE: Stay(Work.ASK),
            Event.APPROVE_ANEW: Stay(Work.ASK),
            Event.DENY: DENIED,
            Event.SIGNATURE_SENT: Move(Status.NDA_SENT),
            Event.SIGNED: Move(Status.NDA_SIGNED, Work.DELIVER),
            Event.DECLINED: Move(Status.DENIED),
            Event.FAILED: Move(Status.PROCESS_ERROR),
            Event.REVOKE: DENY_INSTEAD,
            Event.RESEND: Stay(Work.ASK),
        },
        Status.PROCESS_ERROR: {
            **LATE,
            Event.APPROVE: RESTARTED,
            Event.APPROVE_ANEW: RESTARTED,
            Event.DENY: DENIED,
            Event.REVOKE: Refused(
                "The last step of this request failed: deny it instead, which takes back what it opened"
            ),
            Event.ACCESS_ENDED: Move(Status.ACCESS_EXPIRED),
            Event.RESEND: RESTARTED,
        },
        Status.DENIED: {
            **LATE,
            Event.APPROVE: BEGUN,
            Event.APPROVE_ANEW: BEGUN,
            Event.DENY: NOTHING,
            Event.REVOKE: Refused("This request was denied, so there is no access to revoke"),
            Event.RESEND: APPROVE_FIRST,
        },
        Status.REVOKED: {
            **LATE,
            Event.APPROVE: ANEW_ONLY,
            Event.APPROVE_ANEW: BEGUN,
            Event.DENY: OVER,
            Event.REVOKE: NOTHING,
            Event.RESEND: ANEW_ONLY,
        },
        Status.ACCESS_EXPIRED: {
            **LATE,
            Event.APPROVE: ANEW_ONLY,
            Event.APPROVE_ANEW: BEGUN,
            Event.DENY: OVER,
            Event.REVOKE: Refused("Its access has expired already; there is nothing to revoke"),
            Event.RESEND: ANEW_ONLY,
        },
    }
)

# By whom a status came about, where it is not the flow that says so.
SIGNING = (Status.NDA_SENT, Status.NDA_SIGNED, Status.NDA_EXPIRED)
SOURCES = {FlowType.DIGITAL_SIGNATURE: StatusSource.DOCUSIGN, FlowType.SALESFORCE_CRM: StatusSource.SALESFORCE}


def outcome(status: Status, event: Event) -> Outcome:
    """What an event does in a status."""
    return TABLE[status][event]


def source_of(status: Status, flow: FlowType) -> StatusSource:
    """What the history of a request names as the source of a status (Q55, trust-center 1.2)."""
    return StatusSource.DOCUSIGN if status in SIGNING else SOURCES.get(flow, StatusSource.SELF)
