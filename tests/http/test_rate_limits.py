"""How often a key and an address may call (Q20, decisions 7). No test waits: time is a clock that is passed in, or the
rows of the database are moved into the past."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import psycopg
import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from tests.factories import Account, World
from tests.http.conftest import OwnService, Serve
from trustwright.accounts.permissions import Permission
from trustwright.db import Database
from trustwright.http import limits
from trustwright.http.limits import Limits, Lines
from trustwright.http.operations import Call, Operation, Version
from trustwright.jobs import jobs
from trustwright.limits import store
from trustwright.limits.model import SECOND, BadRate, Rate, of_address, placed, rate_of, whole_seconds
from trustwright.settings import InvalidSetting, RateLimits, Settings, from_environment

MEMORY = Settings(jobs_in_web=False, rate_limits=RateLimits.MEMORY, trusted_proxies="127.0.0.1")
SHARED = Settings(jobs_in_web=False, trusted_proxies="127.0.0.1")

reached: list[str] = []


async def reach(call: Call) -> dict[str, bool]:
    reached.append("reached")
    return {"reached": True}


PROBES = [
    Operation(version=version, method="POST", path="/probe", handler=reach, permissions=(Permission.USERS_GET,))
    for version in Version
]
PROBE = "/public/v2/probe"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000 * SECOND

    def __call__(self) -> int:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)


@pytest.fixture(autouse=True)
def clock(world: World, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of every service that a test starts. Nobody has called yet."""
    clock = Clock()
    monkeypatch.setattr(Limits.__init__, "__defaults__", (clock,))
    reached.clear()
    world.connection.execute("delete from rate_limits")
    return clock


def pass_time(world: World, clock: Clock, seconds: int) -> None:
    """Lets so much time pass for the processes and for the database."""
    clock.move(seconds)
    elapsed = "update rate_limits set busy_until = busy_until - make_interval(secs => %s)"
    world.connection.execute(elapsed, (seconds,))


def knock(service: OwnService, key: str | None, ip: str = "203.0.113.4", path: str = PROBE) -> httpx.Response:
    return service.request("POST", path, key=key, headers={"X-Forwarded-For": ip})


def statuses(service: OwnService, times: int, key: str | None, ip: str = "203.0.113.4") -> list[int]:
    return [knock(service, key, ip).status_code for _ in range(times)]


def changed(settings: Settings, **values: str) -> Settings:
    return Settings(**{**{name: getattr(settings, name) for name in settings.__struct_fields__}, **values})


@pytest.fixture(params=[MEMORY, SHARED], ids=["memory", "postgres"])
def settings(request: pytest.FixtureRequest) -> Settings:
    found: Settings = request.param
    return found


# The rule


@trying(max_examples=40)
@given(st.integers(1, 50), st.integers(1, 20), st.lists(st.integers(0, 3 * SECOND), min_size=1, max_size=60))
def test_no_stretch_of_time_has_more_calls_than_the_rate_and_its_reserve_let_pass(
    calls: int, seconds: int, pauses: list[int]
) -> None:
    rate, now, end, passed = Rate(calls, seconds), 0, 0, []
    for pause in pauses:
        now += pause
        end, wait = placed(end, now, rate)
        if not wait:
            passed.append(now)

    for first, at in enumerate(passed):
        for last in range(first, len(passed)):
            assert last - first + 1 <= calls + (passed[last] - at) // rate.gap


@trying(max_examples=60)
@given(st.integers(1, 1000), st.integers(1, 3600), st.integers(0, 3600 * SECOND))
def test_who_waits_as_long_as_it_says_is_let_through(calls: int, seconds: int, busy_until: int) -> None:
    rate = Rate(calls, seconds)
    end, wait = placed(busy_until, 0, rate)

    if wait:
        assert placed(end, whole_seconds(wait) * SECOND, rate)[1] == 0
        assert placed(end, (whole_seconds(wait) - 1) * SECOND, rate)[1] > 0 or whole_seconds(wait) == 1


@pytest.mark.parametrize("text", ["500", "0/60", "500/0", "-1/60", "5/6/7", "five/60", " 5/60", "5/60s"])
def test_a_rate_that_is_none_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(BadRate):
        rate_of(text)
    with pytest.raises(InvalidSetting, match="TRUSTWRIGHT_RATE_LIMIT_ADDRESS must be calls/seconds such as 500/60"):
        from_environment({"TRUSTWRIGHT_RATE_LIMIT_ADDRESS": text})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.4", "203.0.113.5", False),
        ("203.0.113.4", "::ffff:203.0.113.4", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("", "not an address", True),
    ],
)
def test_an_address_is_counted_by_its_line(one: str, other: str, same: bool) -> None:
    assert (of_address(one) == of_address(other)) is same


