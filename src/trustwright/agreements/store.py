"""SQL of agreements, envelopes and acceptances."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from trustwright.agreements.model import (
    Acceptance,
    Asker,
    Code,
    Envelope,
    EnvelopeState,
    Linked,
    Method,
    Nda,
    Signer,
    Signing,
)
from trustwright.db import Database, Tx

NDA = "id, workspace_id, version, file_id, sha256, name, created_at, removed_at"
ENVELOPE = """id, workspace_id, request_id, nda_id, email, name, company, provider, provider_reference, state, reason,
    reminders, expires_at, created_at, sent_at, settled_at, signing_url"""
ACCEPTANCE = """id, workspace_id, nda_id, nda_sha256, email, name, company, request_id, method, envelope_id,
    signed_file_id, signed_sha256, ip, user_agent, accepted_at"""
CODE = "code_sha256, code_until, code_attempts, codes_sent, codes_since"


class AccountId(Struct, frozen=True):
    account_id: int | None


async def lock_ndas(tx: Tx, workspace_id: int) -> None:
    """Lets one transaction at a time change which agreement is in force."""
    await tx.run(
        "select pg_advisory_xact_lock(hashtextextended(format('ndas %%s %%s', %(account_id)s, %(workspace_id)s), 0))",
        workspace_id=workspace_id,
    )


async def current_nda(tx: Tx, workspace_id: int) -> Nda | None:
    """The agreement in force."""
    return await tx.one(
        Nda,
        f"""
        select {NDA} from ndas
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and removed_at is null
        """,
        workspace_id=workspace_id,
    )


async def get_nda(tx: Tx, nda_id: int) -> Nda:
    """A version that there is, in force or not."""
    return await tx.only(
        Nda, f"select {NDA} from ndas where account_id = %(account_id)s and id = %(nda_id)s", nda_id=nda_id
    )


async def remove_nda(tx: Tx, nda_id: int) -> None:
    """Takes a version out of force."""
    await tx.run(
        "update ndas set removed_at = %(now)s where account_id = %(account_id)s and id = %(nda_id)s",
        nda_id=nda_id,
        now=tx.now,
    )


async def insert_nda(tx: Tx, workspace_id: int, file_id: int, sha256: bytes, name: str) -> Nda:
    """Adds a version, counted from the last one of the workspace."""
    return await tx.only(
        Nda,
        f"""
        insert into ndas (account_id, workspace_id, version, file_id, sha256, name, created_at)
        select %(account_id)s, %(workspace_id)s, coalesce(max(version), 0) + 1, %(file_id)s, %(sha256)s, %(name)s,
            %(now)s
        from ndas where account_id = %(account_id)s and workspace_id = %(workspace_id)s
        returning {NDA}
        """,
        workspace_id=workspace_id,
        file_id=file_id,
        sha256=sha256,
        name=name,
        now=tx.now,
    )


async def asker_of(tx: Tx, workspace_id: int) -> Asker:
    """What its trust center says of the workspace that asks."""
    return await tx.only(
        Asker,
        """
        select name, legal_email, security_emails, contact_url from trust_centers
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s
        """,
        workspace_id=workspace_id,
    )


async def insert_acceptance(
    tx: Tx,
    nda: Nda,
    signer: Signer,
    method: Method,
    signing: Signing,
    envelope_id: UUID | None = None,
    signed: tuple[int, bytes] | None = None,
) -> Acceptance:
    """Keeps for good that an agreement was accepted; `signed` is id and SHA-256 of the sealed copy."""
    file_id, sha256 = signed or (None, None)
    return await tx.only(
        Acceptance,
        f"""
        insert into nda_acceptances (account_id, workspace_id, nda_id, nda_sha256, email, name, company, request_id,
            method, envelope_id, signed_file_id, signed_sha256, ip, user_agent, accepted_at)
        values (%(account_id)s, %(workspace_id)s, %(nda_id)s, %(nda_sha256)s, %(email)s, %(name)s, %(company)s,
            %(request_id)s, %(method)s, %(envelope_id)s, %(signed_file_id)s, %(signed_sha256)s, %(ip)s,
            %(user_agent)s, %(accepted_at)s)
        returning {ACCEPTANCE}
        """,
        workspace_id=signer.workspace_id,
        nda_id=nda.id,
        nda_sha256=nda.sha256,
        email=signer.email,
        name=signing.name,
        company=signer.company,
        request_id=signer.request_id,
        method=method.value,
        envelope_id=envelope_id,
        signed_file_id=file_id,
        signed_sha256=sha256,
        ip=signing.ip,
        user_agent=signing.user_agent,
        accepted_at=signing.signed_at,
    )


async def standing_signature(tx: Tx, workspace_id: int, email: str) -> Acceptance | None:
    """The last signature of a person under the agreement in force that was not superseded."""
    return await tx.one(
        Acceptance,
        f"""
        select {ACCEPTANCE} from nda_acceptances a
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and email = %(email)s
            and method = 'SIGNATURE'
            and exists (
                select from ndas n
                where n.account_id = a.account_id and n.workspace_id = a.workspace_id and n.sha256 = a.nda_sha256
                    and n.removed_at is null)
            and not exists (
                select from nda_supersessions s where s.account_id = a.account_id and s.acceptance_id = a.id)
        order by accepted_at desc, id desc limit 1
        """,
        workspace_id=workspace_id,
        email=email,
    )


async def supersede(tx: Tx, workspace_id: int, email: str, reason: str) -> int:
    """Ends the standing of a person's acceptances; of how many."""
    return await tx.run(
        """
        insert into nda_supersessions (account_id, acceptance_id, reason, created_at)
        select account_id, id, %(reason)s, %(now)s from nda_acceptances
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and email = %(email)s
        on conflict do nothing
        """,
        workspace_id=workspace_id,
        email=email,
        reason=reason,
        now=tx.now,
    )


