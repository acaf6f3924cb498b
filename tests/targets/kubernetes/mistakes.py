"""Mistakes in the kubernetes target, each one that somebody could make."""

import ast

from testkit.planting import (
    AnyMistake,
    Mistake,
    Suite,
    TextMistake,
    around,
    both,
    call,
    constant,
    drop,
    expression,
    key,
    keyword,
    rename,
    replace,
    statement,
    swap,
    value,
)

ACCESS = "pilothouse.targets.kubernetes.objects.network_policies"
AIRFLOW_PROGRAMS = "pilothouse.targets.kubernetes.components.airflow_pods"
DAG_DELIVERY = "pilothouse.targets.kubernetes.components.dag_delivery"
EXPOSURE = "pilothouse.targets.kubernetes.components.exposure"
FOUNDATION = "pilothouse.targets.kubernetes.components.foundation"
GRANTS = "pilothouse.targets.kubernetes.objects.rbac"
IMAGES = "src/pilothouse/targets/kubernetes/assets/images.yaml"
METRICS = "pilothouse.targets.kubernetes.components.statsd"
OBJECTS = "pilothouse.targets.kubernetes.objects.builder"
ORCHESTRATION = "pilothouse.targets.kubernetes.components.orchestration"
PODS = "pilothouse.targets.kubernetes.objects.pods"
POOLING = "pilothouse.targets.kubernetes.components.pgbouncer"
POSTGRES = "pilothouse.targets.kubernetes.components.postgres"
RESTORING = "pilothouse.targets.kubernetes.operations.restore"
RIGHTS = "pilothouse.targets.kubernetes.operations.permissions"
SIZES = "pilothouse.targets.kubernetes.settings.sizes"
STORE = "pilothouse.targets.kubernetes.components.seaweedfs"
TRACKING = "pilothouse.targets.kubernetes.components.tracking"

_OBJECTS = [
    Mistake("a Deployment that selects no pod", OBJECTS, "Objects.deployment",
            swap(key("NAME", within=key("matchLabels")), "pilothouse")),
    Mistake("a Service that selects no pod", OBJECTS, "Objects.service",
            replace(key("NAME", within=key("selector")), 'f"{_}-server"')),
    Mistake("a Service whose port no container has", OBJECTS, "Objects.service",
            replace(key("targetPort"), "1 + _")),
    Mistake("a public Service", OBJECTS, "Objects.service", swap(key("type"), "LoadBalancer")),
    Mistake("no disruption budget", OBJECTS, "Objects._long_running",
            drop(statement(expression("PodDisruptionBudget")))),
    Mistake("a disruption budget for nobody", OBJECTS, "Objects._long_running",
            swap(expression("NAME"), "app")),
    Mistake("objects without the stack's labels", OBJECTS, "Objects.metadata",
            replace(key("labels"), "own")),
    Mistake("services that start before their policies", OBJECTS, "Objects._long_running",
            drop(expression("*self._guards[component]"))),
    Mistake("jobs that start before their policies", OBJECTS, "Objects.job",
            drop(expression("*self._guards[program.component]"))),
    Mistake("a role of the whole cluster", OBJECTS, "Objects.grant",
            swap(key("kind", within=keyword("role_ref")), "ClusterRole")),
    Mistake("rights for another account", OBJECTS, "Objects.grant",
            swap(key("name", within=statement(constant("ServiceAccount"))), "default")),
]  # fmt: skip

_PODS: list[AnyMistake] = [
    Mistake("privileges to gain", PODS, "Placement._container",
            swap(key("allowPrivilegeEscalation"), True)),
    Mistake("a root that can be written", PODS, "Placement._container",
            swap(key("readOnlyRootFilesystem"), False)),
    Mistake("capabilities kept", PODS, "Placement._container", swap(constant("ALL"), "NET_RAW")),
    Mistake("no seccomp", PODS, "Placement._spec",
            swap(key("type", within=key("seccompProfile")), "Unconfined")),
    Mistake("a user of the node", PODS, "USER", swap(value(), 1001)),
    Mistake("a token in every pod", PODS, "Placement._spec",
            swap(key("automountServiceAccountToken"), True)),
    Mistake("the wrong service account", PODS, "Placement._spec",
            swap(key("serviceAccountName"), "default")),
    Mistake("settings that reach nobody", PODS, "Placement._container",
            replace(expression("program.config"), "_[1:]")),
    Mistake("a probe without the program's secrets", PODS, "_asked", drop(key("exec"))),
    Mistake("a file mounted by the wrong key", PODS, "Mount.manifest",
            replace(expression("self.key", within=statement(constant("subPath"))), "self.path")),
    Mistake("no readiness probe", PODS, "_probes", drop(key("readinessProbe"))),
    Mistake("no memory limit", SIZES, "Resources.manifest",
            drop(key("memory", within=key("limits")))),
    Mistake("a request above its limit", SIZES, "SMALL",
            swap(constant(480, within=key("mlflow")), 1480)),
    TextMistake("an image without a tag", IMAGES, "postgres:18.1", "postgres"),
]  # fmt: skip

