"""Creating connections: what each kind needs, and where its schema comes from (Q47, Q48, custom-data 1.6)."""

import json
from typing import Any

import httpx
import pytest

from tests.factories import Account
from tests.records.cast import CONNECTIONS, SCHEMA, Json, Resource, checked, connect, new_connection, refused
from trustwright.accounts.permissions import Permission


def post(account: Account, **changes: Any) -> httpx.Response:
    return checked(account.alice).post(CONNECTIONS, json=new_connection(account, **changes))


def post_text(account: Account, **texts: str) -> httpx.Response:
    """Creates a connection, some properties of which are JSON texts to be sent as they stand."""
    body = {name: json.dumps(value) for name, value in new_connection(account).items()} | texts
    body = {name: text for name, text in body.items() if text}
    content = "{" + ",".join(f'"{name}":{text}' for name, text in body.items()) + "}"
    return checked(account.alice).post(CONNECTIONS, content=content.encode())


def nothing_was_made(account: Account) -> bool:
    """The connection of `shared` is still the only one."""
    listed: list[Json] = account.alice.get(CONNECTIONS).json()["data"]
    return len(listed) == 1


def test_a_new_connection_is_answered_with_its_resource(acme: Account) -> None:
    made = post(acme, description="All of them")

    assert made.status_code == 201
    assert (made.json()["clientAlias"], made.json()["description"]) == ("Devices", "All of them")
    (resource,) = made.json()["customResources"]
    shown = acme.alice.get(f"{CONNECTIONS}/{made.json()['id']}?expand[]=customResources").json()
    assert shown["customResources"] == [resource]


def test_a_schema_is_kept_as_it_was_given(acme: Account) -> None:
    text = (
        '{ "$schema":"http://json-schema.org/draft-07/schema#", "type" : "object",\n "x-b":1.10, "x-a":1e2,'
        ' "id":"string", "selfRequired":true, "properties":{"n\\u00e4me":{"type":"string"}, "name":{}},'
        ' "x-big":123456789012345678901234567890 }'
    )

    made = post_text(acme, schema=text)

    assert made.status_code == 201, made.text
    assert f'"schema":{text},' in made.text
    assert f'"schema":{text},' in acme.alice.get(f"{CONNECTIONS}?expand[]=customResources").text


def test_nothing_is_added_to_a_schema(acme: Account) -> None:
    devices = connect(acme, schema={"type": "object", "properties": {"name": {}}})

    assert devices.connection["customResources"][0]["schema"] == {"type": "object", "properties": {"name": {}}}
    assert devices.post({"anything": "goes"}).status_code == 201


def test_a_schema_is_made_from_a_sample(acme: Account) -> None:
    sample = {"name": "x", "level": 3, "on": True, "tags": ["a"], "owner": {"mail": None}}

    devices = connect(acme, schema=None, sampleData=sample)

    schema = devices.connection["customResources"][0]["schema"]
    assert {name: kind.get("type") for name, kind in schema["properties"].items()} == {
        "name": "string",
        "level": "number",
        "on": "boolean",
        "tags": "array",
        "owner": "object",
    }
    assert "required" not in schema


def test_records_are_judged_by_the_schema_of_the_sample(acme: Account) -> None:
    sample = {"name": "x", "level": 3, "on": True, "tags": ["a"], "owner": {"mail": None}}
    devices = connect(acme, schema=None, sampleData=sample)
    good = [{"name": "y", "level": 3.5}, {"level": 4}, {"unheard": "of"}, {"owner": {"mail": 7, "more": 1}}]
    bad = [{"name": 7}, {"level": "3"}, {"on": None}, {"tags": [1]}, {"owner": []}]

    assert [item["statusCode"] for item in devices.post(good + bad).json()] == [201] * len(good) + [400] * len(bad)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 192}, "name"),
        ({"name": 7}, "name"),
        ({"name": "a\0b"}, "NUL"),
        ({"providerTypes": None}, "providerTypes"),
        ({"providerTypes": []}, "providerTypes"),
        ({"providerTypes": "CUSTOM"}, "providerTypes"),
        ({"providerTypes": ["CUSTOM", "MDM"]}, "providerTypes"),
        ({"providerTypes": ["custom"]}, "providerTypes"),
        ({"providerTypes": ["OTHER"]}, "providerTypes"),
        ({"workspaceIds": None}, "workspaceIds"),
        ({"workspaceIds": []}, "workspaceIds"),
        ({"workspaceIds": [0]}, "workspaceIds"),
        ({"workspaceIds": ["1"]}, "workspaceIds"),
        ({"workspaceIds": [2**31 - 1]}, ""),
        ({"displayNameKey": None}, "displayNameKey"),
        ({"displayNameKey": ""}, "displayNameKey"),
        ({"displayNameKey": "nickname"}, "displayNameKey"),
        ({"displayNameKey": 7}, "displayNameKey"),
        ({"schema": None}, "schema"),
        ({"sampleData": {"name": "x"}}, "schema"),
        ({"schema": "object"}, "schema"),
        ({"schema": []}, "schema"),
        ({"schema": {}}, "type"),
        ({"schema": {"type": "array", "items": {}}}, "type"),
        ({"schema": {"type": "object"}}, "displayNameKey"),
        ({"schema": SCHEMA | {"properties": {"name": {"type": "text"}}}}, "/properties/name/type"),
        ({"schema": SCHEMA | {"properties": {"name": {"$ref": "http://elsewhere.test/s"}}}}, "$ref"),
        ({"schema": SCHEMA | {"properties": {"name": {"$ref": "file:///etc/passwd"}}}}, "$ref"),
        ({"schema": SCHEMA | {"description": "x" * 262_144}}, "KiB"),
        ({"schema": None, "sampleData": []}, "sampleData"),
        ({"schema": None, "sampleData": "x"}, "sampleData"),
        ({"schema": None, "sampleData": {}}, "displayNameKey"),
        ({"schema": None, "sampleData": {"title": "x"}}, "displayNameKey"),
        ({"description": 7}, "description"),
        ({"description": "x" * 30_001}, "description"),
        ({"description": "a\0b"}, "NUL"),
    ],
)
def test_a_connection_that_breaks_a_rule_is_refused(shared: Resource, changes: Json, words: str) -> None:
    refused(post(shared.account, **changes), 400, words)

    assert nothing_was_made(shared.account)


