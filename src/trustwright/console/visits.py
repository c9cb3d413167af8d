"""Pages of the console: who may open them, and how a request becomes a page or the answer to a form.

A page is opened by GET and changes nothing. A form is a page that is sent back to its own address by POST: what cannot
be taken is shown again as it was typed, with what is wrong with it. A button is a form of which nothing is shown."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import structlog
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from msgspec import Struct

from trustwright.accounts.model import ENTITLEMENT_LABELS, Entitlement
from trustwright.accounts.roles import Right
from trustwright.console import rendering
from trustwright.console.forms import LARGEST_FORM, Form, kept, of_upload, parsed
from trustwright.console.navigation import Section, sections_for
from trustwright.db import Database, Who
from trustwright.errors import (
    InvalidKey,
    NotEntitled,
    NotFound,
    NotPermitted,
    Problem,
    TermsNotAccepted,
    TooManyRequests,
)
from trustwright.events.model import Source
from trustwright.http import bodies, uploads
from trustwright.http.acting import Acting
from trustwright.links import hash_token
from trustwright.settings import Settings
from trustwright.sign_in import store
from trustwright.sign_in.model import IDLE, SEEN_IS_NOTED_EVERY, SignedIn

SESSION = "trustwright_session"
NOTICE = "trustwright_notice"
SIGN_IN = "/sign-in"
SECOND_FACTOR = "/me/second-factor"
# What is open to those who have to set up a second factor before everything else.
WITHOUT_SECOND_FACTOR = (SECOND_FACTOR, "/me/password", "/sign-out")

Answer = Response[Any] | ASGIResponse
Show = Callable[["Visit"], Awaitable[Answer]]
ShowForm = Callable[["Visit", Form], Awaitable[Answer]]


class Visit(Acting):
    """A request of somebody who is signed in."""

    def __init__(self, request: Request[Any, Any, Any], signed_in: SignedIn) -> None:
        self.request = request
        self.signed_in = signed_in
        self.workspace_id = signed_in.workspace_id
        who = Who(
            account_id=signed_in.account_id,
            source=Source.APP,
            user_id=signed_in.user_id,
            request=f"{request.method} {request.scope.get('path_template', '')}",
        )
        super().__init__(request, who)

    @property
    def path(self) -> str:
        return str(self.request.scope["path"])

    def id(self, name: str) -> int:
        """A number in the path. Raises NotFound for what can be none."""
        text = self.request.path_params[name]
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            raise NotFound("There is no such page")
        return int(text)

    def is_at(self, path: str) -> bool:
        """Whether this is that page, or one below it; below the dashboard is none."""
        return self.path == path or (path != "/" and self.path.startswith(f"{path}/"))

    def nearest(self, paths: Iterable[str]) -> str:
        """Which of several pages this is, or is below: a form that is shown again stands below its page."""
        return max(filter(self.is_at, paths), key=len, default="")

    def text(self, name: str, otherwise: str = "") -> str:
        """A parameter of the address, the last of its name."""
        return self.texts(name)[-1] if self.texts(name) else otherwise

    def texts(self, name: str) -> list[str]:
        return [value.replace("\0", "") for value in self.request.query_params.getall(name, [])]

    def may(self, right: Right | None) -> bool:
        return self.signed_in.may(right)

    @property
    def sections(self) -> list[Section]:
        """The navigation that this person sees."""
        return sections_for(self.may)

    @property
    def is_partial(self) -> bool:
        """Whether a script asks for a part of the page, and not a person for the whole."""
        return self.request.headers.get("hx-request") == "true"

    def page(self, template: str, values: dict[str, Any], *, status: int = 200) -> Response[str]:
        """The page of a template, by its file name without `.html.jinja`. It sees `values` and the `visit`."""
        notice = _notice(self.request)
        response = rendering.page(template, {"visit": self, "notice": notice, **values}, status=status)
        if notice:
            response.delete_cookie(NOTICE)
        return response

    def see_other(self, path: str, notice: str = "") -> Response[str]:
        """On to another page of ours, which says `notice` once."""
        response = Response("", status_code=303, headers={"Location": path, **rendering.HEADERS})
        if notice:
            response.set_cookie(cookie(self.settings, NOTICE, quote(notice[:500]), 60))
        return response


class Page(Struct, frozen=True, kw_only=True):
    """A page to look at."""

    path: str
    show: Show
    right: Right | None = None
    entitlement: Entitlement | None = None


class FormPage(Struct, frozen=True, kw_only=True):
    """A form and its page. `show` is called for GET with an empty form, and with the sent one when `submit` raises a
    problem. `right` is asked for both. `files`: the type of a form with files (`uploads.receiving`)."""

    path: str
    show: ShowForm
    submit: ShowForm
    right: Right | None = None
    entitlement: Entitlement | None = None
    files: type[Struct] | None = None


class Button(Struct, frozen=True, kw_only=True):
    """A form of which nothing is shown: something is done, and another page follows."""

    path: str
    press: ShowForm
    right: Right | None = None
    entitlement: Entitlement | None = None


def routes(pages: Sequence[Page | FormPage | Button]) -> list[HTTPRouteHandler]:
    """The routes of a table of pages."""
    return [route for each in pages for route in _routes(each)]


def _routes(page: Page | FormPage | Button) -> list[HTTPRouteHandler]:
    async def look(request: Request[Any, Any, Any]) -> ASGIResponse:
        return _ready(request, await _answered(request, page, _looked))

    async def send(request: Request[Any, Any, Any]) -> ASGIResponse:
        return _ready(request, await _answered(request, page, _sent))

    looks = [] if isinstance(page, Button) else [_route(page.path, HttpMethod.GET, look)]
    sends = [] if isinstance(page, Page) else [_route(page.path, HttpMethod.POST, send)]
    return [*looks, *sends]


def _ready(request: Request[Any, Any, Any], answer: Answer) -> ASGIResponse:
    """The framework has to know beforehand which of the two kinds comes."""
    return answer if isinstance(answer, ASGIResponse) else answer.to_asgi_response(app=None, request=request)


def _route(path: str, method: HttpMethod, handle: Callable[..., Awaitable[ASGIResponse]]) -> HTTPRouteHandler:
    return HTTPRouteHandler(
        [path.replace("}", ":str}")],
        http_method=[method],
        opt={"console": True},
        status_code=200,
        request_max_body_size=None,
        include_in_schema=False,
    )(handle)


async def _answered(
    request: Request[Any, Any, Any],
    page: Page | FormPage | Button,
    handle: Callable[[Visit, Any], Awaitable[Answer]],
) -> Answer:
    visit = None
    try:
        if request.method == HttpMethod.POST:
            require_own_form(request)
        signed_in = await signed_in_by(request)
        if signed_in is None:
            return await _sent_to_sign_in(request, page)
        visit = Visit(request, signed_in)
        if signed_in.lacks_second_factor and page.path not in WITHOUT_SECOND_FACTOR:
            return visit.see_other(SECOND_FACTOR, "Your account asks everybody for a second factor: set yours up first")
        _admit(signed_in, page)
        return await handle(visit, page)
    except Problem as problem:
        return refused(visit, problem)


def _admit(signed_in: SignedIn, page: Page | FormPage | Button) -> None:
    if not signed_in.terms_accepted and page.entitlement is not None:
        raise TermsNotAccepted
    if not signed_in.entitled(page.entitlement) and page.entitlement is not None:
        raise NotEntitled(f"{NotEntitled.sentence}: {ENTITLEMENT_LABELS[page.entitlement]}")
    if not signed_in.may(page.right):
        raise NotPermitted("Your roles do not let you see or do this. Ask an administrator of your account")


async def _looked(visit: Visit, page: Page | FormPage) -> Answer:
    return await (page.show(visit) if isinstance(page, Page) else page.show(visit, Form()))


async def _sent(visit: Visit, page: FormPage | Button) -> Answer:
    if isinstance(page, FormPage) and page.files is not None:
        async with uploads.receiving(visit.request, page.files, visit.settings) as sent:
            return _told(visit, await _submitted(visit, page, of_upload(sent)))
    form = parsed(await bodies.read(visit.request, LARGEST_FORM))
    return await (page.press(visit, form) if isinstance(page, Button) else _submitted(visit, page, form))


async def _submitted(visit: Visit, page: FormPage, form: Form) -> Answer:
    try:
        return await page.submit(visit, form)
    except (NotFound, NotPermitted):
        raise
    except Problem as problem:
        form.problem = problem
        answer = await page.show(visit, form)
        answer.status_code = problem.status
        return answer


def _told(visit: Visit, answer: Answer) -> Answer:
    """Where to go on, for a script that sent a form with files: if it followed a redirect itself, the page there would
    say its notice to nobody."""
    if answer.status_code == 303 and "x-sent-by-script" in visit.request.headers:
        answer.status_code = 204
    return answer


async def attempt(work: Awaitable[object]) -> Problem | None:
    """Does one of several things that each stand for themselves; why it could not be done, None when it was."""
    try:
        await work
    except Problem as problem:
        return problem
    return None


def refused(visit: Visit | None, problem: Problem) -> Response[str]:
    """A problem as a page, for somebody who is signed in or not."""
    values = {"problem": problem, "visit": visit, "notice": ""}
    response = rendering.page("console_problem" if visit else "outside_problem", values, status=problem.status)
    if isinstance(problem, TooManyRequests):
        response.headers["retry-after"] = str(problem.retry_after)
    return response


async def signed_in_by(request: Request[Any, Any, Any]) -> SignedIn | None:
    """Whose session the cookie of a request names; its use is noted once a minute."""
    token = request.cookies.get(SESSION, "")
    if not token:
        return None
    database: Database = request.app.state.database
    signed_in = await store.signed_in(database, hash_token(token), IDLE)
    if signed_in is None:
        return None
    structlog.contextvars.bind_contextvars(account=signed_in.account_id, user=signed_in.user_id)
    if datetime.now(UTC) - signed_in.last_seen_at > SEEN_IS_NOTED_EVERY:
        async with database.begin(Who(account_id=signed_in.account_id, source=Source.APP)) as tx:
            await store.touch_session(tx, signed_in.session_id)
    return signed_in


async def _sent_to_sign_in(request: Request[Any, Any, Any], page: Page | FormPage | Button) -> Answer:
    """To the sign-in page, and back afterwards. What was typed into a form of ours is kept on the way."""
    path = str(request.scope["path"])
    if request.method == HttpMethod.GET:
        query = request.scope["query_string"].decode("latin-1")
        wanted = urlencode({"next": f"{path}?{query}" if query else path})
        headers = {"Location": f"{SIGN_IN}?{wanted}", **rendering.HEADERS}
        if request.headers.get("hx-request") == "true":
            return Response("", status_code=401, headers={"HX-Redirect": headers["Location"], **rendering.HEADERS})
        return Response("", status_code=303, headers=headers)
    if isinstance(page, FormPage) and page.files is not None:
        raise InvalidKey("Your session has ended. Sign in again in another tab, then send this form once more")
    form = parsed(await bodies.read(request, LARGEST_FORM))
    values = {"next": path, "kept": kept(form), "email": "", "fault": "", "has_ended": True}
    return rendering.page("sign_in", values, status=401)


def require_own_form(request: Request[Any, Any, Any]) -> None:
    """Raises NotPermitted for a form that a page of somebody else sent: browsers say where a form comes from."""
    settings: Settings = request.app.state.settings
    site = request.headers.get("sec-fetch-site", "")
    origin = urlsplit(request.headers.get("origin", "")).netloc
    ours = {request.headers.get("host", ""), urlsplit(settings.public_url).netloc} - {""}
    if not (site == "same-origin" if site else origin in ours):
        raise NotPermitted("This form was sent from another site, or by a browser that does not say from where")


def cookie(settings: Settings, name: str, value: str, max_age: int) -> Cookie:
    """A cookie that no script reads, and that no other site's form brings along."""
    secure = settings.public_url.startswith("https:")
    return Cookie(name, value=value, path="/", httponly=True, samesite="lax", secure=secure, max_age=max_age)


def _notice(request: Request[Any, Any, Any]) -> str:
    return unquote(request.cookies.get(NOTICE, ""))[:500]


def local(path: str) -> str:
    """A path of ours that an address named, else the dashboard's: nobody is sent on to another site."""
    parts = urlsplit(path)
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return path if is_ours and not any(character < " " or character == "\\" for character in path) else "/"
