"""trustwright trust: a trust center from a folder, and the customers that it knows from a file."""

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from msgspec import UNSET, Struct

from trustwright.access.stamping import unstampable
from trustwright.access_requests.directory import read_accounts, replace_accounts
from trustwright.agreements.sealing import require_sealable
from trustwright.cli.common import (
    AsJson,
    DatabaseUrl,
    DataDir,
    as_operator,
    chosen_account,
    output,
    run,
    settings_with,
    show,
)
from trustwright.db import Database, Who
from trustwright.errors import Invalid
from trustwright.files.checking import check
from trustwright.files.model import DOCUMENT_EXTENSIONS, Upload
from trustwright.files.names import base_name, extension
from trustwright.files.storage import connect
from trustwright.http.keeping import keeping
from trustwright.settings import Settings
from trustwright.trust.actions import default_workspace
from trustwright.trust_page import folder as folders
from trustwright.trust_page.folder import Folder, at
from trustwright.trust_page.importing import Brought, Import, bring_in
from trustwright.trust_page.model import Replaced

PICTURES = ["png", "jpg", "jpeg", "gif"]
SIGNS = {"added": "+", "changed": "~", "unchanged": "=", "removed": "-"}

app = typer.Typer(no_args_is_help=True, help="Trust centers")


@app.callback()
def trust() -> None:
    """Without this Typer would take the one command for the whole of `trust`."""


class DryRun(RuntimeError):
    """An import that is taken back, although nothing went wrong."""

    def __init__(self, workspace_id: int, done: Replaced) -> None:
        self.outcome = workspace_id, done


class Found(Struct, frozen=True, kw_only=True):
    """A file of the folder, copied so that it stays as it was checked. `path` is what the folder calls it."""

    path: str
    upload: Upload
    stamp_fault: str | None


@app.command("import")
def import_(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help=f"A folder with {folders.FILE} and its files")],
    account: Annotated[int | None, typer.Option("--account", help="None: the only one")] = None,
    workspace: Annotated[int | None, typer.Option("--workspace", help="None: the primary one")] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Delete documents that the folder does not name")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would change, and change nothing")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a trust center what a folder says; what the folder does not name stays as it is."""
    settings = settings_with(data_dir, database_url)

    async def work(database: Database) -> tuple[int, tuple[int, Replaced]]:
        account_id = await chosen_account(database, account)
        who = as_operator(account_id)
        return account_id, await import_folder(
            database, settings, who, workspace, directory, prunes=prune, is_dry=dry_run
        )

    account_id, (workspace_id, done) = run(data_dir, database_url, work)
    values = {name: getattr(done, name) for name in SIGNS}
    if as_json:
        show({"accountId": account_id, "workspaceId": workspace_id, "dryRun": dry_run, **values}, as_json)
        return
    for name, sign in SIGNS.items():
        for what in values[name]:
            output.print(f"{sign} {what}", markup=False, highlight=False, soft_wrap=True)
    counts = ", ".join(f"{len(values[name])} {name}" for name in SIGNS)
    output.print(f"{counts}{'; nothing was saved' if dry_run else ''}", highlight=False)


@app.command("accounts")
def accounts(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="domain, email, name, relationshipOk, ndaOnFile")],
    account: Annotated[int | None, typer.Option("--account", help="None: the only one")] = None,
    workspace: Annotated[int | None, typer.Option("--workspace", help="None: the primary one")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Replace the customers that SALESFORCE_CRM asks for with those of a CSV file."""

    async def work(database: Database) -> dict[str, int]:
        found = read_accounts(_text(file))
        account_id = await chosen_account(database, account)
        async with database.begin(as_operator(account_id)) as tx:
            workspace_id = await default_workspace(tx, workspace)
            kept = await replace_accounts(tx, workspace_id, found)
        return {"accountId": account_id, "workspaceId": workspace_id, "accounts": len(kept)}

    show(run(data_dir, database_url, work), as_json)


