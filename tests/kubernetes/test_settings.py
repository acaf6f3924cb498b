"""The settings of a stack on a cluster: what is refused, and how the remedy is said."""

from pathlib import Path
from typing import Any

import pytest

from pilothouse.errors import InvalidInput
from pilothouse.planning import plan_of_engine
from tests.graph.platforms import EXAMPLES, TODAY, project_of

SMALLEST = next(example for example in EXAMPLES if example.stem == "minimal")
DIGEST = f"@sha256:{'0' * 64}"

WRONG: list[tuple[dict[str, Any], str]] = [
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
    ({"clusterDns": {"port": 0}}, "clusterDns.port"),
    ({"clusterDns": {"port": 65536}}, "clusterDns.port"),
    ({"clusterDns": {"namespace": "Kube"}}, "clusterDns.namespace"),
    ({"apiServer": {"port": 6443}}, "apiServer.cidr"),
    ({"apiServer": {"cidr": "10.0.0.300/32"}}, "apiServer.cidr"),
    ({"apiServer": {"cidr": "10.0.0.1/8"}}, "apiServer.cidr"),
    ({"tolerations": [{"effect": "Never"}]}, "tolerations"),
    ({"nodeSelector": {"gpu": True}}, "nodeSelector.gpu"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return project_of(SMALLEST, tmp_path)


def settings_of(project: Path, given: dict[str, Any]) -> Any:
    planned = plan_of_engine(project, "pilot", target="kubernetes", settings=given, today=TODAY)
    return planned.settings


@pytest.mark.parametrize(("given", "words"), WRONG, ids=[str(given) for given, _ in WRONG])
def test_it_is_refused_where_it_stands(project: Path, given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings_of(project, given)
    assert words in str(caught.value)


def test_nothing_need_be_said(project: Path) -> None:
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
