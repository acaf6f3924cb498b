"""What moto lacks, added from outside."""

from __future__ import annotations

from functools import cache


@cache
def extend() -> None:
    """Add it all, once a process."""
    from tests.doubles.aws.moto_services import (
        buckets,
        budgets,
        domains,
        mwaa,
        pipelines,
        sagemaker,
    )

    for module in (buckets, budgets, sagemaker, domains, pipelines, mwaa):
        module.extend()
