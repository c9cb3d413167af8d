"""What the lock files say."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[1]
PYTHON_LOCK = ROOT / "requirements.lock"

# Folders with a package-lock.json. Only what is made of the first is shipped: the others are for benchmarks and tests.
FRONTEND = ROOT / "frontend"
NPM_FOLDERS = (FRONTEND, ROOT / "benchmarks" / "rules", ROOT / "tests" / "sign_in" / "provider")

PIN = re.compile(
    r"^(?P<name>[\w.-]+)(\[[\w,.-]+\])?==(?P<version>[^\s;]+)(?P<rest>[^\n]*(\n[ \t]+[^\n]*)*)", re.MULTILINE
)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})(?=\s|$)")


class Locked(Struct, frozen=True):
    """One version that a lock file names. `hashes` are SHA-256 in hex for Python, and npm's `sha512-` in base64."""

    name: str
    version: str
    hashes: tuple[str, ...]
    licence: str = ""


def normal(name: str) -> str:
    """A Python package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def python_packages(text: str) -> dict[str, Locked]:
    """The entries of a requirements.lock, by normal name."""
    found = (
        Locked(normal(pin["name"]), pin["version"], tuple(HASH.findall(pin["rest"]))) for pin in PIN.finditer(text)
    )
    return {each.name: each for each in found}


def npm_packages(text: str) -> list[Locked]:
    """The entries of a package-lock.json besides the project itself, with their licences as their authors say them."""
    return [
        Locked(
            path.rpartition("node_modules/")[2],
            entry["version"],
            (entry["integrity"],) if "integrity" in entry else (),
            entry.get("license", ""),
        )
        for path, entry in json.loads(text)["packages"].items()
        if path
    ]


def addresses(text: str) -> Iterator[str]:
    """Hosts of a lock file from which a package would be fetched, whatever index a machine is set up for. Where its
    authors ask for money is no such address."""
    for line in text.splitlines():
        if match := re.search(r'"resolved":|--(extra-)?index-url|--find-links|--trusted-host|@\s*(git\+)?\w+://', line):
            yield f"{match[0]} {line.strip()}"
