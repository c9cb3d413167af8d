"""YAML of strangers: without what makes it a hazard, and written so that versions of it compare well."""

import re
from math import isfinite
from typing import Any, ClassVar

import yaml

LARGEST = 1024 * 1024
SHORT = 100

# PyYAML writes them so, except between double quotes, that it reads them as spaces.
ODD_BREAKS = re.compile("[\r\x85\u2028\u2029]")

TEXT = "tag:yaml.org,2002:str"
INTEGER = "tag:yaml.org,2002:int"
FLOAT = "tag:yaml.org,2002:float"

# What is no text without quotes, as in YAML 1.2 and in JSON: `no`, `012`, `1:30` and dates are texts.
PLAIN = (
    ("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""]),
    ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"]),
    (INTEGER, re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")),
    (
        FLOAT,
        re.compile(r"^[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)$"),
        list("-+0123456789"),
    ),
)
KEPT_TYPES = {TEXT, *(tag for tag, _, _ in PLAIN), "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map", None}


class NotPlain(ValueError):
    """A text that cannot be taken as YAML; the message says where, and why."""


class Loader(yaml.SafeLoader):
    """YAML 1.1 whose keys are texts that stand once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != TEXT or not isinstance(key.value, str):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a text; quote it", key.start_mark)
            if key.value in seen:
                problem = f"the key {key.value!r} stands here twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class JsonLoader(Loader):
    """The same with the types of JSON."""

    yaml_constructors: ClassVar[dict[Any, Any]] = {
        tag: made for tag, made in yaml.SafeLoader.yaml_constructors.items() if tag in KEPT_TYPES
    }

    def construct_number(self, node: yaml.ScalarNode) -> int | float:
        number = int(node.value) if node.tag == INTEGER else float(node.value)
        if not isfinite(number) or (isinstance(number, int) and not -(2**63) <= number < 2**63):
            raise yaml.constructor.ConstructorError(None, None, "this number is out of range", node.start_mark)
        return number


class Dumper(yaml.SafeDumper):
    """Lists and objects of few plain values stand in one line, all others in several; texts of several lines in a
    block."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:
        node = super().represent_sequence(tag, sequence, flow_style)
        node.flow_style = _is_short(list(sequence)) and not any(map(_members, sequence))
        return node

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        node.flow_style = _is_short([*mapping.keys(), *mapping.values()])
        return node

    def represent_text(self, text: str) -> yaml.ScalarNode:
        if ODD_BREAKS.search(text):
            return self.represent_scalar(TEXT, text, style='"')
        return self.represent_scalar(TEXT, text, style="|" if "\n" in text else None)

    def ignore_aliases(self, data: Any) -> bool:
        return True


# Its own, so that what is added here is not added to all loaders.
JsonLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in PLAIN:
    JsonLoader.add_implicit_resolver(_tag, _pattern, _first)
    # What either version of YAML takes for something else than a text is quoted.
    Dumper.add_implicit_resolver(_tag, _pattern, _first)
for _tag in (INTEGER, FLOAT):
    JsonLoader.add_constructor(_tag, JsonLoader.construct_number)
Dumper.add_representer(str, Dumper.represent_text)


def read(text: bytes, *, deepest: int, loader: type[Loader] = JsonLoader) -> Any:
    """What one YAML document says. Raises NotPlain for what is no YAML in UTF-8, too large, nested more than `deepest`
    levels deep, uses aliases, or has a key twice."""
    if len(text) > LARGEST:
        raise NotPlain(f"must not be larger than {LARGEST} bytes")
    try:
        _require_plain(text, deepest)
        return loader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise NotPlain(f"{place}{error.problem or error.context}") from error
    except RecursionError as error:
        raise NotPlain("nested too deeply") from error
    except (yaml.YAMLError, ValueError) as error:
        raise NotPlain(" ".join(str(error).split())) from error


def write(value: dict[str, Any]) -> str:
    """YAML that `read` takes for the same value, with its keys in the same order."""
    return yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=2**31)


def _require_plain(text: bytes, deepest: int) -> None:
    """Raises NotPlain, with no more of the text read than it takes to see it."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        # A few aliases of aliases can stand for gigabytes.
        if isinstance(event, yaml.AliasEvent):
            raise NotPlain("aliases (*name) are not taken; write out what they stand for")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > deepest:
            raise NotPlain(f"must not be nested more than {deepest} levels deep")


def _is_short(members: list[Any]) -> bool:
    """Whether all are plain, or hold a few plain values, and fit in a line."""
    inner = [each for member in members for each in _members(member)]
    if any(isinstance(each, list | dict) for each in inner):
        return False
    texts = [str(each) for each in (*members, *inner) if not isinstance(each, list | dict)]
    return sum(len(text) + 2 for text in texts) <= SHORT and not any("\n" in text for text in texts)


def _members(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []
