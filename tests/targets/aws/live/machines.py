"""What carries out the jobs of a pipeline's steps, where SageMaker would start containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from testkit.fake_aws import pipelines
from testkit.fake_aws.jobs import Machines


def executor(machines: Machines) -> pipelines.Executor:
    """Carries out the job of each step."""

    def execute(step: Mapping[str, Any], given: Mapping[str, str]) -> Mapping[str, Any]:
        request = pipelines.resolve(step["Arguments"], given)
        name = f"pipelines-{given[pipelines.EXECUTION_ID]}-{step['Name']}"
        return machines.run(step["Type"], name, request)

    return execute
