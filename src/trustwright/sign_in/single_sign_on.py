"""Pages of single sign-on: the question for the address, the way to the provider, and the way back."""

import hmac
import time
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from trustwright.console import rendering
from trustwright.console.forms import LARGEST_FORM, parsed
from trustwright.console.visits import cookie, local, require_own_form
from trustwright.db import Who
from trustwright.errors import WrongState
from trustwright.events.model import Source
from trustwright.http import bodies
from trustwright.http.limiter import Limiter
from trustwright.http.secret import secret_key
from trustwright.http.visitors import visitor_of
from trustwright.links import address
from trustwright.settings import Settings
from trustwright.sign_in import providers, providers_store
from trustwright.sign_in.entering import database_of, entered, who_enters
from trustwright.sign_in.model import PROVIDER, ProviderFailed
from trustwright.sign_in.provider import Person, Provider, domain_of
from trustwright.sign_in.providing import Conversation, Journey, new_journey, way_there
from trustwright.sign_in.sealing import Sealer

PAGE = "/sign-in/single-sign-on"
CALLBACK = f"{PAGE}/callback"
JOURNEY = "trustwright_single_sign_on"
SECONDS = 600

# Journeys a minute that one network may begin.
begun = Limiter(60)

NOBODY_SERVES = "No single sign-on is set up for addresses of this domain. Sign in with your password"


def secret_sealer(settings: Settings) -> Sealer:
    return Sealer(secret_key(settings), "client secret")


def journey_sealer(settings: Settings) -> Sealer:
    return Sealer(secret_key(settings), "single sign-on")


@get(PAGE, include_in_schema=False)
async def single_sign_on_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Asks for the address."""
    return _form(local(request.query_params.get("next", "/")), request.query_params.get("email", ""))


def _form(wanted: str, email: str, fault: str = "", accounts: Any = (), status: int = 200) -> Response[str]:
    values = {"next": wanted, "email": email, "fault": fault, "accounts": accounts}
    return rendering.page("sign_in_provider", values, status=status)


@post(PAGE, status_code=200, include_in_schema=False)
async def go(request: Request[Any, Any, Any]) -> Response[str]:
    """To the provider of the address's domain. Whether anybody has the address is not looked at.

    It is a page that leads on, and no redirect: the policy lets forms lead to ourselves only."""
    require_own_form(request)
    form = parsed(await bodies.read(request, LARGEST_FORM))
    begun.admit(visitor_of(request).ip, time.time())
    wanted, email, account = local(form.value("next")), form.text("email"), form.text("account")
    accounts = await providers_store.accounts_of_domain(database_of(request), domain_of(email))
    chosen = [each for each in accounts if account in ("", str(each.account_id))]
    if not chosen:
        return _form(wanted, email, NOBODY_SERVES, status=404)
    if len(chosen) > 1:
        return _form(wanted, email, accounts=chosen)
    settings: Settings = request.app.state.settings
    async with database_of(request).read(Who(account_id=chosen[0].account_id, source=Source.APP)) as tx:
        provider = await providers.require_provider(tx)
    metadata = await Conversation(settings, provider.issuer).metadata()
    journey = new_journey(chosen[0].account_id, wanted)
    there = way_there(metadata, provider, journey, address(settings.public_url, CALLBACK), email)
    response = rendering.page("sign_in_leaving", {"address": there, "host": urlsplit(there).netloc})
    sealed = journey_sealer(settings).seal(msgspec.json.encode(journey)).decode()
    response.set_cookie(cookie(settings, JOURNEY, sealed, SECONDS))
    return response


@get(CALLBACK, include_in_schema=False)
async def come_back(request: Request[Any, Any, Any]) -> Response[str]:
    """In, for somebody whom the provider has confirmed to this very browser."""
    journey = _journey(request)
    async with database_of(request).read(Who(account_id=journey.account_id, source=Source.APP)) as tx:
        provider = await providers.require_provider(tx)
    person = await _confirmed(request, provider, journey)
    who = Who(account_id=journey.account_id, source=Source.APP, request=f"GET {CALLBACK}")
    async with database_of(request).begin(who) as tx:
        user = await providers.user_of(tx, provider, person)
    async with database_of(request).begin(who_enters(journey.account_id, user.id, f"GET {CALLBACK}")) as tx:
        response = await entered(request, tx, user.id, user.email, PROVIDER, journey.wanted, "")
    response.delete_cookie(JOURNEY)
    return response


def _journey(request: Request[Any, Any, Any]) -> Journey:
    """The one that this browser is on, and that the answer belongs to. Raises WrongState."""
    sealed = request.cookies.get(JOURNEY, "").encode("utf-8", "replace")
    content = journey_sealer(request.app.state.settings).unseal(sealed, seconds=SECONDS)
    if content is None:
        raise WrongState("This sign-in took longer than ten minutes, or began in another browser. Begin once more")
    journey = msgspec.json.decode(content, type=Journey)
    if not hmac.compare_digest(
        request.query_params.get("state", "").encode("utf-8", "replace"), journey.state.encode()
    ):
        raise WrongState("This answer of the identity provider belongs to another sign-in. Begin once more")
    return journey


async def _confirmed(request: Request[Any, Any, Any], provider: Provider, journey: Journey) -> Person:
    """Raises ProviderFailed."""
    asked, settings = request.query_params, request.app.state.settings
    if asked.get("iss", provider.issuer) != provider.issuer:
        raise ProviderFailed("This answer comes from another identity provider. Begin once more")
    if "code" not in asked:
        raise ProviderFailed(f"The identity provider did not let you in: {asked.get('error', 'no reason')[:100]}")
    secret = secret_sealer(settings).unseal(provider.client_secret)
    if secret is None:
        raise ProviderFailed(
            "The secret key of this server is another one than before. An administrator must enter"
            " the client secret again"
        )
    conversation = Conversation(settings, provider.issuer)
    metadata = await conversation.metadata()
    back = address(settings.public_url, CALLBACK)
    tokens = await conversation.tokens(metadata, provider, secret.decode(), asked["code"], journey.verifier, back)
    return await conversation.person(metadata, provider, tokens, journey.nonce)


HANDLERS: list[HTTPRouteHandler] = [single_sign_on_page, go, come_back]
