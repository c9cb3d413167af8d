"""The queue of jobs, which lives in the database and commits with the data."""

import procrastinate

from trustwright.accounts import store as accounts
from trustwright.db import Database, Who
from trustwright.events.model import Source
from trustwright.files.storage import Storage

jobs = procrastinate.App(connector=procrastinate.PsycopgConnector())


def database_of(context: procrastinate.JobContext) -> Database:
    """The worker's database."""
    database: Database = context.additional_context["database"]
    return database


def storage_of(context: procrastinate.JobContext) -> Storage:
    """Where the worker's files lie."""
    storage: Storage = context.additional_context["storage"]
    return storage


async def each_account(context: procrastinate.JobContext) -> list[int]:
    """The ids of all accounts, for what is done for each from time to time."""
    return [account.account_id for account in await accounts.all_accounts(database_of(context))]


def as_scheduler(account_id: int) -> Who:
    """Who acts when a job runs."""
    return Who(account_id=account_id, source=Source.SCHEDULED)
