"""Bodies of vendors, as both versions of the API spell them."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, TypeVar

from msgspec import UNSET, Meta, UnsetType, field

from trustwright.errors import Invalid
from trustwright.http.wire import Id, Timestamp, Wire, iso_or_none
from trustwright.vendors.changes import Change
from trustwright.vendors.model import (
    CustomValue,
    DataAccessed,
    EnvironmentAccess,
    ImpactLevel,
    OperationalImpact,
    PasswordPolicy,
    RenewalDateStatus,
    RenewalSchedule,
    Vendor,
    VendorCategory,
    VendorFields,
    VendorKind,
    VendorRisk,
    VendorStatus,
    camel,
)
from trustwright.vendors.texts import mail_addresses, require_web_address

Name = Annotated[str, Meta(min_length=1, max_length=191)]
Line = Annotated[str, Meta(max_length=191)]
Lines = Annotated[str, Meta(max_length=1500)]
Text = Annotated[str, Meta(max_length=30_000)]
Address = Annotated[str, Meta(max_length=768, extra_json_schema={"format": "uri"})]
BoundedId = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Cents = Annotated[str, Meta(pattern="^[0-9]{1,18}$")]
Unique = Meta(extra_json_schema={"uniqueItems": True})

# The fields that are taken as they are sent, or close to it.
TAKEN = tuple(name for name in VendorFields.__struct_fields__ if name != "custom_fields")
ADDRESSES = ("url", "privacy_url", "terms_url", "trust_center_url")

AnswerOf = TypeVar("AnswerOf", bound="VendorBasics")


class ContactBody(Wire, frozen=True):
    user_id: BoundedId


class CustomFieldBody(Wire, frozen=True):
    """The field by `id`, else by `name`; a name that is new makes a field. A null `value` takes the value away."""

    value: Text | None
    id: Id | None = None
    name: Name | None = None

    def __post_init__(self) -> None:
        if self.id is None and self.name is None:
            raise ValueError("Name the custom field by id or name")


class VendorBody(Wire, frozen=True):
    """What may be said of a vendor in any request; what is absent stays as it is.

    `contactEmail` and `contactsEmail` are one (Q63): addresses with semicolons between them. `accountId` is the account
    that the vendor itself has with a platform like this, and shares. `cost` is a number of cents."""

    longest_contacts: ClassVar = 191

    has_pii: bool | UnsetType = UNSET
    password_requires_number: bool | UnsetType = UNSET
    password_requires_symbol: bool | UnsetType = UNSET
    password_mfa_enabled: bool | UnsetType = UNSET
    password_requires_min_length: bool | UnsetType = UNSET
    is_sub_processor: bool | UnsetType = UNSET
    category: VendorCategory | UnsetType | None = UNSET
    risk: VendorRisk | UnsetType = UNSET
    status: VendorStatus | UnsetType | None = UNSET
    critical: bool | UnsetType | None = UNSET
    user_id: BoundedId | UnsetType | None = UNSET
    url: Address | UnsetType | None = UNSET
    privacy_url: Address | UnsetType = UNSET
    terms_url: Address | UnsetType = UNSET
    trust_center_url: Address | UnsetType = UNSET
    services_provided: Text | UnsetType | None = UNSET
    data_stored: Text | UnsetType | None = UNSET
    location: Text | UnsetType = UNSET
    password_policy: PasswordPolicy | UnsetType | None = UNSET
    password_min_length: Annotated[int, Meta(ge=6, le=12)] | UnsetType | None = UNSET
    contact_at_vendor: Line | UnsetType | None = UNSET
    contact_email: Lines | UnsetType | None = UNSET
    contacts_email: Lines | UnsetType | None = UNSET
    notes: Text | UnsetType = UNSET
    renewal_date: str | UnsetType | None = UNSET
    renewal_schedule_type: RenewalSchedule | UnsetType | None = UNSET
    confirmed: bool | UnsetType | None = UNSET
    type: VendorKind | UnsetType | None = UNSET
    shared_account_id: Annotated[str, Meta(max_length=36)] | UnsetType = field(default=UNSET, name="accountId")
    operational_impact: OperationalImpact | UnsetType | None = UNSET
    environment_access: EnvironmentAccess | UnsetType | None = UNSET
    impact_level: ImpactLevel | UnsetType | None = UNSET
    data_accessed: Annotated[list[DataAccessed], Unique, Meta(max_length=300)] | UnsetType | None = field(
        default=UNSET, name="dataAccessedOrProcessedList"
    )
    integrations: Annotated[list[Id], Unique] | UnsetType = UNSET
    cost: Cents | UnsetType | None = UNSET
    custom_fields: list[CustomFieldBody] | UnsetType = UNSET
    residual_risk_level_id: BoundedId | UnsetType | None = UNSET
    inherent_risk_level_id: BoundedId | UnsetType | None = UNSET
    vendor_relationship_contact: ContactBody | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        for name, listed in (
            ("dataAccessedOrProcessedList", self.data_accessed),
            ("integrations", self.integrations),
        ):
            if listed and len(set(listed)) < len(listed):
                raise ValueError(f"{name}: a value stands there more than once")
        # The pattern lets a line end pass.
        if self.cost and self.cost.endswith("\n"):
            raise ValueError("cost: must be a whole number of cents")

    def change(self) -> Change:
        """What the body asks for. Raises Invalid."""
        given: dict[str, Any] = {name: value for name in TAKEN if (value := getattr(self, name, UNSET)) is not UNSET}
        if not str(given.get("name", "-")).strip():
            raise Invalid("name: a vendor needs one")
        for name in ADDRESSES:
            if given.get(name) is not None:
                require_web_address(camel(name), given[name])
        if given.get("renewal_date") is not None:
            given["renewal_date"] = day("renewalDate", given["renewal_date"])
        if self.vendor_relationship_contact is not UNSET:
            contact = self.vendor_relationship_contact
            given["relationship_user_id"] = contact.user_id if contact else None
        return Change(
            fields=given | self._contacts(),
            confirmed=self.confirmed,
            custom_values=[
                CustomValue(id=each.id, name=each.name, value=each.value) for each in self.custom_fields or ()
            ],
        )

    def _contacts(self) -> dict[str, Any]:
        texts = {
            name: text
            for name, text in (("contactEmail", self.contact_email), ("contactsEmail", self.contacts_email))
            if text is not UNSET
        }
        if len(set(texts.values())) > 1:
            raise Invalid("contactEmail and contactsEmail: they are one; send one of them")
        for name, text in texts.items():
            if text is not None and len(text) > self.longest_contacts:
                raise Invalid(f"{name}: must not be longer than {self.longest_contacts} characters")
            return {"contacts_email": None if text is None else mail_addresses(name, text)}
        return {}


class NewVendor(VendorBody, frozen=True, kw_only=True):
    example: ClassVar = {
        "name": "Globex Payroll",
        "category": "HR",
        "risk": "MODERATE",
        "status": "ACTIVE",
        "url": "https://globex.example",
        "contactEmail": "security@globex.example",
        "hasPii": True,
        "renewalScheduleType": "ONE_YEAR",
    }

    name: Name


class VendorChange(VendorBody, frozen=True):
    """`type` and `vendorTypeId` exclude each other."""

    example: ClassVar = {"status": "APPROVED", "renewalDate": "2027-06-30", "renewalScheduleType": "CUSTOM"}

    name: Name | UnsetType = UNSET
    vendor_type_id: BoundedId | UnsetType | None = UNSET


def day(name: str, text: str) -> date:
    """A plain date, or the day in UTC of a moment (Q19). Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"{name}: must be a date like 2027-06-30") from error
    return moment.astimezone(UTC).date() if moment.tzinfo else moment.date()


