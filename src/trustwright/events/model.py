"""Events and their names, as the API spells them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import Struct


class Source(StrEnum):
    APP = "APP"
    AUTOPILOT = "AUTOPILOT"
    PUBLIC_API = "PUBLIC_API"
    VENDOR_QUESTIONNAIRE = "VENDOR_QUESTIONNAIRE"
    SCHEDULED = "SCHEDULED"
    WORKFLOW = "WORKFLOW"
    DRATA_POLICY = "DRATA_POLICY"


class Category(StrEnum):
    AUTOPILOT = "AUTOPILOT"
    AGENT = "AGENT"
    POLICY = "POLICY"
    PERSONNEL = "PERSONNEL"
    REPORT = "REPORT"
    VENDOR = "VENDOR"
    ASSET = "ASSET"
    COMPANY = "COMPANY"
    ASSESSMENT = "ASSESSMENT"
    AUDIT = "AUDIT"
    MONITOR = "MONITOR"
    USER = "USER"
    CONNECTION = "CONNECTION"
    GRC = "GRC"
    MDM = "MDM"
    QUESTIONNAIRE = "QUESTIONNAIRE"
    DEVICE = "DEVICE"
    TRUST_PAGES = "TRUST_PAGES"
    TRUST_CENTER_PRIVATE_ACCESS = "TRUST_CENTER_PRIVATE_ACCESS"
    RISK = "RISK"
    COMPANY_NOTIFICATION = "COMPANY_NOTIFICATION"
    CUSTOM_FRAMEWORKS = "CUSTOM_FRAMEWORKS"
    MULTIPLE_PRODUCT_SUPPORT = "MULTIPLE_PRODUCT_SUPPORT"
    PUBLIC_API_KEY = "PUBLIC_API_KEY"
    SERVICE_PROVIDER = "SERVICE_PROVIDER"
    TASK = "TASK"
    AUTOPILOT_RECIPE_SCHEDULE = "AUTOPILOT_RECIPE_SCHEDULE"
    RESYNC = "RESYNC"
    EVIDENCE = "EVIDENCE"
    AUTOPILOT_RECIPE = "AUTOPILOT_RECIPE"
    ACCESS_REVIEW = "ACCESS_REVIEW"
    DOCUMENT_SCANNED = "DOCUMENT_SCANNED"
    CLOUD_STORAGE = "CLOUD_STORAGE"
    VENDOR_PROFILE = "VENDOR_PROFILE"
    CODEBASE = "CODEBASE"
    EXCEPTION_MANAGEMENT = "EXCEPTION_MANAGEMENT"
    WORKFLOWS = "WORKFLOWS"
    CUSTOM_CONNECTION = "CUSTOM_CONNECTION"
    TRUST_CENTER_REPORTS = "TRUST_CENTER_REPORTS"
    OUTBOUND_WEBHOOKS = "OUTBOUND_WEBHOOKS"
    SAFEBASE_MIGRATION = "SAFEBASE_MIGRATION"
    TRUST_ACCESS_REQUEST = "TRUST_ACCESS_REQUEST"
    SAFEBASE_ONBOARDING = "SAFEBASE_ONBOARDING"


class EventType(StrEnum):
    """The types that Trustwright records; `names.TYPES` holds all that may be asked for."""

    category: Category

    def __new__(cls, value: str, category: Category) -> "EventType":
        member = str.__new__(cls, value)
        member._value_ = value
        member.category = category
        return member

    COMPANY_DATA_UPDATED = "COMPANY_DATA_UPDATED", Category.COMPANY
    TERMS_AGREED = "TERMS_AGREED", Category.COMPANY
    WORKSPACE_CREATED = "WORKSPACE_CREATED", Category.MULTIPLE_PRODUCT_SUPPORT
    USER_ROLE_CREATED = "USER_ROLE_CREATED", Category.USER
    PUBLIC_API_KEY_CREATED = "PUBLIC_API_KEY_CREATED", Category.PUBLIC_API_KEY
    PUBLIC_API_KEY_REVOKED = "PUBLIC_API_KEY_REVOKED", Category.PUBLIC_API_KEY
    PROVIDER_CONNECTION_CREATED = "PROVIDER_CONNECTION_CREATED", Category.CUSTOM_CONNECTION
    PROVIDER_CONNECTION_UPDATED = "PROVIDER_CONNECTION_UPDATED", Category.CUSTOM_CONNECTION
    PROVIDER_CONNECTION_REMOVED = "PROVIDER_CONNECTION_REMOVED", Category.CUSTOM_CONNECTION
    CUSTOM_RESOURCE_RECORD_CREATED = "CUSTOM_RESOURCE_RECORD_CREATED", Category.CUSTOM_CONNECTION
    CUSTOM_RESOURCE_RECORD_UPDATED = "CUSTOM_RESOURCE_RECORD_UPDATED", Category.CUSTOM_CONNECTION
    CUSTOM_RESOURCE_RECORD_REMOVED = "CUSTOM_RESOURCE_RECORD_REMOVED", Category.CUSTOM_CONNECTION
    CUSTOM_DATA_RECORD_REMOVED = "CUSTOM_DATA_RECORD_REMOVED", Category.CUSTOM_CONNECTION


class Event(Struct, frozen=True, kw_only=True):
    """One change, as recorded. `target` names what changed: `{"kind": ..., "id": ...}`."""

    id: UUID
    seq: int
    type: str
    category: Category
    source: Source
    description: str
    request: str | None
    user_id: int | None
    connection_id: int | None
    workspace_id: int | None
    target: dict[str, Any]
    before: Any
    after: Any
    status: str | None
    created_at: datetime


class Filter(Struct, frozen=True, kw_only=True):
    """What events to list. UNSET means any; None means those without one (Q67)."""

    type: str | None = None
    source: str | None = None
    category: str | None = None
    workspace_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    any_user: bool = True
    user_id: int | None = None
    any_connection: bool = True
    connection_id: int | None = None
