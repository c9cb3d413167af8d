"""How far bodies are read and how they are decoded, seen through an operation of our own."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from tests.factories import Account
from tests.http.conftest import Serve
from trustwright.accounts.permissions import Permission
from trustwright.http import bodies
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.wire import Id, Wire
from trustwright.settings import Settings

LIMIT = 10_000

Post = Callable[..., httpx.Response]


class Parcel(Wire, frozen=True):
    name: str
    owner_id: Id | None = None


async def post_parcel(call: Call, body: Parcel) -> Parcel:
    return body


@pytest.fixture
def post(acme: Account, serve: Serve) -> Post:
    operation = Operation(
        version=Version.V2,
        method="POST",
        path="/parcels",
        handler=post_parcel,
        permissions=(Permission.USERS_GET,),
        success=(201,),
        errors=(400,),
    )
    service = serve([operation], Settings(max_body=LIMIT, jobs_in_web=False))
    _, key = acme.key(Permission.USERS_GET)

    def send(content: bytes | AsyncIterator[bytes], **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return service.request("POST", "/public/v2/parcels", key=key, content=content, headers=named)

    return send


def parcel(size: int) -> bytes:
    """A good body of that many bytes."""
    return b'{"name":"' + b"x" * (size - 11) + b'"}'


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


def refused(response: httpx.Response, status: int, message: str) -> None:
    assert response.status_code == status, response.text
    assert message in response.json()["message"]


def test_a_body_up_to_the_limit_is_read(post: Post) -> None:
    for content in (parcel(LIMIT), in_pieces(parcel(LIMIT))):
        assert post(content).status_code == 201
    assert post(gzip.compress(parcel(LIMIT)), Content_Encoding="gzip").status_code == 201


def test_a_larger_body_is_refused_whatever_its_length_is_said_to_be(post: Post) -> None:
    for content in (parcel(LIMIT + 1), in_pieces(parcel(LIMIT + 1)), in_pieces(parcel(50 * LIMIT))):
        response = post(content)
        refused(response, 413, "larger than 10000 bytes")
        assert response.json()["name"] == "PayloadTooLargeException"
        assert response.headers["connection"] == "close"


def test_a_packed_body_counts_unpacked(post: Post) -> None:
    packed = gzip.compress(parcel(100 * LIMIT))
    assert len(packed) < LIMIT

    refused(post(packed, Content_Encoding="gzip"), 413, "larger than")


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_a_packed_body_is_unpacked(post: Post, encoding: str) -> None:
    assert post(gzip.compress(b'{"name":"Box"}'), Content_Encoding=encoding).json() == {"name": "Box", "ownerId": None}


def test_a_packed_body_that_is_broken_is_refused(post: Post) -> None:
    packed = gzip.compress(b'{"name":"Box"}')

    refused(post(packed[:-4], Content_Encoding="gzip"), 400, "cut short")
    refused(post(b"", Content_Encoding="gzip"), 400, "cut short")
    refused(post(b'{"name":"Box"}', Content_Encoding="gzip"), 400, "not gzip")
    refused(post(packed, Content_Encoding="br"), 400, "Content-Encoding")
    refused(post(packed), 400, "malformed")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "truncated"),
        (b"{", "truncated"),
        (b"name=Box", "malformed"),
        (b'{"name":"Box"} {}', "malformed"),
        (b"[]", "Expected `object`"),
        (b"null", "Expected `object`"),
        (b"{}", "name"),
        (b'{"name":null}', "name: Expected `str`"),
        (b'{"name":7}', "name: Expected `str`"),
        (b'{"name":"Box","ownerId":"7"}', "ownerId: Expected `int"),
        (b'{"name":"Box","ownerId":0}', "ownerId: Expected `int` >= 1"),
        (b'{"name":"Box","ownerId":1.5}', "ownerId: Expected `int"),
        (b'{"name":"Box","ownerId":true}', "ownerId: Expected `int"),
        (b'{"name":"Box","ownerId":2147483648}', "ownerId: Expected `int`"),
        (b'{"name":"\xff"}', "UTF-8"),
        (b'{"name":"Box","more":' + b"[" * 4000 + b"]" * 4000 + b"}", "nested too deeply"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_with_the_field_named(post: Post, body: bytes, message: str) -> None:
    refused(post(body), 400, message)


@pytest.mark.parametrize("body", [{"name": "Box", "id": 7, "createdAt": None}, {"name": "Box", "ownerId": None}])
def test_unknown_properties_are_ignored(post: Post, body: dict[str, Any]) -> None:
    response = post(httpx.Request("POST", "http://own.test", json=body).content)

    assert (response.status_code, response.json()) == (201, {"name": "Box", "ownerId": None})


def test_a_body_of_which_nothing_more_comes_is_not_waited_for(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PATIENCE", 0.05)

    async def breaks_off() -> AsyncIterator[bytes]:
        yield b'{"name": '
        await asyncio.sleep(60)

    answer = post(breaks_off())

    assert (answer.status_code, answer.json()["message"]) == (400, "Nothing more of the body came for 0.05 seconds")
