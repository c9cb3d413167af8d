"""What the service is made of is locked, known and allowed to be shipped; what nobody could ask is not called clean."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from supply import audit, licences, sbom
from supply.audit import Audit, read_npm_audit, read_pip_audit, report
from supply.licences import EXCEPTIONS, READ, licence_of, refused
from supply.locks import NPM_FOLDERS, PYTHON_LOCK, ROOT, Locked, addresses, npm_packages, python_packages
from supply.shipped import Shipped, copied, shipped

ENTRY = re.compile(r"^[\w.-]+(\[[\w,.-]+\])?==", re.MULTILINE)
NPM_LOCKS = [folder / "package-lock.json" for folder in NPM_FOLDERS]


def committed(*patterns: str) -> list[Path]:
    """Files of the repository; of an unpacked archive, which has no history, those that lie there."""
    told = subprocess.run(["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=False)
    if told.returncode == 0:
        return [path for line in told.stdout.splitlines() if (path := ROOT / line).exists()]
    found = [path for pattern in patterns for path in ROOT.rglob(pattern.removeprefix(":(glob)**/"))]
    return [path for path in found if not {".venv", "node_modules", "build"} & set(path.parts)]


def test_every_lock_file_is_known() -> None:
    locks = committed(":(glob)**/package-lock.json", ":(glob)**/requirements*.lock", ":(glob)**/*requirements*.txt")

    assert sorted(locks) == sorted([PYTHON_LOCK, *NPM_LOCKS])


def test_every_python_version_is_locked_with_hashes() -> None:
    text = PYTHON_LOCK.read_text()
    packages = python_packages(text)

    assert len(packages) == len(ENTRY.findall(text)) > 100
    assert [each.name for each in packages.values() if not each.hashes] == []


def test_nothing_else_stands_in_the_python_lock() -> None:
    line = re.compile(r"[\w.-]+(\[[\w,.-]+\])?==[^\s;]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")

    assert [each for each in PYTHON_LOCK.read_text().splitlines() if not line.fullmatch(each)] == []


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda lock: lock.parent.name)
def test_every_npm_version_is_locked_with_its_integrity(lock: Path) -> None:
    packages = npm_packages(lock.read_text())

    assert packages
    assert [each.name for each in packages if not re.fullmatch(r"sha512-[\w+/]{86}==", "".join(each.hashes))] == []


@pytest.mark.parametrize("lock", [PYTHON_LOCK, *NPM_LOCKS], ids=lambda lock: lock.parent.name)
def test_no_lock_file_names_a_registry(lock: Path) -> None:
    assert list(addresses(lock.read_text())) == []


@pytest.mark.parametrize(
    "line",
    [
        '      "resolved": "https://registry.example/htmx.org/-/htmx.org-2.0.11.tgz",',
        "--index-url https://mirror.example/simple",
        "--extra-index-url=https://mirror.example/simple",
        "nh3 @ https://mirror.example/nh3.whl",
        "nh3 @ git+https://forge.example/nh3",
    ],
)
def test_a_registry_in_a_lock_file_is_found(line: str) -> None:
    assert list(addresses(line))


def test_an_entry_without_a_hash_is_found() -> None:
    packages = python_packages("a==1 \\\n    --hash=sha256:" + "0" * 64 + "\nb==2\nc==3 ; sys_platform == 'win32'\n")

    assert {each.name: len(each.hashes) for each in packages.values()} == {"a": 1, "b": 0, "c": 0}


def test_no_committed_file_sets_npm_up_for_a_registry() -> None:
    set_up = re.compile(r"registry\s*=|_auth|//")

    assert [path for path in committed(":(glob)**/.npmrc") if set_up.search(path.read_text())] == []


def test_no_committed_file_sets_pip_or_uv_up_for_an_index() -> None:
    assert committed(":(glob)**/pip.conf", ":(glob)**/uv.toml", ":(glob)**/.pypirc") == []


def test_what_builds_the_wheel_is_locked() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]

    assert {*build, "editables", "uv"} - python_packages(PYTHON_LOCK.read_text()).keys() == set()


@pytest.mark.parametrize("path", ["Makefile", "deploy/Dockerfile"])
def test_no_build_and_no_pip_goes_without_the_lock_file(path: str) -> None:
    built = re.compile(r"pip install|(uv|\$\(UV\)) build")
    held = re.compile(r"--require-hashes|-constraints? requirements\.lock")
    text = (ROOT / path).read_text()
    lines = [line for line in text.splitlines() if built.search(line) and not line.startswith("#")]

    assert len(lines) == 3
    assert [line for line in lines if not held.search(line)] == []


def test_npm_never_runs_the_scripts_of_a_package() -> None:
    installs = re.compile(r"\[[^\]]*\"ci\"[^\]]*\]")
    found = [each for path in committed(":(glob)**/*.py") for each in installs.findall(path.read_text())]

    assert len(found) >= len(NPM_LOCKS)
    assert [each for each in found if "--ignore-scripts" not in each] == []


def test_nothing_shipped_has_a_licence_that_is_not_allowed() -> None:
    assert refused(shipped()) == []


@pytest.mark.parametrize("licence", ["", "AGPL-3.0-only", "Apache-2.0 AND GPL-3.0-only", "UNKNOWN", "BSD License"])
def test_another_licence_is_refused(licence: str) -> None:
    assert refused([Shipped("pypi", Locked("new", "1", ()), licence)])


@pytest.mark.parametrize("licence", ["MIT", "GPL-3.0-only OR MIT", "Apache-2.0 AND BSD-3-Clause"])
def test_of_several_licences_one_that_is_allowed_is_enough(licence: str) -> None:
    assert refused([Shipped("pypi", Locked("new", "1", ()), licence)]) == []


def test_exceptions_and_readings_are_of_packages_that_are_shipped() -> None:
    names = {each.locked.name for each in shipped()}

    assert {*EXCEPTIONS, *READ} - names == set()


def test_an_exception_is_made_only_where_one_is_needed() -> None:
    needless = [
        each.locked.name
        for each in shipped()
        if each.locked.name in EXCEPTIONS
        and not refused([Shipped(each.kind, Locked("other", "1", ()), licence_of(each))])
    ]

    assert needless == []


def test_the_list_of_licences_is_current() -> None:
    assert licences.PAGE.read_text() == licences.page(shipped()), "run `make licences`"


def test_what_the_service_imports_is_shipped_and_its_tools_are_not() -> None:
    names = {each.locked.name for each in shipped()}

    assert {"litestar", "psycopg-binary", "colorama", "htmx.org"} <= names
    assert {"pytest", "moto", "hypothesis", "werkzeug", "oidc-provider", "@scarf/scarf"} & names == set()


def test_every_npm_package_of_which_something_is_copied_is_wanted_by_name() -> None:
    wanted = json.loads((ROOT / "frontend" / "package.json").read_text())["dependencies"]

    assert copied() == set(wanted)


def test_the_sbom_holds_to_its_schema_and_names_everything_shipped() -> None:
    packages = shipped()
    text = sbom.document(packages)
    made = json.loads(text)

    assert sbom.faults(text) == ""
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert {each["purl"] for each in made["components"]} >= {f"pkg:pypi/litestar@{python('litestar')}"}
    assert len(made["components"]) == len(packages) + len(sbom.servers())
    assert [each["name"] for each in made["components"] if not each.get("licenses")] == []


def python(name: str) -> str:
    return python_packages(PYTHON_LOCK.read_text())[name].version


def test_a_document_that_is_no_sbom_is_found() -> None:
    assert sbom.faults('{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "x"}]}')


A, B = Locked("a", "1", ()), Locked("b", "2", ())


def test_a_known_weakness_ends_the_audit_with_1() -> None:
    known = {"id": "PYSEC-1", "fix_versions": ["3"]}
    out = json.dumps({"dependencies": [{"name": "a", "version": "1", "vulns": [known]}]})

    text, end = report([read_pip_audit("requirements.lock", [A], out, "")])

    assert end == 1
    assert "FOUND a 1: PYSEC-1, mended in 3" in text


def test_a_version_that_the_service_does_not_know_ends_it_with_3() -> None:
    out = json.dumps(
        {"dependencies": [{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "404"}]}
    )

    text, end = report([read_pip_audit("requirements.lock", [A, B], out, "")])

    assert end == 3
    assert "NOT AUDITED: requirements.lock" in text
    assert "b 2: 404" in text


def test_a_version_that_is_not_answered_for_ends_it_with_3() -> None:
    out = json.dumps({"dependencies": [{"name": "a", "version": "1", "vulns": []}]})

    assert report([read_pip_audit("requirements.lock", [A, B], out, "")])[1] == 3


def test_a_tool_that_fails_ends_it_with_3() -> None:
    assert report([read_pip_audit("requirements.lock", [A], "", "no route")])[1] == 3
    assert report([read_npm_audit("package-lock.json", 1, "", "no route")])[1] == 3


def test_a_finding_weighs_more_than_silence() -> None:
    silent, found = Audit("one", 1, unasked=("no route",)), Audit("two", 1, findings=("a 1: bad",))

    assert report([silent, found])[1] == 1
    assert report([Audit("three", 1)])[1] == 0


def answering(status: int, body: bytes) -> type[BaseHTTPRequestHandler]:
    """A service of advisories, which has one answer."""

    class Advisories(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Requests are nobody's news."""

    return Advisories


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


