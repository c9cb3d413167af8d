"""The SOC form as the API shows it, section by section."""

from datetime import date
from typing import Any, ClassVar, TypeVar

from msgspec import structs

from trustwright.http.wire import Wire
from trustwright.reviews.soc_form import (
    Certification,
    Criterion,
    Form,
    Opinion,
    Part,
    Period,
    ScopeType,
    missing,
)

S = TypeVar("S", bound="Section")


class Section(Wire, frozen=True):
    """`missingRequiredFields` names what the section lacks to be complete: paths of the answer."""

    is_complete: bool
    missing_required_fields: list[str]

    @classmethod
    def of(cls: type[S], part: Part, lacks: list[str], **shown: Any) -> S:
        """The section of a stored part; `shown` where the answer has it in another form."""
        fields = structs.asdict(part) | shown
        wanted = {name: value for name, value in fields.items() if name in cls.__struct_fields__}
        return cls(is_complete=not lacks, missing_required_fields=lacks, **wanted)


class ReviewerInformationAnswer(Section, frozen=True):
    """`reviewer` is a name; a save takes the user's id, `reviewerUserId`."""

    example: ClassVar = {
        "isComplete": False,
        "missingRequiredFields": ["reviewerInformation.reportIssueDate"],
        "reviewer": "Alice Adams",
        "reportIssueDate": None,
    }

    reviewer: str | None
    report_issue_date: date | None


class ComplianceScopeAnswer(Section, frozen=True):
    certification: Certification | None
    scope_type: ScopeType | None
    audit_period: date | None
    audit_period_range: Period | None
    trust_service_criteria: list[Criterion] | None


class ReportOpinionAnswer(Section, frozen=True):
    report_opinion: Opinion | None
    encompass_business_needs: bool | None
    follow_up_activity: str | None


class FindingAnswer(Wire, frozen=True):
    description: str


class FindingsAnswer(Section, frozen=True):
    findings: list[FindingAnswer]
    has_material_impact: bool | None


class UserControlAnswer(Wire, frozen=True):
    description: str
    in_place: bool


class EndUserControlsAnswer(Section, frozen=True):
    user_controls: list[UserControlAnswer]


class ServiceAnswer(Wire, frozen=True):
    name: str


class LocationAnswer(Wire, frozen=True):
    city: str
    state_or_country: str


class ServicesAndLocationsAnswer(Section, frozen=True):
    services: list[ServiceAnswer]
    locations: list[LocationAnswer]


class CpaFirmAnswer(Section, frozen=True):
    cpa_firm: str | None
    cpa_procedure_performed: str | None


class SubserviceOrganizationsAnswer(Section, frozen=True):
    """For the method, null means that the question does not arise."""

    subservice_organization: str | None
    subservice_organization_using_inclusive_method: bool | None
    subservice_organization_procedure_performed: str | None


class SocFormAnswer(Wire, frozen=True):
    """The review can be finalized when every section is complete."""

    ready_to_finalize: bool
    reviewer_information: ReviewerInformationAnswer
    compliance_scope: ComplianceScopeAnswer
    report_opinion: ReportOpinionAnswer
    findings: FindingsAnswer
    end_user_controls: EndUserControlsAnswer
    services_and_locations: ServicesAndLocationsAnswer
    cpa_firm: CpaFirmAnswer
    subservice_organizations: SubserviceOrganizationsAnswer

    @staticmethod
    def of(form: Form) -> "SocFormAnswer":
        lacks = missing(form)
        controls, places = form.end_user_controls, form.services_and_locations
        return SocFormAnswer(
            ready_to_finalize=not any(lacks.values()),
            reviewer_information=ReviewerInformationAnswer.of(form.reviewer_information, lacks["reviewerInformation"]),
            compliance_scope=ComplianceScopeAnswer.of(form.compliance_scope, lacks["complianceScope"]),
            report_opinion=ReportOpinionAnswer.of(form.report_opinion, lacks["reportOpinion"]),
            findings=FindingsAnswer.of(
                form.findings,
                lacks["findings"],
                findings=[FindingAnswer(description=item.description) for item in form.findings.findings],
            ),
            end_user_controls=EndUserControlsAnswer.of(
                controls,
                lacks["endUserControls"],
                user_controls=[
                    UserControlAnswer(description=item.description, in_place=item.in_place)
                    for item in controls.user_controls
                ],
            ),
            services_and_locations=ServicesAndLocationsAnswer.of(
                places,
                lacks["servicesAndLocations"],
                services=[ServiceAnswer(name=item.name) for item in places.services],
                locations=[
                    LocationAnswer(city=item.city, state_or_country=item.state_or_country) for item in places.locations
                ],
            ),
            cpa_firm=CpaFirmAnswer.of(form.cpa_firm, lacks["cpaFirm"]),
            subservice_organizations=SubserviceOrganizationsAnswer.of(
                form.subservice_organizations, lacks["subserviceOrganizations"]
            ),
        )
