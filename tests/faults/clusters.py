"""PostgreSQL servers of their own for the fault runs: reachable over TCP on loopback, killable, and with a replica."""

import os
import pwd
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
from msgspec import Struct

from trustwright import embedded

# Whoever may connect to loopback may connect to these: they hold nothing but what the run makes.
ADMITTED = """local all all trust
local replication all trust
host all all 127.0.0.0/8 trust
host replication all 127.0.0.0/8 trust
"""


class Cluster(Struct, frozen=True):
    """A server by its data directory and its address on loopback; its port is 5432, so each has an address alone."""

    data_dir: Path
    address: str

    @property
    def url(self) -> str:
        return f"postgresql://postgres@{self.address}:5432/{embedded.NAME}"

    def start(self) -> None:
        """Starts it, or finds it running."""
        embedded.start(self.data_dir)

    def stop(self) -> None:
        postgres = embedded.running(self.data_dir)
        if postgres:
            embedded.stop(postgres)

    def processes(self) -> list[psutil.Process]:
        """The postmaster, then its children."""
        first_line = (self.data_dir / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0]
        postmaster = psutil.Process(int(first_line))
        return [postmaster, *postmaster.children(recursive=True)]

    def kill(self) -> None:
        """Ends the postmaster and all its children at once, as a loss of power would."""
        parts = self.processes()
        for part in parts:
            with suppress(psutil.NoSuchProcess):
                part.kill()
        psutil.wait_procs(parts, timeout=30)

    def configure(self) -> None:
        """Has it listen on its address, from its next start on."""
        admitted = self.data_dir / "admitted.conf"
        admitted.write_text(ADMITTED)
        admitted.chmod(0o644)
        with (self.data_dir / "postgres" / "postgresql.conf").open("a") as settings:
            settings.write(f"listen_addresses = '{self.address}'\nhba_file = '{admitted}'\n")
            settings.write("hot_standby_feedback = on\nwal_keep_size = '256MB'\n")


def primary(folder: Path, address: str) -> Cluster:
    """A new server, which runs."""
    cluster = Cluster(folder, address)
    cluster.start()
    cluster.stop()
    cluster.configure()
    cluster.start()
    return cluster


def replica_of(source: Cluster, folder: Path, address: str) -> Cluster:
    """A streaming replica of a running server, which runs; made by pg_basebackup of the same programs."""
    postgres = embedded.running(source.data_dir)
    assert postgres is not None
    folder.mkdir(mode=0o711)
    copy = [f"{postgres.bin_dir}/pg_basebackup", "-h", source.address, "-U", "postgres", "-D", str(folder / "postgres")]
    subprocess.run([*copy, "-R", "-X", "stream", "--checkpoint=fast"], check=True, capture_output=True)
    if os.geteuid() == 0:
        # Started by root it takes the user whom the folder belongs to.
        own = pwd.getpwnam(embedded.NAME)
        for path in [*folder.rglob("*"), folder / "postgres"]:
            os.chown(path, own.pw_uid, own.pw_gid)
    cluster = Cluster(folder, address)
    cluster.configure()
    cluster.start()
    return cluster


def await_caught_up(source: Cluster, replica: Cluster, seconds: float = 20) -> None:
    """Returns when the replica has replayed all that the server has written by now. Raises TimeoutError."""
    wanted = _asked(source, "select pg_current_wal_lsn()::text")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if _asked(replica, f"select pg_last_wal_replay_lsn() >= '{wanted}'::pg_lsn"):
            return
        time.sleep(0.05)
    raise TimeoutError(f"The replica has not reached {wanted}")


def _asked(cluster: Cluster, text: str) -> object:
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        row = connection.execute(text.encode()).fetchone()
    return row[0] if row else None
