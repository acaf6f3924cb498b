"""The thirty checks of a default stack, as far as they are about a cluster's objects.

A rule is a function over the manifests whose first line is the check's title. `ELSEWHERE` says of
every other number why it is no rule here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from pilothouse.services.airflow.settings import API_SERVER
from pilothouse.targets.kubernetes.naming import COMPONENT_LABEL
from pilothouse.targets.kubernetes.settings.component_table import MLFLOW, PORTS
from tests.targets.kubernetes.policies.manifests import (
    LONG_RUNNING,
    Manifest,
    Manifests,
    Pod,
    label,
)
from tests.targets.kubernetes.policies.network import rules_for
from tests.targets.kubernetes.policies.wiring import references
from tests.targets.suite.secrets import MARK

Rule = Callable[[Manifests], Iterator[str]]

MARKS = {"pilothouse-platform", "pilothouse-stack", "pilothouse-owner", "pilothouse-expires"}
_SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|FERNET|PASSPHRASE|CREDENTIAL", re.IGNORECASE)
_VERSION = re.compile(r":v?(\d+)\.(\d+)")


def pod_security(stack: Manifests) -> Iterator[str]:
    """Pod Security restricted is enforced."""
    for namespace in stack.kind("Namespace"):
        for mode in ("enforce", "audit", "warn"):
            key = f"pod-security.kubernetes.io/{mode}"
            if namespace["metadata"]["labels"].get(key) != "restricted":
                yield f"{label(namespace)}: {key} is not restricted"
    if not stack.kind("Namespace"):
        yield "there is no namespace"


def non_root(stack: Manifests) -> Iterator[str]:
    """Non-root, uid over 10000."""
    for pod, container in _containers(stack):
        given = {**_context(pod.spec), **_context(container)}
        if given.get("runAsNonRoot") is not True or not given.get("runAsUser", 0) > 10000:
            yield f"{pod.source} may run as root, or as a user of the node"
        if not given.get("runAsGroup", 0) > 10000:
            yield f"{pod.source} may run in a group of the node"


def no_escalation(stack: Manifests) -> Iterator[str]:
    """No privilege escalation."""
    for pod, container in _containers(stack):
        given = _context(container)
        if given.get("allowPrivilegeEscalation") is not False or given.get("privileged"):
            yield f"{pod.source} may gain privileges"


def no_capabilities(stack: Manifests) -> Iterator[str]:
    """All capabilities dropped."""
    for pod, container in _containers(stack):
        if _context(container).get("capabilities") != {"drop": ["ALL"]}:
            yield f"{pod.source} keeps capabilities"


def seccomp(stack: Manifests) -> Iterator[str]:
    """Seccomp RuntimeDefault."""
    for pod, container in _containers(stack):
        given = {**_context(pod.spec), **_context(container)}
        if given.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{pod.source} has another seccomp profile"


def read_only_root(stack: Manifests) -> Iterator[str]:
    """Read-only root."""
    for pod, container in _containers(stack):
        if _context(container).get("readOnlyRootFilesystem") is not True:
            yield f"{pod.source} may write into its image"


def nothing_of_the_host(stack: Manifests) -> Iterator[str]:
    """No host namespaces or hostPath."""
    for pod in stack.pods:
        if any(pod.spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{pod.source} shares a namespace with its node"
        if any("hostPath" in volume for volume in pod.volumes):
            yield f"{pod.source} mounts a folder of its node"
        ports = [port for container in pod.containers for port in container.get("ports") or []]
        if any("hostPort" in port for port in ports):
            yield f"{pod.source} takes a port of its node"


def no_needless_token(stack: Manifests) -> Iterator[str]:
    """No service-account token unless needed."""
    bound = {s["name"] for binding in stack.kind("RoleBinding") for s in binding["subjects"]}
    for account in stack.kind("ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            yield f"{label(account)} gives its token to every pod"
    for pod in stack.pods:
        account = pod.spec.get("serviceAccountName", "default")
        if pod.spec.get("automountServiceAccountToken") is not (account in bound):
            yield f"{pod.source} has a token that it cannot use, or none that it needs"
        if account != pod.labels.get(COMPONENT_LABEL):
            yield f"{pod.source} runs as the account of another"


def least_rights(stack: Manifests) -> Iterator[str]:
    """No wildcard RBAC."""
    for each in stack.kind("ClusterRole", "ClusterRoleBinding"):
        yield f"{label(each)} reaches beyond the namespace"
    for role in stack.kind("Role"):
        for rule in role["rules"]:
            asked = {*rule["apiGroups"], *rule["resources"], *rule["verbs"]}
            if "*" in asked or asked & {"secrets", "escalate", "bind", "impersonate", "pods/exec"}:
                yield f"{label(role)} grants too much: {rule}"


def default_deny(stack: Manifests) -> Iterator[str]:
    """Default-deny ingress and egress."""
    specs = [policy["spec"] for policy in stack.kind("NetworkPolicy")]
    if {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} not in specs:
        yield "what has no policy of its own is open"
    for pod in stack.pods:
        for rule in rules_for(stack, pod, "ingress"):
            if not rule.get("from") or not rule.get("ports"):
                yield f"{pod.source} is open to everybody, or at every port"
        for rule in rules_for(stack, pod, "egress"):
            if not rule.get("ports"):
                yield f"{pod.source} may leave by every port"


def requests_and_limits(stack: Manifests) -> Iterator[str]:
    """Requests and limits."""
    for pod, container in _containers(stack):
        for side in ("requests", "limits"):
            missing = {"cpu", "memory"} - (container.get("resources") or {}).get(side, {}).keys()
            yield from (f"{pod.source} has no {name} in its {side}" for name in sorted(missing))
    for kind in ("ResourceQuota", "LimitRange"):
        if not stack.kind(kind):
            yield f"there is no {kind}"


def probes_and_budgets(stack: Manifests) -> Iterator[str]:
    """Probes and PDB."""
    services = [service["spec"]["selector"] for service in stack.kind("Service")]
    budgets = [b["spec"]["selector"]["matchLabels"] for b in stack.kind("PodDisruptionBudget")]
    for pod in (pod for pod in stack.pods if pod.kind in LONG_RUNNING):
        asked = any(selector.items() <= pod.labels.items() for selector in services)
        wanted = {"startupProbe", "livenessProbe"} | ({"readinessProbe"} if asked else set())
        for container in pod.spec["containers"]:
            yield from (f"{pod.source} has no {name}" for name in sorted(wanted - container.keys()))
        if sum(selector.items() <= pod.labels.items() for selector in budgets) != 1:
            yield f"{pod.source} has no budget of its own"


def pinned_images(stack: Manifests) -> Iterator[str]:
    """Images pinned by digest."""
    for pod, container in _containers(stack):
        if not re.search(r"@sha256:[0-9a-f]{64}$", container["image"]):
            yield f"{pod.source} runs {container['image']}"


def own_namespace(stack: Manifests) -> Iterator[str]:
    """Never the default namespace."""
    own = stack.names("Namespace")
    for each in stack.objects:
        inside = each["metadata"].get("namespace")
        if each["kind"] != "Namespace" and inside not in own:
            yield f"{label(each)} is in {inside}"
    for variable in ("AIRFLOW__KUBERNETES_EXECUTOR__NAMESPACE",):
        if _settings(stack, "ConfigMap airflow").get(variable) not in own:
            yield "Airflow makes its pods in another namespace"
    if own & {"default", "kube-system", "kube-public"}:
        yield "the stack's namespace is the cluster's"


def inside_only(stack: Manifests) -> Iterator[str]:
    """ClusterIP only; exposure is opt-in, with TLS."""
    for service in stack.kind("Service"):
        spec = service["spec"]
        if spec.get("type", "ClusterIP") != "ClusterIP" or spec.get("externalIPs"):
            yield f"{label(service)} is reached from outside"
        if any("nodePort" in port for port in spec["ports"]):
            yield f"{label(service)} takes a port of the nodes"
    for quota in stack.kind("ResourceQuota"):
        for kind in ("services.loadbalancers", "services.nodeports"):
            if quota["spec"]["hard"].get(kind) != "0":
                yield f"{label(quota)} lets {kind} be made"
    yield from _without_tls(stack)


def _without_tls(stack: Manifests) -> Iterator[str]:
    for ingress in stack.kind("Ingress"):
        secured = {host for each in ingress["spec"].get("tls") or [] for host in each["hosts"]}
        served = {rule.get("host") for rule in ingress["spec"].get("rules") or []}
        if not served or not served <= secured:
            yield f"{label(ingress)} serves without TLS"
    for route in stack.kind("HTTPRoute"):
        # The preflight has seen that this listener ends TLS; without its name, any other serves.
        if not all(parent.get("sectionName") for parent in route["spec"]["parentRefs"]):
            yield f"{label(route)} serves at any listener"


def mlflow_asks_who(stack: Manifests) -> Iterator[str]:
    """An authenticating front before MLflow.

    It is MLflow's own: basic authentication, no permission unless granted; and no pod but the
    declared clients reaches it (`network.nobody_else_gets_through`).
    """
    for pod, container in _of(stack, MLFLOW):
        if "--app-name=basic-auth" not in container["command"]:
            yield f"{pod.source} asks nobody who they are"
        path = _environment(container).get("MLFLOW_AUTH_CONFIG_PATH", "")
        if not any(path.startswith(f"{m['mountPath']}/") for m in container["volumeMounts"]):
            yield f"{pod.source} has no file of users at {path!r}"
    users = (stack.named("Secret", "mlflow-files") or {}).get("stringData", {})
    if "default_permission = NO_PERMISSIONS" not in users.get("basic_auth.ini", ""):
        yield "who may log in may read everything"


def mlflow_is_closed(stack: Manifests) -> Iterator[str]:
    """MLflow 3.10 or newer, explicit hosts and CORS, job execution off."""
    for pod, container in _of(stack, MLFLOW):
        if _version(container["image"]) < (3, 10):
            yield f"{pod.source} is too old: {container['image']}"
        given = _environment(container)
        hosts = set(filter(None, given.get("MLFLOW_SERVER_ALLOWED_HOSTS", "").split(",")))
        inside = {f"{host}:{PORTS[MLFLOW]}" for host in _names(pod, stack)}
        if not inside <= hosts or any("*" in host.removesuffix(":*") for host in hosts):
            yield f"{pod.source} does not name its hosts: {sorted(hosts)}"
        origins = given.get("MLFLOW_SERVER_CORS_ALLOWED_ORIGINS", "")
        if not origins or "*" in origins:
            yield f"{pod.source} does not name its origins: {origins!r}"
        if given.get("MLFLOW_SERVER_ENABLE_JOB_EXECUTION") != "false":
            yield f"{pod.source} runs jobs"


def airflow_is_closed(stack: Manifests) -> Iterator[str]:
    """Airflow 3.2 or newer, its own host name if public, no example DAGs, no default user."""
    for pod, container in _of(stack, API_SERVER):
        if _version(container["image"]) < (3, 2):
            yield f"{pod.source} is too old: {container['image']}"
    given = _settings(stack, "ConfigMap airflow")
    base_url = given.get("AIRFLOW__API__BASE_URL", "")
    host = urlsplit(base_url).hostname
    is_private = base_url == "/" and not stack.kind("Ingress", "HTTPRoute")
    if not is_private and (not host or host in _hosts_of_mlflow(stack)):
        yield "Airflow has no host name of its own"
    if given.get("AIRFLOW__CORE__LOAD_EXAMPLES") != "False":
        yield "Airflow has example DAGs"
    if not given.get("AIRFLOW__CORE__AUTH_MANAGER", "").endswith("FabAuthManager"):
        yield "Airflow's users are those of a development server"
    accounts = json.loads(_settings(stack, "Secret airflow-setup").get("users.json", "{}"))
    users = [*accounts.get("users", ()), *accounts.get("people", ())]
    if not users or any(MARK not in user["password"] for user in users):
        yield "a user of Airflow has a password that was not generated"


def secrets_are_hidden(stack: Manifests) -> Iterator[str]:
    """Generated secrets, none in env literals, logs or plain state."""
    for each in stack.objects:
        if each["kind"] != "Secret" and MARK in json.dumps(each):
            yield f"{label(each)} shows a secret"
        if each["kind"] == "Secret" and each.get("data"):
            yield f"{label(each)} is not made from secrets of the state"
    for source, name in _plain_variables(stack):
        if _SECRET.search(name):
            yield f"{source}: {name} is for all to see"
    for pod, container in _containers(stack):
        given = json.dumps([container.get("env"), container.get("envFrom")])
        if "secretRef" in given or "secretKeyRef" in given:
            yield f"{pod.source}: a secret is in the container's description"


def _plain_variables(stack: Manifests) -> Iterator[tuple[str, str]]:
    """What is an environment variable with its value beside it, and where."""
    for config in stack.kind("ConfigMap"):
        names = (config.get("data") or {}).keys()
        yield from ((label(config), name) for name in names if "." not in name)
    for pod, container in _containers(stack):
        yield from ((pod.source, name) for name in _environment(container))


def a_new_secret_starts_pods_anew(stack: Manifests) -> Iterator[str]:
    """A non-empty passphrase or KMS; a tested rotation.

    The cluster's share of a rotation: a pod that reads secrets at its start carries a mark that
    changes with them. The passphrase is the project's
    (`tests/unit/lifecycle/engine/test_project.py`).
    """
    for pod in (pod for pod in stack.pods if pod.kind in (*LONG_RUNNING, "Job")):
        reads = any(kind == "Secret" for kind, _, _ in references(pod))
        marked = {"secrets", "keys", "passwords"} & (pod.metadata.get("annotations") or {}).keys()
        if reads and not marked and pod.labels.get(COMPONENT_LABEL) not in ONCE:
            yield f"{pod.source} would go on with old secrets"


def everything_is_marked(stack: Manifests) -> Iterator[str]:
    """Tags for run, owner and expiry, and log retention, everywhere."""
    marked = [(label(each), each["metadata"]) for each in stack.objects]
    marked += [(pod.source, pod.metadata) for pod in stack.pods]
    for source, metadata in marked:
        missing = MARKS - (metadata.get("labels") or {}).keys()
        yield from (f"{source} has no label {name}" for name in sorted(missing))
    commands = [" ".join(container["command"]) for _, container in _containers(stack)]
    if not any("db clean" in command and "days" in command for command in commands):
        yield "what Airflow remembers is kept for ever"
    if stack.settings.object_store:
        return  # whose store it is says there how long logs stay
    buckets = json.loads(_variable(stack, "Job buckets", "BUCKETS") or "[]")
    if not any(b["retention_days"] > 0 for b in buckets if b["bucket"].count("-logs-")):
        yield "the logs are kept for ever"


RULES: Mapping[int, Rule] = {
    1: pod_security, 2: non_root, 3: no_escalation, 4: no_capabilities, 5: seccomp,
    6: read_only_root, 7: nothing_of_the_host, 8: no_needless_token, 9: least_rights,
    10: default_deny, 11: requests_and_limits, 12: probes_and_budgets, 13: pinned_images,
    15: own_namespace, 16: inside_only, 17: mlflow_asks_who, 18: mlflow_is_closed,
    19: airflow_is_closed, 20: secrets_are_hidden, 21: a_new_secret_starts_pods_anew,
    30: everything_is_marked,
}  # fmt: skip

ELSEWHERE: Mapping[int, str] = {
    14: "a signature belongs to an image, not to an object: a cluster's admission policy checks "
    "it, and a digest (13) holds what was checked",
    22: "a cloud's S3; on a cluster the store is a pod, and 10 and 16 close it",
    23: "a cloud's RDS; on a cluster the database is a pod, and 10 and 16 close it",
    24: "how an EKS cluster is made; this target takes the cluster that it is given",
    25: "a cloud's MWAA",
    26: "a cloud's SageMaker",
    27: "trust between a cloud's services",
    28: "roles of a cloud's services",
    29: "a cloud's IAM; on a cluster it is 9",
}
"""The checks that are no rule over a cluster's objects, and why."""

