"""SQL of grants, links, browsers, sessions and the access log."""

from datetime import datetime
from uuid import UUID

from msgspec.structs import asdict

from trustwright.access.model import Device, Given, Grant, Link, Person, Tokened, Visit
from trustwright.db import Database, Tx

GRANT = """id, workspace_id, email, name, company, asks_on_new_device, expires_at, revoked_at, expired_at, created_at,
    updated_at"""
DEVICE = "code_sha256, code_until, code_attempts, codes_sent, codes_since, known_at"
OF_GRANT = "account_id = %(account_id)s and grant_id = %(grant_id)s"
OF_DEVICE = f"{OF_GRANT} and device_sha256 = %(device_sha256)s"
TOKENED = "account_id = %(account_id)s and token_sha256 = %(token_sha256)s"
OF_PERSON = "account_id = %(account_id)s and workspace_id = %(workspace_id)s and email = %(email)s"
LIVE = "revoked_at is null and expired_at is null and (expires_at is null or expires_at > %(now)s)"


async def grant_of_link(database: Database, token_sha256: bytes) -> Tokened | None:
    """What a link opens, in whatever account."""
    return await database.lookup(
        Tokened, "select account_id, grant_id from grant_of_link(%(token_sha256)s)", token_sha256=token_sha256
    )


async def grant_of_session(database: Database, token_sha256: bytes) -> Tokened | None:
    """Whose session it is, in whatever account."""
    return await database.lookup(
        Tokened, "select account_id, grant_id from grant_of_session(%(token_sha256)s)", token_sha256=token_sha256
    )


async def get_grant(tx: Tx, grant_id: int, *, lock: bool = False) -> Grant | None:
    """A grant; with `lock` nobody else changes it until the transaction ends."""
    return await tx.one(
        Grant,
        f"""
        select {GRANT} from grants where account_id = %(account_id)s and id = %(grant_id)s
        {"for update" if lock else ""}
        """,
        grant_id=grant_id,
    )


async def live_grant(tx: Tx, workspace_id: int, email: str) -> Grant | None:
    """The grant that somebody holds now, locked."""
    text = f"select {GRANT} from grants where {OF_PERSON} and {LIVE} for update"
    return await tx.one(Grant, text, workspace_id=workspace_id, email=email, now=tx.now)


async def holds_or_held(tx: Tx, workspace_id: int, email: str) -> bool:
    """Whether somebody has a grant, live or not."""
    text = f"select exists (select from grants where {OF_PERSON})"
    return bool(await tx.value(text, workspace_id=workspace_id, email=email))


async def insert_grant(
    tx: Tx, workspace_id: int, person: Person, asks_on_new_device: bool, expires_at: datetime | None
) -> Grant | None:
    """Adds a grant; None when the person has come to hold one meanwhile."""
    return await tx.one(
        Grant,
        f"""
        insert into grants (account_id, workspace_id, email, name, company, asks_on_new_device, expires_at, created_at,
            updated_at)
        values (%(account_id)s, %(workspace_id)s, %(email)s, %(name)s, %(company)s, %(asks)s, %(expires_at)s, %(now)s,
            %(now)s)
        on conflict (account_id, workspace_id, email) where revoked_at is null and expired_at is null do nothing
        returning {GRANT}
        """,
        workspace_id=workspace_id,
        email=person.email,
        name=person.name,
        company=person.company,
        asks=asks_on_new_device,
        expires_at=expires_at,
        now=tx.now,
    )


async def update_grant(tx: Tx, grant_id: int, asks_on_new_device: bool, expires_at: datetime | None) -> Grant:
    """Changes until when a grant lasts, and what new browsers are asked."""
    return await tx.only(
        Grant,
        f"""
        update grants set asks_on_new_device = %(asks)s, expires_at = %(expires_at)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(grant_id)s
        returning {GRANT}
        """,
        grant_id=grant_id,
        asks=asks_on_new_device,
        expires_at=expires_at,
        now=tx.now,
    )


async def write_down_end(tx: Tx, workspace_id: int, email: str) -> Grant | None:
    """Marks a person's grant as expired whose end has passed, for the job to tell of it; None when there is none."""
    return await tx.one(
        Grant,
        f"""
        update grants set expired_at = %(now)s, is_untold = true, updated_at = %(now)s
        where {OF_PERSON} and revoked_at is null and expired_at is null and expires_at <= %(now)s
        returning {GRANT}
        """,
        workspace_id=workspace_id,
        email=email,
        now=tx.now,
    )


async def write_down_ends(tx: Tx) -> list[Grant]:
    """Marks all grants as expired whose end has passed; these, and those that were marked before and not told of."""
    return await tx.all(
        Grant,
        f"""
        update grants set expired_at = coalesce(expired_at, %(now)s), is_untold = false, updated_at = %(now)s
        where account_id = %(account_id)s
            and (is_untold or revoked_at is null and expired_at is null and expires_at <= %(now)s)
        returning {GRANT}
        """,
        now=tx.now,
    )


