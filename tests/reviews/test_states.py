"""Which action a review offers in which state, and where each leads (vendor-reviews 1.4)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.reviews.test_soc_form import JUDGED, REVIEWED, SCOPED
from trustwright.errors import Invalid, WrongState
from trustwright.reviews.model import Decision, Review, ReviewStatus, ReviewType
from trustwright.reviews.soc_form import Form
from trustwright.reviews.states import (
    Performance,
    ReviewAction,
    available,
    outcome,
    require_actions,
    require_available,
    require_completable,
    require_sound,
)

NOW = datetime(2025, 7, 1, tzinfo=UTC)
READY = Form(reviewer_information=REVIEWED, compliance_scope=SCOPED, report_opinion=JUDGED)

SOC, SECURITY, UPLOAD = ReviewType.SOC_REPORT, ReviewType.SECURITY, ReviewType.UPLOAD_REPORT
NEW, OPEN, DONE, VOID = ReviewStatus
F, R = ReviewAction


def review(type_: ReviewType, status: ReviewStatus, form: Form | None = None, **more: Any) -> Review:
    values: dict[str, Any] = {"decision": Decision.PENDING, **more}
    return Review(
        id=1,
        vendor_id=1,
        type=type_,
        status=status,
        title=None,
        note=None,
        requested_at=NOW,
        review_deadline_at=NOW,
        user_id=None,
        requester_user_id=None,
        soc_form=form,
        completed_at=None,
        created_at=NOW,
        updated_at=NOW,
        **values,
    )


@pytest.mark.parametrize(
    ("type_", "status", "form", "offered"),
    [
        (SOC, NEW, READY, [F]),
        (SOC, NEW, Form(), []),
        (SOC, NEW, None, []),
        (SOC, OPEN, READY, [F]),
        (SOC, OPEN, Form(), []),
        (SOC, DONE, READY, [R]),
        (SOC, DONE, Form(), [R]),
        (SOC, VOID, READY, []),
        (SOC, VOID, Form(), []),
        *((type_, status, None, [F]) for type_ in (SECURITY, UPLOAD) for status in (NEW, OPEN)),
        *((type_, DONE, None, [R]) for type_ in (SECURITY, UPLOAD)),
        *((type_, VOID, None, []) for type_ in (SECURITY, UPLOAD)),
    ],
)
def test_a_state_offers_its_actions_and_refuses_the_others(
    type_: ReviewType, status: ReviewStatus, form: Form | None, offered: list[ReviewAction]
) -> None:
    subject = review(type_, status, form)

    assert available(subject) == offered
    for action in ReviewAction:
        if action in offered:
            require_available(subject, action)
        else:
            with pytest.raises(WrongState):
                require_available(subject, action)


def test_a_refused_finalize_names_what_is_missing() -> None:
    with pytest.raises(WrongState, match=r"reviewerInformation\.reviewer, .*reportOpinion\.reportOpinion"):
        require_available(review(SOC, OPEN, Form()), F)


@pytest.mark.parametrize(
    ("asked", "before", "after"),
    [
        (Performance(F), Decision.PENDING, (DONE, Decision.APPROVED)),
        (Performance(F), Decision.REJECTED, (DONE, Decision.APPROVED)),
        (Performance(F, decision=Decision.REJECTED), Decision.PENDING, (DONE, Decision.REJECTED)),
        (Performance(R), Decision.REJECTED, (OPEN, Decision.REJECTED)),
        (Performance(R, reset_decision=False), Decision.REJECTED, (OPEN, Decision.REJECTED)),
        (Performance(R, reset_decision=True), Decision.REJECTED, (OPEN, Decision.PENDING)),
    ],
)
def test_an_action_leads_to_a_status_and_a_decision(
    asked: Performance, before: Decision, after: tuple[ReviewStatus, Decision]
) -> None:
    assert outcome(review(SOC, OPEN, READY, decision=before), asked) == after


@pytest.mark.parametrize(
    "asked",
    [
        Performance(F, decision=Decision.PENDING),
        Performance(F, reset_decision=True),
        Performance(F, reset_decision=False),
        Performance(R, decision=Decision.APPROVED),
        Performance(R, decision=Decision.PENDING),
        Performance(R, note="x"),
        Performance(R, note=""),
    ],
)
def test_what_belongs_to_the_other_action_is_refused(asked: Performance) -> None:
    with pytest.raises(Invalid):
        require_sound(asked)


@pytest.mark.parametrize(
    "asked", [Performance(F), Performance(F, Decision.APPROVED, "x"), Performance(R), Performance(R, None, None, True)]
)
def test_what_belongs_to_the_action_is_taken(asked: Performance) -> None:
    require_sound(asked)


@pytest.mark.parametrize("type_", ReviewType)
def test_only_soc_reports_have_actions_unless_all_types_have(type_: ReviewType) -> None:
    require_actions(type_, all_types=True)
    if type_ is SOC:
        require_actions(type_, all_types=False)
    else:
        with pytest.raises(WrongState, match="SOC_REPORT"):
            require_actions(type_, all_types=False)


@pytest.mark.parametrize("status", [NEW, OPEN, VOID])
def test_a_soc_report_is_completed_only_when_ready(status: ReviewStatus) -> None:
    require_completable(review(SOC, status, READY), DONE)
    require_completable(review(SECURITY, status), DONE)
    require_completable(review(SOC, DONE, Form()), DONE)
    for other in (NEW, OPEN, VOID):
        require_completable(review(SOC, status, Form()), other)
    with pytest.raises(WrongState):
        require_completable(review(SOC, status, Form()), DONE)
