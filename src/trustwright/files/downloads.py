"""What a link to a file leads to."""

import time
from typing import Any

from litestar import Request, route
from litestar.enums import HttpMethod
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse

from trustwright.db import Database, Who
from trustwright.events.model import Source
from trustwright.files import actions
from trustwright.files.links import Grant, read_token
from trustwright.files.outgoing import headers_of, held_back
from trustwright.files.storage import Storage
from trustwright.http.secret import secret_key
from trustwright.settings import Settings

PATH = "/files/{token:str}/{name:str}"

# Whatever a file holds, a browser that shows it instead of saving it lets it do nothing.
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}


@route(PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200, include_in_schema=False)
async def download(request: Request[Any, Any, Any]) -> ASGIResponse:
    """The file that the link was made for: 404 for a link that we did not make, 410 for one that is over, 409 for a
    file that the virus scanner holds back."""
    settings: Settings = request.app.state.settings
    grant = read_token(secret_key(settings), request.path_params["token"])
    if grant is None:
        return _refusal(404, "There is no such file")
    if grant.expires < time.time():
        return _refusal(410, "This link is over; ask for a new one")
    return await _answer(request, grant, settings)


async def _answer(request: Request[Any, Any, Any], grant: Grant, settings: Settings) -> ASGIResponse:
    database: Database = request.app.state.database
    storage: Storage = request.app.state.storage
    # Whoever has the link may have been given it by somebody: nobody in particular is known to have come.
    who = Who(account_id=grant.account_id, source=Source.PUBLIC_API, request=f"GET {PATH.replace(':str', '')}")
    async with database.read(who) as tx:
        file = (await actions.files_by_id(tx, {grant.file_id})).get(grant.file_id)
    if file is None:
        return _refusal(404, "There is no such file")
    if reason := held_back(file, require_scan=settings.require_scan):
        return _refusal(409, reason)
    if request.method == HttpMethod.HEAD:
        return ASGIResponse(headers={**SAFE, **headers_of(file)}, is_head_response=True)
    content = await storage.get(grant.account_id, file.sha256)
    async with database.begin(who) as tx:
        await actions.record_download(tx, file)
    return ASGIStreamingResponse(iterator=content, headers={**SAFE, **headers_of(file)})


def _refusal(status: int, sentence: str) -> ASGIResponse:
    return ASGIResponse(body=f"{sentence}\n".encode(), status_code=status, media_type="text/plain", headers=SAFE)
