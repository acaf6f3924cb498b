"""The exporter of Airflow's metrics from StatsD to Prometheus."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pilothouse.targets.kubernetes.objects.builder import digest
from pilothouse.targets.kubernetes.objects.pods import Mount, Program, http_probes
from pilothouse.targets.kubernetes.settings.component_table import METRICS_PORT, STATSD, port_of

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation
    from pilothouse.targets.kubernetes.objects.builder import ObjectFactory
    from pilothouse.targets.kubernetes.objects.kubernetes_object import KubernetesObject

FOLDER, FILE = "/statsd", "mapping.yaml"
PREFIX = "airflow"
_STATES = ("success", "failed")


def create_exporter(
    objects: ObjectFactory, foundation: KubernetesFoundation
) -> list[KubernetesObject]:
    """Create the exporter; what its clients depend on."""
    program = Program(
        component=STATSD,
        image=foundation.images["statsd"],
        command=[
            "/bin/statsd_exporter",
            f"--statsd.listen-udp=:{port_of(STATSD)}",
            "--statsd.listen-tcp=",
            f"--web.listen-address=:{METRICS_PORT}",
            f"--statsd.mapping-config={FOLDER}/{FILE}",
        ],
        resources=foundation.resources(STATSD),
        mounts=[Mount(path=FOLDER, config_map=STATSD)],
        port=METRICS_PORT,
        udp_port=port_of(STATSD),
        probes=http_probes("/metrics", METRICS_PORT, start_seconds=60),
    )
    mappings = {"mappings": _mappings()}
    needs = [objects.config_map(STATSD, {FILE: json.dumps(mappings, indent=1)})]
    annotations = {"settings": digest(mappings)}
    deployment = objects.deployment(program, depends_on=needs, annotations=annotations)
    return [deployment, objects.service(STATSD, metrics=METRICS_PORT)]


def settings(foundation: KubernetesFoundation) -> Mapping[str, str]:
    """The settings of Airflow that send metrics to the exporter, if the stack has one."""
    if not foundation.settings.statsd:
        return {}
    return {
        "METRICS__STATSD_ON": "True",
        "METRICS__STATSD_HOST": f"{STATSD}.{foundation.namespace_name}.svc",
        "METRICS__STATSD_PORT": str(port_of(STATSD)),
        "METRICS__STATSD_PREFIX": PREFIX,
    }


def _mappings() -> list[dict[str, Any]]:
    """Turns names of DAGs and pools into labels; else each would be a metric of its own."""
    runs = [
        _mapping(f"dagrun.duration.{state}.*", "dagrun_duration", dag_id="$1", state=state)
        for state in _STATES
    ]
    pools = [
        _mapping(f"pool.{kind}_slots.*", f"pool_{kind}_slots", pool="$1")
        for kind in ("open", "queued", "running")
    ]
    tasks = [
        _mapping("dag.*.*.duration", "task_duration", dag_id="$1", task_id="$2"),
        _mapping("dagrun.schedule_delay.*", "dagrun_schedule_delay", dag_id="$1"),
        _mapping("dag_processing.last_duration.*", "dag_parsing_duration", file="$1"),
    ]
    return [*runs, *pools, *tasks]


def _mapping(match: str, name: str, **labels: str) -> dict[str, Any]:
    return {"match": f"{PREFIX}.{match}", "name": f"{PREFIX}_{name}", "labels": labels}
