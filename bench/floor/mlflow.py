"""MLflow with basic authentication, proxied artifacts and PostgreSQL."""

import httpx

from . import postgres, seaweedfs
from .layout import LOOPBACK, Layout

AUTH = """\
[mlflow]
default_permission = NO_PERMISSIONS
database_uri = {uri}
admin_username = admin
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
auth_cache_ttl_seconds = 60
"""
USER = "workload"


def command(layout: Layout) -> list[str]:
    """The server; its secrets are in its environment."""
    program = str(layout.environments.mlflow / "bin" / "mlflow")
    options = f"""
        --app-name basic-auth --host {LOOPBACK} --port {layout.port("mlflow")} --workers 1
        --serve-artifacts --artifacts-destination s3://models
    """
    return [program, "server", *options.split()]


def environment(layout: Layout) -> dict[str, str]:
    """What the server needs; writes its authentication settings."""
    home = str(layout.folder("mlflow"))
    auth = AUTH.format(uri=postgres.uri(layout, "mlflow_auth"))
    return {
        "PATH": f"{layout.environments.mlflow}/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "MLFLOW_BACKEND_STORE_URI": postgres.uri(layout, "mlflow"),
        "MLFLOW_AUTH_CONFIG_PATH": str(layout.write("mlflow/auth.ini", auth)),
        "MLFLOW_AUTH_ADMIN_PASSWORD": layout.secrets["mlflow-admin"],
        "MLFLOW_FLASK_SERVER_SECRET_KEY": layout.secrets["mlflow-flask"],
        "MLFLOW_SERVER_ALLOWED_HOSTS": f"{LOOPBACK}:{layout.port('mlflow')}",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_S3_ENDPOINT_URL": layout.url("s3"),
        **seaweedfs.client(layout, "s3-mlflow"),
    }


def make_user(layout: Layout) -> None:
    """Make the workload's user, who sees only what it made."""
    user = {"username": USER, "password": layout.secrets["mlflow-user"]}
    admin = ("admin", layout.secrets["mlflow-admin"])
    url = layout.url("mlflow") + "/api/2.0/mlflow/users/create"
    httpx.post(url, json=user, auth=admin, timeout=30).raise_for_status()
