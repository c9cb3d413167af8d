"""The frame of all pages for visitors: what it loads, how it is kept from caches and others' pages, its forms."""

import pytest

from tests.factories import Account
from trustwright.errors import Invalid, Problem
from trustwright.http import visitor_pages


@pytest.mark.parametrize("name", ["visitor.css", "icon.svg"])
def test_what_pages_load_is_served(acme: Account, name: str) -> None:
    assert acme.client(None).get(f"/visitor/static/{name}").status_code == 200


def test_nothing_beside_it_is_served(acme: Account) -> None:
    for name in ("../docs.css", "..%2fdocs.css", "nothing.css", ""):
        assert acme.client(None).get(f"/visitor/static/{name}").status_code == 404


def test_a_page_is_kept_from_caches_frames_and_search_engines() -> None:
    response = visitor_pages.message("Hello", "<b>Bold</b>")

    assert "&lt;b&gt;Bold" in response.content
    headers = {name.lower(): value for name, value in response.headers.items()}
    assert headers["cache-control"] == "no-store"
    assert headers["x-robots-tag"] == "noindex"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", {}),
        (b"a=1&b=%C3%BC+x", {"a": "1", "b": "ü x"}),
        (b"a=1&a=2", {"a": "2"}),
        (b"a=&b", {"a": "", "b": ""}),
        ("a=ü".encode(), {"a": "ü"}),
    ],
)
def test_a_form_is_read(body: bytes, fields: dict[str, str]) -> None:
    assert visitor_pages.fields(body) == fields


@pytest.mark.parametrize("body", [b"a=%ff", b"\xff=1", b"a=%00", b"%00=1", b"a=1&" * 101])
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        visitor_pages.fields(body)


def test_every_problem_becomes_a_page_of_its_status() -> None:
    problem: Problem = Invalid("Send <more>")

    response = visitor_pages.refused(None, problem)

    assert response.status_code == 400
    assert "Send &lt;more&gt;" in response.content
