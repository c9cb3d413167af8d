"""Speed of the trust center: a search among many requests against one among few, a report, a stamped PDF."""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pikepdf
import psycopg
from pikepdf import Array, Dictionary, Name
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from benchmarks.claims import Claim
from benchmarks.loader import Target, send
from benchmarks.service import Service, running
from trustwright.access.stamping import Stamp, stamp

FEW = 200
MANY = 200_000
PAGES = 40
ROUNDS = 9
PDF_PAGES = 50
TAGS_A_PAGE = 30
LINKS_A_PAGE = 5
WORDS = "the auditor looked at access changes backups and incidents of each system in scope during this period".split()
OWNER = Stamp(
    address="dana@buyer.example", company="Buyer Inc", moment=datetime(2026, 1, 1, tzinfo=UTC), request_id=UUID(int=7)
)
MIB = 2**20
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
REPORT = "startDate=2024-01-01&endDate=2028-01-01&reportType=ACCESS_REQUESTS_LIST"

# One request follows the other at the same distance. Half of them are approved, a quarter denied, a quarter wait, and
# nobody is reminded of those; of the first FEW ten are of one company. Foreign keys are not looked at, and the index of
# texts is filled at the end.
SEEDS = (
    "set session_replication_role = replica",
    "set gin_pending_list_limit = '1GB'",
    """
    insert into blobs (account_id, sha256, size, claimed_at) values (%(account)s, '\\x00', 1, now())
    """,
    """
    insert into files (account_id, sha256, name, content_type, size, scan_state)
    values (%(account)s, '\\x00', 'report.pdf', 'application/pdf', 1, 'CLEAN')
    """,
    """
    insert into trust_documents (account_id, workspace_id, type, name, visibility, mode, is_published, file_id)
    select account_id, %(workspace)s, 'SECURITY_REPORT', 'Report ' || number, 'ON_REQUEST', 'VIEW', true, id
    from files, generate_series(1, 10) number
    where account_id = %(account)s
    """,
    """
    insert into grants (account_id, workspace_id, email, name, company, asks_on_new_device, expires_at, created_at)
    select %(account)s, %(workspace)s, 'person' || number || '@company' || number %% 5000 || '.example',
        'Person ' || number, 'Company ' || number %% 5000, true, timestamptz '2030-01-01',
        %(first)s::timestamptz + number * %(apart)s::interval
    from generate_series(1, %(count)s, 2) number
    """,
    "analyze grants",
    """
    insert into access_requests (account_id, workspace_id, email, first_name, last_name, company, flow_type,
        accepts_terms, status, is_public, managed_by, reviewed_at, grant_id, nags, created_at, updated_at)
    select %(account)s, %(workspace)s, made.email, 'Person', number::text,
        case when number %% 20 = 0 and number <= 200 then 'Zyx Widgets' else 'Company ' || number %% 5000 end,
        'NO_NDA_REQUIRED', true, made.status, true, case made.status when 'PENDING' then '' else 'Alice Adams' end,
        case made.status when 'PENDING' then null else made.moment + interval '90 minutes' end, g.id, 100,
        made.moment, made.moment
    from generate_series(1, %(count)s) number
    cross join lateral (
        select 'person' || number || '@company' || number %% 5000 || '.example' as email,
            (array['DENIED', 'APPROVED', 'PENDING', 'APPROVED'])[1 + number %% 4] as status,
            %(first)s::timestamptz + number * %(apart)s::interval as moment
    ) made
    left join grants g on g.account_id = %(account)s and g.email = made.email
    """,
    "analyze access_requests",
    """
    insert into access_request_documents (account_id, access_request_id, document_id, approved_at, created_at)
    select r.account_id, r.id, d.id, case r.status when 'APPROVED' then r.reviewed_at end, r.created_at
    from access_requests r
    join trust_documents d on d.account_id = r.account_id and d.id %% 5 = r.id %% 5
    where r.account_id = %(account)s
    on conflict do nothing
    """,
    """
    insert into access_request_statuses (account_id, access_request_id, status, source, created_at)
    select r.account_id, r.id, reached.status, 'SELF', reached.moment
    from access_requests r
    cross join lateral (values ('PENDING', r.created_at), (r.status, r.reviewed_at)) reached (status, moment)
    where r.account_id = %(account)s and reached.moment is not null
    """,
    """
    insert into access_log (account_id, workspace_id, action, document_id, version, grant_id, request_id, email,
        visitor, created_at)
    select r.account_id, r.workspace_id, looked.action, d.id, 1, r.grant_id, r.request_id, r.email, 'visitor',
        r.reviewed_at + interval '1 hour'
    from access_requests r
    join access_request_documents held on held.account_id = r.account_id and held.access_request_id = r.id
    join trust_documents d on d.account_id = r.account_id and d.id = held.document_id
    cross join (values ('VIEW'), ('DOWNLOAD')) looked (action)
    where r.account_id = %(account)s and r.grant_id is not null
    """,
    "vacuum analyze",
)


