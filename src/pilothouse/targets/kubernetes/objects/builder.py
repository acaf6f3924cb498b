"""Creates the objects of one capability, with consistent names, labels and pod templates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi

from pilothouse.targets.kubernetes.clients import kinds
from pilothouse.targets.kubernetes.naming import COMPONENT_LABEL
from pilothouse.targets.kubernetes.objects.checkov_skips import skip_annotations
from pilothouse.targets.kubernetes.objects.kubernetes_object import KubernetesObject
from pilothouse.targets.kubernetes.objects.network_policies import server_port
from pilothouse.targets.kubernetes.objects.pods import PodTemplates, Program
from pilothouse.targets.shared.protection import protect

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.kinds import Kind
    from pilothouse.targets.kubernetes.settings.airflow import Autoscaling

BACKOFF_LIMIT = 6  # retries of a job's pod, until the job has failed
TIME_ZONE = "Etc/UTC"  # else that of the cluster's controllers counts
SKIP_AWAIT = {"pulumi.com/skipAwait": "true"}

Dependencies = Sequence[pulumi.Resource]
Annotations = Mapping[str, Any] | None


def digest(document: Any) -> str:
    """A digest of a document, short enough for an annotation."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def volume_annotation(claim: Any) -> dict[str, pulumi.Output[str]]:
    """An annotation that changes when a volume is claimed anew, and so is empty."""
    return {"volume": claim.metadata.apply(lambda metadata: metadata.get("uid", ""))}


