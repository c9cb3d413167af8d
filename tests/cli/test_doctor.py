"""trustwright doctor: each thing that it looks at is really broken, is found, and has its cure."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from tests.conftest import free_port
from trustwright import embedded
from trustwright.cli import app, doctor
from trustwright.cli.doctor_findings import Finding, Grade, of_settings
from trustwright.embedded import Postgres
from trustwright.files import storage
from trustwright.settings import SECRET, Settings, variable

LONG = "0123456789abcdef0123456789abcdef"
GOOD: dict[str, Any] = {
    "public_url": "https://trust.acme.test",
    "trusted_proxies": "10.0.0.0/8",
    "rate_limit_address": "500/60",
    "secret_key": LONG,
    "mail_from": "Trust <trust@acme.test>",
}


class Told:
    """What the doctor said, and how it ended."""

    def __init__(self, *words: object) -> None:
        result = CliRunner().invoke(app, ["doctor", *map(str, words)])
        self.code = result.exit_code
        self.text = result.output
        self.lines = self.text.splitlines()

    def says(self, grade: str, check: str, text: str, cure: str) -> bool:
        """Whether a check ended so, with a text and a cure that hold these words."""
        return any(
            line.startswith(f"{grade:4} {check}: ") and text in line and next_line.startswith(f"     → {cure}")
            for line, next_line in pairwise(self.lines)
        )


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.__struct_fields__:
        monkeypatch.delenv(variable(name), raising=False)
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Postgres]]:
    """A data directory with a server of its own, which may be broken: its roles belong to all its databases."""
    data_dir = tmp_path_factory.mktemp("doctor")
    with embedded.using(data_dir) as postgres:
        yield data_dir, postgres


@contextmanager
def broken(postgres: Postgres, statement: str, mended: str) -> Iterator[None]:
    """The server while something about it is wrong."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        for text in (statement, "select pg_reload_conf()"):
            connection.execute(text)
        try:
            yield
        finally:
            for text in (mended, "select pg_reload_conf()"):
                connection.execute(text)


def findings(**changes: object) -> list[Finding]:
    return of_settings(Settings(**{**GOOD, **changes}))


# The whole


def test_a_healthy_house_ends_with_0_and_warnings_do_not_change_that(home: tuple[Path, Postgres]) -> None:
    told = Told("--data-dir", home[0])

    assert told.code == 0, told.text
    for name in ("Python", "Settings", "Data directory", "Page assets", "Database", "Clock", "Files"):
        assert f"ok   {name}: " in told.text
    assert told.says("warn", "Mail", "no SMTP server is set", "Set TRUSTWRIGHT_SMTP_URL")


def test_whatever_is_wrong_has_a_cure_in_one_sentence(
    home: tuple[Path, Postgres], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTWRIGHT_REQUIRE_SCAN", "true")
    monkeypatch.setenv("TRUSTWRIGHT_SMTP_URL", f"smtp://127.0.0.1:{free_port()}")

    told = Told("--data-dir", home[0])

    assert told.code == 1
    assert told.says("FAIL", "Mail", "connect", "Correct TRUSTWRIGHT_SMTP_URL, or start the server that it names.")
    assert told.says("FAIL", "Virus scanner", "no file is accepted", "Start clamd")
    assert all(check.cure.endswith(".") for check in doctor.CHECKS if check.cure)


def test_secrets_are_not_shown(home: tuple[Path, Postgres], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("secret_key", "signature_secret", "metrics_token"):
        monkeypatch.setenv(variable(name), f"{LONG}-{name}")

    assert LONG not in Told("--data-dir", home[0]).text
    assert {"database_url", "replica_url", "smtp_url", "metrics_token"} <= set(SECRET)


# Settings


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("TRUSTWRIGHT_POOL_SIZE", "many", "TRUSTWRIGHT_POOL_SIZE must be a whole number, not 'many'"),
        ("TRUSTWRIGHT_REQUIRE_SCAN", "perhaps", "TRUSTWRIGHT_REQUIRE_SCAN must be true or false"),
        ("TRUSTWRIGHT_RATE_LIMITS", "redis", "TRUSTWRIGHT_RATE_LIMITS must be one of memory, postgres"),
        ("TRUSTWRIGHT_RATE_LIMIT_KEY", "5", "TRUSTWRIGHT_RATE_LIMIT_KEY must be calls/seconds such as 500/60"),
        ("TRUSTWRIGHT_SECRET_KEY_FILE", "/nowhere/key", "No such file or directory: '/nowhere/key'"),
    ],
)
def test_a_variable_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, text: str
) -> None:
    monkeypatch.setenv(name, value)

    told = Told()

    assert told.code == 1
    assert told.says("FAIL", "Settings", text, "Correct this variable, or remove it for its default.")


def test_settings_that_fit_together_are_good() -> None:
    assert [finding.grade for finding in findings()] == [Grade.OK]


