"""Which changes replace an object."""

from typing import Any

import pytest

from testkit.fake_providers.core.changes import Change
from testkit.fake_providers.kubernetes.immutables import Mutable, replacing
from testkit.fake_providers.kubernetes.tokens import Kind

T = "kubernetes:"
REPLACED = [
    ("core/v1:ConfigMap", ("metadata", "name")),
    ("core/v1:ConfigMap", ("metadata", "namespace")),
    ("core/v1:ConfigMap", ("data", "a")),
    ("core/v1:Secret", ("data", "a")),
    ("core/v1:Secret", ("type",)),
    ("core/v1:Service", ("spec", "clusterIP")),
    ("core/v1:PersistentVolumeClaim", ("spec", "storageClassName")),
    ("core/v1:Pod", ("spec", "containers", 0, "image")),
    ("apps/v1:Deployment", ("spec", "selector", "matchLabels", "app")),
    ("apps/v1:StatefulSet", ("spec", "volumeClaimTemplates", 0, "spec", "resources")),
    ("apps/v1:StatefulSet", ("spec", "serviceName")),
    ("batch/v1:Job", ("spec", "template", "spec", "containers", 0, "image")),
    ("rbac.authorization.k8s.io/v1:RoleBinding", ("roleRef", "name")),
    ("storage.k8s.io/v1:StorageClass", ("provisioner",)),
]
IN_PLACE = [
    ("core/v1:ConfigMap", ("metadata", "labels", "name")),
    ("core/v1:Service", ("spec", "ports", 0, "port")),
    ("core/v1:PersistentVolumeClaim", ("spec", "resources", "requests", "storage")),
    ("core/v1:Pod", ("metadata", "annotations", "a")),
    ("apps/v1:Deployment", ("spec", "template", "spec", "containers", 0, "image")),
    ("apps/v1:StatefulSet", ("spec", "replicas")),
    ("batch/v1:CronJob", ("spec", "jobTemplate", "spec", "template")),
    ("rbac.authorization.k8s.io/v1:RoleBinding", ("subjects", 0, "name")),
]


def is_replacing(token: str, change: Change, **settings: Any) -> bool:
    news = settings.pop("news", {})
    return bool(replacing(Kind.of(T + token), news, [change], Mutable(**settings)))


@pytest.mark.parametrize(("token", "path"), REPLACED)
def test_a_new_object_is_needed(token: str, path: Any) -> None:
    assert is_replacing(token, Change(path, "update", "new"))


@pytest.mark.parametrize(("token", "path"), IN_PLACE)
def test_the_object_is_changed_in_place(token: str, path: Any) -> None:
    assert not is_replacing(token, Change(path, "update", "new"))


def test_a_change_above_counts_by_what_it_brings() -> None:
    bringing = Change(("spec",), "add", {"template": {"spec": {}}})
    assert is_replacing("batch/v1:Job", bringing)
    assert not is_replacing("batch/v1:Job", Change(("spec",), "add", {"suspend": True}))
    pod = Change(("spec", "containers", 1), "add", {"name": "b", "image": "x"})
    assert is_replacing("core/v1:Pod", pod)


@pytest.mark.parametrize(
    ("token", "setting"), [("core/v1:Secret", "secrets"), ("core/v1:ConfigMap", "config_maps")]
)
def test_data_may_be_made_mutable_unless_the_object_says_no(token: str, setting: str) -> None:
    change = Change(("data", "a"), "update", "new")
    assert not is_replacing(token, change, **{setting: True})
    assert is_replacing(token, change, news={"immutable": True}, **{setting: True})
