"""SQL of blobs and of the files that name them."""

from datetime import datetime
from uuid import UUID

from trustwright.db import Tx
from trustwright.files.model import Blob, Claim, KeptFile, ScanState, StoredFile

FILE = "id, sha256, name, content_type, size, scan_state, scan_detail, created_at"


async def claim(tx: Tx, sha256: bytes, size: int) -> Claim:
    """Notes that an object is about to be written, or found."""
    return await tx.only(
        Claim,
        """
        insert into blobs (account_id, sha256, size, claimed_at) values (%(account_id)s, %(sha256)s, %(size)s, %(now)s)
        on conflict (account_id, sha256) do update
            set claims = blobs.claims + 1, claimed_at = greatest(blobs.claimed_at, excluded.claimed_at)
        returning sha256, generation, claims, exists (
            select from files f where f.account_id = blobs.account_id and f.sha256 = blobs.sha256
        ) as named
        """,
        sha256=sha256,
        size=size,
        now=tx.now,
    )


async def lock_sole_claim(tx: Tx, sha256: bytes, generation: UUID) -> bool:
    """Locks a blob that one upload has met and no other; False when there is none such."""
    return bool(
        await tx.value(
            """
            select true from blobs
            where account_id = %(account_id)s and sha256 = %(sha256)s and generation = %(generation)s and claims = 1
            for update
            """,
            sha256=sha256,
            generation=generation,
        )
    )


async def lock_old_claim(tx: Tx, sha256: bytes, claimed_before: datetime) -> bool:
    """Locks a blob that no recent upload has met; False when there is none such, or another transaction has it."""
    return bool(
        await tx.value(
            """
            select true from blobs
            where account_id = %(account_id)s and sha256 = %(sha256)s and claimed_at < %(claimed_before)s
            for update skip locked
            """,
            sha256=sha256,
            claimed_before=claimed_before,
        )
    )


async def is_named(tx: Tx, sha256: bytes) -> bool:
    """Whether a file names a blob. Sure only for a locked one, and in a statement of its own: that which locks does
    not see what was committed while it waited."""
    return bool(
        await tx.value(
            "select exists (select from files where account_id = %(account_id)s and sha256 = %(sha256)s)",
            sha256=sha256,
        )
    )


async def unnamed_blobs(tx: Tx, claimed_before: datetime, most: int) -> list[Blob]:
    """Up to `most` blobs that no file names and no recent upload has met."""
    return await tx.all(
        Blob,
        """
        select sha256, size from blobs b
        where account_id = %(account_id)s and claimed_at < %(claimed_before)s
            and not exists (select from files f where f.account_id = b.account_id and f.sha256 = b.sha256)
        order by claimed_at limit %(most)s
        """,
        claimed_before=claimed_before,
        most=most,
    )


async def delete_blob(tx: Tx, sha256: bytes) -> None:
    """Removes the row of a blob that no file names."""
    await tx.run("delete from blobs where account_id = %(account_id)s and sha256 = %(sha256)s", sha256=sha256)


async def named_blobs(tx: Tx, after: bytes, most: int) -> list[Blob]:
    """Up to `most` blobs that files name, by their names, after one."""
    return await tx.all(
        Blob,
        """
        select sha256, size from blobs b
        where account_id = %(account_id)s and sha256 > %(after)s
            and exists (select from files f where f.account_id = b.account_id and f.sha256 = b.sha256)
        order by sha256 limit %(most)s
        """,
        after=after,
        most=most,
    )


async def insert_file(tx: Tx, kept: KeptFile) -> StoredFile | None:
    """Names a blob; None when its row is gone, or was removed and made again. The lock keeps it from now on."""
    return await tx.one(
        StoredFile,
        f"""
        with blob as (
            select sha256, size from blobs
            where account_id = %(account_id)s and sha256 = %(sha256)s and generation = %(generation)s
            for key share
        )
        insert into files (account_id, sha256, name, content_type, size, scan_state, created_at)
        select %(account_id)s, sha256, %(name)s, %(content_type)s, size, %(scan_state)s, %(now)s from blob
        returning {FILE}
        """,
        sha256=kept.sha256,
        generation=kept.generation,
        name=kept.name,
        content_type=kept.content_type,
        scan_state=kept.scan_state.value,
        now=tx.now,
    )


async def files_by_id(tx: Tx, ids: list[int]) -> list[StoredFile]:
    """The files of these ids."""
    return await tx.all(
        StoredFile, f"select {FILE} from files where account_id = %(account_id)s and id = any (%(ids)s)", ids=ids
    )


async def get_file_for_update(tx: Tx, file_id: int) -> StoredFile | None:
    """A file that nobody else changes until the transaction ends."""
    return await tx.one(
        StoredFile,
        f"select {FILE} from files where account_id = %(account_id)s and id = %(file_id)s for update",
        file_id=file_id,
    )


async def set_scan(tx: Tx, file_id: int, state: ScanState, detail: str | None) -> None:
    """Keeps what the scanner said."""
    await tx.run(
        """
        update files set scan_state = %(state)s, scan_detail = %(detail)s
        where account_id = %(account_id)s and id = %(file_id)s
        """,
        file_id=file_id,
        state=state.value,
        detail=detail,
    )


async def unsettled_files(tx: Tx, since: datetime, until: datetime) -> list[int]:
    """The files of some time that the scanner has not settled."""
    rows = await tx.value(
        """
        select coalesce(array_agg(id), '{}') from files
        where account_id = %(account_id)s and scan_state in ('PENDING', 'ERROR')
            and created_at between %(since)s and %(until)s
        """,
        since=since,
        until=until,
    )
    return list(rows)
