"""Where the real services listen: what a request to this machine is turned into."""

from __future__ import annotations

import re

_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_UNSIGNED = ("us-east-1", "s3")  # as S3 takes requests without a signature
_HOSTS = {
    "airflow": "api.airflow.{region}.amazonaws.com",
    "budgets": "budgets.amazonaws.com",
    "ecr": "api.ecr.{region}.amazonaws.com",
    "iam": "iam.amazonaws.com",
    "sagemaker": "api.sagemaker.{region}.amazonaws.com",
}
"""Hosts that are not called `<service>.<region>`, by the service's name in signatures."""


def real_url(authorization: str, target: str) -> str:
    """The URL of the service that a signed request is meant for.

    `authorization` is the request's header of that name, `target` its path with its query.
    """
    found = _SCOPE.search(authorization)
    region, service = found.group("region", "service") if found else _UNSIGNED
    host = _HOSTS.get(service, f"{service}.{{region}}.amazonaws.com")
    return f"https://{host.format(region=region)}{target}"
