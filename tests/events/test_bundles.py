"""Events as a file: what `trustwright events` writes and finds, and what a script finds that needs nothing of ours."""

import json
import site
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.events.chains import do, event_at, head_of, tamper, trustwright
from tests.factories import Account
from trustwright.events.bundles import ending
from trustwright.events.chain import Head, hash_of

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_events.py"
LONGEST_SCRIPT = 60
SAID = ("first", "second", "third")


@pytest.fixture
def told(acme: Account) -> Account:
    """Acme with three events behind those that made it."""
    do(acme, *SAID)
    return acme


@pytest.fixture
def bundle(told: Account, tmp_path: Path) -> Path:
    """Its events, signed."""
    path = tmp_path / "events.jsonl"
    made = trustwright(told, "export", path, "--account", told.id, "--signed", data_dir=tmp_path)
    assert made.exit_code == 0, made.output
    return path


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The libraries of a machine on which there is `cryptography`, and what it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("elsewhere")
    for name in ("cryptography", "cffi", "_cffi_backend*", "pycparser"):
        for found in Path(site.getsitepackages()[0]).glob(name):
            (folder / found.name).symlink_to(found)
    return folder


def python(elsewhere: Path, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-S", "-P", *map(str, words)]
    environment = {"PYTHONPATH": str(elsewhere)}
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd="/", timeout=60)


def said(account: Account, *words: object, data_dir: Path | None = None, code: int = 0) -> dict[str, Any]:
    """What a command answers to a program."""
    result = trustwright(account, *words, "--json", data_dir=data_dir)
    assert result.exit_code == code, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_verify_tells_how_many_events_are_intact_and_their_head(told: Account) -> None:
    head = head_of(told)

    answer = said(told, "verify", "--account", told.id)

    (line,) = answer.pop("accounts")
    assert answer == {"intact": True}
    assert line == {"accountId": told.id, "events": head.position, "head": head.hash.hex(), "fault": None}
    text = trustwright(told, "verify", "--account", told.id).stdout
    assert text == f"account {told.id}: {head.position} events intact, head {head.hash.hex()}\n"


def test_verify_without_an_account_looks_at_all_and_names_the_one_that_is_broken(
    told: Account, globex: Account
) -> None:
    tamper(told, "update events set description = 'nothing' where id = %s", changed := event_at(told, 5))

    answer = said(told, "verify", code=1)

    faults = {line["accountId"]: line["fault"] for line in answer["accounts"]}
    assert answer["intact"] is False
    assert faults[globex.id] is None
    assert faults[told.id]["message"].startswith("At position 5 event ")
    assert faults[told.id] | {"message": ""} == {"kind": "changed", "position": 5, "eventId": changed, "message": ""}
    text = trustwright(told, "verify")
    assert text.exit_code == 1
    assert f"account {told.id}: At position 5" in text.stderr


def test_a_tail_that_was_cut_off_is_found_by_a_bundle_and_by_a_head(told: Account, bundle: Path) -> None:
    head = head_of(told)
    account = ("verify", "--account", told.id)
    for words in (("--against", bundle), ("--since-head", head.hash.hex())):
        assert said(told, *account, *words, data_dir=bundle.parent)["intact"]
    tamper(told, "delete from events where id = %s", event_at(told, head.position))
    tamper(told, "delete from event_links where account_id = %s and position = %s", told.id, head.position)

    assert said(told, *account)["intact"]
    for words in (("--against", bundle), ("--since-head", head.hash.hex())):
        (line,) = said(told, *account, *words, data_dir=bundle.parent, code=1)["accounts"]
        assert (line["fault"]["kind"], line["events"]) == ("head missing", None)


def test_an_anchor_that_proves_nothing_is_refused(told: Account, globex: Account, bundle: Path, tmp_path: Path) -> None:
    ours = ("verify", "--account", told.id)
    (tmp_path / "empty").touch()
    refused = [
        ((*ours, "--since-head", "abc"), "64 hexadecimal digits"),
        ((*ours, "--since-head", "zz"), "64 hexadecimal digits"),
        ((*ours, "--since-head", "0" * 64, "--against", bundle), "not both"),
        ((*ours, "--against", tmp_path / "none"), "There is no file"),
        ((*ours, "--against", tmp_path / "empty"), "does not end as a bundle"),
        ((*ours, "--against", SCRIPT), "does not end as a bundle"),
        (("verify", "--account", globex.id, "--against", bundle), f"of account {told.id}, not of {globex.id}"),
    ]

    for words, sentence in refused:
        result = trustwright(told, *words, data_dir=tmp_path)
        assert (result.exit_code, sentence in " ".join(result.stderr.split())) == (1, True), (words, result.output)
    other_key = trustwright(told, *ours, "--against", bundle, data_dir=tmp_path / "other")
    assert "was not signed by the key of this service" in " ".join(other_key.stderr.split())


