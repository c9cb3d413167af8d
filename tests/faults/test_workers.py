"""Workers go on after their database was away, and take up what a killed one had in hand."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import procrastinate
import psycopg
import pytest
from procrastinate.exceptions import ConnectorException
from psycopg_pool import AsyncConnectionPool

from tests.factories import World
from tests.jobs import job_context
from trustwright import worker
from trustwright.db import connection_options
from trustwright.jobs import jobs

# No worker of the tests works on it.
QUEUE = "faults"


class Enough(Exception):
    """The test has seen what it wanted."""


def test_a_worker_that_broke_off_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[Exception | None] = [ConnectorException("the database went away"), None, Enough()]
    begun: list[list[str]] = []

    async def run_worker(**how: Any) -> None:
        begun.append(how["queues"])
        end = ends.pop(0)
        if end:
            raise end

    monkeypatch.setattr(jobs, "run_worker_async", run_worker)
    monkeypatch.setattr(worker, "PAUSE", 0)

    with pytest.raises(Enough):
        asyncio.run(worker.keep_working("default", 1, {}))

    assert begun == [["default"]] * 3


def test_a_job_whose_worker_was_killed_waits_to_be_run_again(world: World) -> None:
    with psycopg.connect(world.database_url, autocommit=True) as connection:
        insert = """
            insert into procrastinate_jobs (queue_name, task_name, status, queueing_lock)
            values (%s, %s, %s, %s) returning id
        """
        (killed,) = connection.execute(insert, (QUEUE, "once", "doing", None)).fetchall()[0]
        connection.execute(insert, (QUEUE, "periodic", "doing", "the same"))
        connection.execute(insert, (QUEUE, "periodic", "todo", "the same"))

        asyncio.run(performed(world.database_url, worker.take_up_stalled))

        found = connection.execute(
            "select task_name, status::text, attempts from procrastinate_jobs where queue_name = %s order by id",
            (QUEUE,),
        ).fetchall()
        connection.execute("delete from procrastinate_jobs where queue_name = %s", (QUEUE,))
    assert killed
    assert found == [("once", "todo", 1), ("periodic", "todo", 0)]


def test_a_failed_job_stays_for_a_month(world: World) -> None:
    with psycopg.connect(world.database_url, autocommit=True) as connection:
        insert = """
            insert into procrastinate_jobs (queue_name, task_name, status) values (%s, %s, 'failed') returning id
        """
        failed = """
            insert into procrastinate_events (job_id, type, at) values (%s, 'failed', now() - make_interval(days => %s))
        """
        for name, days in (("of late", 29), ("long ago", 31)):
            ((job,),) = connection.execute(insert, (QUEUE, name)).fetchall()
            connection.execute(failed, (job, days))

        asyncio.run(performed(world.database_url, worker.forget_failed))

        found = connection.execute("delete from procrastinate_jobs where queue_name = %s returning task_name", (QUEUE,))
        assert found.fetchall() == [("of late",)]


def test_a_worker_that_is_told_to_stop_ends_by_itself(world: World, tmp_path: Path) -> None:
    words = ["worker", "--data-dir", str(tmp_path), "--database-url", world.database_url]
    known = workers(world)
    with subprocess.Popen([sys.executable, "-m", "trustwright", *words]) as process:
        while workers(world) <= known and process.poll() is None:
            time.sleep(0.05)
        process.terminate()

        assert process.wait(30) == 0
    assert workers(world) == known


def workers(world: World) -> int:
    """How many tell the queue that they live."""
    with psycopg.connect(world.database_url) as connection:
        ((count,),) = connection.execute("select count(*) from procrastinate_workers").fetchall()
    return int(count)


async def performed(url: str, task: Callable[..., Awaitable[None]]) -> None:
    """What a job does at its times. The connector of the jobs keeps its first pool for good, so another one takes its
    place here."""
    pool = AsyncConnectionPool(url, min_size=1, open=False, kwargs=connection_options())
    with jobs.replace_connector(procrastinate.PsycopgConnector()):
        async with pool, jobs.open_async(pool):
            await task(job_context(), timestamp=0)