ONCE = ("buckets",)
"""Jobs whose secrets open the store for this one run: new keys start the store anew, not them."""


def title(rule: Rule) -> str:
    """The check's title."""
    return (rule.__doc__ or "").partition("\n")[0].rstrip(".")


def _containers(stack: Manifests) -> Iterator[tuple[Pod, Manifest]]:
    for pod in stack.pods:
        yield from ((pod, container) for container in pod.containers)


def _of(stack: Manifests, component: str) -> list[tuple[Pod, Manifest]]:
    found = [
        each for each in _containers(stack) if each[0].labels.get(COMPONENT_LABEL) == component
    ]
    return found or [(Pod(source=component, kind="", metadata={}, spec={}), _NOTHING)]


_NOTHING: Manifest = {"image": ":0.0", "command": [], "volumeMounts": []}


def _context(holder: Manifest) -> Manifest:
    return holder.get("securityContext") or {}


def _environment(container: Manifest) -> dict[str, str]:
    return {v["name"]: v.get("value", "") for v in container.get("env") or []}


def _settings(stack: Manifests, of: str) -> dict[str, str]:
    kind, name = of.split()
    found = stack.named(kind, name) or {}
    return {**found.get("data", {}), **found.get("stringData", {})}


def _variable(stack: Manifests, source: str, name: str) -> str:
    for pod, container in _containers(stack):
        if pod.source == source:
            return _environment(container).get(name, "")
    return ""


def _hosts_of_mlflow(stack: Manifests) -> set[str | None]:
    """A cookie of one would reach the other under the same host name."""
    (_, container), *_ = _of(stack, MLFLOW)
    origins = _environment(container).get("MLFLOW_SERVER_CORS_ALLOWED_ORIGINS", "")
    return {urlsplit(origin).hostname for origin in origins.split(",")}


def _names(pod: Pod, stack: Manifests) -> Iterator[str]:
    """The host names under which pods of the stack find a component."""
    for namespace in stack.names("Namespace"):
        name = pod.labels.get(COMPONENT_LABEL, "")
        yield from (name, f"{name}.{namespace}", f"{name}.{namespace}.svc")


def _version(image: str) -> tuple[int, int]:
    """Of an image's tag; an image without one is as new as its owner says."""
    found = _VERSION.search(image)
    return (int(found[1]), int(found[2])) if found else (10**6, 0)
