"""The description of the API: from the route tables and the annotations of their handlers to OpenAPI 3.1."""

import re
from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec

from trustwright.accounts.model import ENTITLEMENT_LABELS
from trustwright.errors import NAMES, Problem
from trustwright.http import query, uploads
from trustwright.http.answers import envelope
from trustwright.http.examples import declared_examples, example
from trustwright.http.operations import Operation, Reply, Version
from trustwright.http.wire import MAX_ID

Json = dict[str, Any]

SCHEMAS = "#/components/schemas/"
SERVERS = {Version.V1: "/public", Version.V2: "/public/v2"}
JSON = "application/json"

# What the code says to its readers, and not to the readers of the API.
SOURCES = re.compile(r"\s*\((?:Q\d+|decisions? \d+)[^)]*\)")

INTRODUCTION = """Send the API key as `Authorization: Bearer <key>`. Every answer carries `X-Request-Id`: name it when
you report a problem. Unknown properties of JSON bodies are ignored.

Lists: {lists}

The checks come in this order: key (401), terms (412), plan (402), permission (403), the form of the request (400),
whether the object exists (404), its state (409, 422). An object of another account does not exist."""

LISTS = {
    Version.V1: "`page` and `limit`; a page past the end is empty.",
    Version.V2: "`cursor` and `size`; the last page has `cursor` null, and a cursor fits only the list that gave it.",
}


class Undescribed(TypeError):
    """An operation whose annotations do not say what it takes or answers; its declaration must."""


def document(version: Version, operations: list[Operation]) -> Json:
    """The OpenAPI document of one version. Raises Undescribed."""
    ours = [operation for operation in operations if operation.version is version]
    described, schemas = _schemas(ours)
    paths: dict[str, Json] = {}
    for operation, parts in zip(ours, described, strict=True):
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, parts, schemas)
    for parts in described:
        # Each of their fields is a parameter by now.
        for place in ("path", "filters", "headers"):
            schemas.pop(_name(parts[place]) if place in parts else "", None)
    statuses = sorted({status for operation in ours for status in error_statuses(operation)})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Trustwright API",
            "version": version.value,
            "description": INTRODUCTION.format(lists=LISTS[version]),
        },
        "servers": [{"url": SERVERS[version]}],
        "security": [{"bearer": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(_tag(operation) for operation in ours)],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "API_KEY"}},
            "responses": {f"Error{status}": _error(status, version) for status in statuses},
            "schemas": schemas | {"Error": _error_schema(version)},
        },
    }


def error_statuses(operation: Operation) -> list[int]:
    """What an operation may answer besides success: what it lists, and what Q6 leaves where the fitting status is not
    listed."""
    found = set(operation.statuses)
    if takes_body(operation):
        found |= {400, 413}
    if "filters" in operation.hints or operation.headers:
        found.add(400)
    if "{" in operation.path and 400 not in operation.errors:
        found.add(404)
    return sorted(found)


def takes_body(operation: Operation) -> bool:
    return operation.body is not None or not {"body", "form"}.isdisjoint(operation.hints)


def answers(operation: Operation) -> dict[int, Any]:
    """The type of each successful answer; None for one without a body, a type for each media type where there are
    several. Raises Undescribed."""
    if operation.answers is not None:
        return operation.answers
    kind = operation.hints.get("return", Reply)
    if kind is Reply:
        raise Undescribed(f"{operation.name} returns a Reply: declare `answers` on its operation")
    return dict.fromkeys(operation.success, None if kind is type(None) else kind)


def _wire_types(operation: Operation) -> dict[str, Any]:
    hints = operation.hints
    found: dict[str, Any] = {name: hints[name] for name in ("path", "filters") if name in hints}
    if operation.headers:
        found["headers"] = operation.headers
    if "form" in hints:
        found["body"] = uploads.described(hints["form"])
    elif takes_body(operation):
        found["body"] = operation.body or hints["body"]
    if found.get("body") is bytes:
        raise Undescribed(f"{operation.name} reads the raw body: declare `body` on its operation")
    return found | {
        f"{status} {media_type}": kind
        for status, answered in answers(operation).items()
        for media_type, kind in _forms(answered).items()
    }


def _forms(answered: Any) -> dict[str, Any]:
    """The type of a successful answer for each media type that it may have."""
    if answered is None:
        return {}
    return answered if isinstance(answered, dict) else {JSON: answered}


def _schemas(operations: list[Operation]) -> tuple[list[Json], Json]:
    """For each operation the schema of each of its wire types, and the components that these refer to."""
    kinds = [_wire_types(operation) for operation in operations]
    flat = [kind for wanted in kinds for kind in wanted.values()]
    shown = declared_examples(flat)
    roots, components = msgspec.json.schema_components([*flat, *shown], ref_template=SCHEMAS + "{name}")
    for kind, schema in zip(shown.values(), list(roots)[len(flat) :], strict=True):
        components[_name(schema)]["examples"] = [kind]
    names = {name: _identifier(name, schema) for name, schema in components.items()}
    cleaned = iter([_cleaned(schema, names) for schema in roots])
    schemas = {}
    for name, schema in components.items():
        schemas[names[name]] = _cleaned(schema, names) | {"title": names[name]}
    return [{part: next(cleaned) for part in wanted} for wanted in kinds], schemas


def _identifier(name: str, schema: Json) -> str:
    """`CursorPage[Workspace]` becomes `CursorPageOfWorkspace`; other names stay."""
    title = schema.get("title", name)
    return re.sub(r"\W+", "Of", title.rstrip("]")) if "[" in title else name


