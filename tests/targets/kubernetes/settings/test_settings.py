"""The settings of a stack on a cluster: what is refused, and how the remedy is said."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pilothouse.errors import InvalidInput
from pilothouse.program.load import plan_of_engine, plan_of_files
from pilothouse.targets.kubernetes.objects import sizing
from tests.targets.suite.platforms import EXAMPLES, ROOT, TODAY, project_of

SMALLEST = next(example for example in EXAMPLES if example.stem == "minimal")
DIGEST = f"@sha256:{'0' * 64}"


def required(*terms: dict[str, Any]) -> dict[str, Any]:
    nodes = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [*terms]}}
    return {"affinity": {"nodeAffinity": nodes}}


def term(key: str, operator: str, *values: str) -> dict[str, Any]:
    expression = {"key": key, "operator": operator, "values": [*values]}
    return {"matchExpressions": [expression]}


def away(weight: int = 1, topologyKey: str = "zone") -> dict[str, Any]:  # noqa: N803
    preferred = {"weight": weight, "podAffinityTerm": {"topologyKey": topologyKey}}
    kind = "preferredDuringSchedulingIgnoredDuringExecution"
    return {"affinity": {"podAntiAffinity": {kind: [preferred]}}}


def mlflow(**said: Any) -> dict[str, Any]:
    return {"components": {"mlflow": said}}


def asked(requests: dict[str, Any], limits: dict[str, Any] | None = None) -> dict[str, Any]:
    return mlflow(resources={"requests": requests, "limits": limits or {}})


INGRESS = {"className": "nginx", "tlsSecret": "consoles"}
GATEWAY = {"name": "main", "namespace": "gateways", "sectionName": "https"}


def served(controller: dict[str, Any] | None = None, **how: Any) -> dict[str, Any]:
    who = {"namespace": "ingress-nginx"} if controller is None else controller
    return {"exposure": {**how, "controller": who}}


def git(**said: Any) -> dict[str, Any]:
    usual = {"repository": "https://git.example.org/dags", "egress": {"cidr": "192.0.2.0/24"}}
    return {"dags": {"gitSync": {**usual, **said}}}


DATABASE = {"host": "db.example.org", "cidr": "10.0.0.0/24", "secret": "team-db"}

AUTHORITY: dict[str, Any] = {"configMap": "database-ca"}


AGENT = [("169.254.170.23/32", 80), ("fd00:ec2::23/128", 80)]


def database(**said: Any) -> dict[str, Any]:
    return {"database": {**DATABASE, **said}}


def verified(**said: Any) -> dict[str, Any]:
    return database(sslMode="verify-full", certificateAuthority={**AUTHORITY, **said})


BUCKETS = {"data": "pilot-data", "artifacts": "pilot-models", "logs": "pilot-logs"}


def store(**said: Any) -> dict[str, Any]:
    buckets = {**BUCKETS, "backups": "pilot-backups", **said.pop("buckets", {})}
    usual = {"endpoint": "https://s3.example.org", "cidr": "10.0.0.0/24", "secret": "team-s3"}
    given = {**usual, "buckets": buckets, **said}
    return {"objectStore": {key: value for key, value in given.items() if value is not None}}


ARN = "arn:aws:iam::123456789012:role/pilot"
ROLE_ARNS = dict.fromkeys(("data", "artifacts", "logs", "backups"), ARN)


def by_role(**said: Any) -> dict[str, Any]:
    given = {"endpoint": None, "cidr": None, "secret": None, "region": "eu-west-1"}
    return store(**{**given, "roleArns": ROLE_ARNS, **said})


PROXY = "http://proxy.example.org:3128"
TRUSTED: dict[str, Any] = {"certificateAuthority": {"configMap": "corp-ca"}}
INDEX: dict[str, Any] = {
    "packageIndex": {"url": "https://pypi.example.org/simple", "cidr": "192.0.2.30/32"}
}


def net(**proxy: Any) -> dict[str, Any]:
    return {"network": {"proxy": {"cidr": "192.0.2.20/32", **proxy}}}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"namespaceExists": "yes"}, "namespaceExists"),
    (
        {"components": {"airflow-statsd": {}}},
        "components.airflow-statsd: found settings of a component that this stack does not have",
    ),
    ({"components": {"pgbouncer": {"env": {"A": "b"}}}}, "components.pgbouncer: found settings"),
    (
        {"database": DATABASE, "components": {"postgres": {}}},
        "components.postgres: found settings of a component that this stack does not have",
    ),
    ({**store(), "components": {"seaweedfs": {}}}, "components.seaweedfs: found settings"),
    (mlflow(env={"GITSYNC_USERNAME": "me"}), "env.GITSYNC_USERNAME: found a variable of the"),
    ({"namespace": "default"}, 'namespace: found "default"'),
    ({"namespace": "kube-system"}, 'namespace: found "kube-system"'),
    ({"namespace": "Upper"}, "namespace"),
    ({"namespace": "a" * 64}, "namespace"),
    ({"namespace": "-dash"}, "namespace"),
    ({"namespace": ""}, "namespace"),
    ({"namespaces": "pilot"}, "did you mean namespace"),
    ({"context": ""}, "context"),
    ({"context": 7}, "context"),
    ({"storageClass": ""}, "storageClass"),
    ({"images": {"mlflow": "ghcr.io/mlflow/mlflow"}}, "images.mlflow"),
    ({"images": {"mlflow": f"MLflow:1{DIGEST}"}}, "images.mlflow"),
    ({"images": {"mlflow": "mlflow@sha256:12"}}, "images.mlflow"),
    ({"images": {"minio": "minio:1"}}, "images.minio"),
    ({"imagePullPolicy": "Sometimes"}, "imagePullPolicy"),
    ({"assignedUids": "yes"}, "assignedUids"),
    ({"runtimeClassName": "NVIDIA"}, "runtimeClassName"),
    (mlflow(runtimeClassName=""), "components.mlflow.runtimeClassName"),
    ({"gpu": {"resource": "gpu"}}, "a name with its domain, such as amd.com/gpu"),
    ({"clusterDns": {"port": 0}}, "clusterDns.port"),
    ({"clusterDns": {"port": 65536}}, "clusterDns.port"),
    ({"clusterDns": {"namespace": "Kube"}}, "clusterDns.namespace"),
    ({"apiServer": {"port": 6443}}, "apiServer.cidr"),
    ({"apiServer": {"cidr": "10.0.0.300/32"}}, "apiServer.cidr"),
    ({"apiServer": {"cidr": "10.0.0.1/8"}}, "apiServer.cidr"),
    ({"backups": {"schedule": "nightly"}}, "backups.schedule"),
    ({"backups": {"schedule": "0 2 * *"}}, "five fields as cron has them"),
    ({"backups": {"keep": 0}}, "backups.keep"),
    ({"backups": {"enabled": "no"}}, "backups.enabled"),
    ({"database": {"host": "db", "secret": "s"}}, "database.cidr"),
    ({"database": {**DATABASE, "cidr": "10.0.0.1/8"}}, "database.cidr"),
    ({"database": {**DATABASE, "port": 0}}, "database.port"),
    ({"database": {**DATABASE, "secret": "No"}}, "database.secret"),
    ({"database": {**DATABASE, "host": "postgres://db"}}, "database.host"),
    (database(sslMode="verify"), "database.sslMode"),
    (database(sslMode="verify-full"), "certificateAuthority: found nothing, with sslMode verify-f"),
    (database(sslMode="verify-ca"), "certificateAuthority: found nothing, with sslMode verify-ca"),
    (
        database(certificateAuthority=AUTHORITY),
        "database.certificateAuthority: found an authority that nobody asks, with sslMode require",
    ),
    (verified(configMap="Upper"), "database.certificateAuthority.configMap"),
    (verified(configMap="a" * 51), "database.certificateAuthority.configMap"),
    (verified(key="../ca.crt"), "database.certificateAuthority.key"),
    (database(users={"airflow": "a'; DROP"}), "database.users.airflow"),
    (database(users={"mlflow": "me@host"}), "letters, digits, underscores, dots and dashes"),
    (database(databases={"airflow": "a" * 64}), "database.databases.airflow"),
    (database(databases={"mlflow_auth": "own"}), "did you mean mlflowAuth"),
    (
        database(databases={"mlflowAuth": "mlflow"}),
        'databases.mlflowAuth: found "mlflow", which is the database of mlflow too',
    ),
    (mlflow(volumes=[{"path": "/database-ca", "secret": "ca"}]), "choose a path outside of"),
    ({"database": {**DATABASE, "password": "hush"}}, "database.password"),
    ({"database": DATABASE, "pgBouncer": {}}, "pgBouncer: found a pool of an external database"),
    (store(endpoint=None), "objectStore.region: found nothing, without endpoint; add it"),
    (store(secret=None), "objectStore.secret: found nothing; name the Secret with the keys"),
    (store(secret=None, podIdentity=False), "roleArns with the role of each bucket, or podIden"),
    (store(podIdentity=True), "objectStore.podIdentity: found secret and podIdentity; keep one"),
    (store(roleArns=ROLE_ARNS), "objectStore.roleArns: found secret and roleArns; keep one"),
    (by_role(podIdentity=True), "found roleArns and podIdentity; keep one"),
    (by_role(roleArns={**ROLE_ARNS, "data": "pilot"}), "a role such as arn:aws:iam::"),
    (by_role(roleArns={"data": ARN}), "objectStore.roleArns.artifacts: found nothing; add it"),
    (by_role(roleArns={**ROLE_ARNS, "backups": None}), "roleArns.backups: found nothing; add it"),
    (by_role(region=None), "objectStore.region: found nothing, without endpoint; add it"),
    (store(endpoint="s3.example.org"), "objectStore.endpoint: found"),
    (store(endpoint="s3://s3.example.org"), "write a URL without a path, such as https://"),
    (store(endpoint="https://s3.example.org/"), "objectStore.endpoint: found"),
    (store(endpoint="https://s3.example.org:0"), "objectStore.endpoint: found"),
    (store(endpoint="https://s3.example.org:65536"), "objectStore.endpoint: found"),
    (store(region="EU"), "objectStore.region"),
    (store(cidr=None), "objectStore.cidr: found nothing; add it"),
    (store(cidr="10.0.0.1/8"), "objectStore.cidr"),
    (store(secret="No"), "objectStore.secret"),
    (store(accessKey="hush"), "objectStore.accessKey: found an unknown key"),
    (store(buckets={"logs": ""}), "objectStore.buckets.logs"),
    (store(buckets={"data": "s3://pilot"}), "buckets.data: found"),
    (store(buckets={"dta": "pilot"}), "did you mean data?"),
    (store(buckets={"backups": None}), "objectStore.buckets.backups: found nothing; add it"),
    (
        store(buckets={"backups": "pilot-logs"}),
        'buckets.backups: found "pilot-logs", which is the bucket of logs too; name a bucket',
    ),
    ({"tolerations": [{"effect": "Never"}]}, "tolerations"),
    ({"nodeSelector": {"gpu": True}}, "nodeSelector.gpu"),
    ({"affinity": {"nodeAffinty": {}}}, "did you mean nodeAffinity"),
    (required(), "nodeSelectorTerms"),
    (required(term("zone", "Inside", "a")), 'operator: found "Inside"; valid are: In, NotIn'),
    (required(term("zone", "In")), "values: found 0 values; operator In takes one or more"),
    (required(term("zone", "Exists", "a")), "operator Exists takes no values"),
    (required(term("cores", "Gt", "many")), 'found "many"; operator Gt takes a whole number'),
    (away(weight=0), "weight"),
    (away(weight=101), "weight"),
    (away(topologyKey=""), "topologyKey"),
    (net(), "network.proxy: found neither; add one or both of http, https"),
    (net(cidr=None, http=PROXY), "network.proxy.cidr"),
    (net(http="proxy.example.org:3128"), "network.proxy.http: found"),
    (net(http="http://proxy.example.org"), "write a URL such as http://proxy.example.org:3128"),
    (net(https="http://proxy.example.org:65536"), "network.proxy.https: found"),
    (net(https=PROXY, noProxy=["*"]), "network.proxy.noProxy[0]: found"),
    (net(https=PROXY, noProxy=["a.example.org,b"]), "a domain such as .example.org"),
    (net(https=PROXY, noProxy=["*.example.org"]), "a domain such as .example.org"),
    (net(https=PROXY, secret="Upper"), "network.proxy.secret"),
    ({"network": {"proxies": {}}}, "did you mean proxy?"),
    ({"network": {"certificateAuthority": {}}}, "network.certificateAuthority.configMap"),
    (
        {"network": {"certificateAuthority": {"configMap": "corp-ca", "key": "../ca"}}},
        "network.certificateAuthority.key",
    ),
    ({"network": {"packageIndex": {"url": "pypi.example.org"}}}, "network.packageIndex.url"),
    (
        {"network": {"packageIndex": {"url": "https://pypi.example.org/simple"}}},
        "network.packageIndex.cidr: found nothing; add it, or a proxy for the URL",
    ),
    (
        net(http=PROXY) | git(egress=None),
        "dags.gitSync.egress: found nothing; add the address of the git server",
    ),
    (
        {**net(https=PROXY), **git(egress=None, repository="git@git.example.org:a", secret="a")},
        "dags.gitSync.egress: found nothing",
    ),
    (
        {"network": TRUSTED, "env": {"SSL_CERT_FILE": "/a"}},
        "env.SSL_CERT_FILE: found a variable that network.certificateAuthority sets; remove it",
    ),
    (
        {"network": TRUSTED, **mlflow(env={"AWS_CA_BUNDLE": "/a"})},
        "components.mlflow.env.AWS_CA_BUNDLE: found a variable that network.certificateAuthority",
    ),
    (
        {"network": INDEX, **mlflow(env={"PIP_INDEX_URL": "https://b.example.org"})},
        "components.mlflow.env.PIP_INDEX_URL: found a variable that network.packageIndex sets",
    ),
    (mlflow(volumes=[{"path": "/authorities/a", "secret": "ca"}]), "choose a path outside of"),
    ({"clusterDns": {"domain": "Cluster"}}, "clusterDns.domain"),
    ({"env": {"HTTP-PROXY": "a"}}, 'env.HTTP-PROXY: found "HTTP-PROXY"; write letters'),
    ({"env": {"HOME": "/root"}}, "env.HOME: found a variable of the target's own; remove it"),
    ({"env": {"DEBUG": True}}, "env.DEBUG: found true; write text"),
    ({"podAnnotations": {"team": "a"}}, "podAnnotations.team"),
    ({"podAnnotations": {"example.org/": "a"}}, "write a name with its domain"),
    ({"components": {"mlfow": {}}}, "did you mean mlflow?"),
    (mlflow(env={"AIRFLOW__CORE__FERNET_KEY": "x"}), "env.AIRFLOW__CORE__FERNET_KEY"),
    (mlflow(envfrom=[]), "did you mean envFrom"),
    (mlflow(envFrom=[{}]), "found none of them; name one of configMapRef, secretRef"),
    (
        mlflow(envFrom=[{"secretRef": {"name": "a"}, "configMapRef": {"name": "b"}}]),
        "found configMapRef and secretRef",
    ),
    (mlflow(envFrom=[{"secretRef": {"name": "Upper"}}]), "envFrom[0].secretRef.name"),
    (mlflow(serviceAccountAnnotations={"role": "a"}), "serviceAccountAnnotations.role"),
    (
        mlflow(sharedMemory="2Gi"),
        "components.mlflow.resources.limits.memory: found nothing, with sharedMemory of 2048Mi",
    ),
    (
        mlflow(sharedMemory="2Gi", resources={"limits": {"memory": "2Gi"}}),
        "resources.limits.memory: found 2048Mi, with sharedMemory of 2048Mi; set it to what the",
    ),
    (mlflow(sharedMemory="64"), "components.mlflow.sharedMemory"),
    (mlflow(volumes=[{"path": "/dev/shm", "secret": "ca"}]), "choose a path outside of"),
    (mlflow(volumes=[{"path": "certs", "secret": "ca"}]), "volumes[0].path"),
    (mlflow(volumes=[{"path": "/a/../b", "secret": "ca"}]), "an absolute path such as"),
    (mlflow(volumes=[{"path": "/tmp/certs", "secret": "ca"}]), "choose a path outside of"),
    (mlflow(volumes=[{"path": "/certs"}]), "name one of configMap, secret, claim"),
    (mlflow(volumes=[{"path": "/certs", "hostPath": "/etc"}]), "hostPath: found an unknown key"),
    (mlflow(egress=[{"cidr": "everything"}]), "egress[0].cidr"),
    (asked({"cpu": "lots"}), 'requests.cpu: found "lots"; write cores such as 2, 0.5 or 250m'),
    (asked({"cpu": "0"}), 'requests.cpu: found "0"'),
    (asked({"cpu": "1Gi"}), 'requests.cpu: found "1Gi"'),
    (asked({"cpu": True}), "requests.cpu: found true"),
    (asked({"memory": "512"}), 'requests.memory: found "512"; write bytes such as 512Mi'),
    (asked({"memory": "512mb"}), 'requests.memory: found "512mb"'),
    (asked({"memory": "-1Gi"}), 'requests.memory: found "-1Gi"'),
    (asked({"memory": "1Gi"}, {"memory": "512Mi"}), "memory 512Mi below the request of 1024Mi"),
    (asked({"cpu": 2}, {"cpu": "500m"}), "limits: found cpu 500m below the request of 2000m"),
    (asked({"cpus": 2}), "did you mean cpu?"),
    ({"dags": {"gitSync": {}}}, "dags.gitSync.repository: found nothing; add it"),
    (git(egress=None), "dags.gitSync.egress"),
    (git(repository="http://git.example.org/dags"), "write a URL such as https://"),
    (git(repository="dags"), "dags.gitSync.repository"),
    (git(repository="git@git.example.org:dags"), "with a repository by ssh; name a Secret"),
    (git(ref="--upload-pack=x"), "dags.gitSync.ref"),
    (git(branch="main"), "dags.gitSync.branch: found an unknown key"),
    (git(subPath="../dags"), "write a relative path such as team/dags"),
    (git(subPath="/dags"), "dags.gitSync.subPath"),
    (git(period="0s"), "write a time such as 60s or 5m"),
    (git(period="60"), "dags.gitSync.period"),
    (git(secret="Upper"), "dags.gitSync.secret"),
    ({"dags": {"imageFolder": "dags"}}, "dags.imageFolder"),
    ({"dags": {"imageFolder": "/dags"}}, "choose a path outside of"),
    ({"pgBouncer": {"poolSize": 0}}, "pgBouncer.poolSize"),
    ({"pgbouncer": {}}, "did you mean pgBouncer"),
    ({"statsd": {}}, "statsd.scraper: found nothing; add it: The pods or the network"),
    ({"statsd": {"scraper": {}}}, "statsd.scraper: found neither"),
    ({"apiServerAutoscaling": {}}, "apiServerAutoscaling.maxReplicas"),
    (
        {"apiServerAutoscaling": {"minReplicas": 3, "maxReplicas": 2}},
        "maxReplicas: found 2 below minReplicas 3; raise it",
    ),
    ({"apiServerAutoscaling": {"maxReplicas": 2, "cpuPercent": 0}}, "cpuPercent"),
    (served(), "exposure: found neither; name one of ingress, gateway"),
    (served(ingress=INGRESS, gateway=GATEWAY), "exposure: found both; name one of"),
    (served(ingress={"className": "nginx"}), "exposure.ingress.tlsSecret: found nothing; add it"),
    (
        served(ingress={**INGRESS, "defaultCertificate": True}),
        'exposure.ingress.tlsSecret: found "consoles" with defaultCertificate: true; remove it',
    ),
    (
        served(ingress=INGRESS, hosts={"mlflow": "a.example.org", "airflow": "a.example.org"}),
        "exposure.hosts.airflow: found the host of mlflow, a.example.org; give each console",
    ),
    (served(ingress=INGRESS, hosts={"mlflow": "a.example.org"}), "exposure.hosts.airflow"),
    (
        served(ingress=INGRESS, hosts={"mlflow": "*.example.org", "airflow": "a.example.org"}),
        "exposure.hosts.mlflow",
    ),
    (served(ingress={**INGRESS, "className": "Nginx"}), "exposure.ingress.className"),
    (served(ingress={**INGRESS, "annotations": {"a": "b"}}), "exposure.ingress.annotations.a"),
    (served(gateway={"name": "a", "namespace": "b"}), "exposure.gateway.sectionName"),
    (served({}, ingress=INGRESS), "exposure.controller: found neither; name one of namespace"),
    (served({"namespace": "a", "cidr": "192.0.2.0/24"}, ingress=INGRESS), "found both"),
    (served({"cidr": "192.0.2.1/24"}, ingress=INGRESS), "exposure.controller.cidr"),
    (
        served({"cidr": "192.0.2.0/24", "podLabels": {"a": "b"}}, ingress=INGRESS),
        "exposure.controller.podLabels: found labels with a cidr; remove them",
    ),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return project_of(SMALLEST, tmp_path)


def settings_of(project: Path, given: dict[str, Any]) -> Any:
    """The settings of somebody who has made the namespace, unless that is said."""
    given = {"namespaceExists": True, **given}
    planned = plan_of_engine(project, "pilot", target="kubernetes", settings=given, today=TODAY)
    return planned.settings


@pytest.mark.parametrize(("given", "words"), WRONG, ids=[str(given) for given, _ in WRONG])
def test_an_invalid_setting_is_refused_at_its_key(
    project: Path, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings_of(project, given)
    assert words in str(caught.value)


OF_THE_USER: list[tuple[dict[str, Any], str]] = [
    ({"database": DATABASE}, "Secret team-db (database.secret)"),
    (verified(), "ConfigMap database-ca (database.certificateAuthority)"),
    (store(), "Secret team-s3 (objectStore.secret)"),
    (git(secret="git-login"), "Secret git-login (dags.gitSync.secret)"),
    ({"imagePullSecrets": ["a", "pull"]}, "Secret pull (imagePullSecrets[1])"),
    (net(https=PROXY, secret="login"), "Secret login (network.proxy.secret)"),
    ({"network": TRUSTED}, "ConfigMap corp-ca (network.certificateAuthority)"),
    (mlflow(envFrom=[{"secretRef": {"name": "own"}}]), "Secret own (components.mlflow.envFrom[0])"),
    (mlflow(envFrom=[{"configMapRef": {"name": "own"}}]), "ConfigMap own (components.mlflow"),
    (mlflow(volumes=[{"path": "/a", "claim": "own"}]), "PersistentVolumeClaim own (components.m"),
    (mlflow(volumes=[{"path": "/a", "configMap": "own"}]), "(components.mlflow.volumes[0])"),
]


@pytest.mark.parametrize(("given", "words"), OF_THE_USER, ids=[words for _, words in OF_THE_USER])
def test_external_objects_require_namespace_exists(
    project: Path, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings_of(project, {**given, "namespaceExists": False})
    said = str(caught.value)
    assert "namespaceExists: found nothing, with objects of your own that are named: " in said
    assert words in said
    assert "create the namespace for this stack alone" in said
    assert settings_of(project, given).namespace_exists


def test_the_secret_of_a_certificate_is_no_external_object(project: Path) -> None:
    given = {**served(ingress=INGRESS), "namespaceExists": False}
    assert settings_of(project, given).exposure


def refused_line(project: Path, said: dict[str, Any]) -> tuple[str, str]:
    """The key and the line of the stack file that the only problem names."""
    stack = project / "stacks" / "Pulumi.pilot.yaml"
    stack.parent.mkdir()
    config = {"pilothouse:target": "kubernetes", "pilothouse:kubernetes": said}
    stack.write_text(yaml.safe_dump({"config": config}))
    with pytest.raises(InvalidInput) as caught:
        plan_of_files(project, "pilot", today=TODAY)
    (problem,) = caught.value.problems
    return problem.key, stack.read_text().splitlines()[(problem.line or 0) - 1].strip()


def test_a_refusal_of_component_settings_names_their_line(project: Path) -> None:
    said: dict[str, Any] = {"components": {"mlflow": {}, "airflow-statsd": {}}}
    _, line = refused_line(project, said)
    assert line == "airflow-statsd: {}"


def test_every_setting_has_a_default(project: Path) -> None:
    settings = settings_of(project, {})
    assert settings.image_pull_policy == "IfNotPresent"
    assert settings.cluster_dns.pod_labels == {"k8s-app": "kube-dns"}
    assert settings.api_server is None


@pytest.mark.parametrize(
    "reference",
    ["mlflow:3.17.2", f"mlflow{DIGEST}", f"example.org:5000/team/mlflow:3.17.2-full{DIGEST}"],
)
def test_an_image_has_a_tag_or_a_digest(project: Path, reference: str) -> None:
    assert settings_of(project, {"images": {"mlflow": reference}}).images == {"mlflow": reference}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_PASSWORD", "hush-1"),
        ("AIRFLOW_CONN_WAREHOUSE", "hush-1"),
        ("GITHUB_TOKEN", "hush-1"),
        ("OPENAI_API_KEY", "hush-1"),
        ("WAREHOUSE", "http://me:hush-1@warehouse.example.org"),
        ("A_SECRET", 7771),
    ],
)
def test_a_secret_is_refused_as_a_plain_variable_and_not_shown(
    project: Path, name: str, value: Any
) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings_of(project, {"env": {name: value}})
    assert f"env.{name}: found what looks like a secret" in str(caught.value)
    assert str(value) not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("_PIP_ADDITIONAL_REQUIREMENTS", "build an image with the packages"),
        ("_AIRFLOW_DB_MIGRATE", "each `up` migrates the database"),
        ("_AIRFLOW_DB_UPGRADE", "each `up` migrates the database"),
        ("_AIRFLOW_WWW_USER_CREATE", "the target creates the users"),
        ("_AIRFLOW_WWW_USER_PASSWORD", "the target creates the users"),
        ("CONNECTION_CHECK_MAX_COUNT", "after its database is ready"),
        ("CONNECTION_CHECK_SLEEP_TIME", "after its database is ready"),
    ],
)
def test_a_variable_of_the_images_entrypoint_is_refused(
    project: Path, name: str, remedy: str
) -> None:
    for given in ({"env": {name: "hush-1"}}, mlflow(env={name: "hush-1"})):
        with pytest.raises(InvalidInput) as caught:
            settings_of(project, given)
        assert f"env.{name}: found a variable that has no effect here" in str(caught.value)
        assert remedy in str(caught.value)
        assert "hush-1" not in str(caught.value)


@pytest.mark.parametrize("name", ["PGSSLMODE", "PGSSLROOTCERT"])
def test_variables_of_the_databases_certificate_are_refused_with_the_settings(
    project: Path, name: str
) -> None:
    with pytest.raises(InvalidInput, match=r"set database\.sslMode and database\.certificateAuth"):
        settings_of(project, {"env": {name: "verify-full"}})


PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy", "Http_Proxy")


@pytest.mark.parametrize("name", PROXY_VARIABLES)
def test_a_proxy_is_no_plain_variable_and_its_login_not_shown(project: Path, name: str) -> None:
    value = "http://me:hush-1@proxy.example.org:3128"
    for given in ({"env": {name: value}}, net(https=PROXY) | mlflow(env={name: value})):
        with pytest.raises(InvalidInput) as caught:
            settings_of(project, given)
        assert f"env.{name}: found a variable of proxies" in str(caught.value)
        assert "name the proxy under network.proxy" in str(caught.value)
        assert "hush-1" not in str(caught.value)


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_hosts_without_a_proxy_are_no_plain_variable(project: Path, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings_of(project, {"env": {name: "*"}})
    assert f"env.{name}: found a variable that the target completes" in str(caught.value)
    assert "name the hosts under network.proxy.noProxy" in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        net(https="http://me:hush-1@proxy.example.org:3128"),
        {"network": {"packageIndex": {"url": "https://me:hush-1@pypi.example.org/simple"}}},
    ],
)
def test_a_login_in_a_url_of_the_network_is_refused_with_the_way_of_a_secret(
    project: Path, given: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings_of(project, given)
    assert "found a login in the URL; leave it out: put " in str(caught.value)
    assert "into a Secret" in str(caught.value)
    assert "hush-1" not in str(caught.value)


def test_the_objects_of_the_network_must_have_their_keys(project: Path) -> None:
    given = net(https=PROXY, secret="login")
    given["network"] |= {"certificateAuthority": {"configMap": "corp-ca", "key": "bundle.pem"}}
    found = {item.name: item.keys for item in settings_of(project, given).external_objects()}
    assert found == {"login": ("https",), "corp-ca": ("bundle.pem",)}


def test_hosts_without_a_proxy_are_names_domains_and_addresses(project: Path) -> None:
    hosts = [".example.org", "db", "192.0.2.7", "10.0.0.0/8", "fd00::1"]
    assert settings_of(project, net(http=PROXY, noProxy=hosts)).network.proxy.no_proxy == hosts


def test_a_refused_variable_is_named_with_its_line(project: Path) -> None:
    said = {"env": {"LOG_LEVEL": "debug", "_PIP_ADDITIONAL_REQUIREMENTS": "lightgbm"}}
    key, line = refused_line(project, said)
    assert line == "_PIP_ADDITIONAL_REQUIREMENTS: lightgbm"
    assert key.endswith("env._PIP_ADDITIONAL_REQUIREMENTS")


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "VAULT_TOKEN_FILE", "AIRFLOW__CORE__DAG_DIR"])
def test_a_variable_that_is_no_secret_is_accepted(project: Path, name: str) -> None:
    assert settings_of(project, {"env": {name: "/a"}}).env == {name: "/a"}


def test_component_settings_add_to_those_of_all_pods(project: Path) -> None:
    said = {
        "env": {"A": "all", "B": "all"},
        "nodeSelector": {"pool": "ml"},
        **away(),
        "components": {"workload": {"env": {"B": "own"}, "nodeSelector": {"gpu": "a100"}}},
    }
    settings = settings_of(project, said)
    workload, other = settings.pods_of("workload"), settings.pods_of("postgres")
    assert workload.env == {"A": "all", "B": "own"}
    assert workload.node_selector == {"pool": "ml", "gpu": "a100"}
    assert workload.affinity == other.affinity != None  # noqa: E711 - it is of all pods
    assert other.env == {"A": "all", "B": "all"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, (30, 480, 1000, 1024)),
        ({"requests": {"memory": "2Gi"}}, (30, 2048, 1000, 2048)),
        ({"limits": {"memory": "300M"}}, (30, 287, 1000, 287)),
        ({"limits": {"cpu": 2.5}}, (30, 480, 2500, 1024)),
        ({"requests": {"cpu": "0.5"}, "limits": {"cpu": "1"}}, (500, 480, 1000, 1024)),
    ],
)
def test_component_resources_replace_those_of_the_size(
    project: Path, said: dict[str, Any], expected: tuple[int, int, int, int]
) -> None:
    settings = settings_of(project, mlflow(resources=said))
    found = sizing.SMALL["mlflow"].override(settings.pods_of("mlflow").resources)
    assert (found.cpu, found.memory, found.cpu_limit, found.memory_limit) == expected


def test_a_refusal_names_the_file_the_line_and_the_key(project: Path) -> None:
    stack = project / "stacks" / "Pulumi.pilot.yaml"
    stack.parent.mkdir()
    said = mlflow(resources={"requests": {"memory": "1Gi"}, "limits": {"memory": "1Mb"}})
    config = {"pilothouse:target": "kubernetes", "pilothouse:kubernetes": said}
    stack.write_text(yaml.safe_dump({"config": config}))
    line = stack.read_text().splitlines().index("            memory: 1Mb") + 1
    with pytest.raises(InvalidInput) as caught:
        plan_of_files(project, "pilot", today=TODAY)
    (problem,) = caught.value.problems
    assert (problem.line, problem.found) == (line, '"1Mb"')
    assert problem.key.endswith("components.mlflow.resources.limits.memory")


def public(tmp_path: Path, host: str = "churn.example.org") -> Path:
    project = project_of(SMALLEST, tmp_path / "public")
    with (project / "platform.yaml").open("a") as file:
        file.write(f"access:\n  exposure: public\n  host: {host}\n")
    return project


def test_a_public_platform_requires_exposure(tmp_path: Path) -> None:
    project = public(tmp_path)
    with pytest.raises(InvalidInput) as caught:
        settings_of(project, {})
    assert "exposure: found nothing, with access.exposure: public" in str(caught.value)
    assert "add `exposure` with `ingress` or `gateway`" in str(caught.value)
    assert settings_of(project, served(ingress=INGRESS)).exposure.ingress


def test_a_host_leaves_room_for_the_prefix_of_a_console(tmp_path: Path) -> None:
    host = ".".join(["a" * 60] * 4 + ["org"])
    assert settings_of(public(tmp_path, host[2:]), served(ingress=INGRESS))
    with pytest.raises(InvalidInput, match="found a host of 247 characters"):
        settings_of(public(tmp_path, host), served(ingress=INGRESS))


def test_a_private_platform_may_have_exposure(project: Path) -> None:
    assert settings_of(project, served(gateway=GATEWAY)).exposure.gateway


def test_a_login_in_a_url_is_refused_and_not_shown(project: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings_of(project, git(repository="https://me:hush-1@git.example.org/dags"))
    assert "dags.gitSync.repository: found a login in the URL; leave it out" in str(caught.value)
    assert "hush-1" not in str(caught.value)


def test_a_login_in_an_endpoint_is_refused_and_not_shown(project: Path) -> None:
    for rest in ("", "/path", ":99999"):
        with pytest.raises(InvalidInput) as caught:
            settings_of(project, store(endpoint=f"https://key:hush-1@s3.example.org{rest}"))
        assert "objectStore.endpoint: found a login in the URL" in str(caught.value)
        assert "hush-1" not in str(caught.value)


@pytest.mark.parametrize(
    ("endpoint", "port"),
    [("https://s3", 443), ("http://10.0.0.7", 80), ("http://s3.example.org:9000", 9000)],
)
def test_the_port_of_a_store_is_in_its_endpoint(project: Path, endpoint: str, port: int) -> None:
    assert settings_of(project, store(endpoint=endpoint)).object_store.port == port


def test_a_store_by_roles_needs_no_namespace_of_the_user(project: Path) -> None:
    for given in (by_role(), by_role(roleArns=None, podIdentity=True)):
        found = settings_of(project, {**given, "namespaceExists": False})
        assert found.external_objects() == []


@pytest.mark.parametrize(
    ("given", "destinations"),
    [
        (store(), [("10.0.0.0/24", 443)]),
        (store(secret=None, podIdentity=True), [("10.0.0.0/24", 443), *AGENT]),
        (by_role(), [("", 443)]),
        (by_role(cidr="10.20.0.0/16"), [("10.20.0.0/16", 443)]),
        (
            by_role(cidr="10.20.0.0/16", endpoint="https://s3.example.org:9000"),
            [("10.20.0.0/16", 9000), ("10.20.0.0/16", 443)],
        ),
    ],
)
def test_clients_of_a_store_reach_it_and_what_gives_them_credentials(
    project: Path, given: dict[str, Any], destinations: list[tuple[str, int]]
) -> None:
    assert list(settings_of(project, given).object_store.destinations) == destinations


def test_an_external_database_needs_no_bucket_of_backups(project: Path) -> None:
    given = {**store(buckets={"backups": None}), "database": DATABASE}
    assert settings_of(project, given).object_store.buckets.backups is None


@pytest.mark.parametrize(("name", "least"), [("settings", 4), ("data", 1)])
def test_the_examples_of_the_manual_are_accepted(project: Path, name: str, least: int) -> None:
    manual = (ROOT / f"docs/kubernetes-{name}.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```yaml\n(.*?)^```", manual, flags=re.DOTALL | re.MULTILINE)
    assert len(shown) >= least
    for text in shown:
        given = yaml.safe_load(text)
        config = given.get("config", {"pilothouse:kubernetes": given})
        assert settings_of(project, config["pilothouse:kubernetes"])
