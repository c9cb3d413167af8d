"""Who may use what the contract does not know; of the other operations the tests of the contract say so."""

import pytest

from tests.contract.contract import label
from tests.reviews.cast import Subject, refused
from trustwright.accounts.permissions import Permission
from trustwright.app import OPERATIONS
from trustwright.http.operations import Operation

EXTENSIONS = [
    operation
    for operation in OPERATIONS
    if operation.extension and operation.handler.__module__.startswith("trustwright.reviews.")
]

every_extension = pytest.mark.parametrize("operation", EXTENSIONS, ids=label)


def path(review: Subject, operation: Operation) -> str:
    return "/public/v2" + operation.path.format(vendorId=review.vendor_id, securityReviewId=review.id)


def test_there_are_two() -> None:
    assert {(each.method, each.permissions) for each in EXTENSIONS} == {
        ("PATCH", (Permission.VENDORS_PUT_SECURITY_REVIEW,)),
        ("GET", (Permission.VENDORS_GET,)),
    }


@every_extension
def test_without_a_key_401(soc: Subject, operation: Operation) -> None:
    refused(soc.account.client(None).request(operation.method, path(soc, operation), json={}), 401)


@every_extension
def test_before_the_terms_412(soc: Subject, operation: Operation) -> None:
    soc.account.plan(terms_accepted=False)

    refused(soc.alice.request(operation.method, path(soc, operation), json={}), 412)


@every_extension
def test_with_its_permission_and_no_other_it_passes(soc: Subject, operation: Operation) -> None:
    others = [permission for permission in Permission if permission not in operation.permissions]
    _, without = soc.account.key(*others)
    _, alone = soc.account.key(*operation.permissions)

    refused(soc.account.client(without).request(operation.method, path(soc, operation), json={}), 403)
    assert soc.account.client(alone).request(operation.method, path(soc, operation), json={}).status_code == 200
