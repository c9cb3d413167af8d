"""Each flow from the request to the documents, over HTTP."""

from datetime import timedelta

import pytest

from tests.access_requests.cast import BOB, TEAM, Desk, days_until, moment, refused
from tests.factories import Account
from tests.trust.cast import nda, settings


def test_a_request_waits_and_is_approved(desk: Desk) -> None:
    made = desk.ask(acceptTerms=False)

    assert (made["status"], made["isAutoApproved"], made["expirationDate"]) == ("PENDING", False, None)
    assert "reviewedAt" not in made
    assert desk.get(made)["managedBy"] == ""
    assert desk.approve(made, expiration=30) == {"isApproved": True}

    found = desk.get(made)
    assert desk.sources(made) == [("PENDING", "SELF"), ("APPROVED", "SELF")]
    assert found["statuses"][1]["user"] == found["managedBy"] == desk.account.alice_email
    assert found["documents"][0]["approvedAt"] is not None
    assert found["documents"][0]["deniedAt"] is None
    row = desk.row(made)
    assert moment(row["expirationDate"]) - moment(row["reviewedAt"]) == timedelta(days=30)
    assert desk.opens(desk.links()[-1])


def test_under_self_the_ticked_box_is_kept_as_an_acceptance(acme: Account) -> None:
    desk = Desk(acme, "SELF")

    made = desk.ask()

    assert desk.account.sql("select method, email, request_id::text from nda_acceptances where account_id = %s") == [
        ("CLICK", BOB, made["requestId"])
    ]
    desk.approve(made)
    assert desk.statuses(made) == ["PENDING", "APPROVED"]
    assert "ndaUrl" not in desk.get(made)


def test_under_self_the_box_must_be_ticked(acme: Account) -> None:
    desk = Desk(acme, "SELF")

    refused(desk.post(acceptTerms=False), 400, "acceptTerms")

    assert desk.count("access_requests") == 0


@pytest.mark.parametrize("flow", ["SELF", "DIGITAL_SIGNATURE"])
def test_a_flow_with_an_agreement_needs_one(desk: Desk, flow: str) -> None:
    refused(desk.post(flowType=flow), 400, "upload an NDA")


def test_a_signature_comes_between_the_approval_and_the_documents(signing: Desk) -> None:
    made = signing.ask(acceptTerms=False)
    approved = signing.approve(made)

    assert signing.statuses(made) == ["PENDING", "APPROVED", "NDA_SENT"]
    assert signing.links() == []
    assert signing.get(made)["ndaUrl"].startswith("http")
    assert signing.grants() == []

    signing.sign(approved["trackingId"])

    assert signing.sources(made) == [
        ("PENDING", "DOCUSIGN"),
        ("APPROVED", "DOCUSIGN"),
        ("NDA_SENT", "DOCUSIGN"),
        ("NDA_SIGNED", "DOCUSIGN"),
        ("FILES_SENT", "DOCUSIGN"),
    ]
    assert signing.opens(signing.links()[-1])


def test_a_length_is_in_days_whatever_its_type(desk: Desk) -> None:
    made = desk.ask()

    desk.approve(made, expiration=12.0, expirationType="MONTHS")

    assert days_until(desk.row(made)["expirationDate"]) == 12


def test_without_a_length_the_default_of_the_workspace_holds(desk: Desk) -> None:
    settings(desk.account, defaultExpirationDays=90)
    made = desk.ask()

    desk.approve(made)

    assert days_until(desk.row(made)["expirationDate"]) == 90


def test_where_there_is_no_default_access_has_no_end(desk: Desk) -> None:
    settings(desk.account, defaultExpirationDays=None)
    made = desk.ask()

    desk.approve(made)

    assert desk.row(made)["expirationDate"] is None
    assert desk.opens(desk.links()[-1])


@pytest.mark.parametrize("expiration", [0, -1, 1826, 1.5, 1e300, "30", True, None])
def test_a_length_that_is_none_is_refused(desk: Desk, expiration: object) -> None:
    made = desk.ask()

    refused(desk.put_approval(made, expiration=expiration), 400, "expiration")

    assert desk.statuses(made) == ["PENDING"]


@pytest.mark.parametrize("body", [{}, {"expirationType": "DECADES"}, {"expirationType": 1}, []])
def test_an_approval_names_the_type_of_its_length(desk: Desk, body: object) -> None:
    made = desk.ask()

    refused(desk.alice.put(f"/public/trust-center/requests/{made['requestId']}/approve", json=body), 400)


@pytest.mark.parametrize("field", ["email", "name", "lastname", "company", "acceptTerms", "documents", "flowType"])
def test_every_field_of_a_request_is_needed(desk: Desk, field: str) -> None:
    refused(desk.post(**{field: ...}), 400, field)


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "nobody"},
        {"email": "a@b@c"},
        {"email": ""},
        {"name": ""},
        {"name": "x" * 256},
        {"company": "NUL\0"},
        {"lastname": 7},
        {"acceptTerms": "yes"},
        {"flowType": "MAGIC"},
        {"documents": []},
        {"documents": "POLICY"},
        {"documents": [{"documentId": 0, "type": "POLICY"}]},
        {"documents": [{"documentId": 2**31 - 1, "type": "POLICY"}]},
    ],
)
def test_a_bad_request_is_refused_and_leaves_nothing(desk: Desk, changes: dict[str, object]) -> None:
    refused(desk.post(**changes), 400)

    assert desk.count("access_requests") == 0
    assert desk.mails() == []


def test_a_document_is_named_by_its_type_too(desk: Desk) -> None:
    refused(desk.post({**desk.report, "type": "POLICY"}), 400)


def test_a_public_document_cannot_be_asked_for(desk: Desk) -> None:
    refused(desk.post(desk.document("Whitepaper", is_public=True)), 400)


def test_a_program_may_ask_for_an_unlisted_document(desk: Desk) -> None:
    hidden = desk.document("Pentest", is_public="null")
    made = desk.ask(hidden)

    desk.approve(made)

    assert [each["isPublic"] for each in desk.get(made)["documents"]] == [False]


def test_the_team_and_the_requester_are_told(desk: Desk) -> None:
    made = desk.ask()

    ((to, subject, text),) = desk.mails("access_requested")
    assert to == TEAM
    assert "Bob Porter of Initech asks for documents" in subject
    for words in (BOB, "SOC 2 report", made["requestId"]):
        assert words in text
    ((_, _, receipt),) = desk.mails("access_receipt", BOB)
    assert "SOC 2 report" in receipt


def test_who_is_the_team_when_nobody_was_named(desk: Desk) -> None:
    desk.name_team("")

    desk.ask()

    assert [to for to, _, _ in desk.mails("access_requested")] == [desk.account.alice_email]


def test_an_address_is_one_in_all_its_spellings(desk: Desk) -> None:
    made = desk.ask(email="  Bob@INITECH.test ")

    assert made["email"] == BOB


def test_a_removed_agreement_cannot_be_signed(signing: Desk) -> None:
    made = signing.ask()
    signing.account.sql("update ndas set removed_at = now() where account_id = %s")

    refused(signing.put_approval(made), 400, "upload one")

    assert signing.statuses(made) == ["PENDING"]
    nda(signing.account)
    assert "trackingId" in signing.approve(made)
