"""PgBouncer, which shares few connections to the database among Airflow's processes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pulumi

from pilothouse.targets.kubernetes.objects.builder import digest
from pilothouse.targets.kubernetes.objects.pods import Mount, Program, tcp_probes
from pilothouse.targets.kubernetes.settings.component_table import PGBOUNCER, port_of

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation
    from pilothouse.targets.kubernetes.objects.builder import ObjectFactory
    from pilothouse.targets.kubernetes.objects.kubernetes_object import KubernetesObject
    from pilothouse.targets.kubernetes.settings.airflow import PgBouncer

FOLDER = "/pgbouncer"


def create_pool(
    objects: ObjectFactory,
    foundation: KubernetesFoundation,
    settings: PgBouncer,
    url: pulumi.Output[str],
) -> list[KubernetesObject]:
    """Create a pool of connections to the database at `url`; what its clients depend on."""
    files = {
        "pgbouncer.ini": url.apply(lambda value: _configuration(value, settings)),
        "users.txt": url.apply(_user_list),
    }
    program = Program(
        component=PGBOUNCER,
        image=foundation.images[PGBOUNCER],
        command=["pgbouncer", f"{FOLDER}/pgbouncer.ini"],
        resources=foundation.resources(PGBOUNCER),
        mounts=[Mount(path=FOLDER, secret=PGBOUNCER)],
        port=port_of(PGBOUNCER),
        probes=tcp_probes(port_of(PGBOUNCER), start_seconds=60),
    )
    needs = [*foundation.database.ready, objects.secret(PGBOUNCER, files)]
    annotations = {
        "settings": digest(settings.model_dump()),
        **foundation.database.password_annotations,
    }
    deployment = objects.deployment(program, depends_on=needs, annotations=annotations)
    return [deployment, objects.service(PGBOUNCER)]


def through_pool(url: str, host: str) -> str:
    """The URL of a database through the pool at `host`, with the same name and user."""
    parts = urlsplit(url)
    login, _, _ = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{login}@{host}:{port_of(PGBOUNCER)}", query="").geturl()


def _configuration(url: str, settings: PgBouncer) -> str:
    """Connections are held for a transaction, so migrations, which lock longer, bypass the pool."""
    parts = urlsplit(url)
    name = unquote(parts.path.removeprefix("/"))
    lines = [
        "[databases]",
        f"{name} = host={parts.hostname} port={parts.port or 5432} dbname={name}",
        "[pgbouncer]",
        "listen_addr = 0.0.0.0",
        f"listen_port = {port_of(PGBOUNCER)}",
        "unix_socket_dir =",
        "auth_type = scram-sha-256",
        f"auth_file = {FOLDER}/users.txt",
        "pool_mode = transaction",
        f"default_pool_size = {settings.pool_size}",
        f"max_client_conn = {settings.max_client_connections}",
        "max_prepared_statements = 200",
        "server_tls_sslmode = prefer",
        "ignore_startup_parameters = extra_float_digits",
        "log_connections = 0",
        "log_disconnections = 0",
    ]
    return "\n".join([*lines, ""])


def _user_list(url: str) -> str:
    parts = urlsplit(url)
    words = (unquote(word or "").replace('"', '""') for word in (parts.username, parts.password))
    return " ".join(f'"{word}"' for word in words) + "\n"
