"""What the rows of a sheet mean: headers, questions, answers, sections."""

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from tests.questionnaires.workbooks import (
    HEADERS,
    PLAIN,
    Rows,
    answers,
    as_csv,
    in_csv,
    ods,
    of_rows,
    parsed,
    with_part,
    xlsx,
)
from trustwright.questionnaires.sheets import ParsedQuestion, parse, read_sheets, totals

CAIQ_HEADERS = (
    "Question ID",
    "Question",
    "CSP CAIQ  Answer",
    "SSRM Control Ownership",
    "CSP Implementation Description (Optional/Recommended)",
    "CSC Responsibilities\n(Optional/Recommended)",
    "CCM Control ID",
    "CCM Control Specification",
    "CCM Control Title",
    "CCM Domain Title",
)
BLANKS = ["", "  ", "\xa0", "-", "–", "...", "___", "☐", "Select...", "select", "Select one", "Select from the list"]
BLANKS += ["Please select", "<Select>", "[Choose an answer]", "Choose an item."]


def sections(questions: list[ParsedQuestion]) -> list[tuple[str | None, str]]:
    return [(question.section, question.question) for question in questions]


@pytest.fixture(params=["xlsx", "ods", "csv"])
def plain(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The same rows in each kind of file."""
    path = tmp_path / f"Sheet.{request.param}"
    if request.param == "xlsx":
        return xlsx(path, Sheet=PLAIN)
    if request.param == "ods":
        return ods(path, PLAIN)
    path.write_text(as_csv(PLAIN))
    return path


def test_questions_and_answers_are_read(plain: Path) -> None:
    questions = read_sheets(plain, plain.suffix[1:])

    assert questions is not None
    assert questions[0] == ParsedQuestion(
        place=1,
        section=None,
        reference="1",
        question="Do you make backups?",
        answer="Yes",
        comment="every night",
        sheet="Sheet",
        row=2,
    )
    assert [question.place for question in questions] == [1, 2, 3]
    assert answers(questions) == ["Yes", "N/A", None]
    assert questions[2].comment == "see the annex"
    assert totals(questions) == (3, 2)


@pytest.mark.parametrize("answer", ["CSP CAIQ  Answer", "Service Provider AI-CAIQ Answer", "csp caiq answer"])
def test_columns_of_a_caiq_are_known(tmp_path: Path, answer: str) -> None:
    headers = [answer if name.startswith("CSP CAIQ") else name for name in CAIQ_HEADERS]
    description = "CCM specification"
    questions = of_rows(
        tmp_path,
        [
            ("A title over everything",),
            headers,
            ("X&Y-01.1", "Is it one?", "Yes", "CSP-owned", "It is.", "None", "X&Y-01", description, "One", "X and Y"),
            ("X&Y-01.2", "Is it two?", "NA", None, None, None, None, None, None, None),
            ("X&Y-02.1", "Is it three?", None, "", "", "", "X&Y-02", description, "Two", None),
            ("ZZZ-01.1", "Is it four?", "No", None, "Never", None, "ZZZ-01", description, "Zed", "Zeds"),
            ("The end",),
        ],
        merged="J3:J5",
    )

    assert [question.reference for question in questions] == ["X&Y-01.1", "X&Y-01.2", "X&Y-02.1", "ZZZ-01.1"]
    assert sections(questions) == [
        ("X and Y", "Is it one?"),
        ("X and Y", "Is it two?"),
        ("X and Y", "Is it three?"),
        ("Zeds", "Is it four?"),
    ]
    assert answers(questions) == ["Yes", "NA", None, "No"]
    assert questions[0].comment == (
        "It is.\nSSRM Control Ownership: CSP-owned\nCSC Responsibilities (Optional/Recommended): None"
    )
    assert questions[1].comment is None
    assert [question.row for question in questions] == [3, 4, 5, 6]
    assert totals(questions) == (4, 3)


@pytest.mark.parametrize(
    "headers",
    [
        ("ID", "Requirement", "Vendor Response", "Remarks"),
        ("Ref #", "CONTROL", "Your  response *", "Implementation"),
        ("Question number", "Security Question", "Response (Yes/No/NA)", "Additional information:"),
        ("Control ID", "Control description", "Supplier's Answer", "Explanation"),
    ],
)
def test_headers_are_known_by_how_they_begin(tmp_path: Path, headers: tuple[str, ...]) -> None:
    (question,) = of_rows(tmp_path, [headers, ("7.1", "Locks on doors", "Yes", "two")])

    assert (question.reference, question.question, question.answer, question.comment) == (
        "7.1",
        "Locks on doors",
        "Yes",
        "two",
    )


def test_evidence_stands_in_the_comment_under_its_name(tmp_path: Path) -> None:
    (question,) = of_rows(tmp_path, [("Question", "Answer", "Evidence link"), ("Locks?", "Yes", "https://acme.test/a")])

    assert question.comment == "Evidence link: https://acme.test/a"


def test_the_better_name_wins(tmp_path: Path) -> None:
    rows: Rows = [
        ("Control", "Question", "Response", "Control ID", "Question ID"),
        ("Doors", "Locked?", "Yes", "C", "Q"),
    ]

    (question,) = of_rows(tmp_path, rows)

    assert (question.question, question.reference) == ("Locked?", "Q")


@pytest.mark.parametrize("above", [0, 1, 14])
def test_headers_are_looked_for_in_fifteen_rows(tmp_path: Path, above: int) -> None:
    questions = of_rows(tmp_path, [*[("Instructions", "read", "on")] * above, *PLAIN])

    assert questions[0].row == above + 2


def test_headers_below_are_not_found(tmp_path: Path) -> None:
    assert parse(xlsx(tmp_path / "late.xlsx", Sheet=[*[("Read on",)] * 15, *PLAIN]), "xlsx") is None


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [("Question",), ("Do you?",)],
        [("Answer", "Comment"), ("Yes", "of course")],
        [("Name", "Price"), ("Nut", "2")],
        [("Please answer each question below, and comment where you must",), ("Do you?",)],
        [("Identity", "Nobody"), ("a", "b")],
    ],
)
def test_a_sheet_without_headers_is_no_questionnaire(tmp_path: Path, rows: Rows) -> None:
    assert parse(xlsx(tmp_path / "given.xlsx", Sheet=rows), "xlsx") is None
    assert parse(in_csv(tmp_path, as_csv(rows)), "csv") is None


def test_the_row_with_most_headers_is_the_header(tmp_path: Path) -> None:
    questions = of_rows(tmp_path, [("Question", "the answer, please"), *PLAIN])

    assert [question.row for question in questions] == [3, 4, 5]


def test_headers_that_come_again_are_no_question(tmp_path: Path) -> None:
    assert len(of_rows(tmp_path, [*PLAIN, HEADERS, ("4", "Do you?", "Yes", None)])) == 4


@pytest.mark.parametrize("blank", BLANKS)
def test_a_cell_that_only_holds_a_place_is_no_answer(tmp_path: Path, blank: str) -> None:
    (question,) = of_rows(tmp_path, [HEADERS, ("1", "Do you?", blank, blank)])

    assert (question.answer, question.comment) == (None, None)


@pytest.mark.parametrize("answer", ["N/A", "NA", "n/a", "No", "0", "✓", "?!", "Unknown", "Selected staff only", "x"])
def test_what_somebody_wrote_is_an_answer(tmp_path: Path, answer: str) -> None:
    (question,) = of_rows(tmp_path, [HEADERS, ("1", "Do you?", answer, None)])

    assert question.answer == answer


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (2.5, "2.5"),
        (True, "TRUE"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 12, 30), "2026-03-01 12:30:00"),  # noqa: DTZ001
        ("two\nlines", "two\nlines"),
        ("  much \t space  ", "much space"),
    ],
)
def test_values_are_read_as_a_person_reads_them(tmp_path: Path, value: object, text: str) -> None:
    (question,) = of_rows(tmp_path, [HEADERS, ("1", "Which?", value, None)])

    assert question.answer == text


def test_a_formula_is_the_value_it_had(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "given.xlsx", Sheet=[HEADERS, ("1", "How many?", "=6*7", None)])
    with_part(path, "xl/worksheets/sheet1.xml", "</f><v></v>", "</f><v>42</v>")

    assert answers(parsed(path)) == ["42"]


def test_a_formula_that_was_never_reckoned_is_no_answer(tmp_path: Path) -> None:
    assert answers(of_rows(tmp_path, [HEADERS, ("1", "How many?", "=6*7", None)])) == [None]


@pytest.mark.parametrize(
    ("headers", "marks", "answer"),
    [
        (("Question", "Yes", "No", "N/A"), ("x", None, None), "Yes"),
        (("Question", "Yes", "No", "N/A"), (None, None, "X"), "N/A"),
        (("Question", "Yes", "No", "Comment"), (None, "✓", "never"), "No"),
        (("Question", "Yes", "No", "N/A"), ("x", "x", None), None),
        (("Question", "Yes", "No", "N/A"), (None, None, None), None),
    ],
)
def test_the_marked_column_is_the_answer(
    tmp_path: Path, headers: tuple[str, ...], marks: tuple[str | None, ...], answer: str | None
) -> None:
    (question,) = of_rows(tmp_path, [headers, ("Do you?", *marks)])

    assert (question.answer, question.reference) == (answer, None)


def test_a_title_in_another_column_begins_a_section(tmp_path: Path) -> None:
    questions = of_rows(
        tmp_path,
        [
            ("Nr", "Question", "Answer"),
            ("", "Before all", "Yes"),
            ("Access", "", ""),
            ("", "Who may?", "All"),
            ("Backups", "", ""),
            ("", "How often", "Daily"),
            ("", "How long?", ""),
        ],
    )

    assert sections(questions) == [
        (None, "Before all"),
        ("Access", "Who may?"),
        ("Backups", "How often"),
        ("Backups", "How long?"),
    ]


def test_a_title_merged_over_columns_begins_a_section(tmp_path: Path) -> None:
    rows: Rows = [("Question", "Answer"), ("Access", None), ("Name who may", None), ("Say when", "now")]

    assert sections(of_rows(tmp_path, rows, merged="A2:B2")) == [("Access", "Name who may"), ("Access", "Say when")]


def test_a_title_without_a_number_among_numbered_questions_begins_a_section(tmp_path: Path) -> None:
    rows: Rows = [("Nr", "Question", "Answer"), ("", "Access", ""), ("1", "Name who may", ""), ("2", "Say when", "now")]

    assert sections(of_rows(tmp_path, rows)) == [("Access", "Name who may"), ("Access", "Say when")]


def test_a_title_among_questions_that_ask_begins_a_section(tmp_path: Path) -> None:
    rows: Rows = [("Question", "Answer"), ("Access", ""), ("Who may?", ""), ("When?", "now")]

    assert sections(of_rows(tmp_path, rows)) == [("Access", "Who may?"), ("Access", "When?")]


def test_a_question_that_nobody_answered_is_no_title(tmp_path: Path) -> None:
    rows: Rows = [("Question", "Answer"), ("Name who may", ""), ("Describe how", ""), ("Say when", "now")]

    questions = of_rows(tmp_path, rows)

    assert sections(questions) == [(None, "Name who may"), (None, "Describe how"), (None, "Say when")]
    assert totals(questions) == (3, 1)


def test_questions_of_all_sheets_are_counted_on(tmp_path: Path) -> None:
    questions = of_rows(tmp_path, PLAIN, [("Notes",)], PLAIN)

    assert [(question.place, question.sheet) for question in questions] == [
        (1, "Sheet1"),
        (2, "Sheet1"),
        (3, "Sheet1"),
        (4, "Sheet3"),
        (5, "Sheet3"),
        (6, "Sheet3"),
    ]


def test_a_sheet_that_takes_no_answers_is_left_out_unless_none_does(tmp_path: Path) -> None:
    catalogue: Rows = [("Control ID", "Control", "Description"), ("C-1", "Doors", "are locked")]

    assert [question.sheet for question in of_rows(tmp_path, catalogue, PLAIN)] == ["Sheet2"] * 3
    assert totals(of_rows(tmp_path, catalogue)) == (1, 0)


def test_a_hidden_sheet_is_left_out(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "given.xlsx", shown=PLAIN, hidden=PLAIN)

    assert {question.sheet for question in parsed(path)} == {"shown"}


def test_a_sheet_of_charts_is_left_out(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "given.xlsx", Sheet=PLAIN)
    workbook = openpyxl.load_workbook(path)
    workbook.create_chartsheet("Chart", 0)
    workbook.save(path)

    assert len(parsed(path)) == 3
