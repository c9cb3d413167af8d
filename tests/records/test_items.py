"""Taking the items from a body, without server or database: the two ways of reading must tell the same."""

import json
import time
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwright.errors import Invalid
from trustwright.records.items import Batch, id_fault, read_batch, read_single

MOST = 1000

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NUMBERS = st.integers(-(10**40), 10**40) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
NAMES = TEXTS.filter(lambda name: name != "id")
RECORDS = st.lists(st.dictionaries(NAMES, VALUES, max_size=5), max_size=6)
STYLES = st.sampled_from([{"ensure_ascii": True}, {"ensure_ascii": False}, {"indent": 1}, {"separators": (",", ":")}])
SPOILT = '{"name": "x", "odd": NaN}'


def as_body(texts: list[str]) -> bytes:
    return ('{"source": "]}\\\\", "data" : [' + " , ".join(texts) + "\n]}").encode()


def told(batch: Batch) -> list[tuple[Any, dict[str, Any], str | None]]:
    """All of the items but the ids that were made up for them; their text without its spacing, numbers to the digit."""
    return [
        (json.loads(bytes(item.raw or b"null"), parse_float=str, parse_int=str), item.values, item.fault)
        for item in batch.items
    ]


@given(RECORDS, STYLES)
@settings(deadline=None, max_examples=60)
def test_a_list_of_objects_is_read_unchanged(records: list[dict[str, Any]], style: dict[str, Any]) -> None:
    texts = [json.dumps(record, **style) for record in records]

    batch = read_batch(as_body(texts), MOST)

    assert not batch.single
    assert [item.values for item in batch.items] == records
    assert [bytes(item.raw or b"") for item in batch.items] == [text.encode() for text in texts]
    assert [item.fault for item in batch.items] == [None] * len(records)


@given(RECORDS, STYLES, st.integers(0, 6))
@settings(deadline=None, max_examples=60)
def test_a_spoilt_item_changes_nothing_about_the_others(
    records: list[dict[str, Any]], style: dict[str, Any], place: int
) -> None:
    texts = [json.dumps(record, **style) for record in records]
    at = min(place, len(texts))

    spoilt = read_batch(as_body([*texts[:at], SPOILT, *texts[at:]]), MOST)

    bad = spoilt.items.pop(at)
    assert told(spoilt) == told(read_batch(as_body(texts), MOST))
    assert bad.fault


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:\\ dat0a1eNn', max_size=60).map(str.encode))
@settings(deadline=None, max_examples=300)
def test_nothing_is_taken_from_a_body_that_is_no_json(body: bytes) -> None:
    for whole in (body, b'{"data":%s}' % body, b'{"data":[%s,{}]}' % body, b'{"a":%s,"data":{}}' % body):
        try:
            # NaN and its like are what the server forgives, in a record only.
            json.loads(whole)
        except (ValueError, RecursionError):
            with pytest.raises(Invalid):
                _ = read_batch(whole, MOST).items


@pytest.mark.parametrize(
    "start",
    [
        '{"data":[NaN,"' + '\\"' * 12_000,
        '{"data":"' + '\\"' * 12_000,
        '{"data":[{"a":NaN},{"b":"' + '\\\\\\"' * 6_000,
        '"' + '\\"' * 12_000,
    ],
    ids=["in a list", "in the data", "in a record", "outside"],
)
def test_an_unfinished_text_is_refused_at_once(start: str) -> None:
    started = time.monotonic()

    with pytest.raises(Invalid):
        read_batch(start.encode(), MOST)

    assert time.monotonic() - started < 0.5


def test_an_object_makes_a_single_answer_and_a_list_none() -> None:
    assert read_batch(b'{"data":{}}', MOST).single
    assert not read_batch(b'{"data":[{}]}', MOST).single


def test_the_last_of_two_members_of_one_name_counts() -> None:
    for data in ('{"data":{"a":1},"data":{"a":%s}}', '{"data":[{"a":1}],"data":{"a":%s}}'):
        fast = read_batch((data % "2").encode(), MOST)
        by_hand = read_batch((data % "NaN").encode(), MOST)

        assert fast.single
        assert by_hand.single
        assert fast.items[0].values == {"a": 2}
        assert by_hand.items[0].fault


def test_the_data_may_be_spelled_with_escapes() -> None:
    for value, faulty in (("1", False), ("NaN", True)):
        batch = read_batch(b'{"d\\u0061ta":{"a":%s}}' % value.encode(), MOST)

        assert (batch.items[0].fault is not None) is faulty


def test_too_many_items_are_refused_whichever_way_they_are_read() -> None:
    for first in ("{}", SPOILT):
        read_batch(as_body([first, "{}"]), 2)
        with pytest.raises(Invalid, match="at most 2 records"):
            read_batch(as_body([first, "{}", "{}"]), 2)


def test_a_single_item_is_not_taken_from_a_list() -> None:
    assert read_single(b'{"data":{"a":1}}').values == {"a": 1}
    for body in (b'{"data":[{"a":1}]}', b'{"data":[]}', b'{"data":[{},{}]}'):
        with pytest.raises(Invalid):
            read_single(body)


def test_an_item_without_an_id_is_given_one_that_is_not_in_it() -> None:
    first, second = read_batch(b'{"data":[{},{"id":null}]}', MOST).items

    assert UUID(first.record_id).version == UUID(second.record_id).version == 4
    assert first.record_id != second.record_id
    assert (first.raw, second.raw) == (msgspec.Raw(b"{}"), msgspec.Raw(b'{"id":null}'))


@pytest.mark.parametrize("good", ["a", " ", "x" * 255, "\U0001f600" * 255, "a/b:c%d", "\u00a0", "\u2028"])
def test_such_a_text_names_a_record(good: str) -> None:
    assert id_fault(good) is None


@pytest.mark.parametrize("bad", ["", "x" * 256, "a\x00", "\x1f", "\x7f", "\x80", "\x9f", "\ud800"])
def test_such_a_text_names_none(bad: str) -> None:
    assert id_fault(bad) is not None
