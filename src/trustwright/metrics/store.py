"""SQL of metrics. It asks across accounts, and only what indexes or short tables tell."""

from msgspec import Struct

from trustwright.db import Database


class Jobs(Struct, frozen=True):
    """The jobs of one queue in one state. `oldest`: seconds since the first of those that could run now could."""

    queue: str
    status: str
    jobs: int
    oldest: float


class Waiting(Struct, frozen=True):
    """Mails, and news for webhooks, that have not gone out yet."""

    mails: int
    webhooks: int


async def jobs_by_status(database: Database) -> list[Jobs]:
    """The queue, in which successful jobs do not stay. The table knows when a job was put off to; when it was made
    stands in its first event, which is asked of the first job only."""
    return await database.lookup_all(
        Jobs,
        """
        with states as (
            select queue_name, status, count(*) as jobs,
                min(scheduled_at) filter (where scheduled_at <= now()) as put_off_to,
                min(id) filter (where scheduled_at is null) as first_id
            from procrastinate_jobs
            group by queue_name, status
        )
        select s.queue_name as queue, s.status::text, s.jobs,
            coalesce(extract(epoch from now() - least(s.put_off_to, e.at)), 0)::float8 as oldest
        from states s
        left join procrastinate_events e on e.job_id = s.first_id and e.type = 'deferred'
        order by 1, 2
        """,
    )


async def waiting(database: Database) -> Waiting:
    """What waits, of all accounts."""
    return await database.lookup(Waiting, "select * from waiting_deliveries()") or Waiting(0, 0)
