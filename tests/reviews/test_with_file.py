"""A review and its file, both or neither: as a form and as JSON (Q24, Q25, decisions 13)."""

import base64
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import free_port, serving
from tests.factories import Account, World
from tests.reviews.cast import (
    DEADLINE,
    NOBODYS,
    PDF,
    Subject,
    checked,
    delete_vendor,
    documents_of,
    form,
    good,
    post_with_file,
    refused,
    reviews_of,
    together,
    traces,
    upload,
)

STATUSES = ["NOT_YET_STARTED", "IN_PROGRESS", "COMPLETED", "NOT_REQUIRED"]
TYPES = ["SECURITY", "SOC_REPORT", "UPLOAD_REPORT"]
DOCUMENTS = [
    *("COMPLIANCE_REPORT", "COMPLIANCE_REPORT_REVIEW", "BRIDGE_LETTER", "UPLOADED_COMPLIANCE_REPORT_REVIEW"),
    *("QUESTIONNAIRE_ATTACHMENT", "SOC_DOCUMENT", "QUESTIONNAIRE_REPORT", "TRUST_CENTER_PAGE"),
]
ENCODED = base64.b64encode(PDF).decode()


def post_json(account: Account, vendor_id: int, **changes: Any) -> httpx.Response:
    """Alice asks for a new review with a file in JSON."""
    values = {**form(), "file": ENCODED, "fileName": "report.pdf", **changes}
    body = {name: value for name, value in values.items() if value is not ...}
    return checked(account.alice).post(f"{reviews_of(vendor_id)}/with-file", json=body)


def documents(account: Account, vendor_id: int) -> list[dict[str, Any]]:
    """The vendor's documents, each with its link."""
    listed = good(checked(account.alice).get(documents_of(vendor_id), params={"expand[]": "downloadUrl"}))
    data: list[dict[str, Any]] = listed["data"]
    return data


def content(account: Account, document: dict[str, Any]) -> bytes:
    """What the document's link gives to somebody without a key."""
    link = httpx.URL(document["downloadUrl"]["signedUrl"])
    answer = httpx.get(account.world.address + link.raw_path.decode())
    assert answer.status_code == 200, answer.text
    return answer.content


def test_a_form_makes_a_review_with_a_document(acme: Account, initech: int) -> None:
    made = good(
        post_with_file(
            acme,
            initech,
            note="Look at page 3",
            requestedAt="2026-05-01",
            requesterUserId=acme.alice_id,
            documentType="SOC_DOCUMENT",
        ),
        201,
    )

    review = Subject(acme, initech, made["id"])
    assert review.get("user", "requesterUser") == made
    assert (made["title"], made["note"], made["status"], made["type"], made["decision"]) == (
        "Q4 review",
        "Look at page 3",
        "IN_PROGRESS",
        "SOC_REPORT",
        "PENDING",
    )
    assert (made["requestedAt"], made["reviewDeadlineAt"]) == ("2026-05-01T00:00:00.000Z", DEADLINE)
    assert made["requesterUser"]["id"] == acme.alice_id
    (document,) = documents(acme, initech)
    assert (document["name"], document["type"]) == ("report.pdf", "SOC_DOCUMENT")
    assert content(acme, document) == PDF
    assert acme.sql("select review_id from vendor_documents where account_id = %s") == [(review.id,)]


def test_json_makes_the_same(acme: Account, initech: int) -> None:
    made = good(post_json(acme, initech), 201)

    assert (made["title"], made["status"], made["type"]) == ("Q4 review", "IN_PROGRESS", "SOC_REPORT")
    (document,) = documents(acme, initech)
    assert document["name"] == "report.pdf"
    assert content(acme, document) == PDF


def test_in_json_the_title_names_a_file_without_a_name(acme: Account, initech: int) -> None:
    good(post_json(acme, initech, fileName=...), 201)

    assert documents(acme, initech)[0]["name"] == "Q4 review.pdf"


def test_without_a_type_a_document_is_a_compliance_report(acme: Account, initech: int) -> None:
    good(post_with_file(acme, initech, documentType=""), 201)
    good(post_json(acme, initech), 201)

    assert [document["type"] for document in documents(acme, initech)] == ["COMPLIANCE_REPORT"] * 2


