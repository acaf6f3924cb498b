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

AIRFLOW_PODS = "pilothouse.targets.kubernetes.components.airflow_pods"
BUILDER = "pilothouse.targets.kubernetes.objects.builder"
COMPONENT_TABLE = "pilothouse.targets.kubernetes.settings.component_table"
DAG_DELIVERY = "pilothouse.targets.kubernetes.components.dag_delivery"
EXPIRY = "pilothouse.targets.kubernetes.components.expiry"
EXPOSURE = "pilothouse.targets.kubernetes.components.exposure"
EXTERNAL_DATABASE = "pilothouse.targets.kubernetes.components.external_database"
EXTERNAL_STORE = "pilothouse.targets.kubernetes.components.external_store"
FOUNDATION = "pilothouse.targets.kubernetes.components.foundation"
IMAGES = "src/pilothouse/targets/kubernetes/assets/images.yaml"
LIMITS = "pilothouse.targets.kubernetes.objects.limits"
NETWORK_POLICIES = "pilothouse.targets.kubernetes.objects.network_policies"
ORCHESTRATION = "pilothouse.targets.kubernetes.components.orchestration"
PERMISSIONS = "pilothouse.targets.kubernetes.operations.permissions"
PGBOUNCER = "pilothouse.targets.kubernetes.components.pgbouncer"
PODS = "pilothouse.targets.kubernetes.objects.pods"
POSTGRES = "pilothouse.targets.kubernetes.components.postgres"
POD_OBJECT_STORE = "pilothouse.targets.kubernetes.clients.pod_object_store"
RBAC = "pilothouse.targets.kubernetes.objects.rbac"
RESTORE = "pilothouse.targets.kubernetes.operations.restore"
SEAWEEDFS = "pilothouse.targets.kubernetes.components.seaweedfs"
SIZING = "pilothouse.targets.kubernetes.objects.sizing"
STORE_SETTINGS = "pilothouse.targets.kubernetes.settings.store"
STOPPING = "pilothouse.targets.kubernetes.operations.stopping"
STATSD = "pilothouse.targets.kubernetes.components.statsd"
TRACKING = "pilothouse.targets.kubernetes.components.tracking"

_OBJECTS = [
    Mistake("a Deployment that selects no pod", BUILDER, "ObjectFactory.deployment",
            swap(key("COMPONENT_LABEL", within=key("matchLabels")), "pilothouse")),
    Mistake("a Service that selects no pod", BUILDER, "ObjectFactory.service",
            replace(key("COMPONENT_LABEL", within=key("selector")), 'f"{_}-server"')),
    Mistake("a Service whose port no container has", BUILDER, "ObjectFactory.service",
            replace(key("targetPort"), "1 + _")),
    Mistake("a public Service", BUILDER, "ObjectFactory.service",
            swap(key("type"), "LoadBalancer")),
    Mistake("no disruption budget", BUILDER, "ObjectFactory._long_running",
            drop(statement(expression("kinds.POD_DISRUPTION_BUDGET")))),
    Mistake("a disruption budget for nobody", BUILDER, "ObjectFactory._long_running",
            swap(expression("COMPONENT_LABEL"), "app")),
    Mistake("objects without the stack's labels", BUILDER, "ObjectFactory.metadata",
            drop(expression("self.pod_templates.labels"))),
    Mistake("services that start before their policies", BUILDER, "ObjectFactory._long_running",
            drop(expression("*self._prerequisites[component]"))),
    Mistake("jobs that start before their policies", BUILDER, "ObjectFactory.job",
            drop(expression("*self._prerequisites[program.component]"))),
    Mistake("a role of the whole cluster", BUILDER, "ObjectFactory.role",
            swap(key("kind", within=keyword("roleRef")), "ClusterRole")),
    Mistake("rights for another account", BUILDER, "ObjectFactory.role",
            swap(key("name", within=statement(constant("ServiceAccount"))), "default")),
]  # fmt: skip

_PODS: list[AnyMistake] = [
    Mistake("privileges to gain", PODS, "PodTemplates._container",
            swap(key("allowPrivilegeEscalation"), True)),
    Mistake("a root that can be written", PODS, "PodTemplates._container",
            swap(key("readOnlyRootFilesystem"), False)),
    Mistake("capabilities kept", PODS, "PodTemplates._container", swap(constant("ALL"), "NET_RAW")),
    Mistake("no seccomp", PODS, "PodTemplates._spec",
            swap(key("type", within=key("seccompProfile")), "Unconfined")),
    Mistake("a user of the node", PODS, "USER", swap(value(), 1001)),
    Mistake("a token in every pod", PODS, "PodTemplates._spec",
            swap(key("automountServiceAccountToken"), True)),
    Mistake("the wrong service account", PODS, "PodTemplates._spec",
            swap(key("serviceAccountName"), "default")),
    Mistake("settings that reach nobody", PODS, "PodTemplates._container",
            replace(expression("program.config"), "_[1:]")),
    Mistake("a probe without the program's secrets", PODS, "_probe", drop(key("exec"))),
    Mistake("a file mounted by the wrong key", PODS, "Mount.manifest",
            replace(expression("self.key", within=statement(constant("subPath"))), "self.path")),
    Mistake("no readiness probe", PODS, "_probes", drop(key("readinessProbe"))),
    Mistake("no memory limit", SIZING, "Resources.manifest",
            drop(key("memory", within=key("limits")))),
    Mistake("a request above its limit", SIZING, "SMALL",
            swap(constant(480, within=key("mlflow")), 1480)),
    TextMistake("an image without a tag", IMAGES, "postgres:18.1", "postgres"),
]  # fmt: skip

