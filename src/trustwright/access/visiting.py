"""What visitors do with a grant: open its link, prove who they are, and look at its documents."""

import hmac
import secrets
from enum import StrEnum

from msgspec import Struct

from trustwright.access import actions, store
from trustwright.access.model import (
    CODE_ATTEMPTS,
    CODE_LASTS,
    CODES_AN_HOUR,
    HOUR,
    SESSION_LASTS,
    AccessOver,
    Action,
    Device,
    Given,
    Grant,
    NoSession,
)
from trustwright.db import Tx
from trustwright.errors import NotFound, TooManyRequests
from trustwright.files.actions import files_by_id
from trustwright.files.model import StoredFile
from trustwright.links import hash_token, new_code, new_token
from trustwright.mail.actions import send
from trustwright.trust import actions as trust
from trustwright.trust.model import Document, TrustCenter

FIND_LOST = "access.find_lost"


class Client(Struct, frozen=True, kw_only=True):
    """From where a visitor comes, and the secret of the browser's cookie."""

    ip: str
    user_agent: str
    device: str


class CodeState(StrEnum):
    """What came of a code. OVER: it is too old, or was guessed at too often."""

    RIGHT = "RIGHT"
    WRONG = "WRONG"
    OVER = "OVER"


class Held(Struct, frozen=True, kw_only=True):
    """A document that a visitor may have now, its file, and the request for which it was given."""

    document: Document
    file: StoredFile
    given: Given


class Room(Struct, frozen=True, kw_only=True):
    """What a visitor sees. `withheld`: how many more documents were given that are not offered at the moment."""

    grant: Grant
    trust_center: TrustCenter
    held: list[Held]
    withheld: int


async def linked_grant(tx: Tx, grant_id: int, token: str, *, lock: bool = False) -> tuple[Grant, TrustCenter]:
    """What a link opens. Raises AccessOver for a link, or a grant, that is over."""
    grant = await store.get_grant(tx, grant_id, lock=lock)
    if grant is None:
        raise AccessOver
    trust_center = await trust.get_trust_center(tx, grant.workspace_id)
    link = await store.get_link(tx, hash_token(token))
    if link is None or not link.is_live(tx.now) or not grant.is_live(tx.now):
        raise AccessOver(_open_slug(trust_center))
    return grant, trust_center


def _open_slug(trust_center: TrustCenter) -> str | None:
    return trust_center.slug if trust_center.is_published else None


async def enter(tx: Tx, grant: Grant, client: Client) -> str | None:
    """The token of a new session; None where this browser must be asked for a code first. The first browser in which
    a grant is opened is let in at once: it may be nobody else's yet."""
    device_sha256 = hash_token(client.device)
    device = await store.get_device(tx, grant.id, device_sha256)
    is_known = device is not None and device.known_at is not None
    if not is_known and grant.asks_on_new_device and await store.knows_a_device(tx, grant.id):
        return None
    return await _let_in(tx, grant, client)


async def _let_in(tx: Tx, grant: Grant, client: Client) -> str:
    await store.know_device(tx, grant.id, hash_token(client.device))
    token = new_token()
    await store.insert_session(tx, grant.id, hash_token(token), tx.now + SESSION_LASTS)
    await actions.note(
        tx,
        grant.workspace_id,
        Action.OPEN,
        ip=client.ip,
        user_agent=client.user_agent,
        email=grant.email,
        grant_id=grant.id,
    )
    return token


