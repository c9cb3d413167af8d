"""A vendor, a review of its SOC report, and the folder above the storages of the servers of this run."""

from pathlib import Path

import pytest

from tests.factories import Account
from tests.reviews.cast import Subject, add, add_vendor


@pytest.fixture
def initech(acme: Account) -> int:
    """The id of a vendor of Acme."""
    return add_vendor(acme)


@pytest.fixture
def soc(acme: Account, initech: int) -> Subject:
    """A new review of Initech's SOC report."""
    return add(acme, initech, title="SOC 2 of 2025")


@pytest.fixture
def storages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp()