class VendorCompact(Wire, frozen=True):
    id: int
    name: str

    @staticmethod
    def of(vendor: Vendor) -> "VendorCompact":
        return VendorCompact(id=vendor.id, name=vendor.name)


class VendorBasics(Wire, frozen=True):
    """What every answer shows of a vendor. What is not kept here is null: the logo, the number of events."""

    id: int
    name: str
    category: VendorCategory | None
    risk: VendorRisk
    type: VendorKind | None
    critical: bool | None
    status: VendorStatus | None
    location: str | None
    url: str | None
    privacy_url: str | None
    terms_url: str | None
    trust_center_url: str | None
    trust_center_provider: str | None
    services_provided: str | None
    data_stored: str | None
    has_pii: bool
    password_policy: PasswordPolicy | None
    password_requires_min_length: bool
    password_min_length: int | None
    password_requires_number: bool
    password_requires_symbol: bool
    password_mfa_enabled: bool
    contact_at_vendor: str | None
    contacts_email: str | None
    notes: str | None
    created_at: Timestamp
    updated_at: Timestamp
    is_sub_processor: bool
    is_sub_processor_active: bool
    archived_at: Timestamp | None
    renewal_date: date | None
    renewal_schedule_type: RenewalSchedule | None
    renewal_date_status: RenewalDateStatus
    confirmed_at: Timestamp | None
    shared_account_id: str | None
    is_drata_user: bool
    impact_level: ImpactLevel | None
    logo_url: str | None = None
    events: int | None = None


class VendorDetails(VendorBasics, frozen=True, kw_only=True):
    cost: str | None
    operational_impact: OperationalImpact | None
    environment_access: EnvironmentAccess | None
    data_accessed: list[DataAccessed] | None = field(name="dataAccessedOrProcessedList")


SAME = set(Vendor.__struct_fields__) & set(VendorDetails.__struct_fields__)
MOMENTS = ("created_at", "updated_at", "archived_at", "confirmed_at")


def shown(kind: type[AnswerOf], vendor: Vendor, status: RenewalDateStatus, **more: Any) -> AnswerOf:
    """The vendor as a `kind`, with `more` of its properties."""
    values = {name: getattr(vendor, name) for name in SAME & set(kind.__struct_fields__)}
    return kind(
        **values
        | {name: iso_or_none(values[name]) for name in MOMENTS}
        | {
            "is_sub_processor_active": vendor.is_sub_processor,
            "renewal_date_status": status,
            "is_drata_user": vendor.shared_account_id is not None,
        }
        | more
    )
