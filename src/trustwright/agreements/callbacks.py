"""Where another provider of signatures tells how an envelope went: POST /signatures."""

import time
from typing import Any

import msgspec
from litestar import Request, Response, post

from trustwright.access_requests import actions as access_requests
from trustwright.agreements import actions, calls, store
from trustwright.agreements.calls import Callback, CallbackEvent
from trustwright.agreements.model import OUTSIDE, Envelope, EnvelopeState, Signing
from trustwright.agreements.papers import received_copy
from trustwright.db import Database, Tx, Who
from trustwright.errors import Invalid
from trustwright.events.model import Source
from trustwright.files.model import KeptFile
from trustwright.http import bodies
from trustwright.http.answers import JSON
from trustwright.http.incoming import folder_of_request
from trustwright.http.keeping import keeping
from trustwright.http.limiter import AddressLimiter
from trustwright.http.visitors import visitor_of
from trustwright.http.wire import Wire
from trustwright.settings import MIB, Settings

calls_of_address = AddressLimiter(600)


class Unknown(Invalid):
    """An envelope that no provider has, whoever else may."""

    sentence = "trackingId: no envelope of yours has this id and this reference"


class Told(Wire, frozen=True):
    """Whether anything came of it: the second time the same is told, nothing does."""

    changed: bool


@post("/signatures", status_code=200, include_in_schema=False, request_max_body_size=None)
async def called_back(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Takes what a provider tells, if the provider proves to be one: 401 otherwise, 400 for what makes no sense."""
    settings: Settings = request.app.state.settings
    database: Database = request.app.state.database
    header, now = request.headers.get(calls.HEADER, ""), int(time.time())
    calls_of_address.admit(visitor_of(request).ip, now)
    calls.require_recent(settings.signature_secret, header, now)
    body = await bodies.read(request, settings.max_file * 4 // 3 + MIB)
    calls.require_genuine(settings.signature_secret, header, body, now)
    callback = bodies.decode(body, Callback)
    account_id = await store.account_of(database, callback.tracking_id)
    if account_id is None:
        raise Unknown
    who = Who(account_id=account_id, source=Source.PUBLIC_API, request="POST /signatures")
    changed = await _take(request, who, callback)
    return Response(msgspec.json.encode(Told(changed=changed)), media_type=JSON)


async def _take(request: Request[Any, Any, Any], who: Who, callback: Callback) -> bool:
    """Keeps the signed copy, if there is one, and does what follows; False when the envelope was settled before."""
    state = request.app.state
    content = calls.document_of(callback) if callback.event is CallbackEvent.COMPLETED else None
    async with state.database.read(who) as tx:
        envelope = _of_provider(await actions.get_envelope(tx, callback.tracking_id), callback)
        nda = await store.get_nda(tx, envelope.nda_id)
    if not envelope.is_open:
        return False
    if content is None:
        async with state.database.begin(who) as tx:
            return await follow(tx, callback, None, state.settings)
    async with folder_of_request(state.settings.data_dir) as folder:
        upload = await received_copy(content, nda, folder)
        async with (
            keeping(state.database, state.storage, state.settings, who, [upload], ["pdf"]) as (kept,),
            state.database.begin(who) as tx,
        ):
            return await follow(tx, callback, kept, state.settings)


def _of_provider(envelope: Envelope, callback: Callback) -> Envelope:
    """Raises Unknown for an envelope of our own page, and for one that the provider knows by another reference."""
    if envelope.provider != OUTSIDE or envelope.provider_reference not in (None, callback.reference):
        raise Unknown
    return envelope


async def follow(tx: Tx, callback: Callback, kept: KeptFile | None, settings: Settings) -> bool:
    """Moves an envelope on as its provider says; False when it was settled before. A provider may be faster than the
    job that waits for its answer: then this is the answer too."""
    seen = await actions.get_envelope(tx, callback.tracking_id)
    await access_requests.hold(tx, seen.request_id)
    envelope = await actions.get_envelope(tx, seen.id, lock=True)
    if not envelope.is_open:
        return False
    if await actions.mark_sent(tx, envelope.id, callback.reference, None, settings):
        await access_requests.signature_sent(tx, envelope.id, settings)
    reason = callback.reason or ""
    match callback.event:
        case CallbackEvent.COMPLETED:
            when = calls.signed_at(callback, tx.now)
            signing = Signing(name=envelope.name, ip=None, user_agent=None, signed_at=when)
            await actions.complete(tx, envelope.id, signing, kept)
            await access_requests.signature_completed(tx, envelope.id, settings)
        case CallbackEvent.DECLINED | CallbackEvent.VOIDED:
            declined = callback.event is CallbackEvent.DECLINED
            state = EnvelopeState.DECLINED if declined else EnvelopeState.VOIDED
            await actions.settle(tx, envelope.id, state, reason or None)
            await access_requests.signature_declined(tx, envelope.id, reason, settings)
        case CallbackEvent.EXPIRED:
            await actions.settle(tx, envelope.id, EnvelopeState.EXPIRED, reason or None)
            await access_requests.signature_expired(tx, envelope.id, settings)
    return True
