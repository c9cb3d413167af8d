"""How records are pushed: commands and programs that are ready to be copied."""

import json
from typing import Any

from msgspec import Struct

KEY = "TRUSTWRIGHT_API_KEY"
SESSION = "upload-1"


class Target(Struct, frozen=True):
    """Where records go."""

    base_url: str
    connection_id: int
    resource_id: int

    @property
    def resource_url(self) -> str:
        return f"{self.base_url}/public/v2/custom-connections/{self.connection_id}/resources/{self.resource_id}"

    @property
    def records_url(self) -> str:
        return f"{self.resource_url}/records"


class Snippet(Struct, frozen=True):
    """`id` is fit for an address of a part of a page."""

    id: str
    title: str
    text: str


def snippets(target: Target, example: dict[str, Any]) -> list[Snippet]:
    """One record with curl, many with Python by either of two libraries, and all of them at once in a session."""
    return [
        Snippet("curl", "curl", _curl(target.records_url, example)),
        Snippet("httpx", "Python with httpx", _python("httpx", target, example)),
        Snippet("requests", "Python with requests", _python("requests", target, example)),
        Snippet("session", "curl, with a session", _session(target, example)),
    ]


def _curl(url: str, example: dict[str, Any]) -> str:
    body = json.dumps({"data": [example]}, indent=2, ensure_ascii=False).replace("'", "'\\''")
    return f"""curl --fail-with-body {url} \\
  --header "Authorization: Bearer ${KEY}" \\
  --header "Content-Type: application/json" \\
  --data '{body}'"""


def _python(library: str, target: Target, example: dict[str, Any]) -> str:
    return f'''import os

import {library}

URL = "{target.records_url}"
HEADERS = {{"Authorization": f"Bearer {{os.environ['{KEY}']}}"}}
BATCH = 500

records = [
    {_literal(example)},
]

for start in range(0, len(records), BATCH):
    body = {{"data": records[start : start + BATCH]}}
    answer = {library}.post(URL, json=body, headers=HEADERS, timeout=60)
    answer.raise_for_status()
    for result in answer.json():
        if "error" in result:
            print("not stored:", result["error"]["message"])'''


def _literal(value: dict[str, Any]) -> str:
    """As Python writes it: None, True and False, and a line for each of the outer properties."""
    lines = [f"        {name!r}: {inner!r}," for name, inner in value.items()]
    return "\n".join(["{", *lines, "    }"])


def _session(target: Target, example: dict[str, Any]) -> str:
    url = f"{target.resource_url}/sessions/{SESSION}"
    complete = _curl(f"{url}/actions", {}).partition("--data ")[0] + """--data '{"action": "complete"}'"""
    first = f"# Upload as often as needed: nobody sees these records yet.\n{_curl(url, example)}"
    return f"{first}\n\n# Then put them in the place of all live records.\n{complete}"
