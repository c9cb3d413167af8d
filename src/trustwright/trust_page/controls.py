"""Controls of the trust page, and how each of them stands at a time (trust-center 5)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from trustwright.errors import Invalid
from trustwright.trust_page.model import LongText, Name


class Category(StrEnum):
    PRODUCT_SECURITY = "PRODUCT_SECURITY"
    DATA_SECURITY = "DATA_SECURITY"
    NETWORK_SECURITY = "NETWORK_SECURITY"
    APP_SECURITY = "APP_SECURITY"
    ENDPOINT_SECURITY = "ENDPOINT_SECURITY"
    CORPORATE_SECURITY = "CORPORATE_SECURITY"


# Every category in the order of the page, with its title there.
CATEGORIES = {
    Category.PRODUCT_SECURITY: "Product security",
    Category.DATA_SECURITY: "Data security",
    Category.NETWORK_SECURITY: "Network security",
    Category.APP_SECURITY: "App security",
    Category.ENDPOINT_SECURITY: "Endpoint security",
    Category.CORPORATE_SECURITY: "Corporate security",
}

# How often what is looked at by hand is to be looked at again; in days.
BY_HAND = 30
STALE_AFTER = 2  # intervals


class ControlStatus(StrEnum):
    """NOT_MONITORED: nothing is known, or nothing that is recent enough."""

    PASSING = "PASSING"
    IN_REMEDIATION = "IN_REMEDIATION"
    FAILING = "FAILING"
    NOT_MONITORED = "NOT_MONITORED"


class PublicStatus(StrEnum):
    """What visitors are told of it."""

    PASSING = "PASSING"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"
    NOT_MONITORED = "NOT_MONITORED"


PUBLIC = {
    ControlStatus.PASSING: PublicStatus.PASSING,
    ControlStatus.IN_REMEDIATION: PublicStatus.NEEDS_ATTENTION,
    ControlStatus.FAILING: PublicStatus.NEEDS_ATTENTION,
    ControlStatus.NOT_MONITORED: PublicStatus.NOT_MONITORED,
}


class ControlFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of a control by those who keep the page. `interval_days`: a test of it is run every so many days;
    None without a test. `evidence_until`: until when its documents count."""

    category: Category
    code: Annotated[str, Meta(min_length=1, max_length=100)]
    name: Name
    description: LongText = ""
    is_published: bool = True
    is_status_displayed: bool = True
    interval_days: Annotated[float, Meta(gt=0, le=3650)] | None = None
    evidence_until: datetime | None = None


class Control(Struct, frozen=True, kw_only=True):
    """A control and its last result. `failing_since`: when it first failed, since it passed for the last time."""

    id: int
    workspace_id: int
    category: Category
    place: int
    code: str
    name: str
    description: str
    is_published: bool
    is_status_displayed: bool
    interval_days: float | None
    is_passing: bool | None
    checked_at: datetime | None
    failing_since: datetime | None
    evidence_until: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def fields(self) -> ControlFields:
        return ControlFields(**{name: getattr(self, name) for name in ControlFields.__struct_fields__})

    @property
    def is_monitored(self) -> bool:
        return self.interval_days is not None


class Standing(Struct, frozen=True, kw_only=True):
    """How a control stands. `is_documented`: it has no test, and its evidence is in date. `failing_since` and
    `sla_due_at` belong to a control that fails now; the latter is None where nothing is promised."""

    status: ControlStatus
    is_documented: bool
    last_checked_at: datetime | None
    failing_since: datetime | None = None
    sla_due_at: datetime | None = None


def standing(control: Control, sla_time: int, now: datetime) -> Standing:
    """How it stands at `now`, where failing controls are promised to pass again within `sla_time` days.

    A result counts for twice its interval; without a test it was found by hand and counts for 60 days."""
    documented = not control.is_monitored and control.evidence_until is not None and control.evidence_until > now
    checked = control.checked_at
    age = timedelta(days=STALE_AFTER * (control.interval_days or BY_HAND))
    if control.is_passing is None or checked is None or now - checked > age:
        return Standing(status=ControlStatus.NOT_MONITORED, is_documented=documented, last_checked_at=checked)
    if control.is_passing:
        return Standing(status=ControlStatus.PASSING, is_documented=documented, last_checked_at=checked)
    since = control.failing_since or checked
    due = since + timedelta(days=sla_time) if sla_time else None
    status = ControlStatus.IN_REMEDIATION if due and now < due else ControlStatus.FAILING
    return Standing(status=status, is_documented=False, last_checked_at=checked, failing_since=since, sla_due_at=due)


def failing_since(control: Control, checked_at: datetime, *, is_passing: bool) -> datetime | None:
    """Since when a control fails, with a new result."""
    return None if is_passing else control.failing_since or checked_at


def require_newer(control: Control, checked_at: datetime, now: datetime) -> None:
    """Raises Invalid for a result of the future, and for one that is older than the last.

    One as new as the last is not of the future, whose transaction may have begun after this one."""
    if checked_at > now and checked_at != control.checked_at:
        raise Invalid("checkedAt: must not lie in the future")
    if control.checked_at is not None and checked_at < control.checked_at:
        raise Invalid(f"checkedAt: a newer result is known already, of {control.checked_at.isoformat()}")


def by_category(controls: list[Control]) -> dict[Category, list[Control]]:
    """Published controls as the page has them: those with a test first, then by place. No category is empty."""
    shown = sorted(
        (control for control in controls if control.is_published),
        key=lambda control: (not control.is_monitored, control.place, control.id),
    )
    found = {category: [control for control in shown if control.category is category] for category in CATEGORIES}
    return {category: members for category, members in found.items() if members}
