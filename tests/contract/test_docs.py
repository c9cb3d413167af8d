import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from tests.factories import World
from trustwright.http import docs

# Swagger UI's script holds addresses of others as names (XML namespaces) and as links in texts: nothing loads them, and
# the policy would not let it.
VENDOR = f"/static/{docs.SWAGGER}/"


class Addresses(HTMLParser):
    """Every address that a page refers to, and every script or style that stands in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline: list[str] = []
        self._within = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag
        for name, value in attrs:
            if name in ("href", "src", "action", "data-url"):
                self.found.append(value or "")
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within in ("script", "style") and data.strip():
            self.inline.append(data)


@pytest.fixture
def visitor(world: World) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=world.address) as client:
        yield client


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_page_and_all_it_refers_to_come_from_this_server(visitor: httpx.Client, version: str) -> None:
    page = visitor.get("/docs", params={"version": version})
    addresses = Addresses(page.text)

    assert f"/openapi/{version}.json" in addresses.found
    assert addresses.inline == []
    for address in addresses.found:
        assert re.match(r"/[^/]", address), address
        response = visitor.get(address)
        assert response.status_code == 200, address
        if address.startswith("/static/") and not address.startswith(VENDOR):
            assert set(re.findall(r"https?://[^\s\"']+", response.text)) <= {"http://www.w3.org/2000/svg"}
        if address.startswith(VENDOR) and ".css" in address:
            assert set(re.findall(r"url\(\W?(.{5})|@import", response.text)) <= {"data:"}


def test_the_policy_lets_nothing_else_in(visitor: httpx.Client) -> None:
    policy = visitor.get("/docs").headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))

    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in policy
    assert "http" not in policy


def test_an_unknown_version_shows_the_newest(visitor: httpx.Client) -> None:
    assert "/openapi/v2.json" in visitor.get("/docs?version=v9").text


def test_assets_may_be_kept_because_their_address_names_their_content(visitor: httpx.Client) -> None:
    response = visitor.get(docs.asset("docs.js"))

    assert "immutable" in response.headers["cache-control"]
    assert response.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/"])
def test_nothing_outside_the_static_files_is_served(visitor: httpx.Client, path: str) -> None:
    raw = visitor.build_request("GET", "/")
    raw.url = raw.url.copy_with(raw_path=path.encode())

    assert visitor.send(raw).status_code == 404


def test_without_swagger_ui_the_page_says_how_to_build_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("icon.svg", "docs.css", "docs.js"):
        (tmp_path / name).write_bytes((docs.STATIC / name).read_bytes())
    monkeypatch.setattr(docs, "STATIC", tmp_path)

    page = docs.page("v2")

    assert "make .venv/ready" in page
    assert "swagger-ui-bundle.js" not in page
