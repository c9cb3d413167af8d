"""Connections and records in the console: what a form does with bad input, who may what, and odd ids."""

import re
from typing import Any

import httpx
import pytest

from tests.factories import Account
from tests.records.cast import Resource, connect, new_connection
from trustwright.accounts.roles import Role

ODD = ["arn:aws:iam::1:user/Test", "a b%2F?#&+", "..", ".", "<b>bold</b>", "ümlaut/…", "delete"]


def page_of(resource: Resource) -> str:
    return f"/data/{resource.connection_id}/resources/{resource.id}"


def links(text: str, beginning: str) -> list[str]:
    found = re.findall(r'href="([^"]+)"', text)
    return [link.replace("&amp;", "&") for link in found if link.startswith(beginning)]


def fields(text: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))


def step(browser: httpx.Client, acme: Account, **changes: Any) -> httpx.Response:
    typed = {
        "name": "Buckets",
        "description": "",
        "workspaces": str(acme.workspace_id),
        "sample": '{"id": "b-1", "name": "logs", "size": 3}',
        "do": "next",
    }
    return browser.post("/data/new", data={**typed, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sample": '{"a": 1,\n "b" 2}'}, "Line 2, column 6"),
        ({"sample": "[]"}, "a record is a json object"),
        ({"sample": '{"id": ""}'}, "Record 1: id: must have 1 to 255 characters"),
        ({"name": " "}, "Give it a name"),
        ({"workspaces": "999999"}, "There is no workspace 999999"),
    ],
)
def test_what_cannot_be_read_is_shown_again_with_its_place(acme: Account, changes: dict[str, str], said: str) -> None:
    answer = step(acme.browser(), acme, **{"description": "From <the> cloud", **changes})

    assert answer.status_code == 400
    assert said.lower() in answer.text.lower()
    assert "From &lt;the&gt; cloud" in answer.text


def test_a_schema_that_the_sample_does_not_fit_makes_no_connection(acme: Account) -> None:
    browser = acme.browser()
    schema = '{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["owner"]}'

    answer = step(browser, acme, step="schema", do="create", schema=schema, key="name")

    assert answer.status_code == 400
    assert "must have required property &#39;owner&#39;" in answer.text
    assert "No data yet" in browser.get("/data").text


def test_going_back_and_forth_keeps_the_schema_until_the_sample_is_another(acme: Account) -> None:
    browser = acme.browser()
    mine = '{"type": "object", "properties": {"name": {"type": "string", "maxLength": 77}}}'

    checked = step(browser, acme, step="schema", do="check", schema=mine, key="name")
    back = step(browser, acme, step="schema", do="back", schema=mine, key="name")
    sample_hash = fields(checked.text)["sample_hash"]
    forth = step(browser, acme, schema=mine, key="name", sample_hash=sample_hash)
    other = step(browser, acme, schema=mine, key="name", sample_hash="of another sample")

    assert "Next: the schema" in back.text
    assert "maxLength" in forth.text
    assert "maxLength" not in other.text


def test_a_connection_is_made_with_the_snippets_to_push(acme: Account) -> None:
    browser = acme.browser()
    schema = '{"type": "object", "properties": {"name": {"type": "string"}}}'

    made = step(browser, acme, step="schema", do="create", schema=schema, key="name")

    assert made.status_code == 303
    (connection,) = acme.alice.get("/public/v2/custom-connections?expand=customResources").json()["data"]
    (resource,) = connection["customResources"]
    push = browser.get(made.headers["location"]).text
    assert f"{acme.world.address}/public/v2/custom-connections/{connection['id']}/resources/{resource['id']}/" in push
    assert "$TRUSTWRIGHT_API_KEY" in push


@pytest.mark.parametrize("record_id", ODD)
def test_a_record_of_any_id_is_found_and_deleted(acme: Account, record_id: str) -> None:
    resource, browser = connect(acme), acme.browser()
    resource.push(record_id)

    (link,) = links(browser.get(page_of(resource)).text, f"{page_of(resource)}/records")
    shown = browser.get(link)

    assert shown.status_code == 200
    assert "<b>bold" not in shown.text
    gone = browser.post(f"{page_of(resource)}/delete-record", data={"record_id": record_id})
    assert gone.status_code == 303
    assert resource.ids() == []


def test_pages_of_records_go_forth_and_back_without_a_gap(acme: Account) -> None:
    resource, browser = connect(acme), acme.browser()
    resource.push(*[f"r-{number:03}" for number in range(60)])

    def ids(address: str) -> list[str]:
        return re.findall(r'<td class="data-id"><bdi>(r-\d+)', pages[address])

    pages: dict[str, str] = {}
    seen: list[str] = []
    address: str | None = f"{page_of(resource)}?sort=id"
    while address:
        pages[address] = browser.get(address).text
        seen += ids(address)
        last = address
        address = next(iter(re.findall(r'rel="next" href="([^"]+)"', pages[address])), "").replace("&amp;", "&")
    (previous,) = re.findall(r'rel="prev" href="([^"]+)"', pages[last])
    pages["back"] = browser.get(previous.replace("&amp;", "&")).text

    assert seen == [f"r-{number:03}" for number in range(60)]
    assert ids("back") == seen[25:50]


