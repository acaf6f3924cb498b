"""Variables that a setting of the target stands in place of."""

import re

from pilothouse.config.validation import refusal

_NO_EFFECT = "a variable that has no effect here: pods run past the image's entrypoint"
_PROXY = "a variable of proxies, which would send calls inside the cluster there too"
_REPLACED = (
    (
        re.compile(r"(https?|all)_proxy", re.IGNORECASE),
        _PROXY,
        "name the proxy under network.proxy",
    ),
    (
        re.compile(r"no_proxy", re.IGNORECASE),
        "a variable that the target completes",
        "name the hosts under network.proxy.noProxy",
    ),
    (
        re.compile(r"PGSSL(MODE|ROOTCERT)"),
        "a variable that the target sets for an external database",
        "set database.sslMode and database.certificateAuthority",
    ),
    (
        re.compile(r"_PIP_ADDITIONAL_REQUIREMENTS"),
        _NO_EFFECT,
        "build an image with the packages, and name it under images",
    ),
    (
        re.compile(r"_AIRFLOW_DB_(MIGRATE|UPGRADE)"),
        _NO_EFFECT,
        "remove it: each `up` migrates the database before Airflow starts",
    ),
    (
        re.compile(r"_AIRFLOW_WWW_USER_\w+"),
        _NO_EFFECT,
        "remove it: the target creates the users; `pilothouse status --show-secrets` shows them",
    ),
    (
        re.compile(r"CONNECTION_CHECK_(MAX_COUNT|SLEEP_TIME)"),
        _NO_EFFECT,
        "remove it: Airflow starts after its database is ready",
    ),
)
"""The names, what they are, and the remedy."""


def refuse_replaced(name: str) -> None:
    """Raise a refusal of the variable `name` if a setting stands in its place."""
    for pattern, found, remedy in _REPLACED:
        if pattern.fullmatch(name):
            raise refusal(key=name, found=found, remedy=remedy)
