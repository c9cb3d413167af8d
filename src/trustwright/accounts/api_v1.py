"""Company, workspaces and users, version 1."""

from trustwright.http.operations import Operation

operations: list[Operation] = []
