"""Bodies made to break the server: refused with 400, and in a list each bad record spoils only itself (custom-data 1.4)."""

import json
from collections.abc import Iterator

import pytest

from tests.records.cast import Resource, refused, row
from tests.records.hostile import VALUES, WHOLES, deep


@pytest.fixture
def target(shared: Resource) -> Iterator[Resource]:
    """The shared resource with two records, which must still be there afterwards, alone and the same."""
    shared.push("first", "last", level=1)
    before = shared.live()
    yield shared
    assert shared.live() == before


@pytest.mark.parametrize("name", VALUES)
def test_a_hostile_record_alone_is_refused(target: Resource, name: str) -> None:
    body = b'{"data":{"name":"x","odd":%s}}' % VALUES[name].encode()

    refused(target.send(body), 400)
    refused(target.alice.post(f"{target.sessions}/run-1", content=body), 400)
    refused(target.alice.post(target.records_v1, content=body), 400)


@pytest.mark.parametrize("name", VALUES)
def test_a_hostile_change_of_a_record_is_refused(target: Resource, name: str) -> None:
    body = b'{"data":{"odd":%s}}' % VALUES[name].encode()

    refused(target.alice.put(f"{target.records}/first", content=body), 400)
    refused(target.alice.put(f"{target.records_v1}/first", content=body), 400)


@pytest.mark.parametrize("name", VALUES)
def test_a_hostile_record_of_a_list_spoils_only_itself(devices: Resource, name: str) -> None:
    first, last = json.dumps(row("a, {", level=1)), json.dumps(row("}] \\", level=2))
    body = f'{{"data":[{first}, {{"id":"odd","name":"x","odd":{VALUES[name]}}},\n{last} ]}}'

    answer = devices.send(body.encode())

    assert answer.status_code == 200, answer.text
    assert [item["statusCode"] for item in answer.json()] == [201, 400, 201]
    good, bad, other = answer.json()
    assert (good["data"], other["data"]) == (json.loads(first), json.loads(last))
    assert set(bad) - {"data"} == {"statusCode", "error"}
    assert bad["error"]["message"] == bad["error"]["error"]["message"]
    assert bad["error"]["code"] != 28022
    assert [record["attributes"] for record in devices.live()] == [json.loads(first), json.loads(last)]


@pytest.mark.parametrize("name", WHOLES)
def test_a_body_that_is_no_upload_is_refused(target: Resource, name: str) -> None:
    refused(target.send(WHOLES[name]), 400)
    refused(target.alice.put(f"{target.records}/first", content=WHOLES[name]), 400)


def test_a_session_is_not_opened_by_a_body_that_is_refused(devices: Resource) -> None:
    for body in WHOLES.values():
        refused(devices.alice.post(f"{devices.sessions}/run-1", content=body), 400)

    assert devices.states() == {}


def test_what_only_looks_hostile_is_stored_as_it_is(devices: Resource) -> None:
    values = {
        "64 levels": json.loads(deep(63)),
        "escaped escape": "\\u0000 \\ud800",
        "pair": "\U0001f600",
        "brackets": "}{][,:\"'\\",
        "words": ["NaN", "Infinity", "1e400", "1e-999999"],
        "digits": "9" * 5000,
        "zero": 0,
        "empty": {"": [{}, [], ""]},
        "controls": "\x01\x7f\x85\u2028",
    }

    for name, value in values.items():
        answer = devices.post({"id": name, "name": "x", "odd": value})
        assert answer.status_code == 201, (name, answer.text)

    assert {record["id"]: record["attributes"]["odd"] for record in devices.live()} == values


def test_a_list_of_hostile_records_only_is_answered_200(devices: Resource) -> None:
    rows = ",".join(f'{{"name":"x","odd":{value}}}' for name, value in VALUES.items() if name != "a mebibyte")

    answer = devices.send(f'{{"data":[{rows}]}}'.encode())

    assert {item["statusCode"] for item in answer.json()} == {400}
    assert len(answer.json()) == len(VALUES) - 1
    assert devices.ids() == []
