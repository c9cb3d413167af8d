"""Forms of the console: what was typed, and what is shown again when it could not be taken."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from trustwright.errors import Conflict, Invalid, Problem
from trustwright.http import bodies
from trustwright.times import iso

LARGEST_FORM = 2 * 1024 * 1024
# A questionnaire of a thousand questions has ten fields for each.
MOST_FIELDS = 12_000

E = TypeVar("E", bound=StrEnum)


class Form:
    """A form that was sent, or an empty one for a page that is opened. `problem`: why it could not be taken. `files`: a
    form with files as its type, None for others."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = (), *, files: Any = None, is_sent: bool = False) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)
        self.files = files
        self.is_sent = is_sent
        self.problem: Problem | None = None

    def text(self, name: str) -> str:
        """Without blanks around it; empty where nothing was sent."""
        return self._values.get(name, [""])[-1].replace("\r\n", "\n").strip()

    def optional(self, name: str) -> str | None:
        """None for an empty field."""
        return self.text(name) or None

    def texts(self, name: str) -> list[str]:
        """All values of the fields of one name, without the empty ones."""
        return [text for value in self._values.get(name, []) if (text := value.strip())]

    def flag(self, name: str) -> bool:
        """Whether a box was ticked."""
        return name in self._values

    def number(self, name: str) -> int | None:
        """None for an empty field. Raises Invalid."""
        text = self.text(name)
        if not text:
            return None
        if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 15:
            raise Invalid(f"{name}: {text!r} is not a whole number")
        return int(text)

    def day(self, name: str) -> date | None:
        """None for an empty field. Raises Invalid."""
        text = self.text(name)
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise Invalid(f"{name}: {text!r} is not a day like 2027-01-31") from error

    def choice(self, name: str, kind: type[E]) -> E | None:
        """None for an empty field. Raises Invalid."""
        text = self.text(name)
        if not text:
            return None
        if text not in list(kind):
            raise Invalid(f"{name}: choose one of {', '.join(kind)}")
        return kind(text)

    def value(self, name: str, stored: object = "") -> str:
        """What a field shows: what was typed, else what is stored."""
        if self.is_sent:
            return self._values.get(name, [""])[-1]
        if isinstance(stored, datetime):
            return iso(stored)
        return "" if stored is None else str(stored)

    def values(self, name: str, stored: Sequence[object] = ()) -> list[str]:
        """What a list of fields of one name shows."""
        return self._values.get(name, []) if self.is_sent else [str(each) for each in stored]

    def ticked(self, name: str, stored: bool, value: str = "") -> bool:
        """Whether a box is ticked: the only one of its name, or the one with a value."""
        if not self.is_sent:
            return stored
        return value in self._values.get(name, []) if value else name in self._values

    def fault(self, name: str) -> str:
        """What is wrong with a field, as far as the problem names it first; else empty."""
        start, found, rest = (self.problem.message if self.problem else "").partition(":")
        return rest.strip().capitalize() if found and start == name else ""

    def message(self, *names: str) -> str:
        """What is wrong, unless it is said beside one of these fields; else empty."""
        if self.problem is None or any(self.fault(name) for name in names):
            return ""
        return self.problem.message

    def require_unchanged(self, changed_at: datetime, what: str) -> None:
        """For a form with a hidden field `revision`, which holds when its object was changed last. Raises Conflict when
        somebody saved another change since; sent once more, with the new revision, the form is taken."""
        if self.text("revision") != iso(changed_at):
            raise Conflict(
                f"Somebody else changed {what} while you were editing it. What you typed is still here, and not saved: "
                "compare it with the current state, then save again to put yours in its place"
            )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """All of it, as it was sent."""
        return [(name, value) for name, values in self._values.items() for value in values]


def parsed(body: bytes) -> Form:
    """An urlencoded form. Raises Invalid."""
    return Form(bodies.urlencoded(body, MOST_FIELDS), is_sent=True)


def kept(form: Form) -> str:
    """What was typed, as a text that another form can carry."""
    return msgspec.json.encode(form.pairs).decode()


def kept_pairs(text: str) -> list[tuple[str, str]]:
    """What was typed, out of such a text; nothing out of an empty one. Raises Invalid."""
    try:
        return msgspec.json.decode(text, type=list[tuple[str, str]]) if text else []
    except msgspec.DecodeError as error:
        raise Invalid("What was kept of the form cannot be read") from error


def of_upload(sent: Any) -> Form:
    """A form with files, decoded into its type: its texts as fields, and itself as `files`."""
    named: Mapping[str, object] = {name: getattr(sent, name) for name in sent.__struct_fields__}
    return Form([(name, value) for name, value in named.items() if isinstance(value, str)], files=sent, is_sent=True)
