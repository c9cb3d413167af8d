"""A server on loopback that speaks as clamd does."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LONGEST = 500_000


class Clamd(socketserver.ThreadingTCPServer):
    """Finds EICAR, and breaks off past half a megabyte. `silent`: it takes what it gets and hangs up."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.silent = False
        self.scans = 0

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self.server_address[1]}"


class Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Clamd)
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        if server.silent:
            return
        if command == b"zPING\0":
            self.wfile.write(b"PONG\0")
        elif command == b"zINSTREAM\0":
            server.scans += 1
            self.wfile.write(b"stream: " + self._verdict() + b"\0")

    def _verdict(self) -> bytes:
        content = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if len(content) > LONGEST:
                return b"INSTREAM size limit exceeded. ERROR"
        return b"Eicar-Test-Signature FOUND" if EICAR in content else b"OK"


@contextmanager
def clamd() -> Iterator[Clamd]:
    with Clamd() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
