"""A service under load while the world breaks around it, and a look at everything it holds after each fault.

python -m tests.faults [--minutes 10] [--seed N] [--once] [--two]

--once   each kind of fault once, and no clock
--two    two web processes behind nginx, two workers, and a replica
Exits with 1 when anything was lost, doubled, or left half done."""

import argparse
import asyncio
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from tests.faults import invariants
from tests.faults.invariants import Connection, Found
from tests.faults.load import Caller, Desk, Gate, clients
from tests.faults.outside import Mood, Outside, outside
from tests.faults.service import Service, fill, small_disk
from trustwright import embedded
from trustwright.db import Database
from trustwright.files.jobs import collect_account
from trustwright.files.storage import connect
from trustwright.jobs import jobs

console = Console()

ACCOUNTS = ("Acme", "Globex")
# Seconds that a fault lasts, from and to; and those of load before the next one.
LASTS = (1.5, 5.0)
BETWEEN = (2.0, 5.0)
TIME_OF_REST = 240.0

# Moves what waits for a later time to now: nobody waits here for the hours between two attempts.
HURRIED = """
    update procrastinate_jobs set scheduled_at = now() where status = 'todo' and scheduled_at > now();
    update mails set due_at = now() - interval '11 minutes' where state = 'QUEUED';
    update webhook_deliveries set due_at = now() - interval '3 minutes'
        where state = 'QUEUED' and (leased_until is null or leased_until < now());
    update monitor_runs set created_at = created_at - interval '2 minutes'
        where finished_at is null and created_at < now() - interval '10 seconds';
    update monitors set due_at = now() where due_at > now();
    insert into procrastinate_jobs (queue_name, task_name, queueing_lock, args)
        select 'default', name, name, '{"timestamp": 0}'
        from unnest(array['mail.take_up_forgotten', 'webhooks.take_up_forgotten']) name
        where not exists (select from procrastinate_jobs j where j.queueing_lock = name and j.status = 'todo');
"""


class Run:
    """What happened so far."""

    def __init__(self, service: Service, world: Outside, dice: random.Random, disk: Path, *, can_fill: bool) -> None:
        self.service = service
        self.world = world
        self.dice = dice
        self.disk = disk
        self.can_fill = can_fill
        self.done: list[str] = []
        self.found = Found()
        self.desks: list[Desk] = []
        self.repeated = (0, 0)
        self.given_up = 0
        self.read_behind = "no replica"

    def seconds(self, bounds: tuple[float, float]) -> float:
        return self.dice.uniform(*bounds)

    def strikes(self) -> list[Callable[[], None]]:
        """One of each kind that can be had here."""
        kinds = [self.kill_web, self.kill_child, self.kill_worker, self.kill_database, self.kill_all]
        if self.service.replica:
            kinds += [self.kill_replica, self.kill_front]
        if self.can_fill:
            kinds.append(self.fill_disk)
        moods = (Mood.REFUSING, Mood.SLOW, Mood.DYING)
        return kinds + [self._moody(name, mood) for name in self.world.gateways() for mood in moods]

    @property
    def kinds(self) -> Counter[str]:
        """How often each fault happened."""
        return Counter(self.done)

    def kill_web(self) -> None:
        self.done.append("killed: web process")
        self.dice.choice(self.service.webs).kill()

    def kill_child(self) -> None:
        self.done.append("killed: child of a web process")
        self.dice.choice(self.service.webs).kill_children()
        # So that the children's deaths, and not those of before, are what heals.
        time.sleep(self.seconds(LASTS))

    def kill_worker(self) -> None:
        self.done.append("killed: worker")
        self.dice.choice(self.service.workers).kill()

    def kill_database(self) -> None:
        self.done.append("killed: PostgreSQL")
        self.service.database.kill()
        time.sleep(self.seconds(LASTS))

    def kill_all(self) -> None:
        self.done.append("killed: everything at once")
        for member in self.service.members():
            member.kill()
        self.service.database.kill()

    def kill_replica(self) -> None:
        self.done.append("killed: replica")
        assert self.service.replica is not None
        self.service.replica.kill()
        time.sleep(self.seconds(LASTS))

    def kill_front(self) -> None:
        self.done.append("killed: nginx")
        assert self.service.front is not None
        self.service.front.kill()

    def fill_disk(self) -> None:
        self.done.append("fault: disk full")
        ballast = fill(self.disk)
        time.sleep(self.seconds(LASTS))
        ballast.unlink()

    def _moody(self, name: str, mood: Mood) -> Callable[[], None]:
        def strike() -> None:
            self.done.append(f"fault: {name} {mood}")
            gateway = self.world.gateways()[name]
            gateway.mood = mood
            time.sleep(self.seconds(LASTS))
            gateway.mood = Mood.WELL

        return strike

    def check(self, *, is_end: bool = False) -> None:
        """Looks at everything, while nobody writes."""
        with psycopg.connect(self.service.database.url, autocommit=True) as connection:
            invariants.structure(connection, self.found)
            files = {}
            for desk in self.desks:
                told = desk.caller.told
                files[desk.caller.account_id] = told.reviews
                paths = (desk.direct, desk.staged)
                invariants.promises(connection, desk.caller.account_id, told, paths, self.found)
            invariants.contents(connection, self.world, files, self.found, collected=is_end)
            if is_end:
                if self.service.replica:
                    self.read_behind = transactions(self.service.replica.url)
                invariants.at_rest(connection, self.found)
                rows = connection.execute("select count(*) from procrastinate_jobs where status = 'failed'").fetchall()
                self.given_up = rows[0][0]
                self.repeated = invariants.sent(connection, self.world, self.found)

    def rest(self) -> None:
        """Gives the jobs their time, and collects what broken uploads left."""
        deadline = time.monotonic() + TIME_OF_REST
        with psycopg.connect(self.service.database.url, autocommit=True) as connection:
            while time.monotonic() < deadline and waiting(connection):
                connection.execute(HURRIED.encode())
                time.sleep(8)
        asyncio.run(collect(self.service.database.url, [desk.caller.account_id for desk in self.desks], self.world))


