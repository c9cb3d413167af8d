import pytest

from tests.access.cast import Desk
from tests.factories import Account


@pytest.fixture
def desk(acme: Account) -> Desk:
    """Acme's."""
    return Desk(acme)


@pytest.fixture
def theirs(globex: Account) -> Desk:
    """Globex's."""
    return Desk(globex)
