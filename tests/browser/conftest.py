"""Pages in a real browser: the Chromium of the system, driven by Playwright. Where there is none, pytest says so."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

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
