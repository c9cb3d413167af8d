"""What of a page a visitor searched for."""

from collections.abc import Iterable

from msgspec import structs

from trustwright.trust_page.page import Page

LONGEST = 100


def searched(page: Page, q: str) -> Page:
    """The page with only those entries that contain each word of `q`, in any case; all of it without one."""
    words = q[:LONGEST].casefold().split()
    if not words:
        return page

    def fits(*texts: str) -> bool:
        together = " ".join(texts).casefold()
        return all(word in together for word in words)

    groups = [
        structs.replace(group, controls=[each for each in group.controls if fits(each.name, each.description)])
        for group in page.controls
    ]
    return structs.replace(
        page,
        frameworks=[each for each in page.frameworks if fits(each.name, each.status, each.auditor)],
        documents=[each for each in page.documents if fits(each.name, words_of(each.type))],
        hidden_documents={},
        controls=[group for group in groups if group.controls],
        subprocessors=[each for each in page.subprocessors if fits(each.name, each.purpose, each.country)],
        updates=[each for each in page.updates if fits(each.title, each.text, each.category)],
        faq=[each for each in page.faq if fits(each.question, each.answer, each.category)],
        links=[each for each in page.links if fits(each.name)],
    )


def count(page: Page) -> int:
    """How many entries there are."""
    lists: Iterable[list[object]] = (
        [*page.frameworks],
        [*page.documents],
        [control for group in page.controls for control in group.controls],
        [*page.subprocessors],
        [*page.updates],
        [*page.faq],
        [*page.links],
    )
    return sum(map(len, lists))


def words_of(name: str) -> str:
    """A name of the API as people write it: `SECURITY_REPORT` is `Security report`."""
    return name.replace("_", " ").capitalize()
