"""From the rows of uploaded sheets to questions with answers."""

from trustwright.questionnaires.model import Content
from trustwright.questionnaires.questions import LONG, Answer, Question, QuestionType, merged
from trustwright.questionnaires.sheets import ParsedQuestion

# More rows than any questionnaire has questions: something else that happens to have a fitting header.
MOST_ROWS = 5000


def content_of(rows: list[ParsedQuestion]) -> Content | None:
    """The rows as questions with ids q1, q2 and so on, each with its own number before its text; None when there are
    none, or too many."""
    if not 0 < len(rows) <= MOST_ROWS:
        return None
    questions = [
        Question(
            id=f"q{place}",
            section=(row.section or "")[:191],
            text=f"{row.reference or ''} {row.question}".strip()[:LONG],
            type=QuestionType.LONG_TEXT,
        )
        for place, row in enumerate(rows, 1)
    ]
    answers = {
        question.id: Answer(value=row.answer, comment=(row.comment or "")[:LONG])
        for question, row in zip(questions, rows, strict=True)
    }
    return Content(questions, merged({}, answers))
