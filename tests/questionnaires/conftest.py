import pytest

from tests.factories import Account, World
from tests.questionnaires.cast import Desk


@pytest.fixture
def desk(acme: Account) -> Desk:
    """Acme's."""
    return Desk(acme)


@pytest.fixture
def theirs(globex: Account) -> Desk:
    """Globex's."""
    return Desk(globex)


@pytest.fixture(scope="module")
def shared(world: World) -> Desk:
    """A desk for those tests of a module that do not mind what the others left on it."""
    return Desk(world.account("Shared"))
