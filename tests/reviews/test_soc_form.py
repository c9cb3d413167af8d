"""What a SOC form lacks before it can be finalized: the whole truth table (vendor-reviews 2.3, 2.4)."""

from datetime import date
from itertools import product
from typing import Any

import pytest

from trustwright.reviews.soc_form import (
    Certification,
    ComplianceScope,
    CpaFirm,
    Criterion,
    EndUserControls,
    Finding,
    Findings,
    Form,
    Location,
    Opinion,
    Period,
    ReportOpinion,
    ReviewerInformation,
    ScopeType,
    Service,
    ServicesAndLocations,
    SubserviceOrganizations,
    UserControl,
    fingerprint,
    missing,
    ready,
)

DAY = date(2025, 3, 1)
RANGE = Period(start=date(2024, 1, 1), end=date(2024, 12, 31))
CRITERIA = (Criterion.SECURITY,)
FINDINGS = (Finding(id=1, description="A door stood open"),)
MODIFIED = [Opinion.QUALIFIED, Opinion.ADVERSE, Opinion.DISCLAIMER]

REVIEWED = ReviewerInformation(reviewer_user_id=1, reviewer="Bob Brown", report_issue_date=DAY)
SCOPED = ComplianceScope(certification=Certification.SOC_3, scope_type=ScopeType.TYPE_2, audit_period_range=RANGE)
JUDGED = ReportOpinion(report_opinion=Opinion.UNQUALIFIED, encompass_business_needs=True)


def of(section: str, found: dict[str, list[str]]) -> list[str]:
    """The section's paths without its name in front."""
    return [path.removeprefix(f"{section}.") for path in found[section]]


@pytest.mark.parametrize(
    ("reviewer", "issued", "lacks"),
    [
        pytest.param(None, None, ["reviewer", "reportIssueDate"], id="R1"),
        pytest.param("Bob", None, ["reportIssueDate"], id="R2"),
        pytest.param(None, DAY, ["reviewer"], id="R3"),
        pytest.param("Bob", DAY, [], id="R4"),
    ],
)
def test_a_reviewer_and_the_day_of_the_report_are_required(
    reviewer: str | None, issued: date | None, lacks: list[str]
) -> None:
    form = Form(reviewer_information=ReviewerInformation(reviewer=reviewer, report_issue_date=issued))

    assert of("reviewerInformation", missing(form)) == lacks


SOC_1_OR_3 = [Certification.SOC_1, Certification.SOC_3]


@pytest.mark.parametrize(
    ("certifications", "scope", "period", "span", "criteria", "lacks"),
    [
        pytest.param([None], None, None, None, None, ["certification", "scopeType", "trustServiceCriteria"], id="C1"),
        pytest.param([Certification.SOC_2], None, None, None, CRITERIA, ["scopeType"], id="C2"),
        pytest.param([Certification.SOC_2], ScopeType.TYPE_1, None, None, CRITERIA, ["auditPeriod"], id="C3"),
        pytest.param([Certification.SOC_2], ScopeType.TYPE_1, DAY, None, None, ["trustServiceCriteria"], id="C4"),
        pytest.param([Certification.SOC_2], ScopeType.TYPE_1, DAY, None, (), ["trustServiceCriteria"], id="C4-empty"),
        pytest.param([Certification.SOC_2], ScopeType.TYPE_1, DAY, None, CRITERIA, [], id="C5"),
        pytest.param([Certification.SOC_2], ScopeType.TYPE_2, DAY, None, CRITERIA, ["auditPeriodRange"], id="C6"),
        pytest.param([Certification.SOC_2], ScopeType.TYPE_2, None, RANGE, CRITERIA, [], id="C7"),
        pytest.param(SOC_1_OR_3, ScopeType.TYPE_1, DAY, None, None, [], id="C8"),
        pytest.param(SOC_1_OR_3, ScopeType.TYPE_2, None, RANGE, None, [], id="C9"),
        pytest.param(SOC_1_OR_3, ScopeType.TYPE_2, None, RANGE, CRITERIA, [], id="C9-criteria"),
        pytest.param(SOC_1_OR_3, ScopeType.TYPE_1, None, RANGE, None, ["auditPeriod"], id="C10-1"),
        pytest.param(SOC_1_OR_3, ScopeType.TYPE_2, DAY, None, None, ["auditPeriodRange"], id="C10-2"),
        pytest.param([None], ScopeType.TYPE_2, None, RANGE, CRITERIA, ["certification"], id="C11"),
    ],
)
def test_the_scope_requires_what_its_certification_and_type_ask_for(
    certifications: list[Certification | None],
    scope: ScopeType | None,
    period: date | None,
    span: Period | None,
    criteria: tuple[Criterion, ...] | None,
    lacks: list[str],
) -> None:
    for certification in certifications:
        part = ComplianceScope(
            certification=certification,
            scope_type=scope,
            audit_period=period,
            audit_period_range=span,
            trust_service_criteria=criteria,
        )

        assert of("complianceScope", missing(Form(compliance_scope=part))) == lacks


