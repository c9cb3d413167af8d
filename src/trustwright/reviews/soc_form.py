"""The form that a SOC report is read into: what is stored, what a save changes, what is missing to finalize."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from itertools import count
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, structs

from trustwright.errors import Invalid

MOST_ITEMS = 1000

Long = Annotated[str, Meta(max_length=30_000)]
Short = Annotated[str, Meta(max_length=191)]
UserId = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class Certification(StrEnum):
    SOC_1 = "SOC_1"
    SOC_2 = "SOC_2"
    SOC_3 = "SOC_3"


class ScopeType(StrEnum):
    """TYPE_1 looks at one day, TYPE_2 at a period."""

    TYPE_1 = "TYPE_1"
    TYPE_2 = "TYPE_2"


class Criterion(StrEnum):
    AVAILABILITY = "AVAILABILITY"
    CONFIDENTIALITY = "CONFIDENTIALITY"
    SECURITY = "SECURITY"
    PRIVACY = "PRIVACY"
    PROCESSING_INTEGRITY = "PROCESSING_INTEGRITY"


class Opinion(StrEnum):
    UNQUALIFIED = "UNQUALIFIED"
    QUALIFIED = "QUALIFIED"
    ADVERSE = "ADVERSE"
    DISCLAIMER = "DISCLAIMER"


class Part(Struct, frozen=True, kw_only=True, rename="camel"):
    """A piece of the form, stored as the API spells it."""


class Period(Part, frozen=True):
    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("end must be after start")


class Finding(Part, frozen=True):
    id: int
    description: str


class UserControl(Part, frozen=True):
    id: int
    description: str
    in_place: bool


class Service(Part, frozen=True):
    id: int
    name: str


class Location(Part, frozen=True):
    id: int
    city: str
    state_or_country: str


class ReviewerInformation(Part, frozen=True):
    """`reviewer` is the name that the reviewer had when it was saved, and outlives the user."""

    reviewer_user_id: int | None = None
    reviewer: str | None = None
    report_issue_date: date | None = None


class ComplianceScope(Part, frozen=True):
    certification: Certification | None = None
    scope_type: ScopeType | None = None
    audit_period: date | None = None
    audit_period_range: Period | None = None
    trust_service_criteria: tuple[Criterion, ...] | None = None


class ReportOpinion(Part, frozen=True):
    report_opinion: Opinion | None = None
    encompass_business_needs: bool | None = None
    follow_up_activity: str | None = None


class Findings(Part, frozen=True):
    findings: tuple[Finding, ...] = ()
    has_material_impact: bool | None = None


class EndUserControls(Part, frozen=True):
    user_controls: tuple[UserControl, ...] = ()


class ServicesAndLocations(Part, frozen=True):
    services: tuple[Service, ...] = ()
    locations: tuple[Location, ...] = ()


class CpaFirm(Part, frozen=True):
    cpa_firm: str | None = None
    cpa_procedure_performed: str | None = None


class SubserviceOrganizations(Part, frozen=True):
    """For the method, None means that the question does not arise; it is never missing."""

    subservice_organization: str | None = None
    subservice_organization_using_inclusive_method: bool | None = None
    subservice_organization_procedure_performed: str | None = None


class Form(Part, frozen=True):
    """Items of its lists are numbered across the form, and no number is given twice."""

    reviewer_information: ReviewerInformation = ReviewerInformation()
    compliance_scope: ComplianceScope = ComplianceScope()
    report_opinion: ReportOpinion = ReportOpinion()
    findings: Findings = Findings()
    end_user_controls: EndUserControls = EndUserControls()
    services_and_locations: ServicesAndLocations = ServicesAndLocations()
    cpa_firm: CpaFirm = CpaFirm()
    subservice_organizations: SubserviceOrganizations = SubserviceOrganizations()
    last_item_id: int = 0


# What a save may say. Of a text, a date, a choice: absent leaves it, null clears it. Of a list of items: absent leaves
# it, an empty one clears it, another is appended to it (vendor-reviews 2.2).


class NewFinding(Part, frozen=True):
    description: Long

    def __post_init__(self) -> None:
        _require_text("description", self.description)


class NewUserControl(Part, frozen=True):
    description: Long
    in_place: bool = False

    def __post_init__(self) -> None:
        _require_text("description", self.description)


class NewService(Part, frozen=True):
    name: Long

    def __post_init__(self) -> None:
        _require_text("name", self.name)


class NewLocation(Part, frozen=True):
    city: Short = ""
    state_or_country: Short = ""

    def __post_init__(self) -> None:
        _require_text("city or stateOrCountry", self.city + self.state_or_country)


class ReviewerChange(Part, frozen=True):
    reviewer_user_id: UserId | UnsetType | None = UNSET
    report_issue_date: date | UnsetType | None = UNSET


class ScopeChange(Part, frozen=True):
    """The criteria replace those there are."""

    certification: Certification | UnsetType | None = UNSET
    scope_type: ScopeType | UnsetType | None = UNSET
    audit_period: date | UnsetType | None = UNSET
    audit_period_range: Period | UnsetType | None = UNSET
    trust_service_criteria: tuple[Criterion, ...] | UnsetType | None = UNSET


class OpinionChange(Part, frozen=True):
    report_opinion: Opinion | UnsetType | None = UNSET
    encompass_business_needs: bool | UnsetType | None = UNSET
    follow_up_activity: Long | UnsetType | None = UNSET


class FindingsChange(Part, frozen=True):
    findings: tuple[NewFinding, ...] | UnsetType = UNSET
    has_material_impact: bool | UnsetType | None = UNSET


class ControlsChange(Part, frozen=True):
    user_controls: tuple[NewUserControl, ...] | UnsetType = UNSET


class ServicesChange(Part, frozen=True):
    services: tuple[NewService, ...] | UnsetType = UNSET
    locations: tuple[NewLocation, ...] | UnsetType = UNSET


class FirmChange(Part, frozen=True):
    cpa_firm: Short | UnsetType | None = UNSET
    cpa_procedure_performed: Long | UnsetType | None = UNSET


class SubserviceChange(Part, frozen=True):
    subservice_organization: Long | UnsetType | None = UNSET
    subservice_organization_using_inclusive_method: bool | UnsetType | None = UNSET
    subservice_organization_procedure_performed: Long | UnsetType | None = UNSET


class FormChange(Part, frozen=True):
    """A section is left out or is an object; null is a fault."""

    reviewer_information: ReviewerChange | UnsetType = UNSET
    compliance_scope: ScopeChange | UnsetType = UNSET
    report_opinion: OpinionChange | UnsetType = UNSET
    findings: FindingsChange | UnsetType = UNSET
    end_user_controls: ControlsChange | UnsetType = UNSET
    services_and_locations: ServicesChange | UnsetType = UNSET
    cpa_firm: FirmChange | UnsetType = UNSET
    subservice_organizations: SubserviceChange | UnsetType = UNSET

    @property
    def reviewer_user_id(self) -> int | UnsetType | None:
        part = self.reviewer_information
        return UNSET if part is UNSET else part.reviewer_user_id


def _camel(name: str) -> str:
    """A field's name as the API spells it."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


