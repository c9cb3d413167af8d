"""Signing in and out, passwords, and the links that set them."""

from datetime import timedelta

from trustwright.accounts.actions import get_user
from trustwright.db import Tx
from trustwright.errors import Invalid, NotFound, WrongState
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.links import address, hash_token, new_token
from trustwright.mail.actions import send
from trustwright.sign_in import providers_store, store, tokens_store
from trustwright.sign_in.model import (
    HALFWAY,
    INVITED,
    LASTS,
    MAILED,
    RESETTABLE,
    Bearer,
    DeadLink,
    SignedIn,
    TokenKind,
)

LONGEST_NAME = 100
# What one mailbox gets, whoever asks for it.
MOST_RESETS = 3
RESETS_COUNTED = timedelta(hours=1)


async def sign_in(tx: Tx, user_id: int, method: str, ip: str, user_agent: str) -> str:
    """Begins a session of a user; its token, for the cookie. Raises NotFound."""
    user = await get_user(tx, user_id)
    token = new_token()
    session_id = await store.insert_session(
        tx, user_id, hash_token(token), method, ip, user_agent, expires_at=tx.now + LASTS
    )
    await record(
        tx,
        EventType.COMPANY_SECURITY_DATA_UPDATED,
        f"{user.email} signed in by {method}",
        target={"kind": "session", "id": session_id, "userId": user_id},
        after={"method": method, "ip": ip, "userAgent": user_agent},
    )
    return token


async def note_refusal(tx: Tx, user_id: int, reason: str, ip: str, user_agent: str) -> None:
    """Writes down that somebody tried to sign in as a user and was not let in. Raises NotFound."""
    user = await get_user(tx, user_id)
    await record(
        tx,
        EventType.COMPANY_SECURITY_DATA_UPDATED,
        f"Somebody was not let in as {user.email}: {reason}",
        target={"kind": "user", "id": user_id},
        after={"reason": reason, "ip": ip, "userAgent": user_agent},
    )


async def ask_for_code(tx: Tx, user_id: int) -> str:
    """The password was right, and the second factor is asked for: the token that leads on with its code."""
    token = new_token()
    await tokens_store.insert_token(tx, hash_token(token), user_id, TokenKind.SECOND_FACTOR, HALFWAY)
    return token


async def end_token(tx: Tx, token: str) -> None:
    """Uses a token up. Raises DeadLink for one that was used, or has ended."""
    if not await tokens_store.use_token(tx, hash_token(token)):
        raise DeadLink


async def sign_out(tx: Tx, session_id: int) -> None:
    """Ends a session."""
    await store.end_session(tx, session_id)


async def end_session_of(tx: Tx, user_id: int, session_id: int) -> None:
    """Ends one of a user's sessions. Raises NotFound."""
    if not await store.end_own_session(tx, user_id, session_id):
        raise NotFound("You are not signed in there any more")


async def end_sessions_of(tx: Tx, user_id: int, but: int | None = None) -> int:
    """Ends the sessions of a user, `but` one of them, and the links in mails that set a password; how many sessions."""
    ended = await store.end_sessions(tx, user_id, but)
    await tokens_store.end_tokens(tx, user_id, [kind.value for kind in TokenKind])
    if ended:
        await record(
            tx,
            EventType.COMPANY_SECURITY_DATA_UPDATED,
            f"{ended} session{'' if ended == 1 else 's'} ended",
            target={"kind": "user", "id": user_id},
        )
    return ended


async def choose_workspace(tx: Tx, signed_in: SignedIn, workspace_id: int) -> None:
    """The workspace that a session looks at. Raises NotFound."""
    if workspace_id not in {workspace.id for workspace in signed_in.workspaces}:
        raise NotFound(f"No workspace {workspace_id} in this account")
    await store.set_workspace(tx, signed_in.session_id, workspace_id)


async def rename(tx: Tx, user_id: int, first_name: str | None, last_name: str | None) -> None:
    """Sets the names of a user. Raises Invalid, NotFound."""
    for field, name in (("first_name", first_name), ("last_name", last_name)):
        if name is not None and (len(name) > LONGEST_NAME or not name.isprintable()):
            raise Invalid(f"{field}: a name is one line of at most {LONGEST_NAME} characters")
    before = await get_user(tx, user_id)
    await store.rename_user(tx, user_id, first_name, last_name)
    await record(
        tx,
        EventType.COMPANY_DATA_UPDATED,
        f"{before.email} has another name",
        target={"kind": "user", "id": user_id},
        before={"firstName": before.first_name, "lastName": before.last_name},
        after={"firstName": first_name, "lastName": last_name},
    )