def test_a_search_finds_ids_by_their_beginning(acme: Account) -> None:
    resource = connect(acme)
    resource.push("web-1", "web-2", "db-1", "Web-3")

    found = acme.browser().get(page_of(resource), params={"q": "web-"}).text

    assert re.findall(r'<td class="data-id"><bdi>([^<]+)', found) == ["web-1", "web-2"]


def test_a_list_is_a_file_too(acme: Account) -> None:
    resource, browser = connect(acme, name="=HYPERLINK(1)"), acme.browser()
    resource.push("a", "b")

    connections = browser.get("/data?format=csv").text.splitlines()
    records = browser.get(f"{page_of(resource)}?sort=id&format=csv").text.splitlines()

    assert "'=HYPERLINK(1)" in connections[1]
    assert [line.split(",")[0] for line in records] == ["id", "a", "b"]


def test_an_open_session_is_looked_at_and_completed(acme: Account) -> None:
    resource, browser = connect(acme), acme.browser()
    resource.stage("nightly-1", "new")

    assert "new" in browser.get(f"{page_of(resource)}?session=nightly-1").text
    done = browser.post(f"{page_of(resource)}/sessions/complete", data={"session_id": "nightly-1"})
    again = browser.post(f"{page_of(resource)}/sessions/cancel", data={"session_id": "nightly-1"})

    assert done.status_code == 303
    assert resource.ids() == ["new"]
    assert again.status_code == 422


def test_a_second_editor_is_told_and_may_save_then(acme: Account) -> None:
    resource, browser = connect(acme), acme.browser()
    edit = f"/data/{resource.connection_id}/edit"
    typed = {"description": "Mine", "workspaces": str(acme.workspace_id), "name": "Laptops"}
    revision = fields(browser.get(edit).text)["revision"]
    acme.alice.put(f"/public/v2/custom-connections/{resource.connection_id}", json={"description": "Theirs"})

    refused = browser.post(edit, data={**typed, "revision": revision})
    taken = browser.post(edit, data={**typed, "revision": fields(refused.text)["revision"]})

    assert refused.status_code == 409
    assert "Mine" in refused.text
    assert taken.status_code == 303
    assert acme.alice.get(f"/public/v2/custom-connections/{resource.connection_id}").json()["description"] == "Mine"


def test_a_connection_serves_at_least_one_workspace(acme: Account) -> None:
    resource, browser = connect(acme), acme.browser()
    edit = f"/data/{resource.connection_id}/edit"
    revision = fields(browser.get(edit).text)["revision"]

    refused = browser.post(edit, data={"name": "Devices", "description": "", "revision": revision})

    assert refused.status_code == 400
    assert "Choose at least one" in refused.text


def test_deleting_a_connection_takes_its_pages_away(acme: Account) -> None:
    resource, browser = connect(acme), acme.browser()
    assert "No monitor reads it" in browser.get(f"/data/{resource.connection_id}").text

    assert browser.post(f"/data/{resource.connection_id}/delete").headers["location"] == "/data"

    assert browser.get(page_of(resource)).status_code == 404


@pytest.mark.parametrize("path", ["", "/sessions", "/schema", "/push", "/monitors", "/records/a"])
def test_another_accounts_resource_is_not_there(acme: Account, globex: Account, path: str) -> None:
    resource = connect(acme)
    resource.push("a")

    assert acme.browser().get(page_of(resource) + path).status_code == 200
    assert globex.browser().get(page_of(resource) + path).status_code == 404


def test_who_may_only_look_changes_nothing(acme: Account) -> None:
    email = f"reader@account{acme.id}.test"
    acme.user(email, Role.ACT_AS_READ_ONLY)
    resource, browser = connect(acme), acme.browser(email)
    resource.push("a")

    assert browser.get(page_of(resource)).status_code == 200
    assert "Delete" not in browser.get(f"/data/{resource.connection_id}").text
    assert browser.get("/data/new").status_code == 403
    assert browser.post(f"{page_of(resource)}/delete-record", data={"record_id": "a"}).status_code == 403
    assert resource.ids() == ["a"]


def test_without_the_plan_there_are_no_pages(acme: Account) -> None:
    acme.plan([])

    assert acme.browser().get("/data").status_code == 402


def test_a_name_is_shown_as_text(acme: Account) -> None:
    acme.alice.post("/public/v2/custom-connections", json=new_connection(acme, name="<img src=x onerror=alert(1)>"))

    assert "<img" not in acme.browser().get("/data").text
