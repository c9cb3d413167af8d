"""PUT: the title of any review, the form of a SOC report (Q29, Q30, vendor-reviews 2.2)."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.factories import Account
from tests.reviews.cast import (
    NOBODYS,
    OPINION,
    SCOPE,
    Subject,
    add,
    checked,
    deactivate,
    good,
    refused,
    together,
    traces,
)
from trustwright.accounts.roles import Role

SECTIONS = [
    *("reviewerInformation", "complianceScope", "reportOpinion", "findings", "endUserControls"),
    *("servicesAndLocations", "cpaFirm", "subserviceOrganizations"),
]


def missing(form: dict[str, Any]) -> list[str]:
    return [path for section in SECTIONS for path in form[section]["missingRequiredFields"]]


def test_a_new_form_is_empty_and_says_what_it_lacks(soc: Subject) -> None:
    form = soc.get()["socReviewForm"]

    assert missing(form) == [
        "reviewerInformation.reviewer",
        "reviewerInformation.reportIssueDate",
        "complianceScope.certification",
        "complianceScope.scopeType",
        "complianceScope.trustServiceCriteria",
        "reportOpinion.reportOpinion",
        "reportOpinion.encompassBusinessNeeds",
    ]
    assert [section for section in SECTIONS if form[section]["isComplete"]] == SECTIONS[3:]
    assert form["readyToFinalize"] is False
    assert form["complianceScope"]["trustServiceCriteria"] is None
    assert form["findings"]["findings"] == []


def test_section_by_section_less_is_missing_until_it_is_ready(soc: Subject) -> None:
    reviewer = {"reviewerUserId": soc.account.alice_id, "reportIssueDate": "2026-02-01"}
    left = []
    for section, fields in (
        ("reviewerInformation", reviewer),
        ("complianceScope", SCOPE),
        ("reportOpinion", OPINION),
        ("findings", {"findings": [{"description": "A door stood open"}]}),
        ("findings", {"hasMaterialImpact": False}),
    ):
        form = soc.save(**{section: fields})
        left.append((len(missing(form)), form["readyToFinalize"]))

    assert left == [(5, False), (2, False), (0, True), (1, False), (0, True)]
    assert soc.get()["socReviewForm"] == form


def test_the_answer_shows_what_was_saved(soc: Subject) -> None:
    sections: dict[str, Any] = {
        "complianceScope": {**SCOPE, "auditPeriod": "2025-06-30"},
        "reportOpinion": {**OPINION, "followUpActivity": "Call them"},
        "findings": {"findings": [{"description": "A door stood open"}], "hasMaterialImpact": True},
        "endUserControls": {"userControls": [{"description": "Lock it", "inPlace": True}]},
        "servicesAndLocations": {
            "services": [{"name": "Hosting"}],
            "locations": [{"city": "Austin", "stateOrCountry": "TX"}],
        },
        "cpaFirm": {"cpaFirm": "Ernie & Old", "cpaProcedurePerformed": "Asked around"},
        "subserviceOrganizations": {
            "subserviceOrganization": "SubCo",
            "subserviceOrganizationUsingInclusiveMethod": None,
            "subserviceOrganizationProcedurePerformed": "Read its reports",
        },
    }

    form = soc.save(**sections)

    for section, fields in sections.items():
        shown = {name: value for name, value in form[section].items() if name in fields}
        assert shown == fields


def test_the_reviewer_is_shown_by_the_name_of_the_moment(soc: Subject, acme: Account) -> None:
    bob = acme.user("bob@acme.test", Role.ADMIN, first_name="Bob", last_name="Brown")
    nameless = acme.user("nameless@acme.test", Role.ADMIN)

    def reviewer(user_id: int | None, **more: Any) -> Any:
        return soc.save(reviewerInformation={"reviewerUserId": user_id, **more})["reviewerInformation"]["reviewer"]

    assert reviewer(nameless) == "nameless@acme.test"
    assert reviewer(bob, reportIssueDate="2026-01-01") == "Bob Brown"
    deactivate(acme, bob)
    assert soc.get()["socReviewForm"]["reviewerInformation"]["isComplete"]
    assert reviewer(bob) == "Bob Brown"
    assert reviewer(None) is None
    refused(soc.put(socForm={"reviewerInformation": {"reviewerUserId": bob}}), 400, "reviewerUserId")


@pytest.mark.parametrize("status", ["NOT_YET_STARTED", "IN_PROGRESS", "COMPLETED", "NOT_REQUIRED"])
@pytest.mark.parametrize("type_", ["SECURITY", "SOC_REPORT", "UPLOAD_REPORT"])
def test_every_review_can_be_renamed(acme: Account, initech: int, type_: str, status: str) -> None:
    review = add(acme, initech, securityReviewType=type_, securityReviewStatus=status, title="Old")

    renamed = good(review.put(title="New"))

    assert (renamed["title"], renamed["status"]) == ("New", status)
    assert [event for event in review.events() if event[0] != "VENDOR_SECURITY_REVIEW_CREATED"] == [
        ("VENDOR_SECURITY_REVIEW_TITLE_UPDATED", {"title": "Old"}, {"title": "New"})
    ]


NOTHING: list[dict[str, Any]] = [
    {},
    {"socForm": None},
    {"socForm": {}},
    {"socForm": {"findings": {}}},
    {"socForm": {"findings": {"findings": []}}},
    {"socForm": {"reportOpinion": {"reportOpinion": None}}},
    {"title": "SOC 2 of 2025"},
    {"status": "COMPLETED", "note": "x"},
]


@pytest.mark.parametrize("change", NOTHING, ids=str)
def test_what_changes_nothing_leaves_no_trace(soc: Subject, storages: Path, change: dict[str, Any]) -> None:
    before, traced = soc.get("user", "requesterUser"), traces(soc.account, storages)

    assert good(soc.put(**change)) == before

    assert traces(soc.account, storages) == traced


def test_the_first_save_starts_the_review(soc: Subject) -> None:
    saved = good(soc.put(socForm={"reportOpinion": {"reportOpinion": "UNQUALIFIED"}}))

    assert saved["status"] == "IN_PROGRESS"
    assert [event[0] for event in soc.events()][1:] == [
        "VENDOR_SECURITY_REVIEW_UPDATED",
        "VENDOR_SOC_REPORT_REVIEW_STARTED",
    ]
    assert [(entry["action"], entry["status"], entry["decision"]) for entry in soc.history()] == [
        ("start", "IN_PROGRESS", "PENDING")
    ]


@pytest.mark.parametrize("status", ["IN_PROGRESS", "NOT_REQUIRED"])
def test_later_saves_leave_the_status(acme: Account, initech: int, status: str) -> None:
    review = add(acme, initech, securityReviewStatus=status)

    review.save(reportOpinion=OPINION)

    assert review.state() == (status, "PENDING")
    assert review.history() == []


def test_the_event_of_a_save_shows_what_went_and_what_came(soc: Subject) -> None:
    soc.save(findings={"findings": [{"description": "a"}], "hasMaterialImpact": True})
    soc.save(findings={"findings": [{"description": "b"}], "hasMaterialImpact": False})
    soc.save(findings={"findings": []})

    told = [(before, after) for type_, before, after in soc.events() if type_ == "VENDOR_SECURITY_REVIEW_UPDATED"]
    a, b = {"id": 1, "description": "a"}, {"id": 2, "description": "b"}
    shown = [tuple(each["socForm"]["findings"] for each in event) for event in told]
    assert shown == [
        ({"findings": [], "hasMaterialImpact": None}, {"findings": [a], "hasMaterialImpact": True}),
        ({"findings": [], "hasMaterialImpact": True}, {"findings": [b], "hasMaterialImpact": False}),
        ({"findings": [a, b]}, {"findings": []}),
    ]


def test_a_completed_review_takes_no_form_until_it_is_reopened(soc: Subject) -> None:
    soc.fill()
    soc.finalize()
    before = soc.get()

    for form in ({}, {"reportOpinion": OPINION}, {"findings": {"findings": [{"description": "x"}]}}):
        refused(soc.put(title="New", socForm=form), 400, "reopen")

    assert soc.get() == before
    assert good(soc.put(title="New", socForm=None))["title"] == "New"
    good(soc.act("reopen"))
    assert soc.save(findings={"findings": [{"description": "x"}]})["readyToFinalize"] is False


@pytest.mark.parametrize("type_", ["SECURITY", "UPLOAD_REPORT"])
@pytest.mark.parametrize("form", [{"reportOpinion": OPINION}, {"reportOpinion": 7}, [], "x", 7, {"findings": None}])
def test_other_types_ignore_the_form_whatever_it_is(acme: Account, initech: int, type_: str, form: Any) -> None:
    review = add(acme, initech, securityReviewType=type_)

    changed = good(review.put(title="New", socForm=form))

    assert (changed["title"], changed["status"]) == ("New", "NOT_YET_STARTED")
    assert "socReviewForm" not in changed


TOMORROW = str((datetime.now(UTC) + timedelta(days=1)).date())


@pytest.mark.parametrize(
    "change",
    [
        {"title": None},
        {"title": 7},
        {"title": "x" * 192},
        {"socForm": []},
        {"socForm": "x"},
        {"socForm": {"findings": None}},
        {"socForm": {"reviewerInformation": {"reportIssueDate": TOMORROW}}},
        {"socForm": {"reviewerInformation": {"reviewerUserId": 2**31 - 1}}},
        {"socForm": {"complianceScope": {"auditPeriodRange": {"start": "2025-01-01", "end": "2025-01-01"}}}},
        {"socForm": {"complianceScope": {"certification": "SOC_9"}}},
        {"socForm": {"findings": {"findings": [{"description": " "}]}}},
        {"socForm": {"findings": {"findings": [{"description": f"{number}"} for number in range(1001)]}}},
        {"socForm": {"cpaFirm": {"cpaFirm": "a\0b"}}},
    ],
    ids=lambda change: str(change)[:80],
)
def test_a_refused_save_changes_nothing(soc: Subject, storages: Path, change: dict[str, Any]) -> None:
    before, traced = soc.get(), traces(soc.account, storages)
    sound = (
        {"socForm": {"reportOpinion": OPINION, **change["socForm"]}} if isinstance(change.get("socForm"), dict) else {}
    )

    refused(soc.put(**{"title": "New", **change, **sound}), 400)

    assert (soc.get(), traces(soc.account, storages)) == (before, traced)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"7"])
def test_a_body_that_is_no_object_is_refused(soc: Subject, content: bytes) -> None:
    refused(soc.alice.put(soc.path, content=content), 400)


def test_a_fault_names_its_place(soc: Subject) -> None:
    answer = soc.put(socForm={"findings": {"findings": [{"description": "a"}, {}]}})

    refused(answer, 400, "socForm.findings.findings[1]")


def test_two_people_who_append_at_once_both_do(soc: Subject) -> None:
    def append(number: int) -> httpx.Response:
        return soc.put(socForm={"findings": {"findings": [{"description": f"{number}"}]}})

    answers = together(*(partial(append, number) for number in range(8)))

    assert {answer.status_code for answer in answers} == {200}
    kept = soc.get()["socReviewForm"]["findings"]["findings"]
    assert sorted(item["description"] for item in kept) == [str(number) for number in range(8)]
    assert [event[0] for event in soc.events()].count("VENDOR_SOC_REPORT_REVIEW_STARTED") == 1


def test_a_review_that_is_not_there_cannot_be_changed(soc: Subject, acme: Account) -> None:
    for path in (f"{soc.path[: -len(str(soc.id))]}{NOBODYS}", soc.path.replace(f"/{soc.vendor_id}/", f"/{NOBODYS}/")):
        refused(checked(acme.alice).put(path, json={"title": "New"}), 404)
    refused(checked(acme.alice).put(f"{soc.path}x", json={"title": "New"}), 400)
