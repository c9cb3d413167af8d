"""How deep JSON is nested. Level by level: a recursion would find its own limit first."""


def deeper_than(limit: int, value: object) -> bool:
    """Whether objects and lists stand in each other more than `limit` times."""
    level = [value]
    for _ in range(limit):
        level = [inner for outer in level for inner in members(outer)]
    return any(isinstance(inner, dict | list) for inner in level)


def members(value: object) -> list[object]:
    """What an object or a list holds; nothing for all else."""
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
