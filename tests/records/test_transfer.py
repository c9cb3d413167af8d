"""How bodies arrive: packed, too large, cut off (decisions 20, Q6)."""

import gzip
import json
import re
import socket
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPResponse
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import METRICS_TOKEN
from tests.records.cast import Resource, refused, row

MIB = 1024 * 1024
LIMIT = 5 * MIB
AT_ONCE = 5.0


def padded(size: int) -> bytes:
    """A good body of that many bytes."""
    body = json.dumps({"data": [row("a")]}).encode()
    return body + b" " * (size - len(body))


@contextmanager
def calling(resource: Resource) -> Iterator[socket.socket]:
    """A connection on which a test can do what no client library would."""
    address = urlsplit(resource.account.world.address)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=AT_ONCE) as connection:
        yield connection


def head(resource: Resource, *lines: str, method: str = "POST", path: str = "") -> bytes:
    """The head of a request to the records of a resource."""
    authorization = f"Authorization: {resource.alice.headers['Authorization']}"
    first = f"{method} {path or resource.records} HTTP/1.1"
    return "\r\n".join([first, "Host: test", authorization, *lines, "", ""]).encode()


def status(connection: socket.socket) -> int:
    """The status of the answer; TimeoutError when none comes at once."""
    with HTTPResponse(connection) as answer:
        answer.begin()
        answer.read()
        return answer.status


def test_a_packed_body_is_unpacked(devices: Resource) -> None:
    packed = gzip.compress(json.dumps({"data": [row(str(number)) for number in range(1000)]}).encode())

    answer = devices.send(packed, **{"Content-Encoding": "gzip"})

    assert answer.status_code == 200
    assert len(devices.ids(size=500)) == 1000


def test_a_body_packed_in_two_members_is_unpacked_whole(devices: Resource) -> None:
    packed = gzip.compress(b'{"data":{"id":"a",') + gzip.compress(b'"name":"x"}}')

    assert devices.send(packed, **{"Content-Encoding": "gzip"}).status_code == 201


