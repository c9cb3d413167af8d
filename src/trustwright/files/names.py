"""Names of files: what of a client's name is kept."""

import re
import unicodedata

from trustwright.errors import Invalid

LONGEST = 255

SEPARATOR = re.compile(r"[/\\]")
# Control and format characters, which can hide or turn around an extension, surrogates, and line separators.
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def base_name(given: str) -> str:
    """The last part of a path of any system, without hidden characters and leading dots. Raises Invalid for a name of
    which nothing is left, or more than 255 characters."""
    last = SEPARATOR.split(given)[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter) not in HIDDEN)
    name = unicodedata.normalize("NFC", shown).strip().lstrip(". ").rstrip(". ")
    if not name:
        raise Invalid("A file needs a name with an extension, such as report.pdf")
    if len(name) > LONGEST:
        raise Invalid(f"The name of a file must not be longer than {LONGEST} characters")
    return name


def extension(name: str) -> str:
    """`pdf` of `Report.PDF`; nothing when there is none."""
    stem, dot, last = name.rpartition(".")
    return last.lower() if dot and stem else ""
