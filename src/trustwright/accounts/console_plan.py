"""The plan of the account and its terms, in the console."""

from trustwright.accounts import actions, administration
from trustwright.accounts.model import ENTITLEMENT_LABELS, ENTITLEMENT_TEXTS, Entitlement
from trustwright.console.forms import Form
from trustwright.console.navigation import ADMINISTER, SETTINGS
from trustwright.console.settings import settings_page
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit

PLAN = "/settings/plan"


async def show_plan(visit: Visit) -> Answer:
    """What the account may use, and who accepted the terms."""
    async with visit.read() as tx:
        account = await actions.get_account(tx)
    features = [(each, ENTITLEMENT_LABELS[each], ENTITLEMENT_TEXTS[each]) for each in Entitlement]
    return settings_page(visit, "settings_plan", {"account": account, "features": features, "form": Form()})


async def choose(visit: Visit, form: Form) -> Answer:
    """Switches features on and off."""
    chosen = set(form.texts("entitlements"))
    async with visit.begin() as tx:
        await administration.choose_entitlements(tx, [each for each in Entitlement if each in chosen])
    return visit.see_other(PLAN, "The plan was saved.")


async def accept(visit: Visit, _: Form) -> Answer:
    """Accepts the terms for the account."""
    async with visit.begin() as tx:
        await administration.accept_terms(tx)
    return visit.see_other(PLAN, "The terms were accepted.")


PAGES: list[Page | FormPage | Button] = [
    Page(path=PLAN, show=show_plan, right=SETTINGS),
    Button(path=f"{PLAN}/features", press=choose, right=ADMINISTER),
    Button(path=f"{PLAN}/terms", press=accept, right=ADMINISTER),
]
