"""What of the lock files an installation gets: what the wheel requires, and what the build lays beside it."""

import ast
import re
import tomllib
from collections.abc import Iterable
from importlib import metadata

from msgspec import Struct
from packaging.requirements import Requirement

from supply.locks import FRONTEND, PYTHON_LOCK, ROOT, Locked, normal, npm_packages, python_packages

EXTRA = re.compile(r'extra == "([^"]+)"')


class Shipped(Struct, frozen=True):
    """`requires` names other shipped packages of the same kind. `said` is the licence as the package itself says it."""

    kind: str
    locked: Locked
    said: str
    requires: tuple[str, ...] = ()


def shipped() -> list[Shipped]:
    """Everything, Python first, each by name."""
    return [*shipped_of_python(), *shipped_of_npm()]


def shipped_of_python() -> list[Shipped]:
    """What pyproject.toml requires, and what that requires, on any platform: conditions on it are not asked."""
    locked = python_packages(PYTHON_LOCK.read_text())
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = closure(map(Requirement, wanted), locked.keys())
    return [
        Shipped("pypi", locked[name], said_by(name), tuple(sorted(requires & names.keys())))
        for name, requires in sorted(names.items())
    ]


def closure(wanted: Iterable[Requirement], locked: Iterable[str]) -> dict[str, set[str]]:
    """Names that are required, each with what it requires itself. What no lock names is for another Python."""
    known = set(locked)
    found: dict[str, set[str]] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [each for each in wanted if normal(each.name) in known]
    while waiting:
        each = waiting.pop()
        name, extras = normal(each.name), frozenset(map(normal, each.extras))
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        further = [one for one in required_by(name, extras) if normal(one.name) in known]
        found.setdefault(name, set()).update(normal(one.name) for one in further)
        waiting.extend(further)
    return found


def required_by(name: str, extras: frozenset[str]) -> list[Requirement]:
    """What an installed package requires with these extras; nothing of one that is for another platform than this."""
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []
    found = [(each, set(map(normal, EXTRA.findall(str(each.marker))))) for each in map(Requirement, lines)]
    return [each for each, only_with in found if not only_with or only_with & extras]


def said_by(name: str) -> str:
    """The licence of an installed package by its metadata: the expression, else the shortest of what else it says."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    if expression := about.json.get("license_expression"):
        return str(expression)
    kinds = [each.rpartition(" :: ")[2] for each in about.get_all("Classifier", []) if each.startswith("License :: ")]
    line = str(about.json.get("license") or "").strip().partition("\n")[0].strip()
    return line if line and len(line) < 40 else " / ".join(kinds)


def shipped_of_npm() -> list[Shipped]:
    """The packages of which the build copies something."""
    locked = {each.name: each for each in npm_packages((FRONTEND / "package-lock.json").read_text())}
    return [Shipped("npm", locked[name], locked[name].licence) for name in sorted(copied())]


def copied() -> set[str]:
    """The npm packages that frontend/hatch_build.py names, which cannot be imported without what builds wheels."""
    values = {
        target.id: ast.literal_eval(node.value)
        for node in ast.parse((FRONTEND / "hatch_build.py").read_text()).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return {*values["FILES"], values["ICONS"].removesuffix("/icons/outline")}
