"""Signing in and out."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from trustwright.accounts.actions import get_user
from trustwright.db import Tx
from trustwright.errors import NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.links import hash_token, new_token
from trustwright.sign_in import store
from trustwright.sign_in.model import LASTS, Candidate, SignedIn

hasher = PasswordHasher()


def matching(candidates: list[Candidate], password: str) -> list[Candidate]:
    """Those whose password it is. Takes as long where there is no such user. It keeps a processor busy for tens of
    milliseconds: call it in a thread."""
    hashes = [each.password_hash or _nobodys() for each in candidates] or [_nobodys()]
    verdicts = [_fits(password_hash, password) for password_hash in hashes]
    return [each for each, fits in zip(candidates, verdicts, strict=False) if fits and each.password_hash]


@cache
def _nobodys() -> str:
    return hasher.hash(new_token())


def _fits(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


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


async def sign_out(tx: Tx, session_id: int) -> None:
    """Ends a session."""
    await store.end_session(tx, session_id)


async def choose_workspace(tx: Tx, signed_in: SignedIn, workspace_id: int) -> None:
    """The workspace that a session looks at. Raises NotFound."""
    if workspace_id not in {workspace.id for workspace in signed_in.workspaces}:
        raise NotFound(f"No workspace {workspace_id} in this account")
    await store.set_workspace(tx, signed_in.session_id, workspace_id)
