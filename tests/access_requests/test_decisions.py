"""What approving, denying, revoking and sending again do to a request in each of its statuses."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from tests.access_requests.cast import BOB, HERE, REQUESTS, TEAM, Desk, Json, days_until, refused
from tests.trust.cast import settings
from trustwright.access_requests import actions
from trustwright.accounts.roles import Role


def pending(desk: Desk) -> Json:
    return desk.ask()


def approved(desk: Desk) -> Json:
    made = desk.ask()
    desk.approve(made, expiration=30)
    return made


def denied(desk: Desk) -> Json:
    made = desk.ask()
    desk.deny(made)
    return made


def revoked(desk: Desk) -> Json:
    made = approved(desk)
    desk.revoke(made)
    return made


def expired(desk: Desk) -> Json:
    made = approved(desk)
    desk.account.sql("update grants set expires_at = now() - interval '1 minute' where account_id = %s")
    desk.tick()
    return made


def test_approving_twice_changes_nothing_and_sends_one_mail(desk: Desk) -> None:
    made = desk.ask()
    desk.approve(made, expiration=30)
    before = desk.row(made)

    assert desk.approve(made, expiration=60) == {"isApproved": True}

    assert desk.row(made) == before
    assert desk.statuses(made) == ["PENDING", "APPROVED"]
    assert len(desk.mails("access_given")) == 1


def test_a_new_end_moves_what_is_open_and_is_told(desk: Desk) -> None:
    made = approved(desk)

    desk.approve(made, expiration=60, isNewExpiration=True)

    assert days_until(desk.row(made)["expirationDate"]) == 60
    assert desk.statuses(made) == ["PENDING", "APPROVED"]
    ((to, _, _),) = desk.mails("access_extended")
    assert to == BOB
    assert len(desk.links()) == 1


def test_a_second_request_joins_the_access_under_its_date(desk: Desk) -> None:
    first = approved(desk)
    second = desk.ask(desk.document("Pentest"))

    desk.approve(second, expiration=90)

    assert days_until(desk.row(second)["expirationDate"]) == 30
    assert desk.row(first)["expirationDate"] == desk.row(second)["expirationDate"]


def test_a_second_request_approved_anew_moves_all_of_it(desk: Desk) -> None:
    first = approved(desk)
    second = desk.ask(desk.document("Pentest"))

    desk.approve(second, expiration=90, isNewExpiration=True)

    assert days_until(desk.row(first)["expirationDate"]) == 90
    assert days_until(desk.row(second)["expirationDate"]) == 90


def test_while_a_signature_is_awaited_approving_again_keeps_the_envelope(signing: Desk) -> None:
    made = signing.ask()
    first = signing.approve(made, expiration=30)

    assert signing.approve(made) == first
    assert signing.approve(made, expiration=60, isNewExpiration=True) == first

    assert signing.count("envelopes") == 1
    assert days_until(signing.row(made)["expirationDate"]) == 60
    signing.sign(first["trackingId"])
    assert days_until(signing.row(made)["expirationDate"]) == 60


def test_denying_takes_a_body_of_nothing_and_tells_the_requester(desk: Desk) -> None:
    made = desk.ask()

    assert desk.deny(made) == {"isDenied": True}

    assert desk.sources(made) == [("PENDING", "SELF"), ("DENIED", "SELF")]
    assert desk.get(made)["documents"][0]["deniedAt"] is not None
    assert desk.get(made)["managedBy"] == desk.account.alice_email
    ((to, _, text),) = desk.mails("access_denied")
    assert to == BOB
    assert TEAM in text


def test_denying_twice_is_one_denial(desk: Desk) -> None:
    made = denied(desk)

    assert desk.deny(made) == {"isDenied": True}

    assert desk.statuses(made) == ["PENDING", "DENIED"]
    assert len(desk.mails("access_denied")) == 1


def test_a_trust_center_may_deny_without_a_word(desk: Desk) -> None:
    settings(desk.account, tellsDenied=False)

    denied(desk)

    assert desk.mails("access_denied") == []


def test_a_denial_can_be_taken_back(desk: Desk) -> None:
    made = denied(desk)

    desk.approve(made)

    assert desk.statuses(made) == ["PENDING", "DENIED", "APPROVED"]
    assert desk.get(made)["documents"][0]["deniedAt"] is None
    assert desk.opens(desk.links()[-1])


def test_denying_while_a_signature_is_awaited_voids_the_envelope(signing: Desk) -> None:
    made = signing.ask()
    signing.approve(made)

    signing.deny(made)

    assert signing.statuses(made)[-1] == "DENIED"
    assert signing.account.sql("select state from envelopes where account_id = %s") == [("VOIDED",)]


def test_after_a_denial_another_envelope_is_made(signing: Desk) -> None:
    made = signing.ask()
    first = signing.approve(made)
    signing.deny(made)

    second = signing.approve(made)

    assert second["trackingId"] != first["trackingId"]
    assert signing.statuses(made)[-1] == "NDA_SENT"


@pytest.mark.parametrize(
    ("state", "verb", "words"),
    [
        (approved, "deny", "revoke it"),
        (revoked, "deny", "ended already"),
        (expired, "deny", "ended already"),
        (revoked, "approve", "isNewExpiration"),
        (expired, "approve", "isNewExpiration"),
        (pending, "revoke", "deny it"),
        (denied, "revoke", "no access"),
        (expired, "revoke", "expired already"),
        (pending, "resend", "approve the request first"),
        (denied, "resend", "approve the request first"),
        (revoked, "resend", "isNewExpiration"),
        (expired, "resend", "isNewExpiration"),
    ],
)
def test_what_cannot_be_done_is_refused_and_says_what_can(
    desk: Desk, state: Callable[[Desk], Json], verb: str, words: str
) -> None:
    made = state(desk)
    before, mails = desk.statuses(made), desk.mails()

    refused(desk.put(made, verb, {"expirationType": "DAYS"} if verb == "approve" else None), 400, words)

    assert desk.statuses(made) == before
    assert desk.mails() == mails


@pytest.mark.parametrize("state", [revoked, expired])
def test_what_has_ended_is_opened_anew_with_a_new_end(desk: Desk, state: Callable[[Desk], Json]) -> None:
    made = state(desk)

    desk.approve(made, expiration=10, isNewExpiration=True)

    assert desk.statuses(made)[-1] == "APPROVED"
    assert days_until(desk.row(made)["expirationDate"]) == 10
    assert desk.opens(desk.links()[-1])


def test_revoking_ends_the_links_and_tells_both_sides(desk: Desk) -> None:
    made = approved(desk)

    assert desk.revoke(made) == {"isRevoked": True}

    assert desk.statuses(made)[-1] == "REVOKED"
    assert not desk.opens(desk.links()[-1])
    assert {to for to, _, _ in desk.mails("access_revoked")} == {BOB, TEAM}


def test_revoking_twice_is_one_revocation(desk: Desk) -> None:
    made = revoked(desk)

    assert desk.revoke(made) == {"isRevoked": True}

    assert desk.statuses(made) == ["PENDING", "APPROVED", "REVOKED"]
    assert len(desk.mails("access_revoked", BOB)) == 1


def test_revoking_while_a_signature_is_awaited_voids_the_envelope(signing: Desk) -> None:
    made = signing.ask()
    signing.approve(made)

    signing.revoke(made)

    assert signing.statuses(made)[-1] == "REVOKED"
    assert signing.account.sql("select state from envelopes where account_id = %s") == [("VOIDED",)]


def test_revoking_one_request_leaves_what_another_opened(desk: Desk) -> None:
    first = approved(desk)
    second = desk.ask(desk.document("Pentest"))
    desk.approve(second)

    desk.revoke(first)

    assert desk.statuses(second)[-1] == "APPROVED"
    assert desk.opens(desk.links()[-1])
    desk.revoke(second)
    assert not desk.opens(desk.links()[-1])


def test_revoking_reaches_whoever_asked_for_the_same_once_more(desk: Desk) -> None:
    first = approved(desk)
    again = desk.ask()

    desk.revoke(again)

    assert [desk.statuses(each)[-1] for each in (first, again)] == ["REVOKED", "REVOKED"]
    assert not any(desk.opens(link) for link in desk.links())


def test_sending_again_ends_the_older_links(desk: Desk) -> None:
    made = approved(desk)

    assert desk.resend(made) == {"isSent": True}

    old, new = desk.links()
    assert (desk.opens(old), desk.opens(new)) == (False, True)


def test_sending_again_ten_times_in_an_hour_is_enough(desk: Desk) -> None:
    made = approved(desk)
    answers = [desk.put(made, "resend") for _ in range(10)]

    assert [answer.status_code for answer in answers] == [200] * 9 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_sending_an_agreement_again_mails_its_link_once_more(signing: Desk) -> None:
    made = signing.ask()
    signing.approve(made)
    before = len(signing.mails(to=BOB))

    signing.resend(made)

    assert signing.statuses(made)[-1] == "NDA_SENT"
    assert len(signing.mails(to=BOB)) == before + 1
    assert signing.count("envelopes") == 1


@pytest.mark.parametrize("verb", ["approve", "resend"])
def test_an_agreement_that_was_not_signed_in_time_is_made_anew(signing: Desk, verb: str) -> None:
    made = signing.ask()
    first = UUID(signing.approve(made)["trackingId"])
    signing.do(lambda tx: actions.signature_expired(tx, first, HERE))
    assert signing.sources(made)[-1] == ("NDA_EXPIRED", "DOCUSIGN")

    signing.ok(signing.put(made, verb, {"expirationType": "DAYS"} if verb == "approve" else None))

    assert signing.statuses(made)[-2:] == ["NDA_EXPIRED", "NDA_SENT"]
    assert signing.approve(made)["trackingId"] != str(first)


def test_who_declines_is_denied_without_a_mail_of_ours(signing: Desk) -> None:
    made = signing.ask()
    tracking = UUID(signing.approve(made)["trackingId"])

    signing.do(lambda tx: actions.signature_declined(tx, tracking, "no", HERE))

    assert signing.statuses(made)[-1] == "DENIED"
    assert signing.mails("access_denied") == []


def test_when_no_provider_takes_the_agreement_the_team_is_told_and_can_repeat_the_step(signing: Desk) -> None:
    made = signing.ask()
    first = UUID(signing.approve(made)["trackingId"])

    signing.do(lambda tx: actions.signature_failed(tx, first, "no answer", HERE))

    assert signing.statuses(made)[-1] == "PROCESS_ERROR"
    ((to, _, text),) = signing.mails("access_failed")
    assert to == TEAM
    assert "no answer" in text
    second = signing.approve(made)["trackingId"]
    assert second != str(first)
    assert signing.statuses(made)[-3:] == ["PROCESS_ERROR", "APPROVED", "NDA_SENT"]


def test_news_of_an_envelope_that_was_replaced_moves_nothing(signing: Desk) -> None:
    made = signing.ask()
    old = UUID(signing.approve(made)["trackingId"])
    signing.deny(made)
    signing.approve(made)
    before = signing.statuses(made)

    signing.do(lambda tx: actions.signature_sent(tx, old, HERE))
    signing.do(lambda tx: actions.signature_completed(tx, old, HERE))
    signing.do(lambda tx: actions.signature_expired(tx, old, HERE))

    assert signing.statuses(made) == before


def test_a_signature_that_is_reported_twice_delivers_once(signing: Desk) -> None:
    made = signing.signed()
    tracking = UUID(signing.approve(made)["trackingId"])

    signing.do(lambda tx: actions.signature_completed(tx, tracking, HERE))

    assert signing.statuses(made).count("FILES_SENT") == 1
    assert len(signing.mails("access_given")) == 1


def test_a_signature_after_the_decided_end_opens_nothing(signing: Desk) -> None:
    made = signing.ask()
    tracking = signing.approve(made, expiration=1)["trackingId"]

    signing.sign(tracking, days=2)

    assert signing.statuses(made)[-2:] == ["NDA_SIGNED", "ACCESS_EXPIRED"]
    assert signing.grants() == []
    assert signing.mails("access_ended", BOB)


def test_what_has_nothing_left_to_deliver_says_so(desk: Desk) -> None:
    made = desk.ask()
    desk.account.sql("update trust_documents set deleted_at = now() where account_id = %s")

    desk.approve(made)

    assert desk.statuses(made) == ["PENDING", "APPROVED", "PROCESS_ERROR"]
    assert desk.get(made)["documents"][0]["file"] == ""
    assert "deleted" in desk.mails("access_failed")[0][2]


def test_access_that_is_over_is_over_before_the_timer_says_so(desk: Desk) -> None:
    made = approved(desk)
    desk.account.sql("update grants set expires_at = now() - interval '1 minute' where account_id = %s")

    refused(desk.put(made, "resend"), 400, "isNewExpiration")
    assert desk.statuses(made)[-1] == "APPROVED"
    desk.approve(made, isNewExpiration=True)

    assert desk.statuses(made) == ["PENDING", "APPROVED", "ACCESS_EXPIRED", "APPROVED"]
    assert desk.opens(desk.links()[-1])


def test_the_manager_is_named_by_name_where_there_is_one(desk: Desk) -> None:
    desk.account.sql("update users set first_name = 'Alice', last_name = 'Adams' where account_id = %s")

    made = approved(desk)

    assert desk.get(made)["managedBy"] == "Alice Adams"


def test_managers_are_told_when_no_address_was_named(desk: Desk) -> None:
    desk.name_team("")
    desk.account.user("carol@acme.test", Role.TRUST_CENTER_MANAGER)

    desk.ask()

    assert [to for to, _, _ in desk.mails("access_requested")] == ["carol@acme.test"]


def test_each_change_leaves_its_event(desk: Desk) -> None:
    made = approved(desk)
    desk.approve(made, expiration=60, isNewExpiration=True)
    desk.revoke(made)

    events = desk.events()

    assert [type_ for type_, _, _ in events] == [
        "NEW_REQUEST",
        "APPROVED_REQUEST",
        "REQUEST_STATUS_CHANGED",
        "REVOKE_REQUEST",
    ]
    _, before, after = events[-1]
    assert before is not None
    assert after is not None
    assert (before["status"], after["status"]) == ("APPROVED", "REVOKED")


@pytest.mark.parametrize("verb", ["approve", "deny", "revoke", "resend"])
@pytest.mark.parametrize("id_", ["1", "abc", "%00", "5f0c1e0a-6c1d-4c57-9d0b-2b9f6f6f2a51", "0" * 32 + "x"])
def test_an_unknown_or_malformed_request_is_400(desk: Desk, verb: str, id_: str) -> None:
    body = {"expirationType": "DAYS"} if verb == "approve" else None

    refused(desk.alice.put(f"{REQUESTS}/{id_}/{verb}", json=body), 400)


@pytest.mark.parametrize("query", [{}, {"workspaceId": "x"}, {"workspaceId": 0}, {"workspaceId": 2**31 - 1}])
def test_a_request_is_shown_in_its_workspace_only(desk: Desk, query: Json) -> None:
    made = desk.ask()

    refused(desk.alice.get(f"{REQUESTS}/{made['requestId']}", params=query), 400)


def test_a_decision_counts_from_its_own_moment(desk: Desk) -> None:
    made = desk.ask()

    after = desk.decide(made, 30, days=10)

    assert after.expires_at is not None
    assert after.reviewed_at is not None
    assert after.expires_at - after.reviewed_at == timedelta(days=30)
