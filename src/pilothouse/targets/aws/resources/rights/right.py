"""A right: actions, and what they are allowed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Tagged = Literal["", "request", "resource"]

ANY = "*"
EC2 = "arn:{partition}:ec2:{region}:{account}:"
SAGEMAKER = "arn:{partition}:sagemaker:{region}:{account}:"
IAM = "arn:{partition}:iam::{account}:"
LOGS = "arn:{partition}:logs:{region}:{account}:log-group:"


@dataclass(frozen=True, kw_only=True)
class Right:
    """Actions on resources.

    actions: separated by blanks.
    on: ARNs, in which `{region}`, `{account}` and the inputs of each resource are put.
    of: the type whose resources' inputs these are; empty for the type itself.
    tagged: whether the request, or the resource, must bear the stack's tag.
    passed_to: the services to which a role may be passed.
    """

    actions: str
    on: Sequence[str] = (ANY,)
    of: str = ""
    tagged: Tagged = ""
    passed_to: Sequence[str] = ()
