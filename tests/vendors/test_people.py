"""Who owns a vendor's security, and who keeps up the relationship (vendor-reviews 1.1)."""

import pytest

from tests.factories import Account
from tests.vendors.cast import NOBODYS, add, change, colleague, deactivate, get, post, put, refused
from trustwright.accounts.roles import Role

OWNERS = [Role.ADMIN, Role.TECHGOV, Role.WORKSPACE_ADMINISTRATOR]
SOMEBODY = NOBODYS % 1_000_000_000


@pytest.mark.parametrize("role", OWNERS)
def test_a_vendors_security_is_owned_by_somebody_of_the_right_role(acme: Account, role: Role) -> None:
    owner = colleague(acme, Role.EMPLOYEE, role)

    assert get(acme, add(acme, userId=owner), "vendorUser")["user"]["id"] == owner


@pytest.mark.parametrize("role", sorted(set(Role) - set(OWNERS)))
def test_no_other_role_will_do(acme: Account, role: Role) -> None:
    refused(post(acme, userId=colleague(acme, role)), 400, "userId")


def test_an_owner_is_an_active_user(acme: Account) -> None:
    gone = colleague(acme, Role.ADMIN)
    deactivate(acme, gone)
    vendor = add(acme)

    for user_id in (SOMEBODY, gone):
        refused(post(acme, userId=user_id), 400, "userId")
        refused(put(acme, vendor, userId=user_id), 400, "userId")


def test_an_owner_who_has_left_stays_until_another_is_named(acme: Account) -> None:
    owner = colleague(acme, Role.ADMIN)
    vendor = add(acme, userId=owner, vendorRelationshipContact={"userId": owner})
    deactivate(acme, owner)

    change(acme, vendor, userId=owner, vendorRelationshipContact={"userId": owner}, notes="still there")

    assert get(acme, vendor, "vendorUser")["user"]["id"] == owner
    change(acme, vendor, userId=acme.alice_id)
    assert get(acme, vendor, "vendorUser")["user"]["id"] == acme.alice_id
    change(acme, vendor, userId=None)
    assert get(acme, vendor, "vendorUser")["user"] is None


def test_anybody_active_may_keep_up_the_relationship(acme: Account) -> None:
    bob = acme.user("bob@acme.test", Role.EMPLOYEE, first_name="Bob")
    vendor = add(acme, vendorRelationshipContact={"userId": bob})

    shown = get(acme, vendor, "vendorRelationshipContact")["vendorRelationshipContact"]
    assert (shown["id"], shown["email"], shown["firstName"], shown["lastName"]) == (bob, "bob@acme.test", "Bob", None)
    change(acme, vendor, notes="x")
    assert get(acme, vendor, "vendorRelationshipContact")["vendorRelationshipContact"] == shown
    change(acme, vendor, vendorRelationshipContact=None)
    assert get(acme, vendor, "vendorRelationshipContact")["vendorRelationshipContact"] is None


def test_somebody_who_is_not_here_keeps_up_nothing(acme: Account) -> None:
    gone = colleague(acme, Role.ADMIN)
    deactivate(acme, gone)
    vendor = add(acme)

    for user_id in (SOMEBODY, gone):
        refused(post(acme, vendorRelationshipContact={"userId": user_id}), 400, "vendorRelationshipContact")
        refused(put(acme, vendor, vendorRelationshipContact={"userId": user_id}), 400, "vendorRelationshipContact")
