"""Reports in a spreadsheet: LibreOffice reads the CSV and saves it, and what it saved is held against the data."""

import csv
import io
import shutil
import subprocess
from pathlib import Path

import pytest
from python_calamine import load_workbook

from tests.factories import Account
from tests.trust_reports.cast import DOMAINS, EMAILS, LIST, SUMMARY, ask, at, decided, document, grant, wants
from trustwright.trust_reports.model import ReportType

OFFICE = shutil.which("soffice")
# Commas, double quotes, UTF-8, from the first line on, quoted cells as text, no guesses at numbers or dates.
AS_CSV = "Text - txt - csv (StarCalc):44,34,76,1,,0,true,false"

HOSTILE = ('=cmd|"/C calc"!A0', 'Müller, "Söhne" & Co', "two\nlines", "株式会社", "+49 30 1234", "'quoted'", "007")


@pytest.fixture
def full(acme: Account) -> Account:
    soc = document(acme, "=SUM(A1)")
    for number, company in enumerate(HOSTILE):
        email = f"person{number}@buyer{number}.example"
        held = grant(acme, email=email, expires_at=at("09-01"))
        made = decided(acme, "APPROVED", grant_id=held, company=company, email=email, last_name=f"@{company}")
        wants(acme, made, soc, approved_at=at("03-06T12:00"))
    return acme


@pytest.mark.skipif(OFFICE is None, reason="NO LIBREOFFICE ON THIS MACHINE: reports are not opened in a spreadsheet")
@pytest.mark.parametrize("type_", [LIST, DOMAINS, EMAILS, SUMMARY])
def test_a_spreadsheet_shows_what_the_report_says(full: Account, type_: ReportType, tmp_path: Path) -> None:
    content = ask(full, type_).content
    (tmp_path / "report.csv").write_bytes(content)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [str(OFFICE), profile, "--headless", f"--infilter={AS_CSV}", "--convert-to", "ods", "report.csv"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)

    rows = load_workbook(tmp_path / "report.ods").get_sheet_by_index(0).to_python()

    expected = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    assert len(expected) > 1
    assert [[text_of(cell) for cell in row] for row in rows] == [
        [text_of(number(cell)) for cell in row] for row in expected
    ]


def number(cell: str) -> str | float:
    """A cell of digits is a number to a spreadsheet."""
    try:
        return float(cell) if cell.lower() not in ("nan", "inf", "infinity") else cell
    except ValueError:
        return cell


def text_of(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell).replace("TRUE", "true").replace("FALSE", "false")