def test_a_bundle_holds_each_event_and_ends_with_the_head(told: Account, bundle: Path) -> None:
    head = head_of(told)
    lines = [json.loads(line) for line in bundle.read_bytes().splitlines()]
    texts = [json.loads(line["text"]) for line in lines[:-1]]

    assert [line["position"] for line in lines[:-1]] == list(range(1, head.position + 1))
    assert tuple(text["description"] for text in texts[-3:]) == SAID
    assert json.loads(texts[-1]["after"]) == {"name": "third", "cost": 1.1}
    assert json.loads(lines[-1]["head"])["hash"] == lines[-2]["hash"] == head.hash.hex()
    assert bundle.stat().st_mode & 0o777 == 0o600


def test_a_broken_chain_is_not_exported(told: Account, tmp_path: Path) -> None:
    tamper(told, "update events set description = 'nothing' where id = %s", event_at(told, 5))

    made = trustwright(told, "export", tmp_path / "events", "--account", told.id, "--signed", data_dir=tmp_path)

    assert made.exit_code == 1
    assert "At position 5" in made.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("events")] == []


def test_the_script_accepts_a_bundle_on_a_machine_without_trustwright(
    told: Account, bundle: Path, elsewhere: Path
) -> None:
    key = said(told, "key", data_dir=bundle.parent)["publicKey"]
    head = head_of(told)

    compared = python(elsewhere, SCRIPT, bundle, "--key", key)
    alone = python(elsewhere, SCRIPT, bundle)

    assert python(elsewhere, "-c", "import trustwright").returncode == 1
    assert (compared.returncode, compared.stderr) == (0, "")
    assert compared.stdout.startswith(f"intact: {head.position} events of account {told.id} until 20")
    assert compared.stdout.endswith(f", head {head.hash.hex()}, signed by {key}\n")
    assert alone.stdout.endswith(f"signed by {key} (not compared: give --key)\n")
    assert len(SCRIPT.read_text().splitlines()) <= LONGEST_SCRIPT


def test_the_script_accepts_a_bundle_that_is_not_signed_unless_a_key_is_given(
    told: Account, elsewhere: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "events"
    assert "publicKey" not in said(told, "export", bundle, "--account", told.id)

    assert python(elsewhere, SCRIPT, bundle).stdout.endswith(", not signed\n")
    assert said(told, "verify", "--account", told.id, "--against", bundle, data_dir=tmp_path)["intact"]
    refused = python(elsewhere, SCRIPT, bundle, "--key", "ab" * 32)
    assert (refused.returncode, refused.stderr) == (1, "BROKEN: it was not signed by that key\n")


def changed(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b"second", b"zweite") for line in lines]


def without_one(lines: list[bytes]) -> list[bytes]:
    return lines[:2] + lines[3:]


def swapped(lines: list[bytes]) -> list[bytes]:
    return [lines[1], lines[0], *lines[2:]]


def one_twice(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[1], *lines[2:]]


def without_the_last(lines: list[bytes]) -> list[bytes]:
    return lines[:-2] + lines[-1:]


def without_the_end(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def half_a_line(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], lines[-1][:-9]]


def shorter_under_the_old_signature(lines: list[bytes]) -> list[bytes]:
    last, end = json.loads(lines[-3]), json.loads(lines[-1])
    head = json.loads(end["head"]) | {"position": last["position"], "hash": last["hash"]}
    return [*lines[:-2], json.dumps(end | {"head": json.dumps(head)}).encode() + b"\n"]


def written_anew_by_somebody_else(lines: list[bytes]) -> list[bytes]:
    """All hashes fit, and so does the signature: of another key."""
    text = json.loads(lines[0])["text"].replace("Acme", "Evil")
    head = Head(1, hash_of(bytes(32), text))
    line = json.dumps({"position": 1, "hash": head.hash.hex(), "text": text}).encode() + b"\n"
    return [line, ending(json.loads(text)["account_id"], head, datetime.now(UTC), Ed25519PrivateKey.generate())]


@pytest.mark.parametrize(
    ("forge", "sentence"),
    [
        (changed, "was changed, or one before it removed"),
        (without_one, "position 3 is missing"),
        (swapped, "position 1 is missing"),
        (one_twice, "position 3 is missing"),
        (without_the_last, "the head is not that of these events"),
        (without_the_end, "the end is missing"),
        (half_a_line, "JSONDecodeError"),
        (shorter_under_the_old_signature, "InvalidSignature"),
        (written_anew_by_somebody_else, "it was not signed by that key"),
    ],
)
def test_the_script_finds_what_was_done_to_a_bundle(
    told: Account,
    bundle: Path,
    elsewhere: Path,
    forge: Callable[[list[bytes]], list[bytes]],
    sentence: str,
) -> None:
    key = said(told, "key", data_dir=bundle.parent)["publicKey"]
    bundle.write_bytes(b"".join(forge(bundle.read_bytes().splitlines(keepends=True))))

    found = python(elsewhere, SCRIPT, bundle, "--key", key)

    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.startswith("BROKEN: ")
    assert sentence in found.stderr
