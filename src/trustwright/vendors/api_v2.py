"""Operations."""

from trustwright.http.operations import Operation

operations: list[Operation] = []