_ACCESS = [
    Mistake("MLflow cannot reach its store", ACCESS, "OPENINGS",
            drop(expression("SEAWEEDFS", within=key("MLFLOW")))),
    Mistake("no way out to a server", ACCESS, "_egress",
            replace(expression("servers", within=around(call("_to_server"), ast.For)), "_[1:]")),
    Mistake("no way to the DNS", ACCESS, "_egress", drop(statement(call("_to_dns")))),
    Mistake("a server open to everybody", ACCESS, "_ingress", drop(expression("peers"))),
    Mistake("everything may leave", ACCESS, "policies", drop(constant("Egress"))),
    Mistake("policies about nobody", ACCESS, "_spec", swap(expression("NAME"), "app")),
    Mistake("any verb on pods", GRANTS, "_PODS", replace(value(), '("*", *_)')),
    Mistake("no right to remove pods", GRANTS, "_PODS", drop(constant("delete"))),
    Mistake("a namespace without enforcement", FOUNDATION, "KubernetesFoundation._made_namespace",
            swap(constant("restricted"), "baseline")),
    Mistake("accounts that give their token to all", FOUNDATION, "KubernetesFoundation._account",
            swap(keyword("automount_service_account_token"), True)),
    Mistake("room for load balancers", FOUNDATION, "quota", drop(key("services.loadbalancers"))),
]  # fmt: skip

_OPTIONS = [
    Mistake("no room for what an autoscaled server adds while it changes", FOUNDATION, "_changing",
            swap(call("math.ceil"), 1)),
    Mistake("a pool that goes on with old passwords", POOLING, "pool",
            drop(expression("foundation.database.secret_marks"))),
    Mistake("metrics that nobody takes", METRICS, "exporter", drop(keyword("udp_port"))),
    Mistake("the pool past the pool", ACCESS, "openings",
            replace(expression("(PGBOUNCER, *others)"), "(PGBOUNCER, POSTGRES, *others)")),
    Mistake("every key of a user's Secret", DAG_DELIVERY, "_keys",
            both(rename(keyword("files"), "secret"),
                 replace(keyword("secret"), 'git.secret or ""'))),
    Mistake("a key of a user's Secret under another name", PODS, "SecretKey.manifest",
            replace(key("items"), '[{"key": file, "path": self.key}]')),
    Mistake("a route to another port", EXPOSURE, "_route", swap(key("port"), 80)),
    Mistake("a CronJob that stays suspended", OBJECTS, "Objects.cron_job",
            replace(keyword("spec"),
                    "{name: field for name, field in _.items() if field is not False}")),
    Mistake("a namespace of somebody else that is taken", FOUNDATION,
            "KubernetesFoundation._made_namespace",
            swap(expression("True if self.settings.namespace_exists else None"), True)),
    Mistake("a right that nobody asks for", RIGHTS, "needed", drop(expression("*_to_grant()"))),
    Mistake("backups that go on during a restore", RESTORING, "_suspended",
            replace(expression("each.metadata.name != RESTORE_JOB"),
                    'each.metadata.name not in (RESTORE_JOB, "postgres-backup")')),
]  # fmt: skip

