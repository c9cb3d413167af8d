"""What a save does to a SOC form: absent leaves, null and [] clear, items are appended (vendor-reviews 2.2)."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from trustwright.errors import Invalid
from trustwright.reviews.soc_form import MOST_ITEMS, Form, FormChange, merged

TODAY = date(2025, 7, 1)

SECTIONS: dict[str, dict[str, Any]] = {
    "reviewerInformation": {"reviewerUserId": 42, "reportIssueDate": "2025-03-01"},
    "complianceScope": {
        "certification": "SOC_2",
        "scopeType": "TYPE_2",
        "auditPeriod": "2025-01-01",
        "auditPeriodRange": {"start": "2024-01-01", "end": "2024-12-31"},
        "trustServiceCriteria": ["SECURITY", "AVAILABILITY"],
    },
    "reportOpinion": {"reportOpinion": "QUALIFIED", "encompassBusinessNeeds": False, "followUpActivity": "Call"},
    "findings": {"findings": [{"description": "A door stood open"}], "hasMaterialImpact": False},
    "endUserControls": {"userControls": [{"description": "Lock the door", "inPlace": True}]},
    "servicesAndLocations": {
        "services": [{"name": "Hosting"}],
        "locations": [{"city": "Austin", "stateOrCountry": "TX"}],
    },
    "cpaFirm": {"cpaFirm": "Ernie & Old", "cpaProcedurePerformed": "Asked around"},
    "subserviceOrganizations": {
        "subserviceOrganization": "SubCo",
        "subserviceOrganizationUsingInclusiveMethod": True,
        "subserviceOrganizationProcedurePerformed": "Read its reports",
    },
}
LISTS = {
    ("findings", "findings"): {"description": "Another"},
    ("endUserControls", "userControls"): {"description": "Another", "inPlace": False},
    ("servicesAndLocations", "services"): {"name": "Another"},
    ("servicesAndLocations", "locations"): {"city": "Another", "stateOrCountry": ""},
}
SCALARS = [
    (section, field)
    for section, fields in SECTIONS.items()
    for field in fields
    if (section, field) not in LISTS and field != "reviewerUserId"
]


def save(form: Form, sections: dict[str, Any], *, reviewer: str | None = None) -> Form:
    return merged(form, msgspec.convert(sections, FormChange), reviewer=reviewer, today=TODAY)


def shown(form: Form) -> dict[str, Any]:
    """The form as it is stored, without the numbers of its items."""

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(item) for item in value]
        return (
            {name: plain(inner) for name, inner in value.items() if name != "id"} if isinstance(value, dict) else value
        )

    stored: dict[str, Any] = plain(msgspec.json.decode(msgspec.json.encode(form)))
    del stored["lastItemId"]
    return stored


@pytest.fixture
def full() -> Form:
    return save(Form(), SECTIONS, reviewer="Bob Brown")


def test_what_is_saved_is_kept_as_sent(full: Form) -> None:
    kept = shown(full)

    assert kept["reviewerInformation"].pop("reviewer") == "Bob Brown"
    assert kept == SECTIONS


def test_a_form_survives_its_storage(full: Form) -> None:
    assert msgspec.json.decode(msgspec.json.encode(full), type=Form) == full


@pytest.mark.parametrize("sections", [{}, *({section: {}} for section in SECTIONS)], ids=str)
def test_what_is_absent_stays(full: Form, sections: dict[str, Any]) -> None:
    assert save(full, sections) == full


@pytest.mark.parametrize(("section", "field"), SCALARS)
def test_null_clears_one_field(full: Form, section: str, field: str) -> None:
    before = shown(full)

    after = shown(save(full, {section: {field: None}}))

    assert after[section].pop(field) is None
    del before[section][field]
    assert after == before


def test_null_takes_the_reviewer_away_with_the_name(full: Form) -> None:
    after = save(full, {"reviewerInformation": {"reviewerUserId": None}})

    assert after.reviewer_information.reviewer is None
    assert after.reviewer_information.reviewer_user_id is None
    assert after.reviewer_information.report_issue_date == date(2025, 3, 1)


def test_the_reviewers_name_stays_when_another_field_is_saved(full: Form) -> None:
    after = save(full, {"reviewerInformation": {"reportIssueDate": "2025-04-01"}})

    assert after.reviewer_information.reviewer == "Bob Brown"


@pytest.mark.parametrize(("section", "field"), LISTS)
def test_items_are_appended(full: Form, section: str, field: str) -> None:
    item = LISTS[section, field]

    after = shown(save(full, {section: {field: [item]}}))

    assert after[section][field] == [*SECTIONS[section][field], item]


@pytest.mark.parametrize(("section", "field"), LISTS)
def test_an_empty_list_clears_the_items_and_nothing_else(full: Form, section: str, field: str) -> None:
    before = shown(full)

    after = shown(save(full, {section: {field: []}}))

    assert after[section].pop(field) == []
    del before[section][field]
    assert after == before


@pytest.mark.parametrize(("section", "field"), LISTS)
def test_an_item_sent_twice_at_once_is_one_and_sent_again_is_two(section: str, field: str) -> None:
    item = LISTS[section, field]

    once = save(Form(), {section: {field: [item, item]}})
    again = save(once, {section: {field: [item]}})

    assert [len(shown(form)[section][field]) for form in (once, again)] == [1, 2]


@pytest.mark.parametrize(("section", "field"), LISTS)
def test_a_list_takes_so_many_items_and_no_more(section: str, field: str) -> None:
    def items(start: int, end: int) -> list[dict[str, Any]]:
        text = "name" if field == "services" else "city" if field == "locations" else "description"
        return [{text: f"Number {number}"} for number in range(start, end)]

    most = save(Form(), {section: {field: items(0, MOST_ITEMS)}})

    assert len(shown(most)[section][field]) == MOST_ITEMS
    with pytest.raises(Invalid, match=field):
        save(most, {section: {field: items(0, 1)}})
    with pytest.raises(Invalid, match=field):
        save(Form(), {section: {field: items(0, MOST_ITEMS + 1)}})


def test_numbers_of_items_are_not_given_again() -> None:
    form = save(Form(), {"findings": {"findings": [{"description": "a"}, {"description": "b"}]}})
    form = save(form, {"findings": {"findings": []}})

    form = save(form, {"findings": {"findings": [{"description": "c"}]}})
    form = save(form, {"servicesAndLocations": {"services": [{"name": "d"}]}})

    assert [form.findings.findings[0].id, form.services_and_locations.services[0].id] == [3, 4]


def test_criteria_replace_those_there_are(full: Form) -> None:
    for criteria, kept in ([["PRIVACY"], ["PRIVACY"]], [["PRIVACY", "PRIVACY"], ["PRIVACY"]], [[], []], [None, None]):
        after = shown(save(full, {"complianceScope": {"trustServiceCriteria": criteria}}))

        assert after["complianceScope"]["trustServiceCriteria"] == kept


def test_a_report_may_be_of_today_and_not_of_tomorrow() -> None:
    save(Form(), {"reviewerInformation": {"reportIssueDate": str(TODAY)}})

    with pytest.raises(Invalid, match=r"reviewerInformation\.reportIssueDate"):
        save(Form(), {"reviewerInformation": {"reportIssueDate": str(TODAY + timedelta(days=1))}})


def test_a_place_needs_its_city_or_its_country() -> None:
    form = save(Form(), {"servicesAndLocations": {"locations": [{"city": "Austin"}, {"stateOrCountry": "France"}]}})

    assert shown(form)["servicesAndLocations"]["locations"] == [
        {"city": "Austin", "stateOrCountry": ""},
        {"city": "", "stateOrCountry": "France"},
    ]


def test_a_control_is_not_in_place_unless_it_says_so() -> None:
    form = save(Form(), {"endUserControls": {"userControls": [{"description": "Lock"}]}})

    assert form.end_user_controls.user_controls[0].in_place is False


LONG = "x" * 30_001
FAULTS: list[dict[str, Any]] = [
    *({section: None} for section in SECTIONS),
    *({section: []} for section in SECTIONS),
    *({section: {field: None}} for section, field in LISTS),
    *({section: {field: [{}]}} for section, field in LISTS),
    *({section: {field: [None]}} for section, field in LISTS),
    *({section: {field: "x"}} for section, field in LISTS),
    {"reviewerInformation": {"reviewerUserId": 0}},
    {"reviewerInformation": {"reviewerUserId": 1.5}},
    {"reviewerInformation": {"reviewerUserId": "1"}},
    {"reviewerInformation": {"reportIssueDate": "yesterday"}},
    {"reviewerInformation": {"reportIssueDate": "2025-02-30"}},
    {"complianceScope": {"certification": "SOC_4"}},
    {"complianceScope": {"scopeType": "TYPE_3"}},
    {"complianceScope": {"auditPeriodRange": {"start": "2024-01-01"}}},
    {"complianceScope": {"auditPeriodRange": {"end": "2024-01-01"}}},
    {"complianceScope": {"auditPeriodRange": {"start": "2024-01-01", "end": None}}},
    {"complianceScope": {"auditPeriodRange": {"start": "2024-01-01", "end": "2024-01-01"}}},
    {"complianceScope": {"auditPeriodRange": {"start": "2024-01-02", "end": "2024-01-01"}}},
    {"complianceScope": {"trustServiceCriteria": ["SAFETY"]}},
    {"complianceScope": {"trustServiceCriteria": "SECURITY"}},
    {"reportOpinion": {"reportOpinion": "GOOD"}},
    {"reportOpinion": {"encompassBusinessNeeds": "true"}},
    {"reportOpinion": {"followUpActivity": LONG}},
    {"findings": {"findings": [{"description": "  "}]}},
    {"findings": {"findings": [{"description": LONG}]}},
    {"findings": {"hasMaterialImpact": 1}},
    {"endUserControls": {"userControls": [{"inPlace": True}]}},
    {"endUserControls": {"userControls": [{"description": "x", "inPlace": None}]}},
    {"servicesAndLocations": {"services": [{"name": ""}]}},
    {"servicesAndLocations": {"locations": [{"city": " ", "stateOrCountry": ""}]}},
    {"servicesAndLocations": {"locations": [{"city": "x" * 192}]}},
    {"cpaFirm": {"cpaFirm": "x" * 192}},
    {"cpaFirm": {"cpaProcedurePerformed": LONG}},
    {"subserviceOrganizations": {"subserviceOrganization": LONG}},
    {"subserviceOrganizations": {"subserviceOrganizationUsingInclusiveMethod": "N/A"}},
]


@pytest.mark.parametrize("sections", FAULTS, ids=lambda sections: str(sections)[:80])
def test_what_does_not_fit_is_no_save(sections: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        save(Form(), sections)
