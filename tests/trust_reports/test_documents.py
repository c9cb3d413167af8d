"""DOCUMENT_REQUESTS_FILE_NAME: what was asked for, and what came of it."""

from tests.factories import Account
from tests.trust_reports.cast import DOCUMENTS, at, decided, document, look, report, request, wants, workspace


def test_a_document_with_all_that_was_asked(acme: Account) -> None:
    soc = document(acme, "SOC 2", type="COMPLIANCE", version=3)
    given = decided(acme, "APPROVED")
    refused = decided(acme, "DENIED", email="erin@buyer.example")
    waiting = request(acme, email="finn@other.example")
    wants(acme, given, soc, "03-05T12:00", approved_at=at("03-06T12:00"))
    wants(acme, refused, soc, "03-05T12:00", denied_at=at("03-06T12:00"))
    wants(acme, waiting, soc, "03-09T12:00")
    for action, moment in (("VIEW", "03-07T12:00"), ("VIEW", "03-08T12:00"), ("DOWNLOAD", "03-08T12:00")):
        look(acme, action, moment, document_id=soc)
    look(acme, "VIEW", "04-01T00:00", document_id=soc)

    assert report(acme, DOCUMENTS) == [
        {
            "file_name": "SOC 2",
            "document_type": "COMPLIANCE",
            "document_id": str(soc),
            "current_version": "3",
            "times_requested": "3",
            "times_approved": "1",
            "times_denied": "1",
            "distinct_requesters": "3",
            "distinct_domains": "2",
            "views": "2",
            "downloads": "1",
            "last_requested_at": "2025-03-09T12:00:00.000Z",
        }
    ]


def test_the_most_wanted_comes_first_and_what_nobody_wanted_not_at_all(acme: Account) -> None:
    pentest, soc, _ = document(acme, "Pentest"), document(acme, "SOC 2"), document(acme, "Policy")
    for place in range(2):
        wants(acme, request(acme, email=f"{place}@buyer.example"), soc)
    wants(acme, request(acme), pentest)

    assert [row["file_name"] for row in report(acme, DOCUMENTS)] == ["SOC 2", "Pentest"]


def test_it_counts_when_the_document_was_asked_for(acme: Account) -> None:
    made = request(acme, "02-01T00:00")
    names = ("before", "first", "last", "after")
    for name, moment in zip(names, ("02-28T23:59:59", "03-01T00:00", "03-31T23:59:59", "04-01T00:00"), strict=True):
        wants(acme, made, document(acme, name), moment)

    assert [row["file_name"] for row in report(acme, DOCUMENTS)] == ["first", "last"]


def test_a_document_that_was_deleted_since_is_there(acme: Account) -> None:
    wants(acme, request(acme), document(acme, "Gone", deleted_at=at("03-20T00:00")))

    assert [row["file_name"] for row in report(acme, DOCUMENTS)] == ["Gone"]


def test_what_is_of_another_workspace_is_not_there(acme: Account) -> None:
    second = workspace(acme)
    elsewhere = document(acme, workspace_id=second)
    wants(acme, request(acme, workspace_id=second), elsewhere)

    assert report(acme, DOCUMENTS) == []
    assert [row["document_id"] for row in report(acme, DOCUMENTS, workspaceId=second)] == [str(elsewhere)]
