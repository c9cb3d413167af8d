"""Lists of records and sessions: order, pages, filters (Q10 to Q12, Q42, custom-data 1.9)."""

from typing import Any

import pytest

from tests.factories import World
from tests.records.cast import Json, Resource, connect, everything, refused, row

LETTERS = list("hcagbfed")


@pytest.fixture(scope="module")
def filled(world: World) -> Resource:
    """Eight records that came in an order of their own; `g` and `c` were changed afterwards."""
    resource = connect(world.account("Filled"))
    resource.push(*LETTERS[:3])
    for letter in LETTERS[3:6]:
        resource.post(row(letter))
    resource.push(*LETTERS[6:])
    resource.put("g", {"level": 1})
    resource.post(row("c", level=1))
    return resource


def test_records_are_listed_as_they_came(filled: Resource) -> None:
    assert filled.ids() == LETTERS
    assert filled.ids(sort="createdAt", sortDir="ASC") == LETTERS


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ({"sortDir": "DESC"}, LETTERS[::-1]),
        ({"sort": "updatedAt"}, list("habfedgc")),
        ({"sort": "updatedAt", "sortDir": "DESC"}, list("habfedgc")[::-1]),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 8, 500])
def test_pages_follow_each_other_in_every_order(
    filled: Resource, query: dict[str, str], order: list[str], size: int
) -> None:
    assert filled.ids(size=size, **query) == order


@pytest.mark.parametrize(
    ("size", "sizes"), [(1, [1] * 8), (3, [3, 3, 2]), (4, [4, 4]), (7, [7, 1]), (8, [8]), (9, [8])]
)
def test_no_page_is_empty_and_the_last_has_no_cursor(filled: Resource, size: int, sizes: list[int]) -> None:
    found, cursor = [], ""
    while cursor is not None:
        query: Json = {"size": size, **({"cursor": cursor} if cursor else {})}
        page = filled.alice.get(filled.records, params=query).json()
        found.append(len(page["data"]))
        cursor = page["pagination"]["cursor"]

    assert found == sizes


def test_a_page_holds_fifty_unless_asked_otherwise(devices: Resource) -> None:
    devices.push(*(f"{number:03}" for number in range(60)))

    page = devices.alice.get(devices.records).json()

    assert [record["id"] for record in page["data"]] == [f"{number:03}" for number in range(50)]
    assert page["pagination"]["cursor"]


def test_an_empty_list_has_no_cursor(devices: Resource) -> None:
    for path in (devices.records, devices.sessions, f"{devices.records}?sessionId=run-1"):
        assert devices.alice.get(path).json() == {"data": [], "pagination": {"cursor": None}}


def test_the_total_comes_with_the_first_page_only_and_when_asked_for(filled: Resource) -> None:
    first = filled.alice.get(f"{filled.records}?size=3&includeTotalCount=true").json()["pagination"]
    next_ = filled.alice.get(f"{filled.records}?size=3&includeTotalCount=true&cursor={first['cursor']}").json()
    unasked = filled.alice.get(f"{filled.records}?includeTotalCount=false").json()["pagination"]

    assert first["totalCount"] == 8
    assert set(next_["pagination"]) == set(unasked) == {"cursor"}


@pytest.mark.parametrize(
    "query",
    [
        "size=0",
        "size=501",
        "size=-1",
        "size=1.0",
        "size=1e1",
        "size=abc",
        "size=%D9%A1",
        "size=99999999999999999999",
        "sort=name",
        "sort=id",
        "sort=",
        "sortDir=asc",
        "sortDir=UP",
        "includeTotalCount=perhaps",
        "cursor=",
        "cursor=abc",
        "cursor=%00",
        "cursor=WyJhIiwiYiIsMV0",
        "sessionId=ab",
        "sessionId=" + "x" * 65,
        "sessionId=a%00b",
        "size=1&size=2",
    ],
)
def test_a_query_that_does_not_fit_is_refused(filled: Resource, query: str) -> None:
    refused(filled.alice.get(f"{filled.records}?{query}"), 400, "" if "%00" in query else query.partition("=")[0])


