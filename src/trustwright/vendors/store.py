"""SQL of vendors, their types and their settings."""

from datetime import date

from msgspec import Struct, structs
from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from trustwright.db import Slice, Tx
from trustwright.vendors.model import (
    CustomField,
    RenewalDateStatus,
    Vendor,
    VendorFields,
    VendorSettings,
    VendorType,
)

FIELDS = ", ".join(VendorFields.__struct_fields__)
VENDOR = f"id, {FIELDS}, created_at, updated_at, deleted_at"
TYPE = "id, name, created_at, updated_at, deleted_at"
SETTINGS = ", ".join(VendorSettings.__struct_fields__)

# The reviews are read here and not asked of their own domain: a status is filtered and counted by, which only the
# statement that reads the vendors can do. `finished_on` and `due_on` are of the review that was finished last.
FINISHED_ON = "(max(r.completed_at) filter (where r.status = 'COMPLETED'))::date"
DUE_ON = (
    "((array_agg(r.review_deadline_at order by r.completed_at desc) filter (where r.status = 'COMPLETED'))[1])::date"
)
COVERED = f"review_covers(v.renewal_date, v.renewal_schedule_type, {FINISHED_ON}, {DUE_ON})"
REVIEWS = "from reviews r where r.account_id = v.account_id and r.vendor_id = v.id"

RENEWAL_STATUS = f"(select renewal_date_status(v.renewal_date, {COVERED}, %(today)s) {REVIEWS})"
DEADLINE_STATUS = "next_review_deadline_status(v.renewal_date, %(today)s)"
REVIEW_SUMMARY = f"""(
    select security_review_status(
        v.renewal_date, {COVERED},
        coalesce((select window_days from vendor_settings where account_id = v.account_id), %(window_days)s),
        coalesce(bool_or(r.status = 'IN_PROGRESS'), false),
        coalesce((array_agg(r.status order by r.created_at desc, r.id desc))[1] = 'NOT_REQUIRED', false),
        {FINISHED_ON}, {DUE_ON}, %(today)s)
    {REVIEWS})"""

# Someone can act on it: a current vendor with an owner to write to, whose renewal is near or past (vendor-reviews 1.5).
ACTION_REQUIRED = f"""(
    coalesce(v.status, 'NONE') not in ('PROSPECTIVE', 'ARCHIVED') and v.user_id is not null
    and {RENEWAL_STATUS} in ('RENEWAL_DUE_SOON', 'RENEWAL_DUE'))"""

# A list that is null does not filter. What was never said counts as NONE, UNSCORED where that is the word.
MATCHING = f"""
    from vendors v
    where v.account_id = %(account_id)s
        and v.deleted_at is null
        and position(lower(%(q)s) in lower(v.name)) > 0
        and (%(categories)s::text[] is null or coalesce(v.category, 'NONE') = any (%(categories)s::text[]))
        and (%(risks)s::text[] is null or v.risk = any (%(risks)s::text[]))
        and (%(statuses)s::text[] is null or coalesce(v.status, 'NONE') = any (%(statuses)s::text[]))
        and (%(types)s::text[] is null or coalesce(v.type, 'NONE') = any (%(types)s::text[]))
        and (%(vendor_type_ids)s::integer[] is null or v.vendor_type_id = any (%(vendor_type_ids)s::integer[]))
        and (%(impact_levels)s::text[] is null
            or coalesce(v.impact_level, 'UNSCORED') = any (%(impact_levels)s::text[]))
        and (%(password_policy)s::text is null or coalesce(v.password_policy, 'NONE') = %(password_policy)s)
        and (%(user_ids)s::integer[] is null or v.user_id = any (%(user_ids)s::integer[]))
        and (%(critical)s::boolean is null or v.critical = %(critical)s)
        and (%(is_sub_processor)s::boolean is null or v.is_sub_processor = %(is_sub_processor)s)
        and (%(archived)s::boolean is null or (v.archived_at is not null) = %(archived)s)
        and (%(contact_email)s::text is null
            or lower(%(contact_email)s) = any (string_to_array(lower(v.contacts_email), ';')))
        and (%(contact_name)s::text is null
            or position(lower(%(contact_name)s) in lower(v.contact_at_vendor)) > 0)
        and (%(shared_account_id)s::text is null or v.shared_account_id = %(shared_account_id)s)
        and (%(renewal_date)s::date is null or v.renewal_date = %(renewal_date)s)
        and (%(schedule)s::text is null or coalesce(v.renewal_schedule_type, 'NONE') = %(schedule)s)
        and (%(renewal_status)s::text is null or {RENEWAL_STATUS} = %(renewal_status)s)
        and (%(deadline_statuses)s::text[] is null or {DEADLINE_STATUS} = any (%(deadline_statuses)s::text[]))
        and (%(review_summaries)s::text[] is null or {REVIEW_SUMMARY} = any (%(review_summaries)s::text[]))
        and (%(action_required)s::boolean is null or {ACTION_REQUIRED} = %(action_required)s)
"""
LISTED = f"select {VENDOR} {MATCHING}"