class ObjectFactory:
    """Creates objects in `namespace`, with `parent` as their parent resource.

    `prerequisites` has, for each component, the resources that must exist before its pods.
    Workloads and Jobs that are not ready after `ready_timeout`, such as "5m", have failed.
    """

    def __init__(
        self,
        *,
        namespace: pulumi.Input[str],
        pod_templates: PodTemplates,
        parent: pulumi.Resource,
        provider: pulumi.ProviderResource,
        prerequisites: Mapping[str, Dependencies],
        ready_timeout: str,
    ) -> None:
        self._namespace, self.pod_templates = namespace, pod_templates
        self._parent, self._provider = parent, provider
        self._prerequisites = prerequisites
        self._ready_timeouts = pulumi.CustomTimeouts(create=ready_timeout, update=ready_timeout)

    def options(self, depends_on: Dependencies = ()) -> pulumi.ResourceOptions:
        """The options of an object that is created after `depends_on`."""
        return pulumi.ResourceOptions(
            parent=self._parent, provider=self._provider, depends_on=list(depends_on)
        )

    def metadata(self, name: str, component: str = "", annotations: Annotations = None) -> Any:
        """The `metadata` of an object, which may belong to a component."""
        component_label = {COMPONENT_LABEL: component} if component else {}
        return {
            "name": name,
            "namespace": self._namespace,
            "labels": {**self.pod_templates.labels, **component_label},
            **({"annotations": dict(annotations)} if annotations else {}),
        }

    def make(
        self,
        kind: Kind,
        name: str,
        *,
        component: str = "",
        depends_on: Dependencies = (),
        annotations: Annotations = None,
        opts: pulumi.ResourceOptions | None = None,
        **fields: Any,
    ) -> KubernetesObject:
        """Create an object of `kind`, with the fields beside its metadata."""
        merged = pulumi.ResourceOptions.merge(self.options(depends_on), opts)
        metadata = self.metadata(name, component, annotations)
        return KubernetesObject(kind, name, {"metadata": metadata, **fields}, merged)

    def config_map(self, name: str, data: Mapping[str, Any]) -> KubernetesObject:
        """Create a ConfigMap: files, or environment variables."""
        return self.make(kinds.CONFIG_MAP, name, data=data)

    def secret(self, name: str, data: Mapping[str, pulumi.Input[str]]) -> KubernetesObject:
        """Create a Secret, which is encrypted in the engine's state too."""
        return self.make(kinds.SECRET, name, stringData=dict(data))

    def claim(self, name: str, gibibytes: int, storage_class: str | None) -> KubernetesObject:
        """Create a claim of a volume for one pod. Failures show in the status of the pod."""
        spec: dict[str, Any] = {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": f"{gibibytes}Gi"}},
        }
        if storage_class:
            spec["storageClassName"] = storage_class
        return self.make(
            kinds.PERSISTENT_VOLUME_CLAIM,
            name,
            spec=spec,
            annotations=SKIP_AWAIT,
            opts=protect(name),
        )

    def service(self, component: str, **more: int) -> KubernetesObject:
        """Create the Service of a component, with more ports by their names.

        Its clients depend on the pods, so the Service is not awaited.
        """
        ports = [{"name": "main", **server_port(component)}]
        ports += [{"name": name, "port": number} for name, number in more.items()]
        spec = {
            "type": "ClusterIP",
            "selector": {COMPONENT_LABEL: component},
            "ports": [{**port, "targetPort": port["port"]} for port in ports],
        }
        return self.make(
            kinds.SERVICE, component, component=component, spec=spec, annotations=SKIP_AWAIT
        )

    def deployment(
        self,
        program: Program,
        *,
        replicas: int | None = 1,
        depends_on: Dependencies = (),
        annotations: Annotations = None,
        awaited: bool = True,
    ) -> KubernetesObject:
        """Create a Deployment. A rolling update starts new pods before it ends old ones.

        It has a quarter more pods then, Kubernetes' default, for which the quota has room. Without
        `replicas`, an autoscaler sets their number. The engine does not wait for what is not
        `awaited`.
        """
        spec = {
            **({} if replicas is None else {"replicas": replicas}),
            "selector": {"matchLabels": {COMPONENT_LABEL: program.component}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}},
            "template": self.pod_templates.template(program, annotations=annotations),
        }
        return self._long_running(kinds.DEPLOYMENT, program, spec, depends_on, awaited=awaited)

    def autoscaler(
        self, component: str, settings: Autoscaling, depends_on: Dependencies
    ) -> KubernetesObject:
        """Create the autoscaler of a Deployment, by CPU utilization."""
        target = {"type": "Utilization", "averageUtilization": settings.cpu_percent}
        spec = {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": component},
            "minReplicas": settings.min_replicas,
            "maxReplicas": settings.max_replicas,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        }
        return self.make(
            kinds.AUTOSCALER,
            component,
            component=component,
            depends_on=depends_on,
            spec=spec,
        )

    def stateful_set(
        self, program: Program, *, depends_on: Dependencies = (), annotations: Annotations = None
    ) -> KubernetesObject:
        """Create a StatefulSet of one pod; the old pod ends before a new one starts."""
        spec = {
            "replicas": 1,
            "serviceName": program.component,
            "podManagementPolicy": "Parallel",  # else a pod that never was ready is never replaced
            "selector": {"matchLabels": {COMPONENT_LABEL: program.component}},
            "template": self.pod_templates.template(program, annotations=annotations),
        }
        return self._long_running(kinds.STATEFUL_SET, program, spec, depends_on)

    def job(
        self, program: Program, *, depends_on: Dependencies = (), annotations: Annotations = None
    ) -> KubernetesObject:
        """Create a Job; a change of its spec runs it again."""
        template = self.pod_templates.template(
            program, restart="OnFailure", annotations=annotations
        )
        return self.make(
            kinds.JOB,
            program.component,
            component=program.component,
            depends_on=[*self._prerequisites[program.component], *depends_on],
            annotations=skip_annotations(program),
            opts=pulumi.ResourceOptions(
                delete_before_replace=True,
                replace_on_changes=["spec"],
                custom_timeouts=self._ready_timeouts,
            ),
            spec={"backoffLimit": BACKOFF_LIMIT, "template": template},
        )

    def cron_job(
        self,
        program: Program,
        schedule: str,
        *,
        depends_on: Dependencies = (),
        suspended: bool = False,
    ) -> KubernetesObject:
        """Create a CronJob that never runs twice at once; its `schedule` is in UTC.

        A `suspended` one only is a template for Jobs that are created by hand.
        """
        job = {"backoffLimit": 1, "template": self.pod_templates.template(program, restart="Never")}
        return self.make(
            kinds.CRON_JOB,
            program.component,
            component=program.component,
            depends_on=[*self._prerequisites[program.component], *depends_on],
            annotations=skip_annotations(program),
            spec={
                "schedule": schedule,
                "timeZone": TIME_ZONE,
                "suspend": suspended,  # also if false, so that an `up` resumes it after a restore
                "concurrencyPolicy": "Forbid",
                "successfulJobsHistoryLimit": 1,
                "failedJobsHistoryLimit": 1,
                "jobTemplate": {"spec": job},
            },
        )

    def role(
        self, component: str, rules: Sequence[Mapping[str, Sequence[str]]]
    ) -> KubernetesObject:
        """Create a Role with `rules`, and bind it to the service account of `component`."""
        role = self.make(kinds.ROLE, component, component=component, rules=list(rules))
        account = {"kind": "ServiceAccount", "name": component, "namespace": self._namespace}
        return self.make(
            kinds.ROLE_BINDING,
            component,
            component=component,
            depends_on=[role],
            roleRef={
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "Role",
                "name": component,
            },
            subjects=[account],
        )

    def _long_running(
        self,
        kind: Kind,
        program: Program,
        spec: Mapping[str, Any],
        depends_on: Dependencies,
        *,
        awaited: bool = True,
    ) -> KubernetesObject:
        """Create a workload with a disruption budget: a drain evicts one pod at a time."""
        component = program.component
        budget = {"maxUnavailable": 1, "selector": {"matchLabels": {COMPONENT_LABEL: component}}}
        self.make(kinds.POD_DISRUPTION_BUDGET, component, component=component, spec=budget)
        return self.make(
            kind,
            component,
            component=component,
            depends_on=[*self._prerequisites[component], *depends_on],
            annotations={**skip_annotations(program), **({} if awaited else SKIP_AWAIT)},
            opts=pulumi.ResourceOptions(custom_timeouts=self._ready_timeouts),
            spec=spec,
        )
