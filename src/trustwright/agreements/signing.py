"""What a signer does on our own page: look, ask for a code, sign or decline."""

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from trustwright.agreements import actions, store
from trustwright.agreements.certificate import Certificate
from trustwright.agreements.model import (
    CODE_ATTEMPTS,
    CODE_LASTS,
    CODES_AN_HOUR,
    Acceptance,
    Asker,
    Code,
    Envelope,
    EnvelopeState,
    LinkEnded,
    Nda,
    Settled,
    Signing,
    hash_code,
)
from trustwright.agreements.signing_form import CONSENT, SigningForm, strokes
from trustwright.db import Tx
from trustwright.errors import Conflict, Invalid, TooManyRequests
from trustwright.files.actions import get_file
from trustwright.files.model import KeptFile, StoredFile
from trustwright.files.outgoing import held_back
from trustwright.links import new_code
from trustwright.mail import actions as mail
from trustwright.settings import Settings

DONE = (EnvelopeState.SIGNED, EnvelopeState.DECLINED)
AN_HOUR = timedelta(hours=1)


class Opened(Struct, frozen=True, kw_only=True):
    """What stands behind a signing link, and when it was looked at. `code` is that which was mailed last."""

    envelope: Envelope
    nda: Nda
    file: StoredFile
    asker: Asker
    code: Code
    now: datetime

    @property
    def is_done(self) -> bool:
        """Signed or declined: there is nothing more to do."""
        return self.envelope.state in DONE

    @property
    def code_until(self) -> datetime | None:
        """Until when the code that was mailed works; None when there is none of use."""
        code = self.code
        if code.code_sha256 is None or code.code_until is None or code.code_attempts >= CODE_ATTEMPTS:
            return None
        return code.code_until if code.code_until > self.now else None


class HeldBack(Conflict):
    """An agreement that the virus scanner does not let through is neither shown nor signed."""

    sentence = "The agreement cannot be shown: the virus scanner holds it back. Ask the company that sent the link."


async def open_page(tx: Tx, envelope_id: UUID, settings: Settings, *, lock: bool = False) -> Opened:
    """What the signer sees, signed and declined or not; with `lock` nobody else changes the envelope until the
    transaction ends. Raises LinkEnded, HeldBack."""
    envelope = await store.get_envelope(tx, envelope_id, lock=lock)
    if envelope is None or not (envelope.state in DONE or _is_waiting(tx, envelope)):
        raise LinkEnded
    nda = await store.get_nda(tx, envelope.nda_id)
    file = await get_file(tx, nda.file_id)
    if envelope.state is EnvelopeState.SENT:
        _require_fit(file, settings)
    asker = await store.asker_of(tx, envelope.workspace_id)
    code = await store.get_code(tx, envelope_id)
    return Opened(envelope=envelope, nda=nda, file=file, asker=asker, code=code, now=tx.now)


def _is_waiting(tx: Tx, envelope: Envelope) -> bool:
    """The window is looked at here too: the job that ends envelopes only writes down that they ended."""
    return envelope.state is EnvelopeState.SENT and envelope.expires_at > tx.now


def _require_fit(file: StoredFile, settings: Settings) -> None:
    if held_back(file, require_scan=settings.require_scan):
        raise HeldBack


async def _waiting(tx: Tx, envelope_id: UUID, settings: Settings) -> Opened:
    """The envelope, locked. Raises Settled when it was signed or declined, and as `open_page` does."""
    opened = await open_page(tx, envelope_id, settings, lock=True)
    if opened.is_done:
        raise Settled
    return opened


