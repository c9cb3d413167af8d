"""Questions and answers out of uploaded sheets (vendor-reviews 3.4)."""

import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from trustwright.questionnaires.columns import Header, header_of
from trustwright.questionnaires.tables import READABLE, Table, tables_of

MIB = 1024 * 1024
MEMORY = 1024 * MIB
LARGEST_RESULT = 64 * MIB
SECONDS = 60

# A cell that was never filled in: dashes, dots, an empty box, the first line of a list to choose from. `N/A` is an
# answer, and so is a tick.
BLANK = re.compile(
    r"[-–—_.…☐\s]*|[<\[(]?\s*(please )?(select|choose|pick)( (an?|one|your|from)( \w+){0,5})?\s*[.…:]*\s*[>\])]?",
    re.IGNORECASE,
)


class ParsedQuestion(Struct, frozen=True, kw_only=True):
    """One row of a questionnaire. `place` counts all questions of the file from 1, `row` the rows of the sheet."""

    place: int
    section: str | None
    reference: str | None
    question: str
    answer: str | None
    comment: str | None
    sheet: str
    row: int


def read_sheets(path: Path, extension: str) -> list[ParsedQuestion] | None:
    """The questions of an xlsx, ods or csv file in their order; None when no row of headers is found, or the file
    cannot be read. Blocks for as long as a minute.

    Another process reads: a sheet whose only two cells are its first and its last is small, and asks for 500 GB of
    memory, which ends the process that asks."""
    if extension not in READABLE:
        return None
    if not path.is_file():
        raise FileNotFoundError(path)
    command = [sys.executable, "-m", __name__, str(path), extension]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=2 * SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode != 0:
        return None
    return msgspec.json.decode(done.stdout, type=list[ParsedQuestion] | None)


def totals(questions: list[ParsedQuestion]) -> tuple[int, int]:
    """How many questions there are, and how many of them are answered."""
    return len(questions), sum(question.answer is not None for question in questions)


def parse(path: Path, extension: str) -> list[ParsedQuestion] | None:
    """`read_sheets` in this process, for files that can be trusted not to ask for all of its memory."""
    tables = tables_of(path, extension)
    return None if tables is None else questions_of(tables)


def questions_of(tables: list[Table]) -> list[ParsedQuestion] | None:
    """The questions of all sheets; None when none has a row of headers. Sheets without a column of answers are lists
    of something else, unless no sheet has one."""
    found = [(table, header) for table in tables if (header := header_of(table.rows))]
    if not found:
        return None
    chosen = [(table, header) for table, header in found if header.takes_answers] or found
    questions = [question for table, header in chosen for question in _of_table(table, header)]
    return [replace(question, place=place) for place, question in enumerate(questions, 1)]


def _of_table(table: Table, header: Header) -> Iterator[ParsedQuestion]:
    titles = _Titles(table, header)
    title = domain = None
    for place, row in enumerate(table.rows):
        if place <= header.row or row == table.rows[header.row]:
            continue
        if titles.is_title(place):
            title, domain = next(filter(None, row)), None
            continue
        # The title of a domain stands in the first of its rows, or in all of them.
        domain = _meant(row, header.section) or domain
        if question := _meant(row, header.question):
            yield ParsedQuestion(
                place=0,
                section=domain or title,
                reference=_meant(row, header.reference),
                question=question,
                answer=_answer(row, header),
                comment=_comment(row, header),
                sheet=table.name,
                row=place + 1,
            )


class _Titles:
    """Tells the title of a section from a question that nobody answered: both are rows with one filled cell."""

    def __init__(self, table: Table, header: Header) -> None:
        self._table = table
        self._header = header
        asked = [row for row in table.rows[header.row + 1 :] if _meant(row, header.question)]
        self._numbered = any(_meant(row, header.reference) for row in asked)
        self._asks = sum(row[header.question].endswith("?") for row in asked) * 2 > len(asked)

    def is_title(self, place: int) -> bool:
        """A title stands outside of the column of questions, or is merged over others; or it lacks the number or the
        question mark that the questions of its sheet have."""
        row = self._table.rows[place]
        filled = [column for column, text in enumerate(row) if text]
        if len(filled) != 1:
            return False
        (column,) = filled
        return (
            column != self._header.question
            or (place, column) in self._table.wide
            or self._numbered
            or (self._asks and not row[column].endswith("?"))
        )


def _answer(row: list[str], header: Header) -> str | None:
    """The cell of the answer, or the name of the one column that is marked."""
    if header.answer is not None:
        return _meant(row, header.answer)
    marked = [name for column, name in header.choices if _meant(row, column)]
    return marked[0] if len(marked) == 1 else None


def _comment(row: list[str], header: Header) -> str | None:
    """What stands beside the answer, a line a column, each but the plain comment with its header."""
    said = [(name, text) for column, name in header.comments if (text := _meant(row, column))]
    return "\n".join(f"{name}: {text}" if name else text for name, text in said) or None


def _meant(row: list[str], column: int | None) -> str | None:
    """The text of a cell; None for one that is not there, is empty, or only holds a place."""
    if column is None or column >= len(row) or BLANK.fullmatch(row[column]):
        return None
    return row[column]


def main(path: str, extension: str) -> int:
    """Writes the questions as JSON, within the bounds of a process that may be given anything to read."""
    if sys.platform == "linux":
        # Elsewhere the system alone decides when it is too much.
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    result = msgspec.json.encode(parse(Path(path), extension))
    if len(result) > LARGEST_RESULT:
        return 1
    sys.stdout.buffer.write(result)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