def _cleaned(node: Any, names: dict[str, str]) -> Any:
    """The schema with its components' new names, and without the sources that descriptions name."""
    if isinstance(node, list):
        return [_cleaned(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    result = {key: _cleaned(value, names) for key, value in node.items()}
    if isinstance(result.get("$ref"), str):
        result["$ref"] = SCHEMAS + names[_name(result)]
    if isinstance(result.get("enum"), list) and all(isinstance(item, str) for item in result["enum"]):
        result["type"] = "string"
    if isinstance(result.get("description"), str):
        result["description"] = SOURCES.sub("", result["description"])
    return result


def _name(schema: Json) -> str:
    return str(schema.get("$ref", "")).removeprefix(SCHEMAS)


def _operation(operation: Operation, parts: Json, schemas: Json) -> Json:
    described: Json = {
        "operationId": _camel(operation.name),
        "summary": SOURCES.sub("", operation.summary.splitlines()[0]).rstrip(".").replace("`", ""),
        "description": _requirements(operation),
        "tags": [_tag(operation)],
        "parameters": [*_parameters(operation, parts, schemas)],
    }
    if "body" in parts:
        described["requestBody"] = {"required": True, "content": _taken(operation, parts["body"], schemas)}
    described["responses"] = _responses(operation, parts, schemas)
    described["x-permissions"] = [permission.value for permission in operation.permissions]
    if operation.entitlement:
        described["x-entitlement"] = operation.entitlement.value
    if operation.extension:
        described["x-extension"] = True
    return described


def _requirements(operation: Operation) -> str:
    labels = " or ".join(f"**{permission.label}** (`{permission.value}`)" for permission in operation.permissions)
    text = f"Permission: {labels}."
    if operation.entitlement:
        text += f"\n\nPlan: **{ENTITLEMENT_LABELS[operation.entitlement]}** (`{operation.entitlement.value}`)."
    if operation.extension:
        text += "\n\nAn extension of Trustwright."
    return text


def _parameters(operation: Operation, parts: Json, schemas: Json) -> Iterator[Json]:
    struct = schemas[_name(parts["path"])] if "path" in parts else {"properties": {}}
    for name in re.findall(r"\{(\w+)\}", operation.path):
        schema = dict(struct["properties"].get(name, {"type": "string"}))
        if schema.get("type") == "integer":
            schema = {"minimum": 1, "maximum": MAX_ID, **schema}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for part, place in (("filters", "query"), ("headers", "header")):
        struct = schemas[_name(parts[part])] if part in parts else {"properties": {}}
        texts = query.kinds(operation.hints["filters"]) if part == "filters" and part in parts else {}
        for name, schema in struct["properties"].items():
            # msgspec gives a moment no format where its offset may be left out.
            form = {"format": "date-time"} if texts.get(name) is datetime else {}
            yield _parameter(name, place, _without_null(schema) | form, required=name in struct["required"])


def _parameter(name: str, place: str, schema: Json, *, required: bool) -> Json:
    described: Json = {"name": name, "in": place, "required": required, "schema": schema}
    if "description" in schema:
        described["description"] = schema.pop("description")
    if schema.get("type") == "array":
        schema.pop("default", None)
        described |= {"name": f"{name}[]", "style": "form", "explode": True}
    return described


def _without_null(schema: Json) -> Json:
    """A parameter is absent, never null."""
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    if rest.get("default", ...) is None:
        del rest["default"]
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) > 1:
        return {"anyOf": kinds, **rest}
    return {**kinds[0], **rest} if kinds else rest


def _responses(operation: Operation, parts: Json, schemas: Json) -> Json:
    described: Json = {}
    for status, answered in answers(operation).items():
        described[str(status)] = {"description": HTTPStatus(status).phrase}
        if forms := _forms(answered):
            shown = {media_type: parts[f"{status} {media_type}"] for media_type in forms}
            described[str(status)]["content"] = {each: _shown(schema, schemas) for each, schema in shown.items()}
    for status in error_statuses(operation):
        described[str(status)] = {"$ref": f"#/components/responses/Error{status}"}
    return described


def _taken(operation: Operation, schema: Json, schemas: Json) -> Json:
    shown = _shown(schema, schemas)
    if "form" not in operation.hints:
        return {JSON: shown}
    return {uploads.MULTIPART: shown} | ({JSON: shown} if operation.also_json else {})


def _shown(schema: Json, schemas: Json) -> Json:
    return {"schema": schema, "example": example(schema, schemas)}


def _error(status: int, version: Version) -> Json:
    """The error answer of a status, with the words of its kind."""
    kinds = [kind for kind in Problem.__subclasses__() if kind.__module__ == Problem.__module__]
    kind = next((kind for kind in kinds if kind.status == status), Problem)
    shown = envelope(kind(), status, version) if status in NAMES else None
    content: Json = {"schema": {"$ref": f"{SCHEMAS}Error"}}
    return {"description": kind.sentence, "content": {JSON: content | ({"example": shown} if shown else {})}}


def _error_schema(version: Version) -> Json:
    properties: Json = {
        "statusCode": {"type": "integer", "description": "The HTTP status."},
        "message": {"type": "string", "description": "What is wrong, and what to do."},
        "code": {"type": "integer", "description": "The kind of error; 28022: a record does not fit its schema."},
    }
    if version is Version.V2:
        properties = {"name": {"type": "string", "enum": sorted(set(NAMES.values()))}, **properties}
    return {"title": "Error", "type": "object", "properties": properties, "required": list(properties)}


def _tag(operation: Operation) -> str:
    """All that belongs to the trust center stands together, and the rest by domains."""
    domain = operation.handler.__module__.split(".")[-2]
    return ("trust center" if operation.path.startswith("/trust-center/") else domain).capitalize()


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
