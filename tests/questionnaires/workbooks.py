"""Workbooks that the tests fill themselves."""

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from trustwright.questionnaires.sheets import ParsedQuestion, parse

Rows = Sequence[Sequence[Any]]

HEADERS = ("No.", "Question", "Answer", "Comment")
PLAIN: Rows = [
    HEADERS,
    ("1", "Do you make backups?", "Yes", "every night"),
    ("2", "Do you test them?", "N/A", None),
    ("3", "Where are they kept?", None, "see the annex"),
]

ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="{name}">{rows}</table:table></office:spreadsheet>
</office:body></office:document-content>"""
MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
</manifest:manifest>"""


def xlsx(path: Path, *merged: str, **sheets: Rows) -> Path:
    """A workbook of these sheets; the ranges of cells named are merged on the first."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet: Worksheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    for cells in merged:
        workbook.worksheets[0].merge_cells(cells)
    for name in [name for name in sheets if name.startswith("hidden")]:
        workbook[name].sheet_state = "hidden"
    workbook.save(path)
    return path


def ods(path: Path, rows: Rows, name: str = "Sheet") -> Path:
    """A workbook of one sheet."""
    return ods_of_xml(
        path,
        "".join(
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'
                if value not in (None, "")
                else "<table:table-cell/>"
                for value in row
            )
            + "</table:table-row>"
            for row in rows
        ),
        name,
    )


def ods_of_xml(path: Path, rows: str, name: str = "Sheet") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", ODS.format(name=name, rows=rows))
        archive.writestr("META-INF/manifest.xml", MANIFEST)
    return path


def with_part(path: Path, part: str, old: str, new: str) -> Path:
    """Changes the text of one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def parsed(path: Path) -> list[ParsedQuestion]:
    questions = parse(path, path.suffix[1:])
    assert questions is not None
    return questions


def of_rows(folder: Path, *rows: Rows, merged: str = "") -> list[ParsedQuestion]:
    sheets = {f"Sheet{place}": sheet for place, sheet in enumerate(rows, 1)}
    return parsed(xlsx(folder / "given.xlsx", *filter(None, [merged]), **sheets))


def as_csv(rows: Rows, delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def in_csv(folder: Path, content: str | bytes) -> Path:
    path = folder / "given.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def answers(questions: list[ParsedQuestion]) -> list[str | None]:
    return [question.answer for question in questions]
