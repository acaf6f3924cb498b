"""Pods, in Kubernetes' own words, none of which can do more than it needs.

A pod here has one container, and those that start before it. It meets the `restricted` Pod
Security standard: no root, no privileges, no writable root, nothing of the host. Secrets are files
in memory: a secret in a container's environment is on the node's disk, and in what the node says of
the container. Only where a stack file names a Secret under `envFrom` it is there all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pilothouse.targets.kubernetes.objects.network_policies import NAME
from pilothouse.targets.kubernetes.settings.sizes import Resources

if TYPE_CHECKING:
    from pydantic import BaseModel

    from pilothouse.targets.kubernetes.settings.pods import ComponentSettings, Volume
    from pilothouse.targets.kubernetes.settings.target import KubernetesSettings

USER, AIRFLOW_USER = 10001, 50000
GPU = "nvidia.com/gpu"  # as NVIDIA's device plugin names it
TEMPORARY = "/tmp"  # noqa: S108 - a volume of the pod's own
DRAIN_SECONDS = 5  # until every node's kube-proxy sends new connections elsewhere
SECRETS = "/secrets"


@dataclass(frozen=True, kw_only=True)
class SecretKey:
    """One value of a Secret that somebody else has made."""

    secret: str
    key: str

    def manifest(self, file: str) -> dict[str, Any]:
        """As the source of a file in a projected volume."""
        return {"secret": {"name": self.secret, "items": [{"key": self.key, "path": file}]}}


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A path in the container, and what is there: an empty folder, if nothing else is named.

    `key` mounts that one file of a ConfigMap or a Secret. `files` are values of Secrets by the
    names of their files, and nothing else of these Secrets.
    """

    path: str
    config_map: str = ""
    secret: str = ""
    claim: str = ""
    key: str = ""
    files: Mapping[str, SecretKey] = field(default_factory=dict)

    @property
    def volume(self) -> str:
        """The name of its volume in the pod."""
        kind = "config" if self.config_map else "secret" if self.secret else "data"
        source = self.config_map or self.secret or self.claim
        place = self.path.strip("/").replace("/", "-")
        return f"{kind}-{source}" if source else f"{'files' if self.files else 'empty'}-{place}"

    def source(self) -> dict[str, Any]:
        """Its volume."""
        if self.config_map:
            return {"name": self.volume, "configMap": {"name": self.config_map}}
        if self.secret:
            return {"name": self.volume, "secret": {"secretName": self.secret}}
        if self.claim:
            return {"name": self.volume, "persistentVolumeClaim": {"claimName": self.claim}}
        if self.files:
            sources = [key.manifest(file) for file, key in self.files.items()]
            return {"name": self.volume, "projected": {"sources": sources}}
        return {"name": self.volume, "emptyDir": {}}

    def manifest(self) -> dict[str, Any]:
        """As one of a container's `volumeMounts`."""
        mount: dict[str, Any] = {"name": self.volume, "mountPath": self.path}
        if self.key:
            mount["subPath"] = self.key
        if self.config_map or self.secret or self.files:
            mount["readOnly"] = True
        return mount


@dataclass(frozen=True, kw_only=True)
class Program:
    """What a pod runs.

    component: the label that policies and selectors know it by.
    config, secrets: ConfigMaps and Secrets whose keys become environment variables; an image
    that gets secrets has `sh` and `cat`.
    references: environment variables that are values of Secrets which somebody else has made.
    probes: `startupProbe`, `readinessProbe` and `livenessProbe`, by these names.
    token: whether it calls the cluster's API, as the service account of its component.
    drain_seconds: for so long it goes on serving when it is told to end.
    stop: the command that ends it well, where a SIGTERM alone would not.
    before: what runs to its end, one after the other, before it starts, in the same pod; of these
        only what is a container's own counts.
    keeps_running: of what runs before another, that it goes on beside it.
    """

    component: str
    image: str
    command: Sequence[str]
    resources: Resources
    environment: Mapping[str, Any] = field(default_factory=dict)
    config: Sequence[str] = ()
    secrets: Sequence[str] = ()
    references: Mapping[str, SecretKey] = field(default_factory=dict)
    mounts: Sequence[Mount] = ()
    port: int = 0
    udp_port: int = 0
    probes: Mapping[str, Any] = field(default_factory=dict)
    user: int = USER
    token: bool = False
    grace_seconds: int = 30
    drain_seconds: int = 0
    stop: Sequence[str] = ()
    container: str = ""
    gpus: int = 0
    before: Sequence[Program] = ()
    keeps_running: bool = False

    @property
    def name(self) -> str:
        """Its container's."""
        return self.container or self.component

    @property
    def secret_mounts(self) -> list[Mount]:
        """The folders of what becomes secret variables; of one name, the last counts."""
        known = [Mount(path=f"{SECRETS}/{name}", secret=name) for name in self.secrets]
        # A folder of the container's own: another one of its pod reads other keys.
        own = Mount(path=f"{SECRETS}/{self.name}-keys", files=self.references)
        return [*known, *([own] if self.references else [])]


