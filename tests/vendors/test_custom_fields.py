"""Custom fields of vendors: a name makes one, null takes a value away."""

from tests.factories import Account
from tests.vendors.cast import NOBODYS, Json, add, change, get, post, put, refused


def values(account: Account, vendor: Json) -> dict[str, str]:
    """By name the values of a vendor."""
    return {each["name"]: each["value"] for each in get(account, vendor, "customFields")["customFields"]}


def test_a_name_makes_a_field_that_other_vendors_share(acme: Account) -> None:
    one = add(acme, customFields=[{"name": "Tier", "value": "1"}, {"name": "Region", "value": ""}])
    two = add(acme, customFields=[{"name": "Tier", "value": "2"}])

    region, tier = get(acme, one, "customFields")["customFields"]
    assert (region["name"], region["value"], tier["name"], tier["value"]) == ("Region", "", "Tier", "1")
    assert get(acme, two, "customFields")["customFields"] == [{**tier, "value": "2"}]


def test_fields_that_are_not_named_keep_their_values(acme: Account) -> None:
    vendor = add(acme, customFields=[{"name": "Tier", "value": "1"}, {"name": "Region", "value": "EU"}])

    change(acme, vendor, customFields=[{"name": "Tier", "value": "2"}])
    change(acme, vendor, customFields=[], notes="x")

    assert values(acme, vendor) == {"Tier": "2", "Region": "EU"}


def test_an_id_names_a_field_and_wins_over_a_name(acme: Account) -> None:
    vendor = add(acme, customFields=[{"name": "Tier", "value": "1"}])
    field_id = get(acme, vendor, "customFields")["customFields"][0]["customFieldId"]

    change(acme, vendor, customFields=[{"id": field_id, "name": "Other", "value": "3"}])

    assert values(acme, vendor) == {"Tier": "3"}


def test_null_takes_a_value_away(acme: Account) -> None:
    vendor = add(acme, customFields=[{"name": "Tier", "value": "1"}, {"name": "Region", "value": "EU"}])
    _, tier = get(acme, vendor, "customFields")["customFields"]

    change(acme, vendor, customFields=[{"id": tier["customFieldId"], "value": None}, {"name": "Never", "value": None}])

    assert values(acme, vendor) == {"Region": "EU"}


def test_of_two_values_for_a_field_the_later_stays(acme: Account) -> None:
    vendor = add(acme, customFields=[{"name": "Tier", "value": "1"}, {"name": "Tier", "value": "2"}])

    assert values(acme, vendor) == {"Tier": "2"}


def test_an_unknown_id_is_refused_and_nothing_is_made(acme: Account) -> None:
    vendor = add(acme)
    given = [{"name": "New", "value": "1"}, {"id": NOBODYS, "value": "1"}]

    refused(post(acme, customFields=given), 400, "customFields")
    refused(put(acme, vendor, customFields=given), 400, "customFields")

    first = get(acme, add(acme, customFields=[{"name": "First", "value": "1"}]), "customFields")["customFields"]
    assert values(acme, vendor) == {}
    assert [each["name"] for each in first] == ["First"]
