"""Texts in Markdown, as HTML that is safe on a page of ours."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

# Pictures of other servers would tell them of every visitor.
TAGS = nh3.ALLOWED_TAGS - {"img", "map", "area"}
SCHEMES = {"http", "https", "mailto"}

# HTML inside of the Markdown is shown as it was typed.
markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


# A text of 20,000 letters can be such that it takes half a second, and a page is asked for again and again.
@lru_cache(maxsize=500)
def html_of(text: str, heading: int | None = None) -> str:
    """CommonMark with tables as HTML, in which nothing acts or loads. With `heading` all its headings have this level,
    so that they fit in beneath those of the page."""
    tokens = markdown.parse(text)
    for token in tokens:
        if heading is not None and token.type in ("heading_open", "heading_close"):
            token.tag = f"h{heading}"
    return nh3.clean(markdown.renderer.render(tokens, markdown.options, {}), tags=TAGS, url_schemes=SCHEMES)