ADVISORY = {"id": 1, "title": "Reads the past", "url": "https://advisories.example/1", "severity": "high"}


@pytest.mark.parametrize(
    ("status", "body", "findings", "unasked"),
    [
        (405, {}, 0, 1),
        (200, {}, 0, 0),
        (200, {"json-rules-engine": [{**ADVISORY, "vulnerable_versions": "*"}]}, 1, 0),
    ],
    ids=["refuses", "knows nothing", "knows something"],
)
def test_npm_itself_is_understood(status: int, body: object, findings: int, unasked: int) -> None:
    with served(answering(status, json.dumps(body).encode())) as address:
        told = audit.audit_of_npm(ROOT / "benchmarks" / "rules", "--registry", address, "--fetch-retries=0")

    assert (len(told.findings), len(told.unasked)) == (findings, unasked)


WEAKNESS = {
    "id": "PYSEC-2026-1",
    "modified": "2026-01-01T00:00:00Z",
    "details": "Reads the past",
    "affected": [
        {
            "package": {"name": "nh3", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}],
        }
    ],
}


@pytest.mark.parametrize(
    ("status", "body", "said", "end"),
    [
        (503, {}, "NOT AUDITED", 3),
        (200, {}, "requirements.lock: 1 versions, 0 findings", 0),
        (200, {"vulns": [WEAKNESS]}, "FOUND nh3 0.3.0: PYSEC-2026-1, mended in 9", 1),
    ],
    ids=["refuses", "knows nothing", "knows something"],
)
def test_pip_audit_itself_is_understood(
    status: int, body: object, said: str, end: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("nh3==0.3.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")

    with served(answering(status, json.dumps(body).encode())) as address:
        monkeypatch.setenv("PIP_AUDIT_VULNERABILITY_SERVICE", "osv")
        monkeypatch.setenv("PIP_AUDIT_OSV_URL", address)
        text, ends_with = report([audit.audit_of_python(lock)])

    assert said in text
    assert ends_with == end
