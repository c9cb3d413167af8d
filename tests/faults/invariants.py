"""What must hold of the whole database and store, whatever went wrong before. Reads only.

A mail and a delivery of a webhook are sent at least once, always under the same id: their protocols allow no better.
Everything else is there exactly once."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import httpx
import psycopg
from msgspec import Struct
from psycopg import sql

from tests.faults.load import PARTS, STAGED, Told
from tests.faults.outside import BUCKET, Outside
from trustwright.access_requests.model import Status
from trustwright.access_requests.transitions import TABLE, Move

# The bucket shows its contents to whoever has a key; which one, the server of the tests does not ask.
OWNER = {"Authorization": "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request"}

Connection = psycopg.Connection[tuple[Any, ...]]

# Each finds rows that may not be, at any moment.
ALWAYS = {
    "a session that is ACTIVE and not what its resource shows": """
        select s.id from sessions s join resources r using (account_id) where r.id = s.resource_id
            and s.status = 'ACTIVE' and s.dataset_id is distinct from r.live_dataset_id""",
    "a session that is neither open nor ended": """
        select id from sessions where status not in ('IN_PROGRESS', 'ACTIVE', 'ARCHIVED', 'CANCELED')
            or (status in ('IN_PROGRESS', 'ACTIVE')) <> (dataset_id is not null)
            or (status = 'CANCELED') <> (canceled_at is not null)""",
    "a review from a request with a file that has not one document": """
        select r.id from reviews r left join vendor_documents d on d.account_id = r.account_id and d.review_id = r.id
        where r.title like 'report-%' group by r.account_id, r.id having count(d.id) <> 1""",
    "a completed review without one entry that completed it": """
        select r.id from reviews r left join review_decisions d
            on d.account_id = r.account_id and d.review_id = r.id and d.action = 'finalize'
        group by r.account_id, r.id, r.status, r.completed_at
        having (r.status = 'COMPLETED') <> (count(d.id) = 1)
            or (r.status = 'COMPLETED') <> (r.completed_at is not null)""",
    "a document of a vendor without its event": """
        select d.id from vendor_documents d left join events e on e.account_id = d.account_id
            and e.type = 'VENDOR_DOCUMENT_UPLOADED' and (e.target ->> 'id')::integer = d.id
        group by d.account_id, d.id having count(e.id) <> 1""",
    "a request whose status is not the last of its history": """
        select r.id from access_requests r where r.status is distinct from (select s.status
            from access_request_statuses s where s.account_id = r.account_id and s.access_request_id = r.id
            order by s.id desc limit 1)""",
    "an approved request without one live grant that opens its documents": """
        select r.id from access_requests r where r.status in ('APPROVED', 'AUTO_APPROVED', 'FILES_SENT')
            and 1 <> (select count(*) from grants g join grant_documents d on d.account_id = g.account_id
                and d.grant_id = g.id and d.request_id = r.request_id
            where g.account_id = r.account_id and g.id = r.grant_id and g.revoked_at is null
                and d.revoked_at is null)""",
    "a request that waits or was denied, and opens something": """
        select r.id from access_requests r join grant_documents d
            on d.account_id = r.account_id and d.request_id = r.request_id and d.revoked_at is null
        where r.status in ('PENDING', 'DENIED')""",
    "documents of a grant for a request that there is not": """
        select d.grant_id from grant_documents d where not exists (select from access_requests r
            where r.account_id = d.account_id and r.request_id = d.request_id)""",
    "failures of a run that there is not": """
        select f.run_id from monitor_failures f
        where not exists (select from monitor_runs r where r.account_id = f.account_id and r.id = f.run_id)""",
    "a run that counts other failures than it kept": """
        select r.id from monitor_runs r where r.status in ('PASSED', 'FAILED')
            and r.failed + r.excluded <> (select count(*) from monitor_failures f
                where f.account_id = r.account_id and f.run_id = r.id)
            and r.failed + r.excluded <= 1000""",
    "a run whose counts do not add up": """
        select id from monitor_runs where status in ('PASSED', 'FAILED') and evaluated <> passed + failed""",
    "two pieces of news for one change of a monitor": """
        select body::jsonb -> 'data' ->> 'runId' from webhook_deliveries where kind = 'monitor.status_changed'
        group by account_id, webhook_id, body::jsonb -> 'data' ->> 'runId' having count(*) > 1""",
    "an attempt that its delivery does not count": """
        select d.id from webhook_deliveries d where d.attempts < (select count(*) from webhook_attempts a
            where a.account_id = d.account_id and a.delivery_id = d.id)""",
    "an attachment of a mail that is no file": """
        select m.id from mails m, unnest(m.attachments) as file_id where not exists (
            select from files f where f.account_id = m.account_id and f.id = file_id)""",
    "an event of somebody who is not there": """
        select e.id from events e
        where (e.user_id is not null
            and not exists (select from users u where u.account_id = e.account_id and u.id = e.user_id))
        or (e.key_id is not null
            and not exists (select from api_keys k where k.account_id = e.account_id and k.id = e.key_id))""",
    "a file of another size than its content": """
        select f.id from files f join blobs b using (account_id, sha256) where f.size <> b.size""",
}

# Each finds what may not be left once the jobs have had their time.
AT_REST = {
    "records that nobody can reach": """
        select distinct dataset_id from records c where not exists (select from resources r
            where r.account_id = c.account_id and r.live_dataset_id = c.dataset_id)
        and not exists (select from sessions s
            where s.account_id = c.account_id and s.dataset_id = c.dataset_id and s.status = 'IN_PROGRESS')""",
    "a mail that was not sent": "select id, state, last_error from mails where state <> 'SENT'",
    "a delivery that did not arrive": "select id, state from webhook_deliveries where state <> 'DELIVERED'",
    "a run that never ended": "select id from monitor_runs where finished_at is null",
    "a job in hand that no worker works on": """
        select j.id, j.task_name from procrastinate_jobs j left join procrastinate_workers w on w.id = j.worker_id
        where j.status = 'doing' and (w.id is null or w.last_heartbeat < now() - interval '60 seconds')""",
    "a job in hand for more than two minutes": """
        select j.id, j.task_name from procrastinate_jobs j join procrastinate_events e on e.job_id = j.id
        where j.status = 'doing' and e.type = 'started'
        group by j.id having max(e.at) < now() - interval '2 minutes'""",
    "a job that is due and that nobody takes": """
        select id, task_name, scheduled_at from procrastinate_jobs
        where status = 'todo' and coalesce(scheduled_at, '-infinity') < now() - interval '30 seconds'""",
    "a content that no file names, after the collector ran": """
        select encode(sha256, 'hex') from blobs b
        where not exists (select from files f where f.account_id = b.account_id and f.sha256 = b.sha256)""",
}

REFERENCES = """
    select c.conrelid::regclass::text, c.confrelid::regclass::text, c.conname,
        array(select attname from unnest(c.conkey) with ordinality k (number, place)
            join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number order by place),
        array(select attname from unnest(c.confkey) with ordinality k (number, place)
            join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number order by place)
    from pg_constraint c where c.contype = 'f' and c.connamespace = 'public'::regnamespace
