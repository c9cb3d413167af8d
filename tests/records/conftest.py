import pytest

from tests.factories import Account, World
from tests.records.cast import Resource, connect


@pytest.fixture
def devices(acme: Account) -> Resource:
    """An empty resource of Acme's."""
    return connect(acme)


@pytest.fixture(scope="module")
def shared(world: World) -> Resource:
    """A resource for those tests of a module that do not mind what the others left in it."""
    return connect(world.account("Shared"))
