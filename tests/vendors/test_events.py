"""Every change of a vendor writes its event: who, what, and the values before and after."""

from tests.factories import Account
from tests.vendors.cast import SETTINGS, TYPES, VENDORS, add, change, checked, events, new_type, put, refused

ALL = ("VENDOR_CREATED", "VENDOR_UPDATED", "VENDOR_STATUS_UPDATED", "VENDOR_DELETED")


def test_a_creation_tells_what_was_said(acme: Account) -> None:
    vendor = add(acme, risk="LOW", renewalDate="2031-05-06")

    (event,) = events(acme, *ALL)

    assert event == {
        "type": "VENDOR_CREATED",
        "target": {"kind": "vendor", "id": vendor["id"]},
        "before": None,
        "after": {"name": "Initech", "risk": "LOW", "renewalDate": "2031-05-06"},
        "userId": acme.alice_id,
    }


def test_risk_levels_are_kept_by_their_ids(acme: Account) -> None:
    vendor = add(acme, residualRiskLevelId=3, inherentRiskLevelId=4)
    change(acme, vendor, residualRiskLevelId=None, inherentRiskLevelId=5)

    created, updated = events(acme, *ALL)

    assert created["after"] == {"name": "Initech", "residualRiskLevelId": 3, "inherentRiskLevelId": 4}
    assert updated["before"] == {"residualRiskLevelId": 3, "inherentRiskLevelId": 4}
    assert updated["after"] == {"residualRiskLevelId": None, "inherentRiskLevelId": 5}


def test_a_change_tells_only_what_changed(acme: Account) -> None:
    vendor = add(acme, risk="LOW", notes="x", location="Austin")

    change(acme, vendor, risk="HIGH", notes="x", location="Dallas")

    (event,) = events(acme, "VENDOR_UPDATED")
    assert event["before"] == {"risk": "LOW", "location": "Austin"}
    assert event["after"] == {"risk": "HIGH", "location": "Dallas"}


def test_a_status_has_an_event_of_its_own(acme: Account) -> None:
    vendor = add(acme, status="ACTIVE")

    change(acme, vendor, status="ON_HOLD")
    change(acme, vendor, status="ARCHIVED", notes="gone")

    first, second, rest = events(acme, *ALL)[1:]
    assert (first["type"], first["before"], first["after"]) == (
        "VENDOR_STATUS_UPDATED",
        {"status": "ACTIVE"},
        {"status": "ON_HOLD"},
    )
    assert (second["type"], set(second["after"])) == ("VENDOR_STATUS_UPDATED", {"status", "archivedAt"})
    assert (rest["type"], rest["after"]) == ("VENDOR_UPDATED", {"notes": "gone"})


def test_what_changes_nothing_leaves_no_event(acme: Account) -> None:
    vendor = add(acme, risk="LOW")

    change(acme, vendor)
    change(acme, vendor, risk="LOW")
    refused(put(acme, vendor, risk="HIGH", url="no address"), 400)

    assert [event["type"] for event in events(acme, *ALL)] == ["VENDOR_CREATED"]


def test_a_deletion_tells_what_was_known(acme: Account) -> None:
    vendor = add(acme, risk="LOW")
    checked(acme.alice).delete(f"{VENDORS}/{vendor['id']}")

    (event,) = events(acme, "VENDOR_DELETED")

    assert (event["before"], event["after"]) == ({"name": "Initech", "risk": "LOW"}, None)


def test_types_and_settings_have_their_events(acme: Account) -> None:
    made = new_type(acme, "Cloud")
    checked(acme.alice).put(f"{TYPES}/{made['id']}", json={"name": "Clouds"})
    checked(acme.alice).delete(f"{TYPES}/{made['id']}")
    checked(acme.alice).put(SETTINGS, json={"windowDays": 45})

    found = events(
        acme, "VENDOR_TYPE_CREATED", "VENDOR_TYPES_UPDATED", "VENDOR_TYPE_DELETED", "VENDOR_REVIEW_PERIOD_UPDATED"
    )

    assert [(event["before"], event["after"]) for event in found] == [
        (None, {"name": "Cloud"}),
        ({"name": "Cloud"}, {"name": "Clouds"}),
        ({"name": "Clouds"}, None),
        ({"windowDays": 30}, {"windowDays": 45}),
    ]