async def ending_grants(tx: Tx, after: datetime, until: datetime) -> list[Grant]:
    """Live grants that end in a time."""
    return await tx.all(
        Grant,
        f"""
        select {GRANT} from grants
        where account_id = %(account_id)s and {LIVE} and expires_at > %(after)s and expires_at <= %(until)s
        order by expires_at, id
        """,
        after=after,
        until=until,
        now=tx.now,
    )


async def holders(tx: Tx, document_id: int) -> list[Grant]:
    """Live grants that open a document."""
    return await tx.all(
        Grant,
        f"""
        select {GRANT} from grants
        where account_id = %(account_id)s and {LIVE} and id in (
            select grant_id from grant_documents
            where account_id = %(account_id)s and document_id = %(document_id)s and revoked_at is null
        )
        order by id
        """,
        document_id=document_id,
        now=tx.now,
    )


async def revoke_grant(tx: Tx, grant_id: int) -> None:
    """Ends a grant."""
    await tx.run(
        """
        update grants set revoked_at = %(now)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(grant_id)s and revoked_at is null
        """,
        grant_id=grant_id,
        now=tx.now,
    )


async def add_documents(tx: Tx, grant_id: int, document_ids: list[int], request_id: UUID) -> None:
    """Has a grant open documents for a request, again where that was taken back."""
    await tx.run(
        """
        insert into grant_documents (account_id, grant_id, document_id, request_id, created_at)
        select distinct %(account_id)s::bigint, %(grant_id)s::integer, given, %(request_id)s::uuid,
            %(now)s::timestamptz
        from unnest(%(document_ids)s::integer[]) given
        on conflict (account_id, grant_id, document_id, request_id)
            do update set revoked_at = null, created_at = excluded.created_at
            where grant_documents.revoked_at is not null
        """,
        grant_id=grant_id,
        document_ids=document_ids,
        request_id=request_id,
        now=tx.now,
    )


async def take_documents(tx: Tx, grant_id: int, request_id: UUID) -> int:
    """Takes back what was given for a request; how many documents that were."""
    return await tx.run(
        f"""
        update grant_documents set revoked_at = %(now)s
        where {OF_GRANT} and request_id = %(request_id)s
            and revoked_at is null
        """,
        grant_id=grant_id,
        request_id=request_id,
        now=tx.now,
    )


async def given_documents(tx: Tx, grant_id: int) -> list[Given]:
    """What a grant opens, each document once."""
    return await tx.all(
        Given,
        f"""
        select distinct on (document_id) document_id, request_id from grant_documents
        where {OF_GRANT} and revoked_at is null
        order by document_id, created_at desc, request_id
        """,
        grant_id=grant_id,
    )


async def insert_link(tx: Tx, grant_id: int, token_sha256: bytes, expires_at: datetime) -> None:
    """Adds a link to a grant."""
    await tx.run(
        """
        insert into access_links (account_id, token_sha256, grant_id, expires_at, created_at)
        values (%(account_id)s, %(token_sha256)s, %(grant_id)s, %(expires_at)s, %(now)s)
        """,
        token_sha256=token_sha256,
        grant_id=grant_id,
        expires_at=expires_at,
        now=tx.now,
    )


async def get_link(tx: Tx, token_sha256: bytes) -> Link | None:
    """A link of the account."""
    text = f"select expires_at, revoked_at from access_links where {TOKENED}"
    return await tx.one(Link, text, token_sha256=token_sha256)


async def link_times(tx: Tx, grant_id: int, since: datetime) -> list[datetime]:
    """When the links of a grant were made since a time, the newest first."""
    times = await tx.value(
        f"""
        select coalesce(array_agg(created_at order by created_at desc), '{{}}') from access_links
        where {OF_GRANT} and created_at > %(since)s
        """,
        grant_id=grant_id,
        since=since,
    )
    return list(times)


async def revoke_links(tx: Tx, grant_id: int) -> None:
    """Ends all links to a grant."""
    text = f"update access_links set revoked_at = %(now)s where {OF_GRANT} and revoked_at is null"
    await tx.run(text, grant_id=grant_id, now=tx.now)


async def get_device(tx: Tx, grant_id: int, device_sha256: bytes) -> Device | None:
    """What is known of a browser in which a grant is opened."""
    text = f"select {DEVICE} from access_devices where {OF_DEVICE}"
    return await tx.one(Device, text, grant_id=grant_id, device_sha256=device_sha256)


