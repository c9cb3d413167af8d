"""How somebody who was recognised comes in: by the code of a second factor, or at once, in a session of its own."""

from typing import Any

from litestar import Request, Response

from trustwright.console import rendering
from trustwright.console.forms import kept_pairs
from trustwright.console.visits import SESSION, cookie
from trustwright.db import Database, Tx, Who
from trustwright.events.model import Source
from trustwright.http.secret import secret_key
from trustwright.http.visitors import visitor_of
from trustwright.settings import Settings
from trustwright.sign_in import actions
from trustwright.sign_in.model import HALFWAY, LASTS, Bearer, Candidate
from trustwright.sign_in.pauses import Key, is_known, known_browser, of_browser, of_network, of_person
from trustwright.sign_in.sealing import Sealer

HALF = "trustwright_halfway"
BROWSER = "trustwright_browser"
BROWSER_IS_KNOWN_FOR = 180 * 24 * 3600


def who_enters(account_id: int, user_id: int, request: str) -> Who:
    """In whose name the session begins."""
    return Who(account_id=account_id, source=Source.APP, user_id=user_id, request=request)


def factor_sealer(settings: Settings) -> Sealer:
    return Sealer(secret_key(settings), "second factor")


def keys_of(request: Request[Any, Any, Any], email: str) -> tuple[list[Key], Key | None]:
    """What an attempt by an address is counted by, and the network where that counts too: who comes from a known
    browser suffers from nobody else's attempts."""
    settings: Settings = request.app.state.settings
    known = request.cookies.get(BROWSER, "")
    if known and is_known(secret_key(settings), email, known):
        return [of_browser(known)], None
    return [of_person(email)], of_network(visitor_of(request).ip)


async def proceed(
    request: Request[Any, Any, Any], tx: Tx, whose: Candidate | Bearer, method: str, wanted: str, kept: str
) -> Response[str]:
    """On to the second factor where there is one, else in. The answer goes out after the commit."""
    if not whose.has_second_factor:
        return await entered(request, tx, whose.user_id, whose.email, method, wanted, kept)
    token = await actions.ask_for_code(tx, whose.user_id)
    response = code_form(wanted, kept)
    response.set_cookie(cookie(request.app.state.settings, HALF, token, int(HALFWAY.total_seconds())))
    return response


def code_form(wanted: str, kept: str, fault: str = "", status: int = 200) -> Response[str]:
    """Asks for the code of the second factor."""
    return rendering.page("sign_in_code", {"next": wanted, "kept": kept, "fault": fault}, status=status)


async def entered(
    request: Request[Any, Any, Any], tx: Tx, user_id: int, email: str, method: str, wanted: str, kept: str
) -> Response[str]:
    """A session of its own, whatever cookie the browser came with, and on to where the person wanted to go."""
    settings: Settings = request.app.state.settings
    visitor = visitor_of(request)
    token = await actions.sign_in(tx, user_id, method, visitor.ip, visitor.user_agent)
    if pairs := kept_pairs(kept):
        response = rendering.page("sign_in_resume", {"path": wanted, "pairs": pairs})
    else:
        response = see_other(wanted)
    response.set_cookie(cookie(settings, SESSION, token, int(LASTS.total_seconds())))
    known = request.cookies.get(BROWSER, "")
    if not is_known(secret_key(settings), email, known):
        known = known_browser(secret_key(settings), email)
    response.set_cookie(cookie(settings, BROWSER, known, BROWSER_IS_KNOWN_FOR))
    response.delete_cookie(HALF)
    return response


def see_other(path: str) -> Response[str]:
    return Response("", status_code=303, headers={"Location": path, **rendering.HEADERS})


def database_of(request: Request[Any, Any, Any]) -> Database:
    database: Database = request.app.state.database
    return database
