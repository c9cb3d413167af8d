"""All that there is to measure, as Prometheus reads it."""

import asyncio

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Gauge,
    generate_latest,
)

from trustwright.db import Database, Unanswered
from trustwright.metrics import store
from trustwright.metrics.store import Jobs, Waiting

log = structlog.get_logger()

CONTENT_TYPE = CONTENT_TYPE_LATEST

# A scrape gives up after ten seconds, and should hear before that the database is away.
PATIENCE = 5.0


async def exposition(database: Database) -> bytes:
    """What this process counted, and what the database knows. While that is away the first is told all the same."""
    registry = CollectorRegistry()
    _tell_pool(database, registry)
    up = Gauge("trustwright_database_up", "Whether the database answers", registry=registry)
    try:
        async with asyncio.timeout(PATIENCE):
            jobs, waiting = await store.jobs_by_status(database), await store.waiting(database)
    except (Unanswered, TimeoutError) as error:
        log.warning("no metrics of the database", reason=type(error).__name__)
    else:
        up.set(1)
        _tell_jobs(jobs, registry)
        _tell_waiting(waiting, registry)
    return generate_latest(REGISTRY) + generate_latest(registry)


def _tell_pool(database: Database, registry: CollectorRegistry) -> None:
    use = database.pool_use()
    connections = Gauge(
        "trustwright_pool_connections", "Connections of this process to the database", ["state"], registry=registry
    )
    connections.labels("idle").set(use.idle)
    connections.labels("busy").set(use.busy)
    Gauge("trustwright_pool_waiting", "Who waits for a connection", registry=registry).set(use.waiting)


def _tell_jobs(found: list[Jobs], registry: CollectorRegistry) -> None:
    jobs = Gauge("trustwright_jobs", "Jobs that are waiting, running or failed", ["queue", "status"], registry=registry)
    oldest = Gauge(
        "trustwright_jobs_oldest_seconds", "How long a job waits that could have run", ["queue"], registry=registry
    )
    for each in found:
        jobs.labels(each.queue, each.status).set(each.jobs)
        if each.status == "todo":
            oldest.labels(each.queue).set(each.oldest)


def _tell_waiting(waiting: Waiting, registry: CollectorRegistry) -> None:
    Gauge("trustwright_mails_waiting", "Mails to be sent", registry=registry).set(waiting.mails)
    Gauge("trustwright_webhooks_waiting", "News to be sent to webhooks", registry=registry).set(waiting.webhooks)
