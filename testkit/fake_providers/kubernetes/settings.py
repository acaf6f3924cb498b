"""What a provider is configured with."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from testkit.fake_providers.kubernetes.cluster import kubeconfig_of
from testkit.fake_providers.kubernetes.immutables import Mutable

_SWITCHES = {
    "enableServerSideApply": ("PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", True),
    "enablePatchForce": ("PULUMI_K8S_ENABLE_PATCH_FORCE", False),
    "enableConfigMapMutable": ("PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE", False),
    "enableSecretMutable": ("PULUMI_K8S_ENABLE_SECRET_MUTABLE", False),
    "upsertExistingObjects": ("PULUMI_K8S_UPSERT_EXISTING_OBJECTS", False),
}
_MODELLED = frozenset({"kubeconfig", "context", "namespace", "clusterIdentifier", *_SWITCHES})
_WITHOUT_EFFECT = frozenset(
    {"version", "pluginDownloadURL", "suppressDeprecationWarnings", "suppressHelmHookWarnings"}
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The provider's configuration; None where the kubeconfig decides."""

    kubeconfig: str | None = None
    context: str | None = None
    namespace: str | None = None
    force: bool = False
    upsert: bool = False
    mutable: Mutable = Mutable()  # noqa: RUF009 (it is frozen)

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Settings:
        """From the engine's variables, without their prefix, and from the environment."""
        return cls(
            kubeconfig=given.get("kubeconfig") or None,
            context=given.get("context") or None,
            namespace=given.get("namespace") or None,
            force=_switch(given, "enablePatchForce"),
            upsert=_switch(given, "upsertExistingObjects"),
            mutable=Mutable(
                secrets=_switch(given, "enableSecretMutable"),
                config_maps=_switch(given, "enableConfigMapMutable"),
            ),
        )


def problems(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Arguments that the double does not have, and client-side apply."""
    unknown = sorted(set(given) - _MODELLED - _WITHOUT_EFFECT)
    found = [(name, "the double does not model this argument") for name in unknown]
    plain = {name: value for name, value in given.items() if name in _SWITCHES}
    if not _switch(plain, "enableServerSideApply"):
        found.append(("enableServerSideApply", "the double models server-side apply only"))
    return found


def replacing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The arguments by which the provider means another cluster: all it made is replaced."""
    if old.get("clusterIdentifier") or new.get("clusterIdentifier"):
        same = old.get("clusterIdentifier") == new.get("clusterIdentifier")
        return [] if same else ["clusterIdentifier"]
    before, after = _cluster(old), _cluster(new)
    if before is None or after is None or before == after:
        return []
    return [name for name in ("kubeconfig", "context") if old.get(name) != new.get(name)]


def _switch(given: Mapping[str, Any], name: str) -> bool:
    variable, default = _SWITCHES[name]
    value = given.get(name, os.environ.get(variable, default))
    return bool(value) if isinstance(value, bool) else str(value) == "true"


def _cluster(given: Mapping[str, Any]) -> Any:
    """The settings of the cluster that the arguments choose, None if they name none."""
    value = given.get("kubeconfig")
    if not value:
        return None
    loaded = kubeconfig_of(value if isinstance(value, str) else json.dumps(value))
    contexts = {c["name"]: c.get("context", {}) for c in loaded.get("contexts") or []}
    chosen = contexts.get(given.get("context") or loaded.get("current-context"), {})
    clusters = {c["name"]: c.get("cluster") for c in loaded.get("clusters") or []}
    return clusters.get(chosen.get("cluster"))
