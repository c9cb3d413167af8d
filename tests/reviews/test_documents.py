"""Documents of vendors: upload, list, download (vendor-reviews 3.2, 5; Q6, Q35)."""

from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import free_port, serving
from tests.factories import Account, World
from tests.reviews.cast import (
    NOBODYS,
    PDF,
    Subject,
    add,
    add_vendor,
    checked,
    delete_vendor,
    documents_of,
    everything,
    good,
    post_document,
    post_with_file,
    recorded,
    refused,
    together,
    traces,
    upload,
)
from tests.reviews.test_with_file import DOCUMENTS, REFUSED_FILES, content

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff03000006000557"
    "bfabd40000000049454e44ae426082"
)


def names(account: Account, vendor_id: int, **query: Any) -> list[str]:
    return [document["name"] for document in everything(checked(account.alice), documents_of(vendor_id), **query)]


def test_a_document_is_kept_byte_for_byte(acme: Account, initech: int) -> None:
    made = good(post_document(acme, initech, type="BRIDGE_LETTER"), 201)

    assert (made["name"], made["type"]) == ("report.pdf", "BRIDGE_LETTER")
    assert "downloadUrl" not in made
    found = good(checked(acme.alice).get(f"{documents_of(initech)}/{made['id']}"))
    download = found.pop("downloadUrl")
    assert found == made
    assert (download["fileBuffer"], download["fileName"]) == (None, "report.pdf")
    assert content(acme, {"downloadUrl": download}) == PDF


def test_a_document_may_belong_to_a_review(soc: Subject) -> None:
    good(post_document(soc.account, soc.vendor_id, securityReviewId=soc.id), 201)

    found = soc.account.sql("select review_id, type from vendor_documents where account_id = %s")
    assert found == [(soc.id, "COMPLIANCE_REPORT")]


@pytest.mark.parametrize("type_", DOCUMENTS)
def test_every_type_is_taken(acme: Account, initech: int, type_: str) -> None:
    assert good(post_document(acme, initech, type=type_), 201)["type"] == type_


def test_empty_fields_are_like_absent_ones(acme: Account, initech: int) -> None:
    made = good(post_document(acme, initech, type="", securityReviewId=""), 201)

    assert made["type"] == "COMPLIANCE_REPORT"


@pytest.mark.parametrize("files", REFUSED_FILES, ids=str)
def test_a_refused_file_leaves_nothing(acme: Account, initech: int, storages: Path, files: Any) -> None:
    before = traces(acme, storages)

    refused(post_document(acme, initech, files or {"other": ("", b"")}), 400)

    assert traces(acme, storages) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "QUESTIONNAIRE"},
        {"type": "1"},
        {"securityReviewId": "x"},
        {"securityReviewId": "0"},
        {"securityReviewId": str(NOBODYS)},
    ],
    ids=str,
)
def test_fields_that_do_not_fit_leave_nothing(
    acme: Account, initech: int, storages: Path, fields: dict[str, str]
) -> None:
    before = traces(acme, storages)

    refused(post_document(acme, initech, **fields), 400)

    assert traces(acme, storages) == before


def test_a_review_of_another_vendor_takes_no_document(soc: Subject, storages: Path) -> None:
    other = add_vendor(soc.account, name="Umbrella")
    before = traces(soc.account, storages)

    refused(post_document(soc.account, other, securityReviewId=soc.id), 400, f"{soc.id}")

    assert traces(soc.account, storages) == before


def test_a_vendor_that_is_not_there_takes_none(acme: Account, initech: int, storages: Path) -> None:
    """404 is not documented for this operation, 400 is (Q6)."""
    delete_vendor(acme, initech)
    before = traces(acme, storages)

    for vendor_id in (initech, NOBODYS, 0):
        refused(post_document(acme, vendor_id), 400)

    assert traces(acme, storages) == before


def test_a_review_takes_each_content_once(soc: Subject, storages: Path) -> None:
    account, vendor_id = soc.account, soc.vendor_id
    good(post_document(account, vendor_id, securityReviewId=soc.id), 201)
    before = traces(account, storages)

    refused(post_document(account, vendor_id, upload("again.pdf"), securityReviewId=soc.id), 400, "again.pdf")

    assert traces(account, storages) == before
    good(post_document(account, vendor_id, upload(content=PDF + b"%"), securityReviewId=soc.id), 201)
    good(post_document(account, vendor_id, securityReviewId=add(account, vendor_id).id), 201)
    for _ in range(2):
        good(post_document(account, vendor_id), 201)


def test_of_two_who_add_the_same_content_at_once_one_does(soc: Subject) -> None:
    for number in range(5):
        file = upload(content=PDF + b"%" * number)
        adding = partial(post_document, soc.account, soc.vendor_id, file, securityReviewId=soc.id)

        answers = together(adding, adding, adding)

        assert sorted(answer.status_code for answer in answers) == [201, 400, 400]
    assert len(names(soc.account, soc.vendor_id)) == 5


