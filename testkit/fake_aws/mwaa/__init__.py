"""MWAA, which moto has not: environments, their tags, and the REST API of their Airflow."""

from __future__ import annotations

import re
import sys

from moto import backend_index

_PATTERN = re.compile(r"https?://(api\.|env\.)?airflow\.(.+)\.amazonaws\.com")


def extend() -> None:
    """Make the service known to moto."""
    from testkit.fake_aws.mwaa import models

    sys.modules["moto.mwaa"] = models
    if ("mwaa", _PATTERN) not in backend_index.backend_url_patterns:
        backend_index.backend_url_patterns.append(("mwaa", _PATTERN))
