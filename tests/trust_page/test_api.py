"""GET /trust-center/controls, and the status that is written down by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.factories import Account
from tests.records.cast import checked
from tests.trust.cast import NOBODYS, act, events, settings, workspace
from tests.trust_page.cast import CONTROLS, control, get_controls, noted, put_status
from trustwright.accounts.model import Entitlement
from trustwright.trust_page import actions
from trustwright.trust_page.controls import Category


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_nothing_configured_is_nothing_shown(acme: Account) -> None:
    assert get_controls(acme) == {"isSLADisplayed": False, "slaTime": 0, "controls": {}}


def test_controls_come_by_category_in_the_order_of_the_page(acme: Account) -> None:
    settings(acme, isSLADisplayed=True, slaTime=7)
    control(acme, "APP-1", category=Category.APP_SECURITY)
    control(acme, "DATA-1")
    control(acme, "DATA-2", interval_days=1)
    control(acme, "HIDDEN", category=Category.PRODUCT_SECURITY, is_published=False)

    shown = get_controls(acme)

    assert (shown["isSLADisplayed"], shown["slaTime"]) == (True, 7)
    assert list(shown["controls"]) == ["DATA_SECURITY", "APP_SECURITY"]
    assert [each["code"] for each in shown["controls"]["DATA_SECURITY"]] == ["DATA-2", "DATA-1"]


def test_a_control_is_shown_with_its_standing(acme: Account) -> None:
    settings(acme, slaTime=7)
    one = control(acme, "AC-1", description="Disks <b>are</b>", interval_days=1, is_status_displayed=False)
    failed = noted(acme, one, passes=False, days_ago=1)
    assert failed.failing_since

    assert get_controls(acme)["controls"]["DATA_SECURITY"] == [
        {
            "id": one.id,
            "code": "AC-1",
            "name": "Control AC-1",
            "description": "Disks <b>are</b>",
            "isMonitored": True,
            "isDocumented": False,
            "status": "IN_REMEDIATION",
            "statusDisplayed": False,
            "lastCheckedAt": iso(failed.failing_since),
            "failingSince": iso(failed.failing_since),
            "slaDueAt": iso(failed.failing_since + timedelta(days=7)),
        }
    ]


def test_an_archived_control_is_not_shown(acme: Account) -> None:
    one = control(acme)

    act(acme, lambda tx: actions.archive_control(tx, one.id))

    assert get_controls(acme)["controls"] == {}


def test_each_workspace_has_its_controls_and_the_primary_one_is_meant_by_default(acme: Account) -> None:
    labs = workspace(acme)
    settings(acme, workspace_id=labs, slaTime=3)
    control(acme, "HERE")
    control(acme, "THERE", labs)

    def codes(**query: Any) -> list[str]:
        return [each["code"] for each in get_controls(acme, **query)["controls"]["DATA_SECURITY"]]

    assert (codes(), codes(workspaceId=acme.workspace_id), codes(workspaceId=labs)) == (["HERE"], ["HERE"], ["THERE"])
    assert get_controls(acme, workspaceId=labs)["slaTime"] == 3


def test_an_unknown_workspace_has_no_controls(acme: Account) -> None:
    settings(acme, isSLADisplayed=True, slaTime=7)
    control(acme)

    assert get_controls(acme, workspaceId=NOBODYS) == {"isSLADisplayed": False, "slaTime": 0, "controls": {}}


@pytest.mark.parametrize("bad", ["0", "-1", "x", "1.5", "2147483648"])
def test_a_malformed_workspace_is_refused(acme: Account, bad: str) -> None:
    assert checked(acme.alice).get(CONTROLS, params={"workspaceId": bad}).status_code == 400


def test_what_a_client_has_is_not_sent_again(acme: Account) -> None:
    one = control(acme)
    first = acme.alice.get(CONTROLS)

    again = acme.alice.get(CONTROLS, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    noted(acme, one, passes=True)
    changed = acme.alice.get(CONTROLS, headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "private, max-age=60"
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert (changed.status_code, changed.headers["etag"] != first.headers["etag"]) == (200, True)


def test_a_result_by_hand_answers_the_control(acme: Account) -> None:
    settings(acme, slaTime=7)
    one = control(acme)

    failed = put_status(acme, "AC-1", isPassing=False, checkedAt="2020-01-01T00:00:00Z")
    fresh = put_status(acme, "AC-1", isPassing=False)
    passed = put_status(acme, "AC-1", isPassing=True)

    assert failed.json()["status"] == "NOT_MONITORED"
    assert failed.json()["lastCheckedAt"] == "2020-01-01T00:00:00.000Z"
    assert (fresh.json()["status"], fresh.json()["failingSince"]) == ("FAILING", "2020-01-01T00:00:00.000Z")
    assert (passed.json()["status"], passed.json()["failingSince"]) == ("PASSING", None)
    assert passed.json() == get_controls(acme)["controls"]["DATA_SECURITY"][0]
    assert [event["target"] for event in events(acme, "TRUST_CONTENT_SAVED")[1:]] == [
        {"kind": "trust control", "id": one.id}
    ] * 3
    assert events(acme, "TRUST_CONTENT_SAVED")[1]["userId"] == acme.alice_id


def test_a_code_may_hold_what_a_path_must_escape(acme: Account) -> None:
    control(acme, "A.9/ü %")

    assert put_status(acme, "A.9%2F%C3%BC%20%25", isPassing=True).json()["status"] == "PASSING"


def test_a_status_is_of_the_workspace_that_is_named(acme: Account) -> None:
    labs = workspace(acme)
    control(acme)
    control(acme, workspace_id=labs)

    put_status(acme, "AC-1", query={"workspaceId": labs}, isPassing=True).raise_for_status()

    assert get_controls(acme)["controls"]["DATA_SECURITY"][0]["status"] == "NOT_MONITORED"
    assert get_controls(acme, workspaceId=labs)["controls"]["DATA_SECURITY"][0]["status"] == "PASSING"


@pytest.mark.parametrize(
    ("code", "query", "body", "says"),
    [
        ("AC-2", {}, {"isPassing": True}, "No control 'AC-2'"),
        ("x" * 101, {}, {"isPassing": True}, "code"),
        ("%00", {}, {"isPassing": True}, "NUL"),
        ("%FF", {}, {"isPassing": True}, "UTF-8"),
        ("AC-1", {"workspaceId": NOBODYS}, {"isPassing": True}, "workspace"),
        ("AC-1", {"workspaceId": "x"}, {"isPassing": True}, "workspaceId"),
        ("AC-1", {}, {}, "isPassing"),
        ("AC-1", {}, {"isPassing": "yes"}, "isPassing"),
        ("AC-1", {}, {"isPassing": None}, "isPassing"),
        ("AC-1", {}, {"isPassing": True, "checkedAt": "yesterday"}, "checkedAt"),
        ("AC-1", {}, {"isPassing": True, "checkedAt": "2026-01-01T00:00:00"}, "checkedAt"),
        ("AC-1", {}, {"isPassing": True, "checkedAt": "2999-01-01T00:00:00Z"}, "checkedAt: must not lie"),
    ],
)
def test_bad_input_changes_nothing(
    acme: Account, code: str, query: dict[str, Any], body: dict[str, Any], says: str
) -> None:
    control(acme)

    refused = put_status(acme, code, query=query, **body)

    assert refused.status_code == 400
    assert says in refused.json()["message"]
    assert get_controls(acme)["controls"]["DATA_SECURITY"][0]["lastCheckedAt"] is None


def test_a_result_older_than_the_last_is_refused(acme: Account) -> None:
    noted(acme, control(acme), passes=True)

    refused = put_status(acme, "AC-1", isPassing=False, checkedAt="2020-01-01T00:00:00Z")

    assert (refused.status_code, "newer" in refused.json()["message"]) == (400, True)


@pytest.mark.parametrize("plan", [[], [Entitlement.TRUST_CENTER_ESSENTIALS]])
def test_results_are_for_the_larger_plan(acme: Account, plan: list[Entitlement]) -> None:
    control(acme)
    acme.plan(entitlements=plan)

    assert put_status(acme, "AC-1", isPassing=True).status_code == 402


def test_the_smaller_plan_reads(acme: Account) -> None:
    acme.plan(entitlements=[Entitlement.TRUST_CENTER_ESSENTIALS])

    assert get_controls(acme)["controls"] == {}


def test_results_need_a_key_and_its_permission(acme: Account) -> None:
    control(acme)
    _, text = acme.key()

    def put(client: httpx.Client) -> int:
        return client.put(f"{CONTROLS}/AC-1/status", json={"isPassing": True}).status_code

    assert (put(acme.client(None)), put(acme.client(text))) == (401, 403)