def test_a_file_that_is_too_large_is_413(
    world: World, acme: Account, initech: int, tmp_path_factory: pytest.TempPathFactory, storages: Path
) -> None:
    folder = tmp_path_factory.mktemp("narrow")
    with serving(world.database_url, folder, free_port(), TRUSTWRIGHT_MAX_FILE="1000") as address:
        acme.alice.base_url = httpx.URL(address)
        before = traces(acme, storages)

        refused(post_document(acme, initech, upload(content=PDF + b"%" * 1000)), 413)

        assert traces(acme, storages) == before


def test_without_the_scanner_that_is_required_nothing_is_kept(
    world: World, acme: Account, initech: int, tmp_path_factory: pytest.TempPathFactory, storages: Path
) -> None:
    """503 is documented for this operation, and not for a review with a file."""
    folder = tmp_path_factory.mktemp("cautious")
    with serving(world.database_url, folder, free_port(), TRUSTWRIGHT_REQUIRE_SCAN="true") as address:
        acme.alice.base_url = httpx.URL(address)
        before = traces(acme, storages)

        refused(post_document(acme, initech), 503, "scanner")
        refused(post_with_file(acme, initech), 500)

        assert traces(acme, storages) == before


def test_the_list_has_an_order_by_name_too(acme: Account, initech: int) -> None:
    for name in ("b.pdf", "c.pdf", "a.pdf"):
        good(post_document(acme, initech, upload(name)), 201)

    assert names(acme, initech, size=1) == ["b.pdf", "c.pdf", "a.pdf"]
    assert names(acme, initech, size=1, sortDir="DESC") == ["a.pdf", "c.pdf", "b.pdf"]
    assert names(acme, initech, size=1, sort="name") == ["a.pdf", "b.pdf", "c.pdf"]
    assert names(acme, initech, size=2, sort="name", sortDir="DESC") == ["c.pdf", "b.pdf", "a.pdf"]
    assert names(acme, initech, sort="updatedAt") == ["b.pdf", "c.pdf", "a.pdf"]


def test_the_list_can_be_of_one_type(acme: Account, initech: int) -> None:
    for type_ in ("BRIDGE_LETTER", "SOC_DOCUMENT", "BRIDGE_LETTER"):
        good(post_document(acme, initech, upload(f"{type_}.pdf"), type=type_), 201)

    assert names(acme, initech, type="BRIDGE_LETTER", size=1) == ["BRIDGE_LETTER.pdf"] * 2
    counted = good(checked(acme.alice).get(f"{documents_of(initech)}?type=SOC_DOCUMENT&includeTotalCount=true"))
    assert counted["pagination"]["totalCount"] == 1


def test_links_are_shown_when_asked_for(acme: Account, initech: int) -> None:
    good(post_document(acme, initech, upload("a.png", PNG, "image/png")), 201)
    path = documents_of(initech)

    (plain,) = good(checked(acme.alice).get(path))["data"]
    (linked,) = good(checked(acme.alice).get(f"{path}?expand[]=downloadUrl"))["data"]

    assert "downloadUrl" not in plain
    assert content(acme, linked) == PNG


@pytest.mark.parametrize("query", ["type=X", "expand[]=url", "sort=size", "size=0", "cursor=x"])
def test_a_query_that_does_not_fit_is_refused(acme: Account, initech: int, query: str) -> None:
    refused(checked(acme.alice).get(f"{documents_of(initech)}?{query}"), 400)


def test_what_is_not_there_is_404(acme: Account, initech: int) -> None:
    made = good(post_document(acme, initech), 201)
    other = add_vendor(acme, name="Umbrella")

    refused(checked(acme.alice).get(documents_of(NOBODYS)), 404)
    for vendor_id, document_id in ((initech, NOBODYS), (other, made["id"]), (NOBODYS, made["id"])):
        refused(checked(acme.alice).get(f"{documents_of(vendor_id)}/{document_id}"), 404)
    # 400 is not documented for one document (Q6).
    refused(checked(acme.alice).get(f"{documents_of(initech)}/x"), 404)
    refused(checked(acme.alice).get(documents_of(0)), 400)
    delete_vendor(acme, initech)
    refused(checked(acme.alice).get(f"{documents_of(initech)}/{made['id']}"), 404)


def test_an_upload_is_an_event_and_one_more_for_its_review(soc: Subject) -> None:
    account = soc.account
    good(post_document(account, soc.vendor_id, upload("own.pdf")), 201)
    good(post_document(account, soc.vendor_id, securityReviewId=soc.id), 201)

    told = recorded(account, "and target ->> 'kind' = 'vendor document'")

    assert [(type_, after["name"]) for type_, _, after in told] == [
        ("VENDOR_DOCUMENT_UPLOADED", "own.pdf"),
        ("VENDOR_DOCUMENT_UPLOADED", "report.pdf"),
        ("VENDOR_SECURITY_REVIEW_DOCUMENT_ADDED", "report.pdf"),
    ]
