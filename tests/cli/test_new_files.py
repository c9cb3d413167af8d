"""A command that writes a file looks first whether it can."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from trustwright.cli import app

COMMANDS = pytest.mark.parametrize("command", [["backup"], ["events", "export"]], ids=" ".join)


@COMMANDS
def test_where_no_file_can_be_made_nothing_is_begun(command: list[str], tmp_path: Path) -> None:
    data_dir, file = tmp_path / "data", tmp_path / "missing" / "file"

    result = CliRunner().invoke(app, [*command, str(file), "--data-dir", str(data_dir)])

    assert result.exit_code == 2
    assert "is no folder in which" in " ".join(result.output.replace("│", " ").split())
    assert not data_dir.exists()


@COMMANDS
def test_a_folder_is_no_file(command: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [*command, str(tmp_path), "--data-dir", str(tmp_path / "data")])

    assert result.exit_code == 2
    assert not (tmp_path / "data").exists()
