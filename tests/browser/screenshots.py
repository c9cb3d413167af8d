"""Pictures of every page, into the folder screenshots/: python -m tests.browser.screenshots [PATH...]

Each page of the demo account, and those for people outside, wide and narrow, light and dark."""

import re
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.browser.conftest import ABSENT, CHROMIUM
from tests.conftest import free_port, serving
from tests.walking import Demo
from trustwright import embedded
from trustwright.console.visits import SESSION

FOLDER = Path(__file__).parents[2] / "screenshots"
SIZES: dict[str, ViewportSize] = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 390, "height": 844}}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main(wanted: list[str]) -> int:
    if CHROMIUM is None:
        sys.stderr.write(f"No picture was taken: {ABSENT}\n")
        return 1
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded.using(Path(folder)) as postgres,
        serving(postgres.url, Path(folder), free_port(), "--demo") as address,
        sync_playwright() as playwright,
    ):
        demo = Demo(address, Path(folder), postgres.url)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for size in SIZES:
            for scheme in SCHEMES:
                take(browser, demo, size, scheme, wanted)
        browser.close()
        demo.close()
    return 0


def take(browser: Browser, demo: Demo, size: str, scheme: Literal["light", "dark"], wanted: list[str]) -> None:
    """The pages in one look, each whole."""
    token = demo.browser().cookies[SESSION]
    folder = FOLDER / f"{size}-{scheme}"
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(base_url=demo.address, viewport=SIZES[size], color_scheme=scheme)
    page = context.new_page()
    for path in (each for each in demo.outside() if not wanted or each in wanted):
        page.goto(path, wait_until="networkidle")
        page.screenshot(path=folder / f"{name_of(path)}.png", full_page=True)
    context.add_cookies([{"name": SESSION, "value": token, "url": demo.address}])
    for path in (each for each in demo.pages() if not wanted or each in wanted):
        page.goto(path, wait_until="networkidle")
        page.screenshot(path=folder / f"{name_of(path)}.png", full_page=True)
    context.close()


def name_of(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.strip("/").lower()).strip("-") or "dashboard"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