@pytest.mark.parametrize(
    ("changes", "grade", "text", "cure"),
    [
        ({"trusted_proxies": "10.0.0.1/8"}, Grade.FAIL, "TRUSTED_PROXIES: 10.0.0.1/8 has host bits", "networks"),
        ({"webhook_private_networks": "10.0.0.0/8,ten"}, Grade.FAIL, "PRIVATE_NETWORKS: 'ten'", "networks with commas"),
        ({"single_sign_on_networks": "10.0.0.0/99"}, Grade.FAIL, "SIGN_ON_NETWORKS: '10.0.0.0/99'", "like 10.0.0.0/8"),
        (
            {"public_url": "http://trust.acme.test"},
            Grade.FAIL,
            "is not https",
            "Put a proxy with a certificate in front",
        ),
        ({"public_url": "trust.acme.test"}, Grade.FAIL, "is no address of a host", "https://trust.example.com"),
        ({"public_url": "", "smtp_url": "smtp://localhost"}, Grade.WARN, "links in mails", "TRUSTWRIGHT_PUBLIC_URL"),
        ({"trusted_proxies": ""}, Grade.WARN, "no proxy is trusted", "TRUSTWRIGHT_TRUSTED_PROXIES"),
        ({"rate_limit_address": ""}, Grade.WARN, "as often as it likes", "TRUSTWRIGHT_RATE_LIMIT_ADDRESS"),
        ({"secret_key": "changeme"}, Grade.FAIL, "SECRET_KEY can be guessed", "openssl rand -hex 32"),
        ({"signature_secret": "short"}, Grade.FAIL, "SIGNATURE_SECRET can be guessed", "32 or more random characters"),
        ({"metrics_token": "secret"}, Grade.FAIL, "METRICS_TOKEN can be guessed", "16 or more random characters"),
        (
            {"database_url": "postgresql://u:postgres@x/y"},
            Grade.WARN,
            "the password in TRUSTWRIGHT_DATABASE_URL",
            "another",
        ),
        ({"signature_url": "https://x.test"}, Grade.FAIL, "no secret to know its calls by", "SIGNATURE_SECRET"),
        ({"mail_from": "Trust"}, Grade.FAIL, "MAIL_FROM holds no address", "trust@example.com"),
        (
            {"mail_from": Settings().mail_from, "smtp_url": "smtp://mail.acme.test"},
            Grade.WARN,
            "an address of no domain",
            "Set TRUSTWRIGHT_MAIL_FROM",
        ),
        ({"pool_size": 1}, Grade.FAIL, "POOL_SIZE is too small", "2 or more"),
        ({"max_rows": 0}, Grade.FAIL, "MAX_ROWS is too small", "1 or more"),
        ({"monitor_processes": 9}, Grade.FAIL, "MONITOR_PROCESSES is too large", "5 or less"),
        ({"log_format": "xml"}, Grade.FAIL, "LOG_FORMAT is unknown", "console or json"),
        ({"metrics_port": 9100, "metrics_host": "0.0.0.0"}, Grade.WARN, "whoever reaches their port", "METRICS_TOKEN"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_setting_that_does_not_fit_is_found(changes: dict[str, Any], grade: Grade, text: str, cure: str) -> None:
    (finding,) = findings(**changes)

    assert (finding.grade, text in finding.text, cure in finding.cure) == (grade, True, True), finding
    assert finding.cure.endswith(".")


def test_a_name_that_is_no_setting_and_a_file_that_is_not_read_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTWRIGHT_SMPT_URL", "smtp://localhost")
    monkeypatch.setenv("TRUSTWRIGHT_SECRET_KEY", LONG)
    monkeypatch.setenv("TRUSTWRIGHT_SECRET_KEY_FILE", "/dev/null")

    unknown, twice = findings()

    assert "no setting TRUSTWRIGHT_SMPT_URL" in unknown.text
    assert "TRUSTWRIGHT_SECRET_KEY and TRUSTWRIGHT_SECRET_KEY_FILE are both set" in twice.text


def test_traces_by_another_protocol_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")

    (finding,) = findings()

    assert finding.grade is Grade.FAIL
    assert "http/protobuf" in finding.cure


# The machine


def test_a_data_directory_that_cannot_be_made_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings(data_dir=tmp_path / "file")

    (finding,) = doctor._looked(check("Data directory"), settings)

    assert finding.grade is Grade.FAIL
    assert finding.cure == "Let TRUSTWRIGHT_DATA_DIR name a folder that this user may write."


@pytest.mark.parametrize(("limit", "grade"), [("LITTLE", Grade.WARN), ("TOO_LITTLE", Grade.FAIL)])
def test_a_disk_that_is_nearly_full_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, grade: Grade
) -> None:
    monkeypatch.setattr(doctor, limit, 2**60)

    (finding,) = doctor._looked(check("Data directory"), Settings(data_dir=tmp_path))

    assert finding.grade is grade
    assert finding.cure == "Free space on its disk, or move the data directory to a larger one."


def test_a_key_that_others_can_read_is_found(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(LONG)
    (tmp_path / "secret.key").chmod(0o644)

    _, finding = doctor._looked(check("Data directory"), Settings(data_dir=tmp_path))

    assert finding.grade is Grade.FAIL
    assert finding.cure.startswith(f"Run `chmod 600 {tmp_path}/secret.key`")


def test_a_storage_that_takes_nothing_is_found(tmp_path: Path) -> None:
    (finding,) = doctor._looked(check("Files"), Settings(data_dir=tmp_path, storage_url="file:///proc/nowhere"))

    assert finding.grade is Grade.FAIL
    assert finding.cure.startswith("Correct TRUSTWRIGHT_STORAGE_URL")


def test_a_storage_that_gives_back_something_else_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make_durable(folder: Path, key: str) -> None:
        (folder / key).write_bytes(b"something else")

    monkeypatch.setattr(storage, "_make_durable", make_durable)

    (finding,) = doctor._looked(check("Files"), Settings(data_dir=tmp_path))

    assert finding.grade is Grade.FAIL
    assert finding.text == "what was written reads differently"


@pytest.mark.parametrize(("seconds", "grade"), [(5, "warn"), (-60, "FAIL"), (60, "FAIL")])
def test_a_clock_that_goes_wrong_is_found(
    home: tuple[Path, Postgres], monkeypatch: pytest.MonkeyPatch, seconds: int, grade: str
) -> None:
    true_time = doctor.host_time
    monkeypatch.setattr(doctor, "host_time", lambda: true_time() + timedelta(seconds=seconds))

    (finding,) = doctor._looked(check("Clock"), Settings(data_dir=home[0]))

    assert finding.grade == grade
    assert "timedatectl set-ntp true" in finding.cure


# The database


def test_a_database_that_is_away_is_found(tmp_path: Path) -> None:
    url = f"postgresql://alice@127.0.0.1:{free_port()}/x"

    told = Told("--data-dir", tmp_path, "--database-url", url)

    assert told.code == 1
    cure = "Start the server that TRUSTWRIGHT_DATABASE_URL names, or correct its address, user and password."
    assert told.says("FAIL", "Database", "refused", cure)


@pytest.mark.parametrize(
    ("statement", "mended", "text", "cure"),
    [
        (
            "alter role trustwright_app bypassrls",
            "alter role trustwright_app nobypassrls",
            "could see every account's rows",
            "Run `alter role trustwright_app nosuperuser nobypassrls`",
        ),
        (
            "alter system set fsync = off",
            "alter system reset fsync",
            "a crash of its machine can lose what was acknowledged",
            "Set fsync and full_page_writes to on",
        ),
        (
            "insert into _yoyo_migration (migration_hash, migration_id) values ('x', '9999_from_the_future')",
            "delete from _yoyo_migration where migration_hash = 'x'",
            "a newer version, which added 9999_from_the_future",
            "Run that version of Trustwright",
        ),
    ],
    ids=["role", "durability", "schema"],
)
def test_a_database_that_is_not_as_it_must_be_is_found(
    home: tuple[Path, Postgres], statement: str, mended: str, text: str, cure: str
) -> None:
    data_dir, postgres = home
    assert [each.grade for each in doctor._looked(check("Database"), Settings(data_dir=data_dir))] == [Grade.OK]

    with broken(postgres, statement, mended):
        (finding,) = doctor._looked(check("Database"), Settings(data_dir=data_dir))

    assert finding.grade is Grade.FAIL
    assert text in finding.text
    assert finding.cure.startswith(cure)


def test_a_database_that_cannot_hold_every_text_is_found(home: tuple[Path, Postgres]) -> None:
    data_dir, postgres = home
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(
            "create database ascii encoding 'SQL_ASCII' template template0 locale_provider libc locale 'C'"
        )
    url = postgres.url.replace("/trustwright?", "/ascii?")

    (finding,) = doctor._looked(check("Database"), Settings(data_dir=data_dir, database_url=url))

    assert finding.grade is Grade.FAIL
    assert "its encoding is SQL_ASCII" in finding.text
    assert "encoding 'UTF8'" in finding.cure


def test_a_pooler_that_drops_the_options_of_connections_is_found(
    home: tuple[Path, Postgres], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "connection_options", dict)

    (finding,) = doctor._looked(check("Database"), Settings(data_dir=home[0]))

    assert finding.grade is Grade.FAIL
    assert "and not as trustwright_app in UTC" in finding.text
    assert finding.cure.startswith("Connect without a pooler")


def test_more_connections_than_the_server_has_are_found(home: tuple[Path, Postgres]) -> None:
    (finding,) = doctor._looked(check("Database"), Settings(data_dir=home[0], pool_size=5000))

    assert finding.grade is Grade.WARN
    assert "raise max_connections" in finding.cure


def check(name: str) -> doctor.Check:
    (found,) = [each for each in doctor.CHECKS if each.name == name]
    return found
