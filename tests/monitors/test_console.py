"""Monitors in the console: what is refused and why, what is said of a monitor, and what another account sees."""

import json
import re
from typing import Any

import httpx
import pytest

from tests.factories import Account
from tests.monitors.cast import HIGH, body, group, idle, leaf, monitor
from tests.records.cast import Json, Resource
from tests.trust.cast import act
from trustwright.accounts.roles import Role
from trustwright.db import Tx
from trustwright.monitors import actions, concluding
from trustwright.monitors.model import Cause, Monitor
from trustwright.times import iso
from trustwright.trust_page.actions import create_control
from trustwright.trust_page.controls import Category, ControlFields

LOW = {"all": [leaf("level", "lessThan", 3)]}


def asked(*groups: Json, **more: Any) -> str:
    return json.dumps({"groups": list(groups), **more})


def path(monitor: Monitor, rest: str = "") -> str:
    return f"/monitors/{monitor.test_id}{rest}"


def editing(monitor: Monitor, resource: Resource, **changes: Any) -> dict[str, Any]:
    """The form of a monitor as a browser sends it, with some of it changed."""
    sent = {"name": monitor.name, "revision": iso(monitor.updated_at), "definition": asked(group(resource)), **changes}
    return {name: value for name, value in sent.items() if value is not None}


@pytest.fixture
def browser(acme: Account) -> httpx.Client:
    return acme.browser()


def test_the_page_opens_while_the_first_run_is_under_way(browser: httpx.Client, devices: Resource) -> None:
    test = idle(devices)
    act(devices.account, lambda tx: concluding.begin(tx, test.id, Cause.MANUAL, 60))

    for page in ("", "/runs", "/passes", "/edit"):
        assert browser.get(path(test, page)).status_code == 200
    assert browser.get("/monitors").status_code == 200


def test_a_new_monitor_is_what_the_form_says(browser: httpx.Client, devices: Resource) -> None:
    sent = {"name": "High", "description": "All of them", "definition": asked(group(devices), onEmpty="FAILED")}

    answer = browser.post("/monitors/new", data=sent)

    assert answer.status_code == 303, answer.text
    alice = devices.account.alice
    tests = f"/public/v2/workspaces/{devices.account.workspace_id}/monitoring-tests"
    made = alice.get(f"{tests}/{answer.headers['location'].rpartition('/')[2]}/definition").json()
    assert (made["name"], made["description"], made["enabled"], made["onEmpty"]) == (
        "High",
        "All of them",
        False,
        "FAILED",
    )
    assert made["groups"][0]["evaluator"] == HIGH


def test_all_faults_of_a_definition_are_listed_and_what_was_typed_stays(
    browser: httpx.Client, devices: Resource
) -> None:
    wrong = asked(group(devices, {"all": [leaf("levle", "equal", 1), leaf("level", "equalz", 1)]}))

    answer = browser.post("/monitors/new", data={"name": "Kept <b>", "definition": wrong})

    assert answer.status_code == 400
    assert "groups[0].evaluator.all[1].operator" in answer.text
    assert "did you mean &#39;equal&#39;?" in answer.text
    assert "Kept &lt;b&gt;" in answer.text
    assert "equalz" in answer.text


def test_what_is_no_json_is_refused_with_its_line(browser: httpx.Client, devices: Resource) -> None:
    answer = browser.post("/monitors/new", data={"name": "High", "definition": '{\n"groups": [}'})

    assert answer.status_code == 400
    assert "line 2, column 12" in answer.text


def test_a_name_that_is_taken_is_refused_beside_the_field(browser: httpx.Client, devices: Resource) -> None:
    idle(devices, "High")

    answer = browser.post("/monitors/new", data={"name": "high", "definition": asked(group(devices))})

    assert answer.status_code == 409
    assert "belongs to another test" in answer.text


def test_trying_shows_what_would_fail_and_keeps_nothing(browser: httpx.Client, devices: Resource) -> None:
    devices.push("low", level=1)
    devices.push("high", level=9)

    answer = browser.post("/monitors/new", data={"definition": asked(group(devices)), "try": "yes"})

    assert answer.status_code == 200, answer.text
    assert "nothing was saved" in answer.text
    assert "found: 1" in answer.text
    assert "No monitors yet" in browser.get("/monitors").text


def test_trying_says_what_is_wrong_with_a_definition(browser: httpx.Client, devices: Resource) -> None:
    answer = browser.post("/monitors/new", data={"definition": asked({"resourceId": 0}), "try": "yes"})

    assert "groups[0].connectionId" in answer.text


