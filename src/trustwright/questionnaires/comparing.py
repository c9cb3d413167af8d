"""A questionnaire beside the one before it: which question is which, and what was answered otherwise."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from trustwright.questionnaires.model import Content
from trustwright.questionnaires.questions import Answer, Question, QuestionType, asked, is_given

WORDS = {"yes": "Yes", "no": "No", "na": "Not applicable"}
IN_WORDS = (QuestionType.YES_NO, QuestionType.YES_NO_NA)


class Difference(StrEnum):
    """How an answer differs from the one before. NEW: the question was not asked before."""

    SAME = "SAME"
    CHANGED = "CHANGED"
    NEW = "NEW"


class Line(Struct, frozen=True, kw_only=True):
    """A question with its answer, and with the one before where there is something to compare it with. `is_asked`: its
    condition holds."""

    question: Question
    answer: Answer
    is_asked: bool
    before: Answer | None = None
    difference: Difference | None = None


class Part(Struct, frozen=True):
    """Questions that follow each other in one section."""

    title: str
    lines: list[Line]

    @property
    def answered(self) -> int:
        return sum(is_given(line.answer) for line in self.lines if line.question.type is not QuestionType.INFO)

    @property
    def changed(self) -> int:
        return sum(line.difference is Difference.CHANGED for line in self.lines)


def parts_of(content: Content, before: Content | None = None) -> list[Part]:
    """The questions by section, each beside the one before it that asked the same in the same words, or else that has
    the same id and type."""
    questions = content.questions or []
    shown = {question.id for question in asked(questions, content.answers)}
    earlier = _earlier(questions, before.questions or []) if before else {}
    parts: list[Part] = []
    for question in questions:
        if not parts or parts[-1].title != question.section:
            parts.append(Part(question.section, []))
        answer = content.answers.get(question.id, Answer())
        line = Line(question=question, answer=answer, is_asked=question.id in shown)
        if before and question.type is not QuestionType.INFO:
            line = _compared(line, before, earlier.get(question.id))
        parts[-1].lines.append(line)
    return parts


def _earlier(questions: list[Question], before: list[Question]) -> dict[str, Question]:
    """For each question the earlier one that it is; each of those once."""
    by_text: dict[str, Question] = {_plain(question.text): question for question in reversed(before)}
    found = {
        question.id: by_text.pop(_plain(question.text)) for question in questions if _plain(question.text) in by_text
    }
    taken = {question.id for question in found.values()}
    by_id = {question.id: question for question in before if question.id not in taken}
    for question in questions:
        other = by_id.get(question.id)
        if question.id not in found and other is not None and other.type is question.type:
            found[question.id] = other
    return found


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _compared(line: Line, before: Content, earlier: Question | None) -> Line:
    if earlier is None:
        return replace(line, difference=Difference.NEW)
    answer = before.answers.get(earlier.id, Answer())
    same = _reads(line.question, line.answer) == _reads(earlier, answer)
    return replace(line, before=answer, difference=Difference.SAME if same else Difference.CHANGED)


def _reads(question: Question, answer: Answer) -> tuple[list[str], list[int], str]:
    """An answer as far as it says something: neither the order of what was chosen, nor blanks, nor capitals do."""
    said = sorted(text.strip().casefold() for text in in_words(question, answer))
    return said, file_ids(question, answer), answer.comment.strip()


def in_words(question: Question, answer: Answer) -> list[str]:
    """What was answered as a person reads it, one text for each of several; none for no answer, and for files."""
    value = answer.value
    if not is_given(answer) or question.type is QuestionType.FILE:
        return []
    if isinstance(value, list):
        return [str(each) for each in value]
    return [WORDS.get(str(value), str(value)) if question.type in IN_WORDS else str(value)]


def file_ids(question: Question, answer: Answer) -> list[int]:
    """The files that an answer is made of."""
    if question.type is not QuestionType.FILE or not isinstance(answer.value, list):
        return []
    return [value for value in answer.value if isinstance(value, int)]