@pytest.mark.parametrize(
    ("opinions", "needs", "follow_ups", "lacks"),
    [
        pytest.param([None], [None], [None], ["reportOpinion", "encompassBusinessNeeds"], id="O1"),
        pytest.param([Opinion.UNQUALIFIED], [True, False], [None, "", "Call"], [], id="O2"),
        pytest.param(MODIFIED, [True, False], [None, "", " "], ["followUpActivity"], id="O3"),
        pytest.param(MODIFIED, [True, False], ["Call"], [], id="O4"),
        pytest.param([Opinion.UNQUALIFIED], [None], [None], ["encompassBusinessNeeds"], id="O5"),
        pytest.param(MODIFIED, [None], [None], ["encompassBusinessNeeds", "followUpActivity"], id="O5-modified"),
        pytest.param([None], [True, False], [None, "Call"], ["reportOpinion"], id="O6"),
    ],
)
def test_a_modified_opinion_requires_a_follow_up(
    opinions: list[Opinion | None], needs: list[bool | None], follow_ups: list[str | None], lacks: list[str]
) -> None:
    for opinion, need, follow_up in product(opinions, needs, follow_ups):
        part = ReportOpinion(report_opinion=opinion, encompass_business_needs=need, follow_up_activity=follow_up)

        assert of("reportOpinion", missing(Form(report_opinion=part))) == lacks


@pytest.mark.parametrize(
    ("findings", "impacts", "lacks"),
    [
        pytest.param((), [None, True, False], [], id="F1, F4"),
        pytest.param(FINDINGS, [None], ["hasMaterialImpact"], id="F2"),
        pytest.param(FINDINGS, [True, False], [], id="F3"),
    ],
)
def test_findings_require_a_word_on_their_impact(
    findings: tuple[Finding, ...], impacts: list[bool | None], lacks: list[str]
) -> None:
    for impact in impacts:
        part = Findings(findings=findings, has_material_impact=impact)

        assert of("findings", missing(Form(findings=part))) == lacks


def test_the_other_sections_require_nothing() -> None:
    """Rows E1, S1, P1 and B1."""
    controls = [(), *((UserControl(id=1, description="Lock", in_place=placed),) for placed in (True, False))]
    places = [((), ()), ((Service(id=1, name="Hosting"),), (Location(id=2, city="Austin", state_or_country=""),))]
    for user_controls, (services, locations), text, inclusive in product(
        controls, places, [None, "", "SubCo"], [None, True, False]
    ):
        form = Form(
            end_user_controls=EndUserControls(user_controls=user_controls),
            services_and_locations=ServicesAndLocations(services=services, locations=locations),
            cpa_firm=CpaFirm(cpa_firm=text),
            subservice_organizations=SubserviceOrganizations(
                subservice_organization=text, subservice_organization_using_inclusive_method=inclusive
            ),
        )

        found = missing(form)

        sections = ("endUserControls", "servicesAndLocations", "cpaFirm", "subserviceOrganizations")
        assert [found[section] for section in sections] == [[], [], [], []]


