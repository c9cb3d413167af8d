"""Finalize and reopen: which is offered, what each does, who may not (Q31, Q32, vendor-reviews 1.4)."""

import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from tests.conftest import free_port, serving
from tests.factories import Account, World
from tests.reviews.cast import (
    NOBODYS,
    VENDORS,
    Subject,
    add,
    add_vendor,
    checked,
    delete_vendor,
    good,
    refused,
    together,
)
from trustwright.settings import InvalidSetting, ReviewActions, from_environment

OTHERS = ["SECURITY", "UPLOAD_REPORT"]


def test_a_report_is_finalized_and_reopened(soc: Subject) -> None:
    assert soc.actions() == []
    soc.fill()
    assert soc.actions() == ["finalize"]

    assert good(soc.act("finalize")) == {
        "success": True,
        "newStatus": "COMPLETED",
        "message": "Security review finalized successfully",
    }
    assert soc.state() == ("COMPLETED", "APPROVED")
    assert soc.actions() == ["reopen"]

    assert good(soc.act("reopen")) == {
        "success": True,
        "newStatus": "IN_PROGRESS",
        "message": "Security review reopened successfully",
    }
    assert soc.state() == ("IN_PROGRESS", "APPROVED")
    assert soc.actions() == ["finalize"]


def test_a_report_that_was_never_started_can_be_finalized_when_it_is_ready(soc: Subject) -> None:
    soc.fill()
    good(soc.patch(status="NOT_YET_STARTED"))

    assert soc.actions() == ["finalize"]
    soc.finalize()


@pytest.mark.parametrize("status", ["NOT_YET_STARTED", "IN_PROGRESS", "NOT_REQUIRED"])
@pytest.mark.parametrize("action", ["finalize", "reopen"])
def test_without_a_complete_form_nothing_can_be_done(acme: Account, initech: int, status: str, action: str) -> None:
    review = add(acme, initech, securityReviewStatus=status)

    assert review.actions() == []
    refused(review.act(action), 422)
    assert review.state() == (status, "PENDING")
    assert review.history() == []


def test_a_refusal_names_what_is_missing(soc: Subject) -> None:
    refused(soc.act("finalize"), 422, "reportOpinion.encompassBusinessNeeds")


def test_what_is_done_cannot_be_done_again(soc: Subject) -> None:
    soc.fill()
    refused(soc.act("reopen"), 422, "IN_PROGRESS")
    soc.finalize()
    refused(soc.act("finalize"), 422, "COMPLETED")

    assert len(soc.history()) == 2


def test_a_ready_review_that_is_not_required_offers_nothing(soc: Subject) -> None:
    soc.fill()
    good(soc.patch(status="NOT_REQUIRED"))

    assert soc.actions() == []
    for action in ("finalize", "reopen"):
        refused(soc.act(action), 422, "NOT_REQUIRED")


@pytest.mark.parametrize("decision", ["APPROVED", "APPROVED_WITH_CONDITIONS", "REJECTED"])
def test_a_decision_and_a_note_go_with_finalize(soc: Subject, decision: str) -> None:
    soc.fill()

    soc.finalize(decision=decision, note="Until May")

    review = soc.get()
    assert (review["decision"], review["note"]) == (decision, "Until May")


def test_without_a_note_the_old_one_stays(soc: Subject) -> None:
    soc.fill()
    good(soc.patch(note="Old"))

    soc.finalize()

    assert soc.get()["note"] == "Old"


@pytest.mark.parametrize(("reset", "decision"), [({}, "REJECTED"), ({"resetDecision": False}, "REJECTED")])
def test_a_reopened_review_keeps_its_decision(soc: Subject, reset: dict[str, Any], decision: str) -> None:
    soc.fill()
    soc.finalize(decision="REJECTED")

    good(soc.act("reopen", **reset))

    assert soc.state() == ("IN_PROGRESS", decision)


def test_a_reopened_review_forgets_its_decision_when_asked_to(soc: Subject) -> None:
    soc.fill()
    soc.finalize(decision="REJECTED")

    good(soc.act("reopen", resetDecision=True))

    assert soc.state() == ("IN_PROGRESS", "PENDING")
    soc.finalize()
    assert soc.state() == ("COMPLETED", "APPROVED")


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"action": None},
        {"action": "Finalize"},
        {"action": "delete"},
        {"action": "finalize", "decision": "PENDING"},
        {"action": "finalize", "decision": "MAYBE"},
        {"action": "finalize", "note": "x" * 1001},
        {"action": "finalize", "resetDecision": True},
        {"action": "finalize", "resetDecision": False},
        {"action": "reopen", "decision": "APPROVED"},
        {"action": "reopen", "note": "x"},
        {"action": "reopen", "resetDecision": "true"},
    ],
    ids=str,
)
def test_what_does_not_fit_the_action_is_refused(soc: Subject, sent: dict[str, Any]) -> None:
    soc.fill()
    if sent.get("action") == "reopen":
        soc.finalize()
    before = soc.get()

    refused(soc.alice.post(f"{soc.path}/actions", json=sent), 400)

    assert soc.get() == before


