"""Who waits for whom at a resource: an upload is held up in the database, then the others come (0002-locks)."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import psycopg
import pytest

from tests.records.cast import CONNECTIONS, Resource, eventually, row

LIVE = "select live_dataset_id from resources where account_id = %s and id = %s"
STAGED = "select dataset_id from sessions where account_id = %s and resource_id = %s and status = 'IN_PROGRESS'"


@contextmanager
def held(resource: Resource, dataset: str, record_id: str) -> Iterator[None]:
    """Whoever stores that record waits until the block is over."""
    with psycopg.connect(resource.account.world.database_url) as connection:
        found = connection.execute(dataset, (resource.account.id, resource.id)).fetchone()
        assert found is not None
        connection.execute(
            """
            insert into records (account_id, dataset_id, record_id, position, attributes, created_at, updated_at)
            values (%s, %s, %s, 0, '{}', now(), now())
            """,
            (resource.account.id, found[0], record_id),
        )
        yield
        connection.rollback()


def waiting(resource: Resource) -> int:
    """How many transactions wait for another."""
    with psycopg.connect(resource.account.world.database_url) as connection:
        text = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        found = connection.execute(text).fetchone()
    assert found is not None
    count: int = found[0]
    return count


def end(resource: Resource, how: str) -> httpx.Response:
    if how == "delete":
        return resource.alice.delete(f"{CONNECTIONS}/{resource.connection_id}")
    return resource.act("run-1", how)


@pytest.fixture
def staged(devices: Resource) -> Resource:
    """A resource with a live record and an open session."""
    devices.push("old")
    devices.stage("run-1", "staged")
    return devices


@pytest.mark.parametrize(
    ("dataset", "how", "live"),
    [
        (LIVE, "complete", ["staged"]),
        (LIVE, "cancel", ["old", "late"]),
        (LIVE, "delete", None),
        (STAGED, "complete", ["staged", "late"]),
        (STAGED, "cancel", ["old"]),
        (STAGED, "delete", None),
    ],
    ids=["live-complete", "live-cancel", "live-delete", "staged-complete", "staged-cancel", "staged-delete"],
)
def test_an_end_waits_for_the_upload_under_way(
    staged: Resource, dataset: str, how: str, live: list[str] | None
) -> None:
    with ThreadPoolExecutor() as threads, held(staged, dataset, "late"):
        path = staged.records if dataset == LIVE else f"{staged.sessions}/run-1"
        uploading = threads.submit(staged.alice.post, path, json={"data": [row("late")]})
        eventually(lambda: waiting(staged) == 1)
        ending = threads.submit(end, staged, how)
        eventually(lambda: waiting(staged) == 2 or ending.done())
        assert not ending.done()

    assert uploading.result().status_code == 200
    assert ending.result().is_success
    if live is None:
        eventually(lambda: staged.datasets() == [])
    else:
        assert staged.ids() == live
        eventually(lambda: staged.rows_kept(staged.datasets()) == len(live))


def test_an_upload_does_not_overtake_the_completion_that_waits(staged: Resource) -> None:
    with ThreadPoolExecutor() as threads, held(staged, LIVE, "early"):
        early = threads.submit(staged.post, [row("early")])
        eventually(lambda: waiting(staged) == 1)
        completing = threads.submit(staged.act, "run-1", "complete")
        eventually(lambda: waiting(staged) == 2)
        late = threads.submit(staged.post, [row("late")])
        eventually(lambda: waiting(staged) == 3)

    answers: list[Future[httpx.Response]] = [early, completing, late]
    assert [answer.result().status_code for answer in answers] == [200, 200, 200]
    assert [(record["id"], record["sessionId"]) for record in staged.live()] == [("staged", "run-1"), ("late", "run-1")]


def test_nobody_waits_to_read(staged: Resource) -> None:
    with ThreadPoolExecutor() as threads, held(staged, LIVE, "late"):
        uploading = threads.submit(staged.post, [row("late")])
        eventually(lambda: waiting(staged) == 1)
        completing = threads.submit(staged.act, "run-1", "complete")
        eventually(lambda: waiting(staged) == 2)

        assert staged.ids() == ["old"]
        assert staged.states() == {"run-1": ["IN_PROGRESS"]}

    assert uploading.result().is_success
    assert completing.result().is_success


def test_resources_do_not_wait_for_each_other(staged: Resource, shared: Resource) -> None:
    with ThreadPoolExecutor() as threads, held(staged, LIVE, "late"):
        uploading = threads.submit(staged.post, [row("late")])
        eventually(lambda: waiting(staged) == 1)

        shared.stage("run-1", "a")
        shared.complete("run-1")

    assert uploading.result().is_success
    assert shared.ids() == ["a"]
