"""YAML of strangers: its hazards are refused, and what is written is read again as it was."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwright.plain_yaml import LARGEST, JsonLoader, Loader, NotPlain, read, write

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["no", "NO", "null", "~", "012", "1e3", "1:30", "0x1F", "1_000", ".inf", "2026-01-01", "<<", "=", "*a", "a: b", "#"]
)
PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Any] = st.recursive(
    PLAIN | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_what_is_written_is_read_again_as_it_was(value: dict[str, Any]) -> None:
    found = read(write(value).encode(), deepest=50)

    # Shown as text, 1, 1.0 and true differ.
    assert repr(found) == repr(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("True", "True"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("012", "012"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"),
        (".inf", ".inf"),
        ("=", "="),
        ("-5", -5),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("'5'", "5"),
    ],
)
def test_a_word_is_what_it_is_in_json(text: str, value: object) -> None:
    found = read(f"a: {text}\n".encode(), deepest=5)["a"]

    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key 'a' stands here twice"),
        ("a: {b: 1, b: 2}\n", "line 1, column 11: the key 'b' stands here twice"),
        ("1: a\n", "line 1, column 1: a key must be a text; quote it"),
        ("? [a]\n: b\n", "a key must be a text"),
        ("a: &x [1]\nb: *x\n", "aliases (*name) are not taken"),
        ("a: !!python/object/apply:os.system [ls]\n", "line 1, column 4: could not determine a constructor"),
        ("a: !!binary aGk=\n", "could not determine a constructor"),
        ("a: 1e999\n", "line 1, column 4: this number is out of range"),
        ("a: 9223372036854775808\n", "this number is out of range"),
        ("a: 1\n---\nb: 1\n", "another document"),
        ("a: [\n", "line 2, column 1: expected the node content"),
        ("[" * 100_000, "must not be nested more than 10 levels deep"),
        ("\x07", "special characters are not allowed"),
        ("#" * (LARGEST + 1), f"must not be larger than {LARGEST} bytes"),
    ],
)
def test_a_hazard_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(NotPlain) as refused:
        read(text.encode(), deepest=10)

    assert says in str(refused.value)


def test_what_is_no_utf8_is_refused() -> None:
    with pytest.raises(NotPlain):
        read(b"a: \xff\xfe", deepest=10)


@pytest.mark.parametrize("loader", [Loader, JsonLoader])
def test_a_key_stands_once_for_every_loader(loader: type[Loader]) -> None:
    with pytest.raises(NotPlain, match="twice"):
        read(b"a: 1\na: 2\n", deepest=10, loader=loader)


def test_a_small_object_stands_in_one_line_and_a_long_text_in_a_block() -> None:
    value = {
        "name": "Disks",
        "description": "First line.\nSecond line.\n",
        "groups": [{"all": [{"fact": "a", "operator": "in", "value": ["b", "c"]}]}],
    }

    assert write(value) == (
        "name: Disks\n"
        "description: |\n"
        "  First line.\n"
        "  Second line.\n"
        "groups:\n"
        "  - all:\n"
        "      - {fact: a, operator: in, value: [b, c]}\n"
    )
