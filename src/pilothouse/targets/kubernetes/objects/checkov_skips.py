"""Annotations that tell checkov which findings are intended, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.objects.pods import Program

TOKEN = "CKV_K8S_38=calls the API of the cluster as an account of its own"  # noqa: S105 - a reason
READINESS = "CKV_K8S_9=no Service sends it requests and its start-up probe holds back a rollout"


def skip_annotations(program: Program) -> dict[str, str]:
    """The annotations of an object that runs `program`."""
    no_readiness = bool(program.probes) and "readinessProbe" not in program.probes
    skips = {TOKEN: program.token, READINESS: no_readiness}
    reasons = [reason for reason, applies in skips.items() if applies]
    return {f"checkov.io/skip{number}": reason for number, reason in enumerate(reasons, 1)}
