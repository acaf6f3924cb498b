"""Objects that a stack file names and that the user makes before the stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pilothouse.services.seaweedfs import APPLICATIONS, BACKUPS
from pilothouse.targets.kubernetes.settings.component_table import DATABASES

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.dags import GitSync
    from pilothouse.targets.kubernetes.settings.database import DatabaseSettings
    from pilothouse.targets.kubernetes.settings.network import NetworkSettings
    from pilothouse.targets.kubernetes.settings.oidc import OidcSettings
    from pilothouse.targets.kubernetes.settings.pods import ComponentSettings, Volume
    from pilothouse.targets.kubernetes.settings.store import ObjectStore
    from pilothouse.targets.kubernetes.settings.workload import WorkloadSettings

SECRET, CONFIG_MAP, CLAIM = "Secret", "ConfigMap", "PersistentVolumeClaim"


@dataclass(frozen=True)
class ExternalObject:
    """An object by its kind and name, the setting that names it, and the keys that it must have."""

    kind: str
    name: str
    setting: str
    keys: tuple[str, ...] = ()


def merge(objects: Iterable[ExternalObject]) -> list[ExternalObject]:
    """Every object once, with the keys of all settings that name it."""
    merged: dict[tuple[str, str], ExternalObject] = {}
    for item in objects:
        first = merged.setdefault((item.kind, item.name), item)
        keys = tuple(dict.fromkeys((*first.keys, *item.keys)))
        merged[item.kind, item.name] = replace(first, keys=keys)
    return list(merged.values())


def of_database(database: DatabaseSettings) -> Iterator[ExternalObject]:
    """The Secret with the passwords of an external database, and its certificate authority."""
    yield ExternalObject(SECRET, database.secret, "database.secret", tuple(DATABASES))
    if authority := database.certificate_authority:
        setting = "database.certificateAuthority"
        yield ExternalObject(CONFIG_MAP, authority.config_map, setting, (authority.key,))


def of_store(store: ObjectStore, *, with_backups: bool) -> Iterator[ExternalObject]:
    """The Secret with the keys of an external object store, unless accounts have roles."""
    if store.secret is None:
        return
    roles = (*APPLICATIONS, BACKUPS) if with_backups else APPLICATIONS
    keys = tuple(key for role in roles for key in store.keys(role).values())
    yield ExternalObject(SECRET, store.secret, "objectStore.secret", keys)


def of_git(git: GitSync) -> Iterator[ExternalObject]:
    """The Secret with the credentials of a git repository, if one is named."""
    if git.secret:
        yield ExternalObject(SECRET, git.secret, "dags.gitSync.secret", git.keys)


def of_workload(workload: WorkloadSettings) -> Iterator[ExternalObject]:
    """The Secret with the secrets of the team's workload, if one is named."""
    if workload.secret:
        yield ExternalObject(SECRET, workload.secret, "workload.secret")


def of_oidc(oidc: OidcSettings) -> Iterator[ExternalObject]:
    """The Secret with the secret of the OpenID Connect provider's client."""
    yield ExternalObject(SECRET, oidc.secret, "oidc.secret", (oidc.secret_key,))


def of_network(network: NetworkSettings) -> Iterator[ExternalObject]:
    """The Secret with a proxy's login, and the ConfigMap with certificate authorities."""
    if network.proxy and network.proxy.secret:
        keys = tuple(network.proxy.urls)
        yield ExternalObject(SECRET, network.proxy.secret, "network.proxy.secret", keys)
    if authority := network.certificate_authority:
        setting = "network.certificateAuthority"
        yield ExternalObject(CONFIG_MAP, authority.config_map, setting, (authority.key,))


def of_registries(secrets: Sequence[str]) -> Iterator[ExternalObject]:
    """The Secrets with the credentials of image registries."""
    for index, name in enumerate(secrets):
        yield ExternalObject(SECRET, name, f"imagePullSecrets[{index}]")


def of_components(components: Mapping[str, ComponentSettings]) -> Iterator[ExternalObject]:
    """What the components' `envFrom` and `volumes` refer to."""
    for component, settings in components.items():
        yield from _of_component(f"components.{component}", settings)


def _of_component(setting: str, settings: ComponentSettings) -> Iterator[ExternalObject]:
    for index, source in enumerate(settings.env_from):
        for kind, reference in ((CONFIG_MAP, source.config_map_ref), (SECRET, source.secret_ref)):
            if reference:
                yield ExternalObject(kind, reference.name, f"{setting}.envFrom[{index}]")
    for index, volume in enumerate(settings.volumes):
        yield _of_volume(f"{setting}.volumes[{index}]", volume)


def _of_volume(setting: str, volume: Volume) -> ExternalObject:
    kinds = {CONFIG_MAP: volume.config_map, SECRET: volume.secret, CLAIM: volume.claim}
    ((kind, name),) = ((kind, name) for kind, name in kinds.items() if name)
    return ExternalObject(kind, name, setting, (volume.key,) if volume.key else ())
