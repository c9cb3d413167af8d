"""Speed of reviews: one review against one bare row, a page of many against a page of few, memory of an upload."""

import asyncio
import http.client
import json
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.claims import Claim
from benchmarks.loader import Target, send
from benchmarks.service import Service, running
from tests.documents import pdf

CONNECTIONS = 16
SECONDS = 3
ROUNDS = 5
FEW = 200
MANY = 200_000
PAGES = 40
MIB = 2**20
FILTERS = "status[]=COMPLETED&type[]=SOC_REPORT&decision[]=APPROVED_WITH_CONDITIONS&size=50"


def measure() -> list[Claim]:
    """All claims on reviews, on one fresh service."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), "benchmarks.bare") as service:
        return [_one_review(service), _filtered_list(service), _upload(service)]


def new_vendor(service: Service) -> Target:
    root = Target(service.port, service.key, "/public/v2/vendors")
    made = root.call("POST", "", {"name": "Initech", "contactsEmail": "security@initech.example"})
    return Target(service.port, service.key, f"/public/v2/vendors/{made['id']}")


def new_review(vendor: Target) -> int:
    deadline = datetime(2030, 7, 1, tzinfo=UTC).isoformat()
    body = {
        "securityReviewType": "SECURITY",
        "securityReviewStatus": "IN_PROGRESS",
        "reviewDeadlineAt": deadline,
        "title": "Yearly review",
    }
    made = vendor.call("POST", "/security-reviews", body)
    return int(made["id"])


def _one_review(service: Service) -> Claim:
    vendor = new_vendor(service)
    review = new_review(vendor)
    paths = (f"{vendor.path}/security-reviews/{review}", f"/bare/{service.account_id}/{review}")
    for path in paths:
        send(http.client.HTTPConnection("127.0.0.1", service.port, timeout=120), vendor, "GET", path, None)
    rates: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        ours, bare = (asyncio.run(_rate(service, path)) for path in paths)
        rates.append((ours, bare))
    detail = f"requests a second: {', '.join(f'{ours:.0f}/{bare:.0f}' for ours, bare in rates)}"
    ratio = statistics.median(ours / bare for ours, bare in rates)
    return Claim(f"GET one review against a bare row, {CONNECTIONS} connections", ratio, 0.5, True, "", detail)


async def _rate(service: Service, path: str) -> float:
    """Requests a second over CONNECTIONS connections that are kept alive."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {service.key}\r\n\r\n"
    done = 0

    async def client(until: float) -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        while time.perf_counter() < until:
            writer.write(head.encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(answer.decode())
            await reader.readexactly(int(answer.lower().partition(b"content-length:")[2].split(b"\r\n")[0]))
            done += 1
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(client(started + SECONDS) for _ in range(CONNECTIONS)))
    return done / (time.perf_counter() - started)


def _filtered_list(service: Service) -> Claim:
    """The page over MANY reviews of one vendor against the page over FEW of another: kinds and dates spread alike."""
    small, large = new_vendor(service), new_vendor(service)
    for vendor, count in ((small, FEW), (large, MANY)):
        _fill(service, int(vendor.path.rpartition("/")[2]), count)
    times: dict[str, list[float]] = {small.path: [], large.path: []}
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=120)
    for _ in range(PAGES):
        for path, seconds in times.items():
            started = time.perf_counter()
            page = json.loads(send(connection, small, "GET", f"{path}/security-reviews?{FILTERS}", None))
            seconds.append(time.perf_counter() - started)
            if not page["data"]:
                raise RuntimeError("The filters find nothing")
    few, many = (statistics.median(seconds) for seconds in times.values())
    detail = f"{many * 1000:.1f} ms, {few * 1000:.1f} ms"
    return Claim(f"A filtered page of {MANY} reviews against {FEW}", many / few, 3, False, "", detail)


def _fill(service: Service, vendor_id: int, count: int) -> None:
    values: dict[str, Any] = {"account": service.account_id, "vendor": vendor_id, "count": count}
    with psycopg.connect(service.database_url, autocommit=True) as connection:
        connection.execute(
            """
            insert into reviews (account_id, vendor_id, type, status, decision, title, requested_at, review_deadline_at,
                created_at, updated_at)
            select %(account)s, %(vendor)s,
                (array['SECURITY', 'SOC_REPORT', 'UPLOAD_REPORT'])[1 + number %% 3],
                (array['NOT_YET_STARTED', 'IN_PROGRESS', 'COMPLETED', 'COMPLETED'])[1 + number / 3 %% 4],
                (array['PENDING', 'APPROVED', 'APPROVED_WITH_CONDITIONS', 'REJECTED'])[1 + number / 12 %% 4],
                'Review ' || number, moment, moment, moment, moment
            from generate_series(1, %(count)s) as number,
                lateral (select timestamptz '2025-01-01' + number * interval '1 minute' as moment) as at
            """,
            values,
        )
        connection.execute("analyze reviews")


def _upload(service: Service) -> Claim:
    """MiB by which the web process grows at most while it takes a file of 25 MiB."""
    vendor = new_vendor(service)
    _post_file(service, vendor, "small.pdf", pdf("small"))
    large = pdf("large", padding=25 * MIB - 2000)
    process = service.web_process()
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")
    before = process.memory_info().rss
    _post_file(service, vendor, "large.pdf", large)
    peak = _peak(process.pid)
    detail = f"{before / MIB:.0f} MiB before, {peak / MIB:.0f} MiB at most"
    return Claim("Growth of the web process by an upload of 25 MiB", (peak - before) / MIB, 10, False, "M", detail)


def _peak(pid: int) -> int:
    """The largest resident size in bytes since `clear_refs` was written."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def _post_file(service: Service, vendor: Target, name: str, content: bytes) -> None:
    boundary = "----benchmark"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    body = head.encode() + b"Content-Type: application/pdf\r\n\r\n" + content + f"\r\n--{boundary}--\r\n".encode()
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=120)
    headers = {"Authorization": f"Bearer {service.key}", "Content-Type": f"multipart/form-data; boundary={boundary}"}
    connection.request("POST", f"{vendor.path}/documents", body=body, headers=headers)
    answer = connection.getresponse()
    if answer.status != 201:
        raise RuntimeError(f"{answer.status} {answer.read()[:500]!r}")
    connection.close()
