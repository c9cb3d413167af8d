"""What stands in deploy/ keeps the rules of the house: no secrets, no root, pinned images, settings that exist."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from trustwright.settings import Settings, variable

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
TEXTS = [path for path in sorted(DEPLOY.rglob("*")) if path.is_file() and path.suffix != ".json"]
PINNED = re.compile(r"[\w./-]+:\d[\w.-]*")


def test_every_service_runs_a_pinned_image_as_nobody_in_particular() -> None:
    for name, service in COMPOSE["services"].items():
        assert PINNED.fullmatch(service["image"]), name
        assert "privileged" not in service, name
        assert service["networks"] == ["inside"], name
        if name != "postgres":
            assert (service["cap_drop"], service["read_only"]) == (["ALL"], True), name
            assert "no-new-privileges:true" in service["security_opt"], name


def test_every_service_that_stays_says_how_to_see_that_it_is_well() -> None:
    watched = {name for name, service in COMPOSE["services"].items() if "test" in service["healthcheck"]}

    assert set(COMPOSE["services"]) - watched == {"migrate"}
    assert COMPOSE["services"]["web"]["deploy"]["replicas"] == 2
    assert {name for name in COMPOSE["services"] if "ports" in COMPOSE["services"][name]} == {"web"}


def test_secrets_come_from_files() -> None:
    for name, service in COMPOSE["services"].items():
        named = {setting for setting in service["environment"] if re.search(r"PASSWORD|SECRET|DATABASE_URL", setting)}
        assert {setting for setting in named if not setting.endswith("_FILE")} == set(), name
        given = {f"/run/secrets/{secret}" for secret in service["secrets"]}
        assert {service["environment"][setting] for setting in named} <= given, name
        assert set(service["secrets"]) <= set(COMPOSE["secrets"]), name


def test_the_image_is_pinned_holds_no_secret_and_runs_as_no_root() -> None:
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]

    assert len(images) == 2
    assert all(PINNED.fullmatch(image) for image in images)
    assert re.findall(r"^USER (\S+)", last, re.M) == ["10001"]
    assert re.search(r"^HEALTHCHECK ", last, re.M)
    assert not re.search(r"(PASSWORD|SECRET|TOKEN|_KEY)\w*=", DOCKERFILE)
    assert (DEPLOY / "Dockerfile.dockerignore").read_text().split("\n")[1] == "*"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_units_are_hardened(unit: Path) -> None:
    lines = unit.read_text().splitlines()

    for line in (
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
    ):
        assert line in lines
    assert {"User=trustwright", "CapabilityBoundingSet=", "UMask=0077"} <= set(lines)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_settings_that_are_named_exist(path: Path) -> None:
    known = {variable(field) for field in Settings.__struct_fields__}
    named = {name.removesuffix("_FILE") for name in re.findall(r"\bTRUSTWRIGHT_[A-Z_]+", path.read_text())}

    assert named - known == set()