async def insert_envelope(
    tx: Tx, envelope_id: UUID, nda_id: int, signer: Signer, provider: str, expires_at: datetime
) -> Envelope:
    """Adds an envelope that nobody was handed yet."""
    return await tx.only(
        Envelope,
        f"""
        insert into envelopes (account_id, id, workspace_id, request_id, nda_id, email, name, company, provider, state,
            expires_at, created_at)
        values (%(account_id)s, %(envelope_id)s, %(workspace_id)s, %(request_id)s, %(nda_id)s, %(email)s, %(name)s,
            %(company)s, %(provider)s, 'PREPARED', %(expires_at)s, %(now)s)
        returning {ENVELOPE}
        """,
        envelope_id=envelope_id,
        workspace_id=signer.workspace_id,
        request_id=signer.request_id,
        nda_id=nda_id,
        email=signer.email,
        name=signer.name,
        company=signer.company,
        provider=provider,
        expires_at=expires_at,
        now=tx.now,
    )


async def get_envelope(tx: Tx, envelope_id: UUID, *, lock: bool = False) -> Envelope | None:
    """An envelope; with `lock` nobody else changes it until the transaction ends."""
    return await tx.one(
        Envelope,
        f"""
        select {ENVELOPE} from envelopes where account_id = %(account_id)s and id = %(envelope_id)s
        {"for update" if lock else ""}
        """,
        envelope_id=envelope_id,
    )


async def mark_sent(tx: Tx, envelope_id: UUID, reference: str | None, signing_url: str | None) -> Envelope:
    """Writes down that an envelope is out."""
    return await tx.only(
        Envelope,
        f"""
        update envelopes
        set state = 'SENT', sent_at = %(now)s, provider_reference = %(reference)s, signing_url = %(signing_url)s
        where account_id = %(account_id)s and id = %(envelope_id)s
        returning {ENVELOPE}
        """,
        envelope_id=envelope_id,
        reference=reference,
        signing_url=signing_url,
        now=tx.now,
    )


async def set_token(tx: Tx, envelope_id: UUID, token_sha256: bytes) -> None:
    """Gives an envelope a link, and ends the one that it had."""
    await tx.run(
        "update envelopes set token_sha256 = %(sha256)s where account_id = %(account_id)s and id = %(envelope_id)s",
        envelope_id=envelope_id,
        sha256=token_sha256,
    )


async def settle(tx: Tx, envelope_id: UUID, state: EnvelopeState, reason: str | None) -> Envelope:
    """Ends an envelope, and its code with it."""
    return await tx.only(
        Envelope,
        f"""
        update envelopes
        set state = %(state)s, reason = %(reason)s, settled_at = %(now)s, code_sha256 = null
        where account_id = %(account_id)s and id = %(envelope_id)s
        returning {ENVELOPE}
        """,
        envelope_id=envelope_id,
        state=state.value,
        reason=reason,
        now=tx.now,
    )


