"""Downloads by link: what comes, under which headers, and who may not have it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.files.conftest import Office
from tests.files.samples import PDF
from trustwright.files.links import link
from trustwright.files.model import ScanState, StoredFile
from trustwright.files.outgoing import headers_of
from trustwright.http.secret import secret_key

BIG = b"a,b\n" * 140_000


def stored(name: str) -> StoredFile:
    return StoredFile(
        id=1,
        sha256=b"",
        name=name,
        content_type="text/csv",
        size=3,
        scan_state=ScanState.CLEAN,
        scan_detail=None,
        created_at=datetime.now(UTC),
    )


def upload(office: Office, content: bytes = BIG, name: str = "a.csv") -> dict[str, Any]:
    file: dict[str, Any] = office.upload(content, name).json()["files"][0]
    return file


def link_to(office: Office, file_id: int, *, account_id: int | None = None, age: int = 0, key: bytes = b"") -> str:
    secret = key or secret_key(office.settings)
    now = datetime.now(UTC) - timedelta(seconds=age)
    return link("", secret, account_id or office.account.id, file_id, "a.csv", now)


def downloads(office: Office) -> list[dict[str, Any]]:
    query = {"type": "VENDOR_DOCUMENT_DOWNLOADED", "expand[]": "metadata"}
    page = office.account.alice.get("/public/v2/events", params=query).json()
    found: list[dict[str, Any]] = page["data"]
    return found


def test_a_file_comes_back_byte_for_byte_as_something_to_save(office: Office) -> None:
    file = upload(office, PDF, "Bericht über Acme.pdf")

    answer = office.get(file["link"])

    assert (answer.status_code, answer.content) == (200, PDF)
    headers = answer.headers
    assert headers["content-type"] == "application/pdf"
    assert headers["content-length"] == str(len(PDF))
    assert headers["content-disposition"] == (
        "attachment; filename=\"Bericht _ber Acme.pdf\"; filename*=UTF-8''Bericht%20%C3%BCber%20Acme.pdf"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cache-control"] == "private, no-store"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_file_of_many_parts_comes_whole(office: Office) -> None:
    assert office.get(upload(office)["link"]).content == BIG


def test_a_link_needs_no_key_and_any_name_will_do(office: Office) -> None:
    address = upload(office)["link"]

    assert office.get(address.rpartition("/")[0] + "/other%2Fname").content == BIG


def test_head_tells_the_headers_and_is_no_download(office: Office) -> None:
    file = upload(office)

    answer = office.get(file["link"], "HEAD")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(BIG))
    assert downloads(office) == []


def test_a_download_makes_an_event_of_nobody_in_particular(office: Office) -> None:
    file = upload(office)
    office.get(file["link"])

    (event,) = downloads(office)
    assert (event["userId"], event["source"], event["category"]) == (None, "PUBLIC_API", "VENDOR")
    assert event["description"] == "a.csv was downloaded"
    assert event["requestDescription"] == "GET /files/{token}/{name}"
    assert event["metadata"]["targetEntity"] == {"kind": "file", "id": file["id"], "name": "a.csv"}


def test_a_link_is_over_after_ten_minutes(office: Office) -> None:
    file = upload(office)

    assert office.get(link_to(office, file["id"], age=590)).status_code == 200
    answer = office.get(link_to(office, file["id"], age=601))
    assert (answer.status_code, answer.text) == (410, "This link is over; ask for a new one\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_link_that_we_did_not_make_leads_nowhere(office: Office, globex: Any) -> None:
    file = upload(office)
    made = link_to(office, file["id"])
    token = made.split("/")[2]

    for address in (
        link_to(office, file["id"], key=b"another"),
        made.replace(token, token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]),
        made.replace(token, "x"),
        made.replace(token, "%00"),
        link_to(office, 2**31),
        link_to(office, file["id"], account_id=globex.id),
    ):
        answer = office.get(address)
        assert (answer.status_code, answer.text) == (404, "There is no such file\n"), address
    assert downloads(office) == []


def test_a_content_that_is_lost_is_an_internal_error_and_no_download(office: Office) -> None:
    file = upload(office)
    office.objects()[0].unlink()

    assert office.get(file["link"]).status_code == 500
    assert downloads(office) == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_file_can_only_be_fetched(office: Office, method: str) -> None:
    assert office.get(upload(office)["link"], method).status_code == 405


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("a.csv", "attachment; filename=\"a.csv\"; filename*=UTF-8''a.csv"),
        ('a"\\;b%.csv', "attachment; filename=\"a__;b_.csv\"; filename*=UTF-8''a%22%5C%3Bb%25.csv"),
        ("報告.csv", "attachment; filename=\"__.csv\"; filename*=UTF-8''%E5%A0%B1%E5%91%8A.csv"),
    ],
)
def test_a_name_goes_out_twice_in_ascii_and_in_full(name: str, disposition: str) -> None:
    assert headers_of(stored(name))["Content-Disposition"] == disposition
