"""The table that stands for a CRM, in the console: who is a customer, and has an NDA on file."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from msgspec import Struct

from trustwright.access_requests import directory, inbox_store
from trustwright.access_requests.model import CustomerLine
from trustwright.accounts.model import Entitlement
from trustwright.console.forms import Form
from trustwright.console.listing import Listing, csv_file
from trustwright.console.navigation import EDIT_TRUST_CENTER, TRUST_CENTER
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.errors import Invalid
from trustwright.files.model import Upload
from trustwright.http.csv_files import cell
from trustwright.trust.actions import get_trust_center
from trustwright.trust.model import FlowType

CUSTOMERS = "/trust-center/access/customers"
SORTS = {"name": "name"}
COLUMNS = ["domain", "email", "name", "relationshipOk", "ndaOnFile"]
MOST = 10_000
LARGEST = 5_000_000  # bytes


class CustomersForm(Struct, frozen=True, kw_only=True):
    """The whole table, as a file."""

    file: Upload | None = None


async def show_customers(visit: Visit, form: Form | None = None) -> Answer:
    """The customers of the workspace; with a form, why the table could not be replaced."""
    listing = Listing(visit, SORTS)
    if listing.wants_csv:
        return csv_file("customers", COLUMNS, _lines(visit, listing))
    async with visit.read() as tx:
        shown = listing.of(await inbox_store.customers(tx, listing.slice, visit.workspace_id, listing.q))
        center = await get_trust_center(tx, visit.workspace_id)
    values = {
        "form": form or Form(),
        "listing": listing,
        "shown": shown,
        "is_asked": center.flow_type is FlowType.SALESFORCE_CRM,
        "may_edit": visit.may(EDIT_TRUST_CENTER) and visit.signed_in.entitled(Entitlement.TRUST_CENTER),
    }
    return visit.page("request_customers", values)


async def _lines(visit: Visit, listing: Listing) -> AsyncGenerator[list[str], None]:
    async with visit.read() as tx:
        customers = inbox_store.all_customers(tx, listing.slice, visit.workspace_id, listing.q)
        async with aclosing(customers):
            async for customer in customers:
                yield _line(customer)


def _line(customer: CustomerLine) -> list[str]:
    said = (customer.domain, customer.email, customer.name, customer.relationship_ok, customer.nda_on_file)
    return [*map(cell, said)]


async def replace_customers(visit: Visit, form: Form) -> Answer:
    """Puts the rows of a CSV file in the place of all."""
    file: Upload | None = form.files.file
    if file is None:
        raise Invalid("file: choose a CSV file")
    accounts = directory.read_accounts(await asyncio.to_thread(_text, file.path))
    if len(accounts) > MOST:
        raise Invalid(f"file: must not have more than {MOST} customers")
    async with visit.begin() as tx:
        kept = await directory.replace_accounts(tx, visit.workspace_id, accounts)
    return visit.see_other(CUSTOMERS, f"The table has {len(kept)} customers now.")


def _text(path: Path) -> str:
    """Raises Invalid."""
    content = path.read_bytes()
    if len(content) > LARGEST:
        raise Invalid("file: it is too large for a table of customers")
    return directory.decoded(content)


PAGES: list[Page | FormPage | Button] = [
    Page(path=CUSTOMERS, show=show_customers, right=TRUST_CENTER, entitlement=Entitlement.TRUST_CENTER_ESSENTIALS),
    FormPage(
        path=f"{CUSTOMERS}/replace",
        show=show_customers,
        submit=replace_customers,
        files=CustomersForm,
        right=EDIT_TRUST_CENTER,
        entitlement=Entitlement.TRUST_CENTER,
    ),
]