def test_memory_forgets_those_who_do_not_come_back() -> None:
    lines, rate = Lines(), Rate(5, 10)
    for number in range(1000):
        lines.take(str(number), rate, SECOND)

    lines.take("late", rate, 100 * SECOND)

    assert len(lines) == 1


# Keys and addresses


def test_a_key_may_call_so_often_and_again_after_the_seconds_that_it_was_told(
    acme: Account, serve: Serve, clock: Clock, settings: Settings
) -> None:
    service = serve(PROBES, changed(settings, rate_limit_key="3/60"))
    _, key = acme.key(Permission.USERS_GET)
    _, other = acme.key(Permission.USERS_GET)

    assert statuses(service, 3, key) == [200, 200, 200]
    refused = knock(service, key)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "20"
    assert knock(service, key, "198.51.100.7").status_code == 429
    assert knock(service, other).status_code == 200

    pass_time(acme.world, clock, 19)
    assert knock(service, key).headers["retry-after"] == "1"
    pass_time(acme.world, clock, 1)
    assert statuses(service, 2, key) == [200, 429]


def test_an_address_may_call_so_often_whatever_keys_it_has(
    acme: Account, serve: Serve, clock: Clock, settings: Settings
) -> None:
    service = serve(PROBES, changed(settings, rate_limit_address="2/60"))
    _, one = acme.key(Permission.USERS_GET)
    _, other = acme.key(Permission.USERS_GET)

    assert [knock(service, key).status_code for key in (one, other, one)] == [200, 200, 429]
    assert knock(service, one, "198.51.100.7").status_code == 200
    pass_time(acme.world, clock, 30)
    assert statuses(service, 2, other) == [200, 429]


