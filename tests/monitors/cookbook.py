"""Reads the recipes: monitors as a team would write them, with records that pass, that fail, and that set a trap."""

import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from trustwright import plain_yaml
from trustwright.db import Tx
from trustwright.monitors import actions
from trustwright.monitors.model import Draft
from trustwright.records import actions as records
from trustwright.records.items import read_batch
from trustwright.records.model import ProviderType, SessionAction

FOLDER = Path(__file__).parent / "recipes"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))

MOMENT = re.compile(r"\{\{(now|naive|date|seconds|milliseconds)([+-]\d+)([dh])\}\}")


class Expectation(Struct, frozen=True):
    """What a record comes to: pass, fail or outOfScope; None where only all records together count. `because`: what one
    of its causes says, among other things."""

    record_id: str
    outcome: str | None
    because: dict[str, Any] | None


@cache
def recipe(name: str) -> dict[str, Any]:
    """A recipe as it is written, its moments put in the place of words like `{{now-3d}}`."""
    read = plain_yaml.read((FOLDER / f"{name}.yaml").read_bytes(), deepest=40)
    found: dict[str, Any] = dated(read, datetime.now(UTC))
    return found


def dated(value: Any, now: datetime) -> Any:
    if isinstance(value, dict):
        return {key: dated(inner, now) for key, inner in value.items()}
    if isinstance(value, list):
        return [dated(inner, now) for inner in value]
    if not isinstance(value, str) or not (found := MOMENT.fullmatch(value)):
        return value
    form, count, unit = found.groups()
    at = now + timedelta(**{"days" if unit == "d" else "hours": int(count)})
    return {
        "now": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "naive": at.strftime("%Y-%m-%d %H:%M:%S"),
        "date": at.strftime("%Y-%m-%d"),
        "seconds": int(at.timestamp()),
        "milliseconds": int(at.timestamp() * 1000),
    }[form]


def resources(recipe: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The resources of a recipe by name; the only one of most is called `this`."""
    found: dict[str, dict[str, Any]] = recipe.get("resources") or {"this": recipe}
    return found


def expectations(resource: dict[str, Any]) -> list[Expectation]:
    """What becomes of the records of a resource."""
    given = resource["records"]
    return [
        *(Expectation(each["id"], "pass", None) for each in given.get("passing", [])),
        *(Expectation(each["id"], None, None) for each in given.get("others", [])),
        *(Expectation(each["record"]["id"], "fail", each["because"]) for each in given.get("failing", [])),
        *(Expectation(each["record"]["id"], each["expect"], None) for each in given.get("traps", [])),
    ]


def records_of(resource: dict[str, Any]) -> list[dict[str, Any]]:
    given = resource["records"]
    wrapped = [*given.get("failing", []), *given.get("traps", [])]
    return [*given.get("passing", []), *given.get("others", []), *(each["record"] for each in wrapped)]


async def draft_of(tx: Tx, workspace_id: int, recipe: dict[str, Any]) -> Draft:
    """Connects a workspace to the resources of a recipe, pushes their records, and has its monitor checked against
    them. It is not enabled, so that no job runs it."""
    ids = {name: await _connect(tx, workspace_id, name, each) for name, each in resources(recipe).items()}
    groups = [
        {"connectionId": ids[group["resource"]][0], "resourceId": ids[group["resource"]][1], **_without_name(group)}
        for group in recipe["monitor"]["groups"]
    ]
    about = {"name": recipe["name"], "description": recipe.get("description"), "enabled": False}
    return await actions.checked_draft(tx, workspace_id, {**about, **recipe["monitor"], "groups": groups})


def _without_name(group: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in group.items() if key != "resource"}


async def _connect(tx: Tx, workspace_id: int, name: str, given: dict[str, Any]) -> tuple[int, int]:
    schema = json.dumps(given["schema"]).encode()
    custom = records.CustomResource([workspace_id], given["displayNameKey"], schema, None)
    connection = await records.create_connection(tx, name, ProviderType.CUSTOM, None, custom)
    (resource,) = await records.resources_of(tx, [connection.id])
    if items := records_of(given):
        batch = read_batch(json.dumps({"data": items}).encode(), len(items))
        uploaded = await records.upload_to_session(tx, resource, "recipe", batch)
        assert [item.fault for item in uploaded.items] == [None] * len(items)
        await records.act_on_session(tx, resource, "recipe", SessionAction.COMPLETE)
    return connection.id, resource.id
