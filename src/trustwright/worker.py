"""The jobs: the queue in the database, and who works on it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from psycopg_pool import AsyncConnectionPool

from trustwright.access import jobs as access_jobs
from trustwright.access_requests import jobs as access_requests_jobs
from trustwright.agreements import jobs as agreements_jobs
from trustwright.db import Database, connection_options
from trustwright.files import jobs as files_jobs
from trustwright.files.storage import connect
from trustwright.jobs import jobs
from trustwright.mail import jobs as mail_jobs
from trustwright.monitors import jobs as monitors_jobs
from trustwright.questionnaires import jobs as questionnaires_jobs
from trustwright.records import jobs as records_jobs
from trustwright.reviews import jobs as reviews_jobs
from trustwright.settings import Settings
from trustwright.sign_in import jobs as sign_in_jobs
from trustwright.trust_page import jobs as trust_page_jobs
from trustwright.webhooks import jobs as webhooks_jobs
from trustwright.webhooks.jobs import QUEUE as WEBHOOKS

# To import a module of jobs is to register its tasks.
REGISTERED = (
    access_jobs,
    access_requests_jobs,
    agreements_jobs,
    files_jobs,
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


@asynccontextmanager
async def working(settings: Settings, url: str, database: Database) -> AsyncIterator[None]:
    """Works on the queues while its block runs; what is under way when it ends is finished, or tried again later."""
    async with (
        AsyncConnectionPool(url, min_size=1, max_size=5, open=False, kwargs=connection_options()) as pool,
        jobs.open_async(pool),
    ):
        context = {
            "database": database,
            "settings": settings,
            "storage": connect(settings.storage_url, settings.data_dir),
        }
        workers = [
            asyncio.create_task(
                jobs.run_worker_async(
                    queues=[queue],
                    concurrency=settings.worker_concurrency,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=20,
                    delete_jobs="successful",
                    additional_context=context,
                )
            )
            for queue in QUEUES
        ]
        try:
            yield
        finally:
            for worker in workers:
                worker.cancel()
            for worker in workers:
                with suppress(asyncio.CancelledError):
                    await worker


async def run(settings: Settings, url: str) -> None:
    """The worker process: works until it is told to stop."""
    database = Database(url, jobs, pool_size=settings.worker_concurrency * len(QUEUES))
    await database.open()
    try:
        async with working(settings, url, database):
            await asyncio.Event().wait()
    finally:
        await database.close()
