"""Version 1: all tests of the account, one in detail, its findings as JSON and as a file, and a run on demand."""

import csv
import io
from typing import Any

import pytest

from tests.factories import Account
from tests.monitors.api import Test, good
from tests.monitors.cast import events, fresh, idle, monitor
from tests.records.cast import Json, Resource, accepted, checked, eventually, refused, row
from tests.trust.cast import act
from tests.trust_page.cast import control
from trustwright.monitors import history
from trustwright.monitors.downloads import ROWS_AT_ONCE
from trustwright.monitors.model import Cause, Monitor

MONITORS = "/public/monitors"

CSV = {"Accept": "text/csv"}


@pytest.fixture
def ran(devices: Resource) -> Test:
    """A test of three records that ran: `high` passes, `low` and `=none` fail."""
    accepted(devices.post([row("high", level=9), row("low", level=1), row("=none")]))
    made = Test(devices)
    made.run()
    return made


def listed(account: Account, **query: Any) -> list[Any]:
    """The names of the tests that a query finds."""
    return [each["name"] for each in good(checked(account.alice).get(MONITORS, params=query))["data"]]


def test_all_tests_of_the_account_are_listed_by_page(devices: Resource) -> None:
    first, second = Test(devices, "Second by name"), Test(devices, "First by name")

    page = good(first.alice.get(MONITORS, params={"limit": 1, "page": 2, "drafts": "true", "reportInterval": "WEEKLY"}))

    assert (page["page"], page["limit"], page["total"]) == (2, 1, 2)
    assert [each["id"] for each in page["data"]] == [second.id]
    assert good(first.alice.get("/public/v1/monitors", params={"page": 9}))["data"] == []
    assert listed(devices.account, sortByName="true") == ["First by name", "Second by name"]
    refused(first.alice.get(MONITORS, params={"limit": 51}), 400, "limit")


def test_tests_are_found_by_name_result_control_and_kind(ran: Test, devices: Resource) -> None:
    account = devices.account
    watched = control(account)
    other = Test(devices, "Guarded", controlIds=[watched.id])
    failed, guarded = ran.made["name"], other.made["name"]

    assert listed(account, q="LEVELS") == listed(account, checkResultStatus="FAILED") == [failed]
    assert listed(account, checkResultStatuses=["READY", "PASSED"]) == [guarded]
    assert listed(account, checkResultStatuses=["READY"], checkResultStatus="FAILED") == []
    assert listed(account, controlId=watched.id) == listed(account, excludeTestIds=[ran.test_id]) == [guarded]
    assert listed(account, excludeControlId=watched.id) == [failed]
    assert listed(account, type="CUSTOM", source="CUSTOM", checkStatus="DISABLED") == [failed, guarded]
    assert listed(account, type="POLICY") == listed(account, source="DRATA") == listed(account, q="%") == []
    assert listed(account, workspaceId=account.workspace_id) == [failed, guarded]


def test_a_listed_test_shows_its_controls_and_what_each_connection_came_to(ran: Test, devices: Resource) -> None:
    watched = control(devices.account, "AC-3")
    good(ran.alice.put(f"{ran.path}/definition", json={**ran.made, "controlIds": [watched.id]}))

    (shown,) = good(ran.alice.get(MONITORS))["data"]

    assert (shown["id"], shown["testId"], shown["checkFrequency"], shown["source"]) == (
        ran.id,
        ran.test_id,
        "DAILY",
        "CUSTOM",
    )
    assert (shown["checkResultStatus"], shown["checkStatus"], shown["description"]) == ("FAILED", "DISABLED", "")
    assert [each["code"] for each in shown["controls"]] == ["AC-3"]
    (instance,) = shown["monitorInstances"]
    (metadata,) = instance["metadata"]
    assert (metadata["connectionId"], metadata["clientType"]) == (devices.connection_id, "CUSTOM")
    assert (metadata["clientAlias"], metadata["checkResultStatus"]) == ("Devices", "FAILED")
    assert not {"pass", "fail", "exclusions"} & set(metadata)


def test_the_details_name_who_passes_fails_and_is_excluded(ran: Test) -> None:
    ran.exclude("low")

    shown = good(ran.alice.get(f"{ran.v1}/details"))

    (metadata,) = shown["monitorInstances"][0]["metadata"]
    assert metadata["pass"] == [{"id": "high", "name": "high"}]
    assert metadata["fail"] == [{"id": "=none", "name": "=none"}]
    assert metadata["exclusions"] == [{"id": "low", "name": "low"}]
    assert shown["lastCheck"] == ran.get("/failures")["lastCheck"]


def test_a_test_that_never_ran_has_no_details_yet(devices: Resource) -> None:
    made = Test(devices)

    assert good(made.alice.get(f"{made.v1}/details"))["monitorInstances"][0]["metadata"] == []
    assert good(made.alice.get(f"{made.v1}/failures?type=included")) == {"data": []}
    assert len(lines(made, "included")) == 0


