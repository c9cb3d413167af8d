"""SQL of acceptances of agreements, as people read them."""

from collections.abc import AsyncGenerator

from trustwright.agreements.model import PaperOfPerson
from trustwright.db import Slice, Tx

PAPER = """
    select a.id, a.email, a.name, a.company, a.method, a.accepted_at, a.request_id, a.signed_file_id,
        n.version, n.name as agreement, s.created_at as superseded_at, s.reason
    from nda_acceptances a
    join ndas n on n.account_id = a.account_id and n.id = a.nda_id
    left join nda_supersessions s on s.account_id = a.account_id and s.acceptance_id = a.id
    where a.account_id = %(account_id)s and a.workspace_id = %(workspace_id)s
"""
# Compared byte by byte, which is what the index of addresses is for.
BEGINS = " and a.email ~>=~ %(q)s and a.email ~<~ %(beyond)s"
BEYOND = "\U0010ffff"


async def page(tx: Tx, part: Slice, workspace_id: int, q: str) -> list[PaperOfPerson]:
    """A page of who accepted an agreement of a workspace, whose address begins with `q`."""
    return await tx.page(PaperOfPerson, _papers(q), part, key="a.id", **_sought(workspace_id, q))


def stream(tx: Tx, part: Slice, workspace_id: int, q: str) -> AsyncGenerator[PaperOfPerson, None]:
    """All of them, in the order of `part`. Close it before its transaction ends."""
    direction = "desc" if part.descending else "asc"
    text = f"{_papers(q)} order by {part.column} {direction}, a.id {direction}"
    return tx.stream(PaperOfPerson, text, **_sought(workspace_id, q))


async def of_person(tx: Tx, workspace_id: int, email: str, most: int) -> list[PaperOfPerson]:
    """What one person accepted, the last first."""
    text = f"{PAPER} and a.email = %(email)s order by a.accepted_at desc, a.id desc limit %(most)s"
    return await tx.all(PaperOfPerson, text, workspace_id=workspace_id, email=email, most=most)


async def signed_copy(tx: Tx, workspace_id: int, acceptance_id: int) -> int | None:
    """The file of the sealed copy of an acceptance."""
    found: int | None = await tx.value(
        """
        select signed_file_id from nda_acceptances
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and id = %(acceptance_id)s
        """,
        workspace_id=workspace_id,
        acceptance_id=acceptance_id,
    )
    return found


def _papers(q: str) -> str:
    return PAPER + (BEGINS if q else "")


def _sought(workspace_id: int, q: str) -> dict[str, object]:
    return {"workspace_id": workspace_id, "q": q.lower(), "beyond": q.lower() + BEYOND}
