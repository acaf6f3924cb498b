"""Encryption at rest: with a KMS key of the stack, with a named one, or with AWS's own keys."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pilothouse.config.section import Section
from pilothouse.config.validation import refusal
from pilothouse.errors import shown

_KEY_ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MULTI_REGION_ID = r"mrk-[0-9a-f]{32}"
_KEY_ARN = re.compile(
    rf"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{{12}}:key/({_KEY_ID}|{_MULTI_REGION_ID})"
)
_EXAMPLE = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
_LOOK_UP = "`aws kms describe-key --key-id KEY --query KeyMetadata.Arn` prints it"


def _check_key_arn(text: str) -> str:
    if _KEY_ARN.fullmatch(text):
        return text
    if text.startswith("alias/") or ":alias/" in text:
        remedy = f"write the ARN of the key that it points to now: {_LOOK_UP}"
        raise refusal(found=f"the alias {shown(text)}", remedy=remedy)
    if re.fullmatch(f"{_KEY_ID}|{_MULTI_REGION_ID}", text):
        remedy = f"write the key's whole ARN: {_LOOK_UP}"
        raise refusal(found=f"the id {shown(text)}", remedy=remedy)
    raise refusal(found=shown(text), remedy=f"write the ARN of a KMS key, such as {_EXAMPLE}")


class StorageSettings(Section):
    """Encryption at rest."""

    encryption: Literal["kms", "s3"] = Field(
        default="kms",
        description="`kms`: with a KMS key. `s3`: with keys that AWS manages.",
    )
    key_arn: Annotated[str, AfterValidator(_check_key_arn)] | None = Field(
        default=None,
        description="The ARN of an existing KMS key in the stack's region, such as one of a "
        "central team, which encrypts everything. It is never changed or deleted. Default: a key "
        "of the stack.",
    )

    @model_validator(mode="after")
    def _check_key_is_used(self) -> Self:
        if self.key_arn and self.encryption == "s3":
            remedy = "remove it, or set encryption: kms"
            raise refusal(key="keyArn", found="a KMS key with encryption: s3", remedy=remedy)
        return self

    @property
    def is_multi_region(self) -> bool:
        """Whether the named key is a multi-Region key."""
        return ":key/mrk-" in (self.key_arn or "")
