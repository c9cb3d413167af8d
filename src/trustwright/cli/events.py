"""trustwright events: whether the record of changes is as it was written, and a copy that others can check."""

from collections import deque
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from trustwright.accounts.store import all_accounts
from trustwright.cli.common import (
    AsJson,
    DatabaseUrl,
    DataDir,
    as_operator,
    chosen_account,
    errors,
    in_a_folder,
    output,
    run,
    settings_with,
    show,
)
from trustwright.db import Database, Tx
from trustwright.errors import Invalid
from trustwright.events import bundles
from trustwright.events.chain import BrokenChain, Fault, Head
from trustwright.events.verifying import intact_links
from trustwright.events.verifying import verify as verify_chain
from trustwright.http.secret import secret_key
from trustwright.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The record of changes: verify it, export it")

Bundle = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="JSON, a line an event, the head last", dir_okay=False, callback=in_a_folder),
]
OneAccount = Annotated[int | None, typer.Option("--account", help="None: the only one")]
AnyAccount = Annotated[int | None, typer.Option("--account", help="None: all")]
SinceHead = Annotated[str | None, typer.Option("--since-head", metavar="HEX", help="A head of before, still in it?")]
Against = Annotated[Path | None, typer.Option("--against", metavar="BUNDLE", help="Is the head of this still in it?")]


@app.command()
def verify(
    account: AnyAccount = None,
    since_head: SinceHead = None,
    against: Against = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Find what was changed, removed, moved or inserted in the record of changes; 1 when anything was."""
    settings = settings_with(data_dir, database_url)

    async def work(database: Database) -> list[tuple[int, Head | Fault]]:
        if since_head is None and against is None and account is None:
            return [(one.account_id, await _verified(database, one.account_id)) for one in await all_accounts(database)]
        chosen = await chosen_account(database, account)
        return [(chosen, await _verified(database, chosen, _anchor(since_head, against, chosen, settings)))]

    verified = run(data_dir, database_url, work)
    intact = all(isinstance(found, Head) for _, found in verified)
    if as_json:
        show({"intact": intact, "accounts": [_line(account_id, found) for account_id, found in verified]}, as_json)
    else:
        for account_id, found in verified:
            _tell(account_id, found)
    if not intact:
        raise typer.Exit(1)


@app.command()
def export(
    file: Bundle,
    account: OneAccount = None,
    signed: Annotated[bool, typer.Option("--signed", help="Sign the head with the key of this service")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write an account's events to a file that docs/verify_events.py checks on any machine."""
    key = _key(settings_with(data_dir, database_url)) if signed else None
    part = file.with_name(file.name + ".part")

    async def work(database: Database) -> tuple[int, Head]:
        chosen = await chosen_account(database, account)
        async with database.read(as_operator(chosen)) as tx:
            return chosen, await _write(tx, part, key)

    try:
        account_id, head = run(data_dir, database_url, work)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    written = {"accountId": account_id, "events": head.position, "head": head.hash.hex()}
    show(written | ({"publicKey": bundles.public_key(key)} if key else {}), as_json)


@app.command("key")
def key_(as_json: AsJson = False, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Show the public key that signed bundles are checked with."""
    show({"publicKey": bundles.public_key(_key(settings_with(data_dir, database_url)))}, as_json)


async def _verified(database: Database, account_id: int, anchor: bytes | None = None) -> Head | Fault:
    async with database.read(as_operator(account_id)) as tx:
        try:
            return await verify_chain(tx, anchor)
        except BrokenChain as broken:
            return broken.fault


async def _write(tx: Tx, path: Path, key: Ed25519PrivateKey | None) -> Head:
    """The head of what was written. Raises BrokenChain."""
    head = Head()
    path.touch(mode=0o600)
    with path.open("wb") as file:
        async with aclosing(intact_links(tx)) as links:
            async for link in links:
                file.write(bundles.line_of(link))
                head = Head(link.position, link.hash)
        file.write(bundles.ending(tx.account_id, head, tx.now, key))
    return head


def _anchor(since_head: str | None, against: Path | None, account_id: int, settings: Settings) -> bytes | None:
    """The head of before that is meant. Raises Invalid."""
    if since_head and against:
        raise Invalid("Give --since-head or --against, not both")
    if against:
        if not against.is_file():
            raise Invalid(f"There is no file {against}")
        with against.open("rb") as file:
            last_line = b"".join(deque(file, maxlen=1))
        return bundles.head_of(last_line, account_id, _key(settings)).hash
    return _hash(since_head) if since_head else None


def _hash(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise Invalid("--since-head: a head is 64 hexadecimal digits")
    return found


def _key(settings: Settings) -> Ed25519PrivateKey:
    return bundles.signing_key(secret_key(settings))


def _line(account_id: int, found: Head | Fault) -> dict[str, Any]:
    """What `--json` shows of an account; `position` and `eventId` are those of the fault."""
    if isinstance(found, Head):
        return {"accountId": account_id, "events": found.position, "head": found.hash.hex(), "fault": None}
    fault = {"kind": found.kind, "position": found.position, "eventId": found.event_id, "message": found.message}
    return {"accountId": account_id, "events": None, "head": None, "fault": fault}


def _tell(account_id: int, found: Head | Fault) -> None:
    if isinstance(found, Head):
        text = f"account {account_id}: {found.position} events intact, head {found.hash.hex()}"
        output.print(text, highlight=False, soft_wrap=True)
    else:
        errors.print(f"[red]account {account_id}: {found.message}[/red]", highlight=False, soft_wrap=True)
