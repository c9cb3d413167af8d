"""The editor of a template as a form: sections and questions in their order, each under a key of its own.

Nothing is stored until the form is saved: to add, move and remove, it is sent to its own page, and shown again."""

import re
from collections.abc import Sequence

from msgspec import Struct

from trustwright.console.forms import Form
from trustwright.questionnaires.questions import WITH_OPTIONS, Condition, Question, QuestionType

TYPES = {
    QuestionType.YES_NO: "Yes or no",
    QuestionType.YES_NO_NA: "Yes, no or not applicable",
    QuestionType.SHORT_TEXT: "Short text",
    QuestionType.LONG_TEXT: "Long text",
    QuestionType.SINGLE: "One of several options",
    QuestionType.MULTI: "Any of several options",
    QuestionType.NUMBER: "Number",
    QuestionType.DATE: "Date",
    QuestionType.FILE: "Files",
    QuestionType.INFO: "A text between the questions",
}

FAULT = re.compile(r"questions\[(\d+)\]\.?(\S*?): (.*)")


class Item(Struct, frozen=True, kw_only=True):
    """A section's title, or a question, as it stands in the form."""

    key: int
    is_section: bool = False
    title: str = ""
    id: str = ""
    text: str = ""
    type: str = QuestionType.YES_NO
    help: str = ""
    options: str = ""
    required: bool = False
    condition_id: str = ""
    condition_equals: str = ""

    @property
    def takes_answers(self) -> bool:
        return not self.is_section and self.type in (*WITH_OPTIONS, QuestionType.YES_NO, QuestionType.YES_NO_NA)


def items_of(questions: list[Question]) -> list[Item]:
    """The form of questions that are stored."""
    items: list[Item] = []
    section = ""
    for question in questions:
        if question.section != section:
            section = question.section
            items.append(Item(key=len(items), is_section=True, title=section))
        items.append(
            Item(
                key=len(items),
                id=question.id,
                text=question.text,
                type=question.type.value,
                help=question.help,
                options="\n".join(question.options),
                required=question.required,
                condition_id=question.show_if.question_id if question.show_if else "",
                condition_equals=question.show_if.equals if question.show_if else "",
            )
        )
    return items


def items_in(form: Form) -> list[Item]:
    """The form as it was sent; a key that comes twice, or is none, is left out."""
    keys = [text for text in form.texts("order") if text.isascii() and text.isdigit() and len(text) < 7]
    return [_item(form, key) for key in dict.fromkeys(map(int, keys))]


def _item(form: Form, key: int) -> Item:
    if form.text(f"{key}-kind") == "section":
        return Item(key=key, is_section=True, title=form.text(f"{key}-title"))
    kind = form.text(f"{key}-type")
    return Item(
        key=key,
        id=form.text(f"{key}-id"),
        text=form.text(f"{key}-text"),
        type=kind if kind in list(QuestionType) else QuestionType.SHORT_TEXT,
        help=form.text(f"{key}-help"),
        options=form.text(f"{key}-options"),
        required=form.flag(f"{key}-required"),
        condition_id=form.text(f"{key}-if"),
        condition_equals=form.text(f"{key}-equals"),
    )


class Changed(Struct, frozen=True):
    """The form after a button that stores nothing; `focus` is the key of what the person works at then, and `on` the
    button of it that was pressed."""

    items: list[Item]
    focus: int | None = None
    on: str = ""


def acted(items: list[Item], action: str) -> Changed:
    """What a button does: `question`, `section`, or `add`, `up`, `down` and `remove` with the key of an item."""
    verb, _, text = action.partition("-")
    place = next((place for place, item in enumerate(items) if str(item.key) == text), None)
    if verb in ("question", "section", "add"):
        at = len(items) if place is None else place + 1
        new = _new(items, is_section=verb == "section")
        return Changed([*items[:at], new, *items[at:]], new.key, "new")
    if place is None:
        return Changed(items)
    if verb == "remove":
        rest = [*items[:place], *items[place + 1 :]]
        return Changed(rest, rest[min(place, len(rest) - 1)].key if rest else None, "remove")
    other = max(0, min(place + (-1 if verb == "up" else 1), len(items) - 1))
    moved = [*items[:place], *items[place + 1 :]]
    moved.insert(other, items[place])
    return Changed(moved, items[place].key, verb)


def _new(items: Sequence[Item], *, is_section: bool) -> Item:
    key = max((item.key for item in items), default=-1) + 1
    if is_section:
        return Item(key=key, is_section=True)
    taken = {item.id for item in items}
    free = next(f"q{number}" for number in range(1, len(items) + 2) if f"q{number}" not in taken)
    return Item(key=key, id=free)


def questions_of(items: list[Item]) -> list[Question]:
    """The questions that the form amounts to. What a question's type has no use for is left out."""
    questions: list[Question] = []
    section = ""
    for item in items:
        if item.is_section:
            section = item.title
        else:
            questions.append(_question(item, section))
    return questions


def _question(item: Item, section: str) -> Question:
    kind = QuestionType(item.type)
    condition = Condition(item.condition_id, item.condition_equals)
    return Question(
        id=item.id,
        section=section,
        text=item.text,
        type=kind,
        help=item.help,
        options=[line.strip() for line in item.options.splitlines() if line.strip()] if kind in WITH_OPTIONS else [],
        required=item.required and kind is not QuestionType.INFO,
        show_if=condition if item.condition_id or item.condition_equals else None,
    )


def faults_of(message: str, items: list[Item]) -> dict[int, list[str]]:
    """What is wrong, by the key of the question that it is said of."""
    keys = [item.key for item in items if not item.is_section]
    found: dict[int, list[str]] = {}
    for part in message.split("; "):
        match = FAULT.match(part)
        if match and int(match[1]) < len(keys):
            said = match[3].removeprefix("showIf: ")
            named = f"{match[2]}: {said}" if match[2] else said
            found.setdefault(keys[int(match[1])], []).append(named[:1].upper() + named[1:])
    return found