def findings(test: Test, **query: Any) -> list[Json]:
    found: list[Json] = good(test.alice.get(f"{test.v1}/failures", params=query))["data"]
    return found


def lines(test: Test, type_: str) -> list[dict[str, str]]:
    """The lines of the file."""
    answer = test.alice.get(f"{test.v1}/failures", params={"type": type_}, headers=CSV)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"test-{test.test_id}-{type_}.csv" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_findings_are_those_that_count_or_those_that_are_excluded(ran: Test) -> None:
    ran.exclude("low")

    (counts,) = findings(ran, type="included")
    (excluded,) = findings(ran, type="excluded", checkType="CUSTOM")

    assert (counts["id"], excluded["id"]) == ("=none", "low")
    assert excluded["failingMessage"] == "level greaterThan 3, found 1"
    assert counts["failingMessage"] == "level greaterThan 3, missing"
    assert (counts["providerName"], counts["clientAlias"], counts["accountId"]) == ("Devices", "Devices", None)
    assert findings(ran, type="included", checkType="POLICY") == []


def test_findings_need_a_type(ran: Test) -> None:
    refused(ran.alice.get(f"{ran.v1}/failures"), 400, "type")
    refused(ran.alice.get(f"{ran.v1}/failures", params={"type": "all"}), 400, "type")


def test_a_file_holds_the_published_columns_and_no_formula(ran: Test) -> None:
    (none, low) = lines(ran, "included")

    assert list(none) == [
        *("Provider Name", "Client ID or Client Alias", "Resource Name", "Failing message", "Org Unit ID"),
        *("Resource ARN", "Account ID", "Account Name", "Region", "Associated Help Article", "Excluded By"),
        *("Exclusion Date", "Exclusion Reason", "Email", "Device Metadata", "Resource ID"),
    ]
    assert (none["Resource Name"], none["Resource ID"]) == ("'=none", "'=none")
    assert (low["Provider Name"], low["Resource Name"]) == ("Devices", "low")
    assert low["Failing message"] == "level greaterThan 3, found 1"


def test_a_file_of_exclusions_says_who_when_and_why(ran: Test) -> None:
    made = ran.exclude("low", "@lab")

    (line,) = lines(ran, "excluded")

    assert line["Excluded By"] == ran.account.alice_email
    assert (line["Exclusion Date"], line["Exclusion Reason"]) == (made["createdAt"], "'@lab")


def test_a_file_that_left_is_an_event(ran: Test) -> None:
    findings(ran, type="included")
    lines(ran, "excluded")

    ((target, _, after),) = events(ran.account, "MONITOR_FINDINGS_CSV_GENERATED")
    assert (target["testId"], target["testName"], after) == (ran.test_id, "Levels are high", {"type": "excluded"})


def test_findings_are_complete_however_many(devices: Resource) -> None:
    wanted = ROWS_AT_ONCE * 2
    for begin in range(0, wanted, ROWS_AT_ONCE):
        accepted(devices.post([row(f"r{begin + n:04}", level=1) for n in range(ROWS_AT_ONCE)]))
    made = Test(devices)
    made.run()

    ids = [f"r{number:04}" for number in range(wanted)]
    assert [each["id"] for each in findings(made, type="included")] == ids
    assert [line["Resource ID"] for line in lines(made, "included")] == ids


def retest(test: Monitor, account: Account) -> Any:
    path = f"/public/workspaces/{test.workspace_id}/autopilot/{test.test_id}/retest"
    return checked(account.alice).post(path)


def test_a_retest_runs_soon(devices: Resource) -> None:
    accepted(devices.post([row("low", level=1)]))
    test = idle(devices)

    answer = retest(test, devices.account)

    assert (answer.status_code, answer.content) == (201, b"")

    def has_run() -> bool:
        now = fresh(devices.account, test)
        return now is not None and now.status == "FAILED"

    eventually(has_run)


def test_what_is_disabled_or_running_is_not_retested(devices: Resource) -> None:
    disabled, running = monitor(devices, enabled=False), idle(devices, "Runs")
    assert act(devices.account, lambda tx: history.begin_run(tx, running.id, 1, Cause.MANUAL))

    refused(retest(disabled, devices.account), 409, "disabled")
    refused(retest(running, devices.account), 409, "under way")


def test_what_is_not_there_is_not_found(devices: Resource, globex: Account) -> None:
    test = idle(devices)
    at = f"/public/workspaces/{test.workspace_id}/monitors"

    for client in (checked(globex.alice), checked(devices.account.alice)):
        number = test.test_id if client is globex.alice else 2**31 - 1
        refused(client.get(f"{at}/{number}/details"), 404)
        refused(client.get(f"{at}/{number}/failures?type=included"), 404)
        refused(client.post(f"/public/workspaces/{test.workspace_id}/autopilot/{number}/retest"), 404)
    refused(checked(devices.account.alice).get(f"{at}/abc/details"), 400)
    assert good(checked(globex.alice).get(MONITORS))["data"] == []
