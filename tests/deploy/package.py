"""`make package-test`: the wheel, from a fresh copy, installed by pip into an empty environment, and started there.

It takes minutes and asks the package registries, so it is no part of the tests.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import urljoin

import httpx

from tests.conftest import await_ready, free_port
from tests.factories import TLS
from trustwright.cli.demo_trust import SLUG

ROOT = Path(__file__).parents[2]
UV = ROOT / ".venv" / "bin" / "uv"
LINK = re.compile(r"""(?:href|src)="([^"#]+\.(?:css|js|mjs|svg)(?:\?[^"]*)?)\"""")

FAULTS: list[str] = []


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="trustwright-package-") as folder:
        # Of the data directory the private server's user must reach what is in it.
        Path(folder).chmod(0o755)
        wheel = built(Path(folder))
        program = installed(wheel, Path(folder))
        port = free_port()
        words = [program, "serve", "--demo", "--port", str(port), "--data-dir", f"{folder}/data"]
        log = Path(folder) / "serve.log"
        with log.open("wb") as output:
            process = subprocess.Popen(words, cwd=folder, env=environment(), stderr=output)
        try:
            await_ready(f"http://127.0.0.1:{port}", process, log)
            look_around(f"http://127.0.0.1:{port}", log.read_text())
            consult([program, "doctor", "--data-dir", f"{folder}/data"], folder)
        finally:
            process.terminate()
            process.wait(60)
    if FAULTS:
        raise SystemExit(1)
    sys.stdout.write("The wheel is whole, and serves.\n")


def built(folder: Path) -> Path:
    """A wheel of what git knows, so that nothing is in it that only lies in this working tree."""
    copy = folder / "copy"
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    for name in names.decode().split("\0")[:-1]:
        with suppress(FileNotFoundError):  # removed, and not yet from the index
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    locked = ("--build-constraints", ROOT / "requirements.lock", "--require-hashes")
    subprocess.run((UV, "build", "--quiet", *locked, "--wheel", "--out-dir", folder / "dist", copy), check=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    sources = {path.relative_to(copy / "src").as_posix() for path in (copy / "src").rglob("*") if path.is_file()}
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    report(f"all {len(sources)} files of the package are in the wheel", sources <= packed, sources - packed)
    report("the browser libraries are too", any(name.endswith("vendor/htmx/htmx.min.js") for name in packed))
    foreign = {name for name in packed if not name.startswith(("trustwright/", "trustwright-"))}
    report("and nothing else is", not foreign, foreign)
    return wheel


def installed(wheel: Path, folder: Path) -> str:
    """The command of a new environment that has the wheel and what it asks for, by pip."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = folder / "venv" / "bin" / "pip"
    subprocess.run(
        [pip, "install", "--quiet", "--disable-pip-version-check", wheel], cwd=folder, env=environment(), check=True
    )
    subprocess.run([pip, "check"], cwd=folder, env=environment(), check=True)
    return str(folder / "venv" / "bin" / "trustwright")


def environment() -> dict[str, str]:
    """This one without what belongs to the repository."""
    ours = ("TRUSTWRIGHT_", "PYTHONPATH", "VIRTUAL_ENV", "MAKE")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def look_around(address: str, said: str) -> None:
    key = re.findall(r"\btw_[\w-]+", said)[-1]
    with httpx.Client(base_url=address, verify=TLS, timeout=60, follow_redirects=True) as client:
        for path in ("/", f"/trust/{SLUG}", "/docs"):
            page = client.get(path)
            report(f"{path} answers {page.status_code}", page.status_code == 200)
            links = {urljoin(str(page.url), link) for link in LINK.findall(page.text)}
            found = {link: client.get(link).status_code for link in links if link.startswith(address)}
            report(
                f"{path} has its {len(found)} style sheets, scripts and pictures", set(found.values()) == {200}, found
            )
            report(f"{path} has a style sheet", any(".css" in link for link in found))
        for version in ("v1", "v2"):
            status = client.get(f"/openapi/{version}.json").status_code
            report(f"/openapi/{version}.json answers {status}", status == 200)
        records = client.get("/public/v2/vendors", headers={"Authorization": f"Bearer {key}"})
        report("the API has the vendors of the demo account", len(records.json()["data"]) > 0)


def consult(command: list[str], folder: str) -> None:
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    report("the doctor finds the page assets", "Page assets: built" in done.stdout, done.stdout)
    report(f"the doctor ends with {done.returncode}", done.returncode == 0, done.stderr[-3000:])


def report(what: str, is_so: bool, found: object = "") -> None:
    sys.stdout.write(f"{'ok  ' if is_so else 'FAIL'} {what}{'' if is_so else f': {found}'}\n")
    sys.stdout.flush()
    if not is_so:
        FAULTS.append(what)


if __name__ == "__main__":
    main()
