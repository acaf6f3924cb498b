"""What every target shares knows no cloud."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pilothouse.targets import shared

WORDS = re.compile(
    r"(?i)\b(aws|amazon|arns?|s3|iam|kms|ec2|ecr|sagemaker|mwaa|boto\w*"
    r"|gcp|google(?!\.protobuf)|azure|databricks)\b"
)
MODULES = sorted(Path(str(shared.__file__)).parent.glob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_shared_module_names_a_cloud(path: Path) -> None:
    assert WORDS.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("text", ["an ARN of", "class AWS:", "like boto3", "in Azure"])
def test_a_word_of_a_cloud_is_seen(text: str) -> None:
    assert WORDS.search(text)
