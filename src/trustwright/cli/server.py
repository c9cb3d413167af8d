"""trustwright serve, worker and migrate."""

import asyncio
import os
import socket
from typing import Annotated

import typer
from granian import Granian
from granian.constants import Interfaces

from trustwright import embedded, logs
from trustwright.cli.common import DatabaseUrl, DataDir, errors, running_database, settings_with
from trustwright.settings import Settings
from trustwright.worker import run


def serve(
    host: Annotated[str, typer.Option("--host")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port")] = 8000,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Web processes")] = 1,
    jobs: Annotated[bool, typer.Option("--jobs/--no-jobs", help="Whether the web processes run the jobs too")] = True,
) -> None:
    """Start the service: its private PostgreSQL if none is given, the schema, the web, the jobs."""
    settings = settings_with(data_dir, database_url)
    logs.configure(settings.log_format)
    _require_free(host, port)
    own = None if settings.database_url else embedded.start(settings.data_dir)
    try:
        url = running_database(settings)
        _export(settings, url, jobs)
        errors.print(f"Trustwright serves http://{host}:{port} (API described at /docs)", highlight=False)
        Granian(
            "trustwright.app:create_worker_app",
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            factory=True,
            workers=workers,
            backlog=1024,
            respawn_failed_workers=True,
            workers_kill_timeout=30,
            log_enabled=False,
        ).serve()
    finally:
        if own is not None:
            embedded.stop(own)


def worker(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Run the jobs, and nothing else."""
    settings = settings_with(data_dir, database_url)
    logs.configure(settings.log_format)
    asyncio.run(run(settings, running_database(settings)))


def migrate(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Bring the database to this version's schema."""
    running_database(settings_with(data_dir, database_url))


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


def _export(settings: Settings, url: str, jobs: bool) -> None:
    """Web processes read their settings from the environment."""
    os.environ["TRUSTWRIGHT_DATA_DIR"] = str(settings.data_dir)
    os.environ["TRUSTWRIGHT_DATABASE_URL"] = url
    os.environ["TRUSTWRIGHT_JOBS_IN_WEB"] = str(jobs)