_SERVICES = [
    Mistake("a database without a volume", POSTGRES, "Database._program",
            drop(expression('Mount(path="/data", claim=POSTGRES)'))),
    Mistake("the wrong password in a URL", POSTGRES, "Database.url",
            replace(expression("self._passwords[role]"), 'self._passwords["airflow"]')),
    Mistake("two databases swapped", ACCESS, "DATABASES",
            both(swap(constant("airflow", within=key("airflow")), "mlflow"),
                 swap(constant("mlflow", within=key("mlflow")), "airflow"))),
    Mistake("a probe of the wrong port", STORE, "Store._server",
            replace(expression("PORTS[SEAWEEDFS]", within=call("http_probes")), "_ + 1")),
    Mistake("the wrong volume", STORE, "Store._server", swap(keyword("claim"), "postgres")),
    Mistake("a job that does not wait", STORE, "Store._buckets", drop(expression("*self.ready"))),
    Mistake("a store that forgets its configuration", STORE, "Store._server",
            replace(keyword("secret"), "BUCKETS_JOB")),
    Mistake("one replica", SIZES, "MLFLOW_REPLICAS", swap(value(), 1)),
    Mistake("users and runs in one database", TRACKING, "KubernetesTracking._handed_over",
            swap(constant("mlflow_auth"), "mlflow")),
    Mistake("the bucket of another", TRACKING, "KubernetesTracking._settings",
            swap(constant("artifacts", within=key("MLFLOW_ARTIFACTS_DESTINATION")), "data")),
    Mistake("a host that is not allowed", TRACKING, "KubernetesTracking._hosts",
            drop(expression('f"{MLFLOW}.{namespace}.svc"'))),
    Mistake("a key of a Secret that nobody reads", TRACKING, "KubernetesTracking._handed_over",
            swap(constant("MLFLOW_FLASK_SERVER_SECRET_KEY"), "MLFLOW_FLASK_SECRET_KEY")),
    Mistake("the wrong Secret", TRACKING, "KubernetesTracking._server",
            replace(keyword("secrets"), "[FILES]")),
    Mistake("a server at another port", TRACKING, "COMMAND",
            swap(expression('f"--port={PORTS[MLFLOW]}"'), "--port=5001")),
    Mistake("nobody is asked who they are", TRACKING, "COMMAND",
            drop(constant("--app-name=basic-auth"))),
    Mistake("tracking that does not wait for its buckets", TRACKING, "KubernetesTracking.__init__",
            drop(expression("*storage.ready"))),
]  # fmt: skip

_AIRFLOW = [
    Mistake("a scheduler that does not wait for the API server", ORCHESTRATION,
            "KubernetesOrchestration._start",
            replace(expression("[*needs, server, address, *more]"), "[*needs, *more]")),
    Mistake("a scheduler that outlives what its pods need", ORCHESTRATION,
            "KubernetesOrchestration._start",
            replace(expression("launched if name == SCHEDULER else []"), "[]")),
    Mistake("the wrong name of a variable", ORCHESTRATION, "KubernetesOrchestration._settings",
            swap(constant("KUBERNETES_EXECUTOR__POD_TEMPLATE_FILE"),
                 "KUBERNETES__POD_TEMPLATE_FILE")),
    Mistake("the wrong executor", ORCHESTRATION, "KubernetesOrchestration._settings",
            swap(key("CORE__EXECUTOR"), "LocalExecutor")),
    Mistake("a schedule that is none", ORCHESTRATION, "KubernetesOrchestration._maintain",
            swap(constant("30 3 * * 0"), "30 25 * * 0")),
    Mistake("a task that knows the database", AIRFLOW_PROGRAMS, "AirflowPrograms._task",
            replace(keyword("secrets"), "[SECRETS, TASK_SECRETS]")),
    Mistake("a container that Airflow does not know", AIRFLOW_PROGRAMS, "AirflowPrograms._task",
            swap(keyword("container"), "task")),
    Mistake("a script of another", AIRFLOW_PROGRAMS, "AirflowPrograms.set_up",
            replace(keyword("config_map"), "FILES")),
    Mistake("tokens for all of Airflow", AIRFLOW_PROGRAMS, "AirflowPrograms._airflow",
            swap(keyword("token"), True)),
]  # fmt: skip

SUITE = Suite(
    rungs={
        "offline": (
            "tests/targets/kubernetes",
            "tests/targets/suite/test_examples.py",
            "--ignore=tests/targets/kubernetes/live",
            "--ignore=tests/targets/kubernetes/policies/test_checkov.py",
            "-k=not is_seen",  # the checks of the checks plant faults of their own
        ),
    },
    mistakes=[*_OBJECTS, *_PODS, *_ACCESS, *_OPTIONS, *_SERVICES, *_AIRFLOW],
)
