"""Logins of people by an OpenID Connect provider, wherever the consoles run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pilothouse.config.oidc import Oidc

PROGRAMS = Path(__file__).parent / "programs" / "oidc"
"""The folder of the modules that both services import."""
AIRFLOW_CONFIGURATION = "airflow_oidc.py"
MLFLOW_FUNCTION = "mlflow_oidc:authenticate"
MARK = "pilothouse-oidc"
"""The role, without a right, of the accounts that logins by the provider make."""
SECRET_VARIABLE = "PILOTHOUSE_OIDC_CLIENT_SECRET"  # noqa: S105 - its name
AIRFLOW_CALLBACK, MLFLOW_CALLBACK = "/auth/oauth-authorized/oidc", "/oidc/callback"
SESSION_MINUTES = 12 * 60
"""After this a console asks the provider again, so that rights follow the groups."""
DISCOVERY = "/.well-known/openid-configuration"
TIMEOUT = 10.0  # seconds
WRONG_CLIENT = ("invalid_client", "unauthorized_client")


def environment(oidc: Oidc, *, tracking_url: str, ca_file: str, programs: str) -> dict[str, str]:
    """The plain variables of both consoles' servers.

    tracking_url: where people see MLflow, "" for whatever address they ask. ca_file: the
    certificate authorities of the provider, "" for the usual ones. programs: the folder that has
    the files of PROGRAMS.
    """
    settings = {
        "issuer": oidc.issuer,
        "client_id": oidc.client_id,
        "scopes": oidc.scopes,
        "groups_claim": oidc.groups_claim,
        "roles": oidc.roles.by_rank,
        "tracking_url": tracking_url,
        "ca_file": ca_file,
        "session_seconds": SESSION_MINUTES * 60,
    }
    return {"PILOTHOUSE_OIDC": json.dumps(settings), "PYTHONPATH": programs}


def modules() -> list[Path]:
    """The files that both services import."""
    return sorted(path for path in PROGRAMS.glob("*.py") if path.stem != "__init__")


def airflow_settings(programs: str) -> Mapping[str, str]:
    """The settings `SECTION__KEY` of Airflow's API server."""
    return {
        "FAB__CONFIG_FILE": f"{programs}/{AIRFLOW_CONFIGURATION}",
        "FAB__SESSION_MAX_LIFETIME_MINUTES": str(SESSION_MINUTES),
    }


@dataclass(frozen=True)
class Fault:
    """What a provider does not accept, and what to do about it."""

    found: str
    remedy: str


def find_fault(oidc: Oidc, secret: str, ca_file: str) -> Fault | None:
    """What is wrong with the issuer or the client, as the provider sees it; None if nothing is.

    The provider is asked for its discovery document, and to redeem a code that it has not issued:
    it refuses a client that it does not know before it looks at the code.
    """
    import httpx

    try:
        with httpx.Client(verify=ca_file or True, timeout=TIMEOUT) as client:
            reply = client.get(oidc.issuer.rstrip("/") + DISCOVERY)
            document = reply.raise_for_status().json()
            if document["issuer"] != oidc.issuer:
                remedy = "write access.oidc.issuer in platform.yaml just so"
                return Fault(f"calls itself {document['issuer']}", remedy)
            code = {"grant_type": "authorization_code", "code": "none", "redirect_uri": oidc.issuer}
            login = (oidc.client_id, secret)
            answer = client.post(document["token_endpoint"], auth=login, data=code).json()["error"]
    except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError) as error:
        found = f"does not answer as a provider of OpenID Connect: {type(error).__name__}: {error}"
        remedy = (
            "check access.oidc.issuer in platform.yaml, the network, and the certificate "
            "authorities that this machine trusts"
        )
        return Fault(found, remedy)
    if answer in WRONG_CLIENT:
        remedy = (
            "check access.oidc.clientId in platform.yaml, and the secret that the stack file names"
        )
        return Fault(f"refuses the client {oidc.client_id!r} with its secret: {answer}", remedy)
    return None
