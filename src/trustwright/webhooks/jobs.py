"""Jobs on webhooks."""

import procrastinate
from procrastinate.jobs import Job

from trustwright.jobs import as_scheduler, database_of, jobs
from trustwright.settings import Settings
from trustwright.webhooks import actions, store
from trustwright.webhooks.delivery import attempt

QUEUE = "webhooks"


class Undelivered(RuntimeError):
    """The delivery waits for its next attempt, which is due in `wait` seconds."""

    def __init__(self, delivery_id: int, wait: int) -> None:
        self.wait = wait
        super().__init__(f"Delivery {delivery_id} will be tried again in {wait} seconds")


class AsTheDeliverySays(procrastinate.BaseRetryStrategy):
    """Runs the job again when its delivery is due. What else went wrong, the next look for the forgotten takes up."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        if isinstance(exception, Undelivered):
            return procrastinate.RetryDecision(retry_in={"seconds": exception.wait})
        return None


@jobs.task(name=actions.DELIVER, queue=QUEUE, pass_context=True, retry=AsTheDeliverySays())
async def deliver(context: procrastinate.JobContext, *, account_id: int, delivery_id: int) -> None:
    """Tries to send one delivery."""
    settings: Settings = context.additional_context["settings"]
    wait = await attempt(database_of(context), settings, account_id, delivery_id)
    if wait is not None:
        raise Undelivered(delivery_id, wait)


@jobs.periodic(cron="* * * * *")
@jobs.task(name="webhooks.take_up_forgotten", pass_context=True, queueing_lock="webhooks.take_up_forgotten")
async def take_up_forgotten(context: procrastinate.JobContext, timestamp: int) -> None:
    """Sees to deliveries whose job was lost."""
    database = database_of(context)
    for account_id in await store.accounts_with_forgotten(database):
        async with database.begin(as_scheduler(account_id)) as tx:
            await actions.take_up_forgotten(tx)
