"""Tests created, tried out, changed and deleted through the API."""

from typing import Any

import httpx
import pytest

from tests.factories import World
from tests.monitors.api import Test, all_tests, good, post_test
from tests.monitors.cast import HIGH, body, group, leaf
from tests.records.cast import Json, Resource, accepted, checked, connect, refused, row
from tests.trust_page.cast import control

LOW = {"all": [leaf("level", "lessThan", 3)]}


@pytest.fixture(scope="module")
def shared(world: World) -> Resource:
    """A resource for the tests that store nothing."""
    return connect(world.account("Shared"))


def ask(resource: Resource, verb: str, sent: Any) -> httpx.Response:
    """`validate` or `dry-run`."""
    return checked(resource.account.alice).post(f"{all_tests(resource.account)}/{verb}", json=sent)


def faults(resource: Resource, sent: Any) -> dict[str, str]:
    """What is wrong with a body, by place."""
    answer = good(ask(resource, "validate", sent))
    assert answer["valid"] is not bool(answer["errors"])
    return {each["path"]: each["message"] for each in answer["errors"]}


def test_a_new_test_is_shown_with_what_it_checks(devices: Resource) -> None:
    watched = control(devices.account)
    filtering = {"mode": "inclusion", "evaluator": {"any": [leaf("name", "contains", "srv")]}}

    made = good(
        post_test(
            devices,
            description="Of servers",
            validationRequirement="ANY_PASS",
            onEmpty="FAILED",
            controlIds=[watched.id],
            groups=[group(devices, filteringCriteria=filtering)],
        ),
        201,
    )

    assert made["groups"] == [group(devices, filteringCriteria=filtering)]
    assert (made["validationRequirement"], made["onEmpty"], made["allowUnknownFields"]) == ("ANY_PASS", "FAILED", False)
    assert (made["controlIds"], made["enabled"], made["version"]) == ([watched.id], False, 1)
    assert (made["name"], made["description"], made["checkResultStatus"]) == ("Levels are high", "Of servers", "READY")


def test_an_enabled_test_is_ready_to_run(devices: Resource) -> None:
    made = good(post_test(devices, enabled=True), 201)

    assert (made["enabled"], made["checkStatus"]) == (True, "NEW")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"[]", "Expected `object`"),
        (b"", "truncated"),
        (b"{", "truncated"),
        (b'{"name": "x"}', "groups"),
        (b'{"groups": []}', "name"),
        (b'{"name": "x", "groups": [' + b"[" * 3000, "nested too deeply"),
        (b'{"name": "a\\u0000"}', "NUL"),
        (b'{"name": "\xff"}', "UTF-8"),
    ],
)
def test_what_is_no_test_is_refused(shared: Resource, sent: bytes, words: str) -> None:
    refused(checked(shared.account.alice).post(all_tests(shared.account), content=sent), 400, words)


def test_a_faulty_test_is_refused_with_each_place(shared: Resource) -> None:
    wrong = {"all": [leaf("level", "greaterThen", 3), leaf("levle", "equal", 3)]}

    answer = post_test(shared, groups=[group(shared, wrong)])

    refused(answer, 400, "groups[0].evaluator.all[0].operator")
    assert post_test(shared, groups=[]).status_code == 400


def test_a_definition_is_validated_and_nothing_is_stored(shared: Resource) -> None:
    wrong = {"all": [leaf("level", "greaterThen", 3)]}

    assert faults(shared, body(shared)) == {}
    assert faults(shared, {**body(shared), "sessionId": "night"}) == {}
    (place,) = faults(shared, {"groups": [group(shared, wrong)]})
    assert place == "groups[0].evaluator.all[0].operator"
    (place,) = faults(shared, {"groups": [{**group(shared), "resourceId": 2**31 - 1}]})
    assert place == "groups[0].resourceId"
    assert good(checked(shared.account.alice).get(all_tests(shared.account)))["data"] == []
    refused(ask(shared, "validate", [1]), 400)


