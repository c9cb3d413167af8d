"""Pictures of every page, into the folder screenshots/: python -m tests.browser.screenshots [--docs] [PATH...]

Each page of the demo account, and those for people outside, wide and narrow, light and dark; and looks at each with
axe-core. Ends with 1 when that finds something. With --docs also the
pictures of docs/tour.md."""

import io
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Literal

import psycopg
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.access.cast import LINK
from tests.browser.conftest import ABSENT, CHROMIUM, require_sound
from tests.conftest import free_port, serving
from tests.walking import Demo
from trustwright import embedded
from trustwright.cli.demo_trust import SLUG
from trustwright.console.visits import SESSION

FOLDER = Path(__file__).parents[2] / "screenshots"
SIZES: dict[str, ViewportSize] = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 390, "height": 844}}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

DOCS = Path(__file__).parents[2] / "docs" / "pictures"
# The pictures of docs/tour.md, without that of the room, which is opened by a link.
TOUR = {
    "dashboard": "/",
    "soc-review": "/vendors/{vendor_id}/reviews/{review_id}/soc",
    "records": "/data/{connection_id}/resources/{resource_id}",
    "monitor-editor": "/monitors/{test_id}/edit#builder-title",
    "trust-page": f"/trust/{SLUG}",
    "access-requests": "/trust-center/requests/all",
    "api-keys": "/settings/keys",
}


def main(words: list[str]) -> int:
    wanted = [word for word in words if word != "--docs"]
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
        if not wanted:
            # Some names hold ids, which are others each time.
            shutil.rmtree(FOLDER, ignore_errors=True)
        looks = [(size, scheme) for size in SIZES for scheme in SCHEMES]
        faults = [fault for look in looks for fault in take(browser, demo, *look, wanted)]
        if "--docs" in words:
            take_tour(browser, demo)
        browser.close()
        demo.close()
    sys.stdout.write("".join(f"{fault}\n" for fault in faults) + f"{len(faults)} pages with a fault\n")
    return 1 if faults else 0


def take(browser: Browser, demo: Demo, size: str, scheme: Literal["light", "dark"], wanted: list[str]) -> list[str]:
    """The pages in one look, each whole; what is wrong with them."""
    token = demo.browser().cookies[SESSION]
    folder = FOLDER / f"{size}-{scheme}"
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(base_url=demo.address, viewport=SIZES[size], color_scheme=scheme)
    page = context.new_page()
    faults = [shoot(page, path, folder) for path in demo.outside() if not wanted or path in wanted]
    context.add_cookies([{"name": SESSION, "value": token, "url": demo.address}])
    faults += [shoot(page, path, folder) for path in demo.pages() if not wanted or path in wanted]
    context.close()
    return [f"{size}, {scheme}: {fault}" for fault in faults if fault]


def shoot(page: Page, path: str, folder: Path) -> str:
    """What keeps people from using the page (`require_sound`), if anything; its picture is taken all the same."""
    page.goto(path, wait_until="networkidle")
    page.screenshot(path=folder / f"{name_of(path)}.png", full_page=True)
    try:
        require_sound(page)
    except AssertionError as fault:
        return str(fault)
    return ""


def take_tour(browser: Browser, demo: Demo) -> None:
    """What docs/tour.md shows, at its beginning and by day."""
    context = browser.new_context(base_url=demo.address, viewport=SIZES["wide"], color_scheme="light")
    context.add_cookies([{"name": SESSION, "value": demo.browser().cookies[SESSION], "url": demo.address}])
    page = context.new_page()
    for name, path in TOUR.items():
        page.goto(demo.filled(path), wait_until="networkidle")
        keep(page, name)
    page.goto(link_to_a_room(demo))
    page.get_by_role("button", name="Open the documents").click()
    page.get_by_role("heading", name="Your access").wait_for()
    keep(page, "room")
    context.close()


def keep(page: Page, name: str) -> None:
    """What the window shows, in few colours: everybody who clones the repository loads it. Small marks keep theirs."""
    DOCS.mkdir(exist_ok=True)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = picture.quantize(128, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    small.save(DOCS / f"{name}.png", optimize=True)


def link_to_a_room(demo: Demo) -> str:
    """The path of a link that the demo account has mailed."""
    with psycopg.connect(demo.database_url) as connection:
        mails = connection.execute("select body_text from mails where account_id = %s", (demo.opened["accountId"],))
        return next(f"/access/{found[1]}" for (text,) in mails if (found := LINK.search(text)))


def name_of(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.strip("/").lower()).strip("-") or "dashboard"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
