"""Makes the objects of one capability: each named, marked and placed alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment, StatefulSet
from pulumi_kubernetes.autoscaling.v2 import HorizontalPodAutoscaler
from pulumi_kubernetes.batch.v1 import CronJob, Job
from pulumi_kubernetes.core.v1 import ConfigMap, PersistentVolumeClaim, Secret, Service
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget
from pulumi_kubernetes.rbac.v1 import Role, RoleBinding

from pilothouse.targets.kubernetes.objects.checkov_skips import exceptions
from pilothouse.targets.kubernetes.objects.network_policies import NAME, server_port
from pilothouse.targets.kubernetes.objects.pods import Placement, Program

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.airflow import Autoscaling

ATTEMPTS = 6  # of a job's pod, until the job has failed
READY_WITHIN = pulumi.CustomTimeouts(create="5m", update="5m")  # with the pull of an image
NOT_AWAITED = {"pulumi.com/skipAwait": "true"}

Needs = Sequence[pulumi.Resource]
Made = pulumi.CustomResource
Marks = Mapping[str, Any] | None


def digest(document: Any) -> str:
    """What changes with a document, short enough for an annotation."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def marks_of(claim: Any) -> dict[str, pulumi.Output[str]]:
    """Annotations that change when a volume is claimed anew, and so begins empty."""
    return {"volume": claim.metadata.apply(lambda metadata: metadata.uid or "")}


