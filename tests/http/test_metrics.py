"""/metrics: who may read it, what it tells, and that the dashboard asks for nothing else."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import METRICS_TOKEN
from tests.factories import Account, World
from tests.http.conftest import Serve
from trustwright.db import Database
from trustwright.jobs import jobs
from trustwright.metrics.collecting import exposition
from trustwright.settings import Settings

DASHBOARD = Path(__file__).parents[2] / "deploy" / "grafana" / "trustwright.json"
NOBODYS = "a queue that nobody works on"

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(world: World) -> str:
    """A real answer of the running server."""
    answer = httpx.get(f"{world.address}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    assert answer.status_code == 200
    return answer.text


def samples(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


@contextmanager
def owner(world: World) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(world.database_url, autocommit=True) as connection:
        yield connection


# Who may read it


def test_without_a_setting_there_are_no_metrics(world: World, serve: Serve) -> None:
    service = serve([], Settings(jobs_in_web=False))

    answer = service.request("GET", "/metrics")

    assert answer.status_code == 404
    assert "trustwright_" not in answer.text


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Basic {METRICS_TOKEN}", METRICS_TOKEN])
def test_metrics_are_for_those_who_have_the_token(world: World, header: str) -> None:
    answer = httpx.get(f"{world.address}/metrics", headers={"Authorization": header} if header else {})

    assert answer.status_code == 401
    assert "trustwright_" not in answer.text


def test_metrics_have_a_port_of_their_own_in_each_process(world: World, serve: Serve, worker_id: str) -> None:
    # Below those that the system gives to whoever asks for any.
    port = 29100 + 2 * int(worker_id.removeprefix("gw") if worker_id.startswith("gw") else 99)
    settings = Settings(jobs_in_web=False, metrics_port=port, metrics_token="t")
    services = [serve([], settings), serve([], settings)]

    for each in (port, port + 1):
        address = f"http://127.0.0.1:{each}"
        assert httpx.get(f"{address}/metrics", headers={"Authorization": "Bearer t"}).text.count("trustwright_jobs")
        assert httpx.get(f"{address}/metrics").status_code == 401
        assert httpx.get(f"{address}/", headers={"Authorization": "Bearer t"}).status_code == 404
    header = {"Authorization": "Bearer t"}
    assert [service.request("GET", "/metrics", headers=header).status_code for service in services] == [404, 404]


# What it tells


def test_requests_are_counted_by_operation_and_status_with_their_time_and_statements(acme: Account) -> None:
    route = {"method": "GET", "route": "/public/v2/workspaces"}
    before = samples(scrape(acme.world))
    for _ in range(3):
        acme.alice.get("/public/v2/workspaces")
    acme.client(None).get("/public/v2/workspaces")

    after = samples(scrape(acme.world))

    def grown(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert grown("trustwright_request_seconds_count", **route, status="200") == 3
    assert grown("trustwright_request_seconds_count", **route, status="401") == 1
    assert 0 < grown("trustwright_request_seconds_sum", **route, status="200") < 60
    assert grown("trustwright_request_statements_total", **route) >= 6


def test_what_callers_invent_becomes_no_label(acme: Account) -> None:
    acme.alice.get("/public/v2/invented-by-a-caller")
    acme.alice.request("INVENTED", "/public/v2/workspaces")

    assert "invented" not in scrape(acme.world).lower()


def test_jobs_are_told_by_queue_and_status_with_the_age_of_the_oldest(world: World) -> None:
    with owner(world) as connection:
        connection.execute(
            """
            insert into procrastinate_jobs (queue_name, task_name, status, scheduled_at) values
                (%(queue)s, 'x', 'todo', now() - interval '1 hour'),
                (%(queue)s, 'x', 'todo', now() + interval '1 hour'),
                (%(queue)s, 'x', 'todo', null),
                (%(queue)s, 'x', 'failed', null)
            """,
            {"queue": NOBODYS},
        )
        try:
            found = samples(scrape(world))
        finally:
            connection.execute("delete from procrastinate_jobs where queue_name = %s", (NOBODYS,))

    assert value(found, "trustwright_jobs", queue=NOBODYS, status="todo") == 3
    assert value(found, "trustwright_jobs", queue=NOBODYS, status="failed") == 1
    assert 3600 <= value(found, "trustwright_jobs_oldest_seconds", queue=NOBODYS) < 3660


def test_the_age_of_a_job_that_was_never_put_off_is_counted_from_its_making(world: World) -> None:
    with owner(world) as connection:
        connection.execute("insert into procrastinate_jobs (queue_name, task_name) values (%s, 'x')", (NOBODYS,))
        connection.execute(
            """
            update procrastinate_events set at = now() - interval '2 hours' from procrastinate_jobs j
            where job_id = j.id and j.queue_name = %s
            """,
            (NOBODYS,),
        )
        try:
            found = samples(scrape(world))
        finally:
            connection.execute("delete from procrastinate_jobs where queue_name = %s", (NOBODYS,))

    assert 7200 <= value(found, "trustwright_jobs_oldest_seconds", queue=NOBODYS) < 7260


def test_mails_and_news_that_wait_are_told_of_all_accounts(acme: Account, globex: Account) -> None:
    before = samples(scrape(acme.world))
    with owner(acme.world) as connection:
        for account in (acme, globex):
            connection.execute(
                """
                insert into mails (account_id, event, recipient, subject, body_text, body_html, due_at)
                values (%s, 'x', 'bob@initech.test', '', '', '', now() + interval '1 hour')
                """,
                (account.id,),
            )
            connection.execute(
                """
                with made as (
                    insert into webhooks (account_id, url, is_enabled, nonce, secret_sha256)
                    values (%(account_id)s, 'https://x.test', true, '', '') returning account_id, id
                )
                insert into webhook_deliveries (account_id, webhook_id, message_id, kind, body, due_at)
                select account_id, id, gen_random_uuid(), 'x', '', now() + interval '1 hour' from made
                """,
                {"account_id": account.id},
            )
    after = samples(scrape(acme.world))

    for name in ("trustwright_mails_waiting", "trustwright_webhooks_waiting"):
        assert value(after, name) - value(before, name) == 2


def test_the_pool_and_the_database_are_told(world: World) -> None:
    found = samples(scrape(world))

    assert value(found, "trustwright_database_up") == 1
    assert value(found, "trustwright_pool_connections", state="idle") >= 1
    assert ("trustwright_pool_waiting", frozenset[tuple[str, str]]()) in found


def test_while_the_database_is_away_a_process_tells_what_it_knows_itself(world: World) -> None:
    async def tell() -> bytes:
        database = Database(world.database_url, jobs, pool_size=1)
        await database.open()
        await database.close()
        return await exposition(database)

    found = samples(world.run(tell()).decode())

    assert found["trustwright_database_up", frozenset()] == 0
    assert not [name for name, _ in found if name.startswith("trustwright_jobs")]


# The dashboard


def test_the_dashboard_asks_for_what_there_is_and_shows_all_of_it(world: World) -> None:
    board = json.loads(DASHBOARD.read_text())
    asked = {
        name
        for panel in board["panels"]
        for target in panel["targets"]
        for name in re.findall(r"\b(?:trustwright|process|python)_\w+", target["expr"])
    }
    there = offered(scrape(world))

    assert asked - {name for names in there.values() for name in names} == set()
    assert [family for family, names in there.items() if family.startswith("trustwright_") and not asked & names] == []


def test_every_label_that_the_dashboard_groups_by_exists(world: World) -> None:
    text = scrape(world)
    labels = {"le", "instance", "job", "queue", "result", *re.findall(r'[{,](\w+)="', text)}
    board = DASHBOARD.read_text()

    asked = {label.strip() for group in re.findall(r"by \(([^)]*)\)", board) for label in group.split(",")}
    shown = set(re.findall(r"{{(\w+)}}", board))

    assert (asked | shown) - labels == set()


def offered(text: str) -> dict[str, set[str]]:
    """The names of all samples that an answer can have, by metric: those without a sample yet, too. When each series
    began (`_created`) tells nothing of an installation."""
    kinds = dict(re.findall(r"^# TYPE (\w+)(?<!_created) (\w+)$", text, re.MULTILINE))
    endings = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
    return {name: {name + ending for ending in endings.get(kind, ("",))} for name, kind in kinds.items()}