def test_the_shape_is_looked_at_before_the_review(acme: Account, initech: int) -> None:
    path = f"{VENDORS}/{initech}/security-reviews/{NOBODYS}/actions"

    refused(checked(acme.alice).post(path, json={"action": "reopen", "note": "x"}), 400)
    refused(checked(acme.alice).post(path, json={"action": "reopen"}), 404)


@pytest.mark.parametrize("type_", OTHERS)
@pytest.mark.parametrize("status", ["IN_PROGRESS", "COMPLETED"])
def test_other_types_have_no_actions(acme: Account, initech: int, type_: str, status: str) -> None:
    review = add(acme, initech, securityReviewType=type_, securityReviewStatus=status)

    refused(review.alice.get(f"{review.path}/actions"), 422, "SOC_REPORT")
    for action in ("finalize", "reopen"):
        refused(review.act(action), 422, "SOC_REPORT")
    assert review.state() == (status, "PENDING")


@pytest.fixture(scope="module")
def permissive(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over the same database, where all types have actions."""
    folder = tmp_path_factory.mktemp("permissive")
    with serving(world.database_url, folder, free_port(), TRUSTWRIGHT_REVIEW_ACTIONS="all") as address:
        yield address


@pytest.mark.parametrize("type_", OTHERS)
def test_one_setting_gives_all_types_actions(acme: Account, initech: int, permissive: str, type_: str) -> None:
    review = add(acme, initech, securityReviewType=type_)
    acme.alice.base_url = httpx.URL(permissive)

    assert review.actions() == ["finalize"]
    review.finalize(decision="APPROVED_WITH_CONDITIONS", note="Until May")
    assert review.state() == ("COMPLETED", "APPROVED_WITH_CONDITIONS")
    assert review.actions() == ["reopen"]
    good(review.act("reopen", resetDecision=True))
    assert review.state() == ("IN_PROGRESS", "PENDING")
    types = [type_ for type_, _, _ in review.events()]
    assert types[1:] == [
        "VENDOR_SECURITY_REVIEW_UPDATED",
        "VENDOR_SECURITY_REVIEW_COMPLETED",
        "VENDOR_SECURITY_REVIEW_APPROVAL_STATUS_CHANGED",
        "VENDOR_SECURITY_REVIEW_TRANSITIONED",
        "VENDOR_SECURITY_REVIEW_APPROVAL_STATUS_CHANGED",
    ]


def test_the_setting_is_one_of_two_words() -> None:
    for word in ReviewActions:
        assert from_environment({"TRUSTWRIGHT_REVIEW_ACTIONS": word.value}).review_actions is word
    with pytest.raises(InvalidSetting, match="TRUSTWRIGHT_REVIEW_ACTIONS must be one of soc_report, all"):
        from_environment({"TRUSTWRIGHT_REVIEW_ACTIONS": "none"})


def test_a_review_that_is_not_there_has_no_actions(soc: Subject, acme: Account) -> None:
    others = add_vendor(acme, name="Umbrella")
    for path in (
        f"{VENDORS}/{soc.vendor_id}/security-reviews/{NOBODYS}/actions",
        f"{VENDORS}/{others}/security-reviews/{soc.id}/actions",
        f"{VENDORS}/{NOBODYS}/security-reviews/{soc.id}/actions",
    ):
        refused(soc.alice.get(path), 404)
        refused(soc.alice.post(path, json={"action": "finalize"}), 404)
    delete_vendor(acme, soc.vendor_id)
    refused(soc.alice.get(f"{soc.path}/actions"), 404)
    refused(soc.act("finalize"), 404)


def test_a_malformed_review_is_404_where_no_400_is_documented(soc: Subject) -> None:
    refused(soc.alice.get(f"{soc.path}x/actions"), 404)
    refused(soc.alice.post(f"{soc.path}x/actions", json={"action": "finalize"}), 400)


def test_of_two_who_finalize_at_once_one_does(soc: Subject) -> None:
    for _ in range(5):
        soc.fill()
        decisions = ["APPROVED", "REJECTED"]

        answers = together(*(partial(soc.act, "finalize", decision=decision) for decision in decisions))

        assert sorted(answer.status_code for answer in answers) == [200, 422]
        winner = decisions[[answer.status_code for answer in answers].index(200)]
        assert soc.state() == ("COMPLETED", winner)
        assert [entry["decision"] for entry in soc.history()][-1] == winner
        good(soc.act("reopen", resetDecision=True))
    assert len(soc.history()) == 1 + 2 * 5


def test_a_save_and_a_finalize_at_once_leave_no_completed_review_with_a_gap(soc: Subject) -> None:
    soc.fill()
    gap = {"reportOpinion": {"encompassBusinessNeeds": None}}
    for _ in range(5):
        saved, finalized = together(partial(soc.put, socForm=gap), partial(soc.act, "finalize"))

        assert (saved.status_code, finalized.status_code) in [(200, 422), (400, 200)]
        review = soc.get()
        assert review["socReviewForm"]["readyToFinalize"] is (review["status"] == "COMPLETED")
        if finalized.status_code == 200:
            good(soc.act("reopen"))
        soc.fill()


def test_the_history_keeps_every_step(soc: Subject) -> None:
    soc.fill()
    soc.finalize(decision="REJECTED", note="No")
    good(soc.act("reopen"))
    soc.save(cpaFirm={"cpaFirm": "Ernie & Old"})
    soc.finalize()

    entries = soc.history()

    assert [(entry["action"], entry["status"], entry["decision"], entry["note"]) for entry in entries] == [
        ("start", "IN_PROGRESS", "PENDING", None),
        ("finalize", "COMPLETED", "REJECTED", "No"),
        ("reopen", "IN_PROGRESS", "REJECTED", None),
        ("finalize", "COMPLETED", "APPROVED", None),
    ]
    assert {entry["user"]["email"] for entry in entries} == {soc.account.alice_email}
    started, first, reopened, second = (entry["formSha256"] for entry in entries)
    assert started == first == reopened != second
    assert len(first) == hashlib.sha256().digest_size * 2


def test_the_history_is_a_list_like_any_other(soc: Subject) -> None:
    soc.fill()
    soc.finalize()

    page = good(soc.alice.get(f"{soc.path}/history?size=1&sortDir=DESC&includeTotalCount=true"))

    assert [entry["action"] for entry in page["data"]] == ["finalize"]
    assert page["pagination"]["totalCount"] == 2
    refused(soc.alice.get(f"{soc.path}/history?sort=updatedAt"), 400)
    refused(soc.alice.get(f"{soc.path}x/history"), 400)
    refused(soc.alice.get(f"{VENDORS}/{soc.vendor_id}/security-reviews/{NOBODYS}/history"), 404)


def test_the_history_can_be_neither_changed_nor_removed(soc: Subject) -> None:
    privileges = soc.account.sql(
        """
        select privilege_type from information_schema.role_table_grants
        where %s > 0 and table_name = 'review_decisions' and grantee = 'trustwright_app' order by 1
        """,
    )

    assert privileges == [("INSERT",), ("SELECT",)]


def test_the_events_of_a_report_name_it_as_one(soc: Subject) -> None:
    soc.fill()
    soc.finalize(decision="REJECTED")
    good(soc.act("reopen", resetDecision=True))

    assert soc.events()[3:] == [
        ("VENDOR_SOC_REPORT_REVIEW_COMPLETED", {"status": "IN_PROGRESS"}, {"status": "COMPLETED"}),
        ("VENDOR_SOC_REPORT_REVIEW_APPROVAL_STATUS_CHANGED", {"decision": "PENDING"}, {"decision": "REJECTED"}),
        ("VENDOR_SECURITY_REVIEW_TRANSITIONED", {"status": "COMPLETED"}, {"status": "IN_PROGRESS"}),
        ("VENDOR_SOC_REPORT_REVIEW_APPROVAL_STATUS_CHANGED", {"decision": "REJECTED"}, {"decision": "PENDING"}),
    ]


@pytest.mark.parametrize(
    ("schedule", "before", "after"),
    [
        ("ONE_YEAR", "2027-06-01", "2028-07-01"),
        ("ONE_MONTH", "2027-06-01", "2027-08-01"),
        ("ONE_MONTH", "2029-01-01", "2029-01-01"),
        ("CUSTOM", "2027-06-01", "2027-06-01"),
        ("NONE", None, None),
    ],
)
def test_a_finished_review_moves_the_vendors_deadline_one_period_past_its_own(
    acme: Account, schedule: str, before: str | None, after: str | None
) -> None:
    vendor_id = add_vendor(acme, renewalScheduleType=schedule, **({"renewalDate": before} if before else {}))
    review = add(acme, vendor_id)
    review.fill()

    review.finalize()

    assert good(review.alice.get(f"{VENDORS}/{vendor_id}"))["renewalDate"] == after
