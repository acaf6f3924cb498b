"""What of a stack stays when data are kept.

The buckets of data and of artifacts with all that protects them, the registries and what they
stand on. A serverless MLflow app stays: it has the runs and costs nothing while nobody asks it. An
MLflow tracking server goes, and its runs with it: it bills by the hour. The key stays, since what
it opens would be lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pilothouse.targets.aws.resources.storage import DATA

ALWAYS = (
    "aws:kms/alias:Alias",
    "aws:kms/key:Key",
    "aws:sagemaker/mlflowApp:MlflowApp",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
)
BUCKETS = "aws:s3/bucket"
"""How the types of a bucket and of its settings begin."""


def stays(resource: Mapping[str, Any]) -> bool:
    """Whether a resource of the state stays there."""
    kind, name = resource["type"], resource["urn"].rpartition("::")[2]
    of_data = any(name == role or name.startswith(f"{role}-") for role in DATA)
    return kind in ALWAYS or (kind.startswith(BUCKETS) and of_data)
