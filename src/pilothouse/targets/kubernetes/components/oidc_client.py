"""The consoles' pods as the client of the platform's OpenID Connect provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pilothouse.services import oidc
from pilothouse.targets.kubernetes.objects.builder import digest
from pilothouse.targets.kubernetes.objects.pods import Mount, SecretKey
from pilothouse.targets.kubernetes.objects.public_hosts import public_url
from pilothouse.targets.kubernetes.settings.component_table import MLFLOW

if TYPE_CHECKING:
    import pulumi

    from pilothouse.targets.kubernetes.objects.builder import ObjectFactory
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan

FOLDER = "/oidc"


@dataclass(frozen=True)
class OidcClient:
    """What a console's pod has of the provider; nothing without `access.oidc`.

    files: the modules that it imports, for the ConfigMap `config_map`.
    """

    config_map: str
    environment: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, SecretKey] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: KubernetesPlan, console: str) -> OidcClient:
        """The client of a console of a plan; the user's Secret has its secret."""
        provider, settings = plan.platform.access.oidc, plan.settings.oidc
        config_map = f"{console}-oidc"
        if provider is None or settings is None:
            return cls(config_map)
        # The pods' own authorities count: those of `network.certificateAuthority` or of the image.
        environment = oidc.environment(
            provider, tracking_url=public_url(plan, MLFLOW), ca_file="", programs=FOLDER
        )
        key = SecretKey(secret=settings.secret, key=settings.secret_key)
        files = {path.name: path.read_text("utf-8") for path in oidc.modules()}
        return cls(config_map, environment, {oidc.SECRET_VARIABLE: key}, files)

    @property
    def is_there(self) -> bool:
        """Whether the platform has a provider."""
        return bool(self.files)

    @property
    def annotations(self) -> Mapping[str, str]:
        """The annotation of pods that changes with what they read at their start."""
        content = digest([self.environment, self.files])
        return {"oidc": content} if self.is_there else {}

    def create(self, objects: ObjectFactory) -> list[pulumi.Resource]:
        """Create the ConfigMap of the modules."""
        return [objects.config_map(self.config_map, self.files)] if self.is_there else []

    @property
    def mounts(self) -> Sequence[Mount]:
        """The folder of the modules."""
        return [Mount(path=FOLDER, config_map=self.config_map)] if self.is_there else []
