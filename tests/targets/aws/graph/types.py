"""The SDK's own types of what a resource of AWS's takes."""

from __future__ import annotations

import importlib
import sys
from functools import cache
from typing import Any

from testkit.fake_providers.core.inputs import Problem, problems

from tests.targets.suite.recorder import Recorded, revealed


@cache
def arguments(token: str) -> Any:
    """The class of arguments of a type such as `aws:s3/bucket:Bucket`.

    Where its name is taken by a part of another resource, the generator calls it `…InitArgs`.
    """
    _, place, name = token.split(":")
    package = importlib.import_module(f"pulumi_aws.{place.partition('/')[0]}")
    module = sys.modules[getattr(package, name).__module__]
    return getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")


def complaints(resource: Recorded) -> list[Problem]:
    """Everything in which a resource's inputs are not what the SDK takes."""
    return problems(arguments(resource.type), revealed(dict(resource.inputs)))
