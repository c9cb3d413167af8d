"""trustwright serve, worker and migrate."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from typing import Annotated

import typer
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from msgspec.structs import replace

from trustwright import logs
from trustwright.cli.common import DatabaseUrl, DataDir, errors, migrated_database, settings_with
from trustwright.cli.demo_trust import SLUG
from trustwright.settings import Settings, to_environment
from trustwright.worker import run

APPLICATION = "trustwright.app:create_worker_app"


def serve(
    host: Annotated[str, typer.Option("--host")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port")] = 8000,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Web processes")] = 1,
    no_jobs: Annotated[bool, typer.Option("--no-jobs", help="Leave the jobs to `trustwright worker`")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Have a demo account, and print its API key")] = False,
) -> None:
    """Start the service: its private PostgreSQL if none is given, the schema, the web, the jobs."""
    address = f"http://{host}:{port}"
    settings = settings_with(data_dir, database_url)
    settings = replace(settings, jobs_in_web=not no_jobs, public_url=settings.public_url or address)
    logs.configure(settings.log_format)
    _require_free(host, port)
    with migrated_database(settings) as url:
        errors.print(f"Trustwright serves {address}; the API is described at /docs", highlight=False)
        if demo:
            _show_demo(settings, url, address)
        # The web processes read their settings from the environment.
        os.environ.update(to_environment(replace(settings, database_url=url)))
        Granian(
            APPLICATION,
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            websockets=False,
            factory=True,
            workers=workers,
            respawn_failed_workers=True,
            workers_kill_timeout=30,
            log_level=LogLevels.warning,
        ).serve()


def worker(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Run the jobs, and nothing else."""
    settings = settings_with(data_dir, database_url)
    logs.configure(settings.log_format)
    with migrated_database(settings) as url:
        asyncio.run(run(settings, url))


def migrate(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Bring the database to this version's schema."""
    with migrated_database(settings_with(data_dir, database_url)):
        errors.print("The database has this version's schema")


def _require_free(host: str, port: int) -> None:
    """The server shares its port with its own processes, and would silently share it with a second server too."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            errors.print(f"[red]Cannot listen on {host}:{port}: {error.strerror}. Choose another --port.[/red]")
            raise typer.Exit(1) from error


def _show_demo(settings: Settings, url: str, address: str) -> None:
    # In a process of its own: what stores the files has threads, which the web processes, made by a fork of this one,
    # would lack and wait for.
    made = subprocess.run(
        [sys.executable, "-m", "trustwright", "demo", "--json"],
        env={**os.environ, **to_environment(replace(settings, database_url=url))},
        stdout=subprocess.PIPE,
        check=True,
    )
    demo = json.loads(made.stdout)
    for line in (
        f"Demo account {demo['account']}:",
        f"  console     {address}/  sign in as {demo['email']} with {demo['password']}",
        f"  trust page  {address}/trust/{SLUG}  as data with .json",
        f"  API         {address}/docs  key {demo['apiKey']}",
    ):
        errors.print(line, highlight=False, soft_wrap=True, markup=False)
