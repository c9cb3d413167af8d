"""Globex sees and changes nothing of Acme's."""

from uuid import UUID

import pytest

from tests.access_requests.cast import ACCOUNTS, HERE, REQUESTS, Desk, refused
from trustwright.access_requests import actions


@pytest.mark.parametrize("verb", ["approve", "deny", "revoke", "resend"])
def test_a_request_of_another_account_is_unknown(desk: Desk, theirs: Desk, verb: str) -> None:
    made = desk.ask()
    before = desk.statuses(made)

    refused(theirs.put(made, verb, {"expirationType": "DAYS"}), 400, "No access request")

    assert desk.statuses(made) == before


def test_a_request_of_another_account_is_not_shown(desk: Desk, theirs: Desk) -> None:
    made = desk.ask()

    for workspace_id in (desk.account.workspace_id, theirs.account.workspace_id):
        answer = theirs.alice.get(f"{REQUESTS}/{made['requestId']}", params={"workspaceId": workspace_id})
        refused(answer, 400)


@pytest.mark.parametrize("q", ["", "b", "bob", "initech"])
def test_lists_and_searches_show_the_own_account_only(desk: Desk, theirs: Desk, q: str) -> None:
    for each in (desk, theirs):
        each.ask()

    assert theirs.page(status="PENDING", q=q)["total"] == 1


def test_documents_of_another_account_cannot_be_asked_for(desk: Desk, theirs: Desk) -> None:
    refused(theirs.post(desk.report), 400)


def test_the_same_person_asks_each_account_by_itself(desk: Desk, theirs: Desk) -> None:
    mine, yours = desk.ask(), theirs.ask()

    desk.approve(mine)

    assert theirs.statuses(yours) == ["PENDING"]
    assert theirs.grants() == []


def test_the_table_of_a_crm_is_the_accounts_own(desk: Desk, theirs: Desk) -> None:
    rows = {"accounts": [{"domain": "initech.test", "relationshipOk": True, "ndaOnFile": True}]}
    desk.ok(desk.alice.put(ACCOUNTS, json=rows))

    assert theirs.ok(theirs.alice.get(ACCOUNTS)) == {"accounts": []}
    assert theirs.ask(flowType="SALESFORCE_CRM")["status"] == "PENDING"
    theirs.ok(theirs.alice.put(ACCOUNTS, json={"accounts": []}))
    assert desk.ok(desk.alice.get(ACCOUNTS))["accounts"] != []


def test_timers_and_envelopes_act_in_their_own_account(signing: Desk, theirs: Desk) -> None:
    made = signing.ask()
    tracking = UUID(signing.approve(made)["trackingId"])

    theirs.do(lambda tx: actions.signature_completed(tx, tracking, HERE))
    theirs.tick(days=4000)

    assert signing.statuses(made)[-1] == "NDA_SENT"


def test_the_workspace_of_another_account_is_unknown(desk: Desk, theirs: Desk) -> None:
    where = {"workspaceId": desk.account.workspace_id}

    refused(theirs.alice.put(ACCOUNTS, json={"accounts": []}, params=where), 400)
    refused(theirs.alice.get(ACCOUNTS, params=where), 400)
