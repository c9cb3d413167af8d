"""Vendors, their types, and how an account keeps watch over them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from trustwright.accounts.roles import Role

# Who may own a vendor's security, by the names of the roles here: Admin, Information Security Lead and Workspace
# Manager (vendor-reviews 1.1).
OWNER_ROLES = {Role.ADMIN, Role.TECHGOV, Role.WORKSPACE_ADMINISTRATOR}


class VendorCategory(StrEnum):
    ENGINEERING = "ENGINEERING"
    PRODUCT = "PRODUCT"
    MARKETING = "MARKETING"
    CS = "CS"
    SALES = "SALES"
    FINANCE = "FINANCE"
    HR = "HR"
    ADMINISTRATIVE = "ADMINISTRATIVE"
    SECURITY = "SECURITY"
    LEGAL = "LEGAL"
    INFORMATION_TECHNOLOGY = "INFORMATION_TECHNOLOGY"
    NONE = "NONE"


class VendorRisk(StrEnum):
    NONE = "NONE"
    LOW = "LOW"
    MODERATE = "MODERATE"
    HIGH = "HIGH"


class VendorStatus(StrEnum):
    PROSPECTIVE = "PROSPECTIVE"
    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    FLAGGED = "FLAGGED"
    ON_HOLD = "ON_HOLD"
    OFFBOARDED = "OFFBOARDED"
    UNDER_REVIEW = "UNDER_REVIEW"
    NONE = "NONE"


class VendorKind(StrEnum):
    """The types that every account has; `VendorType` is one of an account's own."""

    VENDOR = "VENDOR"
    SUPPLIER = "SUPPLIER"
    CONTRACTOR = "CONTRACTOR"
    PARTNER = "PARTNER"
    OTHER = "OTHER"
    NONE = "NONE"


class PasswordPolicy(StrEnum):
    USERNAME_PASSWORD = "USERNAME_PASSWORD"  # noqa: S105
    SSO = "SSO"
    LDAP = "LDAP"
    NONE = "NONE"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    SCIM = "SCIM"
    OTHER = "OTHER"


class OperationalImpact(StrEnum):
    NONE = "NONE"
    LOW = "LOW"
    NORMAL = "NORMAL"
    IMPORTANT = "IMPORTANT"
    CRITICAL = "CRITICAL"


class EnvironmentAccess(StrEnum):
    NO = "NO"
    READ_ONLY = "READ_ONLY"
    READ_WRITE = "READ_WRITE"


class ImpactLevel(StrEnum):
    INSIGNIFICANT = "INSIGNIFICANT"
    MINOR = "MINOR"
    MODERATE = "MODERATE"
    MAJOR = "MAJOR"
    CRITICAL = "CRITICAL"
    UNSCORED = "UNSCORED"


class DataAccessed(StrEnum):
    GENERAL = "GENERAL"
    PUBLIC = "PUBLIC"
    CONTROLLED_UNCLASSIFIED = "CONTROLLED_UNCLASSIFIED"
    FINANCIAL = "FINANCIAL"
    PROPRIETARY = "PROPRIETARY"
    EMPLOYEE_PERSONNEL = "EMPLOYEE_PERSONNEL"
    PERSONAL_IDENTIFIABLE_INFORMATION = "PERSONAL_IDENTIFIABLE_INFORMATION"
    PROTECTED_HEALTH_INFORMATION = "PROTECTED_HEALTH_INFORMATION"
    OTHER_PERSONAL_OR_SENSITIVE = "OTHER_PERSONAL_OR_SENSITIVE"
    CARDHOLDER_DATA = "CARDHOLDER_DATA"


class RenewalSchedule(StrEnum):
    """How often reviews recur. CUSTOM: at a date that somebody sets each time."""

    ONE_MONTH = "ONE_MONTH"
    TWO_MONTHS = "TWO_MONTHS"
    THREE_MONTHS = "THREE_MONTHS"
    SIX_MONTHS = "SIX_MONTHS"
    ONE_YEAR = "ONE_YEAR"
    CUSTOM = "CUSTOM"
    NONE = "NONE"


class RenewalDateStatus(StrEnum):
    """COMPLETED: nothing is due yet, or the review for this date is finished."""

    NO_RENEWAL = "NO_RENEWAL"
    COMPLETED = "COMPLETED"
    RENEWAL_DUE_SOON = "RENEWAL_DUE_SOON"
    RENEWAL_DUE = "RENEWAL_DUE"