def measure() -> list[Claim]:
    """All claims on the trust center, on one fresh service with two accounts."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as service:
        many = _account(service.port, service.key, service.account_id, service.workspace_id)
        few = _other_account(Path(folder), service)
        for account, count in ((few, FEW), (many, MANY)):
            _fill(service, account, count)
        return [_search(few, many), _report(service, few, many), _stamping()]


class Account:
    """One of the two accounts: how it is called, and where its rows go."""

    def __init__(self, target: Target, account_id: int, workspace_id: int) -> None:
        self.target = target
        self.account_id = account_id
        self.workspace_id = workspace_id


def _account(port: int, key: str, account_id: int, workspace_id: int) -> Account:
    return Account(Target(port, key, "/public/trust-center"), account_id, workspace_id)


def _other_account(folder: Path, service: Service) -> Account:
    command = ["account", "create", "Few", "--admin-email", "few@bench.test", "--json"]
    made = subprocess.run(
        [sys.executable, "-m", "trustwright", *command],
        env={**os.environ, "TRUSTWRIGHT_DATA_DIR": str(folder), "TRUSTWRIGHT_LOG_FORMAT": "json"},
        capture_output=True,
        check=True,
    )
    account = json.loads(made.stdout)
    return _account(service.port, account["apiKey"], account["accountId"], account["workspaceId"])


def _fill(service: Service, account: Account, count: int) -> None:
    values: dict[str, Any] = {"account": account.account_id, "workspace": account.workspace_id, "count": count}
    values |= {"first": FIRST, "apart": timedelta(minutes=1)}
    with psycopg.connect(service.database_url, autocommit=True) as connection:
        for statement in SEEDS:
            connection.execute(statement.encode(), values)


def _search(few: Account, many: Account) -> Claim:
    """A page of the requests that a text of ten among them finds; beside it the page of one that finds all."""
    rare = _pages(few, many, "zyx+widgets", PAGES)
    common = _pages(few, many, "company", ROUNDS)
    detail = f"{rare[1] * 1000:.1f} ms, {rare[0] * 1000:.1f} ms; that finds all: "
    detail += f"{common[1] * 1000:.1f} ms, {common[0] * 1000:.1f} ms"
    return Claim(f"A page of requests with q, {MANY} against {FEW}", rare[1] / rare[0], 3, False, "", detail)


def _pages(few: Account, many: Account, q: str, rounds: int) -> tuple[float, float]:
    """Seconds that a page takes over few and over many."""
    seconds: list[tuple[float, ...]] = []
    connection = http.client.HTTPConnection("127.0.0.1", few.target.port, timeout=120)
    for _ in range(rounds):
        times = []
        for account in (few, many):
            started = time.perf_counter()
            target = account.target
            page = json.loads(send(connection, target, "GET", f"{target.path}/requests?q={q}", None))
            times.append(time.perf_counter() - started)
            if not page["data"]:
                raise RuntimeError("The search finds nothing")
        seconds.append(tuple(times))
    on_few, on_many = (statistics.median(times) for times in zip(*seconds, strict=True))
    return on_few, on_many


def _report(service: Service, few: Account, many: Account) -> Claim:
    """MiB by which the web process grows at most while it sends a report."""
    _lines(few)
    process = service.web_process()
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")
    before = process.memory_info().rss
    started = time.perf_counter()
    lines = _lines(many)
    seconds = time.perf_counter() - started
    if lines != MANY + 1:
        raise RuntimeError(f"The report has {lines} lines")
    status = Path(f"/proc/{process.pid}/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    detail = f"{before / MIB:.0f} MiB before, {peak / MIB:.0f} MiB at most; {MANY / seconds:.0f} rows a second"
    return Claim(f"Growth of the web process by a report of {MANY}", (peak - before) / MIB, 20, False, "M", detail)


def _lines(account: Account) -> int:
    """How many lines the report has."""
    connection = http.client.HTTPConnection("127.0.0.1", account.target.port, timeout=120)
    path = f"{account.target.path}/reports?{REPORT}&workspaceId={account.workspace_id}"
    connection.request("GET", path, headers={"Authorization": f"Bearer {account.target.key}"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status} {answer.read()[:500]!r}")
    lines = 0
    while part := answer.read1(MIB):
        lines += part.count(b"\r\n")
    connection.close()
    return lines


def _stamping() -> Claim:
    """A stamp on every page against what pikepdf takes for one overlay on one page; beside it one on every page."""
    with tempfile.TemporaryDirectory() as name:
        source, overlay, target = (Path(name) / each for each in ("source.pdf", "overlay.pdf", "target.pdf"))
        _write_document(source)
        _write_text(overlay, 1)
        ways = (
            lambda: stamp(source, target, OWNER),
            lambda: _overlay(source, overlay, target, 1),
            lambda: _overlay(source, overlay, target, PDF_PAGES),
        )
        # The first round loads fonts.
        rounds = [[_seconds(way, target) for way in ways] for _ in range(ROUNDS + 1)][1:]
    ours, one, every = (statistics.median(times) for times in zip(*rounds, strict=True))
    detail = f"{ours * 1000:.1f} ms, {one * 1000:.1f} ms; overlays by pikepdf on every page: {every * 1000:.1f} ms"
    name = f"Stamping {PDF_PAGES} pages against saving with one overlay"
    return Claim(name, ours / one, 1.5, False, "", detail)


def _seconds(way: Callable[[], None], target: Path) -> float:
    target.unlink(missing_ok=True)
    started = time.perf_counter()
    way()
    return time.perf_counter() - started


def _overlay(source: Path, overlay: Path, target: Path, pages: int) -> None:
    with pikepdf.open(source) as pdf, pikepdf.open(overlay) as over:
        for page in pdf.pages[:pages]:
            page.add_overlay(over.pages[0], None)
        pdf.save(target)


def _write_document(path: Path) -> None:
    """A document as office programs write them: tagged paragraphs, links, bookmarks, a picture on every tenth page."""
    _write_text(path, PDF_PAGES)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        tags = [
            pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, P=root, Pg=page.obj, K=number))
            for page in pdf.pages
            for number in range(TAGS_A_PAGE)
        ]
        root.K = Array(tags)
        pdf.Root.StructTreeRoot = root
        for page in pdf.pages[::10]:
            picture = Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=300, Height=200, BitsPerComponent=8)
            picture.ColorSpace = Name.DeviceRGB
            page.add_resource(pdf.make_stream(os.urandom(300 * 200 * 3), picture), Name.XObject, Name.Picture)
            page.contents_add(b"q 300 0 0 200 100 100 cm /Picture Do Q")
        pdf.save()


def _write_text(path: Path, pages: int) -> None:
    """Pages full of text, each with its links and its bookmark."""
    pdfmetrics.registerFont(TTFont("Body", "Vera.ttf"))
    canvas = Canvas(str(path), pageCompression=1)
    for page in range(pages):
        canvas.bookmarkPage(f"page{page}")
        canvas.addOutlineEntry(f"Section {page}", f"page{page}")
        canvas.setFont("Body", 10)
        for line in range(60):
            words = " ".join(WORDS[page * line * word % len(WORDS)] for word in range(12))
            canvas.drawString(50, 800 - 12 * line, f"{page}.{line} {words}")
        for line in range(LINKS_A_PAGE):
            canvas.linkURL("https://example.com/", (50, 800 - 12 * line, 100, 812 - 12 * line))
        canvas.showPage()
    canvas.save()
