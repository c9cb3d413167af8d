"""The updates of a page as an Atom feed (RFC 4287), and what search engines ask for."""

import re
from collections.abc import Sequence
from datetime import datetime
from html import escape
from urllib.parse import urlsplit

from trustwright.times import iso
from trustwright.trust_page.markup import html_of
from trustwright.trust_page.model import Audience, Item, Update

MOST = 50

# What XML 1.0 has no way to write.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def public_updates(items: Sequence[Item], now: datetime) -> list[tuple[Item, Update]]:
    """The updates that anybody may read now, the newest first."""
    found = [(item, item.content) for item in items if isinstance(item.content, Update)]
    out = [
        (item, update)
        for item, update in found
        if item.is_published and update.audience is Audience.PUBLIC and update.published_at <= now
    ]
    return sorted(out, key=lambda each: each[1].published_at, reverse=True)


def atom(name: str, slug: str, address: str, updates: Sequence[tuple[Item, Update]], changed_at: datetime) -> str:
    """`address` is the page's; `changed_at` stands for a page without updates."""
    authority = urlsplit(address).hostname or "localhost"
    latest = max((item.updated_at for item, _ in updates), default=changed_at)
    head = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>tag:{authority},2026:trust/{slug}/updates</id>\n"
        f"<title>{_text(name)}: updates</title>\n"
        f"<author><name>{_text(name)}</name></author>\n"
        f'<link rel="alternate" type="text/html" href="{_text(address)}"/>\n'
        f'<link rel="self" type="application/atom+xml" href="{_text(address)}/updates.atom"/>\n'
        f"<updated>{iso(latest)}</updated>\n"
    )
    return (
        head + "".join(_entry(item, update, authority, slug, address) for item, update in updates[:MOST]) + "</feed>\n"
    )


def _entry(item: Item, update: Update, authority: str, slug: str, address: str) -> str:
    return (
        "<entry>\n"
        f"<id>tag:{authority},2026:trust/{slug}/updates/{item.id}</id>\n"
        f"<title>{_text(update.title)}</title>\n"
        f'<link href="{_text(address)}#updates"/>\n'
        f"<published>{iso(update.published_at)}</published>\n"
        f"<updated>{iso(max(item.updated_at, update.published_at))}</updated>\n"
        f'<category term="{_text(update.category)}"/>\n'
        f'<content type="html">{_text(html_of(update.text))}</content>\n'
        "</entry>\n"
    )


def sitemap(pages: Sequence[tuple[str, datetime]]) -> str:
    """Addresses of pages, and when they were changed."""
    lines = "".join(
        f"<url><loc>{_text(address)}</loc><lastmod>{iso(changed_at)}</lastmod></url>\n" for address, changed_at in pages
    )
    head = '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return f"{head}{lines}</urlset>\n"


def _text(value: str) -> str:
    return escape(UNWRITABLE.sub("", value))
