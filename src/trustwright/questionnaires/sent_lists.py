"""SQL of lists of questionnaires over all vendors, and of what one of them is compared with."""

from msgspec import Struct

from trustwright.db import Slice, Tx
from trustwright.questionnaires.model import Listed, Questionnaire, TemplateHead, Wanted
from trustwright.questionnaires.store import QUESTIONNAIRE, TEMPLATE_HEAD

COLUMNS = ", ".join(f"q.{name.strip()}" for name in QUESTIONNAIRE.split(","))

# Of whose vendor was deleted, nothing is listed: its page is gone too.
LISTED = f"""
    select {COLUMNS}, q.stage, q.due_at, v.name as vendor_name
    from questionnaires q
    join vendors v on v.account_id = q.account_id and v.id = q.vendor_id
    where q.account_id = %(account_id)s
        and v.deleted_at is null
        and (%(stage)s::text is null or q.stage = %(stage)s)
        and (%(expired)s::boolean is null or (q.expires_at <= %(now)s) = %(expired)s)
        and (%(begun)s::boolean is null or (q.total_answered > 0) = %(begun)s)
        and (%(q)s = '' or position(lower(%(q)s) in lower(q.title)) > 0
            or position(lower(%(q)s) in lower(v.name)) > 0
            or position(lower(%(q)s) in lower(q.recipient_email)) > 0)
"""

TEMPLATES = f"""
    select {TEMPLATE_HEAD} from questionnaire_templates
    where account_id = %(account_id)s and deleted_at is null and position(lower(%(q)s) in lower(title)) > 0
"""

# How many of a vendor's are looked through for one that asked the same.
CANDIDATES = 20


class VendorName(Struct, frozen=True):
    id: int
    name: str


async def page_sent(tx: Tx, part: Slice, wanted: Wanted) -> list[Listed]:
    """A page of the questionnaires of all vendors."""
    return await tx.page(
        Listed,
        LISTED,
        part,
        key="q.id",
        stage=wanted.stage.value if wanted.stage else None,
        expired=wanted.expired,
        begun=wanted.begun,
        q=wanted.q,
        now=tx.now,
    )


async def page_templates(tx: Tx, part: Slice, q: str) -> list[TemplateHead]:
    """A page of the templates whose titles hold a text."""
    return await tx.page(TemplateHead, TEMPLATES, part, q=q)


async def vendors_named(tx: Tx, q: str, limit: int) -> list[VendorName]:
    """Vendors whose names hold a text, by name."""
    return await tx.all(
        VendorName,
        """
        select id, name from vendors
        where account_id = %(account_id)s and deleted_at is null and position(lower(%(q)s) in lower(name)) > 0
        order by lower(name), id limit %(limit)s
        """,
        q=q,
        limit=limit,
    )


async def previous(tx: Tx, questionnaire: Questionnaire) -> Questionnaire | None:
    """What the same vendor answered last before this one: the same template, else one that asked a question of this one
    in the same words."""
    return await tx.one(
        Questionnaire,
        f"""
        with earlier as (
            select * from questionnaires
            where account_id = %(account_id)s and vendor_id = %(vendor_id)s and completed_at is not null
                and archived_at is null and id <> %(id)s and completed_at < %(before)s
            order by completed_at desc, id desc
            limit {CANDIDATES:d}
        )
        select {QUESTIONNAIRE} from earlier e
        where e.template_id = %(template_id)s or exists (
            select from jsonb_array_elements(e.questions) asked
            where asked ->> 'text' in (
                select asks ->> 'text' from questionnaires this, jsonb_array_elements(this.questions) asks
                where this.account_id = %(account_id)s and this.id = %(id)s))
        order by coalesce(e.template_id = %(template_id)s, false) desc, completed_at desc, e.id desc
        limit 1
        """,
        id=questionnaire.id,
        vendor_id=questionnaire.vendor_id,
        template_id=questionnaire.template_id,
        before=questionnaire.completed_at or tx.now,
    )
