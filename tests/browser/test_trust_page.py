"""The public page in a browser: read, searched, requested from and subscribed to, wide and narrow, light and dark."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from playwright.sync_api import Response, expect

from tests.browser.conftest import LOOKS, NewPage, require_sound
from tests.factories import Account
from tests.trust.cast import document, nda
from tests.trust_page.cast import control, item, noted, publish
from trustwright.trust_page.model import Faq, Framework, Link, Subprocessor, Update, UpdateCategory

ABOUT = "We host **portals**.\n\n# Where\n\n| Region | City |\n|---|---|\n| EU | Oslo |\n\nكل شيء بخير"

MOST_TRANSFERRED = 300_000

# How much of what was drawn moved afterwards (Layout Instability API).
MOVED = """
    () => new Promise((resolve) => {
      let moved = 0;
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => (moved += entry.value)))
        .observe({ type: "layout-shift", buffered: true });
      setTimeout(() => resolve(moved), 300);
    })
"""


def fill(acme: Account) -> str:
    nda(acme)
    facts = [{"name": "Legal entity", "value": "Acme ASA"}]
    slug = publish(acme, flowType="SELF", about=ABOUT, facts=facts, primaryColor="#ffdd00", contactUrl="mailto:a@b.co")
    document(acme, "SOC 2 report")
    document(acme, "Averylongwordthatnobodybreaks" * 4)
    document(acme, "Public policy", "POLICY", is_public=True)
    noted(acme, control(acme, description="Each disk."), passes=True)
    noted(acme, control(acme, "AC-2"), passes=False)
    item(acme, Framework(name="SOC 2", status="Report issued", auditor="Alder", valid_until=date(2099, 1, 1)))
    item(acme, Framework(name="ISO 27001", status="Certified", valid_until=date(2020, 1, 1)))
    dpa = "https://fjord.example/dpa"
    item(acme, Subprocessor(name="Fjord", purpose="Hosting", country="Norway", data_categories=["All"], dpa_url=dpa))
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(7):
        news = Update(title=f"News {number}", text="It *is*.", category=UpdateCategory.GENERAL, published_at=moment)
        item(acme, news)
    item(acme, Faq(question="Where is our data?", answer="# In Norway\n\nAll of it."))
    item(acme, Link(name="Report a vulnerability", url="https://acme.example/security"))
    return slug


@pytest.mark.parametrize("look", LOOKS)
def test_a_buyer_reads_searches_requests_and_subscribes(new_page: NewPage, acme: Account, look: dict[str, Any]) -> None:
    page = new_page(base_url=acme.world.address, java_script_enabled=True, **look)
    page.set_default_timeout(10_000)
    slug = fill(acme)

    page.goto(f"/trust/{slug}")
    require_sound(page)
    page.get_by_text("Where is our data?").click()
    page.get_by_label("Search this page").fill("soc")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("status")).to_contain_text("2 entries fit")
    require_sound(page)
    page.get_by_label("SOC 2 report").check()
    page.get_by_role("button", name="Request ticked documents").click()

    expect(page.get_by_label("SOC 2 report")).to_be_checked()
    require_sound(page)
    page.get_by_label("First name").fill("Bob")
    page.get_by_label("E-mail address").fill("bob@initech.example")
    page.get_by_label("and accept it").check()
    page.get_by_role("button", name="Send request").click()
    expect(page.get_by_role("heading", name="Your request was received")).to_be_visible()
    require_sound(page)

    page.get_by_role("link", name="Back to the page").click()
    page.get_by_label("Get updates by mail").fill("bob@initech.example")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("heading", name="Look into your mails")).to_be_visible()


def test_without_a_script_documents_are_requested_all_the_same(new_page: NewPage, acme: Account) -> None:
    page = new_page(base_url=acme.world.address, java_script_enabled=False)
    page.set_default_timeout(10_000)

    page.goto(f"/trust/{fill(acme)}")
    page.get_by_label("SOC 2 report").check()
    page.get_by_role("button", name="Request ticked documents").click()
    page.get_by_label("First name").fill("محمد")
    page.get_by_label("E-mail address").fill("bob@initech.example")
    page.get_by_label("and accept it").check()
    page.get_by_role("button", name="Send request").click()

    expect(page.get_by_role("heading", name="Your request was received")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_the_first_load_is_light_and_nothing_moves(new_page: NewPage, acme: Account, look: dict[str, Any]) -> None:
    page = new_page(base_url=acme.world.address, **look)
    loaded: list[Response] = []

    def note(response: Response) -> None:
        loaded.append(response)

    page.on("response", note)

    page.goto(f"/trust/{fill(acme)}", wait_until="networkidle")

    assert len(loaded) > 2
    assert sum(len(response.body()) for response in loaded) <= MOST_TRANSFERRED
    assert page.evaluate(MOVED) == 0
