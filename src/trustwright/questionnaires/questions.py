"""Questions and answers: what a template may ask, what fits as an answer, what counts, what a submit still lacks."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta, Struct
from msgspec.structs import replace

MOST_QUESTIONS = 1000
# Files that one questionnaire takes in its lifetime, those taken away again included.
MOST_FILES = 100
SHORT = 1000
LONG = 30_000
# The letters that one questionnaire's answers may have together; each save writes all of them.
MOST_LETTERS = 4_000_000

QUESTION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class QuestionType(StrEnum):
    """vendor-reviews 3.4. `info` is a text between the questions and asks nothing."""

    SHORT_TEXT = "short_text"
    LONG_TEXT = "long_text"
    YES_NO = "yes_no"
    YES_NO_NA = "yes_no_na"
    SINGLE = "single"
    MULTI = "multi"
    NUMBER = "number"
    DATE = "date"
    FILE = "file"
    INFO = "info"


CHOICES = {QuestionType.YES_NO: ["yes", "no"], QuestionType.YES_NO_NA: ["yes", "no", "na"]}
WITH_OPTIONS = (QuestionType.SINGLE, QuestionType.MULTI)
LENGTHS = {QuestionType.SHORT_TEXT: SHORT, QuestionType.LONG_TEXT: LONG}
EXPECTED = {
    QuestionType.SHORT_TEXT: f"Write a text of {SHORT} characters at most",
    QuestionType.LONG_TEXT: f"Write a text of {LONG} characters at most",
    QuestionType.YES_NO: "Choose yes or no",
    QuestionType.YES_NO_NA: "Choose yes, no or not applicable",
    QuestionType.SINGLE: "Choose one of the options",
    QuestionType.MULTI: "Choose among the options, each once",
    QuestionType.NUMBER: "Write a number, such as 12 or 0.5",
    QuestionType.DATE: "Write a date as year, month and day, such as 2025-07-01",
    QuestionType.FILE: "Attach a file here first",
}


class Condition(Struct, frozen=True, rename="camel"):
    """The question is asked only when an earlier one is answered so: with `yes`, `no`, `na`, or one of its options."""

    question_id: str
    equals: str


class Question(Struct, frozen=True, kw_only=True, rename="camel"):
    """`id` names it in answers and conditions; without one it gets one. `options` are for `single` and `multi`."""

    example: ClassVar = {
        "id": "mfa",
        "section": "Access",
        "text": "Do all employees sign in with a second factor?",
        "help": "Answer for the systems that touch our data.",
        "type": "yes_no_na",
        "options": [],
        "required": True,
        "showIf": None,
    }

    text: Annotated[str, Meta(min_length=1, max_length=LONG)]
    type: QuestionType
    id: Annotated[str, Meta(max_length=64)] = ""
    section: Annotated[str, Meta(max_length=191)] = ""
    help: Annotated[str, Meta(max_length=LONG)] = ""
    options: Annotated[list[Annotated[str, Meta(min_length=1, max_length=SHORT)]], Meta(max_length=200)] = []
    required: bool = False
    show_if: Condition | None = None


class Answer(Struct, frozen=True, kw_only=True):
    """`value`: a text, the word or option chosen, a list of options for `multi`, a number for `number`, `2025-07-01`
    for `date`, the ids of files for `file`. A comment without a value answers nothing."""

    value: str | int | float | list[str | int] | None = None
    comment: Annotated[str, Meta(max_length=LONG)] = ""


Answers = dict[str, Answer]


class Totals(Struct, frozen=True):
    questions: int
    answered: int


class Fault(Struct, frozen=True, rename="camel"):
    """What is wrong with the answer of one question."""

    question_id: str
    message: str


def choices(question: Question) -> list[str]:
    """What may be chosen; empty for a question that is not answered by choosing."""
    return question.options if question.type in WITH_OPTIONS else CHOICES.get(question.type, [])


def with_ids(questions: list[Question]) -> list[Question]:
    """The questions, each with an id: its own, or the next free one of q1, q2 and so on."""
    taken = {question.id for question in questions}
    free = (f"q{number}" for number in range(1, 2 * len(questions) + 1) if f"q{number}" not in taken)
    return [question if question.id else replace(question, id=next(free)) for question in questions]


def template_faults(questions: list[Question]) -> list[str]:
    """What keeps these questions, which all have ids, from being asked; empty when they can be."""
    faults = [
        f"questions: {question_id} is the id of more than one"
        for question_id, count in Counter(question.id for question in questions).items()
        if count > 1
    ]
    if len(questions) > MOST_QUESTIONS:
        faults.append(f"questions: {MOST_QUESTIONS} at most, not {len(questions)}")
    if all(question.type is QuestionType.INFO for question in questions):
        faults.append("questions: ask at least one")
    before: dict[str, Question] = {}
    for place, question in enumerate(questions):
        faults += [f"questions[{place}]: {fault}" for fault in _faults(question, before)]
        before[question.id] = question
    return faults


def _faults(question: Question, before: dict[str, Question]) -> Iterator[str]:
    if not QUESTION_ID.fullmatch(question.id):
        yield "id must be letters, digits, _ or -, 64 at most"
    if not question.text.strip():
        yield "text must not be blank"
    if question.type in WITH_OPTIONS and len(question.options) < 2:
        yield f"{question.type} needs at least two options"
    if question.type not in WITH_OPTIONS and question.options:
        yield f"{question.type} takes no options"
    if len(set(question.options)) < len(question.options) or not all(option.strip() for option in question.options):
        yield "options must differ and not be blank"
    if question.type is QuestionType.INFO and question.required:
        yield "info cannot be required"
    if question.show_if is not None:
        other = before.get(question.show_if.question_id)
        if other is None:
            # Looking back only, conditions can form no circle.
            yield f"showIf: no question {question.show_if.question_id} stands before it"
        elif question.show_if.equals not in choices(other):
            yield f"showIf: {question.show_if.equals} cannot be chosen in {other.id}"


def is_given(answer: Answer | None) -> bool:
    """Whether something was answered. N/A is an answer; blanks are none."""
    value = answer.value if answer else None
    return bool(value.strip()) if isinstance(value, str) else value is not None and value != []


def answer_fault(question: Question, answer: Answer, files: set[int]) -> str | None:
    """Why an answer does not fit its question, as a sentence for who wrote it; None when it fits. `files`: the ids of
    those that came with the questionnaire."""
    value, kind = answer.value, question.type
    if kind is QuestionType.INFO:
        return "Nothing is asked here"
    if value is None or value == "":
        return None
    if isinstance(value, list):
        known: list[str | int] = [*files] if kind is QuestionType.FILE else [*question.options]
        fits = kind in (QuestionType.MULTI, QuestionType.FILE) and len(set(value)) == len(value) <= len(known)
        fits = fits and set(value) <= set(known)
    elif kind is QuestionType.NUMBER:
        fits = isinstance(value, int | float) and math.isfinite(value)
    elif not isinstance(value, str) or kind is QuestionType.MULTI:
        fits = False
    elif kind in LENGTHS:
        fits = len(value) <= LENGTHS[kind]
    else:
        fits = is_date(value) if kind is QuestionType.DATE else value in choices(question)
    return None if fits else EXPECTED[kind]


def is_date(text: str) -> bool:
    """Whether it is a day as year, month and day: `2025-07-01`."""
    # Python reads 20250701 and 2025-W27-2 too.
    if not DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def answer_faults(questions: list[Question], changes: Answers, files: set[int]) -> list[Fault]:
    """What is wrong with some answers, each to a question of these."""
    by_id = {question.id: question for question in questions}
    faults = []
    for question_id, answer in changes.items():
        question = by_id.get(question_id)
        message = answer_fault(question, answer, files) if question else "There is no such question here"
        if message:
            faults.append(Fault(question_id, message))
    return faults


def merged(answers: Answers, changes: Answers) -> Answers:
    """The answers with the changes laid over them; what is empty now is gone."""
    after = {**answers, **changes}
    return {question_id: answer for question_id, answer in after.items() if is_given(answer) or answer.comment}


def letters(answers: Answers) -> int:
    """How much text the answers are."""
    return sum(len(answer.comment) + len(str(answer.value)) for answer in answers.values())


def asked(questions: list[Question], answers: Answers) -> list[Question]:
    """The questions whose conditions hold. An answer to one that is not asked fulfils no condition."""
    shown: dict[str, Question] = {}
    for question in questions:
        condition = question.show_if
        if condition is None or (condition.question_id in shown and _equals(answers, condition)):
            shown[question.id] = question
    return list(shown.values())


def _equals(answers: Answers, condition: Condition) -> bool:
    answer = answers.get(condition.question_id)
    value = answer.value if answer else None
    return condition.equals in value if isinstance(value, list) else condition.equals == value


def totals(questions: list[Question], answers: Answers) -> Totals:
    """How many questions are asked, and how many of these are answered. Texts between them count as neither."""
    counted = [question for question in asked(questions, answers) if question.type is not QuestionType.INFO]
    return Totals(len(counted), sum(is_given(answers.get(question.id)) for question in counted))


def lacking(questions: list[Question], answers: Answers) -> list[Fault]:
    """The required questions that are asked and not answered, in their order."""
    return [
        Fault(question.id, "An answer is required")
        for question in asked(questions, answers)
        if question.required and not is_given(answers.get(question.id))
    ]


def of_asked(questions: list[Question], answers: Answers) -> Answers:
    """The answers without those to questions that are not asked, given before something else was answered."""
    shown = {question.id for question in asked(questions, answers)}
    return {question_id: answer for question_id, answer in answers.items() if question_id in shown}


def attachments(questions: list[Question], answers: Answers) -> set[int]:
    """The ids of the files that the answers hold."""
    values = [answers[question.id].value for question in questions if question.id in answers and is_file(question)]
    return {file_id for value in values if isinstance(value, list) for file_id in value if isinstance(file_id, int)}


def is_file(question: Question) -> bool:
    return question.type is QuestionType.FILE