HOSTILE = {
    "name": {"name": '"\\ud800"'},
    "name before a text": {"name": '"\\udc00x"'},
    "description": {"description": '"a\\ud83d"'},
    "key": {"displayNameKey": '"\\ud800"'},
    "schema surrogate": {"schema": '{"type":"object","properties":{"name":{"description":"\\ud800"}}}'},
    "schema NUL": {"schema": '{"type":"object","properties":{"name":{"description":"\\u0000"}}}'},
    "schema 1e400": {"schema": '{"type":"object","properties":{"name":{"maximum":1e400}}}'},
    "schema NaN": {"schema": '{"type":"object","properties":{"name":{"maximum":NaN}}}'},
    "schema 5,000 digits": {"schema": '{"type":"object","properties":{"name":{"const":' + "9" * 5000 + "}}}"},
    "schema 900 levels": {
        "schema": '{"type":"object","properties":{"name":' + '{"not":' * 900 + "{}" + "}" * 900 + "}}"
    },
    "schema 100,000 levels": {
        "schema": '{"type":"object","properties":{"name":' + '{"not":' * 100_000 + "{}" + "}" * 100_000 + "}}"
    },
    "sample surrogate": {"schema": "", "sampleData": '{"name":"\\ud800"}'},
    "sample 1e400": {"schema": "", "sampleData": '{"name":"x","level":1e400}'},
    "sample 100 lists": {"schema": "", "sampleData": '{"name":' + "[" * 100 + "]" * 100 + "}"},
    "sample 450 objects": {"schema": "", "sampleData": '{"name":' + '{"a":' * 450 + "1" + "}" * 450 + "}"},
    "sample 900 objects": {"schema": "", "sampleData": '{"name":' + '{"a":' * 900 + "1" + "}" * 900 + "}"},
    "sample 100,000 lists": {"schema": "", "sampleData": '{"name":' + "[" * 100_000 + "]" * 100_000 + "}"},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_in_a_connection_is_refused(shared: Resource, name: str) -> None:
    refused(post_text(shared.account, **HOSTILE[name]), 400)

    assert nothing_was_made(shared.account)


def test_a_body_that_is_no_connection_is_refused(shared: Resource) -> None:
    for body in (b"", b"{", b"[]", b"null", b'"CUSTOM"', b"{}", b"\xff", b'{"name":NaN}', b"[" * 5000):
        refused(shared.alice.post(CONNECTIONS, content=body), 400)


@pytest.mark.parametrize("kind", ["MDM", "HRIS"])
def test_other_kinds_have_no_resource(acme: Account, kind: str) -> None:
    made = post(acme, providerTypes=[kind], workspaceIds=None, schema=None, displayNameKey=None)

    assert made.status_code == 201, made.text
    assert made.json()["providerTypes"] == [kind]
    assert made.json()["customResources"] == []


@pytest.mark.parametrize("field", ["workspaceIds", "schema", "sampleData", "displayNameKey"])
def test_other_kinds_take_none_of_the_four_fields(shared: Resource, field: str) -> None:
    full = new_connection(shared.account, sampleData={"name": "x"})

    for kind in ("MDM", "HRIS"):
        body = {"name": "Phones", "providerTypes": [kind], field: full[field]}
        refused(shared.alice.post(CONNECTIONS, json=body), 400, field)

    assert nothing_was_made(shared.account)


def test_a_repeated_workspace_counts_once(acme: Account) -> None:
    assert post(acme, workspaceIds=[acme.workspace_id] * 3).status_code == 201


def test_two_connections_may_have_one_name(acme: Account) -> None:
    assert {post(acme).status_code, post(acme).status_code} == {201}


@pytest.mark.parametrize("permission", [Permission.CUSTOM_CONNECTIONS_POST, Permission.CUSTOM_CONNECTIONS_DATA_POST])
def test_either_permission_creates(acme: Account, permission: Permission) -> None:
    _, key = acme.key(permission)

    assert checked(acme.client(key)).post(CONNECTIONS, json=new_connection(acme)).status_code == 201


@pytest.mark.parametrize("permission", [Permission.CUSTOM_CONNECTIONS_PUT, Permission.CUSTOM_CONNECTIONS_DATA_PUT])
def test_either_permission_updates(devices: Resource, permission: Permission) -> None:
    _, key = devices.account.key(permission)
    client = checked(devices.account.client(key))

    assert client.put(f"{CONNECTIONS}/{devices.connection_id}", json={"clientAlias": "x"}).status_code == 200