def expected(state: dict[str, Any]) -> list[str]:
    """What is missing, said once more and in other words."""
    modified = state["opinion"] in ("QUALIFIED", "ADVERSE", "DISCLAIMER")
    wanted = {
        "reviewerInformation.reviewer": state["reviewer"] is None,
        "reviewerInformation.reportIssueDate": state["issued"] is None,
        "complianceScope.certification": state["certification"] is None,
        "complianceScope.scopeType": state["scope"] is None,
        "complianceScope.auditPeriod": state["scope"] == "TYPE_1" and state["period"] is None,
        "complianceScope.auditPeriodRange": state["scope"] == "TYPE_2" and state["span"] is None,
        "complianceScope.trustServiceCriteria": state["certification"] in (None, "SOC_2") and not state["criteria"],
        "reportOpinion.reportOpinion": state["opinion"] is None,
        "reportOpinion.encompassBusinessNeeds": state["needs"] is None,
        "reportOpinion.followUpActivity": modified and state["follow_up"] != "Call",
        "findings.hasMaterialImpact": len(state["findings"]) > 0 and state["impact"] is None,
    }
    return [path for path, lacking in wanted.items() if lacking]


STATES: dict[str, list[Any]] = {
    "reviewer": [None, "Bob"],
    "issued": [None, DAY],
    "certification": [None, *Certification],
    "scope": [None, *ScopeType],
    "period": [None, DAY],
    "span": [None, RANGE],
    "criteria": [None, (), CRITERIA],
    "opinion": [None, *Opinion],
    "needs": [None, True, False],
    "follow_up": [" ", "Call"],
    "findings": [(), FINDINGS],
    "impact": [None, True, False],
}


def form_in(state: dict[str, Any]) -> Form:
    return Form(
        reviewer_information=ReviewerInformation(reviewer=state["reviewer"], report_issue_date=state["issued"]),
        compliance_scope=ComplianceScope(
            certification=state["certification"],
            scope_type=state["scope"],
            audit_period=state["period"],
            audit_period_range=state["span"],
            trust_service_criteria=state["criteria"],
        ),
        report_opinion=ReportOpinion(
            report_opinion=state["opinion"],
            encompass_business_needs=state["needs"],
            follow_up_activity=state["follow_up"],
        ),
        findings=Findings(findings=state["findings"], has_material_impact=state["impact"]),
    )


@pytest.mark.parametrize("certification", STATES["certification"])
def test_every_state_of_the_form_lacks_what_the_rules_say(certification: Certification | None) -> None:
    finalizable = 0
    for values in product(*(STATES | {"certification": [certification]}).values()):
        state = dict(zip(STATES, values, strict=True))
        form = form_in(state)

        found = [path for paths in missing(form).values() for path in paths]

        assert found == expected(state), state
        assert ready(form) is (not found)
        finalizable += ready(form)
    # R4, then C5, C7, C8, C9 over what does not matter, then O2 and O4, then F1 and F3.
    scopes = {None: 0, Certification.SOC_2: 4}.get(certification, 12)
    assert finalizable == scopes * (2 * 2 + 3 * 2) * (3 + 2)


def test_a_new_form_lacks_three_sections() -> None:
    found = missing(Form())

    assert [section for section, paths in found.items() if paths] == [
        "reviewerInformation",
        "complianceScope",
        "reportOpinion",
    ]
    assert len(found) == 8
    assert not ready(Form())


def test_the_least_that_can_be_finalized() -> None:
    assert ready(Form(reviewer_information=REVIEWED, compliance_scope=SCOPED, report_opinion=JUDGED))


def test_forms_that_differ_have_different_fingerprints() -> None:
    forms = [Form(), Form(report_opinion=JUDGED), Form(findings=Findings(findings=FINDINGS))]

    assert len({fingerprint(form) for form in forms}) == 3
    assert fingerprint(Form(report_opinion=JUDGED)) == fingerprint(forms[1])
