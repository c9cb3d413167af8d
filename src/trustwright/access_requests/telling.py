"""The mails of requests: to those who ask, and to the team that decides (trust-center 1.6)."""

from collections.abc import Sequence
from datetime import datetime

from trustwright.access.model import Grant
from trustwright.access_requests import store
from trustwright.access_requests.model import AccessRequest, Step
from trustwright.accounts.actions import first_admin
from trustwright.accounts.roles import Role
from trustwright.db import Tx
from trustwright.links import address
from trustwright.mail import actions as mail
from trustwright.settings import Settings
from trustwright.trust.addresses import parts
from trustwright.trust.model import TrustCenter

STEPS = {Step.SIGNATURE: "asking for the signature", Step.DELIVERY: "mailing the documents"}


async def team(tx: Tx, center: TrustCenter) -> list[str]:
    """Who decides: the addresses of the settings, else the managers of the trust center, else the first admin."""
    if named := parts(center.security_emails):
        return named
    if managers := await store.managers(tx, Role.TRUST_CENTER_MANAGER):
        return managers
    admin = await first_admin(tx)
    return [admin.email] if admin else []


async def tell_team(
    tx: Tx, center: TrustCenter, request: AccessRequest, settings: Settings, *, has_nda: bool, waited: int = 0
) -> None:
    """E1: a request waits for a decision; with `waited`, so many business days have passed."""
    documents = await store.documents_of(tx, request.id)
    values = {
        "account_name": center.name,
        "name": request.full_name,
        "email": request.email,
        "company": request.company,
        "documents": [document.name for document in documents],
        "is_renewal": request.is_renewal,
        "had_access_before": request.had_access_before,
        "has_nda": has_nda,
        "accepts_terms": request.accepts_terms,
        "flow": request.flow_type.value,
        "request_id": str(request.request_id),
        "waited": waited,
        "link": address(settings.public_url, f"/trust-center/requests/{request.request_id}"),
    }
    about = f"nag:{waited}" if waited else _moment(tx.now)
    for recipient in await team(tx, center):
        event = f"access_requested:{request.request_id}:{about}:{recipient}"
        await mail.send(tx, event, recipient, "access_requested", values)


async def tell_received(tx: Tx, center: TrustCenter, request: AccessRequest, documents: Sequence[str]) -> None:
    """E2: the request was taken in. The mail holds nothing that the sender wrote, for anybody can have it sent to
    anybody; and it is the same whatever was asked for before."""
    values = {"account_name": center.name, "documents": documents, "contact": contact(center)}
    event = f"access_receipt:{request.request_id}:{_moment(tx.now)}"
    await mail.send(tx, event, request.email, "access_receipt", values)


async def tell_given(
    tx: Tx,
    center: TrustCenter,
    request: AccessRequest,
    documents: Sequence[str],
    link: str,
    ends_at: datetime | None,
) -> str:
    """E4: the link to the documents. Returns the event of the mail, by which one that was given up is found."""
    values = {
        "account_name": center.name,
        "documents": documents,
        "link": link,
        "ends_on": day(ends_at),
        "contact": contact(center),
    }
    event = f"access_given:{request.request_id}:{_moment(tx.now)}"
    await mail.send(tx, event, request.email, "access_given", values)
    return event


async def tell_denied(tx: Tx, center: TrustCenter, request: AccessRequest) -> None:
    """E5, where the trust center sends one."""
    if center.tells_denied:
        values = {"account_name": center.name, "contact": contact(center)}
        await mail.send(
            tx, f"access_denied:{request.request_id}:{_moment(tx.now)}", request.email, "access_denied", values
        )


async def tell_revoked(tx: Tx, center: TrustCenter, request: AccessRequest, documents: Sequence[str]) -> None:
    """E6, to the person and to the team."""
    values = {
        "account_name": center.name,
        "documents": documents,
        "signed": request.accepts_terms or request.tracking_id is not None,
        "contact": contact(center),
        "email": request.email,
    }
    for recipient in dict.fromkeys((request.email, *await team(tx, center))):
        event = f"access_revoked:{request.request_id}:{_moment(tx.now)}:{recipient}"
        await mail.send(tx, event, recipient, "access_revoked", {**values, "is_theirs": recipient == request.email})


async def tell_extended(
    tx: Tx, center: TrustCenter, request: AccessRequest, documents: Sequence[str], ends_at: datetime | None
) -> None:
    """E7: a new end."""
    values = {
        "account_name": center.name,
        "documents": documents,
        "ends_on": day(ends_at),
        "contact": contact(center),
    }
    event = f"access_extended:{request.request_id}:{_moment(tx.now)}"
    await mail.send(tx, event, request.email, "access_extended", values)


async def tell_ending(tx: Tx, center: TrustCenter, grant: Grant, days: int, link: str) -> None:
    """E8, ahead: the link opens the page that offers more time."""
    values = {"account_name": center.name, "ends_on": day(grant.expires_at), "link": link, "contact": contact(center)}
    event = f"access_ending:{grant.id}:{_moment(grant.expires_at or tx.now)}:{days}"
    await mail.send(tx, event, grant.email, "access_ending", values)


async def tell_ended(tx: Tx, center: TrustCenter, email: str, about: str) -> None:
    """E8, at the end; `about` is the grant, or the request of which none came."""
    values = {"account_name": center.name, "contact": contact(center)}
    await mail.send(tx, f"access_ended:{about}", email, "access_ended", values)


async def tell_failed(
    tx: Tx, center: TrustCenter, request: AccessRequest, step: Step, reason: str, settings: Settings
) -> None:
    """E9, to the team."""
    values = {
        "account_name": center.name,
        "name": request.full_name,
        "email": request.email,
        "step": STEPS[step],
        "reason": reason,
        "request_id": str(request.request_id),
        "link": address(settings.public_url, f"/trust-center/requests/{request.request_id}"),
    }
    for recipient in await team(tx, center):
        event = f"access_failed:{request.request_id}:{_moment(tx.now)}:{recipient}"
        await mail.send(tx, event, recipient, "access_failed", values)


def contact(center: TrustCenter) -> str:
    """Where to ask: the page for it, else the first of the security addresses, else nothing."""
    return center.contact_url or next(iter(parts(center.security_emails)), "")


def day(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.day} {moment:%B %Y}"


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
