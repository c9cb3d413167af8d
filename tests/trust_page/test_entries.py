"""Controls and entries as they are saved: what changes, what stays, what is refused, what is recorded."""

from collections.abc import Callable, Coroutine
from datetime import date
from typing import Any

import msgspec
import pytest

from tests.factories import Account
from tests.trust.cast import NOBODYS, act, events
from tests.trust_page.cast import NOW, control, fields, item, noted, replace_controls, replace_items
from trustwright.db import Tx
from trustwright.errors import Conflict, Invalid, NotFound, Problem
from trustwright.trust.model import DocumentType
from trustwright.trust_page import actions, store
from trustwright.trust_page.controls import Category, ControlFields
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
    is_web_address,
    key_of,
    kind_of,
    require_sound,
)

Work = Callable[[Tx], Coroutine[Any, Any, Any]]

SUBPROCESSOR = Subprocessor(name="Initech", purpose="Hosting", country="Norway")
UPDATE = Update(title="New report", text="It is out.", category=UpdateCategory.COMPLIANCE, published_at=NOW)
FAQ = Faq(question="Where?", answer="In Norway.")
FRAMEWORK = Framework(name="SOC 2", status="Report available")
LINK = Link(name="Status", url="https://status.acme.test")
CONTENTS: list[Content] = [
    msgspec.structs.replace(
        SUBPROCESSOR, data_categories=["Names"], dpa_url="https://i.test/dpa", effective_from=date(2026, 1, 1)
    ),
    msgspec.structs.replace(UPDATE, audience=Audience.ACCESS_HOLDERS),
    FAQ,
    msgspec.structs.replace(
        FRAMEWORK, valid_until=date(2027, 1, 1), document=DocumentRef(type=DocumentType.COMPLIANCE, id=3)
    ),
    LINK,
]


def codes(account: Account) -> list[str]:
    return [each.code for each in act(account, lambda tx: store.controls(tx, account.workspace_id))]


def contents(account: Account, kind: Kind) -> list[Content]:
    return [each.content for each in act(account, lambda tx: store.items(tx, account.workspace_id, kind))]


def saves(account: Account) -> list[Any]:
    """What was recorded of the page's content."""
    return events(account, "TRUST_CONTENT_SAVED")


def test_a_control_is_added_behind_the_others(acme: Account) -> None:
    first, second = control(acme, "AC-1"), control(acme, "AC-2", description="Keys are rotated", interval_days=7)

    assert (first.place, second.place) == (0, 1)
    assert second.fields == fields("AC-2", description="Keys are rotated", interval_days=7)
    assert [event["target"]["id"] for event in saves(acme)] == [first.id, second.id]
    assert saves(acme)[1]["after"]["description"] == "Keys are rotated"
    assert saves(acme)[1]["workspaceId"] == acme.workspace_id


def test_a_code_belongs_to_one_control_until_that_is_archived(acme: Account) -> None:
    first = control(acme, "AC-1")
    with pytest.raises(Conflict):
        control(acme, "AC-1")

    act(acme, lambda tx: actions.archive_control(tx, first.id))

    assert control(acme, "AC-1").id != first.id


def test_a_change_shows_what_was_and_what_is(acme: Account) -> None:
    one = noted(acme, control(acme), passes=True)

    changed = act(acme, lambda tx: actions.update_control(tx, one.id, fields(name="Backups", is_published=False)))

    assert (changed.name, changed.is_published, changed.is_passing) == ("Backups", False, True)
    assert saves(acme)[-1]["before"] == {"name": "Control AC-1", "isPublished": True}
    assert saves(acme)[-1]["after"] == {"name": "Backups", "isPublished": False}


def test_a_control_cannot_take_the_code_of_another(acme: Account) -> None:
    one, _ = control(acme, "AC-1"), control(acme, "AC-2")

    with pytest.raises(Conflict, match="AC-2"):
        act(acme, lambda tx: actions.update_control(tx, one.id, fields("AC-2")))


def test_what_changes_nothing_leaves_no_event(acme: Account) -> None:
    one, entry = noted(acme, control(acme), passes=True), item(acme, FAQ)
    before = len(saves(acme))

    act(acme, lambda tx: actions.update_control(tx, one.id, fields()))
    act(acme, lambda tx: actions.update_item(tx, entry.id, FAQ, is_published=True))
    act(acme, lambda tx: actions.reorder_controls(tx, acme.workspace_id, [one.id]))
    assert one.checked_at
    at = one.checked_at
    act(acme, lambda tx: actions.note_result(tx, one.id, True, at))

    assert len(saves(acme)) == before


