"""The queue of jobs, which lives in the database and commits with the data."""

import procrastinate

from trustwright.db import Database, Who
from trustwright.events.model import Source

jobs = procrastinate.App(connector=procrastinate.PsycopgConnector())


def database_of(context: procrastinate.JobContext) -> Database:
    """The worker's database."""
    database: Database = context.additional_context["database"]
    return database


def as_scheduler(account_id: int) -> Who:
    """Who acts when a job runs."""
    return Who(account_id=account_id, source=Source.SCHEDULED)