def test_trying_a_change_leaves_out_what_is_excluded_from_the_monitor(browser: httpx.Client, devices: Resource) -> None:
    devices.push("low", level=1)
    made = idle(devices)
    act(devices.account, lambda tx: actions.exclude(tx, made, "low", "Retired"))

    answer = browser.post(path(made, "/edit"), data=editing(made, devices, **{"try": "yes"}))

    assert ">Passed<" in answer.text.partition('id="trial"')[2]


def test_a_changed_definition_becomes_the_next_version(browser: httpx.Client, devices: Resource) -> None:
    made = monitor(devices, enabled=False)

    answer = browser.post(path(made, "/edit"), data=editing(made, devices, definition=asked(group(devices, LOW))))

    assert answer.status_code == 303, answer.text
    shown = browser.get(path(made, "/versions")).text
    assert "Version 2" in shown
    assert "Edit from this version" in shown


def test_a_former_version_can_be_edited_again(browser: httpx.Client, devices: Resource) -> None:
    made = monitor(devices, enabled=False)
    browser.post(path(made, "/edit"), data=editing(made, devices, definition=asked(group(devices, LOW))))

    assert "greaterThan" in browser.get(path(made, "/edit?version=1")).text
    assert browser.get(path(made, "/edit?version=9")).status_code == 404


def test_a_second_editor_is_told_and_may_save_again(browser: httpx.Client, devices: Resource) -> None:
    made = monitor(devices, enabled=False)
    browser.post(path(made, "/edit"), data=editing(made, devices, name="First"))

    answer = browser.post(path(made, "/edit"), data=editing(made, devices, name="Second"))

    assert answer.status_code == 409
    assert "Somebody else changed this monitor" in answer.text
    assert 'value="Second"' in answer.text
    revision = answer.text.partition('name="revision" value="')[2].partition('"')[0]
    again = browser.post(path(made, "/edit"), data=editing(made, devices, name="Second", revision=revision))
    assert again.status_code == 303


def test_controls_are_linked_and_deletion_names_those_that_lose_the_monitor(
    browser: httpx.Client, devices: Resource
) -> None:
    account = devices.account
    made = idle(devices)
    control = act(account, lambda tx: new_control(tx, account.workspace_id))
    browser.post(path(made, "/edit"), data=editing(made, devices, controls=str(control)))

    assert "These controls lose it: DS-1." in browser.get(path(made)).text
    assert browser.post(path(made, "/delete")).headers["location"] == "/monitors"
    assert browser.get(path(made)).status_code == 404


async def new_control(tx: Tx, workspace_id: int) -> int:
    fields = ControlFields(category=next(iter(Category)), code="DS-1", name="Disks")
    return (await create_control(tx, workspace_id, fields)).id


def test_run_now_says_what_it_came_to(browser: httpx.Client, devices: Resource) -> None:
    devices.push("low", level=1)
    made = idle(devices)

    answer = browser.post(path(made, "/run"), follow_redirects=True)

    assert "1 record checked, 1 failed" in answer.text
    assert "level" in answer.text.partition("Failing records")[2]
    ran = answer.text.partition("Failing records")[2]
    assert "is greater than" in ran
    assert "found: 1" in ran


def test_a_run_shows_what_was_true_then(browser: httpx.Client, devices: Resource) -> None:
    devices.push("low", level=1)
    made = idle(devices)
    browser.post(path(made, "/run"))
    devices.push("low", level=9)
    browser.post(path(made, "/edit"), data=editing(made, devices, definition=asked(group(devices, LOW))))

    link = browser.get(path(made, "/runs")).text.partition(f"{path(made, '/runs/')}")[2].partition('"')[0]
    shown = browser.get(path(made, f"/runs/{link}")).text

    assert "is greater than" in shown
    assert "found: 1" in shown
    assert browser.get(path(made, "/runs/999999")).status_code == 404


def test_a_record_is_excluded_with_a_reason_and_counts_again(browser: httpx.Client, devices: Resource) -> None:
    devices.push("low", level=1)
    made = idle(devices)
    browser.post(path(made, "/run"))

    refused = browser.post(path(made, "/exclusions/new"), data={"targetId": "low", "exclusionReason": " "})
    assert refused.status_code == 400
    assert "Say why this record may fail" in refused.text
    browser.post(path(made, "/exclusions/new"), data={"targetId": "low", "exclusionReason": "<i>Spare</i>"})

    listed = browser.get(path(made, "/exclusions?q=spare")).text
    assert "&lt;i&gt;Spare&lt;/i&gt;" in listed
    assert "All records that failed the last run were excluded since" in browser.get(path(made)).text
    (button,) = re.findall(r'action="(\S+/exclusions/\d+/delete)"', listed)
    browser.post(button)
    assert "No exclusions" in browser.get(path(made, "/exclusions")).text