def waiting(connection: Connection) -> bool:
    """Whether there is anything left that a job has yet to do."""
    found = Found()
    for what, text in invariants.AT_REST.items():
        if "collector" not in what:
            found.expect(what, connection.execute(text.encode()).fetchall())
    return bool(found.violations)


def transactions(url: str) -> str:
    """How many a server has counted since it started last."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute("select xact_commit from pg_stat_database where datname = current_database()")
        return str(rows.fetchall()[0][0])


async def collect(url: str, account_ids: list[int], world: Outside) -> None:
    """What the job does each hour, of contents of any age."""
    os.environ |= {**world.settings, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{world.s3_port}"}
    database = Database(url, jobs, pool_size=2)
    await database.open()
    try:
        storage = connect(world.settings["TRUSTWRIGHT_STORAGE_URL"], Path())
        for account_id in account_ids:
            await collect_account(database, storage, account_id, 0)
    finally:
        await database.close()


def strike_while_working(run: Run, gate: Gate, plan: Iterator[Callable[[], None]]) -> None:
    """One fault after the other, and after each a look."""
    started = time.monotonic()
    for strike in plan:
        time.sleep(run.seconds(BETWEEN))
        strike()
        run.service.heal()
        before = len(run.found.violations)
        with gate.closed():
            run.check()
        console.print(f"{time.monotonic() - started:4.0f} s  {run.done[-1]}: {run.found.checks} checks", style="dim")
        for violation in run.found.violations[before:]:
            console.print(f"VIOLATION {violation}", style="red", highlight=False, markup=False)


def planned(run: Run, minutes: float | None) -> Iterator[Callable[[], None]]:
    """Each kind once, in any order; again and again while there is time."""
    end = time.monotonic() + (minutes or 0) * 60
    while True:
        kinds = run.strikes()
        run.dice.shuffle(kinds)
        for strike in kinds:
            if minutes is not None and time.monotonic() > end:
                return
            yield strike
        if minutes is None:
            return


@contextmanager
def working(run: Run, seed: int) -> Iterator[Gate]:
    """Clients that work while the block runs."""
    gate = Gate()
    for name in ACCOUNTS:
        made = run.service.command("account", "create", name, "--admin-email", f"alice@{name.lower()}.test", "--json")
        caller = Caller(run.service.address, json.loads(made))
        run.desks.append(Desk(caller, f"http://127.0.0.1:{run.world.webhook.port}/hook"))
    threads = [thread for desk in run.desks for thread in clients(desk, gate, seed)]
    for thread in threads:
        thread.start()
    try:
        yield gate
    finally:
        gate.over = True
        for thread in threads:
            thread.join(60)


def verify_events(run: Run) -> None:
    """Our own command looks at the chain of each account's events."""
    for desk in run.desks:
        try:
            run.service.command("events", "verify", "--account", str(desk.caller.account_id))
        except RuntimeError as error:
            run.found.expect("the chain of events", [error])
        run.found.checks += 1


