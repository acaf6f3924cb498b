"""The provider's configuration."""

import json
from pathlib import Path
from typing import Any

import pytest

from testkit.fake_providers.kubernetes import settings
from testkit.fake_providers.kubernetes.cluster import Cluster
from testkit.fake_providers.kubernetes.settings import Settings
from testkit.fake_providers.kubernetes.tokens import Kind


def kubeconfig(server: str = "https://one", **context: Any) -> str:
    return json.dumps(
        {
            "current-context": "a",
            "contexts": [
                {"name": "a", "context": {"cluster": "one", **context}},
                {"name": "b", "context": {"cluster": "two", "namespace": "of-b"}},
            ],
            "clusters": [
                {"name": "one", "cluster": {"server": server}},
                {"name": "two", "cluster": {"server": "https://two"}},
            ],
        }
    )


def test_switches_come_from_arguments_else_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PULUMI_K8S_UPSERT_EXISTING_OBJECTS", "true")
    monkeypatch.setenv("PULUMI_K8S_ENABLE_PATCH_FORCE", "true")
    chosen = Settings.of({"enablePatchForce": "false", "context": "a", "namespace": ""})
    assert (chosen.upsert, chosen.force) == (True, False)
    assert (chosen.context, chosen.namespace, chosen.kubeconfig) == ("a", None, None)


def test_what_is_not_modelled_is_refused() -> None:
    given = {"renderYamlToDirectory": "x", "enableServerSideApply": "false", "context": "a"}
    assert [name for name, _ in settings.problems(given)] == [
        "renderYamlToDirectory",
        "enableServerSideApply",
    ]
    assert settings.problems({"kubeconfig": "x", "version": "4"}) == []


def test_another_cluster_replaces_and_another_user_does_not(tmp_path: Path) -> None:
    old = {"kubeconfig": kubeconfig()}
    assert settings.replacing(old, {"kubeconfig": kubeconfig(user="c")}) == []
    assert settings.replacing(old, {"kubeconfig": kubeconfig("https://x")}) == ["kubeconfig"]
    assert settings.replacing(old, old | {"context": "b"}) == ["context"]
    path = tmp_path / "kubeconfig"
    path.write_text(kubeconfig(), encoding="utf-8")
    assert settings.replacing(old, {"kubeconfig": str(path)}) == []
    named = {"clusterIdentifier": "one"}
    assert settings.replacing(old | named, {"kubeconfig": kubeconfig("https://x")} | named) == []


def test_a_kubeconfig_that_is_none_is_said() -> None:
    with pytest.raises(ValueError, match="failed to parse kubeconfig"):
        settings.replacing({"kubeconfig": "/nowhere/to/be/found"}, {"kubeconfig": kubeconfig()})


def test_the_namespace_is_that_of_the_context() -> None:
    assert Cluster(kubeconfig(), None).default_namespace == "default"
    assert Cluster(kubeconfig(namespace="of-a"), None).default_namespace == "of-a"
    assert Cluster(kubeconfig(namespace="of-a"), "b").default_namespace == "of-b"
    assert Cluster("/nowhere/to/be/found", None).default_namespace == "default"


def test_scope_is_guessed_when_nobody_can_be_asked() -> None:
    nowhere = Cluster(kubeconfig("https://127.0.0.1:9"), None)
    assert nowhere.namespaced(Kind("", "v1", "ConfigMap"))
    assert not nowhere.namespaced(Kind("", "v1", "Namespace"))
