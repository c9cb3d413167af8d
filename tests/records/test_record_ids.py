"""Records whose ids are anything that people use as ids (custom-data 1.1, decisions 20)."""

from urllib.parse import quote

import pytest

from tests.factories import World
from tests.records.cast import Json, Resource, connect, refused, row

IDS = [
    "PKG-001",
    "a b",
    " a ",
    "a/b",
    "/",
    "//a//",
    "a/",
    "../records",
    ".",
    "..",
    "a:b",
    "100%",
    "%2F",
    "%",
    "%zz",
    "a+b",
    "a?b=c&d#e",
    ";a=b,c",
    "{recordId}",
    '"\\<>|^`',
    "records",
    "null",
    "0",
    "arn:aws:iam::1:user/Test",
    "ocid1.instance.oc1..aaaa/b=",
    "Alert: disk > 90 % on host/1",
    "ünïcödé",
    "日本語/テスト",
    "\U0001f600",
    "e\u0301 \u200b\u202e",
    "a\u00a0b",
    "x" * 255,
    "/" * 255,
    "\U0001f600" * 255,
]


def encoded(record_id: str) -> str:
    """How a client puts an id into a path."""
    return quote(record_id, safe="")


@pytest.fixture(scope="module")
def filled(world: World) -> Resource:
    """A resource that holds a record for each of the ids."""
    resource = connect(world.account("Ids"))
    resource.push(*IDS)
    return resource


def test_ids_come_back_as_they_were_sent(filled: Resource) -> None:
    assert filled.ids() == IDS


@pytest.mark.parametrize("record_id", IDS)
def test_a_record_is_changed_by_its_id(filled: Resource, record_id: str) -> None:
    path = encoded(record_id).replace(".", "%2E")

    answer = filled.put(path, {"level": 7})

    assert answer.status_code == 200, answer.text
    assert (answer.json()["id"], answer.json()["attributes"]) == (record_id, row(record_id, level=7))
    v1 = filled.alice.put(f"{filled.records_v1}/{path}", json={"data": {"level": 8}})
    assert (v1.status_code, v1.json()) == (200, {"id": record_id})


def test_a_record_is_deleted_by_its_id(devices: Resource) -> None:
    devices.push(*IDS)

    for record_id in IDS[:-1]:
        answer = devices.delete(encoded(record_id).replace(".", "%2E"))
        assert answer.status_code == 204, record_id

    assert devices.ids() == [IDS[-1]]


def test_ids_that_look_alike_are_different(devices: Resource) -> None:
    alike = ["a", "A", "a ", " a", "a/", "\u00e9", "e\u0301", "%61", "1", "01", "1.0"]

    devices.push(*alike)

    assert devices.ids() == alike


def test_a_character_need_not_be_encoded_where_a_path_allows_it(devices: Resource) -> None:
    devices.push("arn:aws:iam::1:user", "a+b=c,d;e!$&'()*~@")

    assert devices.put("arn:aws:iam::1:user", {"level": 1}).status_code == 200
    assert devices.put("%61+b=c,d;e!$&'()*~@", {"level": 1}).status_code == 200


def test_a_slash_that_is_not_encoded_is_no_part_of_an_id(devices: Resource) -> None:
    devices.push("a/b")

    assert devices.put("a/b", {"level": 1}).status_code in (404, 405)
    assert devices.delete("a/b").status_code in (404, 405)
    assert devices.ids() == ["a/b"]


@pytest.mark.parametrize(
    "malformed", ["x" * 256, "%C3%BC" * 256, "%00", "a%00b", "%FF", "%ED%A0%80", "%0A", "a%1Fb", "%7F"]
)
def test_an_id_that_cannot_be_is_answered_as_the_operation_lists_it(shared: Resource, malformed: str) -> None:
    refused(shared.put(malformed, {"name": "x"}), 400)
    refused(shared.delete(malformed), 404)
    refused(shared.alice.put(f"{shared.records_v1}/{malformed}", json={"data": {"name": "x"}}), 404)
    refused(shared.alice.delete(f"{shared.records_v1}/{malformed}"), 400)


@pytest.mark.parametrize("malformed", ["0", "-1", "1.0", "abc", "2147483648", "%00", "%FF"])
def test_a_malformed_id_of_a_resource_is_answered_as_the_operation_lists_it(shared: Resource, malformed: str) -> None:
    data: Json = {"json": {"data": {"name": "x"}}}
    for part in (f"{shared.connection_id}/resources/{malformed}", f"{malformed}/resources/{shared.id}"):
        v2, v1 = f"/public/v2/custom-connections/{part}", f"/public/custom-connections/{part}/records"

        refused(shared.alice.get(f"{v2}/records"), 400)
        refused(shared.alice.post(f"{v2}/records", **data), 400)
        refused(shared.alice.put(f"{v2}/records/a", **data), 400)
        refused(shared.alice.delete(f"{v2}/records/a"), 404)
        refused(shared.alice.get(f"{v2}/sessions"), 400)
        refused(shared.alice.post(f"{v2}/sessions/run-1", **data), 400)
        refused(shared.alice.post(f"{v2}/sessions/run-1/actions", json={"action": "complete"}), 400)
        refused(shared.alice.post(v1, **data), 404)
        refused(shared.alice.put(f"{v1}/a", **data), 404)
        refused(shared.alice.delete(f"{v1}/a"), 400)
