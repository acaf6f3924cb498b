"""The checks of a cluster before anything is created in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pilothouse.plan import Plan
from pilothouse.targets.interface import Check
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.operations import preflight
from tests.targets.kubernetes.fake_api import FakeApi, listed, named, version, write_kubeconfig
from tests.targets.kubernetes.stack import DATABASE, STORE, encoded, path_of, planned, pod

CLASSES = "/apis/storage.k8s.io/v1/storageclasses"


def checks(plan: Plan) -> list[Check]:
    return preflight.checks(plan, Cluster(plan.settings))


def check(plan: Plan, name: str) -> Check:
    return next(found for found in checks(plan) if found.name.startswith(name))


def test_a_suitable_cluster_passes_every_check(api: FakeApi, plan: Plan) -> None:
    found = checks(plan)
    assert [item.name for item in found if not item.ok] == []
    assert len(found) == 4


def test_an_unreachable_cluster_fails_the_only_check(kubeconfig: Path, plan: Plan) -> None:
    write_kubeconfig(kubeconfig, 1)
    (only,) = checks(plan)
    assert not only.ok
    assert "http://127.0.0.1:1 does not answer" in only.detail
    assert "hush" not in only.detail


def test_a_missing_kubeconfig_names_the_remedy(kubeconfig: Path, plan: Plan) -> None:
    (only,) = checks(plan)
    assert "set KUBECONFIG" in only.detail


def test_an_unknown_context_fails(api: FakeApi, tmp_path: Path) -> None:
    (only,) = checks(planned(tmp_path, context="elsewhere"))
    assert "elsewhere" in only.detail


@pytest.mark.parametrize(("minor", "ok"), [("30", False), ("31+", True), ("37", True)])
def test_an_old_version_fails(api: FakeApi, plan: Plan, minor: str, ok: bool) -> None:
    api.documents["/version/"] = version(minor)
    assert check(plan, "cluster").ok == ok


def test_missing_permissions_are_listed(api: FakeApi, plan: Plan) -> None:
    api.allows = lambda ask: not (ask["resource"] == "roles" and ask["verb"] in ("create", "patch"))
    permissions = check(plan, "permissions")
    assert not permissions.ok
    assert permissions.detail == "not allowed: create/patch roles.rbac.authorization.k8s.io"


def test_a_storage_class_must_exist_or_be_the_default(api: FakeApi, tmp_path: Path) -> None:
    api.documents[CLASSES] = listed(named("fast", provisioner="some"))
    assert not check(planned(tmp_path), "storage class").ok
    assert check(planned(tmp_path, storageClass="fast"), "storage class").ok
    wrong = check(planned(tmp_path, storageClass="slow"), "storage class")
    assert not wrong.ok
    assert "there are: fast" in wrong.detail


def test_a_stack_without_volumes_needs_no_storage_class(api: FakeApi, tmp_path: Path) -> None:
    both = planned(tmp_path, objectStore=STORE, database=DATABASE)
    assert not [e for e in checks(both) if e.name == "storage class"]
    assert check(planned(tmp_path, objectStore=STORE), "storage class")


def test_the_namespace_of_another_owner_fails(api: FakeApi, plan: Plan) -> None:
    api.documents[path_of(plan)] = named(namespace_of(plan))
    assert check(plan, "namespace").detail == "exists and belongs to another stack or owner"
    api.documents[path_of(plan)] = named(namespace_of(plan), dict(plan.tags))
    assert check(plan, "namespace").ok


def test_the_namespace_of_another_owner_names_the_remedy(api: FakeApi, plan: Plan) -> None:
    api.documents[path_of(plan)] = named(namespace_of(plan))
    remedy = check(plan, "namespace").remedy
    assert "name another as `namespace`" in remedy
    assert "add `namespaceExists: true`" in remedy


def test_a_namespace_of_the_user_is_taken_over_unless_others_use_it(
    api: FakeApi, tmp_path: Path
) -> None:
    plan = planned(tmp_path, namespaceExists=True)
    missing = check(plan, "namespace")
    assert (missing.ok, missing.detail) == (False, "does not exist")
    assert f"kubectl create namespace {namespace_of(plan)}" in missing.remedy
    api.documents |= {path_of(plan): named(namespace_of(plan)), f"{path_of(plan)}/pods": listed()}
    assert check(plan, "namespace").ok
    api.documents[f"{path_of(plan)}/pods"] = listed(pod("theirs", "Running"))
    assert check(plan, "namespace").detail == "exists and is in use: it runs theirs"
    assert not check(plan, "namespace").ok
    api.documents[path_of(plan)] = named(namespace_of(plan), dict(plan.tags))
    assert check(plan, "namespace").ok
    other = {**plan.tags, "pilothouse-stack": "other"}
    api.documents[path_of(plan)] = named(namespace_of(plan), other)
    assert check(plan, "namespace").detail == "exists and belongs to stack other"
    assert not check(plan, "namespace").ok


def test_every_external_object_must_exist_with_its_keys(api: FakeApi, tmp_path: Path) -> None:
    volumes = [
        {"path": "/a", "configMap": "files", "key": "a.conf"},
        {"path": "/b", "claim": "models"},
    ]
    git = {
        "repository": "https://git.example.org/dags",
        "secret": "git",
        "egress": {"cidr": "::/0"},
    }
    plan = planned(
        tmp_path,
        namespaceExists=True,
        imagePullSecrets=["pull"],
        dags={"gitSync": git},
        components={"mlflow": {"volumes": volumes, "envFrom": [{"secretRef": {"name": "own"}}]}},
    )
    wanted = ["Secret git", "Secret pull", "Secret own", "ConfigMap files"]
    wanted.append("PersistentVolumeClaim models")
    for name in wanted:
        assert check(plan, name).detail == f"not in namespace {namespace_of(plan)}"
    kinds = {"Secret": "secrets", "ConfigMap": "configmaps"}
    for kind, name in (item.split(" ") for item in wanted):
        place = f"{path_of(plan)}/{kinds.get(kind, 'persistentvolumeclaims')}/{name}"
        api.documents[place] = named(name)
    failed = {item.name: item.detail for item in checks(plan) if not item.ok}
    del failed[f"namespace {namespace_of(plan)}"]
    assert failed == {
        "Secret git": "lacks GITSYNC_USERNAME, GITSYNC_PASSWORD",
        "ConfigMap files": "lacks a.conf",
    }
    files = named("files", binaryData={"a.conf": "aHVzaA=="})
    api.documents[f"{path_of(plan)}/configmaps/files"] = files
    assert check(plan, "ConfigMap files").ok


def test_the_secret_of_a_database_must_exist_with_its_keys(api: FakeApi, tmp_path: Path) -> None:
    plan = planned(tmp_path, database=DATABASE)
    missing = check(plan, "Secret team-db")
    assert not missing.ok
    assert missing.detail == f"not in namespace {namespace_of(plan)}"
    assert "with the keys airflow, mlflow, as `database.secret`" in missing.remedy
    place = f"{path_of(plan)}/secrets/team-db"
    api.documents[place] = named("team-db", data={"airflow": "aHVzaA=="})
    assert check(plan, "Secret team-db").detail == "lacks mlflow"
    api.documents[place] = named("team-db", data={"airflow": "aHVzaA==", "mlflow": "aHVzaA=="})
    assert check(plan, "Secret team-db").ok


def test_the_authority_of_a_database_must_exist_with_its_key(api: FakeApi, tmp_path: Path) -> None:
    authority = {"configMap": "database-ca", "key": "bundle.pem"}
    verified = {**DATABASE, "sslMode": "verify-full", "certificateAuthority": authority}
    plan = planned(tmp_path, database=verified)
    assert not check(plan, "ConfigMap database-ca").ok
    place = f"{path_of(plan)}/configmaps/database-ca"
    api.documents[place] = named("database-ca", data={"ca.crt": "PEM"})
    assert check(plan, "ConfigMap database-ca").detail == "lacks bundle.pem"
    api.documents[place] = named("database-ca", data={"bundle.pem": "PEM"})
    assert check(plan, "ConfigMap database-ca").ok


def test_the_secret_of_a_store_must_exist_with_its_keys(api: FakeApi, tmp_path: Path) -> None:
    plan = planned(tmp_path, objectStore=STORE)
    missing = check(plan, "Secret team-s3")
    assert not missing.ok
    assert "logs-access, logs-secret, backups-access" in missing.remedy
    place = f"{path_of(plan)}/secrets/team-s3"
    given = {f"{role}_{end}": "a" for role in STORE["buckets"] for end in ("access", "secret")}
    api.documents[place] = named("team-s3", data=encoded(**given))
    assert check(plan, "Secret team-s3").ok
    del given["logs_secret"], given["data_access"]
    api.documents[place] = named("team-s3", data=encoded(**given))
    assert check(plan, "Secret team-s3").detail == "lacks data-access, logs-secret"


def test_a_secret_of_database_and_store_needs_the_keys_of_both(
    api: FakeApi, tmp_path: Path
) -> None:
    plan = planned(tmp_path, objectStore={**STORE, "secret": "team-db"}, database=DATABASE)
    api.documents[f"{path_of(plan)}/secrets/team-db"] = named("team-db", data={})
    (only,) = [item for item in checks(plan) if item.name.startswith("Secret")]
    assert only.detail.startswith("lacks airflow, mlflow, data-access, data-secret")
    assert "backups" not in only.detail


@pytest.mark.parametrize("served", [True, False])
def test_autoscaling_needs_the_metrics_api(api: FakeApi, tmp_path: Path, served: bool) -> None:
    group: dict[str, Any] = {"name": "metrics.k8s.io" if served else "apps", "versions": []}
    api.documents["/apis/"] = {"groups": [group]}
    plan = planned(tmp_path, apiServerAutoscaling={"maxReplicas": 3})
    found = check(plan, "metrics")
    assert found.ok == served
    assert "install metrics-server" in found.remedy
    del api.documents["/apis/"]
    assert not check(plan, "metrics").ok
    api.allows = lambda ask: ask["resource"] != "horizontalpodautoscalers"
    assert "horizontalpodautoscalers.autoscaling" in check(plan, "permissions").detail