class DeadlineStatus(StrEnum):
    """DUE_SOON: within 7 days. A later deadline has no status."""

    NO_RENEWAL = "NO_RENEWAL"
    DUE_SOON = "DUE_SOON"
    OVERDUE = "OVERDUE"


class ReviewSummary(StrEnum):
    """How a vendor stands with its reviews (vendor-reviews 1.5). NO_SECURITY: the newest is NOT_REQUIRED."""

    NO_SECURITY = "NO_SECURITY"
    UP_TO_DATE = "UP_TO_DATE"
    IN_PROGRESS = "IN_PROGRESS"
    NEEDS_REVIEW = "NEEDS_REVIEW"
    COMPLETED = "COMPLETED"
    NO_PAST_REVIEW = "NO_PAST_REVIEW"


class VendorFields(Struct, frozen=True, kw_only=True):
    """What people say about a vendor, and what follows from it at once: the provider of its trust center, and since
    when it is confirmed or archived. `user_id` is the security owner, `cost` a number of cents, `custom_fields` the
    value by the field's id."""

    name: str
    category: VendorCategory | None = None
    risk: VendorRisk = VendorRisk.NONE
    status: VendorStatus | None = None
    type: VendorKind | None = None
    vendor_type_id: int | None = None
    critical: bool | None = None
    user_id: int | None = None
    relationship_user_id: int | None = None
    url: str | None = None
    privacy_url: str | None = None
    terms_url: str | None = None
    trust_center_url: str | None = None
    trust_center_provider: str | None = None
    services_provided: str | None = None
    data_stored: str | None = None
    location: str | None = None
    notes: str | None = None
    has_pii: bool = False
    password_policy: PasswordPolicy | None = None
    password_requires_min_length: bool = False
    password_min_length: int | None = None
    password_requires_number: bool = False
    password_requires_symbol: bool = False
    password_mfa_enabled: bool = False
    contact_at_vendor: str | None = None
    contacts_email: str | None = None
    is_sub_processor: bool = False
    renewal_date: date | None = None
    renewal_schedule_type: RenewalSchedule | None = None
    shared_account_id: str | None = None
    operational_impact: OperationalImpact | None = None
    environment_access: EnvironmentAccess | None = None
    impact_level: ImpactLevel | None = None
    data_accessed: list[DataAccessed] | None = None
    integrations: list[int] = []
    cost: str | None = None
    custom_fields: dict[str, str] = {}
    residual_risk_level_id: int | None = None
    inherent_risk_level_id: int | None = None
    confirmed_at: datetime | None = None
    archived_at: datetime | None = None

    @property
    def contact_addresses(self) -> list[str]:
        return self.contacts_email.split(";") if self.contacts_email else []


class Vendor(VendorFields, frozen=True, kw_only=True):
    id: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class VendorType(Struct, frozen=True, kw_only=True):
    """A type of vendors that the account has made itself."""

    id: int
    name: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class CustomField(Struct, frozen=True, kw_only=True):
    id: int
    name: str


class CustomValue(Struct, frozen=True, kw_only=True):
    """A value for the custom field of an id or of a name; None takes it away."""

    id: int | None
    name: str | None
    value: str | None


class VendorSettings(Struct, frozen=True, kw_only=True):
    """How reviews recur and who is reminded. A recurring review starts `window_days` before its deadline; the owner
    gets a mail on each of `owner_reminder_days` before it (negative: after). An open questionnaire is reminded of every
    `questionnaire_reminder_days`, `questionnaire_reminders_most` times at most."""

    window_days: int = 30
    recurring_reviews: bool = True
    owner_reminder_days: list[int] = field(default_factory=lambda: [7, 1, -1])
    questionnaire_reminder_days: int = 7
    questionnaire_reminders_most: int = 3


def camel(name: str) -> str:
    """`renewal_date` as the API and the events spell it."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def difference(before: Struct, after: Struct, kind: type[Struct]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an event shows of a change: by the API's names, before and after, those fields of `kind` that differ."""
    names = [name for name in kind.__struct_fields__ if getattr(before, name) != getattr(after, name)]
    old, new = ({camel(name): getattr(each, name) for name in names} for each in (before, after))
    return old, new
