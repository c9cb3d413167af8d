"""The jobs: the queue in the database, and who works on it."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ProcrastinateException, UniqueViolation
from procrastinate.jobs import Status
from psycopg_pool import AsyncConnectionPool

from trustwright import tracing
from trustwright.access import jobs as access_jobs
from trustwright.access_requests import jobs as access_requests_jobs
from trustwright.agreements import jobs as agreements_jobs
from trustwright.db import Database, connection_options
from trustwright.files import jobs as files_jobs
from trustwright.files.storage import connect
from trustwright.jobs import jobs
from trustwright.limits import jobs as limits_jobs
from trustwright.mail import jobs as mail_jobs
from trustwright.metrics.listening import listening
from trustwright.monitors import jobs as monitors_jobs
from trustwright.questionnaires import jobs as questionnaires_jobs
from trustwright.records import jobs as records_jobs
from trustwright.reviews import jobs as reviews_jobs
from trustwright.settings import Settings
from trustwright.sign_in import jobs as sign_in_jobs
from trustwright.trust_page import jobs as trust_page_jobs
from trustwright.webhooks import jobs as webhooks_jobs
from trustwright.webhooks.jobs import QUEUE as WEBHOOKS

log = structlog.get_logger()

# To import a module of jobs is to register its tasks.
REGISTERED = (
    access_jobs,
    access_requests_jobs,
    agreements_jobs,
    files_jobs,
    limits_jobs,
    mail_jobs,
    monitors_jobs,
    questionnaires_jobs,
    records_jobs,
    reviews_jobs,
    sign_in_jobs,
    trust_page_jobs,
    webhooks_jobs,
)

# Who waits for other people's servers has a queue of its own, or a dead one would hold up everything else.
QUEUES = ("default", WEBHOOKS)

# Connections of one process for the queue.
MOST_FOR_JOBS = 5

# How long a failed job stays for operators to look at.
KEPT_WHEN_FAILED = timedelta(days=30)

# Seconds between the end of a worker that broke off and the begin of the next.
PAUSE = 1.0


@asynccontextmanager
async def working(settings: Settings, url: str, database: Database) -> AsyncIterator[None]:
    """Works on the queues while its block runs; what is under way when it ends is finished, or tried again later."""
    async with (
        AsyncConnectionPool(url, min_size=1, max_size=MOST_FOR_JOBS, open=False, kwargs=connection_options()) as pool,
        jobs.open_async(pool),
    ):
        context = {
            "database": database,
            "settings": settings,
            "storage": connect(settings.storage_url, settings.data_dir),
        }
        workers = [asyncio.create_task(keep_working(queue, settings.worker_concurrency, context)) for queue in QUEUES]
        try:
            yield
        finally:
            for worker in workers:
                worker.cancel()
            for worker in workers:
                with suppress(asyncio.CancelledError):
                    await worker


async def keep_working(queue: str, concurrency: int, context: dict[str, Any]) -> None:
    """Works on a queue for good. The library's worker ends by itself when the database goes away: another follows."""
    while True:
        try:
            await jobs.run_worker_async(
                queues=[queue],
                concurrency=concurrency,
                install_signal_handlers=False,
                shutdown_graceful_timeout=20,
                delete_jobs="successful",
                additional_context=context,
                worker_middleware=[traced],
            )
        except (psycopg.Error, ProcrastinateException) as error:
            log.warning("worker broke off", queue=queue, reason=str(error.__cause__ or error).strip())
        await asyncio.sleep(PAUSE)


@jobs.periodic(cron="* * * * * */30")
@jobs.task(name="jobs.take_up_stalled", pass_context=True, queueing_lock="jobs.take_up_stalled")
async def take_up_stalled(context: procrastinate.JobContext, timestamp: int) -> None:
    """Has the jobs run again whose worker was killed. Each may run more than once, and acts once."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # the next one of a job that comes at its times waits already
            await manager.finish_job(job, Status.FAILED, delete_job=True)


@jobs.periodic(cron="17 4 * * *")
@jobs.task(name="jobs.forget_failed", pass_context=True, queueing_lock="jobs.forget_failed")
async def forget_failed(context: procrastinate.JobContext, timestamp: int) -> None:
    """Removes the jobs that failed long ago; what they said stays in the log."""
    hours = KEPT_WHEN_FAILED // timedelta(hours=1)
    await context.app.job_manager.delete_old_jobs(hours, include_failed=True)


async def traced(call: Callable[[], Awaitable[object]], context: procrastinate.JobContext, _: object) -> object:
    """Runs a job as a trace that names the request behind it. What it brought along for that is no argument of its."""
    carried = str(context.job.task_kwargs.pop("traceparent", ""))
    with tracing.job(context.job.task_name, carried):
        return await call()


async def run(settings: Settings, url: str) -> None:
    """The worker process: works until it is told to stop, then finishes what is under way."""
    tracing.start()
    told_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    database = Database(url, jobs, pool_size=settings.worker_concurrency * len(QUEUES))
    await database.open()
    try:
        async with listening(settings, database), working(settings, url, database):
            await told_to_stop.wait()
    finally:
        await database.close()
        await asyncio.to_thread(tracing.stop)
