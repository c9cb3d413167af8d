"""The demo account's monitors: what three systems push, six tests of it, and the controls that follow them."""

import json
import random
from datetime import timedelta
from typing import Any

from trustwright.cli import demo_store
from trustwright.db import Database, Tx, Who
from trustwright.monitors import actions, concluding
from trustwright.monitors.evaluating import Aim, evaluate, sources_of
from trustwright.monitors.model import Cause, Definition, Monitor
from trustwright.records import actions as records
from trustwright.records.items import read_batch
from trustwright.records.model import ProviderType, Resource, SessionAction
from trustwright.settings import Settings
from trustwright.trust_page.actions import controls_of

TEXT = {"type": "string"}
MOMENT = {"type": "string", "description": "ISO 8601"}

INVENTORY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "arn": TEXT,
        "evidenceType": {"type": "string", "enum": ["bucket", "database", "accessKey", "securityGroup"]},
        "region": TEXT,
        "tags": {"type": "object", "additionalProperties": TEXT},
        "encryption": {"type": "object", "properties": {"enabled": {"type": "boolean"}, "algorithm": TEXT}},
        "rotatedAt": MOMENT,
        "rules": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "cidrs": {"type": "array", "items": TEXT},
                    "ports": {"type": "array", "items": {"type": "integer"}},
                },
            },
        },
    },
    "required": ["arn", "evidenceType"],
}

DEVICE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "hostname": TEXT,
        "owner": TEXT,
        "state": {"type": "string", "enum": ["in use", "in stock", "lost"]},
        "diskEncrypted": {"type": "boolean"},
        "lockAfterSeconds": {"type": ["integer", "null"]},
        "lastSeen": MOMENT,
    },
    "required": ["hostname", "state"],
}

TRAINING: dict[str, Any] = {
    "type": "object",
    "properties": {
        "email": TEXT,
        "course": TEXT,
        "hiredAt": MOMENT,
        "completedAt": {"type": ["string", "null"]},
        "score": {"type": ["number", "null"]},
    },
    "required": ["email", "course"],
}


def leaf(fact: str, operator: str, value: Any, path: str | None = None) -> dict[str, Any]:
    return {"fact": fact, **({"path": path} if path else {}), "operator": operator, "value": value}


def only(*evidence: str) -> dict[str, Any]:
    """The records of some types of evidence."""
    return {"mode": "inclusion", "evaluator": {"all": [leaf("evidenceType", "in", list(evidence))]}}


IN_USE = {"mode": "inclusion", "evaluator": {"all": [leaf("state", "equal", "in use")]}}
LETS_NOBODY_IN = {
    "any": [
        leaf("cidrs", "doesNotContain", "0.0.0.0/0"),
        leaf("ports", "all", leaf("@", "notIn", [22, 3389])),
    ]
}

# Name, description, connection, codes of controls, and groups; then the records left out, each with the reason.
MONITORS: tuple[tuple[str, str, str, list[str], list[dict[str, Any]], dict[str, str]], ...] = (
    (
        "Storage and databases are encrypted at rest",
        "Buckets and databases of production, by an algorithm that is still good.",
        "AWS inventory",
        ["DS-1"],
        [
            {
                "filteringCriteria": only("bucket", "database"),
                "evaluator": {
                    "all": [
                        leaf("encryption", "equal", True, "enabled"),
                        leaf("encryption", "in", ["AES256", "aws:kms"], "algorithm"),
                    ]
                },
            }
        ],
        {"bucket-03": "Holds the pictures of the public web site, and nothing else."},
    ),
    (
        "Ports of administration are closed to the internet",
        "A rule that lets the whole internet in may open neither SSH nor RDP.",
        "AWS inventory",
        ["NS-2"],
        [
            {
                "filteringCriteria": only("securityGroup"),
                "evaluator": {"all": [leaf("rules", "all", LETS_NOBODY_IN)]},
            }
        ],
        {},
    ),
    (
        "Access keys are rotated within 90 days",
        "Every key of the cloud account, of people and of services.",
        "AWS inventory",
        [],
        [
            {
                "filteringCriteria": only("accessKey"),
                "evaluator": {"all": [leaf("rotatedAt", "withinLastDays", 90)]},
            }
        ],
        {},
    ),
    (
        "Laptops are encrypted and lock themselves",
        "Devices in use; a lock after more than 15 minutes is none.",
        "Workforce devices",
        ["ES-1"],
        [
            {
                "filteringCriteria": IN_USE,
                "evaluator": {
                    "all": [
                        leaf("diskEncrypted", "equal", True),
                        leaf("lockAfterSeconds", "greaterThan", 0),
                        leaf("lockAfterSeconds", "lessThanOrEqual", 900),
                    ]
                },
            }
        ],
        {"device-11": "Shows the dashboard in the operations room; it holds no data."},
    ),
    (
        "Nine of ten devices reported within the last week",
        "What does not report may be lost, or was never handed in.",
        "Workforce devices",
        [],
        [
            {
                "filteringCriteria": IN_USE,
                "population": {
                    "kind": "percent",
                    "where": {"all": [leaf("lastSeen", "withinLastDays", 7)]},
                    "operator": "greaterThanOrEqual",
                    "value": 90,
                },
            }
        ],
        {},
    ),
    (
        "Everybody passed this year's security training",
        "Who joined within the last month has time; and nobody is listed twice.",
        "Security training",
        ["CS-1"],
        [
            {
                "filteringCriteria": {
                    "mode": "exclusion",
                    "evaluator": {"all": [leaf("hiredAt", "withinLastDays", 30)]},
                },
                "evaluator": {
                    "all": [leaf("completedAt", "withinLastDays", 365), leaf("score", "greaterThanOrEqual", 80)]
                },
            },
            {"population": {"kind": "unique", "fact": "email"}},
        ],
        {},
    ),
)


