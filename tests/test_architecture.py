"""The rules of the design, each a failing test. A fault is named by its file and, where it has one, its line."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest

from tests.sources import parsed
from trustwright.app import OPERATIONS

SOURCE = Path(__file__).parents[1] / "src" / "trustwright"

DOMAINS = (
    "accounts",
    "sign_in",
    "events",
    "records",
    "vendors",
    "reviews",
    "questionnaires",
    "trust",
    "trust_page",
    "trust_reports",
    "agreements",
    "access",
    "access_requests",
    "monitors",
    "webhooks",
    "files",
    "mail",
    "limits",
    "metrics",
)
OTHER_FOLDERS = ("http", "cli", "console", "migrations", "static")

# A module of a domain that has none of these names states rules of the model, and is held to the model's rules.
LAYERS = {
    "__init__": "nothing",
    "store": "store",
    "actions": "actions",
    "api_v1": "edge",
    "api_v2": "edge",
    "pages": "edge",
    "jobs": "edge",
    # What the other side of a questionnaire does with it.
    "answering": "actions",
    # What a visitor does with a grant, and how documents go out to one.
    "visiting": "actions",
    "serving": "edge",
    "room": "edge",
    # Who is mailed the updates of a trust page; what is moved up and down on it; how it goes out, and at which hosts;
    # who visits it.
    "subscriber_store": "store",
    "subscriptions": "actions",
    "arranging": "actions",
    "subscribing": "edge",
    "showing": "edge",
    "domains": "edge",
    "security_txt": "edge",
    "visiting_page": "edge",
    # A request for access as a form, and what it says when it cannot be taken.
    "asking": "edge",
    # Links in mails, second factors and identity providers; how somebody comes in by each of them.
    "tokens_store": "store",
    "factors_store": "store",
    "providers_store": "store",
    "attempts": "actions",
    "factors": "actions",
    "entering": "edge",
    "recovery": "edge",
    "single_sign_on": "edge",
    "providing": "edge",
    # A folder that becomes a trust center.
    "importing": "actions",
    # What a signer does with an agreement, and who is asked to have it signed.
    "signing": "actions",
    "providers": "actions",
    # Where another provider of signatures calls back.
    "callbacks": "edge",
    # How a request for access is taken in, what each of its steps does, what the clock does with it, and its mails.
    "submission": "actions",
    "steps": "actions",
    "timers": "actions",
    "telling": "actions",
    "directory": "actions",
    "throttle": "edge",
    # What needs a person today, which the dashboard shows of each domain.
    "due": "actions",
    "due_store": "store",
    # What administrators do with the company, its workspaces, people and keys.
    "administration": "actions",
    "administration_store": "store",
    # Lists that people look at.
    "list_store": "store",
    # The lists of the trust center, as people read them.
    "inbox_store": "store",
    "log_store": "store",
    "papers_store": "store",
    "documents_store": "store",
    "chart_store": "store",
    # What the calendar does with reviews.
    "deadlines": "actions",
    # A condition as SQL, the reasons why records fail it, the one scan of a run, what it leaves out, and the runs.
    "predicates": "store",
    "causes": "store",
    "evaluation": "store",
    "exclusions": "store",
    "findings": "store",
    "history": "store",
    # The chain of events.
    "chain_store": "store",
    "verifying": "actions",
    # What people see of monitors at a glance.
    "overview": "store",
    # Questionnaires over all vendors, and what one is compared with.
    "sent_lists": "store",
    # Which resources are read by monitors, and have changed.
    "watching": "store",
    # What the console lists of records, and how a connection comes to serve other workspaces.
    "listing_store": "store",
    "connecting": "actions",
    # The past of the demo account.
    "demo_store": "store",
    # What the doctor asks a server.
    "doctor_store": "store",
    # The moment that a backup holds.
    "backup_store": "store",
    # A definition on some data; controls that follow their monitors; definitions as files.
    "evaluating": "actions",
    "following": "actions",
    "as_code": "actions",
    # How a run begins and ends.
    "concluding": "actions",
    # Which records of a resource count.
    "datasets": "actions",
    # A run takes several transactions, and a delivery waits for somebody else's server.
    "running": "edge",
    "delivery": "edge",
    # All metrics, and the port of their own.
    "collecting": "edge",
    "listening": "edge",
    # What both versions of an API put on the wire.
    "wire": "wire",
    "soc_wire": "wire",
    "bodies": "wire",
    # A second table of operations, where one would outgrow its file.
    "documents_v2": "edge",
    "documents_v1": "edge",
    "types_v2": "edge",
    "stats_v2": "edge",
    "templates_v2": "edge",
    "definitions_v2": "edge",
    "runs_v2": "edge",
    "exclusions_v2": "edge",
    "downloads": "edge",
}

# For each layer of a domain what it may import: of its own domain, of another, and of what all share.
OWN = {
    "nothing": set[str](),
    "model": {"model"},
    "store": {"model", "store"},
    "actions": {"model", "store", "actions"},
    "wire": {"model", "actions", "wire"},
    "edge": {"model", "store", "actions", "wire", "edge"},
}
FOREIGN = {
    "nothing": set[str](),
    "model": {"model"},
    "store": set[str](),
    "actions": {"model", "actions"},
    "wire": {"model", "wire"},
    "edge": {"model", "actions", "wire"},
}
SHARED = {
    "nothing": set[str](),
    "model": {"errors", "fonts", "links", "plain_yaml", "times"},
    "store": {"db"},
    "actions": {"db", "errors", "links", "settings", "times"},
    "wire": {"errors", "http"},
    "edge": {"db", "errors", "links", "settings", "times", "http", "jobs", "console"},
}

# Outside the domains: who may import what of them. The guards ask whose key it is before there is a transaction; the
# jobs ask for the accounts to work for; uploads become contents in the storage before there is anything that could
# name them; a command of the command line is the edge of the domain whose noun it has.
OUTSIDERS = {
    "app": {"model", "edge"},
    "worker": {"model", "edge"},
    "cli": {"model", "actions"},
    "console": {"model", "actions"},
    "http": {"model"},
}
STORES_OF_OUTSIDERS = {
    "jobs": "accounts",
    "http.guards": "accounts",
    "http.limits": "limits",
    "console.visits": "sign_in",
    "cli.account": "accounts",
    "cli.demo": "accounts",
    "cli.contents": "accounts",
    "cli.events": "accounts",
    "cli.key": "accounts",
    "cli.mail": "mail",
    "cli.common": "accounts",
    "cli.user": "accounts",
}

ACTIONS_OF_OUTSIDERS = {"http.keeping": "files"}

# What stands above the domains, and may be imported by nobody below.
ABOVE = {"console": {"app"}, "app": {"cli"}, "cli": {"__main__"}, "worker": {"app", "cli"}}

# The libraries of the edge and of the database; the layers that may not know them.
LIBRARIES = {"litestar": {"model", "store", "actions"}, "psycopg": {"model", "actions", "wire", "edge"}}

SQL = re.compile(
    r"\s*(select\s+.*\b(from|nextval|set_config|pg_\w+)\b|select\s+[\w*]+\s*(\(|$)|insert\s+into\s|update\s+\w+\s+set\s"
    r"|delete\s+from\s|call\s+\w+\s*\(|with\s+\w+\s+as\s*\(|lock\s+table\s|truncate\s|notify\s|listen\s"
    r"|(create|alter|drop)\s+(or\s+replace\s+)?(unique\s+)?"
    r"(table|index|view|function|procedure|database|role|schema|sequence|policy|type|extension|trigger)\s)",
    re.IGNORECASE | re.DOTALL,
)
SQL_STANDS_IN = {*(name for name, layer in LAYERS.items() if layer == "store"), "db", "migrate", "embedded"}

LONGEST_FILE = 400
LONGEST_FUNCTION = 40


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package, by its dotted name below `trustwright`."""
    return {
        ".".join(path.relative_to(SOURCE).with_suffix("").parts): parsed(path) for path in sorted(SOURCE.rglob("*.py"))
    }