async def knows_a_device(tx: Tx, grant_id: int) -> bool:
    """Whether a grant was opened in any browser."""
    text = f"select exists (select from access_devices where {OF_GRANT} and known_at is not null)"
    return bool(await tx.value(text, grant_id=grant_id))


async def know_device(tx: Tx, grant_id: int, device_sha256: bytes) -> None:
    """Lets a browser in from now on, and forgets its code."""
    await tx.run(
        """
        insert into access_devices (account_id, grant_id, device_sha256, known_at, created_at)
        values (%(account_id)s, %(grant_id)s, %(device_sha256)s, %(now)s, %(now)s)
        on conflict (account_id, grant_id, device_sha256) do update
            set known_at = coalesce(access_devices.known_at, excluded.known_at), code_sha256 = null, code_until = null
        """,
        grant_id=grant_id,
        device_sha256=device_sha256,
        now=tx.now,
    )


async def codes_since(tx: Tx, grant_id: int, since: datetime) -> int:
    """How many codes were sent for a grant, to whatever browser, in counts that began since a time."""
    text = f"select coalesce(sum(codes_sent), 0) from access_devices where {OF_GRANT} and codes_since > %(since)s"
    return int(await tx.value(text, grant_id=grant_id, since=since))


async def set_code(
    tx: Tx, grant_id: int, device_sha256: bytes, code_sha256: bytes, until: datetime, since: datetime
) -> None:
    """Keeps a new code for a browser, with all attempts before it, and counts it among those of the hour."""
    await tx.run(
        """
        insert into access_devices (account_id, grant_id, device_sha256, code_sha256, code_until, codes_sent,
            codes_since, created_at)
        values (%(account_id)s, %(grant_id)s, %(device_sha256)s, %(code_sha256)s, %(until)s, 1, %(now)s, %(now)s)
        on conflict (account_id, grant_id, device_sha256) do update
            set code_sha256 = excluded.code_sha256, code_until = excluded.code_until, code_attempts = 0,
                codes_sent = case when access_devices.codes_since > %(since)s then access_devices.codes_sent + 1
                    else 1 end,
                codes_since = case when access_devices.codes_since > %(since)s then access_devices.codes_since
                    else excluded.codes_since end
        """,
        grant_id=grant_id,
        device_sha256=device_sha256,
        code_sha256=code_sha256,
        until=until,
        since=since,
        now=tx.now,
    )


async def count_attempt(tx: Tx, grant_id: int, device_sha256: bytes) -> Device | None:
    """Counts that somebody typed a code into a browser, and what is known of it then."""
    text = f"update access_devices set code_attempts = code_attempts + 1 where {OF_DEVICE} returning {DEVICE}"
    return await tx.one(Device, text, grant_id=grant_id, device_sha256=device_sha256)


async def insert_session(tx: Tx, grant_id: int, token_sha256: bytes, expires_at: datetime) -> None:
    """Opens a session."""
    await tx.run(
        """
        insert into visitor_sessions (account_id, token_sha256, grant_id, expires_at, created_at)
        values (%(account_id)s, %(token_sha256)s, %(grant_id)s, %(expires_at)s, %(now)s)
        """,
        token_sha256=token_sha256,
        grant_id=grant_id,
        expires_at=expires_at,
        now=tx.now,
    )


async def session_lives(tx: Tx, token_sha256: bytes) -> bool:
    """Whether a session of the account is not over yet."""
    text = f"select exists (select from visitor_sessions where {TOKENED} and expires_at > %(now)s)"
    return bool(await tx.value(text, token_sha256=token_sha256, now=tx.now))


async def delete_session(tx: Tx, token_sha256: bytes) -> None:
    """Ends a session."""
    await tx.run(f"delete from visitor_sessions where {TOKENED}", token_sha256=token_sha256)


async def delete_sessions(tx: Tx, grant_id: int) -> None:
    """Ends all sessions of a grant."""
    await tx.run(f"delete from visitor_sessions where {OF_GRANT}", grant_id=grant_id)


async def delete_old_sessions(tx: Tx) -> int:
    """Removes the sessions that are over; how many."""
    text = "delete from visitor_sessions where account_id = %(account_id)s and expires_at <= %(now)s"
    return await tx.run(text, now=tx.now)


async def insert_visit(tx: Tx, visit: Visit) -> None:
    """Adds a line to the access log."""
    await tx.run(
        """
        insert into access_log (account_id, workspace_id, action, document_id, version, grant_id, request_id, email,
            visitor, ip, user_agent, created_at)
        values (%(account_id)s, %(workspace_id)s, %(action)s, %(document_id)s, %(version)s, %(grant_id)s,
            %(request_id)s, %(email)s, %(visitor)s, %(ip)s, %(user_agent)s, %(now)s)
        """,
        **asdict(visit),
        now=tx.now,
    )
