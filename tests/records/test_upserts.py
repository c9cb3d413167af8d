"""Pushing records: what is stored, what is answered (Q36 to Q40, decisions 15 to 18)."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.factories import Account
from tests.records.cast import Json, Resource, accepted, connect, refused, row

MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}"

NUMBERS = {
    "big": "123456789012345678901234567890",
    "negative": "-98765432109876543210",
    "long": "9" * 300,
    "decimal": "0.1000000000000000055511151231257827",
    "price": "19.990",
    "tiny": "0.00000000000000000000000000000123456789012345678901",
    "edge": "9007199254740993",
    "near": "9007199254740993.5",
}


def statuses(answer: Any) -> list[int]:
    return [item["statusCode"] for item in answer.json()]


def test_a_new_record_is_created(devices: Resource) -> None:
    answer = devices.post(row("a", level=1))

    assert answer.status_code == 201
    assert set(answer.json()) == {"id", "createdAt", "updatedAt", "statusCode", "data"}
    assert (answer.json()["id"], answer.json()["statusCode"]) == ("a", 201)
    assert answer.json()["createdAt"] == answer.json()["updatedAt"]


def test_a_known_record_is_replaced(devices: Resource) -> None:
    created = devices.post(row("a", level=1)).json()

    answer = devices.post({"id": "a", "name": "new"})

    assert (answer.status_code, answer.json()["statusCode"], answer.json()["id"]) == (200, 200, "a")
    assert answer.json()["createdAt"] == created["createdAt"] < answer.json()["updatedAt"]
    assert devices.attributes("a") == {"id": "a", "name": "new"}


def test_dates_are_printed_with_microseconds_and_no_zone(devices: Resource) -> None:
    answers = [
        devices.post(row("a")).json(),
        devices.post([row("a")]).json()[0],
        devices.upload("run-1", row("a")).json(),
        devices.alice.post(devices.records_v1, json={"data": row("a")}).json(),
    ]

    for answer in answers:
        for name in ("createdAt", "updatedAt"):
            assert re.fullmatch(MOMENT, answer[name]), answer
    age = datetime.now(UTC) - datetime.fromisoformat(answers[0]["createdAt"]).replace(tzinfo=UTC)
    assert timedelta(0) <= age < timedelta(minutes=1)


def test_an_identical_record_moves_only_its_update(devices: Resource) -> None:
    devices.push("a")
    (before,) = devices.live()

    devices.push("a")

    (after,) = devices.live()
    assert after["createdAt"] == before["createdAt"]
    assert after["updatedAt"] > before["updatedAt"]


def test_a_list_is_answered_in_its_order(devices: Resource) -> None:
    devices.push("b")

    answer = devices.post([row("c"), row("b"), {"id": "x"}, row("a")])

    assert answer.status_code == 200
    assert statuses(answer) == [201, 200, 400, 201]
    assert [item["data"]["id"] for item in answer.json()] == ["c", "b", "x", "a"]
    assert [item.get("id") for item in answer.json()] == ["c", "b", None, "a"]
    assert sorted(devices.ids()) == ["a", "b", "c"]


def test_a_list_of_one_is_answered_with_a_list(devices: Resource) -> None:
    answer = devices.post([row("a")])

    assert (answer.status_code, statuses(answer)) == (200, [201])


def test_a_repeated_id_in_a_list_is_created_then_replaced(devices: Resource) -> None:
    answer = devices.post([row("a", level=1), row("b"), row("a", level=2), row("a", level=3)])

    assert statuses(answer) == [201, 201, 200, 200]
    assert devices.attributes("a") == row("a", level=3)
    assert devices.ids() == ["a", "b"]


def test_a_repeated_id_counts_only_where_it_is_good(devices: Resource) -> None:
    answer = devices.post([{"id": "a"}, row("a", level=1), {"id": "a", "name": 7}])

    assert statuses(answer) == [400, 201, 400]
    assert devices.attributes("a") == row("a", level=1)


@pytest.mark.parametrize(
    ("text", "record_id"),
    [("7", "7"), ("0", "0"), ("-7", "-7"), ("12345678901234567890123", "12345678901234567890123"), ("1.5", "1.5")],
)
def test_a_number_names_a_record_and_stays_a_number(shared: Resource, text: str, record_id: str) -> None:
    answer = shared.send(b'{"data":{"id":%s,"name":"x"}}' % text.encode())

    assert answer.status_code == 201, answer.text
    assert answer.json()["id"] == record_id
    assert str(shared.attributes(record_id)["id"]) == text
    assert shared.put(record_id, {"level": 1}).status_code == 200


def test_a_number_and_its_text_name_the_same_record(devices: Resource) -> None:
    assert statuses(devices.post([{"id": 7, "name": "x"}, row("7")])) == [201, 200]


@pytest.mark.parametrize("text", ['""', "true", "[]", "{}", '["a"]', '"a\\u0001"', '"a\\nb"', '"a\\u0085"', '"%s"'])
def test_an_id_that_names_nothing_is_refused(shared: Resource, text: str) -> None:
    text = text.replace("%s", "x" * 256)

    refused(shared.send(b'{"data":{"id":%s,"name":"x"}}' % text.encode()), 400, "id")


@pytest.mark.parametrize("number", ["1" * 256, "-" + "1" * 255])
def test_a_number_is_no_longer_than_a_text_may_be(devices: Resource, number: str) -> None:
    refused(devices.send(b'{"data":{"id":%s,"name":"x"}}' % number.encode()), 400)

    assert devices.ids() == []


@pytest.mark.parametrize("record", [{"name": "x"}, {"id": None, "name": "x"}])
def test_a_record_without_an_id_is_always_new(devices: Resource, record: Json) -> None:
    ids = {devices.post(record).json()["id"] for _ in range(2)}

    assert {UUID(id_).version for id_ in ids} == {4}
    assert len(ids) == 2
    assert set(devices.ids()) == ids
    assert [shown["attributes"] for shown in devices.live()] == [record, record]


def test_what_was_sent_is_echoed_as_it_was(shared: Resource) -> None:
    text = b'{ "name":"\xc3\xa4\\u00e4\\/", "level" :1.50,"level":1e2, "z":{"b":[ ],"a":null} }'

    assert b'"data":' + text in shared.send(b'{"data": ' + text + b"}").content
    assert b'"data":' + text in shared.send(b'{"data": [ ' + text + b" ]}").content


def test_an_empty_list_changes_nothing(devices: Resource) -> None:
    devices.push("a")

    answer = devices.post([])

    assert (answer.status_code, answer.json()) == (200, [])
    assert devices.ids() == ["a"]


def test_a_thousand_records_are_taken_and_no_more(devices: Resource) -> None:
    rows = [{"name": str(number)} for number in range(1001)]

    refused(devices.post(rows), 400, "at most 1000")
    refused(devices.upload("run-1", rows), 400, "at most 1000")
    assert devices.ids() == []
    assert statuses(devices.post(rows[1:])) == [201] * 1000
    assert [record["attributes"] for record in devices.live(size=500)] == rows[1:]


@pytest.mark.parametrize(
    "body",
    [
        '{"data":null}',
        '{"data":"x"}',
        '{"data":7}',
        '{"data":true}',
        '{"data":[1]}',
        '{"data":[null]}',
        '{"data":[[{"name":"x"}]]}',
        '{"data":[{"name":"x"},"y"]}',
        '{"data":[{"name":"x"},[]]}',
        "{}",
        '{"records":[{"name":"x"}]}',
        '{"name":"x"}',
        '[{"name":"x"}]',
        "null",
    ],
)
def test_anything_but_objects_is_refused_as_a_whole(shared: Resource, body: str) -> None:
    before = shared.ids()

    refused(shared.send(body.encode()), 400, "")

    assert shared.ids() == before


def test_unknown_properties_beside_the_data_are_ignored(shared: Resource) -> None:
    assert shared.send(b'{"source":"x","data":{"name":"x"},"more":[{}]}').status_code == 201


def test_a_list_whose_every_record_is_rejected_is_answered_200(devices: Resource) -> None:
    answer = devices.post([{"id": "a"}, {"id": "b", "name": 7}])

    assert (answer.status_code, statuses(answer)) == (200, [400, 400])
    assert devices.ids() == []


def test_a_rejected_record_of_a_list_is_answered_in_both_shapes(shared: Resource) -> None:
    (item,) = shared.post([{"id": "a", "level": "high"}]).json()

    faults = '[{"":"must have required property \'name\'"},{"/level":"must be number"}]'
    problem = {"message": f"Schema validation failed for data: {faults}", "code": 28022}
    assert item == {"statusCode": 400, "data": {"id": "a", "level": "high"}, "error": {**problem, "error": problem}}


@pytest.mark.parametrize("path", ["records", "records_v1", "sessions"])
def test_a_single_rejected_record_is_refused_and_not_stored(devices: Resource, path: str) -> None:
    address = getattr(devices, path) + ("/run-1" if path == "sessions" else "")

    answer = devices.alice.post(address, json={"data": {"id": "a"}})

    words = 'Schema validation failed for data: [{"":"must have required property \'name\'"}]'
    refused(answer, 400, words, code=28022)
    assert ("name" in answer.json()) is (path != "records_v1")
    assert devices.ids() == []
    assert devices.states() == {}


def test_a_rejected_record_leaves_the_stored_one_alone(devices: Resource) -> None:
    devices.push("a", level=1)

    refused(devices.post({"id": "a", "name": 7}), 400, code=28022)
    assert statuses(devices.post([{"id": "a", "name": 7}])) == [400]

    assert devices.attributes("a") == row("a", level=1)


def test_an_id_that_the_schema_does_not_declare_is_not_held_against_a_record(acme: Account) -> None:
    closed = {"type": "object", "properties": {"name": {}}, "additionalProperties": False}
    devices = connect(acme, schema=closed)

    assert devices.post(row("a")).status_code == 201
    refused(devices.post(row("b", level=1)), 400, "additional properties", code=28022)


def test_an_id_that_the_schema_declares_is_judged_like_the_rest(acme: Account) -> None:
    devices = connect(acme, schema={"type": "object", "properties": {"id": {"type": "integer"}, "name": {}}})

    assert statuses(devices.post([{"id": 1}, {"id": "1"}, {"id": 1.5}])) == [201, 400, 400]


def test_numbers_come_back_as_they_were_sent(devices: Resource) -> None:
    members = ",".join(f'"{name}":{number}' for name, number in NUMBERS.items())

    devices.send(b'{"data":[{"id":"a","name":"x",%s}]}' % members.encode())
    once = read_numbers(devices.alice.get(devices.records).content)
    devices.put("a", {"level": 1})
    twice = read_numbers(devices.alice.get(devices.records).content)

    assert {name: once[name] for name in NUMBERS} == NUMBERS
    assert {name: twice[name] for name in NUMBERS} == NUMBERS


@pytest.mark.parametrize("number", ["9" * 309, "9" * 999, "1e308", "-1.7e308", "1e-320", "1e-900"])
def test_a_number_of_any_size_that_is_stored_stays_usable(devices: Resource, number: str) -> None:
    accepted(devices.send(b'{"data":[{"id":"a","name":"x","odd":%s}]}' % number.encode()))

    assert devices.put("a", {"name": "y"}).status_code == 200
    assert devices.post(row("a")).status_code == 200
    assert devices.delete("a").status_code == 204
    assert devices.alice.get("/public/v2/events?expand[]=metadata").status_code == 200


def read_numbers(page: bytes) -> dict[str, str]:
    """The attributes of the only record of a page, its numbers as texts."""
    found: dict[str, str] = json.loads(page, parse_int=str, parse_float=str)["data"][0]["attributes"]
    return found
