"""Every page of the console is opened: how many statements it takes, under which policy, and who gets nothing."""

import json
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.conftest import cloned
from tests.walking import Demo, demo_service
from trustwright.console.rendering import POLICY

MOST_STATEMENTS = 12

# What stands on pages of the demo account and on no other's.
SECRETS = ("Northwind", "Fjord", "priya.raman", "maya.chen")


@pytest.fixture(scope="module")
def demo(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with (
        cloned(f"trustwright_walk_{worker_id}") as url,
        demo_service(url, tmp_path_factory.mktemp("walk")) as demo,
    ):
        yield demo


def statements(demo: Demo) -> dict[str, list[int]]:
    """By route, how many statements each request took so far."""
    found = defaultdict(list)
    for line in (demo.data_dir / "serve.log").read_text().splitlines():
        entry = json.loads(line) if line.startswith("{") else {}
        if entry.get("event") == "request":
            found[entry["route"]].append(entry["sql"])
    return found


def test_each_page_opens_under_the_policy_with_few_statements(demo: Demo) -> None:
    browser = demo.browser()
    before = {route: len(counts) for route, counts in statements(demo).items()}

    answers = {path: browser.get(path) for path in demo.pages()}

    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 200} == {}
    policies = {path: answer.headers["content-security-policy"] for path, answer in answers.items()}
    # The preview of a questionnaire is the page that vendors see, under the policy that it has there.
    assert [path for path, policy in policies.items() if policy != POLICY and not path.endswith("/preview")] == []
    assert [path for path, policy in policies.items() if "unsafe" in policy or "default-src 'none'" not in policy] == []
    assert {answer.headers["cache-control"] for answer in answers.values()} == {"no-store"}
    taken = {route: max(counts[before.get(route, 0) :], default=0) for route, counts in statements(demo).items()}
    assert {route: count for route, count in taken.items() if count > MOST_STATEMENTS} == {}


def test_who_is_signed_out_gets_nothing(demo: Demo) -> None:
    nobody = demo.nobody()

    looked = {path: nobody.get(path) for path in demo.pages()}
    sent = {path: nobody.post(path, data={"name": "x"}) for path in demo.forms()}

    assert {path: answer.status_code for path, answer in looked.items() if answer.status_code != 303} == {}
    assert {path: answer.status_code for path, answer in sent.items() if answer.status_code != 401} == {}
    assert [path for path, answer in {**looked, **sent}.items() if any(text in answer.text for text in SECRETS)] == []


def test_who_belongs_to_another_account_sees_nothing_of_this_one(demo: Demo) -> None:
    stranger = demo.stranger()

    looked = {path: stranger.get(path) for path in demo.pages()}
    sent = {path: stranger.post(path, data={}) for path in demo.forms_of_things()}
    files = {path: stranger.get(path) for path in demo.files()}

    assert {answer.status_code for answer in files.values()} <= {303, 404}
    assert [answer.headers["location"] for answer in files.values() if answer.status_code == 303] == [
        "/trust-center/content/subprocessors"
    ]
    assert {path: answer.status_code for path, answer in looked.items() if answer.status_code not in (200, 404)} == {}
    assert [path for path, answer in {**looked, **sent}.items() if any(text in answer.text for text in SECRETS)] == []
    # What cannot be read is refused before anything is looked up.
    assert {path: answer.status_code for path, answer in sent.items() if answer.status_code not in (400, 404)} == {}


def test_a_form_of_another_site_does_nothing(demo: Demo) -> None:
    browser = demo.browser()
    browser.headers["Origin"] = "https://evil.test"

    answers = {path: browser.post(path, data={}) for path in demo.forms()}

    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 403} == {}
