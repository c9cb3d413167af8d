"""A provider of signatures on loopback: takes envelopes, and signs what it tells of them."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import httpx

from tests.agreements.cast import Desk
from tests.records.cast import eventually
from trustwright.agreements.calls import HEADER, require_genuine, signature

SECRET = "a secret that both know"
SIGNING_URL = "https://sign.example/e/1"


class SigningOffice:
    """What was handed over, and what it answers: a status, and a body."""

    def __init__(self, address: str) -> None:
        self.url = f"{address}/envelopes"
        self.taken: list[dict[str, Any]] = []
        self.status = 200
        self.answer: bytes = b""
        self.forged = 0

    def answer_to(self, body: bytes, header: str) -> tuple[int, bytes]:
        require_genuine(SECRET, header, body, int(time.time()))
        handed = json.loads(body)
        self.taken.append(handed)
        good = {"reference": f"ref-{handed['trackingId']}", "signingUrl": SIGNING_URL}
        return self.status, self.answer or json.dumps(good).encode()

    def handed(self, envelope_id: UUID) -> list[dict[str, Any]]:
        return [each for each in self.taken if each["trackingId"] == str(envelope_id)]


@contextmanager
def open_office() -> Iterator[SigningOffice]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = office.answer_to(body, self.headers[HEADER])
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    office = SigningOffice(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield office
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Told:
    """An envelope that the office has, and what it tells of it."""

    def __init__(self, desk: Desk, office: SigningOffice, **asked: Any) -> None:
        self.desk = desk
        self.envelope_id = desk.ask(**asked)
        eventually(lambda: self.state != "PREPARED")
        self.reference = f"ref-{self.envelope_id}"
        self.client = desk.account.client(None)

    @property
    def state(self) -> str:
        return self.desk.envelope(self.envelope_id).state

    def body(self, event: str, document: bytes | None = None, /, **changes: Any) -> bytes:
        callback = {
            "trackingId": str(self.envelope_id),
            "reference": self.reference,
            "event": event,
            "document": base64.b64encode(document).decode() if document else None,
            **changes,
        }
        return json.dumps({name: value for name, value in callback.items() if value is not ...}).encode()

    def send(self, body: bytes, *, secret: str = SECRET, age: int = 0, header: str | None = None) -> httpx.Response:
        signed = signature(secret, body, int(time.time()) - age) if header is None else header
        headers = {"Content-Type": "application/json", HEADER: signed}
        return self.client.post("/signatures", content=body, headers=headers)

    def tell(self, event: str, document: bytes | None = None, /, **changes: Any) -> httpx.Response:
        return self.send(self.body(event, document, **changes))
