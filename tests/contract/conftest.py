import pytest

from tests.contract import contract


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not contract.PRESENT:
        terminalreporter.section("THE CONTRACT WAS NOT CHECKED", red=True, bold=True)
        terminalreporter.line(contract.ABSENT)
