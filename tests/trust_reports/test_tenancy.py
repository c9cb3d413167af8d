"""What belongs to another account is in no report of this one (decisions 2)."""

import pytest

from tests.factories import Account
from tests.trust_reports.cast import (
    SUMMARY,
    ask,
    at,
    decided,
    document,
    grant,
    look,
    move,
    preapprove,
    report,
    wants,
)
from trustwright.trust_reports.model import ReportType


@pytest.fixture
def theirs(globex: Account) -> Account:
    """Globex's trust center, with something in every report."""
    soc = document(globex, "Globex SOC 2")
    held = grant(globex)
    made = decided(globex, "APPROVED", grant_id=held)
    move(globex, made, "NDA_SENT", "03-06T12:00")
    wants(globex, made, soc, approved_at=at("03-06T12:00"))
    preapprove(globex, "DOMAIN", "buyer.example")
    preapprove(globex, "ADDRESS", "dana@buyer.example")
    look(globex, "PAGE_VIEW", "03-06T12:00")
    look(globex, "VIEW", "03-07T12:00", grant_id=held, request_id=made["request_id"], document_id=soc)
    return globex


@pytest.mark.parametrize("type_", ReportType)
def test_nothing_of_another_account_is_in_a_report(
    acme: Account, theirs: Account, world: object, type_: ReportType
) -> None:
    rows = report(acme, type_)

    if type_ is SUMMARY:
        assert {row["value"] for row in rows} <= {"0", ""}
    else:
        assert rows == []


@pytest.mark.parametrize("type_", ReportType)
def test_the_same_person_and_document_name_in_two_accounts_are_two(
    acme: Account, theirs: Account, type_: ReportType
) -> None:
    before = report(theirs, type_)
    wants(acme, decided(acme, "APPROVED"), document(acme, "Globex SOC 2"))

    assert report(theirs, type_) == before
    for row in report(acme, type_):
        assert (row.get("views", "0"), row.get("active_grants", "0"), row.get("access_state", "")) == ("0", "0", "")
        assert "true" not in row.values()


def test_a_workspace_of_another_account_is_like_one_that_never_was(acme: Account, theirs: Account) -> None:
    answers = [ask(acme, workspaceId=each) for each in (theirs.workspace_id, 2**31 - 1)]

    assert {answer.status_code for answer in answers} == {400}
    mine, nobodys = (answer.json()["message"] for answer in answers)
    assert mine.replace(str(theirs.workspace_id), "...") == nobodys.replace(str(2**31 - 1), "...")
