"""Sessions under several clients at once (custom-data 1.8, decisions 17 and 19)."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx

from tests.records.cast import Resource, accepted, eventually, row, together

ROUNDS = 12
LARGE = 200


def upload(resource: Resource, session_id: str, *ids: str) -> httpx.Response:
    return resource.upload(session_id, [row(id_) for id_ in ids])


@contextmanager
def meanwhile(*loops: "Loop") -> Iterator[None]:
    """Repeats each loop in a thread of its own until the block is over."""
    threads = [threading.Thread(target=loop.run) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.over.set()
        for thread in threads:
            thread.join()
    for loop in loops:
        if loop.failure:
            raise loop.failure


class Loop:
    """Something that a client does again and again."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.failure: BaseException | None = None

    def run(self) -> None:
        number = 0
        try:
            while not self.over.is_set() and self.step(number):
                number += 1
        except BaseException as error:
            self.failure = error

    def step(self, number: int) -> bool:
        """Whether to go on."""
        raise NotImplementedError


class Stager(Loop):
    """Stages batches into one session until it is refused."""

    def __init__(self, resource: Resource, session_id: str, name: str) -> None:
        super().__init__()
        self.resource, self.session_id, self.name = resource, session_id, name
        self.stored: set[str] = set()
        self.refusal: httpx.Response | None = None

    def step(self, number: int) -> bool:
        ids = [f"{self.name}-{number}-{item}" for item in range(5)]
        answer = upload(self.resource, self.session_id, *ids)
        if answer.status_code == 200:
            self.stored.update(ids)
            return True
        self.refusal = answer
        return False


class Pusher(Loop):
    """Pushes batches into the live data, large enough to be still under way when a completion comes; `stored` holds for
    each record when its push began and when it was acknowledged."""

    def __init__(self, resource: Resource, name: str) -> None:
        super().__init__()
        self.resource, self.name = resource, name
        self.stored: dict[str, tuple[float, float]] = {}

    def step(self, number: int) -> bool:
        ids, began = [f"{self.name}-{number}-{item}" for item in range(LARGE)], time.monotonic()
        accepted(self.resource.post([row(id_) for id_ in ids]))
        self.stored |= dict.fromkeys(ids, (began, time.monotonic()))
        return True


class Reader(Loop):
    """Walks the pages of the live data, whose ids begin with the name of their session."""

    def __init__(self, resource: Resource, full: int) -> None:
        super().__init__()
        self.resource, self.full = resource, full
        self.walks = self.cut = 0

    def step(self, number: int) -> bool:
        ids: list[str] = []
        cursor = ""
        while cursor is not None:
            query = {"size": "7", "sortDir": "DESC" if number % 2 else "ASC", **({"cursor": cursor} if cursor else {})}
            answer = self.resource.alice.get(self.resource.records, params=query)
            if answer.status_code == 400 and cursor:
                self.cut += 1
                break
            assert answer.status_code == 200, answer.text
            ids += [record["id"] for record in answer.json()["data"]]
            cursor = answer.json()["pagination"]["cursor"]
        assert len({id_.partition(".")[0] for id_ in ids}) == 1, ids
        if cursor is None:
            assert len(ids) == len(set(ids)) == self.full, ids
            self.walks += 1
        return True


def all_refused(stagers: list[Stager]) -> bool:
    return all(stager.refusal is not None for stager in stagers)


def test_of_two_first_uploads_exactly_one_opens_its_session(devices: Resource) -> None:
    for number in range(ROUNDS):
        names = [f"left-{number}", f"right-{number}"]

        answers = together(*(partial(upload, devices, name, "a") for name in names))

        assert sorted(answer.status_code for answer in answers) == [200, 400]
        winner, loser = names if answers[0].status_code == 200 else names[::-1]
        refusal = next(answer for answer in answers if answer.status_code == 400)
        assert winner in refusal.json()["message"]
        assert loser not in devices.states()
        devices.cancel(winner)


def test_two_first_uploads_of_one_name_share_the_session(devices: Resource) -> None:
    for number in range(ROUNDS):
        name = f"run-{number}"

        answers = together(partial(upload, devices, name, "a"), partial(upload, devices, name, "b"))

        assert [answer.status_code for answer in answers] == [200, 200]
        assert devices.states()[name] == ["IN_PROGRESS"]
        assert sorted(devices.ids(sessionId=name)) == ["a", "b"]
        devices.cancel(name)


