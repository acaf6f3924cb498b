"""What a scanner would find and what is meant: annotations on the very object, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.objects.pods import Program

TOKEN = "CKV_K8S_38=calls the API of the cluster as an account of its own"  # noqa: S105 - a reason
READINESS = "CKV_K8S_9=no Service sends it requests and its start-up probe holds back a rollout"


def exceptions(program: Program) -> dict[str, str]:
    """The annotations of an object that runs `program`, as checkov reads them."""
    no_readiness = bool(program.probes) and "readinessProbe" not in program.probes
    meant = {TOKEN: program.token, READINESS: no_readiness}
    reasons = [reason for reason, holds in meant.items() if holds]
    return {f"checkov.io/skip{number}": reason for number, reason in enumerate(reasons, 1)}