@pytest.mark.parametrize("change", ["sort=updatedAt", "sortDir=DESC", "sessionId=run-1"])
def test_a_cursor_of_another_list_is_refused(filled: Resource, change: str) -> None:
    cursor = filled.alice.get(f"{filled.records}?size=3").json()["pagination"]["cursor"]

    refused(filled.alice.get(f"{filled.records}?cursor={cursor}&{change}"), 400, "cursor")
    assert filled.alice.get(f"{filled.records}?cursor={cursor}&size=500").status_code == 200


def test_a_cursor_of_another_resource_is_refused(filled: Resource) -> None:
    other = connect(filled.account)
    cursor = filled.alice.get(f"{filled.records}?size=3").json()["pagination"]["cursor"]

    refused(filled.alice.get(f"{other.records}?cursor={cursor}"), 400, "cursor")


def test_a_cursor_survives_the_deletion_of_its_record(devices: Resource) -> None:
    devices.push(*"abcdef")
    cursor = devices.alice.get(f"{devices.records}?size=3").json()["pagination"]["cursor"]
    for letter in "bcd":
        devices.delete(letter)

    rest = devices.alice.get(f"{devices.records}?cursor={cursor}").json()

    assert [record["id"] for record in rest["data"]] == ["e", "f"]


def test_records_that_come_while_pages_are_read_are_at_the_end(devices: Resource) -> None:
    devices.push(*"cd")
    cursor = devices.alice.get(f"{devices.records}?size=1").json()["pagination"]["cursor"]
    devices.push(*"ab")

    rest = devices.alice.get(f"{devices.records}?cursor={cursor}").json()

    assert [record["id"] for record in rest["data"]] == ["d", "a", "b"]


def test_a_cursor_ends_with_the_dataset_that_it_pages(devices: Resource) -> None:
    devices.push(*"abc")
    live = devices.alice.get(f"{devices.records}?size=1").json()["pagination"]["cursor"]
    devices.stage("run-1", *"xyz")
    staged = devices.alice.get(f"{devices.records}?size=1&sessionId=run-1").json()["pagination"]["cursor"]
    devices.complete("run-1")

    refused(devices.alice.get(f"{devices.records}?cursor={live}"), 400, "cursor")
    rest = devices.alice.get(f"{devices.records}?cursor={staged}&sessionId=run-1").json()["data"]
    assert [record["id"] for record in rest] == ["y", "z"]


def test_a_session_nobody_knows_has_no_records(filled: Resource) -> None:
    assert filled.live(sessionId="never-was", includeTotalCount="true") == []


def test_a_record_is_listed_with_these_properties(filled: Resource) -> None:
    for record in filled.live():
        assert set(record) == {"id", "attributes", "sessionId", "createdAt", "updatedAt"}
        assert record["attributes"]["id"] == record["id"]


def test_sessions_are_listed_in_pages_and_orders(devices: Resource) -> None:
    for number in range(5):
        devices.stage(f"run-{number}", "a")
        devices.cancel(f"run-{number}")

    def names(**query: Any) -> list[str]:
        return [session["sessionId"] for session in everything(devices.alice, devices.sessions, **query)]

    order = [f"run-{number}" for number in range(5)]
    assert names() == names(size=2) == names(sort="updatedAt", size=1) == order
    assert names(sortDir="DESC", size=2) == order[::-1]
    page = devices.alice.get(f"{devices.sessions}?status=CANCELLED&includeTotalCount=true&size=2").json()
    assert page["pagination"]["totalCount"] == 5
    refused(devices.alice.get(f"{devices.sessions}?cursor={page['pagination']['cursor']}&status=ACTIVE"), 400, "cursor")
    for query in ("size=0", "sort=name", "sortDir=down", "cursor=x"):
        refused(devices.alice.get(f"{devices.sessions}?{query}"), 400)
