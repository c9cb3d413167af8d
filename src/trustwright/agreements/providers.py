"""Who has envelopes signed: our own page, or another provider behind an address."""

from typing import Protocol

import httpx
import msgspec

from trustwright.agreements import store
from trustwright.agreements.calls import HEADER, Taken, signature
from trustwright.agreements.model import OUTSIDE, OWN_PAGE, Envelope, Nda, day
from trustwright.db import Tx
from trustwright.errors import WrongState
from trustwright.links import address, hash_token, new_token
from trustwright.mail import actions as mail
from trustwright.settings import Settings

HAND_OVER = "agreements.hand_over"

SECONDS = 30


class Unreachable(RuntimeError):
    """A provider could not take an envelope now; the message says why, and trying again may help."""


class Refused(RuntimeError):
    """A provider will not take an envelope as it was sent; the message is its answer, or what it lacks."""


class Provider(Protocol):
    """Whom an envelope is given to. `name` is what the envelope keeps of that."""

    name: str

    async def ask(self, tx: Tx, envelope: Envelope, nda: Nda) -> Envelope:
        """Sees to it that the signer is asked, now or by a job; the envelope as it is then."""

    async def ask_again(self, tx: Tx, envelope: Envelope, nda: Nda, template: str = "signature_asked") -> bool:
        """Mails the signer of an envelope that is out; False where the provider does so itself."""


class OwnPage:
    """Our own signing page: the link goes out with the transaction that asks."""

    name = OWN_PAGE

    def __init__(self, settings: Settings) -> None:
        self._public_url = settings.public_url

    async def ask(self, tx: Tx, envelope: Envelope, nda: Nda) -> Envelope:
        """Raises NoPublicUrl."""
        sent = await store.mark_sent(tx, envelope.id, None, None)
        await self._mail(tx, sent, nda, "signature_asked", replaces=False)
        return sent

    async def ask_again(self, tx: Tx, envelope: Envelope, nda: Nda, template: str = "signature_asked") -> bool:
        """Always with a new token: only the hash of the last one is kept, and a mailed link cannot be made again.
        Raises NoPublicUrl."""
        await self._mail(tx, envelope, nda, template, replaces=True)
        return True

    async def _mail(self, tx: Tx, envelope: Envelope, nda: Nda, template: str, *, replaces: bool) -> None:
        token = new_token()
        await store.set_token(tx, envelope.id, hash_token(token))
        await send_link(tx, envelope, nda, address(self._public_url, f"/sign/{token}"), template, replaces=replaces)


class Outside:
    """Another provider, to whom a job hands envelopes over."""

    name = OUTSIDE

    def __init__(self, settings: Settings) -> None:
        self._url = settings.signature_url
        self._secret = settings.signature_secret

    async def ask(self, tx: Tx, envelope: Envelope, nda: Nda) -> Envelope:
        """The envelope stays PREPARED until the job has handed it over."""
        await tx.defer(HAND_OVER, envelope_id=str(envelope.id))
        return envelope

    async def ask_again(self, tx: Tx, envelope: Envelope, nda: Nda, template: str = "signature_asked") -> bool:
        """Mails the link that the provider gave, if it gave one."""
        if envelope.signing_url is None:
            return False
        await send_link(tx, envelope, nda, envelope.signing_url, template, replaces=False)
        return True

    async def hand_over(self, body: bytes, now: int) -> Taken:
        """Gives an envelope to the provider; `now` in seconds since 1970. Raises Unreachable, Refused."""
        if not self._secret:
            raise Refused("TRUSTWRIGHT_SIGNATURE_SECRET is not set")
        headers = {"Content-Type": "application/json", HEADER: signature(self._secret, body, now)}
        try:
            async with httpx.AsyncClient(timeout=SECONDS) as client:
                response = await client.post(self._url, content=body, headers=headers)
            return taken(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"{type(error).__name__} {error}".strip()[:500]) from error


def taken(response: httpx.Response) -> Taken:
    """A provider's answer. Raises Unreachable for one that may be another next time, Refused for one that stays."""
    if response.status_code in (408, 409, 425, 429) or response.status_code >= 500:
        raise Unreachable(f"The provider answered {response.status_code}")
    if not response.is_success:
        raise Refused(f"The provider answered {response.status_code}")
    try:
        return msgspec.json.decode(response.content, type=Taken)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(f"The provider's answer cannot be read: {error}"[:500]) from error


def provider_of(settings: Settings, name: str | None = None) -> Provider:
    """Who is asked from now on; with a `name`, who was asked for an envelope that has it."""
    outside = bool(settings.signature_url) if name is None else name == OUTSIDE
    return Outside(settings) if outside else OwnPage(settings)


async def send_link(tx: Tx, envelope: Envelope, nda: Nda, link: str, template: str, *, replaces: bool) -> None:
    """Mails E3, as often as it is asked to: each time it is another mail."""
    asker = await store.asker_of(tx, envelope.workspace_id)
    values = {
        "account_name": asker.name,
        "name": envelope.name,
        "company": envelope.company,
        "agreement": nda.name,
        "link": link,
        "sent_on": day(envelope.sent_at or tx.now),
        "expires_on": day(envelope.expires_at),
        "replaces": replaces,
    }
    event = f"{template}:{envelope.id}:{tx.now.isoformat()}"
    await mail.send(tx, event, envelope.email, template, values)


def require_mailed(sent: bool) -> None:
    """Raises WrongState where only the provider can write to the signer."""
    if not sent:
        raise WrongState("The provider of signatures mails its links itself; have it remind the signer")
