import json
import os
from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from tests.monitors.generating import Example, examples, leaves_of
from tests.monitors.reference import Truth, truth_of
from trustwright.db import connection_options
from trustwright.monitors.conditions import Operator, rendered
from trustwright.monitors.predicates import Values, predicate

# Each has two dozen documents. More of them for a longer run by hand.
EXAMPLES = int(os.environ.get("AGREEMENT_EXAMPLES", "1000"))
TRUTHS: tuple[Truth, ...] = (True, False, None)


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection like those of the application."""
    with psycopg.connect(database_url, autocommit=True, **connection_options()) as connection:
        connection.prepare_threshold = None
        yield connection


def evaluated(connection: psycopg.Connection, example: Example) -> list[tuple[Truth, Truth]]:
    """What PostgreSQL finds for each document: loosely, as a run asks, and exactly."""
    values = Values()
    loose = predicate(example.condition, "document", values)
    exact = predicate(example.condition, "document", values, exact=True)
    statement = f"""
        select {loose}, {exact}
        from jsonb_array_elements(%(documents)s::jsonb) with ordinality as records(document, place) order by place"""
    named = {**values.named, "now": example.now, "documents": json.dumps(example.documents)}
    return connection.execute(statement.encode(), named).fetchall()


def test_sql_and_python_read_conditions_alike(connection: psycopg.Connection) -> None:
    pairs: set[int] = set()
    truths: Counter[Truth] = Counter()
    of_leaves: Counter[tuple[Operator, Truth]] = Counter()

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(examples())
    def agree(example: Example) -> None:
        condition, leaves = repr(example.condition), list(leaves_of(example.condition))
        for document, (loose, exact) in zip(example.documents, evaluated(connection, example), strict=True):
            expected = truth_of(example.condition, document, example.now)
            asked = (rendered(example.condition), document, example.now)
            assert (exact, loose is True) == (expected, expected is True), asked
            pairs.add(hash((condition, repr(document))))
            truths[expected] += 1
            of_leaves.update((leaf.operator, truth_of(leaf, document, example.now)) for leaf in leaves)

    agree()

    print(f"{len(pairs):,} different pairs agree: {dict(truths)}")
    assert len(pairs) >= 20 * EXAMPLES
    # Not all of one kind: each operator was met where it holds, where it does not, and where there is nothing.
    assert min(truths[truth] for truth in TRUTHS) >= truths.total() / 10
    assert min(of_leaves[operator, truth] for operator in Operator for truth in TRUTHS) >= EXAMPLES / 10
