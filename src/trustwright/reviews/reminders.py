"""Which reminder of a deadline is due."""


def due_reminder(days_left: int, reminders: list[int]) -> int | None:
    """The latest of the reminders, each so many days before the deadline (negative: after it), whose day has come."""
    return min((days for days in reminders if days_left <= days), default=None)
