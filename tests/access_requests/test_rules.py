"""Who may ask, who owes a signature, until when access lasts, and when somebody is told again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustwright.access.model import Grant
from trustwright.access_requests.admission import (
    LONGEST,
    admit,
    auto_approval,
    end_of_access,
    more_binding,
    owes_signature,
)
from trustwright.access_requests.model import CrmAccount
from trustwright.access_requests.waiting import business_days, nags_due, notice_due
from trustwright.errors import Invalid
from trustwright.trust.model import FlowType

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # a Monday
SELF, SIGNATURE, FREE, CRM = (
    FlowType.SELF,
    FlowType.DIGITAL_SIGNATURE,
    FlowType.NO_NDA_REQUIRED,
    FlowType.SALESFORCE_CRM,
)


def account(*, relationship_ok: bool = True, nda_on_file: bool = True) -> CrmAccount:
    return CrmAccount(
        domain="initech.test", email=None, name="", relationship_ok=relationship_ok, nda_on_file=nda_on_file
    )


def grant(left: timedelta, whole: timedelta) -> Grant:
    """A grant that ends in `left` and was to last for `whole`."""
    end = NOW + left
    return Grant(
        id=1,
        workspace_id=1,
        email="bob@initech.test",
        name="",
        company="",
        asks_on_new_device=True,
        expires_at=end,
        revoked_at=None,
        expired_at=None,
        created_at=end - whole,
        updated_at=NOW,
    )


@given(st.one_of(st.integers(), st.floats(allow_nan=False)), st.one_of(st.none(), st.integers(1, LONGEST)))
def test_a_length_is_whole_days_from_the_decision_or_refused(expiration: float, default: int | None) -> None:
    good = 1 <= expiration <= LONGEST and float(expiration).is_integer()
    if good:
        assert end_of_access(NOW, expiration, default) == NOW + timedelta(days=int(expiration))
    else:
        with pytest.raises(Invalid, match="expiration"):
            end_of_access(NOW, expiration, default)


@given(st.integers(1, LONGEST))
def test_without_a_length_the_workspace_says_how_long(default: int) -> None:
    assert end_of_access(NOW, None, default) == NOW + timedelta(days=default)
    assert end_of_access(NOW, None, None) is None


@pytest.mark.parametrize(
    ("flow", "accepts", "has_nda", "words"),
    [
        (SELF, False, True, "acceptTerms"),
        (SELF, True, False, "upload an NDA"),
        (SIGNATURE, True, False, "upload an NDA"),
        (SELF, True, True, None),
        (SIGNATURE, False, True, None),
        (FREE, False, False, None),
        (CRM, False, False, None),
    ],
)
def test_a_flow_begins_where_its_agreement_can_be_made(
    flow: FlowType, accepts: bool, has_nda: bool, words: str | None
) -> None:
    if words is None:
        admit(flow, accepts_terms=accepts, has_nda=has_nda)
    else:
        with pytest.raises(Invalid, match=words):
            admit(flow, accepts_terms=accepts, has_nda=has_nda)


@pytest.mark.parametrize(
    ("flow", "accepts", "has_nda", "crm", "owes"),
    [
        (SIGNATURE, True, True, None, True),
        (SELF, True, True, None, False),
        (FREE, False, True, None, False),
        (CRM, True, True, None, False),
        (CRM, False, True, None, True),
        (CRM, False, False, None, False),
        (CRM, False, True, account(nda_on_file=True), False),
        (CRM, False, True, account(nda_on_file=False), True),
    ],
)
def test_a_signature_is_owed_by_whom_no_other_agreement_binds(
    flow: FlowType, accepts: bool, has_nda: bool, crm: CrmAccount | None, owes: bool
) -> None:
    assert owes_signature(flow, accepts_terms=accepts, has_nda=has_nda, crm=crm) is owes


@pytest.mark.parametrize(
    ("flow", "preapproved", "review", "crm", "type_"),
    [
        (SELF, True, False, None, "SELF"),
        (FREE, True, False, None, "NO_NDA_REQUIRED"),
        (SELF, True, True, None, None),
        (SELF, False, False, account(), None),
        (CRM, False, False, account(), "SALESFORCE"),
        (CRM, False, True, account(), None),
        (CRM, False, False, account(nda_on_file=False), None),
        (CRM, False, False, account(relationship_ok=False), None),
        (CRM, True, False, None, "SALESFORCE_CRM"),
    ],
)
def test_no_reviewer_is_needed_for_whom_a_rule_knows(
    flow: FlowType, preapproved: bool, review: bool, crm: CrmAccount | None, type_: str | None
) -> None:
    assert auto_approval(flow, is_preapproved=preapproved, needs_review=review, crm=crm) == type_


def test_of_two_flows_the_one_holds_that_binds_more() -> None:
    assert more_binding(FREE, SELF) is SELF
    assert more_binding(SIGNATURE, SELF) is SIGNATURE
    assert more_binding(FREE, FREE) is FREE


@pytest.mark.parametrize(("days", "business"), [(0, 0), (1, 1), (4, 4), (5, 4), (6, 4), (7, 5), (14, 10), (16, 12)])
def test_weekends_are_no_business_days(days: int, business: int) -> None:
    assert business_days(NOW, NOW + timedelta(days=days)) == business
    assert business_days(NOW, NOW + timedelta(days=days, hours=23)) == business


@given(st.timedeltas(timedelta(), timedelta(days=2000)), st.integers(0, 200))
def test_business_days_are_counted_as_one_would_by_hand(later: timedelta, days: int) -> None:
    since = NOW + later
    by_hand = sum((since + timedelta(days=each)).weekday() < 5 for each in range(1, days + 1))

    assert business_days(since, since + timedelta(days=days)) == by_hand


@pytest.mark.parametrize(("days", "nags"), [(1, 0), (2, 1), (4, 1), (6, 1), (7, 2), (30, 2)])
def test_the_team_is_nagged_twice(days: int, nags: int) -> None:
    assert nags_due(NOW, NOW + timedelta(days=days)) == nags


@pytest.mark.parametrize(
    ("left", "whole", "notice"),
    [(15, 365, None), (14, 365, 14), (4, 365, 14), (3, 365, 3), (1, 365, 3), (5, 7, None), (2, 7, 3), (2, 2, None)],
)
def test_an_end_is_told_ahead_once_it_is_near(left: int, whole: int, notice: int | None) -> None:
    assert notice_due(grant(timedelta(days=left), timedelta(days=whole)), NOW) == notice
