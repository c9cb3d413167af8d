"""The scanner's protocol against clamd itself, where it is installed (Debian: clamav-daemon)."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.files.clamd import EICAR
from tests.files.test_scanning import scan
from trustwright.files import scanning
from trustwright.files.model import ScanState
from trustwright.files.scanning import NoVerdict, Verdict

CLAMD = shutil.which("clamd") or "/usr/sbin/clamd"

pytestmark = pytest.mark.skipif(not Path(CLAMD).exists(), reason="clamd is not installed: its protocol goes unchecked")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "test.ndb").write_text(f"Test.Eicar:0:*:{EICAR.hex()}\n")
    port = free_port()
    settings = ["Foreground yes", "TCPAddr 127.0.0.1", f"TCPSocket {port}", "StreamMaxLength 1M"]
    (folder / "clamd.conf").write_text("\n".join([*settings, f"DatabaseDirectory {folder}", ""]))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([CLAMD, "-c", str(folder / "clamd.conf")], stdout=log, stderr=log)
        address = f"tcp://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while not asyncio.run(scanning.answers(address)):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        try:
            yield address
        finally:
            process.terminate()
            process.wait(30)


def test_clamd_finds_a_virus_and_nothing_where_there_is_none(url: str) -> None:
    assert scan(url, b"a,b\n" * 1000) == Verdict(ScanState.CLEAN)
    assert scan(url, b"x" * 500_000 + EICAR) == Verdict(ScanState.INFECTED, "Test.Eicar.UNOFFICIAL")


@pytest.mark.parametrize("times", [2, 50])
def test_clamd_breaks_off_past_its_own_limit(url: str, times: int) -> None:
    with pytest.raises(NoVerdict):
        scan(url, b"x" * 1024 * 1024 * times)
