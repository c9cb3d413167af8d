"""The links to files: signed, short-lived, and made with a key that all processes share."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from trustwright.files.links import VALID, Grant, link, read_token
from trustwright.http.secret import secret_key
from trustwright.settings import Settings

NOW = datetime(2025, 7, 1, 12, tzinfo=UTC)
SECRET = b"secret"
GRANT = Grant(7, 9, int(NOW.timestamp()) + VALID)


def token_of(address: str) -> str:
    return address.split("/")[-2]


def test_a_link_grants_one_file_of_one_account_for_ten_minutes() -> None:
    address = link("https://trust.example.com/", SECRET, 7, 9, "a/b ü.pdf", NOW)

    assert address.startswith("https://trust.example.com/files/")
    assert address.endswith("/a%2Fb%20%C3%BC.pdf")
    assert read_token(SECRET, token_of(address)) == GRANT
    assert VALID == 600


def test_another_key_knows_no_link() -> None:
    assert read_token(b"other", token_of(link("", SECRET, 7, 9, "a.pdf", NOW))) is None


@given(st.integers(0, 400), st.sampled_from("AB_-="))
def test_a_changed_token_is_no_token(place: int, letter: str) -> None:
    token = token_of(link("", SECRET, 7, 9, "a.pdf", NOW))
    changed = token[: place % len(token)] + letter + token[place % len(token) + 1 :]

    assert changed == token or read_token(SECRET, changed) is None


@given(st.text(max_size=100) | st.binary(max_size=100).map(lambda raw: raw.decode("latin-1")))
def test_any_other_text_is_no_token(text: str) -> None:
    assert read_token(SECRET, text) is None


def test_the_key_is_made_once_and_is_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    made = secret_key(settings)

    secret_key.cache_clear()
    assert secret_key(settings) == made
    assert len(made) >= 32
    assert (tmp_path / "new" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret.key"]


def test_the_key_of_the_settings_stands_before_that_of_the_folder(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_key="given")

    assert secret_key(settings) == b"given"
    assert secret_key(replace(settings, secret_key="other")) == b"other"
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("_", range(3))
def test_processes_that_start_together_share_one_key(tmp_path: Path, _: int) -> None:
    program = (
        "import sys; from pathlib import Path; from trustwright.http.secret import secret_key;"
        "from trustwright.settings import Settings; sys.stdin.readline();"
        "sys.stdout.write(secret_key(Settings(data_dir=Path(sys.argv[1]))).decode())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for process in started:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()

    assert len({process.communicate(timeout=60)[0] for process in started}) == 1