# The list by number sorts by more: risk and impact by their weight, owners by name.
RANKED = f"""
    select {VENDOR},
        lower(v.name) as by_name,
        array_position('{{NONE,LOW,MODERATE,HIGH}}', v.risk) as by_risk,
        array_position('{{UNSCORED,INSIGNIFICANT,MINOR,MODERATE,MAJOR,CRITICAL}}', v.impact_level) as by_impact,
        (select lower(coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email))
         from users u where u.account_id = v.account_id and u.id = v.user_id) as by_user
    {MATCHING}
"""

TYPES = f"select {TYPE} from vendor_types where account_id = %(account_id)s and deleted_at is null"

# What each scope of the statistics counts by.
SCOPES = f"""(values
    ('reminder', {RENEWAL_STATUS}),
    ('hasPii', v.has_pii::text),
    ('businessUnits', coalesce(v.category, 'NONE')),
    ('passwordPolicy', coalesce(v.password_policy, 'NONE')),
    ('status', coalesce(v.status, 'NONE')),
    ('isCritical', case v.critical when true then 'Yes' when false then 'No' else 'None' end),
    ('isSubProcessor', v.is_sub_processor::text),
    ('type', coalesce(v.type, 'NONE')),
    ('risk', v.risk),
    ('impactLevel', coalesce(v.impact_level, 'UNSCORED')))"""


class Filter(Struct, frozen=True, kw_only=True):
    """What vendors to list: those that match all that is not None, and of each list any."""

    today: date
    window_days: int = VendorSettings().window_days
    q: str = ""
    categories: list[str] | None = None
    risks: list[str] | None = None
    statuses: list[str] | None = None
    types: list[str] | None = None
    vendor_type_ids: list[int] | None = None
    impact_levels: list[str] | None = None
    password_policy: str | None = None
    user_ids: list[int] | None = None
    critical: bool | None = None
    is_sub_processor: bool | None = None
    archived: bool | None = None
    contact_email: str | None = None
    contact_name: str | None = None
    shared_account_id: str | None = None
    renewal_date: date | None = None
    schedule: str | None = None
    renewal_status: str | None = None
    deadline_statuses: list[str] | None = None
    review_summaries: list[str] | None = None
    action_required: bool | None = None


class Standing(Struct, frozen=True):
    vendor_id: int
    renewal_date_status: RenewalDateStatus


class Count(Struct, frozen=True):
    scope: str
    key: str
    count: int


async def insert_vendor(tx: Tx, fields: VendorFields) -> Vendor:
    """Adds a vendor."""
    return await tx.only(
        Vendor,
        f"""
        insert into vendors (account_id, {FIELDS})
        select %(account_id)s, {FIELDS} from jsonb_populate_record(null::vendors, %(fields)s)
        returning {VENDOR}
        """,
        fields=Jsonb(fields),
    )


async def get_vendor(tx: Tx, vendor_id: int) -> Vendor | None:
    """A vendor, deleted or not."""
    return await tx.one(
        Vendor,
        f"select {VENDOR} from vendors where account_id = %(account_id)s and id = %(vendor_id)s",
        vendor_id=vendor_id,
    )


async def get_vendor_for_update(tx: Tx, vendor_id: int) -> Vendor | None:
    """A vendor, deleted or not, that nobody else changes until the transaction ends. Waits for those who do."""
    return await tx.one(
        Vendor,
        f"select {VENDOR} from vendors where account_id = %(account_id)s and id = %(vendor_id)s for no key update",
        vendor_id=vendor_id,
    )


async def get_vendors(tx: Tx, ids: list[int]) -> list[Vendor]:
    """Those of the ids that are vendors, deleted or not."""
    return await tx.all(
        Vendor,
        f"select {VENDOR} from vendors where account_id = %(account_id)s and id = any (%(ids)s::integer[])",
        ids=ids,
    )


async def due_vendors(tx: Tx, by: date) -> list[Vendor]:
    """The vendors in use whose reviews recur, and whose next deadline is not later than `by`."""
    return await tx.all(
        Vendor,
        f"""
        select {VENDOR} from vendors
        where account_id = %(account_id)s and deleted_at is null and archived_at is null
            and renewal_date <= %(by)s and renewal_schedule_type <> 'NONE'
            and coalesce(status, 'NONE') not in ('OFFBOARDED', 'REJECTED')
        order by renewal_date, id
        """,
        by=by,
    )


async def update_vendor(tx: Tx, vendor: Vendor) -> Vendor:
    """Sets all of a vendor's fields."""
    return await tx.only(
        Vendor,
        f"""
        update vendors
        set ({FIELDS}) = (select {FIELDS} from jsonb_populate_record(null::vendors, %(vendor)s)), updated_at = %(now)s
        where account_id = %(account_id)s and id = %(vendor_id)s
        returning {VENDOR}
        """,
        vendor_id=vendor.id,
        vendor=Jsonb(vendor),
        now=tx.now,
    )


async def delete_vendor(tx: Tx, vendor_id: int) -> None:
    """Marks a vendor as deleted; its reviews stay."""
    await tx.run(
        """
        update vendors set deleted_at = %(now)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(vendor_id)s
        """,
        vendor_id=vendor_id,
        now=tx.now,
    )