async def add_monitors(database: Database, settings: Settings, who: Who, workspace_id: int) -> None:
    """Pushes the records, makes the monitors, and runs each once; what they find is taken over by the controls. Their
    month before that is written down as it would have been."""
    async with database.begin(who) as tx:
        sources = {
            "AWS inventory": await push(tx, workspace_id, "AWS inventory", INVENTORY, "arn", _inventory(tx)),
            "Workforce devices": await push(tx, workspace_id, "Workforce devices", DEVICE, "hostname", _devices(tx)),
            "Security training": await push(tx, workspace_id, "Security training", TRAINING, "email", _trainings(tx)),
        }
    # What was pushed is seen by a later transaction. In one with its run no job can come between.
    async with database.begin(who) as tx:
        codes = {control.code: control.id for control in await controls_of(tx, workspace_id)}
        for name, description, source, controls, groups, exclusions in MONITORS:
            ids = {"connectionId": sources[source].connection_id, "resourceId": sources[source].id}
            body = {
                "name": name,
                "description": description,
                "controlIds": [codes[code] for code in controls],
                "groups": [{**ids, **group} for group in groups],
            }
            draft = await actions.checked_draft(tx, workspace_id, body)
            monitor = await actions.create_monitor(tx, workspace_id, draft)
            for target_id, reason in exclusions.items():
                await actions.exclude(tx, monitor, target_id, reason)
            await _run(tx, monitor, draft.definition, settings.monitor_time_limit)
        await demo_store.backdate_monitors(tx)
        await demo_store.add_past_runs(tx)
        await demo_store.add_past_failures(tx)


async def _run(tx: Tx, monitor: Monitor, definition: Definition, seconds: int) -> None:
    begun = await concluding.begin(tx, monitor.id, Cause.MANUAL, seconds)
    aim = Aim(targets=begun.targets, run_id=begun.run.id, seconds=seconds)
    outcome = await evaluate(tx, definition, await sources_of(tx, definition), aim)
    await concluding.conclude(tx, begun, definition, outcome)


async def push(
    tx: Tx, workspace_id: int, name: str, schema: dict[str, Any], display_key: str, items: list[dict[str, Any]]
) -> Resource:
    """A new connection whose live records came with one session; its resource."""
    custom = records.CustomResource([workspace_id], display_key, json.dumps(schema).encode(), None)
    connection = await records.create_connection(tx, name, ProviderType.CUSTOM, None, custom)
    (resource,) = await records.resources_of(tx, [connection.id])
    batch = read_batch(json.dumps({"data": items}).encode(), len(items))
    await records.upload_to_session(tx, resource, "first-push", batch)
    await records.act_on_session(tx, resource, "first-push", SessionAction.COMPLETE)
    return resource


def dice_of(seed: int) -> random.Random:
    """Chances that fall the same way in every demo."""
    return random.Random(seed)  # noqa: S311 - nothing of it is a secret


def _inventory(tx: Tx) -> list[dict[str, Any]]:
    """Ten each of buckets, databases, keys and security groups."""
    dice = dice_of(11)
    found: list[dict[str, Any]] = []
    for number in range(1, 11):
        region = dice.choice(("eu-north-1", "eu-west-1"))
        about = {"region": region, "tags": {"owner": dice.choice(("platform", "portal", "data"))}}
        kinds: dict[str, dict[str, Any]] = {
            "bucket": {"encryption": {"enabled": number not in (3, 8), "algorithm": "AES256"}},
            "database": {"encryption": {"enabled": True, "algorithm": "aws:kms"}},
            "accessKey": {"rotatedAt": _ago(tx, days=120 if number == 4 else dice.randrange(80))},
            "securityGroup": {
                "rules": [{"cidrs": ["0.0.0.0/0"], "ports": [443]}, {"cidrs": ["10.0.0.0/8"], "ports": [22]}]
            },
        }
        found += [
            {"id": f"{kind}-{number:02d}", "arn": f"arn:{kind}/{number:02d}", "evidenceType": kind, **about, **more}
            for kind, more in kinds.items()
        ]
    return found


def _rule(cidr: str, port: int) -> dict[str, Any]:
    return {"cidrs": [cidr], "ports": [port]}


def _devices(tx: Tx) -> list[dict[str, Any]]:
    dice = dice_of(13)
    return [
        {
            "id": f"device-{number:02d}",
            "hostname": f"nw-{dice.choice(('mbp', 'x1', 'xps'))}-{number:03d}",
            "owner": f"{dice.choice(('ann', 'ben', 'cid', 'dee'))}.{number}@northwind.example",
            "state": "in stock" if number % 13 == 0 else "lost" if number == 40 else "in use",
            "diskEncrypted": number not in (7, 40),
            "lockAfterSeconds": None if number == 11 else 3600 if number == 21 else dice.choice((300, 600, 900)),
            "lastSeen": _ago(tx, days=12 if number in (5, 29) else dice.randrange(6)),
        }
        for number in range(1, 41)
    ]


def _trainings(tx: Tx) -> list[dict[str, Any]]:
    """The last three joined a few days ago."""
    dice = dice_of(17)
    return [
        {
            "id": f"person-{number:02d}",
            "email": f"person.{number:02d}@northwind.example",
            "course": "Security for everybody",
            "hiredAt": _ago(tx, days=5 if number > 37 else 400 + dice.randrange(900)),
            "completedAt": None if number > 37 else _ago(tx, days=dice.randrange(300)),
            "score": None if number > 37 else 80 + dice.randrange(21),
        }
        for number in range(1, 41)
    ]


def _ago(tx: Tx, *, days: int) -> str:
    return (tx.now - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