async def send_code(tx: Tx, envelope_id: UUID, settings: Settings) -> None:
    """Mails a new code to the envelope's address; the one before it ends. Raises Settled, LinkEnded, HeldBack, and
    TooManyRequests for a sixth code in an hour."""
    opened = await _waiting(tx, envelope_id, settings)
    since, sent = opened.code.codes_since, opened.code.codes_sent
    if since is None or since + AN_HOUR <= tx.now:
        since, sent = tx.now, 0
    if sent >= CODES_AN_HOUR:
        raise TooManyRequests(retry_after=max(1, round((since + AN_HOUR - tx.now).total_seconds())))
    code = new_code()
    kept = Code(
        code_sha256=hash_code(envelope_id, code),
        code_until=tx.now + CODE_LASTS,
        code_attempts=0,
        codes_sent=sent + 1,
        codes_since=since,
    )
    await store.save_code(tx, envelope_id, kept)
    values = {
        "account_name": opened.asker.name,
        "agreement": opened.nda.name,
        "code": code,
        "minutes": CODE_LASTS // timedelta(minutes=1),
    }
    event = f"signature_code:{envelope_id}:{tx.now.isoformat()}"
    await mail.send(tx, event, opened.envelope.email, "signature_code", values)
    what = f"A code to sign with was mailed to {opened.envelope.email}"
    await actions.record_course(tx, opened.envelope, opened.envelope, what)


async def try_code(tx: Tx, envelope_id: UUID, given: str, settings: Settings) -> str | None:
    """Holds a code against that which was mailed; None when it is the right one, else what is wrong with it, and the
    attempt is counted. Raises Settled, LinkEnded, HeldBack."""
    opened = await _waiting(tx, envelope_id, settings)
    code = opened.code
    if code.code_sha256 is None or code.code_until is None:
        return "Have a code mailed to you first, with the button above"
    if code.code_until <= tx.now:
        return "This code is over; have a new one mailed to you"
    if code.code_attempts >= CODE_ATTEMPTS:
        return "Too many wrong codes were entered; have a new one mailed to you"
    if hmac.compare_digest(code.code_sha256, hash_code(envelope_id, given)):
        return None
    await store.count_attempt(tx, envelope_id)
    left = CODE_ATTEMPTS - code.code_attempts - 1
    if not left:
        return "That is not the code, and it was tried too often; have a new one mailed to you"
    return f"That is not the code of the newest mail; {left} more {'try' if left == 1 else 'tries'}"


async def certificate(
    tx: Tx, envelope_id: UUID, form: SigningForm, ip: str, user_agent: str, settings: Settings
) -> tuple[Opened, Certificate]:
    """What is to be certified of a signature that is given now, with the right code. Raises as `try_code` does."""
    opened = await _waiting(tx, envelope_id, settings)
    envelope, nda = opened.envelope, opened.nda
    return opened, Certificate(
        envelope_id=envelope.id,
        request_id=envelope.request_id,
        asked_by=opened.asker.name,
        agreement=nda.name,
        agreement_version=nda.version,
        agreement_sha256=nda.sha256.hex(),
        name=form.name or envelope.name,
        asked_name=envelope.name,
        typed_name=form.name,
        drawing=strokes(form.drawing),
        company=envelope.company,
        email=envelope.email,
        asked_at=envelope.created_at,
        code_mailed_at=(opened.code.code_until or tx.now) - CODE_LASTS,
        signed_at=tx.now,
        consent=CONSENT,
        ip=ip,
        user_agent=user_agent,
    )


async def sign(
    tx: Tx, envelope_id: UUID, code: str, certified: Certificate, sealed: KeptFile, settings: Settings
) -> Acceptance:
    """Keeps the sealed copy of a signature that was certified. Of two at once one wins, and the other raises Settled.
    Raises Invalid when the code ended while the copy was made, and as `try_code` does."""
    if fault := await try_code(tx, envelope_id, code, settings):
        raise Invalid(fault)
    signing = Signing(
        name=certified.name,
        ip=certified.ip or None,
        user_agent=certified.user_agent or None,
        signed_at=certified.signed_at,
    )
    return await actions.complete(tx, envelope_id, signing, sealed)


async def decline(tx: Tx, envelope_id: UUID, reason: str, settings: Settings) -> None:
    """Raises Settled, LinkEnded, HeldBack."""
    await _waiting(tx, envelope_id, settings)
    await actions.settle(tx, envelope_id, EnvelopeState.DECLINED, reason or None)
