import pytest

from tests.access_requests.cast import Desk
from tests.factories import Account


@pytest.fixture
def desk(acme: Account) -> Desk:
    """Acme's, which asks nobody to agree to anything."""
    return Desk(acme)


@pytest.fixture
def signing(acme: Account) -> Desk:
    """Acme's, where an agreement is signed after the approval."""
    return Desk(acme, "DIGITAL_SIGNATURE")


@pytest.fixture
def theirs(globex: Account) -> Desk:
    """Globex's."""
    return Desk(globex)
