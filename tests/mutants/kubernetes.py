"""Mistakes in the kubernetes target, each one that somebody could make."""

from tests.mutants.mistakes import Mistake, Suite

_OBJECTS = [
    Mistake(
        "a Deployment that selects no pod",
        "objects.py",
        '"selector": {"matchLabels": {NAME: program.component}},\n            "strategy"',
        '"selector": {"matchLabels": {NAME: "pilothouse"}},\n            "strategy"',
    ),
    Mistake(
        "a Service that selects no pod",
        "objects.py",
        '"selector": {NAME: component},\n            "ports"',
        '"selector": {NAME: f"{component}-server"},\n            "ports"',
    ),
    Mistake(
        "a Service whose port no container has",
        "objects.py",
        '"targetPort": ',
        '"targetPort": 1 + ',
    ),
    Mistake("a public Service", "objects.py", '"type": "ClusterIP"', '"type": "LoadBalancer"'),
    Mistake(
        "no disruption budget",
        "objects.py",
        "self.make(PodDisruptionBudget, component, component=component, spec=budget)",
        "assert budget",
    ),
    Mistake(
        "a disruption budget for nobody",
        "objects.py",
        '"selector": {"matchLabels": {NAME: component}}}',
        '"selector": {"matchLabels": {"app": component}}}',
    ),
    Mistake(
        "objects without the stack's labels",
        "objects.py",
        "{**self.placement.labels, **own}",
        "own",
    ),
    Mistake(
        "services that start before their policies",
        "objects.py",
        "needs=[*self._guards[component], *needs],",
        "needs=[*needs],",
    ),
    Mistake(
        "jobs that start before their policies",
        "objects.py",
        "needs=[*self._guards[program.component], *needs],\n"
        "            annotations=exceptions(program),\n            opts",
        "needs=[*needs],\n            annotations=exceptions(program),\n            opts",
    ),
    Mistake(
        "a role of the whole cluster",
        "objects.py",
        '"kind": "Role",',
        '"kind": "ClusterRole",',
    ),
    Mistake(
        "rights for another account",
        "objects.py",
        '{"kind": "ServiceAccount", "name": component,',
        '{"kind": "ServiceAccount", "name": "default",',
    ),
]

_PODS = [
    Mistake(
        "privileges to gain",
        "pods.py",
        '"allowPrivilegeEscalation": False',
        '"allowPrivilegeEscalation": True',
    ),
    Mistake(
        "a root that can be written",
        "pods.py",
        '"readOnlyRootFilesystem": True',
        '"readOnlyRootFilesystem": False',
    ),
    Mistake("capabilities kept", "pods.py", '{"drop": ["ALL"]}', '{"drop": ["NET_RAW"]}'),
    Mistake("no seccomp", "pods.py", '{"type": "RuntimeDefault"}', '{"type": "Unconfined"}'),
    Mistake("a user of the node", "pods.py", "= 10001, 50000", "= 1001, 50000"),
    Mistake(
        "a token in every pod",
        "pods.py",
        '"automountServiceAccountToken": program.token',
        '"automountServiceAccountToken": True',
    ),
    Mistake(
        "the wrong service account",
        "pods.py",
        '"serviceAccountName": program.component',
        '"serviceAccountName": "default"',
    ),
    Mistake(
        "settings that reach nobody",
        "pods.py",
        '{"configMapRef": {"name": name}} for name in program.config',
        '{"configMapRef": {"name": name}} for name in program.config[1:]',
    ),
    Mistake(
        "a probe without the program's secrets",
        "pods.py",
        'return {**probe, "exec": {"command": with_secrets(program, probe["exec"]["command"])}}',
        "return dict(probe)",
    ),
    Mistake(
        "a file mounted by the wrong key",
        "pods.py",
        'mount["subPath"] = self.key',
        'mount["subPath"] = self.path',
    ),
    Mistake(
        "no readiness probe",
        "pods.py",
        '"readinessProbe": {**check, "periodSeconds": 5, "failureThreshold": 2},',
        "",
    ),
    Mistake(
        "no memory limit",
        "sizes.py",
        '"limits": {"cpu": f"{self.cpu_limit}m", "memory": f"{self.memory_limit}Mi"}',
        '"limits": {"cpu": f"{self.cpu_limit}m"}',
    ),
    Mistake(
        "a request above its limit",
        "sizes.py",
        '"mlflow": Resources(30, 480, 1000, 1024)',
        '"mlflow": Resources(30, 1480, 1000, 1024)',
    ),
    Mistake("an image without a tag", "images.yaml", "postgres:18.1", "postgres"),
]

