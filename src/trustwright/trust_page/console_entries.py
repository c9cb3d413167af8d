"""Entries of the trust page as forms: what their fields become."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time

from msgspec import Struct

from trustwright.console.forms import Form
from trustwright.console.rendering import plain_day
from trustwright.errors import Invalid
from trustwright.trust.model import DocumentType
from trustwright.trust_page.model import (
    Audience,
    Content,
    DocumentRef,
    Faq,
    Framework,
    Kind,
    Link,
    Subprocessor,
    Update,
    UpdateCategory,
)


class Section(Struct, frozen=True):
    """A kind of entries, as the console names it. `key`: the field that every entry needs."""

    kind: Kind
    path: str
    title: str
    one: str
    key: str
    purpose: str

    @property
    def a(self) -> str:
        """The article that `one` has."""
        return "an" if self.one[0] in "aeiou" else "a"


SECTIONS = {
    section.path: section
    for section in (
        Section(
            Kind.SUBPROCESSOR,
            "subprocessors",
            "Subprocessors",
            "subprocessor",
            "name",
            "Subprocessors are the companies that work with your customers' data.",
        ),
        Section(
            Kind.UPDATE, "updates", "Updates", "update", "title", "Updates tell visitors and subscribers what is new."
        ),
        Section(Kind.FAQ, "faq", "Questions", "question", "question", "Questions that buyers ask again and again."),
        Section(
            Kind.FRAMEWORK,
            "frameworks",
            "Frameworks",
            "framework",
            "name",
            "Frameworks are the reports and certificates that you hold, with who says so and until when.",
        ),
        Section(Kind.LINK, "links", "Links", "link", "name", "Links lead to pages of yours that buyers look for."),
    )
}


def content_of(form: Form, section: Section, before: Content | None, now: datetime) -> Content:
    """The entry that a form describes. Raises Invalid."""
    if not form.text(section.key):
        raise Invalid(f"{section.key}: must not be empty")
    return MAKERS[section.kind](form, before, now)


def _subprocessor(form: Form, before: Content | None, now: datetime) -> Content:
    return Subprocessor(
        name=form.text("name"),
        purpose=form.text("purpose"),
        country=form.text("country"),
        data_categories=[text for line in form.text("data_categories").split("\n") if (text := line.strip())],
        dpa_url=form.optional("dpa_url"),
        effective_from=form.day("effective_from"),
    )


def _update(form: Form, before: Content | None, now: datetime) -> Content:
    kept = before.published_at if isinstance(before, Update) else now
    day = form.day("published_on")
    return Update(
        title=form.text("title"),
        text=form.text("text"),
        category=form.choice("category", UpdateCategory) or UpdateCategory.GENERAL,
        published_at=kept if day in (None, day_of(kept)) else _moment(day, now),
        audience=form.choice("audience", Audience) or Audience.PUBLIC,
    )


def _moment(day: date | None, now: datetime) -> datetime:
    """Today is now; other days begin at midnight UTC."""
    return now if day is None or day == day_of(now) else datetime.combine(day, time(), UTC)


def day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _faq(form: Form, before: Content | None, now: datetime) -> Content:
    return Faq(question=form.text("question"), answer=form.text("answer"), category=form.text("category"))


def _framework(form: Form, before: Content | None, now: datetime) -> Content:
    kind, _, number = form.text("document").partition(":")
    if kind and (kind not in list(DocumentType) or not number.isascii() or not number.isdecimal() or len(number) > 9):
        raise Invalid("document: choose one of the documents")
    return Framework(
        name=form.text("name"),
        status=form.text("status"),
        period=form.text("period"),
        auditor=form.text("auditor"),
        valid_until=form.day("valid_until"),
        document=DocumentRef(type=DocumentType(kind), id=int(number)) if kind else None,
    )


def _link(form: Form, before: Content | None, now: datetime) -> Content:
    return Link(name=form.text("name"), url=form.text("url"))


MAKERS: dict[Kind, Callable[[Form, Content | None, datetime], Content]] = {
    Kind.SUBPROCESSOR: _subprocessor,
    Kind.UPDATE: _update,
    Kind.FAQ: _faq,
    Kind.FRAMEWORK: _framework,
    Kind.LINK: _link,
}


def summary(content: Content) -> str:
    """What a list tells of an entry beside its name."""
    if isinstance(content, Subprocessor):
        return ", ".join(part for part in (content.country, *content.data_categories) if part)
    if isinstance(content, Update):
        to = "" if content.audience is Audience.PUBLIC else ", for access holders"
        return f"{content.category.capitalize()}, {plain_day(day_of(content.published_at))}{to}"
    if isinstance(content, Framework):
        until = f"valid until {plain_day(content.valid_until)}" if content.valid_until else ""
        return ", ".join(part for part in (content.status, content.auditor, until) if part)
    return content.url if isinstance(content, Link) else content.category