@dataclass(frozen=True, kw_only=True)
class Placement:
    """What every pod of the stack has: its labels, and what the stack file says of it."""

    labels: Mapping[str, str]
    settings: KubernetesSettings

    def template(
        self,
        program: Program,
        *,
        restart: str = "Always",
        annotations: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """A PodTemplateSpec."""
        labels = {**self.labels, NAME: program.component}
        said = self.settings.pods_of(program.component)
        marks = {**said.pod_annotations, **(annotations or {})}
        return {
            "metadata": {"labels": labels, "annotations": marks},
            "spec": {**self._spec(program, said), "restartPolicy": restart},
        }

    def _spec(self, program: Program, said: ComponentSettings) -> dict[str, Any]:
        program = replace(program, resources=said.resources.applied(program.resources))
        programs = [*program.before, program]
        mounts = [mount for each in programs for mount in _mounts(each, said)]
        volumes = {mount.volume: mount.source() for mount in mounts}
        first = [self._container(each, said) for each in program.before]
        return {
            "automountServiceAccountToken": program.token,
            "serviceAccountName": program.component,
            "enableServiceLinks": False,
            "imagePullSecrets": [{"name": name} for name in self.settings.image_pull_secrets],
            "nodeSelector": said.node_selector,
            "tolerations": [_words(each) for each in said.tolerations],
            **({"affinity": _words(said.affinity)} if said.affinity else {}),
            "terminationGracePeriodSeconds": program.grace_seconds,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": program.user,
                "runAsGroup": program.user,
                "fsGroup": program.user,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            **({"initContainers": first} if first else {}),
            "containers": [self._container(program, said)],
            "volumes": list(volumes.values()),
        }

    def _container(self, program: Program, said: ComponentSettings) -> dict[str, Any]:
        environment = {**said.env, **program.environment}
        container: dict[str, Any] = {
            "name": program.name,
            "image": program.image,
            "imagePullPolicy": self.settings.image_pull_policy,
            "command": with_secrets(program, program.command),
            "env": [{"name": name, "value": value} for name, value in environment.items()],
            "envFrom": [
                *(_words(source) for source in said.env_from),
                *({"configMapRef": {"name": name}} for name in program.config),
            ],
            "resources": _resources(program),
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            },
            "volumeMounts": [mount.manifest() for mount in _mounts(program, said)],
            **{name: _asked(program, probe) for name, probe in program.probes.items()},
        }
        if ports := list(_ports(program)):
            container["ports"] = ports
        if program.drain_seconds:
            container["lifecycle"] = {"preStop": {"sleep": {"seconds": program.drain_seconds}}}
        if program.stop:
            container["lifecycle"] = {"preStop": {"exec": {"command": list(program.stop)}}}
        if program.keeps_running:
            container["restartPolicy"] = "Always"
        return container


def _ports(program: Program) -> Iterator[dict[str, Any]]:
    if program.port:
        yield {"containerPort": program.port}
    if program.udp_port:
        yield {"containerPort": program.udp_port, "protocol": "UDP"}


def _mounts(program: Program, said: ComponentSettings) -> list[Mount]:
    own = [*program.mounts, *program.secret_mounts]
    return [*own, *map(_mount, said.volumes), Mount(path=TEMPORARY)]


def _mount(volume: Volume) -> Mount:
    return Mount(
        path=volume.path,
        config_map=volume.config_map or "",
        secret=volume.secret or "",
        claim=volume.claim or "",
        key=volume.key,
    )


def _words(said: BaseModel) -> dict[str, Any]:
    """A part of the settings that is in Kubernetes' own words."""
    return said.model_dump(by_alias=True, exclude_unset=True, exclude_none=True)


def with_secrets(program: Program, command: Sequence[str]) -> list[str]:
    """`command` with the program's secrets as variables of its own; the last of a name counts."""
    if not program.secret_mounts:
        return list(command)
    files = " ".join(f"{mount.path}/*" for mount in program.secret_mounts)
    export = f'for file in {files}; do export "${{file##*/}}=$(cat "$file")"; done'
    return ["sh", "-c", f'{export}; exec "$@"', "sh", *command]


def _asked(program: Program, probe: Mapping[str, Any]) -> dict[str, Any]:
    """The probe, whose command needs what the program needs."""
    if "exec" not in probe:
        return dict(probe)
    return {**probe, "exec": {"command": with_secrets(program, probe["exec"]["command"])}}


def _resources(program: Program) -> dict[str, dict[str, str]]:
    asked = program.resources.manifest()
    if program.gpus:
        asked["limits"][GPU] = str(program.gpus)
    return asked


def http_probes(path: str, port: int, *, start_seconds: int) -> dict[str, Any]:
    """Started in time, ready within 5 s of it, restarted after a silent minute."""
    return _probes({"httpGet": {"path": path, "port": port}, "timeoutSeconds": 10}, start_seconds)


def command_probes(command: Sequence[str], *, start_seconds: int) -> dict[str, Any]:
    """The same by a cheap command, which ends with 0."""
    return _probes({"exec": {"command": list(command)}, "timeoutSeconds": 10}, start_seconds)


def tcp_probes(port: int, *, start_seconds: int) -> dict[str, Any]:
    """The same by a connection."""
    return _probes({"tcpSocket": {"port": port}, "timeoutSeconds": 10}, start_seconds)


def process_probes(command: Sequence[str], *, start_seconds: int) -> dict[str, Any]:
    """By a command that says whether a process is alive that serves nobody."""
    check = {"exec": {"command": list(command)}, "timeoutSeconds": 15}
    return {
        "startupProbe": {**check, "periodSeconds": 3, "failureThreshold": start_seconds // 3},
        "livenessProbe": {**check, "periodSeconds": 60, "failureThreshold": 3},
    }


def _probes(check: dict[str, Any], start_seconds: int) -> dict[str, Any]:
    return {
        "startupProbe": {**check, "periodSeconds": 2, "failureThreshold": start_seconds // 2},
        "readinessProbe": {**check, "periodSeconds": 5, "failureThreshold": 2},
        "livenessProbe": {**check, "periodSeconds": 20, "failureThreshold": 3},
    }
