"""Speed of the console's pages: over a very large account against the demo account, which are alike in all else."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.claims import Claim
from benchmarks.monitors import FILL as RECORDS
from benchmarks.trust import SEEDS as REQUESTS
from tests.conftest import free_port, serving
from tests.walking import Demo
from trustwright import embedded
from trustwright.cli.demo import KEPT

VENDORS = 10_000
REVIEWS = 200_000
ACCESS_REQUESTS = 200_000
A_MILLION = 1_000_000
# Between two requests: all of them take three years, and the last comes now.
APART = timedelta(minutes=8)
ROUNDS = 9
PRINTED = 6

# Each like one of the demo, of some risk and kind; reviews are spread over years.
MORE_VENDORS = """
    insert into vendors overriding system value
    select (jsonb_populate_record(null::vendors, to_jsonb(v) || jsonb_build_object(
        'id', 1000000 + number,
        'name', 'Vendor ' || number,
        'status', (array['ACTIVE', 'ACTIVE', 'PROSPECTIVE', 'ARCHIVED'])[1 + number %% 4],
        'risk', (array['NONE', 'LOW', 'MODERATE', 'HIGH'])[1 + number / 4 %% 4],
        'category', (array['ENGINEERING', 'SECURITY', 'FINANCE'])[1 + number %% 3],
        'renewal_date', current_date + (number %% 700 - 60),
        'created_at', timestamptz '2024-01-01' + number * interval '1 minute',
        'updated_at', timestamptz '2024-01-01' + number * interval '1 minute'
    ))).*
    from (select * from vendors where account_id = %(account)s order by id limit 1) v
    cross join generate_series(1, %(count)s) as number
"""
MORE_REVIEWS = """
    insert into reviews (account_id, vendor_id, type, status, decision, title, requested_at, review_deadline_at,
        created_at, updated_at)
    select %(account)s, v.id, (array['SECURITY', 'SOC_REPORT', 'UPLOAD_REPORT'])[1 + number %% 3],
        (array['NOT_YET_STARTED', 'IN_PROGRESS', 'COMPLETED', 'COMPLETED'])[1 + number / 3 %% 4],
        (array['PENDING', 'APPROVED', 'APPROVED_WITH_CONDITIONS', 'REJECTED'])[1 + number / 12 %% 4],
        'Review ' || number, moment, moment, moment, moment
    from (select id, row_number() over (order by id) as place from vendors where account_id = %(account)s) v
    cross join lateral generate_series(v.place, %(count)s, %(vendors)s) as number
    cross join lateral (select timestamptz '2024-01-01' + number * interval '5 minutes' as moment) as at
"""


def measure() -> list[Claim]:
    """The one claim on the console's pages."""
    with tempfile.TemporaryDirectory() as folder, two_accounts(Path(folder)) as (demo, large):
        return [_pages(demo, large)]


@contextmanager
def two_accounts(folder: Path) -> Iterator[tuple[Demo, Demo]]:
    """A service with the demo account twice, the second made very large."""
    with embedded.using(folder) as postgres, serving(postgres.url, folder, free_port(), "--demo") as address:
        demo = Demo(address, folder, postgres.url)
        (folder / KEPT).rename(folder / "first.json")
        environment = {**os.environ, "TRUSTWRIGHT_DATA_DIR": str(folder), "TRUSTWRIGHT_DATABASE_URL": postgres.url}
        subprocess.run([sys.executable, "-m", "trustwright", "demo", "--json"], env=environment, check=True)
        large = Demo(address, folder, postgres.url)
        _enlarge(postgres.url, large)
        yield demo, large
        demo.close()
        large.close()


def _enlarge(database_url: str, large: Demo) -> None:
    account, workspace = large.opened["accountId"], large.get("/public/v2/workspaces")["data"][0]["id"]
    with psycopg.connect(database_url, autocommit=True) as connection:

        def run(statement: str, **values: Any) -> None:
            connection.execute(statement.encode(), {"account": account, "workspace": workspace, **values})

        run(MORE_VENDORS, count=VENDORS)
        run(MORE_REVIEWS, count=REVIEWS, vendors=VENDORS)
        first = datetime.now(UTC) - ACCESS_REQUESTS * APART
        for statement in REQUESTS:
            run(statement, count=ACCESS_REQUESTS, first=first, apart=APART)
        dataset = "select live_dataset_id from resources where account_id = %(account)s order by id limit 1"
        found = connection.execute(dataset.encode(), {"account": account}).fetchone()
        if found is None:
            raise RuntimeError("The demo account has no resource")
        run(RECORDS, dataset=found[0], records=A_MILLION)
        run("vacuum analyze")


def _pages(demo: Demo, large: Demo) -> Claim:
    """The page that takes longest by comparison."""
    browsers = [demo.browser(), large.browser()]
    ratios: dict[str, tuple[float, float, float]] = {}
    for small_path, large_path in zip(demo.pages(), large.pages(), strict=True):
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for browser, path, taken in zip(browsers, (small_path, large_path), times, strict=True):
                started = time.perf_counter()
                browser.get(path).raise_for_status()
                taken.append(time.perf_counter() - started)
        few, many = (statistics.median(taken) for taken in times)
        ratios[large_path] = (many / few, many, few)
    slowest = sorted(ratios.items(), key=lambda each: each[1], reverse=True)[:PRINTED]
    detail = "; ".join(f"{path} {many * 1000:.0f} ms, {few * 1000:.0f} ms" for path, (_, many, few) in slowest)
    return Claim(f"{len(ratios)} pages over a large account against demo", slowest[0][1][0], 3, False, "", detail)


if __name__ == "__main__":
    sys.stdout.write(json.dumps([claim.detail for claim in measure()]) + "\n")
