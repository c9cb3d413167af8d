"""SQL of what people read of grants: the last visits under one, and some of those who hold a document."""

from trustwright.access.model import LoggedVisit
from trustwright.db import Tx


async def last_visits(tx: Tx, grant_id: int, most: int) -> list[LoggedVisit]:
    """What was opened, viewed and downloaded under a grant, the last first."""
    return await tx.all(
        LoggedVisit,
        """
        select l.action, l.created_at, l.version, l.ip, l.user_agent, d.name as document
        from access_log l
        left join trust_documents d on d.account_id = l.account_id and d.id = l.document_id
        where l.account_id = %(account_id)s and l.grant_id = %(grant_id)s
        order by l.created_at desc, l.id desc limit %(most)s
        """,
        grant_id=grant_id,
        most=most,
    )


async def some_holders(tx: Tx, document_id: int, most: int) -> list[str]:
    """The addresses of some of those who can open a document now."""
    found = await tx.value(
        """
        select coalesce(array_agg(distinct email), '{}') from (
            select g.email from grant_documents o
            join grants g on g.account_id = o.account_id and g.id = o.grant_id
            where o.account_id = %(account_id)s and o.document_id = %(document_id)s and o.revoked_at is null
                and g.revoked_at is null and g.expired_at is null and (g.expires_at is null or g.expires_at > %(now)s)
            limit %(most)s) found
        """,
        document_id=document_id,
        most=most,
        now=tx.now,
    )
    return list(found)
