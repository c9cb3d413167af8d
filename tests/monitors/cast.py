"""What the tests of monitors play with: definitions of monitors on a resource, monitors, controls, and results."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from msgspec import structs

from tests.factories import Account
from tests.records.cast import Json, Resource
from tests.trust.cast import act
from trustwright.db import Tx, Who
from trustwright.errors import NotFound
from trustwright.events.model import Source
from trustwright.monitors import actions, store
from trustwright.monitors.definitions import parse_draft
from trustwright.monitors.model import Draft, Fault, Monitor, ResultStatus

T = TypeVar("T")

# Fits tests.records.cast.SCHEMA.
HIGH = {"all": [{"fact": "level", "operator": "greaterThan", "value": 3}]}


def leaf(fact: str, operator: str, value: Any) -> Json:
    return {"fact": fact, "operator": operator, "value": value}


def group(resource: Resource, evaluator: Json | None = None, **more: Any) -> Json:
    """A group that judges each record of a resource; with a population it has no evaluator."""
    judged = {} if "population" in more else {"evaluator": evaluator or HIGH}
    return {"connectionId": resource.connection_id, "resourceId": resource.id, **judged, **more}


def body(resource: Resource, name: str = "Levels are high", **changes: Any) -> Json:
    """What a good test is created with, with some of it changed."""
    return {"name": name, "groups": [group(resource)], **changes}


def drafted(value: Any) -> Draft:
    """A JSON value that has no faults of its own, as a draft."""
    faults: list[Fault] = []
    draft = parse_draft(value, faults)
    assert draft is not None, faults
    return draft


def monitor(resource: Resource, name: str = "Levels are high", **changes: Any) -> Monitor:
    """A new test in the workspace of its account. An enabled one is run by the server as soon as it can."""
    account = resource.account
    return act(account, lambda tx: made(tx, resource, name, **changes))


async def made(tx: Tx, resource: Resource, name: str = "Levels are high", **changes: Any) -> Monitor:
    """The same in a transaction that is open already."""
    workspace_id = changes.pop("workspace_id", resource.account.workspace_id)
    return await actions.create_monitor(tx, workspace_id, drafted(body(resource, name, **changes)))


def idle(resource: Resource, name: str = "Levels are high", **changes: Any) -> Monitor:
    """A new test that is enabled, and that no job looks at."""

    async def make(tx: Tx) -> Monitor:
        new = await made(tx, resource, name, **{**changes, "enabled": False})
        await store.set_enabled(tx, new.id, is_enabled=True, disabled_by_id=None, disabled_message=None)
        await store.set_due(tx, new.id, None)
        return structs.replace(new, is_enabled=True)

    return act(resource.account, make)


def fresh(account: Account, monitor: Monitor) -> Monitor | None:
    """The monitor as it is now; None once it was deleted."""

    async def get(tx: Tx) -> Monitor | None:
        try:
            return await actions.get_monitor(tx, monitor.workspace_id, monitor.test_id)
        except NotFound:
            return None

    return act(account, get)


async def concluded(tx: Tx, monitor: Monitor, status: ResultStatus, days_ago: float = 0) -> Monitor:
    """The monitor after a run that came to this some days before the transaction."""
    return await store.conclude(
        tx,
        monitor.id,
        status=status,
        last_run_id=None,
        checked_at=tx.now - timedelta(days=days_ago),
        last_passed_at=None,
        failed_since=None,
        due_at=None,
    )


async def deferred(tx: Tx, monitor: Monitor) -> list[str]:
    """The causes of the runs that wait for this transaction to commit."""
    found = await tx.value(
        """
        select coalesce(array_agg(args ->> 'cause' order by id), '{}') from procrastinate_jobs
        where task_name = 'monitors.run' and args @> jsonb_build_object(
            'account_id', %(account_id)s::bigint, 'monitor_id', %(monitor_id)s::integer)
        """,
        monitor_id=monitor.id,
    )
    return list(found)


def by_key(account: Account, work: Callable[[Tx], Coroutine[Any, Any, T]]) -> T:
    """Does something in the name of Alice's key, as a request to the API does."""

    async def run() -> T:
        who = Who(account_id=account.id, source=Source.PUBLIC_API, user_id=account.alice_id)
        async with account.world.database.begin(who) as tx:
            return await work(tx)

    return account.world.run(run())


def events(account: Account, type_: str) -> list[tuple[Json, Any, Any]]:
    """Target, before and after of the events of a type, the oldest first."""
    statement = "select target, before, after from events where account_id = %s and type = %s order by seq"
    return [(target, before, after) for target, before, after in account.sql(statement, type_)]