def test_who_does_not_say_requests_as_in_any_creation(acme: Account, initech: int) -> None:
    made = good(post_with_file(acme, initech, requesterUserId="", requestedAt="", note=""), 201)

    assert (made["requesterUserId"], made["note"]) == (acme.alice_id, None)
    assert made["requestedAt"] == made["createdAt"]


@pytest.mark.parametrize("as_text", [True, False])
@pytest.mark.parametrize(
    ("field", "members", "shown"),
    [("securityReviewStatus", STATUSES, "status"), ("securityReviewType", TYPES, "type")],
)
def test_a_number_stands_for_its_place_in_the_enumeration(
    acme: Account, initech: int, field: str, members: list[str], shown: str, as_text: bool
) -> None:
    for place, member in enumerate(members, 1):
        answers = [
            post_json(acme, initech, **{field: str(place) if as_text else place}),
            post_with_file(acme, initech, **{field: place}),
            post_json(acme, initech, **{field: member}),
        ]

        assert {good(answer, 201)[shown] for answer in answers} == {member}
    for outside in (0, len(members) + 1, -1, 1000):
        refused(post_json(acme, initech, **{field: str(outside) if as_text else outside}), 400, field)
        refused(post_with_file(acme, initech, **{field: outside}), 400, field)


def test_numbers_stand_for_types_of_documents_too(acme: Account, initech: int) -> None:
    for place in range(1, len(DOCUMENTS) + 1):
        good(post_with_file(acme, initech, documentType=place), 201)

    assert [document["type"] for document in documents(acme, initech)] == DOCUMENTS
    refused(post_with_file(acme, initech, documentType=len(DOCUMENTS) + 1), 400, "documentType")


def test_a_title_may_be_longer_here_than_a_rename_allows(acme: Account, initech: int) -> None:
    made = good(post_with_file(acme, initech, title="x" * 255), 201)

    review = Subject(acme, initech, made["id"])
    assert len(review.get()["title"]) == 255
    refused(review.put(title="x" * 192), 400, "title")
    assert len(good(review.put(title="x" * 191))["title"]) == 191


@pytest.mark.parametrize(
    "change",
    [
        {"title": None},
        {"title": ""},
        {"title": "x" * 256},
        {"reviewDeadlineAt": None},
        {"reviewDeadlineAt": "soon"},
        {"securityReviewStatus": None},
        {"securityReviewStatus": "DONE"},
        {"securityReviewType": None},
        {"securityReviewType": "soc_report"},
        {"requestedAt": "yesterday"},
        {"requesterUserId": "999999999"},
        {"requesterUserId": "alice"},
        {"note": "x" * 1001},
        {"documentType": "QUESTIONNAIRE"},
    ],
    ids=str,
)
def test_a_form_that_does_not_fit_leaves_nothing(
    acme: Account, initech: int, storages: Path, change: dict[str, Any]
) -> None:
    before = traces(acme, storages)

    refused(post_with_file(acme, initech, **change), 400)

    assert traces(acme, storages) == before


NO_FILE: list[Any] = [{}, {"file": ("", b"", "application/pdf")}, {"file": ("report.pdf", b"", "application/pdf")}]
REFUSED_FILES: list[Any] = [
    *NO_FILE,
    upload("report.exe"),
    upload("report"),
    upload("report.pdf", b"MZ, and no PDF"),
    upload("report.png", PDF, "image/png"),
    upload("report.pdf", PDF, "image/png"),
    {"attachment": ("report.pdf", PDF, "application/pdf")},
    [("file", ("a.pdf", PDF, "application/pdf")), ("file", ("b.pdf", PDF, "application/pdf"))],
]


@pytest.mark.parametrize("files", REFUSED_FILES, ids=str)
def test_a_refused_file_leaves_nothing(acme: Account, initech: int, storages: Path, files: Any) -> None:
    before = traces(acme, storages)
    # Without a file a form must still be one.
    sent = files or {"other": ("", b"")}

    refused(post_with_file(acme, initech, sent), 400)

    assert traces(acme, storages) == before


