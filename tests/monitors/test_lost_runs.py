"""Runs whose process died: the next run ends them, or a job that looks for them."""

import pytest

from tests.factories import Account
from tests.jobs import job_context
from tests.monitors.runs import quiet, run
from tests.records.cast import connect, eventually
from tests.trust.cast import act
from trustwright.monitors import concluding, history, jobs
from trustwright.monitors.model import AlreadyRunning, Cause, Monitor, ResultStatus, Run
from trustwright.settings import Settings


def left(account: Account, test: Monitor, minutes: int) -> Run:
    """A run that was begun so long ago, and whose process is no more."""
    begun = act(account, lambda tx: concluding.begin(tx, test.id, Cause.MANUAL, 60)).run
    age = "update monitor_runs set created_at = now() - make_interval(mins => %s) where account_id = %s and id = %s"
    account.world.connection.execute(age, (minutes, account.id, begun.id))
    return begun


def now(account: Account, test: Monitor, lost: Run) -> tuple[ResultStatus | None, str | None]:
    """Status and message of a run as it is now."""
    found = act(account, lambda tx: history.get_run(tx, test.id, lost.id))
    assert found
    return found.status, found.message


def look(account: Account) -> None:
    """What the job does every minute."""
    given = job_context(database=account.world.database, settings=Settings())
    account.world.run(jobs.give_up_lost_runs.func(given, 0))


def test_the_next_run_ends_it(acme: Account) -> None:
    test = quiet(connect(acme))
    lost = left(acme, test, minutes=3)

    made, _ = run(acme, test)

    assert now(acme, test, lost) == (ResultStatus.ERROR, "The run was interrupted")
    assert made.status == "READY"
    with pytest.raises(AlreadyRunning):
        act(acme, lambda tx: concluding.fail(tx, concluding.Begun(run=lost, targets=[]), "late"))


def test_of_a_disabled_monitor_the_job_ends_it(acme: Account) -> None:
    test = quiet(connect(acme))
    lost = left(acme, test, minutes=3)

    look(acme)

    assert now(acme, test, lost) == (ResultStatus.ERROR, "The run was interrupted")
    assert acme.sql("select status from monitors where account_id = %s") == [("ERROR",)]
    (event,) = acme.sql("select description from events where account_id = %s and type = 'AP_CUSTOM_TEST'")
    assert "The run was interrupted" in event[0]


def test_one_that_may_still_go_on_is_left_alone(acme: Account) -> None:
    test = quiet(connect(acme))
    going_on = left(acme, test, minutes=1)

    look(acme)

    assert now(acme, test, going_on) == (None, None)


def test_an_enabled_monitor_runs_once_more(acme: Account) -> None:
    test = quiet(connect(acme))
    lost = left(acme, test, minutes=3)
    acme.sql("update monitors set is_enabled = true, due_at = now() + interval '1 day' where account_id = %s")

    look(acme)

    assert now(acme, test, lost) == (ResultStatus.ERROR, "The run was interrupted")
    ended = "select status from monitor_runs where account_id = %s and finished_at is not null order by id"
    eventually(lambda: acme.sql(ended) == [("ERROR",), ("READY",)])
