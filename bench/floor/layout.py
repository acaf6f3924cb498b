"""Where the hand-made platform lives: folders, ports and secrets."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK = "127.0.0.1"
PORTS = (
    "postgres", "s3", "mlflow", "airflow", "scheduler", "s3-grpc",
    "filer", "filer-grpc", "master", "master-grpc", "volume", "volume-grpc",
)  # fmt: skip
SECRETS = (
    "postgres", "airflow-db", "mlflow-db", "mlflow-admin", "mlflow-user", "airflow-user",
    "s3-airflow", "s3-mlflow", "s3-workload", "s3-admin",
    "airflow-jwt", "airflow-api", "mlflow-flask", "filer",
)  # fmt: skip
BUCKETS = {"s3-workload": "data", "s3-mlflow": "models", "s3-airflow": "logs"}


@dataclass(frozen=True, kw_only=True)
class Environments:
    """The four Python environments, each installed from its lock."""

    services: Path
    mlflow: Path
    airflow: Path
    workload: Path


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One hand-made platform: a folder of its own, ports from `first_port` on, fresh secrets."""

    root: Path
    environments: Environments
    dags: Path
    first_port: int
    secrets: dict[str, str] = field(
        default_factory=lambda: {name: secrets.token_urlsafe(24) for name in SECRETS}
    )

    def port(self, role: str) -> int:
        """The port of one of PORTS."""
        return self.first_port + PORTS.index(role)

    def url(self, role: str) -> str:
        """`http://127.0.0.1:port`."""
        return f"http://{LOOPBACK}:{self.port(role)}"

    def folder(self, name: str) -> Path:
        """A folder of this platform, made if need be."""
        path = self.root / name
        path.mkdir(exist_ok=True)
        return path

    def write(self, name: str, text: str, mode: int = 0o600) -> Path:
        """Write a private file of this platform."""
        path = self.root / name
        with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode), "w") as file:
            file.write(text)
        return path

    def script(self, name: str, command: list[str], environment: dict[str, str]) -> Path:
        """A private shell script that becomes `command` with exactly this environment and `$@`."""
        lines = [f"export {key}={_quoted(value)}" for key, value in sorted(environment.items())]
        words = " ".join(_quoted(word) for word in command)
        return self.write(name, "\n".join([*lines, f'exec {words} "$@"', ""]))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
