"""The tests of a workspace as the contract has them: listed, shown, changed."""

from typing import Any

import pytest

from tests.factories import Account, World
from tests.monitors.api import Test, all_tests, good, post_test
from tests.records.cast import Resource, accepted, checked, connect, everything, refused, row
from tests.trust_page.cast import control
from trustwright.accounts.permissions import Permission

NOBODYS = 2**31 - 1


def test_a_test_is_named_by_its_test_id_and_not_by_its_id(devices: Resource) -> None:
    made = Test(devices)

    assert made.id != made.test_id
    assert made.get()["id"] == made.id
    refused(made.alice.get(f"{all_tests(devices.account)}/{made.id}"), 404, f"No test {made.id}")


def test_a_test_without_a_description_has_an_empty_one(devices: Resource) -> None:
    made = Test(devices)

    shown = made.get()
    assert shown["description"] == ""
    assert (shown["checkResultStatus"], shown["checkStatus"], shown["testSource"]) == ("READY", "DISABLED", "CUSTOM")
    assert (shown["lastPassedAt"], shown["failedSince"]) == (None, None)
    assert not {"controls", "monitorInstances", "disabledByUser"} & set(shown)


def test_expansions_show_the_controls_the_instance_and_who_disabled_it(devices: Resource) -> None:
    watched = control(devices.account, "AC-7")
    made = Test(devices, enabled=True, controlIds=[watched.id])
    expand: dict[str, Any] = {"expand[]": ["controls", "monitorInstances", "disablingUser"]}

    assert "disabledByUser" not in made.get(**expand)
    good(made.put(enabled=False))

    shown = made.get(**expand)
    assert [each["code"] for each in shown["controls"]] == ["AC-7"]
    (instance,) = shown["monitorInstances"]
    assert (instance["id"], instance["checkTypes"], instance["collectionDescription"]) == (made.id, ["CUSTOM"], None)
    assert shown["disabledByUser"]["id"] == devices.account.alice_id
    (listed,) = everything(made.alice, all_tests(devices.account), **expand)
    for part in ("controls", "disabledByUser"):
        assert listed[part] == shown[part]
    assert [each["id"] for each in listed["monitorInstances"]] == [made.id]


def test_paging_parameters_mean_nothing_for_one_test(devices: Resource) -> None:
    made = Test(devices)

    assert made.get(cursor="what?", size=0, sort="nothing") == made.get()
    refused(made.alice.get(made.path, params={"expand[]": "owner"}), 400, "expand")


def test_a_test_is_renamed_described_and_enabled(devices: Resource) -> None:
    made = Test(devices, description="Of all devices")

    changed = good(made.put(name="Levels are fine", description=None))

    assert (changed["name"], changed["description"], changed["checkStatus"]) == ("Levels are fine", "", "DISABLED")
    assert made.get() == good(made.put()) == changed
    assert good(made.put(enabled=True))["checkStatus"] in ("NEW", "ENABLED")


def test_a_name_belongs_to_one_test(devices: Resource) -> None:
    first, second = Test(devices), Test(devices, "Others")

    refused(second.put(name=first.made["name"].upper()), 409, "belongs to another test")
    refused(post_test(devices), 409, "belongs to another test")
    assert second.get()["name"] == "Others"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "x" * 192},
        {"name": " "},
        {"name": None},
        {"name": "a\0b"},
        {"enabled": "yes"},
        {"enabled": None},
        {"description": "x" * 30_001},
        [],
    ],
)
def test_a_change_that_breaks_a_rule_is_refused(shared_test: Test, change: Any) -> None:
    refused(shared_test.alice.put(shared_test.path, json=change), 400)
    assert shared_test.get()["name"] == shared_test.made["name"]


@pytest.fixture(scope="module")
def shared_test(world: World) -> Test:
    """A test for those that do not change it."""
    return Test(connect(world.account("Shared")))


def test_tests_are_listed_by_what_they_are(acme: Account) -> None:
    resource = connect(acme)
    accepted(resource.post([row("a", level=5)]))
    passing, idle = Test(resource, "B passes"), Test(resource, "A never ran")
    passing.run()
    alice, path = checked(acme.alice), all_tests(acme)

    def names(**query: Any) -> list[str]:
        return [each["name"] for each in everything(alice, path, size=1, **query)]

    both = [passing.made["name"], idle.made["name"]]
    assert names() == names(checkStatus="DISABLED", type="CUSTOM", testSource="CUSTOM") == both
    assert names(sort="name") == names(sortDir="DESC") == both[::-1]
    assert names(checkResultStatus="PASSED") == both[:1]
    assert names(checkStatus="ENABLED") == names(type="POLICY") == names(testSource="ACORN") == []
    assert good(alice.get(path, params={"includeTotalCount": "true", "size": 1}))["pagination"]["totalCount"] == 2
    refused(alice.get(path, params={"checkStatus": "GONE"}), 400, "checkStatus")
    refused(alice.get(path, params={"size": 0}), 400, "size")


def test_what_is_not_there_is_not_found(devices: Resource, globex: Account) -> None:
    made = Test(devices)
    theirs, path = checked(globex.alice), all_tests(devices.account)
    rests = ("", "/definition", "/exclusions", "/failures", "/passes", "/runs", "/runs/1")

    for rest in rests:
        refused(theirs.get(made.path + rest), 404)
        refused(theirs.get(f"{all_tests(globex)}/{made.test_id}{rest}"), 404)
        refused(made.alice.get(f"{all_tests(devices.account, NOBODYS)}/{made.test_id}{rest}"), 404)
        refused(made.alice.get(f"{path}/{NOBODYS}{rest}"), 404)
        refused(made.alice.get(f"{path}/abc{rest}"), 400)
    for each in (theirs.get(path), made.alice.get(all_tests(devices.account, NOBODYS))):
        refused(each, 404, "No workspace")
    refused(made.alice.get(f"{made.path}/runs/{NOBODYS}"), 404, "No run")
    refused(made.alice.delete(f"{made.path}/exclusions/{NOBODYS}"), 404, "No exclusion")


def test_reading_and_writing_ask_for_permissions(devices: Resource) -> None:
    made = Test(devices)
    nobody = devices.account.client(None)
    _, text = devices.account.key(Permission.MONITORS_GET)
    lister = checked(devices.account.client(text))
    new = {"targetId": "a", "exclusionReason": "b"}
    path = all_tests(devices.account)
    asked: list[tuple[str, str, Any]] = [
        ("GET", made.path, None),
        ("PUT", made.path, {}),
        ("DELETE", made.path, None),
        ("POST", path, {}),
        ("POST", f"{path}/validate", {}),
        ("POST", f"{path}/dry-run", {}),
        ("GET", f"{made.path}/definition", None),
        ("PUT", f"{made.path}/definition", {}),
        ("POST", f"{made.path}/run", None),
        ("GET", f"{made.path}/runs", None),
        ("POST", f"{made.path}/exclusions", new),
        ("DELETE", f"{made.path}/exclusions/1", None),
        ("GET", f"{made.v1}/details", None),
        ("GET", f"{made.v1}/failures?type=included", None),
        ("POST", f"/public/workspaces/{devices.account.workspace_id}/autopilot/{made.test_id}/retest", None),
    ]

    for method, at, sent in asked:
        assert nobody.request(method, at, json=sent).status_code == 401, at
        assert lister.request(method, at, json=sent).status_code == 403, at
    good(lister.get(path))
    good(lister.get("/public/monitors"))
