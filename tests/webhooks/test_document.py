"""docs/webhooks.md keeps its word: its Python takes what the service sends, and nothing else."""

import re
import time
from pathlib import Path
from typing import Any

from tests.webhooks.receiver import Desk, Receiver

DOCUMENT = Path(__file__).parents[2] / "docs" / "webhooks.md"


def sample() -> Any:
    """The function that the document shows."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    return names["is_genuine"]


def test_the_sample_knows_what_is_genuine(desk: Desk, receiver: Receiver) -> None:
    desk.deliver(desk.announce(name="Käse"))
    (request,) = receiver.received
    headers = {name.title(): value for name, value in request.headers.items()}
    old = headers | {"Trustwright-Timestamp": str(int(time.time()) - 400)}
    is_genuine = sample()

    assert is_genuine(desk.secret, headers, request.body)
    assert not is_genuine(desk.secret, headers, request.body + b" ")
    assert not is_genuine("whsec_other", headers, request.body)
    assert not is_genuine(desk.secret, old, request.body)


def test_the_document_names_every_header(desk: Desk, receiver: Receiver) -> None:
    desk.deliver(desk.announce())
    text = DOCUMENT.read_text()

    named = {name for name in receiver.received[0].headers if name.startswith("trustwright-")}
    assert named == {name.lower() for name in re.findall(r"^\| (Trustwright-\w+)", text, re.MULTILINE)}
