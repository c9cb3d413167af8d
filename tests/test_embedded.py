"""The private PostgreSQL, on real servers.

Tests with `data_dir` share one cluster and begin with `start`, in whatever state it is; `empty_dir` is a test's own.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from trustwright import embedded

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another OS user")

START = "import sys, pathlib; from trustwright import embedded; embedded.start(pathlib.Path(sys.argv[1]))"


def servers(folder: Path) -> list[psutil.Process]:
    """The postmasters, and perhaps an initdb, below a folder: their children have another command line."""
    every = psutil.process_iter(["cmdline"])
    return [process for process in every if f"{folder}/" in " ".join(process.info["cmdline"] or [])]


@contextmanager
def folder() -> Iterator[Path]:
    # Not tmp_path: its folders are closed to the server's OS user, and start would open them.
    path = Path(tempfile.mkdtemp(prefix="embedded-"))
    yield path
    for process in servers(path):
        kill(process.pid)
    shutil.rmtree(path)


@pytest.fixture
def empty_dir() -> Iterator[Path]:
    with folder() as path:
        yield path


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with folder() as path:
        yield path


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def tree(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def alive(process: psutil.Process) -> bool:
    # A container's init may leave the dead unburied.
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def kill(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        for process in tree(pid):
            process.kill()


def show(postgres: embedded.Postgres, setting: str) -> str:
    with psycopg.connect(postgres.url) as connection:
        row = connection.execute("select current_setting(%s)", [setting]).fetchone()
    assert row is not None
    return str(row[0])


def write_a_row(postgres: embedded.Postgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        connection.execute("drop table if exists vendor")
        connection.execute("create table vendor (name text)")
        connection.execute("insert into vendor values ('Acme')")


def rows(postgres: embedded.Postgres) -> list[tuple[str]]:
    with psycopg.connect(postgres.url) as connection:
        return connection.execute("select name from vendor").fetchall()


def test_the_first_start_makes_the_database_and_the_second_finds_the_same_server(empty_dir: Path) -> None:
    first = embedded.start(empty_dir)
    pid = postmaster(empty_dir)
    assert embedded.start(empty_dir) == first
    assert postmaster(empty_dir) == pid
    with psycopg.connect(first.url) as connection:
        assert (connection.info.dbname, connection.info.user) == ("trustwright", "postgres")


def test_nothing_runs_before_start_nor_after_stop(data_dir: Path) -> None:
    assert embedded.running(data_dir / "never-made") is None
    postgres = embedded.start(data_dir)
    assert embedded.running(data_dir) == postgres
    embedded.stop(postgres)
    assert embedded.running(data_dir) is None
    embedded.stop(postgres)


def test_stop_ends_every_process_even_with_sessions_open(data_dir: Path) -> None:
    postgres = embedded.start(data_dir)
    processes = tree(postmaster(data_dir))
    with psycopg.connect(postgres.url) as connection:
        embedded.stop(postgres)
        # A process lets go of the lock, as of all its files, a moment before it is gone.
        psutil.wait_procs(processes, timeout=2)
        assert [process for process in processes if alive(process)] == []
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")


def test_a_stopped_server_starts_again_within_two_seconds_and_has_its_data(data_dir: Path) -> None:
    postgres = embedded.start(data_dir)
    write_a_row(postgres)
    embedded.stop(postgres)
    began = time.monotonic()
    again = embedded.start(data_dir)
    assert time.monotonic() - began < 2
    assert rows(again) == [("Acme",)]


def test_a_dropped_database_is_made_again(data_dir: Path) -> None:
    postgres = embedded.start(data_dir)
    with psycopg.connect(postgres.url, dbname="postgres", autocommit=True) as connection:
        connection.execute("drop database trustwright")
    assert show(embedded.start(data_dir), "server_encoding") == "UTF8"


def test_committed_data_survives_sigkill_of_every_server_process(data_dir: Path) -> None:
    postgres = embedded.start(data_dir)
    write_a_row(postgres)
    pid = postmaster(data_dir)
    kill(pid)
    again = embedded.start(data_dir)
    assert rows(again) == [("Acme",)]
    assert postmaster(data_dir) != pid


def test_a_start_waits_for_the_orphans_of_a_killed_postmaster(data_dir: Path) -> None:
    postgres = embedded.start(data_dir)
    write_a_row(postgres)
    pid = postmaster(data_dir)
    os.kill(pid, signal.SIGKILL)
    again = embedded.start(data_dir)
    assert rows(again) == [("Acme",)]
    assert postmaster(data_dir) != pid


def test_a_dead_servers_process_number_may_belong_to_another_process(data_dir: Path) -> None:
    embedded.start(data_dir)
    pid = postmaster(data_dir)
    kill(pid)
    cluster = data_dir / "postgres"
    stranger = subprocess.Popen(["sleep", "60"], user=cluster.stat().st_uid if os.geteuid() == 0 else None)
    try:
        for file in (cluster / "postmaster.pid", cluster / ".s.PGSQL.5432.lock"):
            file.write_text(file.read_text().replace(str(pid), str(stranger.pid)))
        embedded.start(data_dir)
        assert postmaster(data_dir) != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_the_server_outlives_sigkill_of_its_starter_and_is_found_again(data_dir: Path) -> None:
    script = f"{START}; print('up', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(data_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"up\n"
        pid = postmaster(data_dir)
        starter.kill()
    embedded.start(data_dir)
    assert postmaster(data_dir) == pid


def test_ctrl_c_in_the_starters_terminal_does_not_reach_the_server(data_dir: Path) -> None:
    embedded.start(data_dir)
    assert os.getsid(postmaster(data_dir)) != os.getsid(0)


def test_two_processes_that_start_at_once_share_one_server(empty_dir: Path) -> None:
    script = f"{START}; print((pathlib.Path(sys.argv[1]) / 'postgres' / 'postmaster.pid').read_text().split()[0])"
    command = [sys.executable, "-c", script, str(empty_dir)]
    starters = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = [starter.communicate(timeout=60)[0] for starter in starters]
    assert [starter.returncode for starter in starters] == [0, 0, 0]
    assert set(answers) == {f"{postmaster(empty_dir)}\n"}


def test_a_half_made_directory_is_not_trusted(empty_dir: Path) -> None:
    half = empty_dir / "postgres.new"
    (half / "base").mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert show(embedded.start(empty_dir), "data_checksums") == "on"
    assert not half.exists()


def test_after_a_start_out_of_patience_another_succeeds(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded.stop(embedded.start(data_dir))
    monkeypatch.setattr(embedded, "PATIENCE", 0.001)
    with pytest.raises(embedded.NotStarted):
        embedded.start(data_dir)
    monkeypatch.undo()
    assert embedded.start(data_dir) == embedded.running(data_dir)


def test_a_failed_start_names_its_log_and_shows_the_last_lines(data_dir: Path) -> None:
    embedded.stop(embedded.start(data_dir))
    main = data_dir / "postgres" / "postgresql.conf"
    sound = main.read_text()
    main.write_text(f"{sound}\nno_such_setting = 1\n")
    with pytest.raises(embedded.NotStarted, match="no_such_setting") as error:
        embedded.start(data_dir)
    main.write_text(sound)
    assert str(data_dir / "postgres.log") in str(error.value)


def test_a_failure_after_the_server_opened_its_own_log_shows_that_log(data_dir: Path) -> None:
    embedded.stop(embedded.start(data_dir))
    wal = data_dir / "postgres" / "pg_wal"
    wal.rename(data_dir / "away")
    with pytest.raises(embedded.NotStarted, match="pg_wal") as error:
        embedded.start(data_dir)
    (data_dir / "away").rename(wal)
    assert str(data_dir / "postgres" / "log") in str(error.value)


def test_a_cluster_of_a_version_that_is_not_installed_is_refused(empty_dir: Path) -> None:
    (empty_dir / "postgres").mkdir()
    (empty_dir / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(embedded.EmbeddedError, match="needs PostgreSQL 9"):
        embedded.start(empty_dir)


def test_a_path_too_long_for_a_socket_works(empty_dir: Path) -> None:
    long = empty_dir / ("long" * 20) / ("path" * 20)
    postgres = embedded.start(long)
    folder = Path(show(postgres, "unix_socket_directories"))
    try:
        assert folder != long / "postgres"
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.stat().st_uid == (long / "postgres").stat().st_uid
        assert embedded.running(long) == postgres
    finally:
        embedded.stop(postgres)
        folder.rmdir()


@pytest.mark.parametrize("name", ["quote ' and %41", "comma, back\\slash, größe"])
def test_an_odd_path_works(empty_dir: Path, name: str) -> None:
    postgres = embedded.start(empty_dir / name)
    folder = Path(show(postgres, "unix_socket_directories"))
    embedded.stop(postgres)
    if folder.parent == Path(tempfile.gettempdir()):
        folder.rmdir()


@as_root
def test_a_socket_folder_that_somebody_else_made_is_refused(empty_dir: Path) -> None:
    cluster = empty_dir / ("long" * 20) / ("path" * 20) / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("18\n")
    folder = embedded._socket_dir(cluster, pwd.getpwnam("nobody"))
    try:
        with pytest.raises(embedded.EmbeddedError, match="somebody else's"):
            embedded.start(cluster.parent)
    finally:
        folder.rmdir()


def test_the_server_is_durable_and_listens_on_no_port(data_dir: Path) -> None:
    postgres = embedded.start(data_dir)
    for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
        assert show(postgres, name) == "on", name
    assert show(postgres, "listen_addresses") == ""
    assert show(postgres, "idle_in_transaction_session_timeout") == "1min"
    assert show(postgres, "max_wal_size") == "4GB"
    assert show(postgres, "TimeZone") == "UTC"
    with psycopg.connect(postgres.url) as connection:
        provider = connection.execute("select datlocprovider, datlocale from pg_database where datname = 'trustwright'")
        assert provider.fetchone() == ("b", "C.UTF-8")


@pytest.mark.parametrize(("gigabytes", "expected"), [(0.5, 128), (1, 128), (4, 512), (8, 1024), (512, 1024)])
def test_shared_buffers_are_an_eighth_of_memory_within_bounds(gigabytes: float, expected: int) -> None:
    assert f"\nshared_buffers = {expected}MB\n" in embedded.settings(int(gigabytes * 2**30), Path("/socket"))


def test_settings_are_written_anew_at_each_start(data_dir: Path) -> None:
    embedded.stop(embedded.start(data_dir))
    (data_dir / "postgres" / "trustwright.conf").write_text("listen_addresses = '*'\n")
    (data_dir / "postgres" / "pg_hba.conf").write_text("local all all trust\n")
    assert show(embedded.start(data_dir), "listen_addresses") == ""
    assert "trust\n" not in (data_dir / "postgres" / "pg_hba.conf").read_text()


def test_we_may_come_in_as_any_role_of_the_database(data_dir: Path) -> None:
    postgres = embedded.start(data_dir)
    with psycopg.connect(postgres.url) as connection:
        connection.execute("drop role if exists app")
        connection.execute("create role app login")
    with psycopg.connect(postgres.url, user="app") as connection:
        assert connection.info.user == "app"


def psql_as(name: str, postgres: embedded.Postgres) -> "subprocess.CompletedProcess[str]":
    command = [str(postgres.bin_dir / "psql"), postgres.url, "-XAtc", "select 1"]
    who: dict[str, Any] = {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **who)


@as_root
def test_another_os_user_is_refused_at_the_socket_and_behind_it(data_dir: Path) -> None:
    postgres = embedded.start(data_dir)
    refused = psql_as("nobody", postgres)
    assert "Permission denied" in refused.stderr
    cluster = data_dir / "postgres"
    cluster.chmod(0o711)
    (cluster / ".s.PGSQL.5432").chmod(0o777)
    refused = psql_as("nobody", postgres)
    cluster.chmod(0o700)
    assert refused.returncode != 0
    assert "Peer authentication failed" in refused.stderr


@as_root
def test_the_servers_own_os_user_may_log_in(data_dir: Path) -> None:
    postgres = embedded.start(data_dir)
    assert postgres.user == "trustwright"
    assert psql_as(postgres.user, postgres).stdout == "1\n"
    assert psutil.Process(postmaster(data_dir)).username() == "trustwright"


@as_root
def test_folders_above_are_opened_for_passing_through_only(empty_dir: Path) -> None:
    above = empty_dir / "closed"
    above.mkdir(mode=0o700)
    embedded.start(above / "data")
    folders = [above, above / "data", above / "data" / "postgres"]
    assert [path.stat().st_mode & 0o777 for path in folders] == [0o701, 0o701, 0o700]


def test_the_wheels_programs_become_readable_to_the_servers_user(empty_dir: Path) -> None:
    home = empty_dir / "home"
    home.mkdir(mode=0o700)
    install = home / "pginstall"
    program, data = install / "bin" / "postgres", install / "share" / "postgres.bki"
    for path, mode in ((program, 0o700), (data, 0o600)):
        path.parent.mkdir(mode=0o700, parents=True)
        path.touch(mode)
    embedded._admit(install, empty_dir / "postgres")
    assert [path.stat().st_mode & 0o007 for path in (program, data, program.parent, home)] == [5, 4, 5, 1]


@as_root
def test_a_cluster_restored_by_root_is_handed_to_the_server(data_dir: Path) -> None:
    postgres = embedded.start(data_dir)
    write_a_row(postgres)
    embedded.stop(postgres)
    for path in [data_dir / "postgres", *(data_dir / "postgres").rglob("*")]:
        os.chown(path, 0, 0)
    assert rows(embedded.start(data_dir)) == [("Acme",)]


@as_root
def test_an_ordinary_user_runs_it_as_himself_and_root_may_come_in(empty_dir: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(empty_dir, nobody.pw_uid, nobody.pw_gid)
    # It imports first: the interpreter may lie where only root can read.
    script = f"""
import os, sys, pathlib, psycopg
from trustwright import embedded
os.setgroups([]); os.setgid({nobody.pw_gid}); os.setuid({nobody.pw_uid})
postgres = embedded.start(pathlib.Path(sys.argv[1]))
assert postgres.user is None
assert embedded.running(postgres.data_dir) == postgres
with psycopg.connect(postgres.url) as connection:
    print(connection.execute("select 'hello'").fetchone()[0])
"""
    command = [sys.executable, "-c", script, str(empty_dir)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env={"HOME": "/nonexistent"})
    assert (done.stdout, done.stderr) == ("hello\n", "")
    assert psutil.Process(postmaster(empty_dir)).username() == "nobody"
    assert embedded.start(empty_dir).user == "nobody"