"""


class Found(Struct):
    """How much was looked at, and what was wrong with it."""

    checks: int = 0
    violations: list[str] = []

    def expect(self, what: str, wrong: Any) -> None:
        """One check: `wrong` are the things that break it."""
        self.checks += 1
        if wrong:
            some = sorted(map(str, wrong))
            self.violations.append(f"{what}: {len(some)}, such as {', '.join(some[:3])}")


def structure(connection: Connection, found: Found) -> None:
    """Everything that holds of the rows at any moment."""
    for what, text in ALWAYS.items():
        found.expect(what, connection.execute(text.encode()).fetchall())
    for table, target, name, columns, keys in connection.execute(REFERENCES).fetchall():
        found.expect(f"{table} refers to {target} ({name})", dangling(connection, table, target, columns, keys))
    found.expect("a history of a request that its table of states does not allow", impossible(connection))


def at_rest(connection: Connection, found: Found) -> None:
    """What holds besides once the jobs have had their time."""
    for what, text in AT_REST.items():
        found.expect(what, connection.execute(text.encode()).fetchall())


def dangling(
    connection: Connection, table: str, target: str, columns: list[str], keys: list[str]
) -> list[tuple[Any, ...]]:
    """Rows that refer to what is not there. The indexes are left aside: they may be what is wrong."""
    same = sql.SQL(" and ").join(
        sql.SQL("t.{} = s.{}").format(sql.Identifier(key), sql.Identifier(column))
        for column, key in zip(columns, keys, strict=True)
    )
    present = sql.SQL(" and ").join(sql.SQL("s.{} is not null").format(sql.Identifier(column)) for column in columns)
    text = sql.SQL("select s.* from {} s where {} and not exists (select from {} t where {}) limit 5").format(
        sql.Identifier(table), present, sql.Identifier(target), same
    )
    with connection.transaction():
        connection.execute("set local enable_indexscan = off; set local enable_indexonlyscan = off")
        connection.execute("set local enable_bitmapscan = off")
        return connection.execute(text).fetchall()


def impossible(connection: Connection) -> list[str]:
    """Requests whose history has a step that no event of the table makes."""
    steps = {
        status: {outcome.to for outcome in row.values() if isinstance(outcome, Move)} for status, row in TABLE.items()
    }
    rows = connection.execute(
        "select account_id, access_request_id, array_agg(status order by id) from access_request_statuses group by 1, 2"
    ).fetchall()
    return [
        f"{account_id}/{request}: {' '.join(history)}"
        for account_id, request, history in rows
        if any(Status(after) not in steps[Status(before)] for before, after in pairwise(history))
    ]


def promises(connection: Connection, account_id: int, told: Told, paths: tuple[str, str], found: Found) -> None:
    """Everything that was acknowledged to the clients of an account is there, once, and has its event."""
    found.expect("answers that no fault explains", told.wrong)
    direct, staged = (int(path.rpartition("/")[2]) for path in paths)
    found.expect("records that were acknowledged", lost_records(connection, account_id, direct, told))
    found.expect("sessions that were acknowledged", lost_sessions(connection, account_id, staged, told))
    once: dict[str, tuple[Collection[int] | Collection[str], str, str]] = {
        "vendors": (told.vendors, "select id from vendors", "VENDOR_CREATED"),
        "reviews": (set(told.reviews), "select id from reviews", "VENDOR_SECURITY_REVIEW_CREATED"),
        "finalized reviews": (
            told.finalized,
            "select id from reviews where status = 'COMPLETED' and decision = 'APPROVED'",
            "VENDOR_SOC_REPORT_REVIEW_COMPLETED",
        ),
        "requests": (told.asked, "select request_id::text from access_requests", "NEW_REQUEST"),
        "approved requests": (
            told.approved,
            "select request_id::text from access_requests where status in ('APPROVED', 'FILES_SENT')",
            "APPROVED_REQUEST",
        ),
        "denied requests": (
            told.denied,
            "select request_id::text from access_requests where status = 'DENIED'",
            "DENIED_REQUEST",
        ),
    }
    for what, (promised, text, event) in once.items():
        there = Counter(each for (each,) in connection.execute(scoped(text, account_id)).fetchall())
        found.expect(f"{what} that were acknowledged", [each for each in promised if there[each] != 1])
        events = Counter(
            each
            for (each,) in connection.execute(
                "select target ->> 'id' from events where account_id = %s and type = %s", (account_id, event)
            ).fetchall()
        )
        found.expect(f"{what} without just one event {event}", [each for each in there if events[str(each)] != 1])
        found.expect(f"{event} of what is not there", [each for each in events if each not in set(map(str, there))])
    runs = connection.execute(
        "select id, status, failed from monitor_runs where account_id = %s and finished_at is not null", (account_id,)
    ).fetchall()
    kept = {run: (status, failed) for run, status, failed in runs}
    found.expect("runs that were acknowledged", [run for run, what in told.runs.items() if kept.get(run) != what])


def scoped(text: str, account_id: int) -> bytes:
    """A select with or without conditions, of one account."""
    return f"{text} {'and' if ' where ' in text else 'where'} account_id = {account_id}".encode()


def lost_records(connection: Connection, account_id: int, resource: int, told: Told) -> list[str]:
    rows = connection.execute(
        """
        select c.record_id, (c.attributes ->> 'level')::integer from records c join resources r using (account_id)
        where account_id = %s and r.id = %s and c.dataset_id = r.live_dataset_id
        """,
        (account_id, resource),
    ).fetchall()
    kept: dict[str, int] = dict(rows)
    lost = [f"{id_} is gone" for id_ in told.records if id_ not in kept]
    stale = [
        f"{id_} has level {kept[id_]} and not {level}"
        for id_, level in told.records.items()
        if id_ in kept and not level <= kept[id_] <= told.asked_level[id_]
    ]
    return lost + stale + [f"{id_} was never sent" for id_ in kept if id_ not in told.asked_level]


def lost_sessions(connection: Connection, account_id: int, resource: int, told: Told) -> list[str]:
    """The resource shows the newest session that was completed, whole, and nothing else."""
    wrong = []
    states = Counter(
        connection.execute(
            "select session_id, status from sessions where account_id = %s and resource_id = %s", (account_id, resource)
        ).fetchall()
    )
    wrong += [f"{name} is not canceled" for name in told.canceled if states[name, "CANCELED"] != 1]
    if not told.completed:
        return wrong
    shown = connection.execute(
        """
        select s.session_id, array_agg(c.record_id) from resources r
        join sessions s on s.account_id = r.account_id and s.resource_id = r.id and s.status = 'ACTIVE'
        join records c on c.account_id = r.account_id and c.dataset_id = r.live_dataset_id
        where r.account_id = %s and r.id = %s group by 1
        """,
        (account_id, resource),
    ).fetchall()
    if len(shown) != 1:
        return [*wrong, f"{len(shown)} sessions are live"]
    name, ids = shown[0]
    number = int(name.removeprefix("run-"))
    if not told.completed <= number <= told.asked_to_complete:
        wrong.append(f"{name} is live and not run-{told.completed}")
    whole = {f"{number}-{part}-{item}" for part in range(PARTS) for item in range(STAGED)}
    return wrong if set(ids) == whole and len(ids) == len(whole) else [*wrong, f"{name} is live in part"]


def contents(
    connection: Connection, outside: Outside, files: dict[int, dict[int, bytes]], found: Found, *, collected: bool
) -> None:
    """Every file has its content in the bucket, and each review the content that was sent; after the collector the
    bucket holds nothing else."""
    named = {
        f"files/{account_id}/{sha256.hex()[:2]}/{sha256.hex()}": size
        for account_id, sha256, size in connection.execute(
            "select distinct account_id, sha256, size from files"
        ).fetchall()
    }
    stored = dict(listed(outside.s3_port))
    found.expect("files without their content", [key for key, size in named.items() if stored.get(key) != size])
    claimed = {
        f"files/{account_id}/{sha256.hex()[:2]}/{sha256.hex()}"
        for account_id, sha256 in connection.execute("select account_id, sha256 from blobs").fetchall()
    }
    found.expect("contents in the bucket that no row knows", [key for key in stored if key not in claimed])
    for account_id, promised in files.items():
        kept: dict[int, bytes] = dict(
            connection.execute(
                """
                select d.review_id, f.sha256 from vendor_documents d
                join files f on f.account_id = d.account_id and f.id = d.file_id where d.account_id = %s
                """,
                (account_id,),
            ).fetchall()
        )
        found.expect("reports that were acknowledged", [r for r, sha256 in promised.items() if kept.get(r) != sha256])
    if collected:
        found.expect("contents left over after the collector ran", [key for key in stored if key not in named])
        found.expect("contents that are not what they are called", [key for key in named if not true(outside, key)])


def true(outside: Outside, key: str) -> bool:
    url = f"http://127.0.0.1:{outside.s3_port}/{BUCKET}/{key}"
    content = httpx.get(url, headers=OWNER).raise_for_status().content
    return hashlib.sha256(content).hexdigest() == key.rpartition("/")[2]


def listed(port: int) -> Iterator[tuple[str, int]]:
    """Key and size of each object of the bucket."""
    after = ""
    while True:
        answer = httpx.get(f"http://127.0.0.1:{port}/{BUCKET}", params={"list-type": "2", "start-after": after})
        tree = ElementTree.fromstring(answer.text)
        space = {"s": tree.tag.partition("}")[0].strip("{")}
        for each in tree.findall("s:Contents", space):
            after = each.findtext("s:Key", "", space)
            yield after, int(each.findtext("s:Size", "0", space))
        if tree.findtext("s:IsTruncated", "", space) != "true":
            return


def sent(connection: Connection, outside: Outside, found: Found) -> tuple[int, int]:
    """Each mail and each piece of news arrived, and none that was never written; how many arrived more than once."""
    mails = Counter(str(mail["Message-ID"]) for mail in outside.postman.mails)
    (written,) = connection.execute("select count(*) from mails").fetchall()[0]
    found.expect("mails that arrived, beside those that were written", [] if len(mails) == written else [len(mails)])
    news = Counter(each.headers["trustwright-delivery"] for each in outside.receiver.received)
    ids = {str(each) for (each,) in connection.execute("select message_id from webhook_deliveries").fetchall()}
    found.expect("news that did not arrive", ids - set(news))
    found.expect("news that nobody wrote", set(news) - ids)
    return sum(mails.values()) - len(mails), sum(news.values()) - len(news)
