"""Runs in tests: of tests that are disabled, so that no job of the server runs them too."""

from typing import Any

from tests.factories import Account
from tests.monitors.cast import body, drafted, monitor
from tests.records.cast import Json, Resource
from trustwright.db import Slice
from trustwright.monitors import evaluating, history
from trustwright.monitors.model import Cause, Failure, Monitor, Outcome, Run
from trustwright.monitors.running import dry_run, run_monitor
from trustwright.settings import Settings

ALL = Slice(column="created_at", descending=False, limit=5000)

# Whatever a record is worth, so that all of these fit.
OPEN = {"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": True}


def quiet(resource: Resource, name: str = "Levels are high", **changes: Any) -> Monitor:
    """A new test that runs only when told to."""
    return monitor(resource, name, **{**changes, "enabled": False})


def run(account: Account, test: Monitor, settings: Settings | None = None) -> tuple[Run, Outcome]:
    """Runs a test by hand."""
    ran = run_monitor(account.world.database, account.who, settings or Settings(), test.id, Cause.MANUAL)
    return account.world.run(ran)


def tried(resource: Resource, session_id: str | None = None, test_id: int | None = None, **changes: Any) -> Outcome:
    """What a test would come to."""
    account, definition = resource.account, drafted(body(resource, **changes)).definition
    settings, database = Settings(), account.world.database
    return account.world.run(
        dry_run(
            database,
            account.who,
            settings,
            account.workspace_id,
            definition,
            session_id=session_id,
            test_id=test_id,
        )
    )


def failures(account: Account, run_: Run, *, include_excluded: bool = False) -> list[Failure]:
    """All that failed in a run."""

    async def read() -> list[Failure]:
        async with account.world.database.read(account.who) as tx:
            return await history.page_failures(
                tx, ALL, run_.id, monitor_id=run_.monitor_id, include_excluded=include_excluded
            )

    return account.world.run(read())


def passes(account: Account, test: Monitor, run_: Run) -> list[str]:
    """The ids of the records that a run let pass."""

    async def read() -> list[str]:
        async with account.world.database.read(account.who) as tx:
            found = await evaluating.page_passes(tx, ALL, test, run_)
            assert await evaluating.count_passes(tx, test, run_) == len(found)
            return [passing.record_id for passing in found]

    return account.world.run(read())


def counts(outcome: Outcome | Run) -> tuple[str | None, int, int, int]:
    """Status, and how many records were evaluated, passed and failed."""
    return outcome.status, outcome.evaluated, outcome.passed, outcome.failed


def causes(outcome: Outcome) -> dict[str, list[Json]]:
    """The reasons by target."""
    return {failure.target_id: failure.cause or [] for failure in outcome.failures}
