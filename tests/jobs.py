"""Jobs, without a worker."""

import time
from typing import Any

import procrastinate
from procrastinate.jobs import Job

from trustwright.jobs import jobs


def job_context(
    task_name: str = "tests.task", arguments: dict[str, Any] | None = None, attempts: int = 0, **additional: Any
) -> procrastinate.JobContext:
    """What a worker runs a job with, and the job finds there: the database, the settings."""
    job = Job(
        id=1,
        queue="default",
        lock=None,
        queueing_lock=None,
        task_name=task_name,
        task_kwargs=arguments or {},
        attempts=attempts,
    )
    return procrastinate.JobContext(
        app=jobs, job=job, additional_context=additional, abort_reason=lambda: None, start_timestamp=time.time()
    )
