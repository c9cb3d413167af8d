"""Markdown of a company becomes HTML in which nothing acts, loads or takes long."""

import time
from html.parser import HTMLParser

import pytest

from trustwright.trust_page.markup import html_of

HARMLESS = {"p", "a", "code", "pre", "em", "strong"}
LED_BY = ("https://", "http://", "mailto:")


class Found(HTMLParser):
    """What of a text a browser would act on."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.active: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in HARMLESS:
            self.active.append(tag)
        self.active += [name for name, _ in attrs if name not in ("href", "title", "rel")]
        self.active += [value or "" for name, value in attrs if name == "href" and not (value or "").startswith(LED_BY)]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        '<a href="//evil.example" style="position:fixed">all of it</a>',
        "[a link](javascript:alert(1))",
        "[a link](JaVaScRiPt&colon;alert(1))",
        "[a link](data:text/html;base64,PHNjcmlwdD4=)",
        "![a picture](https://evil.example/who-comes.png)",
        "<javascript:alert(1)>",
        '[a link](https://a.example "x\\" onmouseover=\\"alert(1)")',
        "[ref]: javascript:alert(1)\n\n[ref]",
        "`<script>` and\n\n    <script>alert(1)</script>",
    ],
)
def test_nothing_in_it_acts_or_loads(text: str) -> None:
    assert Found(html_of(text)).active == []


@pytest.mark.parametrize(
    "text", ["<script>", "<img src=x>", '<a onclick="x">', '<a href="javascript:x">', "<p style=x>"]
)
def test_what_acts_is_known(text: str) -> None:
    assert Found(text).active


def test_a_text_that_takes_long_takes_long_once() -> None:
    text = "![" * 3_000

    html_of(text)
    started = time.perf_counter()
    for _ in range(100):
        html_of(text)

    assert time.perf_counter() - started < 0.1
