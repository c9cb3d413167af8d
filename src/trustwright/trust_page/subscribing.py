"""Where visitors subscribe to the updates of a page, confirm it, and end it.

Mail programs open links, so a GET changes nothing; the button of mail programs that unsubscribes is a POST of its own
(RFC 8058)."""

import time
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from trustwright.db import Who
from trustwright.events.model import Source
from trustwright.http import visitor_pages
from trustwright.http.limiter import AddressLimiter
from trustwright.http.secret import secret_key
from trustwright.http.visitor_pages import form_of, message, page
from trustwright.http.visitors import visitor_of
from trustwright.http.wire import MAX_ID
from trustwright.trust.actions import get_trust_center
from trustwright.trust_page import subscriptions
from trustwright.trust_page.subscribers import is_genuine, link
from trustwright.trust_page.visiting_page import database_of, nothing, visit_to

subscriptions_of_address = AddressLimiter(10)
CONFIRM = "confirm"


class Linked(Struct, frozen=True):
    """Whose link it is."""

    who: Who
    subscriber_id: int


def handlers() -> list[HTTPRouteHandler]:
    """The routes of subscriptions."""
    return [subscribe, subscription, change_subscription]


@post("/trust/{slug:str}/subscription", status_code=200, include_in_schema=False, request_max_body_size=None)
async def subscribe(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[str]:
    """Asks the address whether it wants the mails. The answer is the same whatever is known of it."""
    subscriptions_of_address.admit(visitor_of(request).ip, time.time())
    visit = await visit_to(request, slug)
    email = (await form_of(request)).get("email", "")
    settings, account_id = request.app.state.settings, visit.who.account_id
    key = secret_key(settings)
    async with database_of(request).begin(visit.who) as tx:
        await subscriptions.subscribe(
            tx, visit.workspace_id, email, lambda id_: link(settings.public_url, key, account_id, id_)
        )
    return message(
        "Look into your mails",
        "If this address has no subscription yet, a mail with a link is on its way to it. Updates are sent once you "
        "have confirmed there that you want them.",
    )


@get("/subscriptions/{account:str}/{number:str}/{token:str}", include_in_schema=False)
async def subscription(
    request: Request[Any, Any, Any], account: FromPath[str], number: FromPath[str], token: FromPath[str]
) -> Response[str]:
    """The page with the button that confirms a subscription, or ends it."""
    linked = _linked(request, account, number, token)
    async with database_of(request).read(linked.who) as tx:
        found = await subscriptions.get_subscriber(tx, linked.subscriber_id)
        center = await get_trust_center(tx, found.workspace_id)
    if found.ended_at is not None:
        return _ended(center.name)
    values = {"company": center.name, "email": found.email, "is_confirmed": found.is_confirmed, "action": CONFIRM}
    return page("trust_subscription.html.jinja", values)


@post(
    "/subscriptions/{account:str}/{number:str}/{token:str}",
    status_code=200,
    include_in_schema=False,
    request_max_body_size=None,
)
async def change_subscription(
    request: Request[Any, Any, Any], account: FromPath[str], number: FromPath[str], token: FromPath[str]
) -> Response[str]:
    """Confirms a subscription where the form says so, and else ends it."""
    linked = _linked(request, account, number, token)
    confirms = (await form_of(request)).get("action") == CONFIRM
    async with database_of(request).begin(linked.who) as tx:
        found = await subscriptions.get_subscriber(tx, linked.subscriber_id)
        center = await get_trust_center(tx, found.workspace_id)
        await (subscriptions.confirm if confirms else subscriptions.end)(tx, linked.subscriber_id)
    if confirms and found.ended_at is None:
        return message("You are subscribed", f"{center.name} mails you its updates from now on.")
    return _ended(center.name)


def _ended(company: str) -> Response[str]:
    return visitor_pages.message(
        "You are not subscribed", f"{company} sends you no updates, and your address was forgotten."
    )


def _linked(request: Request[Any, Any, Any], account: str, number: str, token: str) -> Linked:
    """Raises NotFound for a link that we did not make."""
    account_id, subscriber_id = _number(account), _number(number)
    if not is_genuine(secret_key(request.app.state.settings), account_id, subscriber_id, token):
        raise nothing()
    route = f"{request.method} {request.scope.get('path_template', '')}"
    return Linked(Who(account_id=account_id, source=Source.PUBLIC_API, request=route), subscriber_id)


def _number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else 0
    return number if number <= MAX_ID else 0