def test_controls_take_the_order_they_are_given(acme: Account) -> None:
    ids = [control(acme, code).id for code in ("AC-1", "AC-2", "AC-3")]

    act(acme, lambda tx: actions.reorder_controls(tx, acme.workspace_id, [ids[2], ids[0], ids[1]]))

    assert codes(acme) == ["AC-3", "AC-1", "AC-2"]
    assert saves(acme)[-1]["after"] == {"order": [ids[2], ids[0], ids[1]]}


@pytest.mark.parametrize("wrong", ["one too few", "one twice", "a stranger"])
def test_an_order_names_each_control_once(acme: Account, wrong: str) -> None:
    one, other = control(acme, "AC-1").id, control(acme, "AC-2").id
    ids = {"one too few": [other], "one twice": [one, other, one], "a stranger": [one, NOBODYS]}[wrong]

    with pytest.raises(Invalid):
        act(acme, lambda tx: actions.reorder_controls(tx, acme.workspace_id, ids))

    assert codes(acme) == ["AC-1", "AC-2"]


def test_failures_in_a_row_are_one_failure(acme: Account) -> None:
    one = control(acme, interval_days=1)

    first = noted(acme, one, passes=False, days_ago=2)
    again = noted(acme, one, passes=False, days_ago=1)
    good = noted(acme, one, passes=True)

    assert first.failing_since == first.checked_at == again.failing_since
    assert (good.failing_since, good.is_passing) == (None, True)
    assert saves(acme)[1]["after"]["isPassing"] is False


def test_replaced_controls_keep_their_ids_and_their_results(acme: Account) -> None:
    stays, changes = noted(acme, control(acme, "AC-1"), passes=True), noted(acme, control(acme, "AC-2"), passes=False)
    goes = control(acme, "AC-3")

    done = replace_controls(acme, fields("AC-1"), fields("AC-2", name="Other"), fields("AC-4"))

    assert (done.unchanged, done.changed, done.added, done.removed) == (["AC-1"], ["AC-2"], ["AC-4"], ["AC-3"])
    found = {each.code: each for each in act(acme, lambda tx: store.controls(tx, acme.workspace_id))}
    assert list(found) == ["AC-1", "AC-2", "AC-4"]
    assert found["AC-1"] == stays
    assert (found["AC-2"].id, found["AC-2"].name, found["AC-2"].is_passing) == (changes.id, "Other", False)
    assert goes.id not in {each.id for each in found.values()}


def test_replacing_by_the_same_changes_nothing(acme: Account) -> None:
    wanted = [fields("AC-1", evidence_until=NOW), fields("AC-2", category=Category.APP_SECURITY, interval_days=0.5)]
    replace_controls(acme, *wanted)
    before = len(saves(acme))

    done = replace_controls(acme, *wanted)

    assert (done.unchanged, len(saves(acme))) == (["AC-1", "AC-2"], before)


@pytest.mark.parametrize("content", CONTENTS, ids=kind_of)
def test_an_entry_is_kept_as_it_is(acme: Account, content: Content) -> None:
    kept = item(acme, content)

    assert kept.content == content
    assert contents(acme, kind_of(content)) == [content]
    assert saves(acme)[0]["after"]["content"]["kind"] == kind_of(content)


def test_an_entry_is_changed_and_removed(acme: Account) -> None:
    entry = item(acme, FAQ)
    other = Faq(question="Where?", answer="In Sweden.")

    act(acme, lambda tx: actions.update_item(tx, entry.id, other, is_published=False))
    assert contents(acme, Kind.FAQ) == [other]
    act(acme, lambda tx: actions.delete_item(tx, entry.id))

    assert contents(acme, Kind.FAQ) == []
    assert [(event["before"] is None, event["after"] is None) for event in saves(acme)] == [
        (True, False),
        (False, False),
        (False, True),
    ]


def test_an_entry_stays_of_its_kind(acme: Account) -> None:
    entry = item(acme, FAQ)

    with pytest.raises(Invalid, match="FAQ"):
        act(acme, lambda tx: actions.update_item(tx, entry.id, LINK, is_published=True))


