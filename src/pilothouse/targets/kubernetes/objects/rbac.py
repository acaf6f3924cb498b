"""What Airflow may do through the cluster's API, by component: nothing outside its namespace."""

from collections.abc import Mapping, Sequence

from pilothouse.services.airflow.settings import API_SERVER, SCHEDULER
from pilothouse.targets.kubernetes.objects.network_policies import POD_CLEANUP, TASK

Rule = Mapping[str, Sequence[str]]

_PODS = ("create", "get", "list", "watch", "patch", "delete")


def _rule(resource: str, *verbs: str) -> Rule:
    return {"apiGroups": [""], "resources": [resource], "verbs": list(verbs)}


_LAUNCH = (_rule("pods", *_PODS), _rule("pods/log", "get", "list"), _rule("events", "list"))

GRANTS: Mapping[str, Sequence[Rule]] = {
    SCHEDULER: _LAUNCH,  # a pod for each task
    TASK: _LAUNCH,  # the workload's pod, by KubernetesPodOperator
    API_SERVER: (_rule("pods", "get", "list", "watch"), _rule("pods/log", "get", "list")),
    POD_CLEANUP: (_rule("pods", "list", "delete"),),
}
