import pytest

from tests.factories import Account
from tests.records.cast import Resource, connect


@pytest.fixture
def devices(acme: Account) -> Resource:
    """An empty resource of Acme's, whose records have a name and a level."""
    return connect(acme)