def test_replaced_entries_keep_their_ids(acme: Account) -> None:
    first, second = item(acme, FAQ), item(acme, Faq(question="Who?", answer="We."))
    item(acme, LINK)

    done = replace_items(acme, Kind.FAQ, Faq(question="Who?", answer="All of us."), Faq(question="When?", answer="Now"))

    assert (done.added, done.changed, done.removed, done.unchanged) == (["When?"], ["Who?"], ["Where?"], [])
    found = act(acme, lambda tx: store.items(tx, acme.workspace_id, Kind.FAQ))
    assert [key_of(each.content) for each in found] == ["Who?", "When?"]
    assert found[0].id == second.id
    assert first.id not in [each.id for each in found]
    assert contents(acme, Kind.LINK) == [LINK]


@pytest.mark.parametrize("content", CONTENTS, ids=kind_of)
def test_replacing_entries_by_the_same_changes_nothing(acme: Account, content: Content) -> None:
    replace_items(acme, kind_of(content), content)
    before = len(saves(acme))

    done = replace_items(acme, kind_of(content), content)

    assert (done.unchanged, len(saves(acme))) == ([key_of(content)], before)


def test_a_section_names_each_entry_once(acme: Account) -> None:
    with pytest.raises(Invalid, match="Where"):
        replace_items(acme, Kind.FAQ, FAQ, Faq(question="Where?", answer="Elsewhere."))
    with pytest.raises(Invalid, match="AC-1"):
        replace_controls(acme, fields("AC-1"), fields("AC-1", name="Again"))


@pytest.mark.parametrize(
    ("bad", "place"),
    [
        (msgspec.structs.replace(LINK, url="javascript:alert(1)"), "url"),
        (msgspec.structs.replace(LINK, url="//evil.test"), "url"),
        (msgspec.structs.replace(LINK, url="https://a.test/\x00"), "url"),
        (msgspec.structs.replace(SUBPROCESSOR, dpa_url="data:text/html,x"), "dpa_url"),
        (msgspec.structs.replace(SUBPROCESSOR, name=" "), "name"),
        (msgspec.structs.replace(SUBPROCESSOR, name="x" * 256), "name"),
        (msgspec.structs.replace(SUBPROCESSOR, data_categories=["Names", "a\0b"]), "data_categories"),
        (msgspec.structs.replace(UPDATE, text="x" * 20_001), "text"),
        (msgspec.structs.replace(UPDATE, title=""), "title"),
        (msgspec.structs.replace(FAQ, answer="a\0b"), "answer"),
        (fields(interval_days=0), "interval_days"),
        (fields(description="a\0b"), "description"),
        (fields("x" * 101), "code"),
        (fields(" "), "code"),
    ],
)
def test_what_must_not_be_kept_is_refused_by_its_field(bad: Content | ControlFields, place: str) -> None:
    with pytest.raises(Invalid, match=f"^{place}"):
        require_sound(bad)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("https://acme.test", True),
        ("http://acme.test/a?b#c", True),
        ("https://", False),
        ("ftp://acme.test", False),
        ("acme.test", False),
        ("/relative", False),
        ("JavaScript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        (" https://acme.test", False),
        ("https://acme.test/a b", False),
        ("https://[bad", False),
        ("vbscript:x", False),
    ],
)
def test_a_web_address_begins_with_http(text: str, good: bool) -> None:
    assert is_web_address(text) is good


def test_a_refused_entry_is_not_there(acme: Account) -> None:
    with pytest.raises(Invalid):
        replace_items(acme, Kind.LINK, LINK, Link(name="Bad", url="javascript:alert(1)"))

    assert contents(acme, Kind.LINK) == []


STRANGERS: dict[str, Work] = {
    "update a control": lambda tx: actions.update_control(tx, NOBODYS, fields()),
    "archive a control": lambda tx: actions.archive_control(tx, NOBODYS),
    "note a result": lambda tx: actions.note_result(tx, NOBODYS, True, tx.now),
    "update an entry": lambda tx: actions.update_item(tx, NOBODYS, FAQ, is_published=True),
    "delete an entry": lambda tx: actions.delete_item(tx, NOBODYS),
    "find a code": lambda tx: actions.control_of_code(tx, 1, "AC-1"),
}


@pytest.mark.parametrize("what", STRANGERS)
def test_what_is_not_there_is_not_found(acme: Account, what: str) -> None:
    with pytest.raises(NotFound):
        act(acme, STRANGERS[what])


def test_a_page_belongs_to_a_workspace(acme: Account) -> None:
    for work in (
        lambda tx: actions.create_control(tx, NOBODYS, fields()),
        lambda tx: actions.create_item(tx, NOBODYS, FAQ),
        lambda tx: actions.page(tx, NOBODYS),
    ):
        with pytest.raises(Problem, match="workspace"):
            act(acme, work)
