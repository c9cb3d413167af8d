"""A database that no server works on, so that a test alone decides when a mail goes out; and templates of the tests."""

from collections.abc import Iterator

import pytest
from jinja2 import ChoiceLoader, DictLoader

from tests.conftest import cloned
from tests.factories import World
from tests.mail.postman import Office, Postman, on_duty
from trustwright.mail import rendering

SAMPLES = {
    "note.txt.jinja": "Subject: A note about {{ vendor }}\n\nThis is about {{ vendor }}: {{ link }}\n",
    "note.html.jinja": """{% extends "base.html.jinja" %}
{% from "parts.html.jinja" import button, paragraph, written %}
{% block content %}
{{ paragraph("This is about " ~ vendor) }}
{{ button(link, "Open") }}
{{ written(vendor) }}
{% endblock %}
""",
    "plain.txt.jinja": "No subject here\n",
    "plain.html.jinja": "<p>No subject here</p>",
}


@pytest.fixture(autouse=True)
def samples(monkeypatch: pytest.MonkeyPatch) -> None:
    loader = ChoiceLoader([DictLoader(SAMPLES), rendering.loader])
    monkeypatch.setattr(rendering, "loader", loader)
    monkeypatch.setattr(rendering.templates, "loader", loader)


@pytest.fixture(scope="session")
def outbox(worker_id: str) -> Iterator[World]:
    with cloned(f"trustwright_mail_{worker_id}") as url:
        world = World(url, "http://nobody.test")
        yield world
        world.close()


@pytest.fixture
def post() -> Iterator[tuple[Postman, str]]:
    with on_duty() as (postman, address):
        yield postman, address


@pytest.fixture
def postman(post: tuple[Postman, str]) -> Postman:
    return post[0]


@pytest.fixture
def office(outbox: World, post: tuple[Postman, str]) -> Office:
    """Acme, with a working SMTP server."""
    return Office(outbox, outbox.account("Acme"), f"smtp://{post[1]}")
