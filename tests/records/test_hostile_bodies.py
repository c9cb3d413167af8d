"""Bodies made to break the server are refused; in a list each bad record spoils only itself (custom-data 1.4)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.records.cast import Resource, refused, row
from tests.records.hostile import VALUES, WHOLES, deep


@contextmanager
def unharmed(resource: Resource) -> Iterator[None]:
    """Puts two records into the resource, which must still be there after the block, alone and the same."""
    resource.push("first", "last", level=1)
    before = resource.live()
    yield
    assert resource.live() == before


@pytest.mark.parametrize("name", VALUES)
def test_a_hostile_record_alone_is_refused(shared: Resource, name: str) -> None:
    body = b'{"data":{"name":"x","odd":%s}}' % VALUES[name].encode()

    with unharmed(shared):
        refused(shared.send(body), 400)
        refused(shared.alice.post(f"{shared.sessions}/run-1", content=body), 400)
        refused(shared.alice.post(shared.records_v1, content=body), 400)


@pytest.mark.parametrize("name", VALUES)
def test_a_hostile_change_of_a_record_is_refused(shared: Resource, name: str) -> None:
    body = b'{"data":{"odd":%s}}' % VALUES[name].encode()

    with unharmed(shared):
        refused(shared.alice.put(f"{shared.records}/first", content=body), 400)
        refused(shared.alice.put(f"{shared.records_v1}/first", content=body), 400)


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
def test_a_body_that_is_no_upload_is_refused(shared: Resource, name: str) -> None:
    with unharmed(shared):
        refused(shared.send(WHOLES[name]), 400)
        refused(shared.alice.put(f"{shared.records}/first", content=WHOLES[name]), 400)


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
