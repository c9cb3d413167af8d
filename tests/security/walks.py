"""Everything that can be asked and sent, on the things of one account."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import psycopg

from tests.contract.test_schemathesis import Seeded
from tests.documents import pdf
from tests.security.inside import InsideDemo
from trustwright.app import CONSOLE, OPERATIONS
from trustwright.console.visits import Button, FormPage, Page
from trustwright.http.examples import example
from trustwright.http.openapi import SERVERS, document
from trustwright.http.operations import Operation, Version

Json = dict[str, Any]

Route = Operation | Page | FormPage | Button

# What ends something comes after what needs it.
ENDING = re.compile(r"revoke|deny|deactivate")


class Addresses:
    """Where the things of the demo account are, for each operation and each page. Makes what is missing."""

    def __init__(self, demo: InsideDemo) -> None:
        seeded = Seeded(demo.account)
        with psycopg.connect(demo.database_url) as connection:
            code = connection.execute("select min(code) from trust_controls where code <> ''").fetchone()
        self.ids: dict[str, Json] = {}
        for operation in OPERATIONS:
            self.ids[operation.path] = {"code": code and code[0], **seeded.at(operation.path)}
        for page in CONSOLE:
            self.ids[page.path] = demo.things_of(page.path)

    def of(self, route: Route, **others: object) -> str:
        """The address of a route, `others` in the places of some of its ids."""
        ids = {**self.ids[route.path], **others}
        path = re.sub(r"\{(\w+)\}", lambda name: str(ids[name[1]]), route.path)
        if isinstance(route, Operation):
            return SERVERS[route.version] + path
        return f"{path}?id={ids['record_id']}" if path.endswith("/records") else path

    def at_numbers(self, route: Route, numbers: list[int]) -> str:
        """The same, with a number in the place of each id that is one."""
        ids = self.ids[route.path]
        names = [name for name in re.findall(r"\{(\w+)\}", route.path) if isinstance(ids[name], int)]
        return self.of(route, **dict(zip(names, numbers, strict=False)))

    def example(self, operation: Operation) -> Json:
        """What the operation's description gives as an example of a request, as arguments of a client."""
        whole = described_by(operation.version)
        described, schemas = whole["paths"][operation.path][operation.method.lower()], whole["components"]["schemas"]
        needed = [each for each in described["parameters"] if each["in"] == "query" and each["required"]]
        params = {each["name"]: example(each["schema"], schemas, each["name"]) for each in needed}
        content = described.get("requestBody", {"content": {}})["content"]
        if "multipart/form-data" in content:
            fields = content["multipart/form-data"]["example"]
            uploads = {name for name, kind in operation.hints["form"].__annotations__.items() if "Upload" in str(kind)}
            files = [(name, ("report.pdf", pdf("A report"), "application/pdf")) for name in uploads]
            sent = {name: str(value) for name, value in fields.items() if name not in uploads}
            return {"params": params, "data": sent, "files": files}
        return {"params": params, "json": content["application/json"]["example"]} if content else {"params": params}


@cache
def described_by(version: Version) -> Json:
    return document(version, OPERATIONS)


def readings() -> list[Route]:
    """Every page that can be looked at and every operation that reads."""
    pages: list[Route] = [page for page in CONSOLE if not isinstance(page, Button)]
    return [*pages, *(operation for operation in OPERATIONS if operation.method == "GET")]


def look(browser: httpx.Client, addresses: Addresses) -> Iterator[tuple[str, httpx.Response]]:
    """The answer of every page that can be looked at."""
    for page in readings():
        if not isinstance(page, Operation):
            path = addresses.of(page)
            yield path, browser.get(path)


def ask(client: httpx.Client, addresses: Addresses) -> Iterator[tuple[str, httpx.Response]]:
    """The answer of every operation that reads."""
    for operation in readings():
        if isinstance(operation, Operation):
            path = addresses.of(operation)
            yield path, client.get(path, **addresses.example(operation))


def send(client: httpx.Client, addresses: Addresses) -> Iterator[tuple[str, httpx.Response]]:
    """The answer of every operation that writes; those that end something come last."""
    writing = [operation for operation in OPERATIONS if operation.method != "GET"]
    for operation in sorted(writing, key=lambda each: each.method == "DELETE" or bool(ENDING.search(each.path))):
        path = addresses.of(operation)
        yield path, client.request(operation.method, path, **addresses.example(operation))
