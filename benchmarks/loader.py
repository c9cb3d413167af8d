"""Makes records of about 300 bytes and pushes them over HTTP.

As a program: python -m benchmarks.loader --port P --key K --connection C --resource R [--count N] [--session S]
"""

import argparse
import http.client
import json
import multiprocessing
import sys
import threading
import time
from typing import Any

from msgspec import Struct
from rich.progress import Progress

BATCH = 500
CLIENTS = 4

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "department": {"type": "string"},
        "status": {"type": "string", "enum": ["Active", "Gone"]},
        "accessLevel": {"type": "number"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "startDate": {"type": "string"},
        "isActive": {"type": "boolean"},
        "metadata": {"type": "object", "properties": {"lastReview": {"type": "string"}}},
    },
    "required": ["name", "status"],
    "additionalProperties": False,
}


class Target(Struct, frozen=True):
    """Where the records go: `path` of the resource."""

    port: int
    key: str
    path: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The decoded answer of one request. Raises RuntimeError for any error status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        answer = send(connection, self, method, self.path + path, None if body is None else json.dumps(body).encode())
        connection.close()
        return json.loads(answer) if answer else None


def record(number: int) -> dict[str, Any]:
    return {
        "id": f"employee-{number * 7919 % 10_000_019:08d}",
        "name": f"Jane Smith {number}",
        "department": "Engineering",
        "status": "Active",
        "accessLevel": number % 5,
        "tags": ["engineer", "remote"],
        "startDate": "2024-01-15T00:00:00Z",
        "isActive": True,
        "metadata": {"lastReview": "2025-03-01T00:00:00Z"},
    }


def bodies(first: int, count: int) -> list[bytes]:
    """Request bodies of a batch each."""
    return [
        json.dumps({"data": [record(number) for number in range(start, min(start + BATCH, first + count))]}).encode()
        for start in range(first, first + count, BATCH)
    ]


def push(target: Target, path: str, first: int, count: int, title: str) -> float:
    """Seconds that CLIENTS clients of another process take to push `count` records."""
    context = multiprocessing.get_context("spawn")
    seconds = context.Queue()
    with Progress(transient=True) as progress:
        task = progress.add_task(title, total=count)
        done = context.Value("q", 0)
        worker = context.Process(target=_push, args=(target, path, first, count, done, seconds))
        worker.start()
        while worker.is_alive():
            progress.update(task, completed=done.value)
            worker.join(0.25)
    if worker.exitcode != 0:
        raise RuntimeError("The loader failed")
    return float(seconds.get())


def _push(target: Target, path: str, first: int, count: int, done: Any, seconds: Any) -> None:
    todo = bodies(first, count)
    turn = threading.Lock()

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=120)
        while True:
            with turn:
                if not todo:
                    return
                body = todo.pop()
            send(connection, target, "POST", target.path + path, body)
            with turn:
                done.value += BATCH

    clients = [threading.Thread(target=work) for _ in range(CLIENTS)]
    started = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    seconds.put(time.perf_counter() - started)


def send(connection: http.client.HTTPConnection, target: Target, method: str, path: str, body: bytes | None) -> bytes:
    """The answer's body. Raises RuntimeError for any error status."""
    headers = {"Authorization": f"Bearer {target.key}", "Content-Type": "application/json"}
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status >= 400:
        raise RuntimeError(f"{method} {path}: {answer.status} {content[:500]!r}")
    return content


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--port", "--connection", "--resource"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--session")
    chosen = parser.parse_args()
    path = f"/public/v2/custom-connections/{chosen.connection}/resources/{chosen.resource}"
    target = Target(chosen.port, chosen.key, path)
    suffix = f"/sessions/{chosen.session}" if chosen.session else "/records"
    seconds = push(target, suffix, 0, chosen.count, "Pushing")
    if chosen.session:
        target.call("POST", f"{suffix}/actions", {"action": "complete"})
    sys.stdout.write(f"{chosen.count} records in {seconds:.1f} s, {chosen.count / seconds:.0f} a second\n")


if __name__ == "__main__":
    main()
