"""What every answer says to browsers and caches, whoever made it."""

import httpx
import pytest

from tests.factories import Account
from tests.trust_page.cast import publish

WORKSPACES = "/public/v2/workspaces"


@pytest.mark.parametrize(
    "path", [WORKSPACES, "/public/v1/nothing", "/nothing", "/healthz", "/openapi/v2.json", "/sign-in"]
)
def test_no_browser_guesses_at_a_type(acme: Account, path: str) -> None:
    assert acme.alice.get(path).headers.get_list("x-content-type-options") == ["nosniff"]


@pytest.mark.parametrize("path", [WORKSPACES, "/nothing", "/healthz", "/sign-in"])
def test_no_cache_keeps_what_does_not_say_that_it_may(acme: Account, path: str) -> None:
    assert acme.alice.get(path).headers.get_list("cache-control") == ["no-store"]


def test_the_public_page_may_be_kept_for_a_minute(acme: Account) -> None:
    slug = publish(acme)

    answer = acme.visitor().get(f"/trust/{slug}")

    assert answer.headers.get_list("cache-control") == ["public, max-age=60"]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("host", ["trust.example/path", "trust.example evil", "<script>"])
def test_a_host_that_can_be_none_is_the_clients_fault(acme: Account, host: str) -> None:
    answer = acme.visitor().get("/healthz", headers={"Host": host})

    assert (answer.status_code, answer.json()["message"]) == (400, "Invalid host header")


def test_no_other_site_reads_the_api(acme: Account) -> None:
    answer: httpx.Response = acme.alice.get(WORKSPACES, headers={"Origin": "https://evil.example"})

    assert [name for name in answer.headers if name.startswith("access-control-")] == []
