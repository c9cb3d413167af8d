"""Addresses and domains as they are compared."""

from contextlib import suppress

import pytest
from hypothesis import given, strategies

from trustwright.errors import Invalid
from trustwright.trust.addresses import domain_name, domain_of, normalized, parts, security_addresses
from trustwright.trust.markup import safe_html

LETTERS = "abcXYZ09-.@*:/ _äßİſ。ｍ\u200b\u202e'+"


@given(strategies.text(LETTERS, max_size=40))
def test_what_is_taken_once_is_taken_again_as_it_is(text: str) -> None:
    for spelled in (normalized, domain_name):
        try:
            found = spelled(f"bob@{text}.example" if spelled is normalized else text)
        except Invalid:
            continue
        assert spelled(found) == found
        assert found.isascii()
        assert found == found.lower().strip()


@given(strategies.text(max_size=300))
def test_any_text_is_taken_or_refused(text: str) -> None:
    for spelled in (normalized, domain_name):
        with suppress(Invalid):
            spelled(text)


def test_an_error_does_not_repeat_an_endless_text() -> None:
    with pytest.raises(Invalid) as refusal:
        domain_name("a" * 10_000)

    assert len(refusal.value.message) < 200


@pytest.mark.parametrize("other", ["BOB@initech.example", " bob@INITECH.example\t", "bob@ｉnitech.example"])
def test_one_mailbox_has_one_spelling(other: str) -> None:
    assert normalized(other) == "bob@initech.example"


def test_the_domain_is_what_stands_behind_the_last_at() -> None:
    assert domain_of("bob@mail.initech.example") == "mail.initech.example"


@pytest.mark.parametrize(("text", "found"), [("a,b;c", ["a", "b", "c"]), (" a ,; b", ["a", "b"]), ("", []), (",", [])])
def test_a_list_has_commas_or_semicolons(text: str, found: list[str]) -> None:
    assert parts(text) == found


def test_each_security_address_is_there_once_in_its_order() -> None:
    assert security_addresses("b@x.example; a@x.example, B@X.example") == ["b@x.example", "a@x.example"]


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>Hello <b>world</b></p>", "<p>Hello <b>world</b></p>"),
        ("<script>alert(1)</script>Hello", "Hello"),
        ("<p onclick='x()' style='position:fixed'>Hello</p>", "<p>Hello</p>"),
        ("<iframe src='https://evil.example'></iframe>Hello", "Hello"),
        ("<form action='/'><input name='password'></form>Hello", "Hello"),
        ("<a href='javascript:x()'>Hello</a>", '<a rel="noopener noreferrer">Hello</a>'),
        ("1 < 2", "1 &lt; 2"),
    ],
)
def test_of_html_only_what_is_harmless_is_shown(html: str, shown: str) -> None:
    assert safe_html(html) == shown
