"""Webhooks in the console: secrets that are shown once, one editor at a time, and each attempt at a delivery."""

import re

import httpx
import pytest

from tests.factories import Account
from trustwright.accounts.roles import Role
from trustwright.webhooks import actions
from trustwright.webhooks.model import Claimed, NewWebhook, Outcome

WEBHOOKS = "/settings/webhooks"
# An address of the internet, given as a number so that nothing is looked up. Nothing is sent there: who has it is
# disabled.
URL = "https://198.41.0.4/hook"
# Of documentation (RFC 5737): nothing is sent there by anybody.
NOWHERE = "https://192.0.2.1/hook"


def add(browser: httpx.Client, **changes: str) -> httpx.Response:
    return browser.post(f"{WEBHOOKS}/new", data={"url": URL, "description": "Chat", **changes})


@pytest.fixture
def browser(acme: Account) -> httpx.Client:
    return acme.browser()


@pytest.fixture
def webhook_id(browser: httpx.Client) -> int:
    """Of a webhook that is disabled, so that nothing is sent anywhere."""
    found = re.search(rf"{WEBHOOKS}/(\d+)", add(browser).text.partition("Done")[0].rpartition("card-footer")[2])
    assert found
    return int(found[1])


def test_the_secret_is_shown_once(browser: httpx.Client, acme: Account) -> None:
    made = add(browser).text

    secret = re.search(r'<code id="secret">([^<]+)</code>', made)
    assert secret
    assert secret[1] not in browser.get(WEBHOOKS).text
    assert acme.alice.get("/public/v2/webhooks").json()["data"][0]["url"] == URL


def test_another_secret_is_another(browser: httpx.Client, webhook_id: int) -> None:
    secrets = {
        re.search(r'<code id="secret">([^<]+)</code>', browser.post(f"{WEBHOOKS}/{webhook_id}/secret").text)[1]  # type: ignore[index]
        for _ in range(2)
    }

    assert len(secrets) == 2


@pytest.mark.parametrize("url", ["http://hooks.test/", "https://127.0.0.1/x", "ftp://hooks.test", "nonsense"])
def test_an_address_that_nothing_is_sent_to_is_refused_at_its_field(browser: httpx.Client, url: str) -> None:
    answer = add(browser, url=url)

    assert answer.status_code == 400
    assert f'value="{url}"' in answer.text
    assert 'id="e-url"' in answer.text


def test_it_is_edited_by_one_at_a_time(browser: httpx.Client, webhook_id: int) -> None:
    path = f"{WEBHOOKS}/{webhook_id}/edit"
    seen = re.search(r'name="revision" value="([^"]+)"', browser.get(path).text)
    assert seen
    form = {"revision": seen[1], "url": URL, "description": "<i>Pager</i>"}

    assert browser.post(path, data=form).status_code == 303
    late = browser.post(path, data=form)

    assert late.status_code == 409
    assert "Somebody else changed this webhook" in late.text
    assert "&lt;i&gt;Pager" in browser.get(WEBHOOKS).text


def test_a_ping_waits_for_a_webhook_that_is_enabled(browser: httpx.Client, webhook_id: int) -> None:
    answer = browser.post(f"{WEBHOOKS}/{webhook_id}/ping")

    assert answer.status_code == 409
    assert "enable it first" in answer.text


def test_a_delivery_shows_its_attempts_and_is_made_once_more(acme: Account) -> None:
    browser = acme.browser()

    async def give_up() -> int:
        async with acme.world.database.begin(acme.who) as tx:
            webhook, _ = await actions.create_webhook(tx, NewWebhook(url=NOWHERE), b"key")
            delivery = await actions.ping(tx, webhook.id)
            claimed = await actions.claim_delivery(tx, delivery.id)
            assert isinstance(claimed, Claimed)
            refusal = Outcome(http_status=500, error="<b>The receiver</b>", answer="oops", is_lasting=True)
            await actions.settle(tx, claimed, refusal)
            return webhook.id

    path = f"{WEBHOOKS}/{acme.world.run(give_up())}"

    shown = browser.get(path).text

    assert ("&lt;b&gt;The receiver" in shown, "oops" in shown, "Failed" in shown) == (True, True, True)
    again = re.search(rf"{path}/deliveries/\d+/redeliver", shown)
    assert again
    assert browser.post(again[0]).headers["location"] == path
    assert len(browser.get(path, params={"format": "csv"}).text.splitlines()) == 3
    assert "No such delivery" in browser.get(path, params={"status": "DELIVERED"}).text
    assert "Given up" in browser.get("/").text


def test_a_deleted_webhook_is_gone(browser: httpx.Client, webhook_id: int) -> None:
    assert browser.post(f"{WEBHOOKS}/{webhook_id}/delete").headers["location"] == WEBHOOKS

    assert browser.get(f"{WEBHOOKS}/{webhook_id}").status_code == 404
    assert "No webhooks" in browser.get(WEBHOOKS).text


def test_who_only_reads_is_offered_no_change(acme: Account, webhook_id: int) -> None:
    acme.user("rita@acme.test", Role.READONLY_ADMIN)
    reader = acme.browser("rita@acme.test")

    page = reader.get(f"{WEBHOOKS}/{webhook_id}")

    assert page.status_code == 200
    assert "/delete" not in page.text
    assert add(reader).status_code == 403


def test_another_account_does_not_see_it(globex: Account, webhook_id: int) -> None:
    theirs = globex.browser()

    assert theirs.get(f"{WEBHOOKS}/{webhook_id}").status_code == 404
    assert theirs.post(f"{WEBHOOKS}/{webhook_id}/secret").status_code == 404