async def import_folder(
    database: Database,
    settings: Settings,
    who: Who,
    workspace: int | None,
    directory: Path,
    *,
    prunes: bool = False,
    is_dry: bool = False,
) -> tuple[int, Replaced]:
    """Makes the trust center of a workspace, the primary one for None, what the folder says; returns the workspace, and
    what became of what is in it. With `is_dry` it is all taken back. Raises Invalid with the place of what is wrong."""
    folder = folders.read(_content(directory))
    with tempfile.TemporaryDirectory() as copies:
        files = await asyncio.to_thread(_files, directory, folder, Path(copies), settings.max_file)
        try:
            return await _bring(database, settings, who, workspace, folder, files, prunes, is_dry)
        except DryRun as dry:
            return dry.outcome


async def _bring(
    database: Database,
    settings: Settings,
    who: Who,
    workspace: int | None,
    folder: Folder,
    files: list[Found],
    prunes: bool,
    is_dry: bool,
) -> tuple[int, Replaced]:
    storage = connect(settings.storage_url, settings.data_dir)
    uploads = [found.upload for found in files]
    async with (
        keeping(database, storage, settings, who, uploads, DOCUMENT_EXTENSIONS) as kept,
        database.begin(who) as tx,
    ):
        workspace_id = await default_workspace(tx, workspace)
        brought = {
            found.path: Brought(kept=each, stamp_fault=found.stamp_fault)
            for found, each in zip(files, kept, strict=True)
        }
        done = await bring_in(tx, workspace_id, Import(folder=folder, files=brought, prunes=prunes))
        if is_dry:
            raise DryRun(workspace_id, done)
        return workspace_id, done


def _text(file: Path) -> str:
    """Raises Invalid."""
    if not file.is_file():
        raise Invalid(f"There is no file {file}")
    content = file.read_bytes()
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Invalid(f"{file} is not UTF-8") from error


def _content(directory: Path) -> bytes:
    """Raises Invalid."""
    path = directory / folders.FILE
    if not path.is_file():
        raise Invalid(f"{directory} holds no {folders.FILE}")
    with path.open("rb") as file:
        return file.read(folders.LARGEST + 1)


def _files(directory: Path, folder: Folder, copies: Path, largest: int) -> list[Found]:
    """The files that the folder names, each once. Raises Invalid with the place of one that cannot be taken."""
    found: dict[str, Found] = {}
    for place, path, extensions in _named(folder):
        with at(f"{folders.FILE}: {place}"):
            if path not in found:
                found[path] = _copied(directory, path, copies / str(len(found)), largest)
            check(found[path].upload, extensions)
            if place == "nda":
                require_sealable(found[path].upload.path)
    return list(found.values())


def _named(folder: Folder) -> Iterator[tuple[str, str, list[str]]]:
    """Place and path of each file that the folder names, and the extensions that it may have."""
    if folder.nda is not UNSET:
        yield "nda", folder.nda, ["pdf"]
    if folder.branding is not UNSET:
        for name in folder.branding.__struct_fields__:
            if path := getattr(folder.branding, name):
                yield f"branding.{name}", path, PICTURES
    for number, line in enumerate(folder.documents or ()):
        yield f"documents[{number}].file", line.file, DOCUMENT_EXTENSIONS


def _copied(directory: Path, path: str, copy: Path, largest: int) -> Found:
    """Raises Invalid for what is no file below the folder, empty or too large."""
    root = directory.resolve()
    if "\0" in path or not (original := (root / path).resolve()).is_relative_to(root):
        raise Invalid(f"{path!r} lies outside of the folder")
    if not original.is_file():
        raise Invalid(f"the folder holds no file {path!r}")
    if not 0 < original.stat().st_size <= largest:
        raise Invalid(f"{path!r} must have from 1 to {largest} bytes")
    shutil.copyfile(original, copy)
    with copy.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").digest()
    upload = Upload(name=base_name(original.name), content_type="", size=copy.stat().st_size, sha256=sha256, path=copy)
    return Found(path=path, upload=upload, stamp_fault=unstampable(copy) if extension(upload.name) == "pdf" else None)
