"""docs/api.md keeps its word: its shell blocks run in one shell, and print what the blocks after them show."""

import os
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from tests.documents import pdf
from tests.factories import Account, World

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END = "--- end of block ---"


@pytest.mark.skipif(shutil.which("curl") is None, reason="NO CURL ON THIS MACHINE: docs/api.md is not tried out")
def test_the_life_of_a_review_goes_as_the_document_tells(acme: Account, world: World, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(pdf("SOC 2 report"))
    steps = steps_of(DOCUMENT.read_text())
    script = "set -eu\n" + "".join(f"{commands}\necho '{END}'\n" for commands, _ in steps)
    environment = {**os.environ, "URL": world.address, "KEY": acme.api_key}

    command = ["bash", "-c", script]
    run = subprocess.run(
        command, check=False, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )

    assert run.stderr == ""
    assert [part.strip() for part in run.stdout.split(END)[:-1]] == [expected for _, expected in steps]
    assert len(steps) >= 8


def steps_of(document: str) -> list[tuple[str, str]]:
    """Each shell block with what it must print: the block after it, or nothing."""
    blocks = [*BLOCK.findall(document), ("", "")]
    return [
        (commands, shown.strip() if kind == "text" else "")
        for (shell, commands), (kind, shown) in pairwise(blocks)
        if shell == "sh"
    ]