class Objects:
    """A maker of objects in `namespace`, below `parent`.

    `guards` has, for each component, what is there before a pod of it may run.
    """

    def __init__(
        self,
        *,
        namespace: pulumi.Input[str],
        placement: Placement,
        parent: pulumi.Resource,
        provider: pulumi.ProviderResource,
        guards: Mapping[str, Needs],
    ) -> None:
        self._namespace, self.placement = namespace, placement
        self._parent, self._provider, self._guards = parent, provider, guards

    def options(self, needs: Needs = ()) -> pulumi.ResourceOptions:
        """The options of one of these objects, made after `needs`."""
        return pulumi.ResourceOptions(
            parent=self._parent, provider=self._provider, depends_on=list(needs)
        )

    def metadata(self, name: str, component: str = "", annotations: Marks = None) -> Any:
        """An ObjectMeta; `component` is the one that the object belongs to."""
        own = {NAME: component} if component else {}
        return {
            "name": name,
            "namespace": self._namespace,
            "labels": {**self.placement.labels, **own},
            **({"annotations": dict(annotations)} if annotations else {}),
        }

    def make(
        self,
        kind: Callable[..., Made],
        name: str,
        *,
        component: str = "",
        needs: Needs = (),
        annotations: Marks = None,
        opts: pulumi.ResourceOptions | None = None,
        **fields: Any,
    ) -> Made:
        """One object of `kind`, with the fields beside its metadata."""
        merged = pulumi.ResourceOptions.merge(self.options(needs), opts)
        metadata = self.metadata(name, component, annotations)
        return kind(name, metadata=metadata, opts=merged, **fields)

    def config_map(self, name: str, data: Mapping[str, Any]) -> Made:
        """Files, or environment variables."""
        return self.make(ConfigMap, name, data=data)

    def secret(self, name: str, data: Mapping[str, pulumi.Input[str]]) -> Made:
        """Secret files, or environment variables; every value is a secret of the state too."""
        hidden = {key: pulumi.Output.secret(value) for key, value in data.items()}
        return self.make(Secret, name, string_data=hidden)

    def claim(self, name: str, gibibytes: int, storage_class: str | None) -> Made:
        """A volume for one pod. Whether it can be had shows in the pod's own reason."""
        spec: dict[str, Any] = {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": f"{gibibytes}Gi"}},
        }
        if storage_class:
            spec["storageClassName"] = storage_class
        return self.make(PersistentVolumeClaim, name, spec=spec, annotations=NOT_AWAITED)

    def service(self, component: str, **more: int) -> Made:
        """The component's address inside the cluster, with more ports by their names.

        Who calls it waits for its pods instead.
        """
        ports = [{"name": "main", **server_port(component)}]
        ports += [{"name": name, "port": port} for name, port in more.items()]
        spec = {
            "type": "ClusterIP",
            "selector": {NAME: component},
            "ports": [{**each, "targetPort": each["port"]} for each in ports],
        }
        return self.make(
            Service, component, component=component, spec=spec, annotations=NOT_AWAITED
        )

    def deployment(
        self,
        program: Program,
        *,
        replicas: int | None = 1,
        needs: Needs = (),
        annotations: Marks = None,
    ) -> Made:
        """Interchangeable pods. A change starts new ones before old ones go: a quarter more, as is
        usual, for which the quota has room.

        Without `replicas`, an autoscaler says how many there are.
        """
        spec = {
            **({} if replicas is None else {"replicas": replicas}),
            "selector": {"matchLabels": {NAME: program.component}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}},
            "template": self.placement.template(program, annotations=annotations),
        }
        return self._long_running(Deployment, program, spec, needs)

    def autoscaler(self, component: str, settings: Autoscaling, needs: Needs) -> Made:
        """Says how many pods a Deployment has, by their use of CPU."""
        target = {"type": "Utilization", "averageUtilization": settings.cpu_percent}
        spec = {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": component},
            "minReplicas": settings.min_replicas,
            "maxReplicas": settings.max_replicas,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        }
        return self.make(
            HorizontalPodAutoscaler, component, component=component, needs=needs, spec=spec
        )

    def stateful_set(
        self, program: Program, *, needs: Needs = (), annotations: Marks = None
    ) -> Made:
        """One pod with data of its own; the old one has ended before a new one starts."""
        spec = {
            "replicas": 1,
            "serviceName": program.component,
            "podManagementPolicy": "Parallel",  # else one that never got ready is never replaced
            "selector": {"matchLabels": {NAME: program.component}},
            "template": self.placement.template(program, annotations=annotations),
        }
        return self._long_running(StatefulSet, program, spec, needs)

    def job(self, program: Program, *, needs: Needs = (), annotations: Marks = None) -> Made:
        """A command that runs to its end; a change runs it again."""
        template = self.placement.template(program, restart="OnFailure", annotations=annotations)
        return self.make(
            Job,
            program.component,
            component=program.component,
            needs=[*self._guards[program.component], *needs],
            annotations=exceptions(program),
            opts=pulumi.ResourceOptions(
                delete_before_replace=True,
                replace_on_changes=["spec"],
                custom_timeouts=READY_WITHIN,
            ),
            spec={"backoffLimit": ATTEMPTS, "template": template},
        )

    def cron_job(
        self, program: Program, schedule: str, *, needs: Needs = (), suspended: bool = False
    ) -> Made:
        """A command that runs now and then, never twice at once.

        A `suspended` one waits for somebody to make a Job of it.
        """
        job = {"backoffLimit": 1, "template": self.placement.template(program, restart="Never")}
        return self.make(
            CronJob,
            program.component,
            component=program.component,
            needs=[*self._guards[program.component], *needs],
            annotations=exceptions(program),
            spec={
                "schedule": schedule,
                "suspend": suspended,  # said either way, so that an `up` undoes a restore's
                "concurrencyPolicy": "Forbid",
                "successfulJobsHistoryLimit": 1,
                "failedJobsHistoryLimit": 1,
                "jobTemplate": {"spec": job},
            },
        )

    def grant(self, component: str, rules: Sequence[Mapping[str, Sequence[str]]]) -> Made:
        """What the service account of `component` may do in the namespace."""
        role = self.make(Role, component, component=component, rules=list(rules))
        account = {"kind": "ServiceAccount", "name": component, "namespace": self._namespace}
        return self.make(
            RoleBinding,
            component,
            component=component,
            needs=[role],
            role_ref={
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "Role",
                "name": component,
            },
            subjects=[account],
        )

    def _long_running(
        self, kind: Callable[..., Made], program: Program, spec: Mapping[str, Any], needs: Needs
    ) -> Made:
        """With a budget: a drain of a node takes one of its pods at a time."""
        component = program.component
        budget = {"maxUnavailable": 1, "selector": {"matchLabels": {NAME: component}}}
        self.make(PodDisruptionBudget, component, component=component, spec=budget)
        return self.make(
            kind,
            component,
            component=component,
            needs=[*self._guards[component], *needs],
            annotations=exceptions(program),
            opts=pulumi.ResourceOptions(custom_timeouts=READY_WITHIN),
            spec=spec,
        )
