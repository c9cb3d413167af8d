"""SQL of sessions."""

from datetime import datetime, timedelta

from trustwright.db import Database, Tx
from trustwright.sign_in.model import Candidate, Session, SignedIn


async def signed_in(database: Database, token_hash: bytes, idle: timedelta) -> SignedIn | None:
    """Whose session a token belongs to, if it still lasts."""
    return await database.lookup(
        SignedIn, "select * from signed_in(%(token_hash)s, %(idle)s)", token_hash=token_hash, idle=idle
    )


async def candidates(database: Database, email: str) -> list[Candidate]:
    """The active users with an address, in whatever account."""
    return await database.lookup_all(Candidate, "select * from users_to_sign_in(%(email)s)", email=email)


async def insert_session(
    tx: Tx, user_id: int, token_hash: bytes, method: str, ip: str, user_agent: str, expires_at: datetime
) -> int:
    """The id of a new session."""
    return int(
        await tx.value(
            """
            insert into user_sessions (account_id, user_id, token_hash, method, ip, user_agent, created_at,
                last_seen_at, expires_at)
            values (%(account_id)s, %(user_id)s, %(token_hash)s, %(method)s, %(ip)s, %(user_agent)s, %(now)s, %(now)s,
                %(expires_at)s)
            returning id
            """,
            user_id=user_id,
            token_hash=token_hash,
            method=method,
            ip=ip,
            user_agent=user_agent,
            expires_at=expires_at,
            now=tx.now,
        )
    )


async def touch_session(tx: Tx, session_id: int) -> None:
    """Notes that it was used."""
    await tx.run(
        "update user_sessions set last_seen_at = %(now)s where account_id = %(account_id)s and id = %(session_id)s",
        session_id=session_id,
        now=tx.now,
    )


async def set_workspace(tx: Tx, session_id: int, workspace_id: int) -> None:
    """The workspace that is looked at from now on."""
    await tx.run(
        """
        update user_sessions set workspace_id = %(workspace_id)s
        where account_id = %(account_id)s and id = %(session_id)s
        """,
        session_id=session_id,
        workspace_id=workspace_id,
    )


async def end_session(tx: Tx, session_id: int) -> None:
    """Nobody comes in with it any more."""
    await tx.run(
        """
        update user_sessions set ended_at = %(now)s
        where account_id = %(account_id)s and id = %(session_id)s and ended_at is null
        """,
        session_id=session_id,
        now=tx.now,
    )


async def sessions(tx: Tx, user_id: int, idle: timedelta) -> list[Session]:
    """Where a user is signed in, the last used first."""
    return await tx.all(
        Session,
        """
        select id, method, ip, user_agent, created_at, last_seen_at from user_sessions
        where account_id = %(account_id)s and user_id = %(user_id)s and ended_at is null and expires_at > %(now)s
            and last_seen_at > %(now)s - %(idle)s
        order by last_seen_at desc, id desc
        limit 100
        """,
        user_id=user_id,
        idle=idle,
        now=tx.now,
    )


async def end_own_session(tx: Tx, user_id: int, session_id: int) -> int:
    """Ends one of a user's sessions; 0 when there is none of that id."""
    return await tx.run(
        """
        update user_sessions set ended_at = %(now)s
        where account_id = %(account_id)s and id = %(session_id)s and user_id = %(user_id)s and ended_at is null
        """,
        session_id=session_id,
        user_id=user_id,
        now=tx.now,
    )


async def end_sessions(tx: Tx, user_id: int, but: int | None) -> int:
    """Ends a user's sessions, except one; how many."""
    return await tx.run(
        """
        update user_sessions set ended_at = %(now)s
        where account_id = %(account_id)s and user_id = %(user_id)s and ended_at is null
            and id is distinct from %(but)s::integer
        """,
        user_id=user_id,
        but=but,
        now=tx.now,
    )


async def password_hash(tx: Tx, user_id: int) -> str | None:
    """None for somebody who has no password."""
    found: str | None = await tx.value(
        "select password_hash from users where account_id = %(account_id)s and id = %(user_id)s", user_id=user_id
    )
    return found


async def set_password_hash(tx: Tx, user_id: int, password_hash: str) -> None:
    """From now on this is the password."""
    await tx.run(
        """
        update users set password_hash = %(password_hash)s where account_id = %(account_id)s and id = %(user_id)s
        """,
        user_id=user_id,
        password_hash=password_hash,
    )


async def rename_user(tx: Tx, user_id: int, first_name: str | None, last_name: str | None) -> None:
    """Sets the names of a user."""
    await tx.run(
        """
        update users set first_name = %(first_name)s, last_name = %(last_name)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(user_id)s
        """,
        user_id=user_id,
        first_name=first_name,
        last_name=last_name,
        now=tx.now,
    )
