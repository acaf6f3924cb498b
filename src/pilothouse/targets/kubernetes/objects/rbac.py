"""The rules of each component's Role: what it may do through the API, in its namespace only."""

from collections.abc import Mapping, Sequence

from pilothouse.services.airflow.settings import API_SERVER, SCHEDULER
from pilothouse.targets.kubernetes.settings.component_table import EXPIRY, POD_CLEANUP, TASK

Rule = Mapping[str, Sequence[str]]

_PODS = ("create", "get", "list", "watch", "patch", "delete")


def _rule(resource: str, *verbs: str, group: str = "") -> Rule:
    return {"apiGroups": [group], "resources": [resource], "verbs": list(verbs)}


_LAUNCH_PODS = (_rule("pods", *_PODS), _rule("pods/log", "get", "list"), _rule("events", "list"))

AIRFLOW_RULES: Mapping[str, Sequence[Rule]] = {
    SCHEDULER: _LAUNCH_PODS,  # a pod for each task
    TASK: _LAUNCH_PODS,  # the workload's pod, by KubernetesPodOperator
    API_SERVER: (_rule("pods", "get", "list", "watch"), _rule("pods/log", "get", "list")),
    POD_CLEANUP: (_rule("pods", "list", "delete"),),
}

RBAC_RULES: Mapping[str, Sequence[Rule]] = {
    **AIRFLOW_RULES,
    EXPIRY: (
        _rule("cronjobs", "list", "patch", group="batch"),
        _rule("jobs", "list", group="batch"),
        _rule("deployments", "list", "delete", group="apps"),
        _rule("statefulsets", "list", "delete", group="apps"),
    ),
}