WHOLE = gzip.compress(b'{"data":{"name":"x"}}')
BROKEN = {
    "nothing": b"",
    "not packed": b'{"data":{"name":"x"}}',
    "last byte missing": WHOLE[:-1],
    "cut": WHOLE[:12],
    "wrong sum": WHOLE[:-8] + b"\0" * 8,
    "rubbish behind": WHOLE + b"rubbish",
    "another member behind": WHOLE + gzip.compress(b"{}"),
    "no gzip": zlib.compress(b'{"data":{"name":"x"}}'),
    "packed twice": gzip.compress(WHOLE),
    "broken inside": gzip.compress(b'{"data":{"name":"x"}'),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_packed_body_is_refused_and_nothing_stored(devices: Resource, name: str) -> None:
    refused(devices.send(BROKEN[name], **{"Content-Encoding": "gzip"}), 400)

    assert devices.ids() == []


def test_an_unknown_packing_is_refused(shared: Resource) -> None:
    for encoding in ("br", "zstd", "deflate", "gzip, gzip"):
        refused(shared.send(padded(100), **{"Content-Encoding": encoding}), 400, "Content-Encoding")


def test_a_bomb_is_refused_quickly(devices: Resource) -> None:
    pack = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    start = pack.compress(b'{"data":[') + pack.flush(zlib.Z_FULL_FLUSH)
    bomb = start + 4000 * (pack.compress(b"0" * MIB) + pack.flush(zlib.Z_FULL_FLUSH))
    assert len(bomb) < LIMIT
    started = time.monotonic()

    refused(devices.send(bomb, **{"Content-Encoding": "gzip"}), 413)

    assert time.monotonic() - started < 2
    assert devices.ids() == []


def test_a_body_of_the_greatest_size_is_taken(devices: Resource) -> None:
    assert devices.send(padded(LIMIT)).status_code == 200
    assert devices.ids() == ["a"]


def test_a_larger_body_is_refused_everywhere(devices: Resource) -> None:
    body = padded(LIMIT + 1)
    for address in (devices.records, devices.records_v1, f"{devices.sessions}/run-1"):
        refused(devices.alice.post(address, content=body), 413)
        refused(devices.alice.post(address, content=iter([body[:MIB], body[MIB:]])), 413)
    for address in (devices.records, devices.records_v1):
        refused(devices.alice.put(f"{address}/a", content=body), 413)
    assert devices.ids() == []
    assert devices.states() == {}


def test_a_length_that_is_too_large_is_refused_before_the_body_comes(shared: Resource) -> None:
    for length in (LIMIT + 1, 10**9, 10**15):
        with calling(shared) as connection:
            connection.sendall(head(shared, f"Content-Length: {length}"))

            assert status(connection) == 413


def test_a_body_without_end_is_refused_as_soon_as_it_is_too_large(shared: Resource) -> None:
    with calling(shared) as connection:
        connection.sendall(head(shared, "Transfer-Encoding: chunked"))
        with suppress(OSError):  # it may answer and hang up before it has all
            for _ in range(6):
                connection.sendall(b"%x\r\n%s\r\n" % (MIB, b" " * MIB))

        assert status(connection) == 413


@pytest.mark.parametrize("path", ["records", "records_v1"])
@pytest.mark.parametrize("framing", ["length", "chunks", "gzip"])
def test_a_client_that_dies_in_the_middle_stores_nothing(devices: Resource, framing: str, path: str) -> None:
    whole = b'{"data":[{"id":"a","name":"x"}]}'
    sent = {
        "length": (f"Content-Length: {len(whole) + 10}", whole),
        "chunks": ("Transfer-Encoding: chunked", b"%x\r\n%s\r\n" % (len(whole), whole)),
        "gzip": (
            "Content-Encoding: gzip\r\nTransfer-Encoding: chunked",
            b"20\r\n" + gzip.compress(whole)[:32] + b"\r\n",
        ),
    }[framing]
    with calling(devices) as connection:
        connection.sendall(head(devices, sent[0], path=getattr(devices, path)) + sent[1])
        time.sleep(0.05)

    time.sleep(0.1)
    assert devices.ids() == []
    assert devices.post(row("b")).status_code == 201


def test_a_client_that_dies_is_no_fault_of_the_server(devices: Resource) -> None:
    before = faults(devices)

    with calling(devices) as connection:
        connection.sendall(head(devices, "Content-Length: 1000") + b'{"data":[')
        time.sleep(0.05)

    time.sleep(0.2)
    assert faults(devices) == before


def faults(resource: Resource) -> float:
    """How many requests the server has answered with 500."""
    headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    metrics = httpx.get(f"{resource.account.world.address}/metrics", headers=headers).text
    counts = re.findall(r'^trustwright_request_seconds_count\{.*status="500"\} (\S+)$', metrics, re.MULTILINE)
    return sum(map(float, counts))


def test_many_clients_that_die_do_not_stop_the_others(devices: Resource) -> None:
    for number in range(60):
        with calling(devices) as connection:
            connection.sendall(head(devices, "Content-Length: 1000") + b'{"data":[' * (number % 3))

    devices.push("a")
    assert devices.ids() == ["a"]


def test_a_client_that_does_not_wait_for_the_answer_has_its_records_whole_or_not_at_all(devices: Resource) -> None:
    body = json.dumps({"data": [row(str(number)) for number in range(500)]}).encode()
    for _ in range(5):
        with calling(devices) as connection:
            connection.sendall(head(devices, f"Content-Length: {len(body)}") + body)

    devices.push("own")
    assert len(devices.ids(size=500)) in (1, 501)


def test_a_client_that_waits_for_leave_to_send_gets_it(devices: Resource) -> None:
    body = json.dumps({"data": [row("a")]}).encode()
    with calling(devices) as connection:
        connection.sendall(head(devices, f"Content-Length: {len(body)}", "Expect: 100-continue"))
        assert connection.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert status(connection) == 200

    assert devices.ids() == ["a"]


def test_the_next_request_on_a_connection_is_not_confused_by_a_refused_one(devices: Resource) -> None:
    broken = b'{"data":['
    with calling(devices) as connection:
        for _ in range(3):
            connection.sendall(head(devices, f"Content-Length: {len(broken)}") + broken)
            assert status(connection) == 400