_ACCESS = [
    Mistake("MLflow cannot reach its store", COMPONENT_TABLE, "ALLOWED_CONNECTIONS",
            drop(expression("SEAWEEDFS", within=key("MLFLOW")))),
    Mistake("no way out to a server", NETWORK_POLICIES, "_egress",
            replace(expression("servers", within=around(call("_to_server"), ast.For)), "_[1:]")),
    Mistake("no way to the DNS", NETWORK_POLICIES, "_egress", drop(statement(call("_to_dns")))),
    Mistake("a server open to everybody", NETWORK_POLICIES, "_ingress", drop(expression("peers"))),
    Mistake("everything may leave", NETWORK_POLICIES, "policies", drop(constant("Egress"))),
    Mistake("policies about nobody", NETWORK_POLICIES, "_spec",
            swap(expression("COMPONENT_LABEL"), "app")),
    Mistake("any verb on pods", RBAC, "_PODS", replace(value(), '("*", *_)')),
    Mistake("no right to remove pods", RBAC, "_PODS", drop(constant("delete"))),
    Mistake("an end of the pilot that may delete volumes", RBAC, "RBAC_RULES",
            swap(constant("statefulsets"), "persistentvolumeclaims")),
    Mistake("an end of the pilot that nobody allows", EXPIRY, "create",
            drop(expression("objects.role(EXPIRY, RBAC_RULES[EXPIRY])"))),
    Mistake("an end of the pilot where commands only tell", FOUNDATION,
            "KubernetesFoundation._create_expiry",
            replace(expression('pilot.at_expiry == "stop"'), "True")),
    Mistake("a namespace without enforcement", FOUNDATION, "KubernetesFoundation._create_namespace",
            swap(constant("restricted"), "baseline")),
    Mistake("accounts that give their token to all", FOUNDATION,
            "KubernetesFoundation._create_account",
            swap(keyword("automountServiceAccountToken"), True)),
    Mistake("room for load balancers", LIMITS, "quota", drop(key("services.loadbalancers"))),
]  # fmt: skip

_OPTIONS = [
    Mistake("no room for what an autoscaled server adds while it changes", LIMITS, "_during_update",
            swap(call("math.ceil"), 1)),
    Mistake("a pool that goes on with old passwords", PGBOUNCER, "create_pool",
            drop(expression("foundation.database.password_annotations"))),
    Mistake("metrics that nobody takes", STATSD, "create_exporter", drop(keyword("udp_port"))),
    Mistake("the pool past the pool", COMPONENT_TABLE, "allowed_connections",
            replace(expression("(PGBOUNCER, *others)"), "(PGBOUNCER, POSTGRES, *others)")),
    Mistake("every key of a user's Secret", DAG_DELIVERY, "_ssh_mounts",
            both(rename(keyword("files"), "secret"),
                 replace(keyword("secret"), 'git.secret or ""'))),
    Mistake("a key of a user's Secret under another name", PODS, "SecretKey.manifest",
            replace(key("items"), '[{"key": file, "path": self.key}]')),
    Mistake("a route to another port", EXPOSURE, "_route", swap(key("port"), 80)),
    Mistake("a CronJob that stays suspended", BUILDER, "ObjectFactory.cron_job",
            replace(keyword("spec"),
                    "{name: field for name, field in _.items() if field is not False}")),
    Mistake("a CronJob by the cluster's own clock", BUILDER, "ObjectFactory.cron_job",
            drop(key("timeZone"))),
    Mistake("a namespace of somebody else that is taken", FOUNDATION,
            "KubernetesFoundation._create_namespace",
            swap(expression("not self.settings.namespace_exists"), False)),
    Mistake("a right that nobody asks for", PERMISSIONS, "required_permissions",
            drop(expression("*_to_grant()"))),
    Mistake("backups that go on during a restore", STOPPING, "_suspend_cron_jobs",
            replace(expression("name != RESTORE_JOB"), '_ and name != "postgres-backup"')),
]  # fmt: skip

