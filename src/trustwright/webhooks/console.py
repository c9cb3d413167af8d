"""Webhooks, in the console: where news go, and what became of each."""

from collections.abc import AsyncGenerator

from trustwright.console.forms import Form
from trustwright.console.listing import Listing, csv_file, everything
from trustwright.console.navigation import EDIT_SETTINGS, SETTINGS
from trustwright.console.settings import settings_page
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.errors import Invalid
from trustwright.http.csv_files import cell
from trustwright.http.secret import secret_key
from trustwright.webhooks import actions, store
from trustwright.webhooks.delivery import reach_of, require_reachable
from trustwright.webhooks.model import MOST_ATTEMPTS, MOST_WEBHOOKS, Delivery, DeliveryStatus, NewWebhook, Webhook

WEBHOOKS = "/settings/webhooks"
WEBHOOK = f"{WEBHOOKS}/{{webhook_id}}"
LONGEST_DESCRIPTION = 1000
COLUMNS = ["id", "url", "description", "enabled", "disabled_because", "created"]
DELIVERY_COLUMNS = ["id", "message_id", "kind", "status", "attempts", "created", "finished"]


async def list_webhooks(visit: Visit) -> Answer:
    """Where news of the account go."""
    listing = Listing(visit, {"created": "created_at"})
    if listing.wants_csv:
        return csv_file("webhooks", COLUMNS, _webhook_lines(visit, listing))
    async with visit.read() as tx:
        shown = listing.of(await store.page_webhooks(tx, listing.slice))
    return settings_page(visit, "settings_webhooks", {"listing": listing, "shown": shown, "most": MOST_WEBHOOKS})


async def _webhook_lines(visit: Visit, listing: Listing) -> AsyncGenerator[list[str], None]:
    async with visit.read() as tx:
        async for each in everything(listing, lambda part: store.page_webhooks(tx, part)):
            said = (each.id, each.url, each.description, each.is_enabled, each.disabled_message, each.created_at)
            yield [cell(value) for value in said]


async def new_webhook(visit: Visit, form: Form) -> Answer:
    """A webhook to be."""
    return settings_page(visit, "settings_webhook_edit", {"form": form, "webhook": None})


async def add_webhook(visit: Visit, form: Form) -> Answer:
    """Adds it, and shows its secret this once."""
    new = NewWebhook(url=form.text("url"), description=_description(form), is_enabled=form.flag("enabled"))
    await require_reachable(new.url, reach_of(visit.settings))
    async with visit.begin() as tx:
        webhook, secret = await actions.create_webhook(tx, new, secret_key(visit.settings))
    return settings_page(visit, "settings_webhook_secret", {"webhook": webhook, "secret": secret})


def _asked(visit: Visit) -> tuple[Listing, DeliveryStatus | None]:
    listing = Listing(visit, {"-created": "created_at"}, filters=("status",))
    return listing, listing.choice("status", DeliveryStatus)


async def show_webhook(visit: Visit) -> Answer:
    """A webhook with what was sent to it, and every attempt at that."""
    listing, status = _asked(visit)
    webhook_id = visit.id("webhook_id")
    if listing.wants_csv:
        return csv_file(f"webhook-{webhook_id}-deliveries", DELIVERY_COLUMNS, _delivery_lines(visit, webhook_id))
    async with visit.read() as tx:
        webhook = await actions.get_webhook(tx, webhook_id)
        shown = listing.of(await store.page_deliveries(tx, listing.slice, webhook.id, status))
        attempts = await actions.attempts_of(tx, shown.rows)
    values = {"webhook": webhook, "listing": listing, "shown": shown, "attempts": attempts, "most": MOST_ATTEMPTS}
    return settings_page(visit, "settings_webhook", {**values, "statuses": list(DeliveryStatus)})


async def _delivery_lines(visit: Visit, webhook_id: int) -> AsyncGenerator[list[str], None]:
    listing, status = _asked(visit)
    async with visit.read() as tx:
        async for each in everything(listing, lambda part: store.page_deliveries(tx, part, webhook_id, status)):
            yield _line(each)


