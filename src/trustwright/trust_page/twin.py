"""The page as one text in Markdown, for programs and for those who read nothing else."""

from collections.abc import Iterator

from trustwright.trust_page.page import DocumentLink, FrameworkShown, Page
from trustwright.trust_page.search import words_of


def as_markdown(page: Page, base: str) -> str:
    """All public sections; `base` stands before the addresses of the page's own files."""
    return "\n".join(_lines(page, base)).strip() + "\n"


def _lines(page: Page, base: str) -> Iterator[str]:
    yield f"# {_line(page.name)}"
    if page.about.text:
        yield from ("", page.about.text.strip())
    if page.facts:
        yield from _section("Facts", [f"- {_line(fact.name)}: {_line(fact.value)}" for fact in page.facts])
    if page.frameworks:
        yield from _section("Compliance", [_framework(each) for each in page.frameworks])
    if page.documents or page.hidden_documents:
        hidden = [f"- {words_of(kind)}: {count} more on request" for kind, count in page.hidden_documents.items()]
        yield from _section("Documents", [_document(each, base) for each in page.documents] + hidden)
    yield from _controls(page)
    yield from _entries(page)
    yield from _contact(page)


def _controls(page: Page) -> Iterator[str]:
    if not page.controls:
        return
    yield from _section("Controls", [])
    if page.sla_days is not None:
        yield f"A control that fails is to pass again within {page.sla_days} days."
    for group in page.controls:
        yield from ("", f"### {group.title}", "")
        for each in group.controls:
            status = words_of(each.status) if isinstance(each.status, str) else ""
            yield f"- {_line(each.name)}{f' ({status})' if status else ''}{_after(each.description)}"


def _entries(page: Page) -> Iterator[str]:
    if page.subprocessors:
        lines = [f"- {_line(each.name)}, {_line(each.country)}{_after(each.purpose)}" for each in page.subprocessors]
        yield from _section("Subprocessors", lines)
    if page.updates:
        yield from _section("Updates", [])
        for update in page.updates:
            yield from (f"### {_line(update.title)}", "", f"{update.published_at[:10]}, {update.category}", "")
            yield from (update.text.strip(), "")
    if page.faq:
        yield from _section("Questions and answers", [])
        for each in page.faq:
            yield from (f"### {_line(each.question)}", "", each.answer.strip(), "")


def _contact(page: Page) -> Iterator[str]:
    if page.privacy.text or page.privacy.url:
        yield from _section("Privacy", [text for text in (page.privacy.text.strip(), page.privacy.url) if text])
    links = [f"- {_line(link.name)}: {link.url}" for link in page.links]
    if page.contact_url:
        links.append(f"- Contact: {page.contact_url}")
    if links:
        yield from _section("Links", links)


def _section(title: str, lines: list[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "", *lines)


def _framework(each: FrameworkShown) -> str:
    facts = [each.status, each.period, f"by {each.auditor}" if each.auditor else ""]
    if each.valid_until:
        facts.append(f"valid until {each.valid_until}")
    return f"- {_line(each.name)}: {', '.join(_line(fact) for fact in facts if fact)}"


def _document(each: DocumentLink, base: str) -> str:
    where = f"{base}{each.address}" if isinstance(each.address, str) else "on request"
    return f"- {_line(each.name)} ({words_of(each.type)}): {where}"


def _after(text: str) -> str:
    return f": {_line(text)}" if text.strip() else ""


def _line(text: str) -> str:
    return " ".join(text.split())