_ACCESS = [
    Mistake(
        "MLflow cannot reach its store",
        "access.py",
        "MLFLOW: (POSTGRES, SEAWEEDFS),",
        "MLFLOW: (POSTGRES,),",
    ),
    Mistake(
        "no way out to a server",
        "access.py",
        "    for server in servers:\n",
        "    for server in servers[1:]:\n",
    ),
    Mistake("no way to the DNS", "access.py", "yield _to_dns(settings)", "yield from ()"),
    Mistake(
        "a server open to everybody", "access.py", 'yield {"from": peers, "ports"', 'yield {"ports"'
    ),
    Mistake(
        "everything may leave",
        "access.py",
        'deny = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}',
        'deny = {"podSelector": {}, "policyTypes": ["Ingress"]}',
    ),
    Mistake(
        "policies about nobody",
        "access.py",
        '"podSelector": {"matchLabels": {NAME: component}}',
        '"podSelector": {"matchLabels": {"app": component}}',
    ),
    Mistake("any verb on pods", "grants.py", '_PODS = ("create",', '_PODS = ("*", "create",'),
    Mistake(
        "no right to remove pods", "grants.py", '"watch", "patch", "delete")', '"watch", "patch")'
    ),
    Mistake(
        "a namespace without enforcement",
        "foundation.py",
        '"restricted" for mode',
        '"baseline" for mode',
    ),
    Mistake(
        "accounts that give their token to all",
        "foundation.py",
        "automount_service_account_token=False",
        "automount_service_account_token=True",
    ),
    Mistake(
        "room for load balancers", "foundation.py", '        "services.loadbalancers": "0",\n', ""
    ),
]

_OPTIONS = [
    Mistake(
        "no room for what an autoscaled server adds while it changes",
        "foundation.py",
        "replicas + math.ceil(replicas / 4)",
        "replicas + 1",
    ),
    Mistake(
        "a pool that goes on with old passwords",
        "pooling.py",
        ", **foundation.database.secret_marks}",
        "}",
    ),
    Mistake("metrics that nobody takes", "metrics.py", "        udp_port=port_of(STATSD),\n", ""),
    Mistake(
        "the pool past the pool",
        "access.py",
        "found[client] = (PGBOUNCER, *others)",
        "found[client] = (PGBOUNCER, POSTGRES, *others)",
    ),
    Mistake(
        "every key of a user's Secret",
        "dag_delivery.py",
        "Mount(path=KEYS, files=_known(git))",
        'Mount(path=KEYS, secret=git.secret or "")',
    ),
    Mistake(
        "a key of a user's Secret under another name",
        "pods.py",
        '"items": [{"key": self.key, "path": file}]',
        '"items": [{"key": file, "path": self.key}]',
    ),
    Mistake(
        "a route to another port",
        "exposure.py",
        '"backendRefs": [{"name": component, "port": PORTS[component]}]',
        '"backendRefs": [{"name": component, "port": 80}]',
    ),
    Mistake(
        "a CronJob that stays suspended",
        "objects.py",
        '"suspend": suspended,',
        '**({"suspend": True} if suspended else {}),',
    ),
    Mistake(
        "a namespace of somebody else that is taken",
        "foundation.py",
        "taken = True if self.settings.namespace_exists else None",
        "taken = True",
    ),
    Mistake(
        "a right that nobody asks for",
        "rights.py",
        "[*_to_make(plan), *_to_grant(), ",
        "[*_to_make(plan), ",
    ),
    Mistake(
        "backups that go on during a restore",
        "restoring.py",
        "if each.metadata.name != RESTORE_JOB]",
        'if each.metadata.name not in (RESTORE_JOB, "postgres-backup")]',
    ),
]