async def send_code(tx: Tx, grant: Grant, trust_center: TrustCenter, device: str) -> None:
    """Mails a code for a browser to the address of the grant. Raises TooManyRequests after five in an hour, whatever
    the browser: a new one costs nothing."""
    if await store.codes_since(tx, grant.id, tx.now - HOUR) >= CODES_AN_HOUR:
        raise TooManyRequests(retry_after=int(HOUR.total_seconds()))
    code = new_code()
    until = tx.now + CODE_LASTS
    await store.set_code(tx, grant.id, hash_token(device), hash_token(code), until, tx.now - HOUR)
    values = {
        "code": code,
        "account_name": trust_center.name,
        "minutes": int(CODE_LASTS.total_seconds() // 60),
    }
    await send(tx, f"code {secrets.token_hex(8)} of grant {grant.id}", grant.email, "access_code", values)


async def try_code(tx: Tx, grant: Grant, client: Client, code: str) -> tuple[CodeState, str | None]:
    """What comes of a code, and the token of a new session if it is right. An attempt is counted whatever comes of
    it, so the transaction must be committed."""
    device = await store.count_attempt(tx, grant.id, hash_token(client.device))
    state = code_state(device, code, tx)
    return state, await _let_in(tx, grant, client) if state is CodeState.RIGHT else None


def code_state(device: Device | None, code: str, tx: Tx) -> CodeState:
    """What a code is to a browser whose attempts include this one."""
    if device is None or device.code_sha256 is None or device.code_until is None:
        return CodeState.OVER
    if device.code_until <= tx.now or device.code_attempts > CODE_ATTEMPTS:
        return CodeState.OVER
    if hmac.compare_digest(device.code_sha256, hash_token("".join(code.split()))):
        return CodeState.RIGHT
    return CodeState.OVER if device.code_attempts == CODE_ATTEMPTS else CodeState.WRONG


async def visited_grant(tx: Tx, grant_id: int, session: str) -> tuple[Grant, TrustCenter]:
    """Whose session it is. Raises NoSession, AccessOver."""
    grant = await store.get_grant(tx, grant_id)
    if grant is None:
        raise NoSession
    trust_center = await trust.get_trust_center(tx, grant.workspace_id)
    if not grant.is_live(tx.now):
        raise AccessOver(_open_slug(trust_center))
    if not await store.session_lives(tx, hash_token(session)):
        raise NoSession
    return grant, trust_center


async def open_room(tx: Tx, grant_id: int, session: str) -> Room:
    """What a visitor may have now. Raises NoSession, AccessOver."""
    grant, trust_center = await visited_grant(tx, grant_id, session)
    given = await actions.documents_given(tx, grant.id)
    documents = await trust.documents_by_id(tx, set(given))
    offered = [document for document in documents.values() if document.is_offered(tx.now)]
    kept = await files_by_id(tx, {document.file_id for document in offered})
    held = [Held(document=each, file=kept[each.file_id], given=given[each.id]) for each in offered]
    held.sort(key=lambda each: (each.document.type, each.document.name.lower(), each.document.id))
    return Room(grant=grant, trust_center=trust_center, held=held, withheld=len(given) - len(held))


async def find_held(tx: Tx, grant_id: int, session: str, document_id: int) -> tuple[Grant, Held]:
    """A document that a visitor may have now. Raises NoSession, AccessOver, NotFound."""
    room = await open_room(tx, grant_id, session)
    for held in room.held:
        if held.document.id == document_id:
            return room.grant, held
    raise NotFound("You have no such document, or it is not offered at the moment")


async def note_look(tx: Tx, grant: Grant, held: Held, action: Action, ip: str, user_agent: str) -> None:
    """Writes down that a document goes out."""
    await actions.note(
        tx,
        grant.workspace_id,
        action,
        ip=ip,
        user_agent=user_agent,
        email=grant.email,
        document_id=held.document.id,
        version=held.document.version,
        grant_id=grant.id,
        request_id=held.given.request_id,
    )


async def leave(tx: Tx, session: str) -> None:
    """Ends a session."""
    await store.delete_session(tx, hash_token(session))


async def mail_lost_link(tx: Tx, workspace_id: int, email: str, public_url: str) -> bool:
    """Mails a fresh link to somebody who holds a live grant; whether there was one to mail. Not more links are made
    than a grant may have in an hour, which nobody is told: it would tell who holds a grant."""
    grant = await actions.live_grant(tx, workspace_id, email)
    link = await actions.new_link_if_allowed(tx, grant, public_url) if grant else None
    if grant is None or link is None:
        return False
    trust_center = await trust.get_trust_center(tx, workspace_id)
    values = {"account_name": trust_center.name, "link": link, "expires_at": grant.expires_at}
    return await send(tx, f"lost link {secrets.token_hex(8)} of grant {grant.id}", email, "access_link", values)


async def tell_holders(tx: Tx, document_id: int, public_url: str) -> int:
    """Mails the holders of a document that it has a new version, each once a version (E12); how many."""
    document = (await trust.documents_by_id(tx, {document_id})).get(document_id)
    if document is None or not document.is_offered(tx.now):
        return 0
    trust_center = await trust.get_trust_center(tx, document.workspace_id)
    told = 0
    for grant in await actions.holders(tx, document_id):
        values = {
            "account_name": trust_center.name,
            "document": document.name,
            "version": document.version,
            "link": await actions.new_link_if_allowed(tx, grant, public_url),
        }
        event = f"version {document.version} of document {document_id} for grant {grant.id}"
        told += await send(tx, event, grant.email, "document_replaced", values)
    return told
