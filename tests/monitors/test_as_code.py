"""trustwright monitors pull and push: monitors become files, and files monitors, and what is wrong with those."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.factories import Account
from tests.monitors.cast import HIGH, events, monitor
from tests.records.cast import Json, Resource, connect
from tests.trust.cast import act, workspace
from tests.trust_page.cast import control
from trustwright.cli import app
from trustwright.cli.demo_monitors import DEVICE, INVENTORY, TRAINING
from trustwright.db import Tx
from trustwright.monitors import actions
from trustwright.monitors.as_code import Known, monitors_of
from trustwright.monitors.model import Monitor

LEVELS = """\
name: Levels are high
description: |
  Low ones
  are looked at.
enabled: false
controls: [AC-1]
validationRequirement: ALL_PASS
onEmpty: READY
groups:
  - connection: Devices
    filteringCriteria:
      mode: exclusion
      evaluator:
        all:
          - {fact: name, operator: in, value: [a, b]}
    evaluator:
      all:
        - {fact: level, operator: greaterThan, value: 3}
"""
DESCRIPTION = "Low ones\nare looked at.\n"
FILTER = {"mode": "exclusion", "evaluator": {"all": [{"fact": "name", "operator": "in", "value": ["a", "b"]}]}}
COUNTED = "{connection: Devices, population: {kind: exists}}"


class Folder:
    """A folder of monitors, the account that it belongs to with one connection, and the commands."""

    def __init__(self, account: Account, path: Path) -> None:
        self.account = account
        self.path = path
        self.devices = connect(account)

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text)

    def levels(self, old: str = "", new: str = "") -> None:
        """The good file, with something of it replaced."""
        assert old in LEVELS
        self.write("levels-are-high.yaml", LEVELS.replace(old, new) if old else LEVELS)

    def text(self, name: str) -> str:
        return (self.path / name).read_text()

    def names(self) -> list[str]:
        return sorted(path.name for path in self.path.iterdir())

    def run(self, *words: str) -> Result:
        where = ["--database-url", self.account.world.database_url, "--data-dir", "/nonexistent"]
        verb, *flags = words
        command = ["monitors", verb, str(self.path), "--account", str(self.account.id), *flags, *where]
        return CliRunner().invoke(app, command)

    def done(self, *words: str, code: int = 0) -> Any:
        """What a command says that it did; what it did nothing of is left out."""
        result = self.run(*words, "--json")
        assert result.exit_code == code, result.output
        return {name: value for name, value in json.loads(result.stdout).items() if value}


@pytest.fixture
def folder(acme: Account, tmp_path: Path) -> Folder:
    return Folder(acme, tmp_path)


def known(account: Account, workspace_id: int | None = None) -> dict[str, Known]:
    """The monitors of an account by name."""

    async def find(tx: Tx) -> list[Known]:
        return await monitors_of(tx, workspace_id or account.workspace_id)

    return {each.monitor.name: each for each in act(account, find)}


def delete(account: Account, monitor: Monitor) -> None:
    async def delete(tx: Tx) -> None:
        await actions.delete_monitor(tx, monitor)

    act(account, delete)


def levels(resource: Resource, **changes: Any) -> Monitor:
    """The monitor that the good file tells of."""
    group = {
        "connectionId": resource.connection_id,
        "resourceId": resource.id,
        "filteringCriteria": FILTER,
        "evaluator": HIGH,
    }
    given: Json = {"description": DESCRIPTION, "enabled": False, "groups": [group], **changes}
    return monitor(resource, **given)


def test_a_monitor_becomes_a_file_without_ids(acme: Account, folder: Folder) -> None:
    levels(folder.devices, controlIds=[control(acme).id])

    assert folder.done("pull") == {"added": ["levels-are-high.yaml"]}
    assert folder.text("levels-are-high.yaml") == LEVELS


def test_a_file_becomes_a_monitor(acme: Account, folder: Folder) -> None:
    wanted = control(acme)
    folder.levels()

    assert folder.done("push") == {"added": ["Levels are high"]}
    made = known(acme)["Levels are high"]
    assert (made.monitor.description, made.monitor.is_enabled, made.draft.control_ids) == (
        DESCRIPTION,
        False,
        [wanted.id],
    )
    assert [group.resource_id for group in made.draft.definition.groups] == [folder.devices.id]


def test_the_same_files_change_nothing(acme: Account, folder: Folder) -> None:
    control(acme)
    folder.levels()
    folder.done("push")
    before = known(acme)

    assert folder.done("push") == {"unchanged": ["Levels are high"]}
    assert folder.done("pull") == {"unchanged": ["levels-are-high.yaml"]}
    assert known(acme) == before
    assert len(events(acme, "CONTROL_TEST_INSTANCE_CUSTOM_TEST_EDITED")) == 0


def test_a_changed_file_changes_its_monitor_and_keeps_its_id(acme: Account, folder: Folder) -> None:
    control(acme)
    folder.levels()
    folder.done("push")
    before = known(acme)["Levels are high"].monitor
    folder.levels("value: 3", "value: 4")

    assert folder.done("push") == {"changed": ["Levels are high"]}
    after = known(acme)["Levels are high"].monitor
    assert (after.id, after.version) == (before.id, before.version + 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: Levels are high", "name: LEVELS are high"),
        ("Low ones", "High ones"),
        ("controls: [AC-1]", "controls: []"),
        ("onEmpty: READY", "onEmpty: FAILED"),
        ("[a, b]", "[a, c]"),
    ],
)
def test_every_part_of_a_monitor_follows_its_file(acme: Account, folder: Folder, old: str, new: str) -> None:
    control(acme)
    folder.levels()
    folder.done("push")
    folder.levels(old, new)

    assert list(folder.done("push")) == ["changed"]
    assert list(folder.done("push")) == ["unchanged"]
    assert folder.done("pull") == {"unchanged": ["levels-are-high.yaml"]}


def test_a_number_that_becomes_a_truth_is_a_change(acme: Account, folder: Folder) -> None:
    control(acme)
    folder.levels("[a, b]", "[a, 1]")
    folder.write(
        "levels-are-high.yaml",
        folder.text("levels-are-high.yaml")
        .replace("onEmpty", "allowUnknownFields: true\nonEmpty")
        .replace("fact: name", "fact: unknown"),
    )
    folder.done("push")
    folder.write("levels-are-high.yaml", folder.text("levels-are-high.yaml").replace("[a, 1]", "[a, true]"))

    assert folder.done("push") == {"changed": ["Levels are high"]}


def test_a_monitor_without_a_file_is_deleted_on_demand_only(acme: Account, folder: Folder) -> None:
    levels(folder.devices)

    assert folder.done("push") == {"kept": ["Levels are high"]}
    assert folder.done("push", "--prune") == {"removed": ["Levels are high"]}
    assert known(acme) == {}


def test_a_check_tells_what_would_change_and_changes_nothing(acme: Account, folder: Folder) -> None:
    control(acme)
    folder.levels()

    assert folder.done("push", "--check", code=1) == {"added": ["Levels are high"]}
    assert known(acme) == {}
    folder.done("push")
    assert folder.done("push", "--check") == {"unchanged": ["Levels are high"]}
    folder.levels("value: 3", "value: 4")
    assert folder.done("push", "--check", code=1) == {"changed": ["Levels are high"]}
    (folder.path / "levels-are-high.yaml").unlink()
    assert folder.done("push", "--check") == {"kept": ["Levels are high"]}
    assert folder.done("push", "--check", "--prune", code=1) == {"removed": ["Levels are high"]}
    assert known(acme)["Levels are high"].monitor.version == 1


def test_one_bad_file_keeps_all_files_out_and_every_fault_is_named(acme: Account, folder: Folder) -> None:
    folder.levels("controls: [AC-1]", "controls: []")
    folder.write("a.yaml", "name: A\ngroups: [{connection: Devises, population: {kind: exists}}]\ncontrols: [ZZ]\n")
    folder.write("b.yaml", "name: B\nname: B\n")
    folder.write(
        "c.yaml", "groups:\n- connection: Devices\n  evaluator: {all: [{fact: lvel, operator: equalz, value: 1}]}\n"
    )

    for flags in (["--check"], []):
        result = folder.run("push", *flags)
        assert result.exit_code == 1
        lines = result.stderr.splitlines()
        assert lines[0] == "a.yaml: controls[0]: no control of this workspace has the code 'ZZ'"
        assert lines[1].startswith(
            "a.yaml: groups[0].connection: no connection 'Devises' serves this workspace; did you"
        )
        assert lines[2] == "b.yaml: line 2, column 1: the key 'name' stands here twice"
        assert any(line.startswith("c.yaml: name: ") for line in lines)
        assert any(line.startswith("c.yaml: groups[0].evaluator.all[0].operator: ") for line in lines)
    assert known(acme) == {}
    assert len(folder.done("push", code=1)["faults"]) == len(lines)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("level,", "levle,", "levels-are-high.yaml: groups[0].evaluator.all[0].fact: "),
        ("controls: [AC-1]", "controls: AC-1", "controls: must be a list of codes"),
        ("controls: [AC-1]", "controls: [AC-l]", "controls[0]: no control of this workspace has the code 'AC-l'; did"),
        ("controls: [AC-1]", "controlIds: [1]", "controlIds: ids differ between installations"),
        (
            "connection: Devices",
            "connection: Devices\n    resourceId: 1",
            "groups[0].connection: name the connection by",
        ),
        ("connection: Devices", "connectionId: 2147483647\n    resourceId: 1", "groups[0].connectionId: "),
        ("connection: Devices", "connection: 7", "groups[0].connection: no connection 7 serves"),
        ("value: 3", "value: '3'", "groups[0].evaluator.all[0].value: "),
        ("groups:", "group:", "'group' has no meaning here; did you mean 'groups'?"),
        ("enabled: false", "enabled: no", "enabled: "),
        ("value: 3", "value: *three", "levels-are-high.yaml: aliases (*name) are not taken"),
    ],
)
def test_a_fault_is_named_with_its_file_and_place(acme: Account, folder: Folder, old: str, new: str, says: str) -> None:
    control(acme)
    folder.levels(old, new)

    faults = folder.done("push", code=1)["faults"]

    assert any(says in fault for fault in faults), faults


@pytest.mark.parametrize("text", ["", "- a list", "just text", "5"])
def test_a_file_that_is_no_monitor_is_refused(folder: Folder, text: str) -> None:
    folder.write("a.yaml", text)

    assert folder.done("push", code=1)["faults"] == ["a.yaml: must be a monitor: an object with `name` and `groups`"]


def test_two_files_of_one_name_are_refused(folder: Folder) -> None:
    folder.write("a.yaml", f"name: Same\ngroups: [{COUNTED}]\n")
    folder.write("b.yaml", f"name: SAME\ngroups: [{COUNTED}]\n")

    assert folder.done("push", code=1)["faults"] == [
        "b.yaml: name: a.yaml has the same name; a monitor stands in one file"
    ]


def test_a_name_of_another_workspace_is_refused(acme: Account, folder: Folder) -> None:
    labs = workspace(acme)
    other = connect(acme, name="Labs", workspaceIds=[labs])
    monitor(other, "Taken", workspace_id=labs, enabled=False)
    folder.write("a.yaml", f"name: taken\ngroups: [{COUNTED}]\n")

    assert folder.done("push", "--check", code=1)["faults"] == [
        f"a.yaml: name: 'taken' belongs to a test of workspace {labs}; choose another"
    ]


def test_a_connection_whose_alias_others_have_is_written_by_its_ids(acme: Account, folder: Folder) -> None:
    twin = connect(acme)
    levels(folder.devices)

    folder.done("pull")

    ids = f"  - connectionId: {folder.devices.connection_id}\n    resourceId: {folder.devices.id}\n"
    assert ids in folder.text("levels-are-high.yaml")
    assert folder.done("push") == {"unchanged": ["Levels are high"]}
    assert twin.id != folder.devices.id
    folder.write("a.yaml", f"name: A\ngroups: [{COUNTED}]\n")
    (fault,) = folder.done("push", code=1)["faults"]
    assert "not just one resource is called 'Devices'; write connectionId and resourceId" in fault


def test_files_go_into_another_account(acme: Account, globex: Account, folder: Folder, tmp_path: Path) -> None:
    control(acme)
    folder.levels()
    folder.done("push")
    folder.done("pull")
    elsewhere = Folder(globex, tmp_path)
    control(globex)

    assert elsewhere.done("push") == {"added": ["Levels are high"]}
    assert elsewhere.devices.id != folder.devices.id
    assert elsewhere.done("pull") == {"unchanged": ["levels-are-high.yaml"]}


def test_pull_keeps_comments_and_the_names_of_files(acme: Account, folder: Folder) -> None:
    control(acme)
    folder.write("mine.yml", "# Ask Ann.\n" + LEVELS)
    folder.done("push")

    assert folder.done("pull") == {"unchanged": ["mine.yml"]}
    assert folder.text("mine.yml").startswith("# Ask Ann.\n")


def test_pull_writes_what_changed_into_the_file_that_names_it(acme: Account, folder: Folder) -> None:
    control(acme)
    folder.write("mine.yaml", LEVELS)
    folder.done("push")
    folder.write("mine.yaml", LEVELS.replace("value: 3", "value: 4"))

    assert folder.done("pull") == {"changed": ["mine.yaml"]}
    assert folder.text("mine.yaml") == LEVELS


def test_files_of_monitors_that_are_gone_are_removed_on_demand_only(acme: Account, folder: Folder) -> None:
    gone = levels(folder.devices)
    folder.done("pull")
    delete(acme, gone)
    folder.write("unreadable.yaml", "name: [")
    folder.write("README.md", "Ours.")

    assert folder.done("pull") == {"kept": ["levels-are-high.yaml"]}
    assert folder.done("pull", "--prune") == {"removed": ["levels-are-high.yaml"]}
    assert folder.names() == ["README.md", "unreadable.yaml"]


def test_names_that_look_alike_get_files_of_their_own(acme: Account, folder: Folder) -> None:
    for name in ("A/B", "a b", "..", "Ünïcode's", "A-B"):
        monitor(folder.devices, name, enabled=False)

    folder.done("pull")

    assert folder.names() == ["a-b-2.yaml", "a-b-3.yaml", "a-b.yaml", "monitor.yaml", "unicodes.yaml"]
    assert len(folder.done("pull")["unchanged"]) == 5


def test_people_read_what_changed(acme: Account, folder: Folder) -> None:
    levels(folder.devices, name="[red]old")
    folder.write("a.yaml", f"name: New\ngroups: [{COUNTED}]\n")

    lines = folder.run("push", "--check", "--prune").output.splitlines()

    assert lines == ["+ New", "- [red]old", "1 added, 0 changed, 0 unchanged, 1 removed"]


def test_a_folder_that_is_not_there_is_made_by_pull_and_refused_by_push(folder: Folder, tmp_path: Path) -> None:
    levels(folder.devices)
    folder.path = tmp_path / "new" / "monitors"

    assert folder.run("push").exit_code == 1
    assert folder.done("pull") == {"added": ["levels-are-high.yaml"]}


def test_nothing_of_another_account_is_seen(acme: Account, globex: Account, folder: Folder) -> None:
    monitor(connect(globex), "Secret", enabled=False)

    assert folder.done("pull") == {}
    assert globex.sql("select count(*) from monitors where account_id = %s and deleted_at is null") == [(1,)]
    assert folder.done("push", "--prune") == {}


def test_the_examples_of_the_documentation_can_be_pushed(acme: Account, folder: Folder) -> None:
    text = (Path(__file__).parents[2] / "docs" / "monitors.md").read_text()
    examples = re.findall("```yaml\n(.*?)```", text, re.DOTALL)
    control(acme, "ES-1")
    for name, schema, key in (
        ("AWS inventory", INVENTORY, "arn"),
        ("Workforce devices", DEVICE, "hostname"),
        ("Security training", TRAINING, "email"),
    ):
        connect(acme, name=name, schema=schema, displayNameKey=key)
    for number, example in enumerate(examples):
        folder.write(f"{number}.yaml", example.replace("enabled: true\n", "") + "enabled: false\n")

    assert len(folder.done("push")["added"]) == len(examples) == 5
    assert len(folder.done("pull")["unchanged"]) == 5
