"""What moto lacks, added from outside."""

from __future__ import annotations

import importlib
import os
from functools import cache

import botocore.session

MODULES = (
    "buckets", "budgets", "budget_actions", "network", "permissions", "sagemaker", "domains",
    "pipelines", "mwaa",
)  # fmt: skip


@cache
def extend() -> None:
    """Add it all, once a process, and leave out what only takes time."""
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # machine images, which no stack uses
    # Sessions share what they read of the services' models, the largest of which are megabytes.
    vars(botocore.session)["create_loader"] = cache(botocore.session.create_loader)
    for name in MODULES:
        importlib.import_module(f"{__name__}.{name}").extend()
