"""Speed of records: upserts against COPY, large against small resources, completion, the last page, memory, start."""

import http.client
import json
import statistics
import tempfile
import time
from pathlib import Path

import psycopg

from benchmarks.claims import Claim
from benchmarks.loader import BATCH, SCHEMA, Target, push, record, send
from benchmarks.service import Service, running

COPIES = 7
ROUNDS = 3
SOME = 100_000
FEW = 10_000
MANY = 1_000_000
PAGES = 30


def measure() -> list[Claim]:
    """All claims on records, on one fresh service."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as service:
        claims = [_against_copy(service), *_large_and_small(service)]
        memory = service.web_process().memory_info().rss / 2**20
        claims.append(Claim("Resident memory of the web process after all that", memory, 300, False, "M", "MiB"))
        claims.append(
            Claim("From `trustwright serve` to ready, existing data", service.seconds_to_ready, 3, False, "s", "")
        )
        return claims


def new_resource(service: Service, name: str) -> Target:
    root = Target(service.port, service.key, "/public/v2/custom-connections")
    made = root.call(
        "POST",
        "",
        {
            "name": name,
            "providerTypes": ["CUSTOM"],
            "workspaceIds": [service.workspace_id],
            "schema": SCHEMA,
            "displayNameKey": "name",
        },
    )
    resource = made["customResources"][0]["id"]
    return Target(service.port, service.key, f"/public/v2/custom-connections/{made['id']}/resources/{resource}")


def _against_copy(service: Service) -> Claim:
    """Both begin with an empty table and a checkpoint just done."""
    ratios, rates = [], []
    for number in range(COPIES):
        copied = _copy(service)
        target = new_resource(service, f"Upserts {number}")
        _prepare(service, "truncate records")
        pushed = push(target, "/records", 0, SOME, f"Upsert {SOME} records")
        ratios.append(copied / pushed)
        rates.append(f"{SOME / pushed / 1000:.0f}k/{SOME / copied / 1000:.0f}k")
    detail = f"records a second, upsert/copy: {', '.join(rates)}"
    return Claim("Bulk upsert over HTTP against COPY", statistics.median(ratios), 0.6, True, "", detail)


def _prepare(service: Service, *statements: str) -> None:
    with psycopg.connect(service.database_url, autocommit=True) as connection:
        for statement in (*statements, "checkpoint"):
            connection.execute(statement)


def _copy(service: Service) -> float:
    """Seconds for a COPY of the same rows into a table of the same keys and indexes."""
    moment = "2026-01-01 00:00:00+00"
    rows = "".join(
        f"{service.account_id}\t1\t{item['id']}\t{number}\t{json.dumps(item)}\t{moment}\t{moment}\n"
        for number, item in enumerate(map(record, range(SOME)))
    )
    _prepare(service, "drop table if exists copied", "create table copied (like records including all)")
    with psycopg.connect(service.database_url, autocommit=True) as connection:
        started = time.perf_counter()
        with connection.cursor().copy("copy copied from stdin") as copy:
            copy.write(rows)
        return time.perf_counter() - started


def _large_and_small(service: Service) -> list[Claim]:
    small, large = new_resource(service, "Small"), new_resource(service, "Large")
    short = [_stage_and_complete(small, f"small-{number}", 1000) for number in range(ROUNDS)]
    push(small, "/records", 0, FEW, f"{FEW} records")
    long = [_stage_and_complete(large, f"large-{number}", MANY) for number in range(ROUNDS)]
    _await_purges(service)
    few = [SOME / push(small, "/records", FEW, SOME, f"On {FEW}")]
    many = [SOME / push(large, "/records", MANY, SOME, f"On {MANY}")]
    rate_ratio = statistics.median(many) / statistics.median(few)
    complete_ratio = statistics.median(long) / statistics.median(short)
    detail = f"{many[0]:.0f}/s against {few[0]:.0f}/s"
    times = f"{long[0] * 1000:.1f} ms against {statistics.median(short) * 1000:.1f} ms"
    return [
        Claim(f"Upsert on {MANY} records against on {FEW}", rate_ratio, 0.8, True, "", detail),
        Claim(f"Complete of {MANY} staged records against 1000", complete_ratio, 2, False, "", times),
        *(_last_page(large, sort, direction) for sort in ("createdAt", "updatedAt") for direction in ("ASC", "DESC")),
    ]


def _stage_and_complete(target: Target, session: str, count: int) -> float:
    """Seconds of the completion alone."""
    push(target, f"/sessions/{session}", 0, count, f"Stage {count} records")
    started = time.perf_counter()
    target.call("POST", f"/sessions/{session}/actions", {"action": "complete"})
    return time.perf_counter() - started


def _await_purges(service: Service) -> None:
    with psycopg.connect(service.database_url, autocommit=True) as connection:
        while connection.execute("select exists (select from procrastinate_jobs)").fetchone() == (True,):
            time.sleep(0.2)
        connection.execute("checkpoint")


def _last_page(target: Target, sort: str, direction: str) -> Claim:
    """The last page's time over the first's; the way there is walked once."""
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=120)
    first = f"{target.path}/records?size={BATCH}&sort={sort}&sortDir={direction}"
    last, cursor = first, json.loads(send(connection, target, "GET", first, None))["pagination"]["cursor"]
    while cursor:
        last = f"{first}&cursor={cursor}"
        cursor = json.loads(send(connection, target, "GET", last, None))["pagination"]["cursor"]
    times: dict[str, list[float]] = {first: [], last: []}
    for _ in range(PAGES):
        for path, seconds in times.items():
            started = time.perf_counter()
            send(connection, target, "GET", path, None)
            seconds.append(time.perf_counter() - started)
    ratio = statistics.median(times[last]) / statistics.median(times[first])
    detail = f"{statistics.median(times[last]) * 1000:.1f} ms, {statistics.median(times[first]) * 1000:.1f} ms"
    return Claim(f"Last page against first, {sort} {direction}", ratio, 1.5, False, "", detail)
