"""Two at the same moment: what they do together is what one of them does."""

from functools import partial

import pytest

from tests.access_requests.cast import BOB, Desk, together
from tests.factories import Account

LIVE = ("APPROVED", "NDA_SENT")


def test_two_reviewers_who_approve_at_once_send_one_mail(desk: Desk) -> None:
    made = desk.ask()

    answers = together(*[lambda: desk.put_approval(made, expiration=30)] * 4)

    assert [answer.status_code for answer in answers] == [200] * 4
    assert desk.statuses(made) == ["PENDING", "APPROVED"]
    assert len(desk.mails("access_given")) == 1
    assert len(desk.grants()) == 1


def test_two_reviewers_who_approve_at_once_send_one_envelope(signing: Desk) -> None:
    made = signing.ask()

    answers = together(*[lambda: signing.put_approval(made)] * 4)

    assert len({answer.json()["trackingId"] for answer in answers}) == 1
    assert signing.count("envelopes") == 1
    assert signing.statuses(made) == ["PENDING", "APPROVED", "NDA_SENT"]


@pytest.mark.parametrize("flow", ["NO_NDA_REQUIRED", "DIGITAL_SIGNATURE"])
def test_approving_and_denying_at_once_ends_in_one_of_both(acme: Account, flow: str) -> None:
    desk = Desk(acme, flow)
    for number in range(5):
        made = desk.ask(email=f"bob{number}@initech.test")

        approval, denial = together(partial(desk.put_approval, made), partial(desk.put, made, "deny"))

        assert approval.status_code == 200
        statuses = desk.statuses(made)
        open_envelopes = desk.account.sql(
            "select count(*) from envelopes where account_id = %s and request_id = %s::uuid and state = 'SENT'",
            made["requestId"],
        )
        if statuses[-1] == "DENIED":
            assert denial.status_code == 200
            assert open_envelopes == [(0,)]
        else:
            assert statuses[-1] in LIVE
            assert denial.status_code == (400 if statuses == ["PENDING", "APPROVED"] else 200)


def test_two_requests_of_one_person_become_one(desk: Desk) -> None:
    pentest = desk.document("Pentest")

    answers = together(desk.post, lambda: desk.post(pentest), lambda: desk.post(email=BOB.upper()))

    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["requestId"] for answer in answers}) == 1
    (made,) = desk.listed(status="PENDING")
    assert {each["name"] for each in desk.get(made)["documents"]} == {"SOC 2 report", "Pentest"}
    assert len(desk.mails("access_requested")) == 1
    assert len(desk.mails("access_receipt")) == 3


def test_two_requests_of_one_person_approved_at_once_share_one_grant(desk: Desk) -> None:
    first = desk.ask()
    desk.approve(first)
    desk.revoke(first)
    second = desk.ask(desk.document("Pentest"))

    answers = together(lambda: desk.put_approval(first, isNewExpiration=True), lambda: desk.put_approval(second))

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [revoked for _, _, revoked in desk.grants()].count(None) == 1


def test_signing_while_somebody_denies_ends_in_one_of_both(signing: Desk) -> None:
    made = signing.ask()
    signing.approve(made)

    denial, revocation = together(lambda: signing.put(made, "deny"), lambda: signing.put(made, "revoke"))

    assert sorted([denial.status_code, revocation.status_code]) == [200, 400]
    assert signing.statuses(made)[-1] == ("DENIED" if denial.status_code == 200 else "REVOKED")


def test_asking_while_a_reviewer_approves_loses_no_document(desk: Desk) -> None:
    pentest = desk.document("Pentest")
    made = desk.ask()

    together(lambda: desk.put_approval(made), lambda: desk.post(pentest))

    found = {
        each["name"] for row in (*desk.listed(), *desk.listed(status="PENDING")) for each in desk.get(row)["documents"]
    }
    assert found == {"SOC 2 report", "Pentest"}