def test_keys_that_nobody_made_count_against_their_address_before_they_are_looked_up(
    acme: Account, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = serve(PROBES, changed(SHARED, rate_limit_address="2/60"))
    _, key = acme.key(Permission.USERS_GET)
    assert [knock(service, guess).status_code for guess in (None, "tw_guess")] == [401, 401]

    async def look_up(*_: object) -> None:
        raise AssertionError("A key was looked up")

    monkeypatch.setattr("trustwright.accounts.store.authenticate", look_up)

    assert [knock(service, guess).status_code for guess in ("tw_another", key)] == [429, 429]
    assert reached == []


def test_a_call_that_is_refused_does_nothing_and_reads_nothing(acme: Account, serve: Serve) -> None:
    service = serve(PROBES, changed(SHARED, rate_limit_key="1/60"))
    _, key = acme.key(Permission.USERS_GET)

    assert statuses(service, 3, key) == [200, 429, 429]
    assert len(reached) == 1


@pytest.mark.parametrize("limit", ["rate_limit_key", "rate_limit_address"])
def test_a_refusal_has_the_envelope_of_its_version(acme: Account, serve: Serve, limit: str) -> None:
    service = serve(PROBES, changed(MEMORY, **{limit: "1/60"}))
    for number, path in enumerate(("/public/probe", "/public/v1/probe", PROBE)):
        _, key = acme.key(Permission.USERS_GET)
        knock(service, key, f"203.0.113.{number}", path)

        refused = knock(service, key, f"203.0.113.{number}", path)

        body = refused.json()
        assert (refused.status_code, body["statusCode"]) == (429, 429)
        assert set(body) == {"statusCode", "message", "code"} | ({"name"} if path == PROBE else set())
        assert refused.headers["content-type"] == "application/json; charset=utf-8"
        assert refused.headers["retry-after"] == "60"
        assert refused.headers["x-request-id"]


def test_pages_are_counted_by_address_and_refused_as_pages(world: World, serve: Serve) -> None:
    service = serve(PROBES, changed(MEMORY, rate_limit_address="2/60"))
    page = {"Accept": "text/html", "X-Forwarded-For": "203.0.113.4"}
    first = [service.request("GET", path, headers=page).status_code for path in ("/sign-in", "/trust/nobody")]

    refused = service.request("GET", "/", headers=page)

    assert 429 not in first
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "30"
    assert "Please try again in 1 minute" in refused.text


def test_probes_and_files_of_our_own_are_not_counted(world: World, serve: Serve) -> None:
    service = serve(PROBES, changed(MEMORY, rate_limit_address="1/60"))
    paths = ["/healthz", "/readyz", "/console/static/console.css", "/visitor/static/x", "/healthz", "/readyz"]

    assert 429 not in [service.request("GET", path).status_code for path in paths]
    assert service.request("GET", "/public/v2/static/x").status_code == 404
    assert service.request("GET", "/public/v2/static/x").status_code == 429


def test_without_settings_nobody_is_counted(acme: Account, serve: Serve) -> None:
    service = serve(PROBES, Settings(jobs_in_web=False))
    _, key = acme.key(Permission.USERS_GET)

    assert set(statuses(service, 20, key)) == {200}
    with psycopg.connect(acme.world.database_url) as connection:
        assert connection.execute("select count(*) from rate_limits").fetchone() == (0,)


def test_an_address_is_not_what_anybody_may_write(acme: Account, serve: Serve) -> None:
    service = serve(PROBES, changed(MEMORY, rate_limit_address="2/60", trusted_proxies=""))
    _, key = acme.key(Permission.USERS_GET)

    assert [knock(service, key, f"203.0.113.{number}").status_code for number in range(3)] == [200, 200, 429]


# Several processes, and a database at fault


def test_two_processes_count_together_in_the_database(acme: Account, serve: Serve, clock: Clock) -> None:
    settings = changed(SHARED, rate_limit_key="4/60", rate_limit_address="100/60")
    one, other = serve(PROBES, settings), serve(PROBES, settings)
    _, key = acme.key(Permission.USERS_GET)

    found = [knock(service, key).status_code for service in (one, other, one, other, one, other)]

    assert found == [200, 200, 200, 200, 429, 429]
    pass_time(acme.world, clock, 15)
    assert [knock(service, key).status_code for service in (other, one)] == [200, 429]


def test_many_calls_at_once_on_two_pools_let_pass_no_more_than_the_rate(world: World) -> None:
    async def flood() -> list[int]:
        async with opened(world.database_url) as one, opened(world.database_url) as other:
            calls = [store.take(database, "key 0", Rate(10, 3600)) for database in (one, other) for _ in range(20)]
            return await asyncio.gather(*calls)

    waits = world.run(flood())

    assert len(waits) == 40
    assert waits.count(0) == 10
    assert all(0 < wait <= 360 * SECOND for wait in waits if wait)


def test_who_was_refused_is_not_asked_for_again_before_the_wait_is_over(
    acme: Account, serve: Serve, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = serve(PROBES, changed(SHARED, rate_limit_key="1/60"))
    _, key = acme.key(Permission.USERS_GET)
    asked = counting(monkeypatch)

    assert statuses(service, 10, key) == [200] + [429] * 9
    assert len(asked) == 2


@pytest.mark.parametrize("fault", ["broken", "locked"])
def test_while_the_database_cannot_be_asked_each_process_counts_for_itself(
    acme: Account, serve: Serve, clock: Clock, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    service = serve(PROBES, changed(SHARED, rate_limit_key="3/60"))
    _, key = acme.key(Permission.USERS_GET)
    monkeypatch.setattr(limits, "PATIENCE", 0.1)
    asked = counting(monkeypatch)

    with at_fault(acme.world.database_url)[fault]():
        assert statuses(service, 5, key) == [200, 200, 200, 429, 429]
        assert len(asked) == 1

    clock.move(limits.LEFT_ALONE / SECOND + 20)
    assert knock(service, key).status_code == 200
    assert len(asked) == 2


def test_the_idle_are_forgotten_and_the_others_not(world: World) -> None:
    async def calls() -> int:
        await store.take(world.database, "key 1", Rate(1, 60))
        await store.take(world.database, "key 2", Rate(1, 60))
        return await store.forget_idle(world.database)

    assert world.run(calls()) == 0
    with psycopg.connect(world.database_url) as connection:
        connection.execute("update rate_limits set busy_until = now() - interval '1 second' where name = 'key 1'")

    assert world.run(store.forget_idle(world.database)) == 1
    assert world.run(store.take(world.database, "key 2", Rate(1, 60))) > 0


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that the database is asked for."""
    asked: list[str] = []
    real = store.take

    async def take(database: Database, name: str, rate: Rate) -> int:
        asked.append(name)
        return await real(database, name, rate)

    monkeypatch.setattr(store, "take", take)
    return asked


def at_fault(database_url: str) -> dict[str, Callable[[], Any]]:
    """What can be wrong with the table while the rest of the database works."""

    @contextmanager
    def broken() -> Iterator[None]:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("revoke all on rate_limits from trustwright_app")
            try:
                yield
            finally:
                connection.execute("grant select, insert, update, delete on rate_limits to trustwright_app")

    @contextmanager
    def locked() -> Iterator[None]:
        with psycopg.connect(database_url) as connection:
            connection.execute("lock table rate_limits")
            yield

    return {"broken": broken, "locked": locked}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url, jobs, pool_size=10)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
