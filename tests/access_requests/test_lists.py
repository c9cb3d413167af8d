"""The list of requests: which it shows, in what order, and what it finds."""

import pytest

from tests.access_requests.cast import REQUESTS, Desk, Json, refused


def decided(desk: Desk, **changes: str) -> Json:
    made = desk.ask(**changes)
    desk.deny(made)
    return made


def emails(desk: Desk, **query: object) -> list[str]:
    return [row["email"] for row in desk.listed(**query)]


def test_what_waits_is_shown_only_when_asked_for(desk: Desk) -> None:
    decided(desk, email="a@x.test")
    desk.ask(email="b@x.test")

    assert emails(desk) == ["a@x.test"]
    assert emails(desk, q="x.test") == ["a@x.test"]
    assert emails(desk, status="PENDING") == ["b@x.test"]
    assert emails(desk, status="PENDING", q="b@") == ["b@x.test"]
    assert emails(desk, status="DENIED") == ["a@x.test"]
    assert emails(desk, status="REVOKED") == []


def test_pages_are_in_the_order_of_creation_and_tell_the_total(desk: Desk) -> None:
    for letter in "abcde":
        decided(desk, email=f"{letter}@x.test")

    assert emails(desk) == [f"{letter}@x.test" for letter in "abcde"]
    assert emails(desk, sortDir="DESC") == [f"{letter}@x.test" for letter in "edcba"]
    page = desk.page(page=2, limit=2)
    assert [row["email"] for row in page["data"]] == ["c@x.test", "d@x.test"]
    assert (page["page"], page["limit"], page["total"]) == (2, 2, 5)
    past = desk.page(page=9, limit=2, q="c@x")
    assert (past["data"], past["total"]) == ([], 1)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("jürgen", ["j@muller.test"]),
        ("JÜRGEN", ["j@muller.test"]),
        ("jürgen mü", ["j@muller.test"]),
        ("üller", ["j@muller.test"]),
        ("Muller.Test", ["j@muller.test"]),
        ("100%", ["p@percent.test"]),
        ("%", ["p@percent.test"]),
        ("a_b", ["u@under.test"]),
        ("_", ["u@under.test"]),
        ("a\\b", ["s@slash.test"]),
        ("\\", ["s@slash.test"]),
        ("ab", []),
        ("jü", ["j@muller.test"]),
        ("j", ["j@muller.test"]),
        ("axb", []),
        ("müller percent", []),
        ("' or 1=1 --", []),
        ("@", ["j@muller.test", "p@percent.test", "u@under.test", "s@slash.test"]),
        ("", ["j@muller.test", "p@percent.test", "u@under.test", "s@slash.test"]),
    ],
)
def test_q_is_a_part_of_names_address_or_company(shelf: Desk, q: str, found: list[str]) -> None:
    assert emails(shelf, q=q) == found
    assert shelf.page(q=q)["total"] == len(found)


@pytest.fixture(scope="module")
def shelf(request: pytest.FixtureRequest) -> Desk:
    """A desk whose requests have odd letters in them."""
    desk = Desk(request.getfixturevalue("world").account("Shelf"))
    decided(desk, email="j@muller.test", name="Jürgen", lastname="Müller", company="Müller & Söhne")
    decided(desk, email="p@percent.test", name="Percy", lastname="Cent", company="100% Pure")
    decided(desk, email="u@under.test", name="Una", lastname="Score", company="a_b")
    decided(desk, email="s@slash.test", name="Sol", lastname="Lash", company="a\\b")
    return desk


@pytest.mark.parametrize(
    "query",
    [
        {"page": 0},
        {"limit": 51},
        {"limit": 0},
        {"sortDir": "UP"},
        {"status": "OPEN"},
        {"q": "x" * 101},
        {"page": "one"},
    ],
)
def test_a_bad_query_is_refused(desk: Desk, query: dict[str, str]) -> None:
    refused(desk.alice.get(REQUESTS, params=query), 400)


def test_a_decided_request_tells_when(desk: Desk) -> None:
    made = decided(desk)

    assert "reviewedAt" in desk.row(made)
    assert "reviewedAt" not in desk.ask(email="b@x.test")
