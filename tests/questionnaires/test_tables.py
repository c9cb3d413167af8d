"""How files become tables: encodings, bounds, and files that are broken or mean harm."""

import time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.questionnaires.workbooks import (
    HEADERS,
    PLAIN,
    Rows,
    answers,
    as_csv,
    in_csv,
    ods_of_xml,
    of_rows,
    parsed,
    with_part,
    xlsx,
)
from trustwright.questionnaires import sheets
from trustwright.questionnaires.sheets import parse, read_sheets


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_csv_is_read_in_its_delimiter_and_encoding(tmp_path: Path, delimiter: str, encoding: str) -> None:
    rows: Rows = [HEADERS, ("1", "Gibt es Türen, Schlösser; Riegel?", "Für alle", 'ein "gutes" Schloß')] * 3

    questions = parsed(in_csv(tmp_path, as_csv(rows, delimiter).encode(encoding)))

    assert questions[0].question == "Gibt es Türen, Schlösser; Riegel?"
    assert questions[0].answer == "Für alle"
    assert questions[0].comment == 'ein "gutes" Schloß'


def test_csv_of_western_windows_keeps_its_quotes(tmp_path: Path) -> None:
    assert answers(
        parsed(in_csv(tmp_path, as_csv([HEADERS, ("1", "Do you?", "“Yes” – 5 €", "")]).encode("cp1252")))
    ) == ["“Yes” – 5 €"]


def test_csv_of_bytes_that_no_windows_has_is_latin_1(tmp_path: Path) -> None:
    content = as_csv([HEADERS, ("1", "Do you?", "é\x81", "")]).encode("latin-1")

    assert answers(parsed(in_csv(tmp_path, content))) == ["é\x81"]


def test_a_quote_doubled_late_is_read_too(tmp_path: Path) -> None:
    rows: Rows = [
        HEADERS,
        *[(str(n), "Do you?", "Yes", "of course") for n in range(2000)],
        ("x", 'The "big", one?', "No", ""),
    ]

    assert parsed(in_csv(tmp_path, as_csv(rows)))[-1].question == 'The "big", one?'


@pytest.mark.parametrize("content", [b"", b"\xff\xfea", b"\xef\xbb\xbf", b"\0\0\0", bytes(range(256))])
def test_csv_that_is_none_is_not_read(tmp_path: Path, content: bytes) -> None:
    assert parse(in_csv(tmp_path, content), "csv") is None


def test_a_field_of_no_end_is_not_read(tmp_path: Path) -> None:
    assert parse(in_csv(tmp_path, as_csv([HEADERS, ("1", "x" * 200_000, "", "")])), "csv") is None


def test_nul_is_left_out(tmp_path: Path) -> None:
    assert answers(parsed(in_csv(tmp_path, as_csv([HEADERS, ("1", "Do you?", "Y\0es", "")])))) == ["Yes"]


@pytest.mark.parametrize("extension", ["pdf", "docx", "odt", "doc", "pptx", "odp", "", "XLSX"])
def test_other_kinds_of_files_are_not_read(tmp_path: Path, extension: str) -> None:
    assert read_sheets(tmp_path / "nobody looks", extension) is None


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_sheets(tmp_path / "missing.xlsx", "xlsx")


@pytest.mark.parametrize("extension", ["xlsx", "ods"])
@pytest.mark.parametrize(
    "content", [b"", b"no workbook", b"PK\x03\x04 and no more", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_a_file_that_is_no_workbook_is_not_read(tmp_path: Path, extension: str, content: bytes) -> None:
    path = tmp_path / f"given.{extension}"
    path.write_bytes(content)

    assert parse(path, extension) is None


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_workbook_cut_off_is_not_read(tmp_path: Path, share: float) -> None:
    path = xlsx(tmp_path / "given.xlsx", Sheet=PLAIN)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])

    assert parse(path, "xlsx") is None


def test_a_workbook_of_broken_xml_is_not_read(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "given.xlsx", Sheet=PLAIN)

    assert parse(with_part(path, "xl/worksheets/sheet1.xml", "</sheetData>", "<"), "xlsx") is None


def test_two_cells_far_apart_end_nothing_but_the_reading(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet["A1"], sheet["XFD1048576"] = "Question", "the last cell"
    workbook.save(tmp_path / "far.xlsx")
    begin = time.monotonic()

    assert read_sheets(tmp_path / "far.xlsx", "xlsx") is None
    assert time.monotonic() - begin < 20


def test_a_cell_repeated_without_end_ends_nothing_but_the_reading(tmp_path: Path) -> None:
    cell = '<table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p>'
    rows = f'<table:table-row table:number-rows-repeated="6000">{cell}</table:table-cell></table:table-row>'

    assert read_sheets(ods_of_xml(tmp_path / "given.ods", rows), "ods") is None


def test_reading_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = xlsx(tmp_path / "given.xlsx", Sheet=PLAIN)
    monkeypatch.setattr(sheets, "SECONDS", 0)

    assert read_sheets(path, "xlsx") is None


def test_more_text_than_a_questionnaire_has_is_not_read(tmp_path: Path) -> None:
    rows = [HEADERS, *[("1", "Do you?", "x" * 32_000, "")] * 2200]

    assert read_sheets(in_csv(tmp_path, as_csv(rows)), "csv") is None


def test_what_exceeds_the_bounds_is_cut(tmp_path: Path) -> None:
    wide = [*HEADERS, *[""] * 196, "Evidence"]
    rows = [wide, *[("1", "Do you?", "y" * 40_000, "", *[""] * 196, "far")], *[("2", "Do you?", "Yes")] * 20_000]

    questions = parsed(in_csv(tmp_path, as_csv(rows)))

    assert len(questions) == 19_999
    assert questions[0].answer == "y" * 32_767
    assert questions[0].comment is None


def test_fifty_sheets_are_read(tmp_path: Path) -> None:
    assert len(of_rows(tmp_path, *[PLAIN] * 51)) == 150


TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40)
ROWS = st.lists(st.lists(st.one_of(TEXT, st.sampled_from(HEADERS)), max_size=6), max_size=20)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_any_table_of_text_is_read_without_an_error(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "any.xlsx"
    workbook = openpyxl.Workbook()
    for place, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            cell = workbook.worksheets[0].cell(place, column, text)
            cell.data_type = "s"
    workbook.save(path)

    for found in (parse(path, "xlsx"), parse(in_csv(tmp_path, as_csv(rows)), "csv")):
        assert found is None or all(question.question for question in found)


WORDS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=30)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=10))
def test_what_was_asked_and_answered_reads_back(tmp_path: Path, pairs: list[tuple[str, str]]) -> None:
    rows: Rows = [HEADERS, *[(f"Q{n}", f"Why {asked}?", f"As {said}", "") for n, (asked, said) in enumerate(pairs)]]

    for path in (xlsx(tmp_path / "any.xlsx", Sheet=rows), in_csv(tmp_path, as_csv(rows))):
        found = [(question.question, question.answer) for question in parsed(path)]
        assert found == [(f"Why {asked}?", f"As {said}") for asked, said in pairs]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_without_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)

    for extension in ("csv", "xlsx", "ods"):
        parse(path, extension)
