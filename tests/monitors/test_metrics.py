"""What the metrics tell of runs."""

import pytest
from prometheus_client import REGISTRY

from tests.factories import Account
from tests.monitors.runs import quiet, run
from tests.records.cast import connect


def measured(name: str, result: str) -> float:
    return REGISTRY.get_sample_value(f"trustwright_monitor_run_seconds_{name}", {"result": result}) or 0.0


@pytest.mark.parametrize(("level", "result"), [(9, "PASSED"), (1, "FAILED")])
def test_a_run_is_measured_by_its_result(acme: Account, level: int, result: str) -> None:
    devices = connect(acme)
    devices.push("a", level=level)
    test = quiet(devices)
    before, spent = measured("count", result), measured("sum", result)

    run(acme, test)

    assert measured("count", result) - before == 1
    assert 0 < measured("sum", result) - spent < 60
