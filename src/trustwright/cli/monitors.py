"""trustwright monitors: the monitors of a workspace as a folder of files (docs/monitors.md)."""

from pathlib import Path
from typing import Annotated

import typer

from trustwright import plain_yaml
from trustwright.cli.common import (
    AsJson,
    DatabaseUrl,
    DataDir,
    as_operator,
    chosen_account,
    errors,
    output,
    run,
    show,
)
from trustwright.db import Database
from trustwright.errors import Invalid
from trustwright.monitors import as_code
from trustwright.monitors.as_code import Plan, Pulled
from trustwright.monitors.documents import ENDING, File
from trustwright.trust.actions import default_workspace

SIGNS = {"added": "+", "changed": "~", "unchanged": "=", "removed": "-", "kept": "?"}

app = typer.Typer(no_args_is_help=True, help="Monitors as files")

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="A folder with one YAML file a monitor")]
AccountId = Annotated[int | None, typer.Option("--account", help="None: the only one")]
WorkspaceId = Annotated[int | None, typer.Option("--workspace", help="None: the primary one")]


@app.command()
def pull(
    directory: Directory,
    account: AccountId = None,
    workspace: WorkspaceId = None,
    prune: Annotated[bool, typer.Option("--prune", help="Remove the files of monitors that are gone")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write every monitor to its file; what says the same already stays as it is."""

    async def work(database: Database) -> tuple[list[File], Pulled]:
        before = _files(directory) if directory.exists() else []
        async with database.read(as_operator(await chosen_account(database, account))) as tx:
            return before, await as_code.pull(tx, await default_workspace(tx, workspace), before)

    before, pulled = run(data_dir, database_url, work)
    there = {file.name for file in before}
    directory.mkdir(parents=True, exist_ok=True)
    for file in pulled.written:
        (directory / file.name).write_bytes(file.text)
    for name in pulled.gone if prune else []:
        (directory / name).unlink()
    done = {
        "added": [file.name for file in pulled.written if file.name not in there],
        "changed": [file.name for file in pulled.written if file.name in there],
        "unchanged": pulled.unchanged,
        "removed": pulled.gone if prune else [],
        "kept": [] if prune else pulled.gone,
    }
    _tell(done, as_json, "kept: their monitors are gone; --prune removes them")


@app.command()
def push(
    directory: Directory,
    account: AccountId = None,
    workspace: WorkspaceId = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; 1 where something would change")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Delete the monitors that have no file")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make the monitors of a workspace what the files say: all of them, or none where one has a fault."""

    async def work(database: Database) -> Plan:
        files = _files(directory)
        async with database.begin(as_operator(await chosen_account(database, account))) as tx:
            workspace_id = await default_workspace(tx, workspace)
            plan = await as_code.plan(tx, workspace_id, files)
            if not check and not plan.faults:
                await as_code.carry_out(tx, workspace_id, plan, prunes=prune)
            return plan

    plan = run(data_dir, database_url, work)
    extra = [monitor.name for monitor in plan.extra]
    done = {
        "added": [reading.name or "" for reading in plan.created],
        "changed": [reading.name or "" for _, reading in plan.changed],
        "unchanged": plan.unchanged,
        "removed": extra if prune else [],
        "kept": [] if prune else extra,
    }
    if plan.faults:
        _complain(plan.faults, as_json)
        raise typer.Exit(1)
    _tell(done, as_json, "kept: they have no file; --prune deletes them")
    if check and (done["added"] or done["changed"] or done["removed"]):
        raise typer.Exit(1)


def _files(directory: Path) -> list[File]:
    """The files of a folder, by name. Raises Invalid."""
    if not directory.is_dir():
        raise Invalid(f"There is no folder {directory}")
    paths = sorted(path for path in directory.iterdir() if path.suffix in (ENDING, ".yml") and path.is_file())
    return [File(path.name, _content(path)) for path in paths]


def _content(path: Path) -> bytes:
    """So much of a file that one that is too large is known as such."""
    with path.open("rb") as file:
        return file.read(plain_yaml.LARGEST + 1)


def _tell(done: dict[str, list[str]], as_json: bool, hint: str) -> None:
    if as_json:
        show(done, as_json)
        return
    for name, sign in SIGNS.items():
        for what in done[name] if name != "unchanged" else ():
            output.print(f"{sign} {what}", markup=False, highlight=False, soft_wrap=True)
    counts = ", ".join(f"{len(done[name])} {name}" for name in SIGNS if name != "kept")
    output.print(counts + (f", {len(done['kept'])} {hint}" if done["kept"] else ""), highlight=False, soft_wrap=True)


def _complain(faults: list[str], as_json: bool) -> None:
    if as_json:
        show({"faults": faults}, as_json)
        return
    for fault in faults:
        errors.print(fault, markup=False, highlight=False, soft_wrap=True)
