"""How a form with files stands in the description of the API."""

from typing import Any

import pytest

from tests.files.conftest import post_parcel
from trustwright.errors import Unavailable
from trustwright.http.answers import status_of
from trustwright.http.openapi import document
from trustwright.http.operations import Operation, Version


def operation(**changes: Any) -> Operation:
    given = {"method": "POST", "path": "/parcels", "handler": post_parcel, "success": (201,), **changes}
    return Operation(version=Version.V2, permissions=(), **given)


def test_a_form_is_described_with_its_files_as_binary() -> None:
    found = document(Version.V2, [operation()])
    described = found["paths"]["/parcels"]["post"]

    (content,) = described["requestBody"]["content"].items()
    assert content[0] == "multipart/form-data"
    schema = found["components"]["schemas"][content[1]["schema"]["$ref"].rpartition("/")[2]]
    assert schema["title"] == "Form"
    assert schema["description"] == "What a parcel holds."
    assert schema["required"] == ["file"]
    assert schema["properties"]["file"] == {"type": "string", "format": "binary"}
    assert schema["properties"]["more"]["items"] == {"type": "string", "format": "binary"}
    assert schema["properties"]["ownerId"]["anyOf"][0]["maximum"] == 2**31 - 1
    assert schema["properties"]["isUrgent"] == {"type": "boolean", "default": False}
    assert {"400", "413"} <= set(described["responses"])


def test_a_form_that_may_be_json_is_described_as_both() -> None:
    described = document(Version.V2, [operation(also_json=True)])["paths"]["/parcels"]["post"]

    assert list(described["requestBody"]["content"]) == ["multipart/form-data", "application/json"]


@pytest.mark.parametrize(("listed", "status"), [((400, 503), 503), ((400,), 500)])
def test_what_does_not_answer_is_503_where_that_is_listed(listed: tuple[int, ...], status: int) -> None:
    assert status_of(Unavailable(), operation(errors=listed)) == status
