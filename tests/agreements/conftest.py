import pytest

from tests.agreements.cast import Desk, Signer
from tests.factories import Account


@pytest.fixture
def desk(acme: Account) -> Desk:
    """Acme's."""
    return Desk(acme)


@pytest.fixture
def theirs(globex: Account) -> Desk:
    """Globex's."""
    return Desk(globex)


@pytest.fixture
def vera(desk: Desk) -> Signer:
    """Whom Acme asked to sign."""
    return desk.signer()