async def get_code(tx: Tx, envelope_id: UUID) -> Code:
    """The code of an envelope that there is."""
    return await tx.only(
        Code,
        f"select {CODE} from envelopes where account_id = %(account_id)s and id = %(envelope_id)s",
        envelope_id=envelope_id,
    )


async def count_attempt(tx: Tx, envelope_id: UUID) -> None:
    """Counts a wrong code."""
    await tx.run(
        """
        update envelopes set code_attempts = code_attempts + 1
        where account_id = %(account_id)s and id = %(envelope_id)s
        """,
        envelope_id=envelope_id,
    )


async def save_code(tx: Tx, envelope_id: UUID, code: Code) -> None:
    """Replaces the code of an envelope."""
    await tx.run(
        """
        update envelopes
        set code_sha256 = %(code_sha256)s, code_until = %(code_until)s, code_attempts = %(code_attempts)s,
            codes_sent = %(codes_sent)s, codes_since = %(codes_since)s
        where account_id = %(account_id)s and id = %(envelope_id)s
        """,
        envelope_id=envelope_id,
        code_sha256=code.code_sha256,
        code_until=code.code_until,
        code_attempts=code.code_attempts,
        codes_sent=code.codes_sent,
        codes_since=code.codes_since,
    )


async def signed_file(tx: Tx, envelope_id: UUID) -> int | None:
    """The sealed copy; else, unless the envelope came to nothing, the agreement itself."""
    found: int | None = await tx.value(
        """
        select coalesce(a.signed_file_id, n.file_id)
        from envelopes e
        join ndas n on n.account_id = e.account_id and n.id = e.nda_id
        left join nda_acceptances a on a.account_id = e.account_id and a.envelope_id = e.id
        where e.account_id = %(account_id)s and e.id = %(envelope_id)s and e.state in ('PREPARED', 'SENT', 'SIGNED')
        """,
        envelope_id=envelope_id,
    )
    return found


async def overdue(tx: Tx) -> list[Envelope]:
    """Open envelopes whose window has closed."""
    return await tx.all(
        Envelope,
        f"""
        select {ENVELOPE} from envelopes
        where account_id = %(account_id)s and state in ('PREPARED', 'SENT') and expires_at <= %(now)s
        order by expires_at
        """,
        now=tx.now,
    )


async def prepared_before(tx: Tx, before: datetime) -> list[Envelope]:
    """Envelopes that were made before a time and that nobody was handed yet."""
    return await tx.all(
        Envelope,
        f"""
        select {ENVELOPE} from envelopes
        where account_id = %(account_id)s and state = 'PREPARED' and created_at < %(before)s
        order by created_at
        """,
        before=before,
    )


async def unsigned(tx: Tx, sent_before: datetime, most: int) -> list[Envelope]:
    """Envelopes that are out since before a time and of which nobody was reminded `most` times, locked."""
    return await tx.all(
        Envelope,
        f"""
        select {ENVELOPE} from envelopes
        where account_id = %(account_id)s and state = 'SENT' and expires_at > %(now)s
            and sent_at <= %(sent_before)s and reminders < %(most)s
        order by expires_at for update skip locked
        """,
        sent_before=sent_before,
        most=most,
        now=tx.now,
    )


async def set_reminders(tx: Tx, envelope_id: UUID, reminders: int) -> None:
    """Counts the reminders of an envelope."""
    await tx.run(
        "update envelopes set reminders = %(reminders)s where account_id = %(account_id)s and id = %(envelope_id)s",
        envelope_id=envelope_id,
        reminders=reminders,
    )


async def envelope_of_token(database: Database, token_sha256: bytes) -> Linked | None:
    """What the link with this token opens, if there is one."""
    return await database.lookup(Linked, "select * from envelope_of_token(%(presented)s)", presented=token_sha256)


async def account_of(database: Database, envelope_id: UUID) -> int | None:
    """Whose envelope it is, for a provider that names it by its id alone."""
    row = await database.lookup(
        AccountId, "select account_of_envelope(%(envelope_id)s) as account_id", envelope_id=envelope_id
    )
    return row.account_id if row else None
