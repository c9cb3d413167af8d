"""Which column of a sheet holds what: the row of headers, and what their words mean (vendor-reviews 3.4)."""

import re
from enum import StrEnum

from msgspec import Struct

LOOKED_AT = 15
LONGEST_NAME = 100


class Role(StrEnum):
    REFERENCE = "reference"
    QUESTION = "question"
    ANSWER = "answer"
    COMMENT = "comment"
    # Said beside the answer, and shown with its header's name.
    EXTRA = "extra"
    SECTION = "section"
    OTHER = "other"


# What headers begin with, of each role the best first. The longest that fits a header decides.
NAMES: dict[Role, list[str]] = {
    Role.REFERENCE: """question id; question no; question number; question #; question ref; requirement id; control id;
        ccm control id; id; ref; reference; no; nr; number; #; item; sr no; s no; qid""".split(";"),
    Role.QUESTION: """question; questions; assessment question; assessment questions; security question; query;
        requirement; requirements; control question; control description; control statement; control; controls
        """.split(";"),
    Role.ANSWER: """caiq answer; answer; answers; response; responses; reply""".split(";"),
    Role.COMMENT: """implementation description; implementation; comment; comments; explanation; description; details;
        additional information; note; notes; remark; remarks; justification; rationale""".split(";"),
    Role.EXTRA: """evidence; ssrm control ownership; csc responsibilities; supporting document; supporting documents;
        supporting documentation; attachment; attachments""".split(";"),
    Role.SECTION: """ccm domain title; domain title; domain; section; category; question category; topic; area;
        control domain; control family; control group; subject; ccm control title""".split(";"),
    Role.OTHER: """ccm control specification; control title; control name; control owner; control ownership;
        control type; question type; answer type; answer options; response type; response options; response date
        """.split(";"),
}
KNOWN = {name.strip(): (role, rank) for role, names in NAMES.items() for rank, name in enumerate(names) if name.strip()}
CHOICES = {"yes", "no", "n/a", "na", "not applicable", "partial", "partially"}
PROMISING = {Role.REFERENCE, Role.QUESTION, Role.ANSWER, Role.COMMENT, Role.EXTRA}

ASIDE = re.compile(r"\s*[(\[][^)\]]*[)\]]")
WHOSE = re.compile(
    r"(?:(?:csp|vendor|supplier|service provider|provider|third[- ]party|company|your|our|ai-caiq|please|provide)"
    r"(?:'s|’s)?\s+)+(?=\S)"
)


class Header(Struct, frozen=True):
    """The columns of a sheet, counted from 0; `comments` with the names they are shown by, "" for a plain comment.
    `choices`: columns like Yes and No of which one is marked, where there is no column of answers."""

    row: int
    question: int
    answer: int | None
    choices: list[tuple[int, str]]
    reference: int | None
    section: int | None
    comments: list[tuple[int, str]]
    hits: int

    @property
    def takes_answers(self) -> bool:
        return self.answer is not None or bool(self.choices)


def header_of(rows: list[list[str]]) -> Header | None:
    """The row among the first 15 that names a column of questions and most of what else may stand beside it; None
    when no row names at least one thing more."""
    found = [header for place, row in enumerate(rows[:LOOKED_AT]) if (header := _read(place, row))]
    return max(found, key=lambda header: header.hits, default=None)


def _read(place: int, row: list[str]) -> Header | None:
    choices = [(column, text) for column, text in enumerate(row) if normal(text) in CHOICES]
    if len(choices) < 2:
        choices = []
    marks = {column for column, _ in choices}
    meanings = [
        (column, *meaning)
        for column, text in enumerate(row)
        if column not in marks and (meaning := role_of(text)) is not None
    ]
    best: dict[Role, int] = {}
    for column, role, _ in sorted(meanings, key=lambda meaning: meaning[2]):
        best.setdefault(role, column)
    hits = len(best.keys() & PROMISING) + (Role.ANSWER not in best and bool(choices))
    if Role.QUESTION not in best or hits < 2:
        return None
    beside = [column for column, role, _ in meanings if role in (Role.COMMENT, Role.EXTRA)]
    plain = best.get(Role.COMMENT)
    names = [(column, " ".join(row[column].split())) for column in beside if column != plain]
    return Header(
        row=place,
        question=best[Role.QUESTION],
        answer=best.get(Role.ANSWER),
        choices=[] if Role.ANSWER in best else choices,
        reference=best.get(Role.REFERENCE),
        section=best.get(Role.SECTION),
        comments=([] if plain is None else [(plain, "")]) + names,
        hits=hits,
    )


def role_of(header: str) -> tuple[Role, int] | None:
    """What a header means, and how good a name for it it is, 0 the best; None when it means nothing known."""
    if len(header) > LONGEST_NAME:
        return None
    text = normal(header)
    fitting = [name for name in KNOWN if text.startswith(name) and not text[len(name) :][:1].isalnum()]
    return KNOWN[max(fitting, key=len)] if fitting else None


def normal(header: str) -> str:
    """A header without case, line breaks, doubled spaces, what stands in brackets, and whose answer it is."""
    text = " ".join(ASIDE.sub("", header.casefold()).replace(".", " ").split()).strip(" :*")
    return WHOSE.sub("", text, count=1) if WHOSE.match(text) else text
