"""No word of a target or of a cloud stands in what serves every target."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "pilothouse"
NEUTRAL = (
    *sorted(SOURCE.glob("*.py")),
    *(
        path
        for folder in ("config", "program", "lifecycle", "targets/shared")
        for path in sorted((SOURCE / folder).rglob("*.py"))
    ),
    SOURCE / "targets" / "__init__.py",
    SOURCE / "targets" / "descriptor.py",
    SOURCE / "targets" / "dry_run.py",
    SOURCE / "targets" / "interface.py",
)
WORDS = re.compile(
    r"(?<![a-z])(aws|amazon\w*|arns?|azure|boto3|botocore|databricks|ec2|ecr|gcp|google|iam|kms"
    r"|kubernetes|kubectl|k8s|mwaa|s3|sagemaker|sts|vertex)(?![a-z])",
    re.IGNORECASE,
)
ALLOWED = {
    "lifecycle/pipelines/systems.py": {"azure"},
    "config/workload.py": {"aws"},
    "targets/__init__.py": {"aws", "kubernetes"},
    "targets/dry_run.py": {"google"},
}
"""A CI system, variables of clients of buckets, the registry's own lines, and a package's name."""


def words(source: str) -> Iterator[str]:
    """The words of targets and clouds in code, texts and comments."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.NAME, tokenize.STRING, tokenize.COMMENT):
            plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", token.string)
            yield from (found[1].lower() for found in WORDS.finditer(plain))


@pytest.mark.parametrize("path", NEUTRAL, ids=lambda path: str(path.relative_to(SOURCE)))
def test_what_serves_every_target_names_none(path: Path) -> None:
    name = str(path.relative_to(SOURCE))
    assert set(words(path.read_text(encoding="utf-8"))) <= ALLOWED.get(name, set())


def test_the_allowed_words_are_needed() -> None:
    for name, allowed in ALLOWED.items():
        assert set(words((SOURCE / name).read_text(encoding="utf-8"))) == allowed


def test_there_is_something_to_look_at() -> None:
    assert len(NEUTRAL) > 40


@pytest.mark.parametrize(
    "planted",
    [
        "import boto3",
        "if uri.startswith('s3://'): pass",
        "x = uri.startswith('arn:')",
        '"""As AWS wants it."""',
        "class AwsError: ...",
        "def ask_sagemaker(): ...",
        "# Kubernetes takes no other",
        "kind = 'mwaa'",
    ],
)
def test_a_planted_word_is_found(planted: str) -> None:
    assert list(words(planted))


@pytest.mark.parametrize("harmless", ["costs = 3", "class Claws: ...", "lists3 = []", "last = 's'"])
def test_a_word_within_another_is_none(harmless: str) -> None:
    assert list(words(harmless)) == []
