"""trustwright demo: one believable account to click through."""

import asyncio
import json
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from trustwright.accounts import actions as accounts
from trustwright.accounts.roles import Role
from trustwright.cli.account import make
from trustwright.cli.common import (
    AsJson,
    DatabaseUrl,
    DataDir,
    migrated_database,
    opened,
    settings_with,
    show,
)
from trustwright.db import Database, Tx, Who
from trustwright.events.model import Source
from trustwright.records import actions as records
from trustwright.records.items import read_batch
from trustwright.records.model import ProviderType, SessionAction

KEPT = "demo.json"

PEOPLE = (
    ("maya.chen@northwind.example", "Maya", "Chen", [Role.TECHGOV]),
    ("omar.haddad@northwind.example", "Omar", "Haddad", [Role.DEVOPS_ENGINEER]),
    ("ines.costa@northwind.example", "Inês", "Costa", [Role.TRUST_CENTER_MANAGER, Role.REVIEWER]),
    ("jonas.weber@northwind.example", "Jonas", "Weber", [Role.INTERNAL_AUDITOR]),
)

LAPTOP: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "hostname": {"type": "string"},
        "owner": {"type": "string"},
        "os": {"type": "string"},
        "diskEncrypted": {"type": "boolean"},
        "lastSeen": {"type": "string"},
    },
    "required": ["hostname", "owner", "diskEncrypted"],
}

BACKUP: dict[str, Any] = {
    "type": "object",
    "properties": {
        "job": {"type": "string"},
        "finishedAt": {"type": "string"},
        "succeeded": {"type": "boolean"},
        "restoreTested": {"type": ["string", "null"]},
    },
    "required": ["job", "succeeded"],
}


def demo(as_json: AsJson = False, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Fill one believable account, once, and tell its API key."""
    settings = settings_with(data_dir, database_url)

    async def work(url: str) -> str:
        async with opened(url) as database:
            return await fill(database, settings.data_dir)

    with migrated_database(settings) as url:
        show({"account": "Northwind Health", "apiKey": asyncio.run(work(url))}, as_json)


async def fill(database: Database, data_dir: Path) -> str:
    """The demo account's API key. The account is made on the first call; the key is kept in the data directory."""
    kept = data_dir / KEPT
    if kept.exists():
        return str(json.loads(kept.read_text())["apiKey"])
    made = await make(database, "Northwind Health", "priya.raman@northwind.example", None)
    admin = Who(account_id=made.account.account_id, source=Source.APP, user_id=made.admin.id)
    async with database.begin(admin) as tx:
        for email, first_name, last_name, roles in PEOPLE:
            await accounts.create_user(tx, email, roles, None, first_name, last_name)
        await _push(tx, made.workspace.id, "Employee laptops", LAPTOP, "hostname", _laptops(40))
        await _push(tx, made.workspace.id, "Backup jobs", BACKUP, "job", _backups(12))
    data_dir.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        json.dump({"accountId": made.account.account_id, "apiKey": made.api_key}, file)
    return made.api_key


async def _push(
    tx: Tx, workspace_id: int, name: str, schema: dict[str, Any], display_key: str, items: list[dict[str, Any]]
) -> None:
    custom = records.CustomResource([workspace_id], display_key, json.dumps(schema).encode(), None)
    connection = await records.create_connection(tx, name, ProviderType.CUSTOM, None, custom)
    (resource,) = await records.resources_of(tx, [connection.id])
    batch = read_batch(json.dumps({"data": items}).encode(), len(items))
    await records.upload_to_session(tx, resource, "first-push", batch)
    await records.act_on_session(tx, resource, "first-push", SessionAction.COMPLETE)


def _laptops(count: int) -> list[dict[str, Any]]:
    dice = random.Random(7)  # noqa: S311
    return [
        {
            "id": f"laptop-{number:03d}",
            "hostname": f"nw-{dice.choice(('mbp', 'x1', 'xps'))}-{number:03d}",
            "owner": dice.choice(PEOPLE)[0],
            "os": dice.choice(("macOS 26.1", "Ubuntu 26.04", "Windows 11")),
            "diskEncrypted": dice.random() > 0.08,
            "lastSeen": _days_ago(dice.randrange(20)),
        }
        for number in range(1, count + 1)
    ]


def _backups(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"backup-{number:02d}",
            "job": f"nightly-{number:02d}",
            "finishedAt": _days_ago(number),
            "succeeded": number != 5,
            "restoreTested": _days_ago(30) if number % 4 == 0 else None,
        }
        for number in range(1, count + 1)
    ]


def _days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