LISTS: dict[str, type[Part]] = {
    "findings": Finding,
    "user_controls": UserControl,
    "services": Service,
    "locations": Location,
}


def merged(form: Form, change: FormChange, *, reviewer: str | None, today: date) -> Form:
    """The form after a save. `reviewer` is the name of the reviewer whom the change names.

    Raises Invalid for a report issued after today, and for a list that would grow beyond MOST_ITEMS."""
    numbers = count(form.last_item_id + 1)
    sections = {
        name: _laid_over(getattr(form, name), part, numbers)
        for name in change.__struct_fields__
        if (part := getattr(change, name)) is not UNSET
    }
    if change.reviewer_information is not UNSET:
        sections["reviewer_information"] = _reviewed(sections["reviewer_information"], change, reviewer, today)
    return structs.replace(form, **sections, last_item_id=next(numbers) - 1)


def _reviewed(
    section: ReviewerInformation, change: FormChange, reviewer: str | None, today: date
) -> ReviewerInformation:
    if section.report_issue_date and section.report_issue_date > today:
        raise Invalid("reviewerInformation.reportIssueDate: must not be in the future")
    return section if change.reviewer_user_id is UNSET else structs.replace(section, reviewer=reviewer)


def _laid_over(section: Any, part: Any, numbers: Iterator[int]) -> Any:
    given = {name: value for name in part.__struct_fields__ if (value := getattr(part, name)) is not UNSET}
    for name, value in given.items():
        if isinstance(value, tuple):
            # The same item twice in one request is a slip; the same as a stored one may be meant.
            distinct = tuple(dict.fromkeys(value))
            given[name] = _appended(name, getattr(section, name), distinct, numbers) if name in LISTS else distinct
    return structs.replace(section, **given)


