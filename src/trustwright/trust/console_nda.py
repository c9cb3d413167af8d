"""The agreement of a trust center, and who accepted it, in the console."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from msgspec import Struct

from trustwright.accounts.model import Entitlement
from trustwright.agreements import actions as agreements
from trustwright.agreements.model import Method, PaperOfPerson
from trustwright.agreements.sealing import require_sealable
from trustwright.console.forms import Form
from trustwright.console.listing import Listing, csv_file
from trustwright.console.navigation import EDIT_TRUST_CENTER, TRUST_CENTER
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.errors import NotFound
from trustwright.files.actions import get_file
from trustwright.files.model import Upload
from trustwright.http.csv_files import cell
from trustwright.times import iso
from trustwright.trust import actions
from trustwright.trust.console_access import ACCESS, TABS
from trustwright.trust.console_documents import editor, sent_file

NDA = f"{ACCESS}/nda"
PAPERS = f"{ACCESS}/acceptances"
SORTS = {"-accepted": "a.accepted_at"}
COLUMNS = ["accepted", "how", "email", "name", "company", "agreement", "version", "stands no more since", "reason"]
METHODS = {Method.CLICK: "Ticked the box", Method.SIGNATURE: "Signed"}


class NdaForm(Struct, frozen=True, kw_only=True):
    """A new agreement."""

    file: Upload | None = None


async def show_nda(visit: Visit, form: Form | None = None) -> Answer:
    """The agreement in force; with a form, why it could not be changed."""
    async with visit.read() as tx:
        nda = await agreements.current_nda(tx, visit.workspace_id)
        center = await actions.get_trust_center(tx, visit.workspace_id)
    values = {"form": form or Form(), "nda": nda, "center": center}
    return visit.page("trust_nda", values | {"tabs": TABS, "may_edit": editor(visit)})


async def upload_nda(visit: Visit, form: Form) -> Answer:
    """Puts a new version in force."""
    file = sent_file(form)
    async with visit.keeping([file], ["pdf"]) as (kept,):
        await asyncio.to_thread(require_sealable, file.path)
        async with visit.begin() as tx:
            nda = await agreements.store_nda(tx, visit.workspace_id, kept)
    return visit.see_other(NDA, f"Version {nda.version} is in force.")


async def remove_nda(visit: Visit, form: Form) -> Answer:
    """Takes the agreement out of force."""
    async with visit.begin() as tx:
        await actions.change_private_access(tx, visit.workspace_id, remove_nda=True)
    return visit.see_other(NDA, "There is no NDA in force any more.")


async def download_nda(visit: Visit) -> Answer:
    """The agreement in force, as a file."""
    async with visit.read() as tx:
        nda = await agreements.current_nda(tx, visit.workspace_id)
        if nda is None:
            raise NotFound("There is no NDA in force")
        file = await get_file(tx, nda.file_id)
    return visit.see_other(visit.link_to(file))


async def list_papers(visit: Visit) -> Answer:
    """Who accepted which version, and how."""
    listing = Listing(visit, SORTS)
    if listing.wants_csv:
        return csv_file("nda-acceptances", COLUMNS, _lines(visit, listing))
    async with visit.read() as tx:
        shown = listing.of(await agreements.papers(tx, listing.slice, visit.workspace_id, listing.q))
    return visit.page("trust_papers", {"listing": listing, "shown": shown, "tabs": TABS, "methods": METHODS})


async def _lines(visit: Visit, listing: Listing) -> AsyncGenerator[list[str], None]:
    async with visit.read() as tx:
        papers = agreements.all_papers(tx, listing.slice, visit.workspace_id, listing.q)
        async with aclosing(papers):
            async for paper in papers:
                yield _line(paper)


def _line(paper: PaperOfPerson) -> list[str]:
    said = [paper.method, paper.email, paper.name, paper.company, paper.agreement, paper.version]
    ended = iso(paper.superseded_at) if paper.superseded_at else ""
    return [iso(paper.accepted_at), *map(cell, said), ended, cell(paper.reason)]


async def download_paper(visit: Visit) -> Answer:
    """The sealed copy of a signature."""
    async with visit.read() as tx:
        file = await get_file(tx, await agreements.signed_copy(tx, visit.workspace_id, visit.id("acceptance_id")))
    return visit.see_other(visit.link_to(file))


look = partial(Page, right=TRUST_CENTER, entitlement=Entitlement.TRUST_CENTER_ESSENTIALS)
change = partial(FormPage, show=show_nda, right=EDIT_TRUST_CENTER, entitlement=Entitlement.TRUST_CENTER)

PAGES: list[Page | FormPage | Button] = [
    look(path=NDA, show=show_nda),
    look(path=f"{NDA}/file", show=download_nda),
    change(path=f"{NDA}/upload", submit=upload_nda, files=NdaForm),
    change(path=f"{NDA}/remove", submit=remove_nda),
    look(path=PAPERS, show=list_papers),
    look(path=f"{PAPERS}/{{acceptance_id}}/file", show=download_paper),
]
