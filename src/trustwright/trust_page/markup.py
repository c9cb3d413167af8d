"""Texts in Markdown, as HTML that is safe on a page of ours."""

import nh3
from markdown_it import MarkdownIt

# Pictures of other servers would tell them of every visitor.
TAGS = nh3.ALLOWED_TAGS - {"img", "map", "area"}
SCHEMES = {"http", "https", "mailto"}

# HTML inside of the Markdown is shown as it was typed.
markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def html_of(text: str) -> str:
    """CommonMark with tables as HTML, in which nothing acts or loads."""
    return nh3.clean(markdown.render(text), tags=TAGS, url_schemes=SCHEMES)