def file_of(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def first(module: str) -> str:
    return module.partition(".")[0]


def domain_of(module: str) -> str | None:
    return first(module) if first(module) in DOMAINS else None


def layer_of(module: str) -> str:
    """The layer of a module of a domain."""
    name = module.split(".")[1]
    return "edge" if name.startswith("console") else LAYERS.get(name, "model")


def imports(module: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each module of ours that a module imports."""
    for line, name in imported_names(module):
        if name.startswith("trustwright."):
            inner = name.removeprefix("trustwright.")
            while inner and inner not in modules() and f"{inner}.__init__" not in modules():
                inner = inner.rpartition(".")[0]
            yield line, inner


def imported_names(module: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def forbidden(module: str, imported: str) -> bool:
    """Whether an import runs against the arrows."""
    ours, theirs = domain_of(module), domain_of(imported)
    if first(module) in ("app", "__main__"):
        return False
    if theirs is None:
        return first(imported) not in SHARED[layer_of(module)] if ours else is_above(module, first(imported))
    if imported == theirs:
        return True
    layer = layer_of(imported)
    if ours is None:
        own = {"store": STORES_OF_OUTSIDERS, "actions": ACTIONS_OF_OUTSIDERS}.get(layer, {})
        return layer not in OUTSIDERS.get(first(module), {"model"}) and own.get(module) != theirs
    return layer not in (OWN if ours == theirs else FOREIGN)[layer_of(module)]


def is_above(module: str, imported: str) -> bool:
    return imported in ABOVE and first(module) not in {imported, *ABOVE[imported]}


def test_imports_follow_the_arrows() -> None:
    faults = [
        f"{file_of(module)}:{line} imports {imported}"
        for module in modules()
        for line, imported in imports(module)
        if forbidden(module, imported)
    ]

    assert faults == []


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("records.actions", "accounts.store"),
        ("records.api_v2", "accounts.store"),
        ("records.model", "records.store"),
        ("records.states", "records.actions"),
        ("records.store", "records.actions"),
        ("monitors.evaluation", "records.store"),
        ("monitors.jobs", "records.watching"),
        ("records.store", "http.wire"),
        ("records.actions", "records.api_v2"),
        ("records.actions", "http.wire"),
        ("records.model", "db"),
        ("http.lists", "accounts.store"),
        ("http.lists", "records.actions"),
        ("db", "app"),
        ("accounts.api_v2", "cli.common"),
        ("cli.user", "records.store"),
        ("console.dashboard", "reviews.store"),
        ("vendors.console", "reviews.store"),
        ("http.answers", "console.visits"),
    ],
)
def test_an_arrow_back_is_found(module: str, imported: str) -> None:
    assert forbidden(module, imported)


def test_libraries_stay_in_their_layers() -> None:
    faults = [
        f"{file_of(module)}:{line} imports {name}"
        for module in modules()
        for line, name in imported_names(module)
        if domain_of(module) and layer_of(module) in LIBRARIES.get(name.split(".")[0], set())
    ]

    assert faults == []


def test_sql_stands_only_in_stores() -> None:
    faults = [
        f"{file_of(module)}:{line} {text.split()[:6]}"
        for module, tree in modules().items()
        if module.split(".")[-1] not in SQL_STANDS_IN
        for line, text in texts(tree)
        if SQL.match(text) and text not in docstrings(tree)
    ]

    assert faults == []


@pytest.mark.parametrize(
    "text",
    [
        "select id from users",
        "SELECT 1",
        "\n  insert into t values (1)",
        "update t set a = 1",
        "delete from t",
        "call protect_tenant('t', 'select')",
        "create unique index i on t (a)",
        "with a as (select 1) select 2",
    ],
)
def test_a_statement_is_known_as_sql(text: str) -> None:
    assert SQL.match(text)


@pytest.mark.parametrize("text", ["Select a file", "Create a key first", "update", "Delete", "with the key", "select"])
def test_a_sentence_is_not_taken_for_sql(text: str) -> None:
    assert not SQL.match(text)


def test_actions_open_no_transaction() -> None:
    faults = [
        f"{file_of(module)}:{node.lineno} calls .{node.func.attr}"
        for module, tree in modules().items()
        if domain_of(module) and layer_of(module) in ("actions", "store", "model")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and opens_transaction(node.func)
    ]

    assert faults == []


def opens_transaction(called: ast.Attribute) -> bool:
    """Files can be read too, so of `read` it matters whose it is."""
    receiver = ast.unparse(called.value)
    return called.attr == "begin" or (
        called.attr == "read" and re.search(r"\b(database|db|call)$", receiver) is not None
    )


@pytest.mark.parametrize("text", ["database.begin(who)", "self.begin()", "call.read()", "self.database.read(who)"])
def test_a_transaction_is_known_by_its_begin(text: str) -> None:
    called = ast.parse(text, mode="eval").body

    assert isinstance(called, ast.Call)
    assert isinstance(called.func, ast.Attribute)
    assert opens_transaction(called.func)


def test_handlers_catch_nothing() -> None:
    faults = [
        f"{file_of(module)}:{node.lineno}"
        for module, tree in modules().items()
        if re.fullmatch(r"api_v\d|pages|console\w*", module.split(".")[-1])
        for node in ast.walk(tree)
        if isinstance(node, ast.Try | ast.TryStar)
    ]

    assert faults == []


def test_no_request_names_the_account() -> None:
    kinds = [
        kind
        for operation in OPERATIONS
        for part in ("path", "filters", "body")
        for kind in (operation.hints.get(part), operation.body, operation.headers)
        if kind is not None
    ]
    _, components = msgspec.json.schema_components(kinds, ref_template="{name}")

    named = {name for name, schema in components.items() if "accountId" in schema.get("properties", {})}
    # A vendor's own account with a platform like this is a fact about the vendor, and says nothing of whose it is.
    assert named - {"NewVendor", "NewVendorV1", "VendorChange"} == set()


def tables() -> dict[str, str]:
    """Name and definition of every table that the migrations make."""
    return dict(re.findall(r"create table (\w+) \((.*?)\n\);", migrations(), re.DOTALL))


def migrations() -> str:
    return "\n".join(path.read_text() for path in sorted((SOURCE / "migrations").glob("*.sql")))


def test_every_table_belongs_to_accounts() -> None:
    assert tables()
    assert [
        name for name, definition in tables().items() if not re.search(r"^ +account_id bigint", definition, re.M)
    ] == []


def test_every_tenant_table_leads_its_key_with_the_account() -> None:
    leads = re.compile(r"account_id bigint primary key|primary key \(account_id\b")

    assert [name for name, definition in tables().items() if not leads.search(definition)] == []


def test_every_tenant_table_is_protected() -> None:
    protected = set(re.findall(r"call protect_tenant\('(\w+)'", migrations()))

    assert set(tables()) - protected == set()


def test_every_folder_is_a_domain_or_is_named_in_the_design() -> None:
    found = {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert found - {*DOMAINS, *OTHER_FOLDERS} == set()


def test_a_domain_holds_modules_and_templates_only() -> None:
    faults = [
        str(path.relative_to(SOURCE))
        for domain in DOMAINS
        for path in (SOURCE / domain).glob("*")
        if path.suffix != ".py" and path.name not in ("templates", "__pycache__")
    ]

    assert faults == []


def test_files_are_short() -> None:
    faults = [
        f"{path.relative_to(SOURCE)} has {length} lines"
        for path in sorted(SOURCE.rglob("*.*"))
        if path.suffix in (".py", ".sql", ".html", ".css", ".js") and "vendor" not in path.parts
        if (length := len(path.read_text().splitlines())) > LONGEST_FILE
    ]

    assert faults == []


def test_functions_are_short() -> None:
    faults = [
        f"{file_of(module)}:{node.lineno} {node.name} has {length} lines"
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]

    assert faults == []


def test_only_the_command_line_prints() -> None:
    faults = [
        f"{file_of(module)}:{node.lineno}"
        for module, tree in modules().items()
        if not module.startswith("cli.")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]

    assert faults == []


def test_every_module_says_what_it_is() -> None:
    assert [file_of(module) for module, tree in modules().items() if not ast.get_docstring(tree)] == []


def test_every_error_has_a_sentence_or_a_reason() -> None:
    """An error's text lives with its class: as `sentence`, or as a docstring that says when it is raised."""
    faults = [
        f"{file_of(module)}:{node.lineno} {node.name}"
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and is_error(node)
        if not ast.get_docstring(node) and "sentence" not in {name for line in node.body for name in assigned(line)}
    ]

    assert faults == []


def is_error(node: ast.ClassDef) -> bool:
    names = {base.id for base in node.bases if isinstance(base, ast.Name)}
    return bool(names & {"Problem", "Exception", "RuntimeError", "ValueError", "TypeError", "Invalid", "NotFound"})


def assigned(line: ast.stmt) -> list[str]:
    targets = line.targets if isinstance(line, ast.Assign) else [line.target] if isinstance(line, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every string, and every f-string with a word in the place of each value."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values),
            )


def docstrings(tree: ast.Module) -> set[str]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(tree) if isinstance(node, documented)]
    return {text for node in nodes if (text := ast.get_docstring(node, clean=False)) is not None}