_SERVICES = [
    Mistake("a database without a volume", POSTGRES, "Database._program",
            drop(expression('Mount(path="/data", claim=POSTGRES)'))),
    Mistake("the wrong password in a URL", POSTGRES, "Database.url",
            replace(expression("self._passwords[role]"), 'self._passwords["airflow"]')),
    Mistake("two databases swapped", COMPONENT_TABLE, "DATABASES",
            both(swap(constant("airflow", within=key("airflow")), "mlflow"),
                 swap(constant("mlflow", within=key("mlflow")), "airflow"))),
    Mistake("a probe of the wrong port", SEAWEEDFS, "Store._create_server",
            replace(expression("PORTS[SEAWEEDFS]", within=call("http_probes")), "_ + 1")),
    Mistake("the wrong volume", SEAWEEDFS, "Store._create_server",
            swap(keyword("claim"), "postgres")),
    Mistake("a job that does not wait", SEAWEEDFS, "Store._create_buckets",
            drop(expression("*server"))),
    Mistake("a store that forgets its configuration", SEAWEEDFS, "Store._create_server",
            replace(keyword("secret"), "BUCKETS_JOB")),
    Mistake("one replica", SIZING, "MLFLOW_REPLICAS", swap(value(), 1)),
    Mistake("users and runs in one database", TRACKING, "KubernetesTracking._create_configuration",
            swap(constant("mlflow_auth"), "mlflow")),
    Mistake("the bucket of another", TRACKING, "KubernetesTracking._settings",
            replace(key("MLFLOW_ARTIFACTS_DESTINATION"), 'self._storage.access("data").uri')),
    Mistake("a host that is not allowed", TRACKING, "KubernetesTracking._hosts",
            drop(expression('f"{MLFLOW}.{namespace}.svc"'))),
    Mistake("a key of a Secret that nobody reads", TRACKING,
            "KubernetesTracking._create_configuration",
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
            "KubernetesOrchestration._create_processes",
            replace(expression("[*needs, server, service, *more]"), "[*needs, *more]")),
    Mistake("a scheduler that outlives what its pods need", ORCHESTRATION,
            "KubernetesOrchestration._create_processes",
            drop(expression("*more"))),
    Mistake("the wrong name of a variable", ORCHESTRATION, "KubernetesOrchestration._settings",
            swap(constant("KUBERNETES_EXECUTOR__POD_TEMPLATE_FILE"),
                 "KUBERNETES__POD_TEMPLATE_FILE")),
    Mistake("the wrong executor", ORCHESTRATION, "KubernetesOrchestration._settings",
            swap(key("CORE__EXECUTOR"), "LocalExecutor")),
    Mistake("a schedule that is none", ORCHESTRATION,
            "KubernetesOrchestration._create_cleanup_jobs",
            swap(constant("30 3 * * 0"), "30 25 * * 0")),
    Mistake("DAG files that inherit keys", AIRFLOW_PODS, "AirflowPrograms.process",
            replace(keyword("secrets"), "[SECRETS, TASK_SECRETS]")),
    Mistake("a DAG processor that can sign", ORCHESTRATION,
            "KubernetesOrchestration._create_configuration",
            replace(expression("airflow_settings.parser_settings"),
                    "airflow_settings.secret_settings")),
    Mistake("a task that knows the database", AIRFLOW_PODS, "AirflowPrograms._task",
            replace(keyword("secrets"), "[SECRETS, TASK_SECRETS]")),
    Mistake("a container that Airflow does not know", AIRFLOW_PODS, "AirflowPrograms._task",
            swap(keyword("container"), "task")),
    Mistake("a script of another", AIRFLOW_PODS, "AirflowPrograms.setup_job",
            replace(keyword("config_map"), "FILES")),
    Mistake("tokens for all of Airflow", AIRFLOW_PODS, "AirflowPrograms._airflow",
            swap(keyword("token"), True)),
]  # fmt: skip

_OUTSIDE = [
    Mistake("a database whose certificate no one verifies", EXTERNAL_DATABASE,
            "ExternalDatabase.environment", drop(expression("certificate"))),
    Mistake("a client of the database without the authority", AIRFLOW_PODS,
            "AirflowPrograms._airflow", drop(expression("*database.mounts()"))),
    Mistake("an application in the database of another name", EXTERNAL_DATABASE,
            "ExternalDatabase.url", replace(expression("getattr(settings.databases, database)"),
                                            "database")),
    Mistake("the role of another bucket", COMPONENT_TABLE, "BUCKET_CLIENTS",
            replace(key("artifacts"), "(WORKLOAD,)")),
    Mistake("no way to what gives credentials", STORE_SETTINGS, "ObjectStore.destinations",
            drop(expression("*agent"))),
    Mistake("keys of a Secret that is not named", EXTERNAL_STORE, "ExternalStore._keys",
            replace(expression("secret is None"), "False")),
    Mistake("an object read by the workload's own program", POD_OBJECT_STORE,
            "PodObjectStore.read", drop(expression("*reading"))),
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
    mistakes=[*_OBJECTS, *_PODS, *_ACCESS, *_OPTIONS, *_SERVICES, *_AIRFLOW, *_OUTSIDE],
)