async def page_vendors(tx: Tx, part: Slice, filters: Filter) -> list[Vendor]:
    """A page of the vendors that match, by cursor."""
    return await tx.page(Vendor, LISTED, part, **structs.asdict(filters))


async def page_ranked_vendors(tx: Tx, part: Slice, filters: Filter) -> list[Vendor]:
    """A page of the vendors that match, by number."""
    return await tx.page(Vendor, RANKED, part, **structs.asdict(filters))


async def count_vendors(tx: Tx, filters: Filter) -> int:
    """How many vendors match."""
    return await tx.count(LISTED, **structs.asdict(filters))


async def standings(tx: Tx, vendor_ids: list[int], today: date) -> list[Standing]:
    """How each of the vendors stands with its renewal."""
    return await tx.all(
        Standing,
        f"""
        select v.id as vendor_id, {RENEWAL_STATUS} as renewal_date_status
        from vendors v where v.account_id = %(account_id)s and v.id = any (%(vendor_ids)s::integer[])
        """,
        vendor_ids=vendor_ids,
        today=today,
    )


async def count_by_scopes(tx: Tx, scopes: list[str], today: date, *, include_archived: bool) -> list[Count]:
    """How many vendors have each value of each scope; values that none has are absent."""
    return await tx.all(
        Count,
        f"""
        select scope.name as scope, scope.value as key, count(*) as count
        from vendors v cross join lateral {SCOPES} as scope (name, value)
        where v.account_id = %(account_id)s and v.deleted_at is null
            and (%(include_archived)s or v.archived_at is null) and scope.name = any (%(scopes)s)
        group by scope.name, scope.value
        """,
        scopes=scopes,
        today=today,
        include_archived=include_archived,
    )


async def insert_fields(tx: Tx, names: list[str]) -> None:
    """Adds those custom fields whose names are new."""
    await tx.run(
        """
        insert into vendor_fields (account_id, name)
        select %(account_id)s, name from unnest(%(names)s::text[]) as given (name)
        on conflict do nothing
        """,
        names=names,
    )


async def all_fields(tx: Tx) -> list[CustomField]:
    """Every custom field, the oldest first."""
    return await tx.all(CustomField, "select id, name from vendor_fields where account_id = %(account_id)s order by id")


async def page_types(tx: Tx, part: Slice) -> list[VendorType]:
    """A page of the types."""
    return await tx.page(VendorType, TYPES, part)


async def count_types(tx: Tx) -> int:
    """How many types there are."""
    return await tx.count(TYPES)


async def insert_type(tx: Tx, name: str) -> VendorType | None:
    """Adds a type; None when the name is taken."""
    return await tx.one(
        VendorType,
        f"""
        insert into vendor_types (account_id, name) values (%(account_id)s, %(name)s)
        on conflict do nothing
        returning {TYPE}
        """,
        name=name,
    )


async def get_type_for_update(tx: Tx, type_id: int) -> VendorType | None:
    """A type that is there, and that nobody else changes until the transaction ends."""
    return await tx.one(VendorType, f"{TYPES} and id = %(type_id)s for no key update", type_id=type_id)


async def rename_type(tx: Tx, type_id: int, name: str) -> VendorType | None:
    """Renames a type; None when the name is taken, and then the transaction can only be rolled back."""
    try:
        return await tx.one(
            VendorType,
            f"""
            update vendor_types set name = %(name)s, updated_at = %(now)s
            where account_id = %(account_id)s and id = %(type_id)s
            returning {TYPE}
            """,
            type_id=type_id,
            name=name,
            now=tx.now,
        )
    except UniqueViolation:
        return None


async def delete_type(tx: Tx, type_id: int) -> None:
    """Marks a type as deleted; the vendors that have it keep it."""
    await tx.run(
        """
        update vendor_types set deleted_at = %(now)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(type_id)s
        """,
        type_id=type_id,
        now=tx.now,
    )


async def get_settings(tx: Tx) -> VendorSettings | None:
    """The account's settings; None when it has not set any."""
    return await tx.one(VendorSettings, f"select {SETTINGS} from vendor_settings where account_id = %(account_id)s")


async def save_settings(tx: Tx, settings: VendorSettings) -> None:
    """Sets the account's settings."""
    await tx.run(
        f"""
        insert into vendor_settings (account_id, {SETTINGS}, updated_at)
        select %(account_id)s, {SETTINGS}, %(now)s from jsonb_populate_record(null::vendor_settings, %(settings)s)
        on conflict (account_id) do update set ({SETTINGS}, updated_at)
            = (select {SETTINGS}, %(now)s from jsonb_populate_record(null::vendor_settings, %(settings)s))
        """,
        settings=Jsonb(settings),
        now=tx.now,
    )


async def lock_settings(tx: Tx) -> None:
    """Lets nobody else change the account's settings until the transaction ends. Waits for those who do."""
    await tx.run("select from accounts where account_id = %(account_id)s for no key update")
