"""The registry: which class makes each capability of each target.

Entries are lazy "module:Class" strings, so that a stack imports the SDKs of its own target only.
A package outside of this one adds a target by an entry point in the group `pilothouse.targets`
whose object is a `Target`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from pilothouse.errors import PilothouseError


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a target's parts are, each as "module:attribute".

    `settings` is the pydantic model of its settings in the stack file; `foundation` makes what
    the four capabilities stand on; `operations` is a `pilothouse.contract.Operations`;
    `renderer`, where there is something to render, a `pilothouse.contract.Renderer`; `images`,
    where images run, gives the reference of each role's from a plan; `rights`, where they can be
    told, the policies of whoever deploys, as documents, from a plan.
    `features` names what it can do beyond the basics (see `pilothouse.plan.FEATURES`).
    `plugins` names the engine's provider plugins that it uses, `install` the command that brings
    its SDKs.
    """

    settings: str
    foundation: str
    storage: str
    compute: str
    tracking: str
    orchestration: str
    operations: str
    renderer: str = ""
    images: str = ""
    rights: str = ""
    features: frozenset[str] = frozenset()
    plugins: tuple[str, ...] = ()
    install: str = "pip install pilothouse"


_LOCAL = "pilothouse.targets.local"
_KUBERNETES = "pilothouse.targets.kubernetes"
_AWS = "pilothouse.targets.aws"

BUILT_IN: Mapping[str, Target] = {
    "local": Target(
        settings=f"{_LOCAL}.settings.target:LocalSettings",
        foundation=f"{_LOCAL}.components.foundation:LocalFoundation",
        storage=f"{_LOCAL}.components.storage:LocalStorage",
        compute=f"{_LOCAL}.components.compute:LocalCompute",
        tracking=f"{_LOCAL}.components.tracking:LocalTracking",
        orchestration=f"{_LOCAL}.components.orchestration:LocalOrchestration",
        operations=f"{_LOCAL}.operations.target:LocalOperations",
    ),
    "kubernetes": Target(
        settings=f"{_KUBERNETES}.settings.target:KubernetesSettings",
        foundation=f"{_KUBERNETES}.components.foundation:KubernetesFoundation",
        storage=f"{_KUBERNETES}.components.storage:KubernetesStorage",
        compute=f"{_KUBERNETES}.components.compute:KubernetesCompute",
        tracking=f"{_KUBERNETES}.components.tracking:KubernetesTracking",
        orchestration=f"{_KUBERNETES}.components.orchestration:KubernetesOrchestration",
        operations=f"{_KUBERNETES}.operations.target:KubernetesOperations",
        renderer=f"{_KUBERNETES}.operations.rendering:render",
        images=f"{_KUBERNETES}.objects.images:required_images",
        features=frozenset({"gpu", "public-access"}),
        plugins=("kubernetes",),
        install="pip install 'pilothouse[kubernetes]'",
    ),
    "aws": Target(
        settings=f"{_AWS}.settings.target:AwsSettings",
        foundation=f"{_AWS}.components.foundation:AwsFoundation",
        storage=f"{_AWS}.components.storage:AwsStorage",
        compute=f"{_AWS}.components.compute:AwsCompute",
        tracking=f"{_AWS}.components.tracking:AwsTracking",
        orchestration=f"{_AWS}.components.orchestration:AwsOrchestration",
        operations=f"{_AWS}.operations.target:AwsOperations",
        rights=f"{_AWS}.operations.deployer_policy:documents",
        features=frozenset({"gpu"}),
        plugins=("aws",),
        install="pip install 'pilothouse[aws]'",
    ),
}


@cache
def registered() -> Mapping[str, Target]:
    """Every target by name: ours, and those that other packages add."""
    added = {entry.name: entry.load() for entry in entry_points(group="pilothouse.targets")}
    return {**added, **BUILT_IN}


def offering(part: str) -> list[str]:
    """The targets that have an optional part, such as `renderer`."""
    return sorted(name for name, target in registered().items() if getattr(target, part))


def load(target: str, part: str) -> Any:
    """Import one part of a target, such as `load("local", "storage")`.

    Raises KeyError for an unknown target, PilothouseError where its SDK is not installed.
    """
    entry = registered()[target]
    module, _, attribute = getattr(entry, part).partition(":")
    try:
        return getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        message = f"target {target!r} needs {error.name!r}, which is not installed: {entry.install}"
        raise PilothouseError(message) from error