def test_a_dry_run_counts_and_explains_and_stores_nothing(devices: Resource) -> None:
    accepted(devices.post([row("ok", level=5), row("low", level=1), row("lab", level=0)]))
    outside = {"mode": "exclusion", "evaluator": {"all": [leaf("name", "equal", "lab")]}}

    found = good(ask(devices, "dry-run", {"groups": [group(devices, filteringCriteria=outside)]}))

    assert {name: found[name] for name in ("checkResultStatus", "evaluated", "passed", "failed", "outOfScope")} == {
        "checkResultStatus": "FAILED",
        "evaluated": 2,
        "passed": 1,
        "failed": 1,
        "outOfScope": 1,
    }
    (failure,) = found["failures"]
    assert (failure["targetId"], failure["targetName"]) == ("low", "low")
    assert failure["cause"][0]["factResult"] == 1
    assert [each["seen"] for each in found["groups"]] == [3]
    assert good(checked(devices.account.alice).get(all_tests(devices.account)))["data"] == []


def test_a_dry_run_reads_staged_records_and_leaves_out_what_a_test_excludes(devices: Resource) -> None:
    devices.stage("night", "a", level=1)
    made = Test(devices)
    made.exclude("a")
    sent = {"groups": [group(devices)], "sessionId": "night"}

    assert good(ask(devices, "dry-run", sent))["failed"] == 1
    found = good(ask(devices, "dry-run", {**sent, "testId": made.test_id}))
    assert (found["failed"], found["excluded"]) == (0, 1)
    refused(ask(devices, "dry-run", {**sent, "sessionId": "never"}), 400, "session never")
    refused(ask(devices, "dry-run", {**sent, "testId": 2**31 - 1}), 404)
    refused(ask(devices, "dry-run", {**sent, "testId": "one"}), 400, "testId")
    refused(ask(devices, "dry-run", {"sessionId": "night"}), 400, "groups")


def test_an_answer_can_be_sent_back_as_it_came(devices: Resource) -> None:
    made = Test(devices, controlIds=[control(devices.account).id])
    shown = made.get("/definition")

    assert shown == made.made
    assert good(made.alice.put(f"{made.path}/definition", json=shown)) == shown
    assert good(ask(devices, "validate", shown))["valid"] is True


def test_another_definition_is_the_next_version(devices: Resource) -> None:
    made = Test(devices, description="Of all devices")

    changed = good(made.alice.put(f"{made.path}/definition", json={"groups": [group(devices, LOW)]}))

    assert (changed["version"], changed["groups"]) == (2, [group(devices, LOW, filteringCriteria=None)])
    assert (changed["name"], changed["description"]) == ("Levels are high", "Of all devices")
    former = made.get("/definition", version=1)
    assert (former["version"], former["groups"]) == (1, [group(devices, HIGH, filteringCriteria=None)])
    assert made.get("/definition") == changed
    refused(made.alice.get(f"{made.path}/definition", params={"version": 3}), 404, "version 3")


def test_a_faulty_definition_changes_nothing(devices: Resource) -> None:
    made, other = Test(devices), Test(devices, "Others")
    new: Json = {"groups": [group(devices, LOW)]}
    at = f"{made.path}/definition"

    refused(made.alice.put(at, json={"groups": [group(devices, {"all": []})]}), 400, "groups[0].evaluator")
    refused(made.alice.put(at, json={**new, "name": other.made["name"]}), 409)
    refused(made.alice.put(at, json={**new, "controlIds": [2**31 - 1]}), 400, "controlIds[0]")
    assert made.get("/definition") == made.made


def test_a_deleted_test_is_gone_and_its_name_is_free(devices: Resource) -> None:
    made = Test(devices)

    assert made.alice.delete(made.path).status_code == 204

    refused(made.alice.delete(made.path), 404)
    refused(made.alice.get(made.path), 404)
    assert good(made.alice.get(all_tests(devices.account)))["data"] == []
    assert Test(devices).test_id != made.test_id
