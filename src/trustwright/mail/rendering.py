"""Mails made of templates: a subject, a text and an HTML page that say the same."""

from functools import cache
from typing import Any

from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined, Template, select_autoescape
from msgspec import Struct

SUBJECT = "Subject:"

loader: BaseLoader = PackageLoader("trustwright.mail")
templates = Environment(
    loader=loader,
    autoescape=select_autoescape(("html.jinja",), default_for_string=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


class Rendered(Struct, frozen=True):
    subject: str
    text: str
    html: str


class NoSubject(ValueError):
    """A text template neither begins with `Subject:`, nor was a subject given."""


def render(template: str, values: dict[str, Any], subject: str | None = None) -> Rendered:
    """The mail of `<template>.txt.jinja` and `<template>.html.jinja`, signed with the value `account_name`.

    Raises NoSubject, and jinja2.UndefinedError for a value that a template names and nobody gave."""
    head, body = _text(template)
    if subject is None:
        if head is None:
            raise NoSubject(f"{template}.txt.jinja must begin with {SUBJECT}")
        # A value may hold a line break; what stands behind it must become neither a header nor a part of the body.
        subject = " ".join(head.render(values).split())
    everything = {**values, "subject": subject}
    text = body.render(everything).strip()
    html = templates.get_template(f"{template}.html.jinja").render(everything)
    return Rendered(subject, f"{text}\n\n-- \n{values['account_name']}\n", html)


@cache
def _text(template: str) -> tuple[Template | None, Template]:
    """The template of the subject, which is the first line, and that of the text below it."""
    name = f"{template}.txt.jinja"
    source, _, _ = loader.get_source(templates, name)
    first, _, rest = source.partition("\n")
    if not first.startswith(SUBJECT):
        return None, templates.get_template(name)
    return templates.from_string(first.removeprefix(SUBJECT)), templates.from_string(rest)
