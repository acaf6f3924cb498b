"""Pod templates with the least privileges.

A pod has one container, and its init containers. It meets the `restricted` Pod Security standard:
no root, no privileges, no writable root file system, nothing of the host. Secrets are files in
memory: a secret in a container's environment is on the node's disk, and in the node's description
of the container. Only Secrets that a stack file names under `envFrom` are environment variables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pilothouse.targets.kubernetes.naming import COMPONENT_LABEL
from pilothouse.targets.kubernetes.objects.sizing import Resources
from pilothouse.targets.kubernetes.settings.component_table import WORKLOAD

if TYPE_CHECKING:
    from pydantic import BaseModel

    from pilothouse.targets.kubernetes.settings.pods import ComponentSettings, Volume
    from pilothouse.targets.kubernetes.settings.target import KubernetesSettings

USER, AIRFLOW_USER = 10001, 50000
ACCOUNTS_FILE = "/etc/passwd"
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - of the pod's own
TEMPORARY = "/tmp"  # noqa: S108 - a volume of the pod's own
DRAIN_SECONDS = 5  # until every node's kube-proxy sends new connections to other pods
SECRETS = "/secrets"


def workload_user(settings: KubernetesSettings) -> int:
    """The user of the workload's pods, which is that of the image they run in."""
    return USER if WORKLOAD in settings.images else AIRFLOW_USER


@dataclass(frozen=True, kw_only=True)
class SecretKey:
    """One key of a Secret that the user created."""

    secret: str
    key: str

    def manifest(self, file: str) -> dict[str, Any]:
        """The source of a file in a projected volume."""
        return {"secret": {"name": self.secret, "items": [{"key": self.key, "path": file}]}}


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A path in the container and the source of its volume, by default an empty folder.

    `key` mounts that one file of a ConfigMap or a Secret. `files` are keys of Secrets by the names
    of their files. An empty folder with `memory_mib` is in memory, up to so many MiB.
    """

    path: str
    config_map: str = ""
    secret: str = ""
    claim: str = ""
    key: str = ""
    files: Mapping[str, SecretKey] = field(default_factory=dict)
    memory_mib: int = 0

    @property
    def volume(self) -> str:
        """The name of the volume in the pod."""
        kind = "config" if self.config_map else "secret" if self.secret else "data"
        source = self.config_map or self.secret or self.claim
        suffix = self.path.strip("/").replace("/", "-")
        return f"{kind}-{source}" if source else f"{'files' if self.files else 'empty'}-{suffix}"

    def source(self) -> dict[str, Any]:
        """The volume, as in a pod's `volumes`."""
        if self.config_map:
            return {"name": self.volume, "configMap": {"name": self.config_map}}
        if self.secret:
            return {"name": self.volume, "secret": {"secretName": self.secret}}
        if self.claim:
            return {"name": self.volume, "persistentVolumeClaim": {"claimName": self.claim}}
        if self.files:
            sources = [key.manifest(file) for file, key in self.files.items()]
            return {"name": self.volume, "projected": {"sources": sources}}
        in_memory = {"medium": "Memory", "sizeLimit": f"{self.memory_mib}Mi"}
        return {"name": self.volume, "emptyDir": in_memory if self.memory_mib else {}}

    def manifest(self) -> dict[str, Any]:
        """The mount, as in a container's `volumeMounts`."""
        mount: dict[str, Any] = {"name": self.volume, "mountPath": self.path}
        if self.key:
            mount["subPath"] = self.key
        if self.config_map or self.secret or self.files:
            mount["readOnly"] = True
        return mount


