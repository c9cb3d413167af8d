"""A service of several processes, each of which can be killed and started again."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.conftest import free_port
from tests.factories import TLS
from tests.faults.clusters import Cluster, primary, replica_of
from tests.faults.outside import Outside

NGINX = Path(__file__).parents[2] / "deploy" / "nginx.conf"
# Large enough for a run, small enough to be filled in a moment.
DISK = "1500m"


class Member:
    """A process of the service."""

    def __init__(self, name: str, words: list[str], settings: dict[str, str], log: Path, port: int | None) -> None:
        self.name = name
        self.port = port
        self._words = words
        self._settings = settings
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TRUSTWRIGHT_")}
        environment |= self._settings
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(self._words, env=environment, stdout=output, stderr=output)

    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """Ends it with all its children, at once."""
        self._end(psutil.Process.kill)

    def kill_children(self) -> None:
        """Ends only the processes that it has started, which it must start again by itself."""
        assert self._process is not None
        for child in psutil.Process(self._process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                child.kill()

    def stop(self) -> None:
        self._end(psutil.Process.terminate)

    def _end(self, how: Any) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        process = psutil.Process(self._process.pid)
        children = process.children(recursive=True)
        how(process)
        self._process.wait(60)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(children, timeout=30)


class Service:
    """The database with its processes. `address`: where clients call."""

    def __init__(self, folder: Path, outside: Outside, members: int) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.data_dir.mkdir()
        self.log = folder.parent / "service.log"
        self.database = primary(folder / "postgres", loopback(10 + members))
        limit_wal(self.database)
        self.replica: Cluster | None = None
        ports = [free_port() for _ in range(members)]
        front = free_port() if members > 1 else ports[0]
        self.address = f"http://127.0.0.1:{front}"
        self.settings = {
            **outside.settings,
            "TRUSTWRIGHT_DATABASE_URL": self.database.url,
            "TRUSTWRIGHT_DATA_DIR": str(self.data_dir),
            "TRUSTWRIGHT_PUBLIC_URL": self.address,
            "TRUSTWRIGHT_MONITOR_TIME_LIMIT": "5",
            "TRUSTWRIGHT_LOG_FORMAT": "json",
        }
        if members > 1:
            # The replica is made of a migrated database, as it would be in the world.
            self.command("migrate")
            self.replica = replica_of(self.database, folder / "replica", loopback(20 + members))
            self.settings["TRUSTWRIGHT_REPLICA_URL"] = self.replica.url
        self.webs = [self._member(f"web {port}", ["serve", "--no-jobs", "--port", str(port)], port) for port in ports]
        self.workers = [self._member(f"worker {number}", ["worker"], None) for number in range(members)]
        self.front = self._nginx(ports, front) if members > 1 else None

    def _member(self, name: str, words: list[str], port: int | None) -> Member:
        return Member(name, [sys.executable, "-m", "trustwright", *words], self.settings, self.log, port)

    def _nginx(self, ports: list[int], front: int) -> Member:
        return Member("nginx", example(self.folder.parent / "nginx", ports, front), {}, self.log, front)

    def members(self) -> list[Member]:
        return [*self.webs, *self.workers, *([self.front] if self.front else [])]

    def command(self, *words: str) -> str:
        """What a command of the command line prints."""
        environment = {**os.environ, **self.settings}
        program = [sys.executable, "-m", "trustwright", *words]
        done = subprocess.run(program, env=environment, capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"trustwright {' '.join(words)} ended with {done.returncode}: {done.stderr.decode()}")
        return done.stdout.decode()

    def start(self) -> None:
        for member in self.members():
            member.start()
        self.await_ready()

    def heal(self) -> None:
        """Starts what is not up, and waits until each answers."""
        self.database.start()
        if self.replica:
            self.replica.start()
        for member in self.members():
            if not member.is_up():
                member.start()
        self.await_ready()

    def await_ready(self) -> None:
        """Returns when each web process has its database."""
        deadline = time.monotonic() + 120
        for member in (each for each in self.members() if each.port):
            while not answers(f"http://127.0.0.1:{member.port}/readyz"):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{member.name} is not ready; its log is {self.log}")
                if not member.is_up():
                    member.start()
                time.sleep(0.1)

    def stop(self) -> None:
        for member in self.members():
            member.stop()
        for cluster in (self.replica, self.database):
            if cluster:
                cluster.stop()


def example(folder: Path, ports: list[int], front: int) -> list[str]:
    """The command that runs nginx with our example, on other ports and in a folder of its own."""
    folder.mkdir(exist_ok=True)
    text = NGINX.read_text().replace("127.0.0.1:8080", f"127.0.0.1:{front}")
    for port, own in zip(("8001", "8002"), ports, strict=True):
        text = text.replace(f"127.0.0.1:{port} ", f"127.0.0.1:{own} ")
    text = text.replace("/run/nginx.pid", str(folder / "pid")).replace("/var/log/nginx", str(folder))
    (folder / "nginx.conf").write_text(text)
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    return [program, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-g", "daemon off;"]


def loopback(network: int) -> str:
    """An address of loopback that no other run has."""
    return f"127.{network}.{os.getpid() // 200 % 256}.{os.getpid() % 200 + 1}"


def answers(url: str) -> bool:
    try:
        return httpx.get(url, verify=TLS, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def limit_wal(cluster: Cluster) -> None:
    """Has it need no more of the small disk than the run has to give."""
    cluster.stop()
    with (cluster.data_dir / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("max_wal_size = '192MB'\nmin_wal_size = '64MB'\nshared_buffers = '64MB'\n")
    cluster.start()


@contextmanager
def small_disk() -> Iterator[tuple[Path, bool]]:
    """A folder on a disk that can be filled without harm, and whether it is one: only who may mount has it."""
    with tempfile.TemporaryDirectory(prefix="trustwright-faults-") as name:
        base = Path(name)
        base.chmod(0o711)
        disk = base / "disk"
        disk.mkdir(mode=0o711)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0711", "none", str(disk)]
        mounted = subprocess.run(mount, capture_output=True, check=False)
        try:
            yield disk, mounted.returncode == 0
        finally:
            if mounted.returncode == 0:
                subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Takes all that is free; the file that does."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        free = shutil.disk_usage(disk).free
        with suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, free)
    return ballast
