"""Objects of the user's own that a stack file names: they are there before the stack is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pilothouse.services.seaweedfs import APPLICATIONS, BACKUPS
from pilothouse.targets.kubernetes.objects.network_policies import DATABASES

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.dags import GitSync
    from pilothouse.targets.kubernetes.settings.pods import ComponentSettings, Volume
    from pilothouse.targets.kubernetes.settings.target import KubernetesSettings

SECRET, CONFIG_MAP, CLAIM = "Secret", "ConfigMap", "PersistentVolumeClaim"


@dataclass(frozen=True)
class UsersObject:
    """An object that a setting names, where that stands, and the keys that it must have."""

    kind: str
    name: str
    where: str
    keys: tuple[str, ...] = ()


def named(settings: KubernetesSettings) -> list[UsersObject]:
    """Each object once, with the keys of everything that names it.

    The Secret of an Ingress' certificate is none of them: it may come after the Ingress, and then
    its issuer makes it.
    """
    merged: dict[tuple[str, str], UsersObject] = {}
    for each in _all(settings):
        known = merged.get((each.kind, each.name), each)
        keys = tuple(dict.fromkeys((*known.keys, *each.keys)))
        merged[each.kind, each.name] = UsersObject(each.kind, each.name, known.where, keys)
    return list(merged.values())


def _all(settings: KubernetesSettings) -> Iterator[UsersObject]:
    if settings.database:
        yield UsersObject(SECRET, settings.database.secret, "database.secret", tuple(DATABASES))
    if store := settings.object_store:
        roles = APPLICATIONS if settings.database else (*APPLICATIONS, BACKUPS)
        keys = tuple(key for role in roles for key in store.keys(role).values())
        yield UsersObject(SECRET, store.secret, "objectStore.secret", keys)
    if settings.dags.git_sync:
        yield from _of_git(settings.dags.git_sync)
    for at, name in enumerate(settings.image_pull_secrets):
        yield UsersObject(SECRET, name, f"imagePullSecrets[{at}]")
    for component, said in settings.components.items():
        yield from _of_component(f"components.{component}", said)


def _of_git(git: GitSync) -> Iterator[UsersObject]:
    if git.secret:
        yield UsersObject(SECRET, git.secret, "dags.gitSync.secret", git.keys)


def _of_component(where: str, said: ComponentSettings) -> Iterator[UsersObject]:
    for at, source in enumerate(said.env_from):
        for kind, reference in ((CONFIG_MAP, source.config_map_ref), (SECRET, source.secret_ref)):
            if reference:
                yield UsersObject(kind, reference.name, f"{where}.envFrom[{at}]")
    for at, volume in enumerate(said.volumes):
        yield _of_volume(f"{where}.volumes[{at}]", volume)


def _of_volume(where: str, volume: Volume) -> UsersObject:
    kinds = {CONFIG_MAP: volume.config_map, SECRET: volume.secret, CLAIM: volume.claim}
    ((kind, name),) = ((kind, name) for kind, name in kinds.items() if name)
    return UsersObject(kind, name, where, (volume.key,) if volume.key else ())