def _line(delivery: Delivery) -> list[str]:
    said = (delivery.id, delivery.message_id, delivery.kind, delivery.state.value, delivery.attempts)
    return [cell(value) for value in (*said, delivery.created_at, delivery.finished_at)]


async def _webhook(visit: Visit) -> Webhook:
    async with visit.read() as tx:
        return await actions.get_webhook(tx, visit.id("webhook_id"))


async def edit_webhook(visit: Visit, form: Form) -> Answer:
    """Where a webhook leads, and whether it is told anything."""
    return settings_page(visit, "settings_webhook_edit", {"form": form, "webhook": await _webhook(visit)})


async def save_webhook(visit: Visit, form: Form) -> Answer:
    """Saves it."""
    url, description = form.text("url"), _description(form)
    await require_reachable(url, reach_of(visit.settings))
    async with visit.begin() as tx:
        webhook = await actions.get_webhook_for_update(tx, visit.id("webhook_id"))
        form.require_unchanged(webhook.updated_at, "this webhook")
        await actions.update_webhook(tx, webhook.id, url=url, description=description, is_enabled=form.flag("enabled"))
    return visit.see_other(f"{WEBHOOKS}/{webhook.id}", "The webhook was saved.")


def _description(form: Form) -> str | None:
    text = form.optional("description")
    if text is not None and len(text) > LONGEST_DESCRIPTION:
        raise Invalid(f"description: at most {LONGEST_DESCRIPTION} characters")
    return text


async def renew_secret(visit: Visit, _: Form) -> Answer:
    """Gives a webhook another secret, and shows it this once."""
    async with visit.begin() as tx:
        webhook, secret = await actions.renew_secret(tx, visit.id("webhook_id"), secret_key(visit.settings))
    return settings_page(visit, "settings_webhook_secret", {"webhook": webhook, "secret": secret})


async def ping(visit: Visit, _: Form) -> Answer:
    """Sends a delivery that only says that it came."""
    async with visit.begin() as tx:
        delivery = await actions.ping(tx, visit.id("webhook_id"))
    return visit.see_other(
        f"{WEBHOOKS}/{delivery.webhook_id}", "A ping is on its way. Reload to see what became of it."
    )


async def redeliver(visit: Visit, _: Form) -> Answer:
    """Sends a finished delivery once more."""
    async with visit.begin() as tx:
        delivery = await actions.redeliver(tx, visit.id("webhook_id"), visit.id("delivery_id"))
    return visit.see_other(f"{WEBHOOKS}/{delivery.webhook_id}", "The delivery is on its way once more.")


async def delete_webhook(visit: Visit, _: Form) -> Answer:
    """Takes a webhook away."""
    async with visit.begin() as tx:
        await actions.delete_webhook(tx, visit.id("webhook_id"))
    return visit.see_other(WEBHOOKS, "The webhook was deleted.")


PAGES: list[Page | FormPage | Button] = [
    Page(path=WEBHOOKS, show=list_webhooks, right=SETTINGS),
    FormPage(path=f"{WEBHOOKS}/new", show=new_webhook, submit=add_webhook, right=EDIT_SETTINGS),
    Page(path=WEBHOOK, show=show_webhook, right=SETTINGS),
    FormPage(path=f"{WEBHOOK}/edit", show=edit_webhook, submit=save_webhook, right=EDIT_SETTINGS),
    Button(path=f"{WEBHOOK}/secret", press=renew_secret, right=EDIT_SETTINGS),
    Button(path=f"{WEBHOOK}/ping", press=ping, right=EDIT_SETTINGS),
    Button(path=f"{WEBHOOK}/delete", press=delete_webhook, right=EDIT_SETTINGS),
    Button(path=f"{WEBHOOK}/deliveries/{{delivery_id}}/redeliver", press=redeliver, right=EDIT_SETTINGS),
]
