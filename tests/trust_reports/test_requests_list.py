"""ACCESS_REQUESTS_LIST: a row for each request of the time, whatever its status."""

from tests.factories import Account
from tests.trust_reports.cast import at, decided, document, grant, look, many, move, report, request, wants, workspace


def test_a_request_with_all_that_came_of_it(acme: Account) -> None:
    pentest, soc = document(acme, "Pentest"), document(acme, "SOC 2")
    held = grant(acme, expires_at=at("09-01"))
    made = decided(
        acme,
        "FILES_SENT",
        "03-06T13:30",
        flow_type="DIGITAL_SIGNATURE",
        managed_by="Alice Adams",
        grant_id=held,
        expires_at=at("06-01"),
    )
    move(acme, made, "APPROVED", "03-06T13:30")
    move(acme, made, "NDA_SENT", "03-06T14:00")
    move(acme, made, "NDA_SENT", "03-20T14:00")
    move(acme, made, "NDA_SIGNED", "03-21T09:00")
    move(acme, made, "FILES_SENT", "03-21T09:01")
    for document_id in (soc, pentest):
        wants(acme, made, document_id)
    look(acme, "OPEN", "03-21T10:00", grant_id=held)
    look(acme, "VIEW", "03-21T10:01", grant_id=held, request_id=made["request_id"], document_id=soc)
    look(acme, "VIEW", "03-22T10:01", grant_id=held, request_id=made["request_id"], document_id=soc)
    look(acme, "DOWNLOAD", "03-22T10:02", grant_id=held, request_id=made["request_id"], document_id=pentest)

    assert report(acme) == [
        {
            "request_id": str(made["request_id"]),
            "created_at": "2025-03-05T12:00:00.000Z",
            "first_name": "Dana",
            "last_name": "Dee",
            "email": "dana@buyer.example",
            "domain": "buyer.example",
            "company": "Buyer Inc",
            "documents": "Pentest; SOC 2",
            "document_count": "2",
            "flow_type": "DIGITAL_SIGNATURE",
            "status": "FILES_SENT",
            "is_auto_approved": "false",
            "auto_approve_type": "",
            "managed_by": "Alice Adams",
            "reviewed_at": "2025-03-06T13:30:00.000Z",
            "hours_to_decision": "25.50",
            "nda_sent_at": "2025-03-20T14:00:00.000Z",
            "nda_signed_at": "2025-03-21T09:00:00.000Z",
            "files_sent_at": "2025-03-21T09:01:00.000Z",
            "expiration_date": "2025-09-01T00:00:00.000Z",
            "first_opened_at": "2025-03-21T10:00:00.000Z",
            "last_opened_at": "2025-03-22T10:02:00.000Z",
            "views": "2",
            "downloads": "1",
        }
    ]


def test_a_request_that_waits_is_there_and_mostly_empty(acme: Account) -> None:
    made = request(acme)

    (row,) = report(acme)

    filled = {name: value for name, value in row.items() if value}
    assert filled == {
        "request_id": str(made["request_id"]),
        "created_at": "2025-03-05T12:00:00.000Z",
        "first_name": "Dana",
        "last_name": "Dee",
        "email": "dana@buyer.example",
        "domain": "buyer.example",
        "company": "Buyer Inc",
        "document_count": "0",
        "flow_type": "NO_NDA_REQUIRED",
        "status": "PENDING",
        "is_auto_approved": "false",
        "views": "0",
        "downloads": "0",
    }


def test_one_that_a_rule_approved_says_so(acme: Account) -> None:
    decided(acme, "AUTO_APPROVED", "03-05T12:00", is_auto_approved=True, auto_approve_type="SELF")

    (row,) = report(acme)

    assert (row["is_auto_approved"], row["auto_approve_type"], row["hours_to_decision"]) == ("true", "SELF", "0.00")


def test_without_a_grant_the_end_that_was_decided_on_is_shown(acme: Account) -> None:
    decided(acme, "NDA_SENT", expires_at=at("06-01"))

    (row,) = report(acme)

    assert row["expiration_date"] == "2025-06-01T00:00:00.000Z"


def test_a_grant_without_an_end_shows_none(acme: Account) -> None:
    decided(acme, "APPROVED", grant_id=grant(acme), expires_at=at("06-01"))

    (row,) = report(acme)

    assert row["expiration_date"] == ""


def test_a_grant_that_was_opened_before_the_approval_was_not_opened_for_this_request(acme: Account) -> None:
    held = grant(acme, created="03-01T00:00")
    decided(acme, "APPROVED", "03-06T12:00", grant_id=held)
    look(acme, "OPEN", "03-06T11:59", grant_id=held)

    (row,) = report(acme)

    assert row["first_opened_at"] == row["last_opened_at"] == ""


def test_what_was_looked_at_for_another_request_does_not_count(acme: Account) -> None:
    held = grant(acme)
    first = decided(acme, "APPROVED", grant_id=held)
    decided(acme, "APPROVED", "03-08T12:00", created="03-07T12:00", grant_id=held)
    look(acme, "VIEW", "03-09T12:00", grant_id=held, request_id=first["request_id"], document_id=document(acme))

    assert [row["views"] for row in report(acme)] == ["1", "0"]


def test_rows_come_in_the_order_of_the_requests(acme: Account) -> None:
    for number, created in enumerate(("03-09T00:00", "03-07T00:00", "03-08T00:00")):
        request(acme, created, email=f"{number}@buyer.example")

    assert [row["email"][0] for row in report(acme)] == ["1", "2", "0"]


def test_the_time_has_its_first_moment_and_not_its_last(acme: Account) -> None:
    for created in ("02-28T23:59:59.999999", "03-01T00:00", "03-31T23:59:59.999999", "04-01T00:00"):
        request(acme, created, email=f"{created[:5]}@buyer.example")

    assert [row["email"][:5] for row in report(acme)] == ["03-01", "03-31"]


def test_another_workspace_has_a_report_of_its_own(acme: Account) -> None:
    second = workspace(acme)
    request(acme)
    request(acme, workspace_id=second, email="erin@buyer.example")

    assert [row["email"] for row in report(acme)] == ["dana@buyer.example"]
    assert [row["email"] for row in report(acme, workspaceId=second)] == ["erin@buyer.example"]


def test_more_rows_than_are_read_at_once_all_come(acme: Account) -> None:
    for number in range(3):
        request(acme, f"03-0{number + 1}T00:00", email=f"{number}@buyer.example")
    many(acme, 1200)

    emails = [row["email"] for row in report(acme)]

    assert len(emails) == len(set(emails)) == 1203
