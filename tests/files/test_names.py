"""What is kept of the name that a client gives a file."""

import re
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trustwright.errors import Invalid
from trustwright.files.names import LONGEST, base_name, extension

names = st.text(st.characters() | st.sampled_from("./\\\0 \r\n:%\u202e\u200b\ud800"), max_size=400)


@given(names)
@example("../../etc/passwd")
@example("\u202egpj.exe")
@example("a" * 256)
@example("ﬀ" * 255)
def test_any_name_becomes_a_safe_one_or_is_refused(given: str) -> None:
    name = ""
    with suppress(Invalid):
        name = base_name(given)
    if not name:
        return

    assert len(name) <= LONGEST
    assert not re.search(r"[/\\\0\r\n]", name)
    assert not name.startswith((".", " "))
    assert not name.endswith((".", " "))
    assert not {unicodedata.category(letter) for letter in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert name.encode()
    assert base_name(name) == name


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("report.pdf", "report.pdf"),
        ("Prüfung 2025 (final).pdf", "Prüfung 2025 (final).pdf"),
        ("報告.pdf", "報告.pdf"),
        ("/etc/report.pdf", "report.pdf"),
        ("C:\\docs\\report.pdf", "report.pdf"),
        ("..\\../report.pdf", "report.pdf"),
        ("...report.pdf", "report.pdf"),
        (". .report.pdf. ", "report.pdf"),
        ("re\r\nport\0.pdf", "report.pdf"),
        ("report\u202efdp.exe", "reportfdp.exe"),
        ("Pru\u0308fung.pdf", "Prüfung.pdf"),
        ("a" * 251 + ".pdf", "a" * 251 + ".pdf"),
    ],
)
def test_the_last_part_is_kept(given: str, expected: str) -> None:
    assert base_name(given) == expected


@pytest.mark.parametrize("given", ["", ".", "..", "/", "a/", "a\\..", " ", "\0", "\u202e", "....", "a/. ."])
def test_a_name_of_which_nothing_is_left_is_refused(given: str) -> None:
    with pytest.raises(Invalid, match="needs a name"):
        base_name(given)


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(Invalid, match="longer than 255"):
        base_name("a" * 252 + ".pdf")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.pdf", "pdf"), ("a.PDF", "pdf"), ("a.tar.gz", "gz"), ("a", ""), (".pdf", ""), ("a.", ""), ("", "")],
)
def test_the_extension_is_what_follows_the_last_dot(name: str, expected: str) -> None:
    assert extension(name) == expected