@pytest.mark.parametrize(
    "change",
    [
        {"file": ...},
        {"file": None},
        {"file": ""},
        {"file": 7},
        {"file": {"base64String": "%%", "filename": "report.pdf"}},
        {"fileName": "report.exe"},
        {"fileName": "report.png"},
        {"title": None},
        {"note": None},
        {"requesterUserId": None},
        {"requesterUserId": 999_999_999},
        {"securityReviewStatus": True},
        {"securityReviewStatus": 1.5},
        {"securityReviewType": ["SECURITY"]},
        {"documentType": None},
    ],
    ids=str,
)
def test_json_that_does_not_fit_leaves_nothing(
    acme: Account, initech: int, storages: Path, change: dict[str, Any]
) -> None:
    before = traces(acme, storages)

    refused(post_json(acme, initech, **change), 400)

    assert traces(acme, storages) == before


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{"])
def test_a_body_that_is_neither_form_nor_object_is_refused(acme: Account, initech: int, content: bytes) -> None:
    for content_type in ("application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x"):
        path = f"{reviews_of(initech)}/with-file"
        refused(checked(acme.alice).post(path, content=content, headers={"Content-Type": content_type}), 400)


def test_a_vendor_that_is_not_there_leaves_nothing(acme: Account, initech: int, storages: Path) -> None:
    delete_vendor(acme, initech)
    before = traces(acme, storages)

    for vendor_id in (initech, NOBODYS):
        refused(post_with_file(acme, vendor_id), 404)
        refused(post_json(acme, vendor_id), 404)
    refused(post_with_file(acme, 0), 400)

    assert traces(acme, storages) == before


def test_a_file_that_is_too_large_leaves_nothing(
    world: World, acme: Account, initech: int, tmp_path_factory: pytest.TempPathFactory, storages: Path
) -> None:
    folder = tmp_path_factory.mktemp("narrow")
    with serving(world.database_url, folder, free_port(), TRUSTWRIGHT_MAX_FILE="1000") as address:
        acme.alice.base_url = httpx.URL(address)
        before = traces(acme, storages)

        answer = post_with_file(acme, initech, upload(content=PDF + b"%" * 1000))
        in_json = post_json(acme, initech, file=base64.b64encode(PDF + b"%" * 1000).decode())

        for refusal in (answer, in_json):
            refused(refusal, 413)
        assert traces(acme, storages) == before
        good(post_with_file(acme, initech), 201)


def test_its_events_tell_of_the_review_and_of_the_document(acme: Account, initech: int) -> None:
    made = good(post_with_file(acme, initech), 201)

    events = Subject(acme, initech, made["id"]).events()

    assert [type_ for type_, _, _ in events] == [
        "VENDOR_SECURITY_REVIEW_CREATED",
        "VENDOR_DOCUMENT_UPLOADED",
        "VENDOR_SECURITY_REVIEW_DOCUMENT_ADDED",
    ]
    assert (events[1][2]["name"], events[1][2]["size"]) == ("report.pdf", len(PDF))


def test_the_same_file_may_be_in_two_reviews_and_is_kept_once(acme: Account, initech: int, storages: Path) -> None:
    before = traces(acme, storages)

    for _ in range(2):
        good(post_with_file(acme, initech), 201)

    after = traces(acme, storages)
    assert {name: after[name] - before[name] for name in ("reviews", "files", "blobs", "objects")} == {
        "reviews": 2,
        "files": 2,
        "blobs": 1,
        "objects": 1,
    }


def test_the_same_file_in_two_new_reviews_at_once_is_in_both(acme: Account, initech: int, storages: Path) -> None:
    for number in range(5):
        posting = partial(post_with_file, acme, initech, upload(content=PDF + b"%" * number))

        assert [answer.status_code for answer in together(posting, posting)] == [201, 201]

    kept = traces(acme, storages)
    assert (kept["files"], kept["blobs"], kept["objects"]) == (10, 5, 5)
    assert len({content(acme, document) for document in documents(acme, initech)}) == 5
