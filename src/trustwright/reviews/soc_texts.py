"""What people read of the form for SOC reports: its sections, its fields, and the words of its choices."""

from msgspec import Struct

from trustwright.reviews.soc_form import Form, missing


class Told(Struct, frozen=True):
    """A field's label, and what helps to fill it."""

    label: str
    hint: str = ""


class Described(Struct, frozen=True):
    """A section's title, and what it is for."""

    title: str
    hint: str


SECTIONS = {
    "reviewerInformation": Described("Reviewer", "Who reads the report, and how fresh it is."),
    "complianceScope": Described("Scope", "Which report it is, and what the auditor looked at."),
    "reportOpinion": Described("Opinion", "What the auditor concludes, and whether that is enough for you."),
    "findings": Described("Findings", "Exceptions that the auditor noted, and how the vendor answers them."),
    "endUserControls": Described("Your controls", "What the report expects its readers to do themselves."),
    "servicesAndLocations": Described("Services and locations", "What the report covers, and where."),
    "cpaFirm": Described("Audit firm", "Who made the report, and how you made sure of them."),
    "subserviceOrganizations": Described("Subservice organizations", "Whom the vendor relies on in turn."),
}

FIELDS = {
    "reviewerInformation.reviewerUserId": Told("Reviewer", "Whoever reads the report for your company."),
    "reviewerInformation.reportIssueDate": Told("Report issued on", "The day beneath the auditor's opinion."),
    "complianceScope.certification": Told("Report", "The kind of SOC report, as its title page says."),
    "complianceScope.scopeType": Told("Type", "Type 1 looks at one day, type 2 at a period."),
    "complianceScope.auditPeriod": Told("Day audited", "For a report of type 1."),
    "complianceScope.auditPeriodRange": Told("Period audited", "For a report of type 2."),
    "complianceScope.trustServiceCriteria": Told("Trust services criteria", "Those that the opinion names."),
    "reportOpinion.reportOpinion": Told("Opinion", "Unqualified means that the auditor has no reservations."),
    "reportOpinion.encompassBusinessNeeds": Told(
        "Does the report cover what you use?", "Compare the services it describes with those you buy."
    ),
    "reportOpinion.followUpActivity": Told(
        "Follow-up", "What you do about the opinion. Needed for each one that is not unqualified."
    ),
    "findings.findings": Told("Finding", "One exception a field, with the vendor's answer."),
    "findings.hasMaterialImpact": Told("Do the findings matter to you?", "Needed as soon as there is a finding."),
    "endUserControls.userControls": Told("Control", "One complementary user entity control a field."),
    "servicesAndLocations.services": Told("Service"),
    "servicesAndLocations.locations": Told("Location"),
    "cpaFirm.cpaFirm": Told("Firm", "As it signs the opinion."),
    "cpaFirm.cpaProcedurePerformed": Told("What you checked about it", "Such as its licence or its peer review."),
    "subserviceOrganizations.subserviceOrganization": Told("Organizations", "Such as who hosts the service."),
    "subserviceOrganizations.subserviceOrganizationUsingInclusiveMethod": Told(
        "Are they part of the report?", "Yes for the inclusive method, no when they are carved out."
    ),
    "subserviceOrganizations.subserviceOrganizationProcedurePerformed": Told(
        "What you checked about them", "Such as their own SOC reports."
    ),
}

# What the rules name, where the form asks for it by another name.
ASKED_AS = {"reviewerInformation.reviewer": "reviewerInformation.reviewerUserId"}

CHOICES = {
    "SOC_1": "SOC 1",
    "SOC_2": "SOC 2",
    "SOC_3": "SOC 3",
    "TYPE_1": "Type 1",
    "TYPE_2": "Type 2",
    "SECURITY": "Security",
    "AVAILABILITY": "Availability",
    "CONFIDENTIALITY": "Confidentiality",
    "PROCESSING_INTEGRITY": "Processing integrity",
    "PRIVACY": "Privacy",
    "UNQUALIFIED": "Unqualified",
    "QUALIFIED": "Qualified",
    "ADVERSE": "Adverse",
    "DISCLAIMER": "Disclaimer",
}


class Progress(Struct, frozen=True):
    """How far a section is: the labels of what it lacks to be complete."""

    name: str
    title: str
    lacks: list[str]


def progress(form: Form) -> list[Progress]:
    """Each section in its order, by the rules that finalizing asks for."""
    lacking = missing(form)
    return [
        Progress(name, told.title, [FIELDS[ASKED_AS.get(path, path)].label for path in lacking[name]])
        for name, told in SECTIONS.items()
    ]
