"""How the people of an account come in, in the console."""

from trustwright.console.forms import Form
from trustwright.console.navigation import ADMINISTER
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.links import address
from trustwright.sign_in import factors, factors_store, providers
from trustwright.sign_in.model import PROVIDER
from trustwright.sign_in.provider import Given, domains_in, require_issuer
from trustwright.sign_in.providing import Conversation, networks
from trustwright.sign_in.single_sign_on import CALLBACK, secret_sealer

PATH = "/settings/sign-in"


async def sign_in_settings(visit: Visit, form: Form) -> Answer:
    """What is asked of everybody, and the identity provider."""
    async with visit.read() as tx:
        provider = await providers.provider_of(tx)
        is_required = await factors_store.is_factor_required(tx)
    values = {
        "form": form,
        "provider": provider,
        "is_required": is_required,
        "is_proven": visit.signed_in.method == PROVIDER,
        "callback": address(visit.settings.public_url, CALLBACK),
        "administer": ADMINISTER,
    }
    return visit.page("settings_sign_in", values)


async def save_provider(visit: Visit, form: Form) -> Answer:
    """Saves the provider once it answers at its address."""
    given = Given(
        issuer=form.text("issuer"),
        client_id=form.text("client_id"),
        client_secret=form.optional("client_secret"),
        domains=domains_in(form.text("domains")),
        is_enabled=form.flag("is_enabled"),
        is_only_way=form.flag("is_only_way"),
    )
    is_http_allowed = bool(networks(visit.settings))
    if given.is_enabled:
        require_issuer(given.issuer, is_http_allowed=is_http_allowed)
        await Conversation(visit.settings, given.issuer).metadata()
    async with visit.begin() as tx:
        before = await providers.provider_of(tx)
        if before is not None:
            form.require_unchanged(before.updated_at, "single sign-on")
        await providers.save_provider(
            tx,
            given,
            secret_sealer(visit.settings),
            is_proven=visit.signed_in.method == PROVIDER,
            is_http_allowed=is_http_allowed,
        )
    return visit.see_other(PATH, "Single sign-on is saved" if given.is_enabled else "Single sign-on is saved, and off")


async def delete_provider(visit: Visit, _: Form) -> Answer:
    """Passwords are the only way in again."""
    async with visit.begin() as tx:
        await providers.delete_provider(tx)
    return visit.see_other(PATH, "Single sign-on is removed")


async def require_factor(visit: Visit, form: Form) -> Answer:
    """Asks everybody for a second factor, or nobody."""
    is_required = form.flag("is_required")
    async with visit.begin() as tx:
        await factors.require_of_all(tx, is_required)
    said = "Everybody needs a second factor now" if is_required else "A second factor is everybody's own choice now"
    return visit.see_other(PATH, said)


PAGES: list[Page | FormPage | Button] = [
    FormPage(path=PATH, show=sign_in_settings, submit=save_provider, right=ADMINISTER),
    Button(path=f"{PATH}/delete-provider", press=delete_provider, right=ADMINISTER),
    Button(path=f"{PATH}/second-factor", press=require_factor, right=ADMINISTER),
]