async def invite(tx: Tx, user_id: int, public_url: str) -> None:
    """Mails a user the link by which the first password is chosen; asked for again, a new one, and the old ends. Where
    single sign-on is the only way in, the link leads there. Raises NotFound, Invalid, NoPublicUrl."""
    user = await get_user(tx, user_id)
    by_provider = await _is_provider_only(tx)
    await tokens_store.end_tokens(tx, user_id, [kind.value for kind in MAILED])
    link, event = await _link(tx, user_id, TokenKind.INVITATION, INVITED, public_url, by_provider=by_provider)
    values = {"link": link, "by_provider": by_provider, "days": INVITED.days, "email": user.email}
    await send(tx, event, user.email, "invitation", values)
    await record(
        tx,
        EventType.COMPANY_SECURITY_DATA_UPDATED,
        f"{user.email} invited",
        target={"kind": "user", "id": user_id},
    )


async def send_reset(tx: Tx, user_id: int, public_url: str) -> None:
    """Mails a user the link by which another password is chosen, unless the mailbox got enough of them lately."""
    user = await get_user(tx, user_id)
    since = tx.now - RESETS_COUNTED
    if await tokens_store.count_tokens_since(tx, user_id, TokenKind.RESET, since) >= MOST_RESETS:
        return
    by_provider = await _is_provider_only(tx)
    link, event = await _link(tx, user_id, TokenKind.RESET, RESETTABLE, public_url, by_provider=by_provider)
    await send(tx, event, user.email, "password_reset", {"link": link, "by_provider": by_provider})
    await record(
        tx,
        EventType.COMPANY_SECURITY_DATA_UPDATED,
        f"A link for another password mailed to {user.email}",
        target={"kind": "user", "id": user_id},
    )


async def _link(
    tx: Tx, user_id: int, kind: TokenKind, lasts: timedelta, public_url: str, *, by_provider: bool
) -> tuple[str, str]:
    """The link of a mail, and the name of the mail. The token counts even where the link does not hold it."""
    token = new_token()
    await tokens_store.insert_token(tx, hash_token(token), user_id, kind, lasts)
    path = "/sign-in" if by_provider else f"/sign-in/link/{token}"
    return address(public_url, path), f"{kind.lower()}:{hash_token(token).hex()[:32]}"


async def choose_password(tx: Tx, bearer: Bearer, token: str, password_hash: str) -> None:
    """Sets the password of somebody who opened a link, which is used up; who is signed in anywhere is so no more.
    Raises DeadLink, and WrongState where passwords let nobody in."""
    await end_token(tx, token)
    if await _is_provider_only(tx):
        raise WrongState("Your account is entered by single sign-on only")
    await store.set_password_hash(tx, bearer.user_id, password_hash)
    await end_sessions_of(tx, bearer.user_id)
    await _password_changed(tx, bearer.user_id, bearer.email)


async def change_password(tx: Tx, signed_in: SignedIn, password_hash: str) -> None:
    """Sets a password by somebody who has given the old one. Their other sessions end."""
    await store.set_password_hash(tx, signed_in.user_id, password_hash)
    await end_sessions_of(tx, signed_in.user_id, but=signed_in.session_id)
    await _password_changed(tx, signed_in.user_id, signed_in.email)


async def strengthen(tx: Tx, user_id: int, password_hash: str) -> None:
    """The same password under a stronger hash: nothing of which people should hear."""
    await store.set_password_hash(tx, user_id, password_hash)


async def _password_changed(tx: Tx, user_id: int, email: str) -> None:
    await record(
        tx,
        EventType.COMPANY_SECURITY_DATA_UPDATED,
        f"Password of {email} set",
        target={"kind": "user", "id": user_id},
    )
    await send(tx, f"password_changed:{user_id}:{tx.now.isoformat()}", email, "password_changed", {})


async def _is_provider_only(tx: Tx) -> bool:
    provider = await providers_store.get_provider(tx)
    return provider is not None and provider.shuts_passwords_out
