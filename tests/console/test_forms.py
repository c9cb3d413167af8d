"""Forms of the console: what a field gives, and what it shows again."""

from datetime import UTC, date, datetime, timedelta

import pytest

from trustwright.console.forms import MOST_FIELDS, Form, kept, kept_pairs, parsed
from trustwright.console.visits import local
from trustwright.errors import Conflict, Invalid
from trustwright.events.model import Source

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def test_a_field_gives_its_text_without_blanks_and_with_plain_line_ends() -> None:
    form = parsed(b"name=+Acme+%0D%0A+Ltd+&tag=a&tag=&tag=b&ticked=yes")

    assert form.text("name") == "Acme \n Ltd"
    assert form.texts("tag") == ["a", "b"]
    assert form.flag("ticked")
    assert not form.flag("other")
    assert form.optional("other") is None


def test_a_field_gives_numbers_days_and_choices() -> None:
    form = parsed(b"number=-12&day=2026-02-28&source=APP&empty=")

    assert (form.number("number"), form.day("day"), form.choice("source", Source)) == (
        -12,
        date(2026, 2, 28),
        Source.APP,
    )
    assert (form.number("empty"), form.day("empty"), form.choice("empty", Source)) == (None, None, None)


@pytest.mark.parametrize("number", ["1.5", "x", "1e3", "٣", "9" * 16, "--1"])
def test_what_is_no_number_is_refused_by_name(number: str) -> None:
    with pytest.raises(Invalid, match=r"^days: "):
        Form([("days", number)]).number("days")


@pytest.mark.parametrize("day", ["2026-02-30", "31.1.2026", "tomorrow"])
def test_what_is_no_day_is_refused_by_name(day: str) -> None:
    with pytest.raises(Invalid, match=r"^until: "):
        Form([("until", day)]).day("until")


def test_a_choice_that_is_not_offered_is_refused() -> None:
    with pytest.raises(Invalid, match=r"^source: "):
        Form([("source", "ELSEWHERE")]).choice("source", Source)


def test_a_form_that_is_opened_shows_what_is_stored_and_one_that_was_sent_what_was_typed() -> None:
    opened, sent = Form(), Form([("name", "typed"), ("roles", "A")], is_sent=True)

    assert (opened.value("name", "stored"), sent.value("name", "stored")) == ("stored", "typed")
    assert (opened.value("name", None), sent.value("gone", "stored")) == ("", "")
    assert (opened.ticked("box", True), sent.ticked("box", True)) == (True, False)
    assert (opened.values("roles", ["B"]), sent.values("roles", ["B"])) == (["B"], ["A"])
    assert sent.ticked("roles", False, "A")


def test_what_is_wrong_is_said_at_its_field_or_above_the_form() -> None:
    form = Form(is_sent=True)
    form.problem = Invalid("email: 'x' is not an e-mail address")

    assert form.fault("email") == "'x' is not an e-mail address"
    assert form.fault("name") == ""
    assert form.message("email") == ""
    assert form.message("name") == "email: 'x' is not an e-mail address"


def test_the_second_of_two_who_edit_the_same_is_told() -> None:
    form = Form([("revision", "2026-01-31T12:00:00.000Z")], is_sent=True)

    form.require_unchanged(NOW, "this vendor")
    with pytest.raises(Conflict, match="this vendor"):
        form.require_unchanged(NOW + timedelta(milliseconds=1), "this vendor")


def test_what_was_typed_can_be_carried_by_another_form() -> None:
    form = parsed("name=%3Cb%3E%22&name=é".encode())

    assert kept_pairs(kept(form)) == [("name", '<b>"'), ("name", "é")]
    assert kept_pairs("") == []
    with pytest.raises(Invalid):
        kept_pairs('{"name": 1}')


@pytest.mark.parametrize("body", [b"\xff=1", b"a=%00", b"&".join([b"a=1"] * (MOST_FIELDS + 1))])
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        parsed(body)


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/vendors?q=1", "/vendors?q=1"),
        ("", "/"),
        ("vendors", "/"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("https://evil.test/", "/"),
        ("/\tevil", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_a_path_that_an_address_names_leads_nowhere_else(path: str, where: str) -> None:
    assert local(path) == where
