"""Monitors as files (docs/monitors.md): definitions in words that hold in every installation. Connections stand there
by alias and controls by code."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any
from unicodedata import normalize

from msgspec import Struct

from trustwright import plain_yaml
from trustwright.monitors.definitions import parse_draft, rendered_definition
from trustwright.monitors.model import Draft, Fault

ENDING = ".yaml"
# A condition may be nested 20 deep; each level of it is up to three of YAML, and some stand around it.
DEEPEST = 70
LONGEST_SLUG = 100

IDS = ("connectionId", "resourceId")


class Source(Struct, frozen=True):
    """The resource of a connection."""

    connection_id: int
    resource_id: int


class Names(Struct, frozen=True):
    """What files call the things of a workspace: connections that serve it by alias, and controls by code. An alias
    that several have, or one whose connection has not just one resource, names nothing: its source is None."""

    sources: dict[str, Source | None]
    controls: dict[str, int]

    def alias_of(self, source: Source) -> str | None:
        """How a file names a resource; None where only ids can."""
        return next((alias for alias, each in self.sources.items() if each == source), None)


class File(Struct, frozen=True):
    """A file of a folder of monitors, by its name there."""

    name: str
    text: bytes


class Reading(Struct, frozen=True, kw_only=True):
    """What came of a file: the name that it gives its monitor, if it can be read that far, what it says, if all is
    well, and what is wrong with it."""

    file: str
    name: str | None
    body: Any
    draft: Draft | None
    faults: list[Fault]


def read(file: File, names: Names) -> Reading:
    """What a file says. Resources and their fields are not looked at here."""
    faults: list[Fault] = []
    try:
        value = plain_yaml.read(file.text, deepest=DEEPEST)
    except plain_yaml.NotPlain as error:
        return Reading(file=file.name, name=None, body=None, draft=None, faults=[Fault("", str(error))])
    body = body_of(value, names, faults)
    draft = None if body is None else parse_draft(body, faults)
    name = body.get("name") if body is not None else None
    return Reading(
        file=file.name,
        name=name if isinstance(name, str) else None,
        body=body,
        draft=None if faults else draft,
        faults=faults,
    )


def body_of(value: Any, names: Names, faults: list[Fault]) -> dict[str, Any] | None:
    """The body that the API takes for what a file says; what cannot be translated becomes a fault, and is left out."""
    if not isinstance(value, dict):
        faults.append(Fault("", "must be a monitor: an object with `name` and `groups`"))
        return None
    body = dict(value)
    if "controlIds" in body:
        faults.append(Fault("controlIds", "ids differ between installations; list the codes under `controls`"))
        del body["controlIds"]
    if "controls" in body:
        body["controlIds"] = _control_ids(body.pop("controls"), names, faults)
    if isinstance(groups := body.get("groups"), list):
        body["groups"] = [_with_ids(group, names, f"groups[{place}]", faults) for place, group in enumerate(groups)]
    return body


def document_of(draft: Draft, names: Names) -> dict[str, Any]:
    """What a file says of a monitor, its keys in the order in which they are written."""
    codes = {control_id: code for code, control_id in names.controls.items()}
    document: dict[str, Any] = {"name": draft.name}
    if draft.description is not None:
        document["description"] = draft.description
    document["enabled"] = draft.is_enabled
    document["controls"] = sorted(codes[control_id] for control_id in draft.control_ids if control_id in codes)
    document |= rendered_definition(draft.definition)
    if not draft.definition.allow_unknown:
        del document["allowUnknownFields"]
    document["groups"] = [_written_group(group, names) for group in document["groups"]]
    return document


def written(document: dict[str, Any]) -> bytes:
    """The text of a file."""
    return plain_yaml.write(document).encode()


def key_of(name: str) -> str:
    """What is the same for names that differ in case only, which two monitors must not."""
    return name.strip().lower()


def free_file_name(name: str, taken: set[str]) -> str:
    """A name for the file of a monitor: `Disks are encrypted` stands in `disks-are-encrypted.yaml`."""
    ascii_ = normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("'", "")
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_)[:LONGEST_SLUG].strip("-") or "monitor"
    number, found = 1, slug + ENDING
    while found in taken:
        number += 1
        found = f"{slug}-{number}{ENDING}"
    return found


def nearest(word: str, known: Sequence[str], *, else_: str = "") -> str:
    """The end of a message about an unknown word."""
    close = get_close_matches(word, known, 1)
    return f"; did you mean {close[0]!r}?" if close else else_


def _control_ids(value: Any, names: Names, faults: list[Fault]) -> list[int]:
    if not isinstance(value, list):
        faults.append(Fault("controls", "must be a list of codes of controls"))
        return []
    found = []
    for place, code in enumerate(value):
        control_id = names.controls.get(code) if isinstance(code, str) else None
        if control_id is None:
            hint = nearest(str(code), list(names.controls))
            faults.append(Fault(f"controls[{place}]", f"no control of this workspace has the code {code!r}{hint}"))
        else:
            found.append(control_id)
    return found


def _with_ids(group: Any, names: Names, place: str, faults: list[Fault]) -> Any:
    """A group with ids in the place of its alias."""
    if not isinstance(group, dict) or "connection" not in group:
        return group
    rest = {key: value for key, value in group.items() if key != "connection"}
    if any(key in rest for key in IDS):
        faults.append(Fault(f"{place}.connection", "name the connection by alias or by ids, not by both"))
        return rest
    source = _source_of(group["connection"], names, f"{place}.connection", faults)
    # Faults of ids that nobody wrote would only hide what is wrong.
    return {"connectionId": source.connection_id, "resourceId": source.resource_id, **rest}


def _source_of(alias: Any, names: Names, place: str, faults: list[Fault]) -> Source:
    if isinstance(alias, str) and (source := names.sources.get(alias)):
        return source
    if isinstance(alias, str) and alias in names.sources:
        message = f"not just one resource is called {alias!r}; write connectionId and resourceId instead"
    else:
        none = (
            "; there is none" if not names.sources else f"; there are {', '.join(map(repr, list(names.sources)[:5]))}"
        )
        message = f"no connection {alias!r} serves this workspace{nearest(str(alias), list(names.sources), else_=none)}"
    faults.append(Fault(place, message))
    return Source(1, 1)


def _written_group(group: dict[str, Any], names: Names) -> dict[str, Any]:
    alias = names.alias_of(Source(group["connectionId"], group["resourceId"]))
    ids = {key: group[key] for key in IDS} if alias is None else {"connection": alias}
    rest = {key: value for key, value in group.items() if key not in IDS and value is not None}
    return {**ids, **rest}
