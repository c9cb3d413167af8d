"""How moments are written everywhere (Q19)."""

from datetime import UTC, datetime


def iso(moment: datetime) -> str:
    """`2025-07-01T16:45:55.246Z`: UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
