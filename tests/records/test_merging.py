"""PUT and DELETE of a record (Q41, decisions 16)."""

from typing import Any

import pytest

from tests.factories import Account
from tests.records.cast import Json, Resource, connect, refused, row


@pytest.fixture
def laptop(devices: Resource) -> Resource:
    """A resource with one record, `a`."""
    devices.push("a", level=1, owner={"name": "Bob", "mail": "b@x.test"}, tags=["x", "y"])
    return devices


FULL: Json = row("a", level=1, owner={"name": "Bob", "mail": "b@x.test"}, tags=["x", "y"])


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ({}, FULL),
        ({"level": 2}, FULL | {"level": 2}),
        ({"new": True}, FULL | {"new": True}),
        ({"owner": {"name": "Eve"}}, FULL | {"owner": {"name": "Eve"}}),
        ({"owner": {}}, FULL | {"owner": {}}),
        ({"owner": None}, FULL | {"owner": None}),
        ({"tags": []}, FULL | {"tags": []}),
        ({"tags": ["z"]}, FULL | {"tags": ["z"]}),
        ({"missing": None}, FULL | {"missing": None}),
        ({"id": "a", "name": "b"}, FULL | {"name": "b"}),
        ({"": 1, "a.b": 2}, FULL | {"": 1, "a.b": 2}),
    ],
)
def test_a_change_is_laid_over_the_top_of_the_record(laptop: Resource, change: Json, after: Json) -> None:
    answer = laptop.put("a", change)

    assert answer.status_code == 200, answer.text
    assert answer.json()["attributes"] == after
    assert laptop.attributes("a") == after


def test_a_change_is_answered_with_the_record_as_the_list_shows_it(laptop: Resource) -> None:
    (before,) = laptop.live()

    changed = laptop.put("a", {"level": 2}).json()

    (after,) = laptop.live()
    assert changed == after
    assert set(changed) == {"id", "attributes", "sessionId", "createdAt", "updatedAt"}
    assert (after["createdAt"], after["sessionId"]) == (before["createdAt"], None)
    assert after["updatedAt"] > before["updatedAt"]


def test_version_1_answers_with_the_id_alone(laptop: Resource) -> None:
    answer = laptop.alice.put(f"{laptop.records_v1}/a", json={"data": {"level": 2}})

    assert (answer.status_code, answer.json()) == (200, {"id": "a"})
    assert laptop.attributes("a") == FULL | {"level": 2}


def test_the_whole_record_must_fit_the_schema_afterwards(laptop: Resource) -> None:
    for change, words in (({"name": None}, '[{"/name":"must be string"}]'), ({"level": "x"}, '"/level"')):
        refused(laptop.put("a", change), 400, words, code=28022)
        refused(laptop.alice.put(f"{laptop.records_v1}/a", json={"data": change}), 400, words, code=28022)

    assert laptop.attributes("a") == FULL


def test_a_part_of_a_record_is_not_judged_alone(laptop: Resource) -> None:
    assert laptop.put("a", {"level": 2}).status_code == 200
    refused(laptop.post({"id": "a", "level": 2}), 400, code=28022)


def test_an_id_that_the_schema_does_not_declare_is_not_held_against_a_change(acme: Account) -> None:
    devices = connect(acme, schema={"type": "object", "properties": {"name": {}}, "additionalProperties": False})
    devices.push("a")

    assert devices.put("a", {"name": "b"}).status_code == 200
    assert devices.put("a", {"id": "a", "name": "b"}).status_code == 200
    refused(devices.put("a", {"level": 1}), 400, "additional properties", code=28022)


@pytest.mark.parametrize("other", ["b", "A", "", 7, True, [], {}, "a" * 300])
def test_another_id_in_the_body_is_refused(laptop: Resource, other: Any) -> None:
    refused(laptop.put("a", {"id": other, "level": 2}), 400, "id")

    assert laptop.attributes("a") == FULL


def test_a_number_in_the_body_names_the_record_of_its_text(devices: Resource) -> None:
    devices.post({"id": 7, "name": "x"})

    assert devices.put("7", {"id": 7, "level": 1}).status_code == 200
    refused(devices.put("7", {"id": 8, "level": 1}), 400)


@pytest.mark.parametrize("body", [[], [{"level": 2}], None, "x", 7])
def test_a_change_is_one_object(laptop: Resource, body: Any) -> None:
    refused(laptop.put("a", body), 400)

    assert laptop.attributes("a") == FULL


def test_a_change_never_creates(devices: Resource) -> None:
    refused(devices.put("a", row("a")), 404)
    refused(devices.alice.put(f"{devices.records_v1}/a", json={"data": row("a")}), 404)

    assert devices.ids() == []


def test_a_change_cannot_make_a_record_larger_than_an_upload_could(devices: Resource) -> None:
    devices.push("a", first="x" * 700_000)

    refused(devices.put("a", {"second": "y" * 700_000}), 400)

    assert "second" not in devices.attributes("a")


def test_a_staged_record_is_neither_changed_nor_deleted(devices: Resource) -> None:
    devices.stage("run-1", "a")

    refused(devices.put("a", {"level": 2}), 404)
    refused(devices.delete("a"), 404)

    assert devices.ids(sessionId="run-1") == ["a"]


def test_the_live_record_is_changed_beside_a_staged_one_of_its_id(devices: Resource) -> None:
    devices.push("a", level=1)
    devices.stage("run-1", "a", level=2)

    devices.put("a", {"level": 3})

    assert devices.attributes("a")["level"] == 3
    assert devices.live(sessionId="run-1")[0]["attributes"]["level"] == 2


def test_a_record_of_the_active_session_shows_that_session(devices: Resource) -> None:
    devices.stage("run-1", "a")
    devices.complete("run-1")

    assert devices.put("a", {"level": 2}).json()["sessionId"] == "run-1"


def test_a_deleted_record_is_gone(laptop: Resource) -> None:
    laptop.push("b")

    deleted = laptop.delete("a")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert laptop.ids() == ["b"]
    refused(laptop.delete("a"), 404)
    refused(laptop.put("a", {}), 404)


def test_version_1_deletes_with_an_empty_answer(laptop: Resource) -> None:
    deleted = laptop.alice.delete(f"{laptop.records_v1}/a")

    assert (deleted.status_code, deleted.content) == (200, b"")
    assert laptop.ids() == []
    refused(laptop.alice.delete(f"{laptop.records_v1}/a"), 404)


def test_a_deleted_record_may_come_back_as_a_new_one(laptop: Resource) -> None:
    laptop.delete("a")

    assert laptop.post(row("a")).status_code == 201
    assert laptop.attributes("a") == row("a")


def test_deleting_the_last_record_leaves_the_session_active_and_empty(devices: Resource) -> None:
    devices.stage("run-1", "a")
    devices.complete("run-1")

    assert devices.delete("a").status_code == 204

    assert devices.ids() == []
    assert devices.states() == {"run-1": ["ACTIVE"]}