def check_pages(run: Run) -> None:
    """PostgreSQL's own look at the checksum of every page of its files, once it has stopped."""
    postgres = embedded.running(run.service.database.data_dir)
    assert postgres is not None
    run.service.stop()
    words = [f"{postgres.bin_dir}/pg_checksums", "--check", "-D", str(postgres.data_dir / "postgres")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    run.found.expect("pages that are not what was written", [done.stderr] if done.returncode else [])


def show(run: Run, seconds: float) -> None:
    """The table, and each violation."""
    table = Table("what", "how often", title=f"{seconds:.0f} seconds of load and faults")
    told = [desk.caller.told for desk in run.desks]
    lines = {
        "requests": sum(each.requests for each in told),
        "acknowledged": sum(each.acknowledged for each in told),
        "cut off": sum(count for each in told for what, count in each.unanswered.items() if not what.isdecimal()),
        "answered by 5xx": sum(count for each in told for what, count in each.unanswered.items() if what.isdecimal()),
        **dict(sorted(run.kinds.items())),
        "faults in all": len(run.done),
        "records / reviews / requests for access / runs": " / ".join(
            str(sum(map(len, each)))
            for each in (
                [each.records for each in told],
                [each.reviews for each in told],
                [each.asked for each in told],
                [each.runs for each in told],
            )
        ),
        "jobs given up, all made good": run.given_up,
        "transactions on the replica since its last start": run.read_behind,
        "mails / of them more than once": f"{len(run.world.postman.mails)} / {run.repeated[0]}",
        "news to webhooks / of them more than once": f"{len(run.world.receiver.received)} / {run.repeated[1]}",
        "checks": run.found.checks,
        "violations": len(run.found.violations),
    }
    for what, count in lines.items():
        table.add_row(what, str(count))
    console.print(table)
    for violation in run.found.violations:
        console.print(f"VIOLATION {violation}", style="red", highlight=False, markup=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--two", action="store_true")
    chosen = parser.parse_args()
    console.print(f"Seed {chosen.seed}")
    if chosen.two and shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        console.print("NO NGINX HERE (apt-get install nginx-light): two of each were not tried", style="bold red")
        return 2
    dice = random.Random(chosen.seed)
    with small_disk() as (disk, can_fill), outside(dice) as world:
        if not can_fill:
            console.print("NO TMPFS CAN BE MOUNTED HERE: the full disk was not tried", style="bold red")
        service = Service(disk, world, 2 if chosen.two else 1)
        run = Run(service, world, dice, disk, can_fill=can_fill)
        started = time.monotonic()
        try:
            service.start()
            with working(run, chosen.seed) as gate:
                strike_while_working(run, gate, planned(run, None if chosen.once else chosen.minutes))
            seconds = time.monotonic() - started
            run.rest()
            run.check(is_end=True)
            verify_events(run)
            check_pages(run)
            show(run, seconds)
        finally:
            service.stop()
            for desk in run.desks:
                desk.caller.close()
            kept = Path(tempfile.gettempdir()) / "trustwright-faults.log"
            shutil.copy(service.log, kept)
            console.print(f"What the processes said is in {kept}", style="dim")
    return 1 if run.found.violations else 0


if __name__ == "__main__":
    sys.exit(main())
