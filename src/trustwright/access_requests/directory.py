"""What a CRM knows of a requester: an adapter, and the table that is the first of its kind."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Protocol

import structlog
from msgspec.structs import asdict

from trustwright.access_requests import store
from trustwright.access_requests.model import CrmAccount
from trustwright.db import Tx
from trustwright.errors import Invalid
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.trust.addresses import domain_name, domain_of, normalized

log = structlog.get_logger()

COLUMNS = {
    "domain": "domain",
    "email": "email",
    "name": "name",
    "relationshipok": "relationship_ok",
    "ndaonfile": "nda_on_file",
}
ANSWERS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


class Directory(Protocol):
    """Where customers are looked up."""

    async def find(self, tx: Tx, workspace_id: int, email: str) -> CrmAccount | None:
        """Who a normalized address belongs to: by itself, then by its domain. May raise whatever goes wrong."""


class Table:
    """The accounts that were sent to the API or read from a file."""

    async def find(self, tx: Tx, workspace_id: int, email: str) -> CrmAccount | None:
        return await store.crm_account(tx, workspace_id, email, domain_of(email))


async def look_up(tx: Tx, workspace_id: int, email: str, directory: Directory | None = None) -> CrmAccount | None:
    """What is known of an address; None, which approves nobody, when the directory does not answer."""
    try:
        return await (directory or Table()).find(tx, workspace_id, email)
    except Exception:
        # Whatever a foreign system does wrong, somebody then decides by hand (trust-center 1.3).
        log.warning("directory does not answer", workspace_id=workspace_id, exc_info=True)
        return None


async def replace_accounts(tx: Tx, workspace_id: int, accounts: Sequence[CrmAccount]) -> list[CrmAccount]:
    """Puts these in place of the workspace's table, and returns it as it is kept. Raises Invalid."""
    kept = [_ready(place, account) for place, account in enumerate(accounts, 1)]
    keys = [(account.email, account.domain) for account in kept]
    if twice := next((key for key in keys if keys.count(key) > 1), None) if len(set(keys)) < len(keys) else None:
        raise Invalid(f"accounts: {twice[0] or twice[1]} stands there more than once")
    before = await store.crm_accounts(tx, workspace_id)
    if before == kept:
        return kept
    old, new = set(before), set(kept)
    await store.delete_crm_accounts(tx, workspace_id)
    await store.insert_crm_accounts(tx, workspace_id, [asdict(account) for account in kept])
    await record(
        tx,
        EventType.TRUST_PAGES_SAVED,
        f"Customers of the CRM replaced: {len(kept)} in place of {len(before)}",
        target={"kind": "crm accounts", "id": workspace_id},
        before=[asdict(account) for account in before if account not in new],
        after=[asdict(account) for account in kept if account not in old],
        workspace_id=workspace_id,
    )
    return kept


def _ready(place: int, account: CrmAccount) -> CrmAccount:
    """An account with its address and domain as they are compared. One that has both is known by the address."""
    email, domain = (account.email or "").strip(), (account.domain or "").strip()
    if not email and not domain:
        raise Invalid(f"accounts: number {place} has neither an email nor a domain; give it one of them")
    return CrmAccount(
        email=normalized(email) if email else None,
        domain=domain_name(domain) if domain else None,
        name=account.name.strip(),
        relationship_ok=account.relationship_ok,
        nda_on_file=account.nda_on_file,
    )


def read_accounts(text: str) -> list[CrmAccount]:
    """The accounts of a CSV file whose first line names its columns: domain, email, name, relationshipOk, ndaOnFile,
    in any order and spelling of their letters. Raises Invalid."""
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        names = {given: COLUMNS.get((given or "").strip().lower().replace("_", "")) for given in rows.fieldnames or ()}
        found = [
            {name: (row[given] or "").strip() for given, name in names.items() if name is not None} for row in rows
        ]
    except csv.Error as error:
        raise Invalid(f"The file is not CSV: {error}") from error
    if not {"domain", "email"} & set(names.values()):
        raise Invalid("The first line must name the columns; at least domain or email must be among them")
    return [
        CrmAccount(
            domain=row.get("domain") or None,
            email=row.get("email") or None,
            name=row.get("name", ""),
            relationship_ok=_answer(place, row.get("relationship_ok", "")),
            nda_on_file=_answer(place, row.get("nda_on_file", "")),
        )
        for place, row in enumerate(found, 2)
    ]


def decoded(content: bytes) -> str:
    """The text of a file. Raises Invalid when it is not UTF-8, which is how spreadsheets save "CSV UTF-8"."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("file: it is not UTF-8; save it as CSV UTF-8 and send it again") from error


def _answer(line: int, text: str) -> bool:
    if text.lower() not in ANSWERS:
        raise Invalid(f"Line {line}: {text!r} must be true or false")
    return ANSWERS[text.lower()]