def _appended(name: str, stored: tuple[Any, ...], items: tuple[Any, ...], numbers: Iterator[int]) -> tuple[Any, ...]:
    if not items:
        return ()
    if len(stored) + len(items) > MOST_ITEMS:
        raise Invalid(f"{_camel(name)}: at most {MOST_ITEMS} items; send an empty list to clear those there are")
    return (*stored, *(LISTS[name](id=next(numbers), **structs.asdict(item)) for item in items))


class Required(Struct, frozen=True):
    section: str
    field: str
    when: Callable[[Form], bool] = lambda _: True


# The core profile, in the order of the form (decisions 11, vendor-reviews 2.3).
REQUIRED = (
    Required("reviewer_information", "reviewer"),
    Required("reviewer_information", "report_issue_date"),
    Required("compliance_scope", "certification"),
    Required("compliance_scope", "scope_type"),
    Required("compliance_scope", "audit_period", lambda form: form.compliance_scope.scope_type is ScopeType.TYPE_1),
    Required(
        "compliance_scope", "audit_period_range", lambda form: form.compliance_scope.scope_type is ScopeType.TYPE_2
    ),
    Required(
        "compliance_scope",
        "trust_service_criteria",
        lambda form: form.compliance_scope.certification not in (Certification.SOC_1, Certification.SOC_3),
    ),
    Required("report_opinion", "report_opinion"),
    Required("report_opinion", "encompass_business_needs"),
    Required(
        "report_opinion",
        "follow_up_activity",
        lambda form: form.report_opinion.report_opinion not in (None, Opinion.UNQUALIFIED),
    ),
    Required("findings", "has_material_impact", lambda form: bool(form.findings.findings)),
)
SECTIONS = {name: _camel(name) for name in FormChange.__struct_fields__}
PATHS = {rule: f"{SECTIONS[rule.section]}.{_camel(rule.field)}" for rule in REQUIRED}


def missing(form: Form) -> dict[str, list[str]]:
    """For each section what it lacks before the review can be finalized: paths in the names of the answer (Q33).

    A blank text and an empty list are missing, `false` is not."""
    found: dict[str, list[str]] = {section: [] for section in SECTIONS.values()}
    for rule, path in PATHS.items():
        if rule.when(form) and _is_blank(getattr(getattr(form, rule.section), rule.field)):
            found[SECTIONS[rule.section]].append(path)
    return found


def ready(form: Form) -> bool:
    """Whether nothing is missing."""
    return not any(missing(form).values())


def fingerprint(form: Form) -> bytes:
    """The SHA-256 of the form as it is stored."""
    return hashlib.sha256(msgspec.json.encode(form)).digest()


def difference(before: Form, after: Form) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a save took away and what it brought: of a field its value, of a list of items those that went or came."""
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for section in FormChange.__struct_fields__:
        parts = [structs.asdict(getattr(form, section)) for form in (before, after)]
        for field in parts[0]:
            was, now = (part[field] for part in parts)
            if was != now:
                old.setdefault(_camel(section), {})[_camel(field)] = _beyond(was, now) if field in LISTS else was
                new.setdefault(_camel(section), {})[_camel(field)] = _beyond(now, was) if field in LISTS else now
    return old, new


def _beyond(items: tuple[Part, ...], others: tuple[Part, ...]) -> list[Part]:
    known = set(others)
    return [item for item in items if item not in known]


def _is_blank(value: object) -> bool:
    return value is None or value == () or (isinstance(value, str) and not value.strip())


def _require_text(name: str, text: str) -> None:
    if not text.strip():
        raise ValueError(f"{name} must not be blank")