def test_failing_records_are_found_by_name_and_leave_as_a_file(browser: httpx.Client, devices: Resource) -> None:
    devices.push("low-one", "low-two", level=1)
    made = idle(devices)
    browser.post(path(made, "/run"))

    found = browser.get(path(made, "?q=TWO")).text.partition("Failing records")[2]
    assert "low-two" in found
    assert "low-one" not in found
    file = browser.get(path(made, "?format=csv"))
    assert file.headers["content-type"].startswith("text/csv")
    assert "low-one" in file.text


def test_a_monitor_leaves_as_the_file_that_pull_writes(browser: httpx.Client, devices: Resource) -> None:
    made = idle(devices, "Levels are high")

    file = browser.get(path(made, "/export"))

    assert 'filename="levels-are-high.yaml"' in file.headers["content-disposition"]
    assert "connection: Devices" in file.text


def test_the_list_is_filtered_by_result_switch_and_connection(browser: httpx.Client, devices: Resource) -> None:
    idle(devices, "On")
    monitor(devices, "Off", enabled=False)

    def names(query: str) -> list[str]:
        text = browser.get(f"/monitors?{query}").text
        return [name for name in ("On", "Off") if f"<bdi>{name}</bdi>" in text]

    assert names("enabled=OFF") == ["Off"]
    assert names("q=on") == ["On"]
    assert names(f"connection={devices.connection_id}") == ["On", "Off"]
    assert names("connection=999") == []
    assert names("status=FAILED") == []
    assert browser.get("/monitors?format=csv").text.count("\r\n") == 3


def test_a_monitor_is_switched_off_and_on(browser: httpx.Client, devices: Resource) -> None:
    made = idle(devices)

    browser.post(path(made, "/disable"))
    assert devices.account.alice_email in browser.get(path(made)).text
    browser.post(path(made, "/enable"))
    assert "Next run" in browser.get(path(made)).text


def test_who_may_only_look_sees_no_buttons_and_changes_nothing(acme: Account, devices: Resource) -> None:
    made = idle(devices)
    email = f"auditor@account{acme.id}.test"
    acme.user(email, Role.AUDITOR)
    auditor = acme.browser(email)

    shown = auditor.get(path(made))
    assert shown.status_code == 200
    assert "Run now" not in shown.text
    assert "New monitor" not in auditor.get("/monitors").text
    for rest in ("/run", "/delete", "/disable", "/edit", "/exclusions/new"):
        assert auditor.post(path(made, rest), data={"name": "Mine"}).status_code == 403
    assert auditor.get("/monitors/new").status_code == 403


def test_another_account_sees_none_of_it(acme: Account, devices: Resource) -> None:
    made = idle(devices)
    stranger = acme.world.account("Other").browser()

    for rest in ("", "/edit", "/runs", "/passes", "/versions", "/exclusions", "/export"):
        assert stranger.get(path(made, rest)).status_code == 404
    for rest in ("/run", "/delete", "/enable"):
        assert stranger.post(path(made, rest)).status_code == 404


def test_names_are_shown_as_text(browser: httpx.Client, devices: Resource) -> None:
    devices.push("x", level=1, name="<script>alert(1)</script>")
    made = idle(devices, "<img src=x>", description="<b>")
    browser.post(path(made, "/run"))

    for each in ("/monitors", path(made), path(made, "/edit"), path(made, "/runs"), path(made, "/versions")):
        text = browser.get(each).text
        assert "<img src=x>" not in text
        assert "<script>alert" not in text


def test_without_data_the_editor_says_what_to_do_first(acme: Account) -> None:
    assert "Set up a connection" in acme.browser().get("/monitors/new").text


def test_a_draft_of_the_api_can_be_pasted(browser: httpx.Client, devices: Resource) -> None:
    pasted = json.dumps({**body(devices, "From the API"), "checkStatus": "NEW", "id": 7})

    answer = browser.post("/monitors/new", data={"name": "Mine", "definition": pasted})

    assert answer.status_code == 303, answer.text
