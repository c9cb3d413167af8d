"""Reviews and documents of another account do not exist, and stay as they are (decisions 2)."""

from pathlib import Path
from typing import Any

import pytest

from tests.factories import Account
from tests.reviews.cast import (
    ACROSS,
    NOBODYS,
    Subject,
    add,
    add_vendor,
    body,
    checked,
    documents_of,
    everything,
    form,
    good,
    post_document,
    refused,
    reviews_of,
    traces,
    upload,
)


@pytest.fixture
def theirs(globex: Account) -> Subject:
    """A finished review of Globex, with a document."""
    review = add(globex, add_vendor(globex))
    good(post_document(globex, review.vendor_id, securityReviewId=review.id), 201)
    review.fill()
    review.finalize()
    return review


def of_vendor(vendor_id: int) -> list[tuple[str, str, dict[str, Any]]]:
    """A request of each operation that names a vendor and no review."""
    return [
        ("GET", reviews_of(vendor_id), {}),
        ("POST", reviews_of(vendor_id), {"json": body()}),
        ("POST", reviews_of(vendor_id).replace("/v2", ""), {"json": body()}),
        ("POST", f"{reviews_of(vendor_id)}/with-file", {"data": form(), "files": upload()}),
        ("GET", documents_of(vendor_id), {}),
        ("POST", documents_of(vendor_id), {"files": upload()}),
    ]


def of_review(vendor_id: int, review_id: int) -> list[tuple[str, str, dict[str, Any]]]:
    """A request of each operation that names a review."""
    path = f"{reviews_of(vendor_id)}/{review_id}"
    return [
        ("GET", path, {}),
        ("GET", f"{path}?expand[]=user", {}),
        ("PUT", path, {"json": {"title": "ours"}}),
        ("PUT", path, {"json": {"socForm": {"findings": {"findings": []}}}}),
        ("PATCH", path, {"json": {"decision": "REJECTED"}}),
        ("GET", f"{path}/actions", {}),
        ("POST", f"{path}/actions", {"json": {"action": "reopen"}}),
        ("GET", f"{path}/history", {}),
    ]


def answers(account: Account, requests: list[tuple[str, str, dict[str, Any]]]) -> list[tuple[int, str]]:
    """Status and message of each answer."""
    found = [checked(account.alice).request(method, path, **sent) for method, path, sent in requests]
    return [(answer.status_code, answer.json()["message"]) for answer in found]


def document_id(review: Subject) -> int:
    (document,) = good(review.alice.get(documents_of(review.vendor_id)))["data"]
    id_: int = document["id"]
    return id_


def test_a_vendor_of_another_account_is_like_one_that_never_was(acme: Account, theirs: Subject, storages: Path) -> None:
    before = theirs.get(), traces(theirs.account, storages)

    of_theirs = answers(acme, of_vendor(theirs.vendor_id))
    of_nobodys = answers(acme, of_vendor(NOBODYS))

    assert [status for status, _ in of_theirs] == [404, 404, 404, 404, 404, 400]
    assert [(status, text.replace(str(theirs.vendor_id), str(NOBODYS))) for status, text in of_theirs] == of_nobodys
    assert (theirs.get(), traces(theirs.account, storages)) == before


def test_a_review_of_another_account_is_like_one_that_never_was(
    acme: Account, initech: int, theirs: Subject, storages: Path
) -> None:
    before = theirs.get(), theirs.history(), traces(theirs.account, storages)

    of_theirs = answers(acme, of_review(initech, theirs.id))
    of_nobodys = answers(acme, of_review(initech, NOBODYS))

    assert {status for status, _ in [*of_theirs, *answers(acme, of_review(theirs.vendor_id, theirs.id))]} == {404}
    assert [(status, text.replace(str(theirs.id), str(NOBODYS), 1)) for status, text in of_theirs] == of_nobodys
    assert (theirs.get(), theirs.history(), traces(theirs.account, storages)) == before


def test_a_document_of_another_account_is_not_found(acme: Account, initech: int, theirs: Subject) -> None:
    for vendor_id in (initech, theirs.vendor_id):
        refused(checked(acme.alice).get(f"{documents_of(vendor_id)}/{document_id(theirs)}"), 404)


def test_a_document_is_not_added_to_a_review_of_another_account(
    acme: Account, initech: int, theirs: Subject, storages: Path
) -> None:
    before = traces(acme, storages), traces(theirs.account, storages)

    refused(post_document(acme, initech, securityReviewId=theirs.id), 400)

    assert (traces(acme, storages), traces(theirs.account, storages)) == before


def test_lists_show_what_the_account_has(acme: Account, soc: Subject, theirs: Subject) -> None:
    for review in (soc, theirs):
        assert [found["id"] for found in everything(review.alice, ACROSS)] == [review.id]
    for kind in ({"status[]": ["COMPLETED"]}, {"vendorIds[]": [theirs.vendor_id]}):
        assert everything(soc.alice, ACROSS, **kind) == []


def test_a_cursor_of_another_account_shows_nothing_of_it(acme: Account, soc: Subject, theirs: Subject) -> None:
    add(theirs.account, theirs.vendor_id)
    cursor = good(theirs.alice.get(f"{ACROSS}?size=1"))["pagination"]["cursor"]

    found = good(soc.alice.get(f"{ACROSS}?size=1&cursor={cursor}"))["data"]

    assert {review["vendorId"] for review in found} <= {soc.vendor_id}


def test_people_of_another_account_take_no_part(acme: Account, soc: Subject, globex: Account) -> None:
    stranger = globex.alice_id

    refused(soc.alice.post(reviews_of(soc.vendor_id), json=body(requesterUserId=stranger)), 400)
    refused(soc.patch(userId=stranger), 400)
    refused(soc.put(socForm={"reviewerInformation": {"reviewerUserId": stranger}}), 400)


def test_the_same_file_in_two_accounts_is_two_contents(
    acme: Account, initech: int, theirs: Subject, storages: Path
) -> None:
    good(post_document(acme, initech), 201)

    assert traces(acme, storages)["objects"] == traces(theirs.account, storages)["objects"] == 1