_SERVICES = [
    Mistake(
        "a database without a volume", "postgres.py", 'Mount(path="/data", claim=POSTGRES),', ""
    ),
    Mistake(
        "the wrong password in a URL",
        "postgres.py",
        "self._passwords[role],",
        'self._passwords["airflow"],',
    ),
    Mistake(
        "two databases swapped",
        "access.py",
        '"airflow": ("airflow",),\n    "mlflow": ("mlflow", "mlflow_auth"),',
        '"airflow": ("mlflow",),\n    "mlflow": ("airflow", "mlflow_auth"),',
    ),
    Mistake(
        "a probe of the wrong port",
        "store.py",
        'http_probes("/healthz", PORTS[SEAWEEDFS]',
        'http_probes("/healthz", PORTS[SEAWEEDFS] + 1',
    ),
    Mistake(
        "the wrong volume",
        "store.py",
        'Mount(path="/data", claim=SEAWEEDFS)',
        'Mount(path="/data", claim="postgres")',
    ),
    Mistake(
        "a job that does not wait",
        "store.py",
        "[*self.ready, config, keys]",
        "[config, keys]",
    ),
    Mistake(
        "a store that forgets its configuration",
        "store.py",
        'Mount(path="/config", secret=SEAWEEDFS)',
        'Mount(path="/config", secret=BUCKETS_JOB)',
    ),
    Mistake("one replica", "sizes.py", "REPLICAS = 2", "REPLICAS = 1"),
    Mistake(
        "users and runs in one database",
        "tracking.py",
        'database.url("mlflow", "mlflow_auth", DRIVER)',
        'database.url("mlflow", "mlflow", DRIVER)',
    ),
    Mistake(
        "the bucket of another",
        "tracking.py",
        'self._storage.uri("artifacts")',
        'self._storage.uri("data")',
    ),
    Mistake(
        "a host that is not allowed",
        "tracking.py",
        'names = (MLFLOW, f"{MLFLOW}.{namespace}", f"{MLFLOW}.{namespace}.svc")',
        'names = (MLFLOW, f"{MLFLOW}.{namespace}")',
    ),
    Mistake(
        "a key of a Secret that nobody reads",
        "tracking.py",
        '"MLFLOW_FLASK_SERVER_SECRET_KEY":',
        '"MLFLOW_FLASK_SECRET_KEY":',
    ),
    Mistake(
        "the wrong Secret",
        "tracking.py",
        "secrets=[MLFLOW],\n            references={",
        "secrets=[FILES],\n            references={",
    ),
    Mistake(
        "a server at another port",
        "tracking.py",
        'f"--port={PORTS[MLFLOW]}"',
        '"--port=5001"',
    ),
    Mistake("nobody is asked who they are", "tracking.py", '    "--app-name=basic-auth",\n', ""),
    Mistake(
        "tracking that does not wait for its buckets",
        "tracking.py",
        "needs=[*storage.ready, set_up]",
        "needs=[set_up]",
    ),
]

_AIRFLOW = [
    Mistake(
        "a scheduler that does not wait for the API server",
        "orchestration.py",
        "[*needs, server, address, *more]",
        "[*needs, *more]",
    ),
    Mistake(
        "a scheduler that outlives what its pods need",
        "orchestration.py",
        "more = launched if name == SCHEDULER else []",
        "more: list[Any] = []",
    ),
    Mistake(
        "the wrong name of a variable",
        "orchestration.py",
        '"KUBERNETES_EXECUTOR__POD_TEMPLATE_FILE"',
        '"KUBERNETES__POD_TEMPLATE_FILE"',
    ),
    Mistake("the wrong executor", "orchestration.py", '"KubernetesExecutor"', '"LocalExecutor"'),
    Mistake("a schedule that is none", "orchestration.py", '"30 3 * * 0"', '"30 25 * * 0"'),
    Mistake(
        "a task that knows the database",
        "airflow_programs.py",
        "secrets=[TASK_SECRETS],\n",
        "secrets=[SECRETS, TASK_SECRETS],\n",
    ),
    Mistake(
        "a container that Airflow does not know",
        "airflow_programs.py",
        'container="base",\n            environment',
        'container="task",\n            environment',
    ),
    Mistake(
        "a script of another",
        "airflow_programs.py",
        'Mount(path="/scripts", config_map=SETUP_JOB)',
        'Mount(path="/scripts", config_map=FILES)',
    ),
    Mistake(
        "tokens for all of Airflow",
        "airflow_programs.py",
        "token=component in GRANTS",
        "token=True",
    ),
]

SUITE = Suite(
    folder="src/pilothouse/targets/kubernetes",
    rungs={
        "offline": (
            "tests/policies",
            "tests/graph",
            "tests/kubernetes",
            "--ignore=tests/policies/aws",
            "--ignore=tests/policies/test_checkov.py",
            "--ignore-glob=tests/graph/test_aws_*",
            "--ignore=tests/graph/test_local_graph.py",
            "--ignore=tests/graph/test_recorder.py",
            "-k=not is_seen",  # the checks of the checks plant faults of their own
        ),
    },
    mistakes=[*_OBJECTS, *_PODS, *_ACCESS, *_OPTIONS, *_SERVICES, *_AIRFLOW],
)
