"""Live records under several clients at once."""

from collections import Counter
from functools import partial

import httpx

from tests.factories import Account
from tests.records.cast import CONNECTIONS, Resource, connect, eventually, everything, row, together

ROUNDS = 12
LARGE = 200


def push(resource: Resource, ids: list[str]) -> httpx.Response:
    return resource.post([row(id_) for id_ in ids])


def test_clients_that_push_the_same_ids_in_opposite_order_never_lock_each_other_out(devices: Resource) -> None:
    ids = [f"{number:03}" for number in range(200)]
    orders = [ids, ids[::-1], ids[1::2] + ids[::2]]

    def push_often(order: list[str]) -> list[int]:
        return [push(devices, order).status_code for _ in range(ROUNDS)]

    answers = together(*(partial(push_often, order) for order in orders))

    assert answers == [[200] * ROUNDS] * 3
    assert sorted(devices.ids(size=500)) == ids


def test_a_batch_that_arrives_twice_at_once_is_stored_once(devices: Resource) -> None:
    for number in range(ROUNDS):
        ids = [f"{number}-{item}" for item in range(40)]

        answers = together(*[partial(push, devices, ids)] * 2)

        told = [Counter(item["statusCode"] for item in answer.json()) for answer in answers]
        assert told[0] + told[1] == {201: 40, 200: 40}
    assert len(devices.ids(size=500)) == len(set(devices.ids(size=500))) == 40 * ROUNDS


def test_a_single_record_that_arrives_twice_at_once_is_created_once(devices: Resource) -> None:
    for number in range(ROUNDS):
        answers = together(*[partial(devices.post, row(str(number)))] * 3)

        assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
        assert len({answer.json()["createdAt"] for answer in answers}) == 1


def test_changes_at_once_to_different_properties_all_stay(devices: Resource) -> None:
    devices.push("a")
    names = [f"{letter}{number}" for number in range(ROUNDS) for letter in "xyz"]

    for start in range(0, len(names), 3):
        part = names[start : start + 3]
        answers = together(*(partial(devices.put, "a", {name: 1}) for name in part))
        assert {answer.status_code for answer in answers} == {200}

    assert devices.attributes("a") == row("a") | dict.fromkeys(names, 1)


def test_a_record_is_deleted_once(devices: Resource) -> None:
    for _ in range(ROUNDS):
        devices.push("a")

        answers = together(*[partial(devices.delete, "a")] * 3)

        assert sorted(answer.status_code for answer in answers) == [204, 404, 404]


def push_until_refused(resource: Resource, name: str) -> list[int]:
    """Pushes and stages large batches in turn; what each was answered."""
    told: list[int] = []
    while (not told or told[-1] == 200) and len(told) < 200:
        path = resource.records if len(told) % 2 else f"{resource.sessions}/run-1"
        rows = [row(f"{name}-{len(told)}-{item}") for item in range(LARGE)]
        told.append(resource.alice.post(path, json={"data": rows}).status_code)
    return told


def test_what_is_pushed_while_its_connection_is_deleted_is_refused_or_removed(acme: Account) -> None:
    for _ in range(5):
        devices = connect(acme)

        def delete_soon(devices: Resource = devices) -> list[int]:
            eventually(lambda: len(devices.datasets()) == 2)
            return [devices.alice.delete(f"{CONNECTIONS}/{devices.connection_id}").status_code]

        deleted, *told = together(delete_soon, *(partial(push_until_refused, devices, letter) for letter in "ab"))

        assert deleted == [204]
        assert [set(statuses) for statuses in told] == [{200, 404}] * 2
        assert [statuses[-1] for statuses in told] == [404, 404]
        eventually(lambda devices=devices: devices.datasets() == [])  # type: ignore[misc]


def test_deleting_a_connection_twice_at_once_is_one_change(acme: Account) -> None:
    for _ in range(ROUNDS // 2):
        devices = connect(acme)
        address = f"{CONNECTIONS}/{devices.connection_id}"

        answers = together(*[partial(acme.alice.delete, address)] * 3)

        assert [answer.status_code for answer in answers] == [204, 204, 204]
        query = {"type": "PROVIDER_CONNECTION_REMOVED", "connectionId": devices.connection_id}
        assert len(everything(acme.alice, "/public/v2/events", **query)) == 1