@dataclass(frozen=True, kw_only=True)
class Program:
    """The program of a container, and what it needs of its pod.

    component: the component that the pod belongs to, by its label.
    config, secrets: ConfigMaps and Secrets whose keys become environment variables; an image
        with secrets must have `sh` and `cat`.
    references: environment variables that are keys of Secrets which the user created.
    probes: `startupProbe`, `readinessProbe` and `livenessProbe`, by these names.
    token: whether it calls the cluster's API, as the service account of its component.
    drain_seconds: how long it serves on when its pod is terminated.
    stop: the command that stops it, where SIGTERM would not do that cleanly.
    before: the programs of the init containers, of which only the fields of containers count.
    keeps_running: whether an init container is a sidecar.
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
        """The name of the container."""
        return self.container or self.component

    @property
    def secret_mounts(self) -> list[Mount]:
        """The folders of secret environment variables; the last of a name takes precedence."""
        folders = [Mount(path=f"{SECRETS}/{name}", secret=name) for name in self.secrets]
        # Each container has its own folder of keys: containers of one pod read different ones.
        keys = Mount(path=f"{SECRETS}/{self.name}-keys", files=self.references)
        return [*folders, *([keys] if self.references else [])]


@dataclass(frozen=True, kw_only=True)
class Additions:
    """What every container has besides what its program needs, with the fields of `Program`."""

    environment: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, SecretKey] = field(default_factory=dict)
    mounts: Sequence[Mount] = ()

    def to(self, program: Program) -> Program:
        """`program` with these; its own variables take precedence."""
        return replace(
            program,
            environment={**self.environment, **program.environment},
            references={**self.references, **program.references},
            mounts=[*program.mounts, *self.mounts],
            before=[self.to(item) for item in program.before],
        )


@dataclass(frozen=True, kw_only=True)
class PodTemplates:
    """Creates pod templates with the labels of the stack and the settings of the stack file."""

    labels: Mapping[str, str]
    settings: KubernetesSettings
    additions: Additions

    def template(
        self,
        program: Program,
        *,
        restart: str = "Always",
        annotations: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The PodTemplateSpec of a program."""
        labels = {**self.labels, COMPONENT_LABEL: program.component}
        settings = self.settings.pods_of(program.component)
        merged = {**settings.pod_annotations, **(annotations or {})}
        return {
            "metadata": {"labels": labels, "annotations": merged},
            "spec": {**self._spec(program, settings), "restartPolicy": restart},
        }

    def _spec(self, program: Program, settings: ComponentSettings) -> dict[str, Any]:
        resources = program.resources.override(settings.resources)
        program = self.additions.to(replace(program, resources=resources))
        programs = [*program.before, program]
        mounts = [mount for item in programs for mount in self._mounts(item, settings)]
        volumes = {mount.volume: mount.source() for mount in mounts}
        init_containers = [self._container(item, settings) for item in program.before]
        return {
            "automountServiceAccountToken": program.token,
            "serviceAccountName": program.component,
            "enableServiceLinks": False,
            "imagePullSecrets": [{"name": name} for name in self.settings.image_pull_secrets],
            "nodeSelector": settings.node_selector,
            "tolerations": [_manifest(toleration) for toleration in settings.tolerations],
            **({"affinity": _manifest(settings.affinity)} if settings.affinity else {}),
            **_runtime_class(settings),
            "terminationGracePeriodSeconds": program.grace_seconds,
            "securityContext": {
                "runAsNonRoot": True,
                **({} if self.settings.assigned_uids else _user(program)),
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            **({"initContainers": init_containers} if init_containers else {}),
            "containers": [self._container(program, settings)],
            "volumes": list(volumes.values()),
        }

    def _container(self, program: Program, settings: ComponentSettings) -> dict[str, Any]:
        environment = {**settings.env, **program.environment}
        container: dict[str, Any] = {
            "name": program.name,
            "image": program.image,
            "imagePullPolicy": self.settings.image_pull_policy,
            "command": with_secrets(program, program.command),
            "env": [{"name": name, "value": value} for name, value in environment.items()],
            "envFrom": [
                *(_manifest(source) for source in settings.env_from),
                *({"configMapRef": {"name": name}} for name in program.config),
            ],
            "resources": _resources(program, self.settings.gpu.resource),
            "terminationMessagePolicy": "FallbackToLogsOnError",  # `pod_status` reads it
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            },
            "volumeMounts": [mount.manifest() for mount in self._mounts(program, settings)],
            **{name: _probe(program, probe) for name, probe in program.probes.items()},
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

    def _mounts(self, program: Program, settings: ComponentSettings) -> list[Mount]:
        own = [*program.mounts, *program.secret_mounts]
        if self.settings.assigned_uids:  # the names of other users would hide that of the one
            own = [mount for mount in own if mount.path != ACCOUNTS_FILE]
        if settings.shared_memory:
            own.append(Mount(path=SHARED_MEMORY, memory_mib=settings.shared_memory))
        return [*own, *map(_mount, settings.volumes), Mount(path=TEMPORARY)]


def _user(program: Program) -> dict[str, int]:
    return {"runAsUser": program.user, "runAsGroup": program.user, "fsGroup": program.user}


def _runtime_class(settings: ComponentSettings) -> dict[str, str]:
    name = settings.runtime_class_name
    return {"runtimeClassName": name} if name else {}


def _ports(program: Program) -> Iterator[dict[str, Any]]:
    if program.port:
        yield {"containerPort": program.port}
    if program.udp_port:
        yield {"containerPort": program.udp_port, "protocol": "UDP"}


def _mount(volume: Volume) -> Mount:
    return Mount(
        path=volume.path,
        config_map=volume.config_map or "",
        secret=volume.secret or "",
        claim=volume.claim or "",
        key=volume.key,
    )


def _manifest(section: BaseModel) -> dict[str, Any]:
    """A section of the settings that has the fields of Kubernetes' API."""
    return section.model_dump(by_alias=True, exclude_unset=True, exclude_none=True)


def with_secrets(program: Program, command: Sequence[str]) -> list[str]:
    """`command` with the program's secrets as environment variables."""
    if not program.secret_mounts:
        return list(command)
    files = " ".join(f"{mount.path}/*" for mount in program.secret_mounts)
    export = f'for file in {files}; do export "${{file##*/}}=$(cat "$file")"; done'
    return ["sh", "-c", f'{export}; exec "$@"', "sh", *command]


def _probe(program: Program, probe: Mapping[str, Any]) -> dict[str, Any]:
    """A probe, whose command gets the program's secrets as variables."""
    if "exec" not in probe:
        return dict(probe)
    return {**probe, "exec": {"command": with_secrets(program, probe["exec"]["command"])}}


def _resources(program: Program, gpu: str) -> dict[str, dict[str, str]]:
    resources = program.resources.manifest()
    if program.gpus:
        resources["limits"][gpu] = str(program.gpus)
    return resources


def http_probes(path: str, port: int, *, start_seconds: int) -> dict[str, Any]:
    """HTTP probes: ready within 5 s of the start, restarted after a minute without an answer."""
    return _probes({"httpGet": {"path": path, "port": port}, "timeoutSeconds": 10}, start_seconds)


def command_probes(command: Sequence[str], *, start_seconds: int) -> dict[str, Any]:
    """Probes like `http_probes` by a cheap command, which exits with 0."""
    return _probes({"exec": {"command": list(command)}, "timeoutSeconds": 10}, start_seconds)


def tcp_probes(port: int, *, start_seconds: int) -> dict[str, Any]:
    """Probes like `http_probes` by a TCP connection."""
    return _probes({"tcpSocket": {"port": port}, "timeoutSeconds": 10}, start_seconds)


def process_probes(command: Sequence[str], *, start_seconds: int) -> dict[str, Any]:
    """Probes of a process that serves no requests, by a command that checks that it is alive."""
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
