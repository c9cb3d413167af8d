"""What is done with agreements."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from msgspec.structs import replace

from trustwright.accounts.actions import first_admin
from trustwright.accounts.model import is_email
from trustwright.agreements import papers_store, store
from trustwright.agreements.model import (
    REMINDER_DAYS,
    Acceptance,
    Envelope,
    EnvelopeState,
    Method,
    Nda,
    PaperOfPerson,
    Settled,
    Signer,
    Signing,
    addresses,
    minute,
    reminders_due,
)
from trustwright.agreements.providers import provider_of, require_mailed
from trustwright.db import Slice, Tx
from trustwright.errors import Invalid, NotFound, WrongState
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.files.actions import add_file
from trustwright.files.model import KeptFile
from trustwright.mail import actions as mail
from trustwright.settings import Settings

PDF = "application/pdf"

STUCK_AFTER = timedelta(hours=6)
STUCK = "The agreement was not handed to the provider of signatures"


async def current_nda(tx: Tx, workspace_id: int) -> Nda | None:
    """The agreement in force; None when the workspace has none."""
    return await store.current_nda(tx, workspace_id)


async def store_nda(tx: Tx, workspace_id: int, kept: KeptFile) -> Nda:
    """Puts a new version in force, in place of the last, and records NDA_UPLOADED. What was accepted before stays on
    record, and asks everyone anew. Raises Invalid for a file that is no PDF; that its content can be sealed the caller
    has asked `sealing.require_sealable` while the upload was on disk."""
    if kept.content_type != PDF:
        raise Invalid(f"{kept.name}: an agreement must be a PDF; save it as one and send it again")
    await store.lock_ndas(tx, workspace_id)
    before = await store.current_nda(tx, workspace_id)
    if before:
        await store.remove_nda(tx, before.id)
    file = await add_file(tx, kept)
    nda = await store.insert_nda(tx, workspace_id, file.id, kept.sha256, kept.name)
    await _record_nda(tx, EventType.NDA_UPLOADED, "uploaded", nda, before, nda)
    return nda


async def remove_nda(tx: Tx, workspace_id: int) -> bool:
    """Takes the agreement out of force and records NDA_DELETED; False when there is none. The caller has looked
    whether it may be missed."""
    await store.lock_ndas(tx, workspace_id)
    nda = await store.current_nda(tx, workspace_id)
    if nda is None:
        return False
    await store.remove_nda(tx, nda.id)
    await _record_nda(tx, EventType.NDA_DELETED, "removed", nda, nda, None)
    return True


async def _record_nda(tx: Tx, type_: EventType, verb: str, nda: Nda, before: Nda | None, after: Nda | None) -> None:
    await record(
        tx,
        type_,
        f"Agreement {nda.name} (version {nda.version}) {verb}",
        target={"kind": "nda", "id": nda.id},
        before=_nda_facts(before) if before else None,
        after=_nda_facts(after) if after else None,
        workspace_id=nda.workspace_id,
    )


def _nda_facts(nda: Nda) -> dict[str, Any]:
    return {"id": nda.id, "version": nda.version, "name": nda.name, "sha256": nda.sha256.hex()}


async def accept_by_click(tx: Tx, nda: Nda, signer: Signer, ip: str | None, user_agent: str | None) -> Acceptance:
    """Keeps for good that somebody ticked the box."""
    signing = Signing(name=signer.name, ip=ip, user_agent=user_agent, signed_at=tx.now)
    acceptance = await store.insert_acceptance(tx, nda, signer, Method.CLICK, signing)
    await _record_acceptance(tx, nda, acceptance, "accepted")
    return acceptance


async def _record_acceptance(tx: Tx, nda: Nda, acceptance: Acceptance, verb: str) -> None:
    await record(
        tx,
        EventType.NON_DISCLOSURE,
        f"{acceptance.email} {verb} {nda.name} (version {nda.version})",
        target={"kind": "nda acceptance", "id": acceptance.id},
        after={
            "method": acceptance.method,
            "email": acceptance.email,
            "ndaId": nda.id,
            "ndaSha256": acceptance.nda_sha256.hex(),
            "signedSha256": acceptance.signed_sha256.hex() if acceptance.signed_sha256 else None,
            "acceptedAt": acceptance.accepted_at,
        },
        workspace_id=nda.workspace_id,
    )


async def standing_signature(tx: Tx, workspace_id: int, email: str) -> Acceptance | None:
    """The last signature of this person under the agreement in force, unless it was superseded."""
    return await store.standing_signature(tx, workspace_id, email)


async def ask_for_signature(tx: Tx, nda: Nda, signer: Signer, window_days: int, settings: Settings) -> Envelope:
    """Makes an envelope. On our own page it is SENT at once, with mail E3; with another provider it is PREPARED and a
    job hands it over, which then reports by `access_requests.actions.signature_sent` or `signature_failed`."""
    provider = provider_of(settings)
    until = tx.now + timedelta(days=window_days)
    made = await store.insert_envelope(tx, uuid4(), nda.id, signer, provider.name, until)
    envelope = await provider.ask(tx, made, nda)
    await record_course(tx, envelope, None)
    return envelope


async def record_course(tx: Tx, envelope: Envelope, before: Envelope | None, what: str | None = None) -> None:
    """Writes the event of an envelope that was made, moved on, or of which `what` is to be told."""
    await record(
        tx,
        EventType.REQUEST_STATUS_CHANGED,
        what or f"The agreement for {envelope.email} is {envelope.state}",
        target={"kind": "envelope", "id": str(envelope.id), "requestId": str(envelope.request_id)},
        before=_course(before) if before else None,
        after=_course(envelope),
        workspace_id=envelope.workspace_id,
    )


def _course(envelope: Envelope) -> dict[str, Any]:
    return {"state": envelope.state, "reason": envelope.reason, "reminders": envelope.reminders}


async def send_again(tx: Tx, envelope_id: UUID, settings: Settings) -> None:
    """Mails the signing link of an envelope that is SENT once more (a new token; the old link ends). Raises NotFound,
    and WrongState for one that is not out, or whose provider writes to the signer itself."""
    envelope = await get_envelope(tx, envelope_id, lock=True)
    if envelope.state is not EnvelopeState.SENT or envelope.expires_at <= tx.now:
        raise WrongState("The agreement is not waiting for a signature now")
    nda = await store.get_nda(tx, envelope.nda_id)
    provider = provider_of(settings, envelope.provider)
    require_mailed(await provider.ask_again(tx, envelope, nda))
    await record_course(tx, envelope, envelope, f"The link to the agreement was mailed to {envelope.email} again")


async def mark_sent(tx: Tx, envelope_id: UUID, reference: str, signing_url: str | None, settings: Settings) -> bool:
    """Writes down that another provider took an envelope over, and mails the link that it gave. False for one that is
    not PREPARED any more: it was taken back meanwhile, or this was said before."""
    before = await get_envelope(tx, envelope_id, lock=True)
    if before.state is not EnvelopeState.PREPARED:
        return False
    envelope = await store.mark_sent(tx, envelope_id, reference, signing_url)
    await record_course(tx, envelope, before)
    await provider_of(settings, envelope.provider).ask_again(tx, envelope, await store.get_nda(tx, envelope.nda_id))
    return True


async def void(tx: Tx, envelope_id: UUID, reason: str) -> None:
    """Takes back an envelope that is not settled yet; no error for one that is."""
    await settle(tx, envelope_id, EnvelopeState.VOIDED, reason)


async def settle(tx: Tx, envelope_id: UUID, state: EnvelopeState, reason: str | None = None) -> bool:
    """Ends an open envelope without a signature; False for one that was settled already. Raises NotFound."""
    before = await get_envelope(tx, envelope_id, lock=True)
    if not before.is_open:
        return False
    await record_course(tx, await store.settle(tx, envelope_id, state, reason), before)
    return True


async def complete(tx: Tx, envelope_id: UUID, signing: Signing, sealed: KeptFile | None) -> Acceptance:
    """Keeps the signature of an open envelope with its sealed copy, where there is one, and mails that to the signer
    and to those who keep the papers (E10). Raises NotFound, and Settled for an envelope that is not open any more."""
    before = await get_envelope(tx, envelope_id, lock=True)
    if not before.is_open:
        raise Settled
    nda = await store.get_nda(tx, before.nda_id)
    file = await add_file(tx, sealed) if sealed else None
    signed = (file.id, file.sha256) if file else None
    acceptance = await store.insert_acceptance(tx, nda, signer_of(before), Method.SIGNATURE, signing, before.id, signed)
    envelope = await store.settle(tx, before.id, EnvelopeState.SIGNED, None)
    await record_course(tx, envelope, before)
    await _record_acceptance(tx, nda, acceptance, "signed")
    await _mail_copies(tx, envelope, nda, acceptance)
    return acceptance


async def _mail_copies(tx: Tx, envelope: Envelope, nda: Nda, acceptance: Acceptance) -> None:
    asker = await store.asker_of(tx, envelope.workspace_id)
    keepers = addresses(asker.legal_email) or addresses(asker.security_emails)
    admin = None if keepers else await first_admin(tx)
    values = {
        "account_name": asker.name,
        "name": acceptance.name,
        "company": acceptance.company,
        "email": acceptance.email,
        "agreement": nda.name,
        "signed_at": minute(acceptance.accepted_at),
        "agreement_sha256": acceptance.nda_sha256.hex(),
        "sealed_sha256": acceptance.signed_sha256.hex() if acceptance.signed_sha256 else None,
    }
    attachments = [acceptance.signed_file_id] if acceptance.signed_file_id else []
    recipients = [envelope.email, *(keepers or ([admin.email] if admin else []))]
    for recipient in dict.fromkeys(filter(is_email, recipients)):
        event = f"signature_copy:{envelope.id}:{recipient}"
        await mail.send(tx, event, recipient, "signature_copy", values, attachments=attachments)


async def overdue(tx: Tx) -> list[Envelope]:
    """Envelopes that were not signed in time."""
    return await store.overdue(tx)


async def stuck(tx: Tx) -> list[Envelope]:
    """Envelopes that wait for another provider although all attempts must be over, as when the process that had their
    job was killed."""
    return await store.prepared_before(tx, tx.now - STUCK_AFTER)


async def remind(tx: Tx, settings: Settings) -> int:
    """Reminds signers on the third and the seventh day (E3); of how many envelopes. Where nobody looked for long, one
    reminder stands for both. Raises NoPublicUrl."""
    reminded = 0
    since = tx.now - timedelta(days=REMINDER_DAYS[0])
    for before in await store.unsigned(tx, since, len(REMINDER_DAYS)):
        wanted = reminders_due(tx.now, before.sent_at or tx.now)
        if wanted <= before.reminders:
            continue
        await store.set_reminders(tx, before.id, wanted)
        nda = await store.get_nda(tx, before.nda_id)
        if await provider_of(settings, before.provider).ask_again(tx, before, nda, "signature_reminder"):
            await record_course(tx, replace(before, reminders=wanted), before)
            reminded += 1
    return reminded


async def get_envelope(tx: Tx, envelope_id: UUID, *, lock: bool = False) -> Envelope:
    """Raises NotFound."""
    envelope = await store.get_envelope(tx, envelope_id, lock=lock)
    if envelope is None:
        raise NotFound(f"No envelope {envelope_id}")
    return envelope


async def signed_file(tx: Tx, envelope_id: UUID) -> int | None:
    """The file id of the sealed copy, else that of the agreement that waits for the signature."""
    return await store.signed_file(tx, envelope_id)


async def papers(tx: Tx, part: Slice, workspace_id: int, q: str) -> list[PaperOfPerson]:
    """A page of who accepted an agreement of a workspace, whose address begins with `q`."""
    return await papers_store.page(tx, part, workspace_id, q)


def all_papers(tx: Tx, part: Slice, workspace_id: int, q: str) -> AsyncGenerator[PaperOfPerson, None]:
    """All of them, in the order of `part`. Close it before its transaction ends."""
    return papers_store.stream(tx, part, workspace_id, q)


async def papers_of(tx: Tx, workspace_id: int, email: str, most: int) -> list[PaperOfPerson]:
    """What one person accepted, the last first."""
    return await papers_store.of_person(tx, workspace_id, email, most)


async def signed_copy(tx: Tx, workspace_id: int, acceptance_id: int) -> int:
    """The file id of the sealed copy of an acceptance. Raises NotFound where there is none."""
    file_id = await papers_store.signed_copy(tx, workspace_id, acceptance_id)
    if file_id is None:
        raise NotFound(f"No signed copy of acceptance {acceptance_id}")
    return file_id


async def supersede(tx: Tx, workspace_id: int, email: str, reason: str) -> None:
    """Ends the standing of a person's acceptances, as when access is revoked; they stay on record."""
    count = await store.supersede(tx, workspace_id, email, reason)
    if count:
        await record(
            tx,
            EventType.NON_DISCLOSURE,
            f"What {email} accepted stands no more: {reason}",
            target={"kind": "nda acceptances", "email": email},
            after={"superseded": count, "reason": reason},
            workspace_id=workspace_id,
        )


def signer_of(envelope: Envelope) -> Signer:
    """Who was asked."""
    return Signer(
        workspace_id=envelope.workspace_id,
        request_id=envelope.request_id,
        email=envelope.email,
        name=envelope.name,
        company=envelope.company,
    )
