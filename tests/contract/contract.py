"""The contract, where it is at hand: its operations, and whether an answer of the server keeps it.

    alice = validating(acme.alice, "v2")
    alice.get("/public/v2/custom-connections")

Every answer that this client gets from now on is checked. Where the contract is absent nothing is checked, and pytest
says so."""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from trustwright.app import OPERATIONS
from trustwright.http.operations import Operation, Version

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("TRUSTWRIGHT_SHARED", ROOT.parent / "shared"))
FOLDER = SHARED / "contract"
PRESENT = (FOLDER / "v1.json").exists() and (FOLDER / "v2.json").exists()
ABSENT = f"no contract in {FOLDER}; TRUSTWRIGHT_SHARED names the folder above it"

required = pytest.mark.skipif(not PRESENT, reason=ABSENT)

JSON = "application/json; charset=utf-8"

# Decisions 3: these two are answered whatever the contract lists.
ALWAYS = {413, 429}


@cache
def contract(version: str) -> dict[str, Any]:
    """The contract's document of a version; without operations where it is absent."""
    empty: dict[str, Any] = {"paths": {}, "components": {}}
    return json.loads((FOLDER / f"{version}.json").read_text()) if PRESENT else empty


@cache
def operations(version: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Method and path of each operation of the contract."""
    paths = contract(version)["paths"].items()
    methods = ("get", "post", "put", "patch", "delete")
    return {(method.upper(), path): item[method] for path, item in paths for method in methods if method in item}


def shape(path: str) -> str:
    """A path without the names of its parameters, by which two spellings of it are the same."""
    return re.sub(r"\{\w+\}", "{}", path)


@cache
def documented(version: str, method: str, path: str) -> dict[str, Any] | None:
    """The contract's operation at a path, however its parameters are spelled there."""
    wanted = (method.upper(), shape(path))
    found = ((each, operation) for (each, at), operation in operations(version).items() if (each, shape(at)) == wanted)
    return next((operation for _, operation in found), None)


def check(response: httpx.Response, version: Version | str, method: str, path: str) -> None:
    """Fails unless the answer has a documented status, and the body and content type documented for it.

    `path` is the template, without the version's prefix: `/users/{userId}`."""
    version = str(version)
    operation = documented(version, method, path)
    if operation is None:
        assert not PRESENT, f"{version} {method} {path} is not in the contract"
        return
    status = response.status_code
    where = f"{version} {method} {path} answered {status}"
    assert status in allowed(operation, version) | ALWAYS, f"{where}; documented: {sorted(allowed(operation, version))}"
    content = _content(operation, version, status)
    if not content:
        assert response.content == b"", f"{where} with a body, where none is documented: {response.text[:200]}"
        return
    sent = response.headers["content-type"]
    if "application/json" not in content:
        assert sent.partition(";")[0] in content, f"{where} as {sent}"
    else:
        assert sent == JSON, f"{where} as {sent}"
        validator = _validator(version, method, path, status)
        faults = [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(response.json())]
        assert not faults, f"{where}, but its body breaks the contract: {faults[:5]}"
    if status >= 400:
        check_envelope(response, version)


def check_envelope(response: httpx.Response, version: Version | str) -> None:
    """The error body of the version: `name` in v2 only, and the status once more (Q7)."""
    body = response.json()
    names = {"statusCode", "message", "code"} | ({"name"} if str(version) == "v2" else set())
    assert set(body) == names
    assert body["statusCode"] == response.status_code
    assert isinstance(body["message"], str)
    assert body["message"]


def allowed(operation: dict[str, Any], version: str) -> set[int]:
    """The documented statuses, and what Q6 leaves an operation that does not list the fitting one."""
    listed = {int(status) for status in operation["responses"]}
    places = {_resolved(parameter, "parameters", version)["in"] for parameter in operation.get("parameters", ())}
    bad_shape = {400} if "requestBody" in operation or "query" in places else set()
    unknown = {404} if "path" in places and 400 not in listed else set()
    return listed | bad_shape | unknown


def validating(client: httpx.Client, version: Version | str) -> httpx.Client:
    """The client, which from now on checks every answer of this version's operations against the contract."""

    def hook(response: httpx.Response) -> None:
        response.read()
        method, path = response.request.method, response.request.url.raw_path.decode().split("?")[0]
        rest = _rest(str(version), path)
        if not PRESENT or rest is None or _is_extension(version, method, rest):
            return
        template = _template(str(version), method, rest)
        if template is not None:
            check(response, version, method, template)
        else:
            assert response.status_code in (404, 405), f"{version} {method} {rest} is not in the contract"
            check_envelope(response, version)

    client.event_hooks = {**client.event_hooks, "response": [*client.event_hooks["response"], hook]}
    return client


def _rest(version: str, path: str) -> str | None:
    """The path below the version's prefix; None when it belongs to another version, or to none."""
    prefixes = {"v1": ("/public/v1", "/public"), "v2": ("/public/v2",)}
    if version == "v1" and path.startswith("/public/v2/"):
        return None
    return next((path.removeprefix(prefix) for prefix in prefixes[version] if path.startswith(f"{prefix}/")), None)


def _is_extension(version: str, method: str, rest: str) -> bool:
    extensions = (each for each in OPERATIONS if each.extension and each.version == version and each.method == method)
    return any(_fits(rest, operation.path) for operation in extensions)


def _template(version: str, method: str, path: str) -> str | None:
    """Where two templates fit, the one with more of the path in it is meant, as the router has it."""
    fitting = [at for each, at in operations(version) if each == method and _fits(path, at)]
    return min(fitting, key=lambda at: at.count("{"), default=None)


def _fits(path: str, template: str) -> bool:
    return _pattern(template).fullmatch(path) is not None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)))


def _content(operation: dict[str, Any], version: str, status: int) -> dict[str, Any]:
    response = operation["responses"].get(str(status))
    if response is not None:
        content: dict[str, Any] = _resolved(response, "responses", version).get("content", {})
        return content
    name = "ExceptionResponsePublicV2Dto" if version == "v2" else "ExceptionResponseDto"
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _resolved(node: dict[str, Any], kind: str, version: str) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    name = node["$ref"].rpartition("/")[2]
    found: dict[str, Any] = contract(version)["components"][kind][name]
    return found


@cache
def _validator(version: str, method: str, path: str, status: int) -> jsonschema_rs.Draft202012Validator:
    operation = documented(version, method, path)
    assert operation is not None
    schema = _content(operation, version, status)["application/json"]["schema"]
    components = contract(version)["components"]
    return jsonschema_rs.Draft202012Validator({**schema, "components": components}, validate_formats=True)


def domain(operation: Operation) -> str:
    """The domain that declares an operation."""
    return operation.handler.__module__.split(".")[1]


def label(operation: Operation) -> str:
    """How tests name an operation."""
    return f"{operation.version} {operation.method} {operation.path}"
