"""Events, version 2."""

from trustwright.http.operations import Operation

operations: list[Operation] = []