def test_every_batch_acknowledged_before_the_completion_is_live_and_every_other_is_refused(devices: Resource) -> None:
    for number in range(ROUNDS):
        name = f"run-{number}"
        devices.stage(name, "first")
        stagers = [Stager(devices, name, f"{number}-{letter}") for letter in "abc"]

        with meanwhile(*stagers):
            time.sleep(0.02 + 0.005 * number)
            devices.complete(name)
            eventually(partial(all_refused, stagers))

        assert [stager.refusal.status_code for stager in stagers if stager.refusal] == [400, 400, 400]
        acknowledged = set[str]().union(*(stager.stored for stager in stagers))
        assert set(devices.ids(size=500)) == acknowledged | {"first"}


def test_every_record_pushed_beside_completions_is_live_or_replaced_by_a_later_one(devices: Resource) -> None:
    pushers = [Pusher(devices, letter) for letter in "ab"]
    completions: list[tuple[float, float]] = []

    with meanwhile(*pushers):
        for number in range(ROUNDS):
            devices.stage(f"run-{number}", f"staged-{number}")
            began = time.monotonic()
            devices.complete(f"run-{number}")
            completions.append((began, time.monotonic()))
        time.sleep(0.05)

    live = devices.live(size=500)
    ids = {record["id"] for record in live}
    last_began, last_ended = completions[-1]
    for pusher in pushers:
        for id_, (began, ended) in pusher.stored.items():
            assert id_ in ids or began < last_ended, f"{id_} was acknowledged after the last completion, and is lost"
            assert id_ not in ids or ended > last_began, f"{id_} was there before the last completion, and still is"
    assert {record["sessionId"] for record in live} == {f"run-{ROUNDS - 1}"}
    eventually(lambda: len(devices.datasets()) == 1)
    assert devices.rows_kept(devices.datasets()) == len(ids)


def test_two_completions_at_once_are_one(devices: Resource) -> None:
    for number in range(ROUNDS):
        devices.stage(f"run-{number}", f"of-{number}")

        answers = together(*[partial(devices.act, f"run-{number}", "complete")] * 3)

        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert devices.states()[f"run-{number}"] == ["ACTIVE"]
        assert devices.ids() == [f"of-{number}"]
    assert sum(states == ["ACTIVE"] for states in devices.states().values()) == 1


def test_of_completion_and_cancellation_one_happens(devices: Resource) -> None:
    devices.push("before")
    for number in range(ROUNDS):
        name, before = f"run-{number}", devices.ids()
        devices.stage(name, f"of-{number}")

        completed, canceled = together(partial(devices.act, name, "complete"), partial(devices.act, name, "cancel"))

        assert sorted([completed.status_code, canceled.status_code]) == [200, 422]
        won = completed.status_code == 200
        assert devices.states()[name] == ["ACTIVE" if won else "CANCELED"]
        assert devices.ids() == ([f"of-{number}"] if won else before)


def test_an_upload_that_races_with_a_cancellation_is_dropped_or_opens_the_session_anew(devices: Resource) -> None:
    late = [f"late-{item}" for item in range(LARGE)]
    for number in range(ROUNDS):
        name = f"run-{number}"
        devices.stage(name, "early")

        uploaded, canceled = together(partial(upload, devices, name, *late), partial(devices.act, name, "cancel"))

        assert (uploaded.status_code, canceled.status_code) == (200, 200)
        found = devices.states()[name], devices.ids(sessionId=name, size=500)
        assert found in ((["CANCELED"], []), (["CANCELED", "IN_PROGRESS"], late))
        if found[1]:
            devices.cancel(name)
    assert devices.ids() == []
    eventually(lambda: devices.datasets() == [])


def test_a_walk_through_the_pages_never_mixes_two_datasets(devices: Resource) -> None:
    readers = [Reader(devices, full=30) for _ in range(2)]
    devices.push(*(f"start.{item}" for item in range(30)))

    with meanwhile(*readers):
        for number in range(ROUNDS):
            devices.stage(f"run-{number}", *(f"run-{number}.{item}" for item in range(30)))
            time.sleep(0.02)
            devices.complete(f"run-{number}")

    assert all(reader.walks + reader.cut > ROUNDS // 2 for reader in readers)
    assert any(reader.walks for reader in readers)
