"""Pages in a real browser: the Chromium of the system, driven by Playwright. Where there is none, pytest says so."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.factories import Account
from trustwright.console.visits import SESSION

CHROMIUM = os.environ.get("TRUSTWRIGHT_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ABSENT = "no Chromium: install the package chromium, or name a browser in TRUSTWRIGHT_CHROMIUM"

NewPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM is None:
        for item in items:
            if item.path.parent.name == "browser":
                item.add_marker(pytest.mark.skip(reason=ABSENT))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if CHROMIUM is None:
        terminalreporter.section("NO PAGE WAS OPENED IN A BROWSER", red=True, bold=True)
        terminalreporter.line(ABSENT)


# No longer than a module's tests: as long as it runs, its thread has an event loop, and other tests start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Opens pages of contexts of their own; whatever a page logs as an error fails the test."""
    contexts = []
    errors: list[str] = []

    def new(**options: Any) -> Page:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
        return page

    yield new
    for context in contexts:
        context.close()
    assert errors == []


# Every width and colour that a page is looked at in, without each pair of them.
LOOKS = [
    pytest.param({"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}, id="wide-light"),
    pytest.param({"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}, id="narrow-dark"),
]


def signed_in(new_page: NewPage, account: Account, email: str | None = None, **options: Any) -> Page:
    """A page of the console, of a user who is signed in: Alice when nobody else is named. It waits for no longer than
    ten seconds for anything."""
    page = new_page(base_url=account.world.address, **options)
    token = account.browser(email).cookies[SESSION]
    page.context.add_cookies([{"name": SESSION, "value": token, "url": account.world.address}])
    page.set_default_timeout(10_000)
    return page


def require_sound(page: Page) -> None:
    """Fails where axe-core finds something that keeps people from using the page (WCAG 2.2 AA), or where it is wider
    than the window."""
    # What a click leads to is there before its style sheets are.
    page.wait_for_load_state()
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    # To hand over all that is sound as well takes as long as to look at the page.
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
        f"{page.url} is wider than its window"
    )
