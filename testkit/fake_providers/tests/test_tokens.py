"""Type tokens and ids."""

import importlib
import pkgutil

import pytest

from testkit.fake_providers.kubernetes.tokens import Kind, NotModelled, identifier, parts


@pytest.mark.parametrize(
    ("token", "api_version", "module"),
    [
        ("kubernetes:core/v1:Pod", "v1", "pulumi_kubernetes.core.v1.Pod"),
        ("kubernetes:apps/v1:Deployment", "apps/v1", "pulumi_kubernetes.apps.v1.Deployment"),
        (
            "kubernetes:networking.k8s.io/v1:NetworkPolicy",
            "networking.k8s.io/v1",
            "pulumi_kubernetes.networking.v1.NetworkPolicy",
        ),
        (
            "kubernetes:rbac.authorization.k8s.io/v1:Role",
            "rbac.authorization.k8s.io/v1",
            "pulumi_kubernetes.rbac.v1.Role",
        ),
    ],
)
def test_a_token_names_a_kind_and_its_class(token: str, api_version: str, module: str) -> None:
    kind = Kind.of(token)
    assert (kind.api_version, kind.sdk_module) == (api_version, module)
    assert hasattr(importlib.import_module(module), kind.name)


def test_every_stable_kind_of_the_sdk_is_found() -> None:
    found = 0
    for group in ("core", "apps", "batch", "networking", "policy", "rbac", "storage"):
        package = importlib.import_module(f"pulumi_kubernetes.{group}.v1")
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            name = module.name.rpartition(".")[2]
            if name[0].isupper() and not name.endswith(("Patch", "List")):
                resource = getattr(importlib.import_module(module.name), name)
                token = resource.pulumi_type
                assert Kind.of(token).sdk_module == module.name
                found += 1
    assert found > 30


@pytest.mark.parametrize(
    "token",
    [
        "aws:s3/bucket:Bucket", "kubernetes:apps/v1:DeploymentPatch", "kubernetes:core/v1:PodList",
        "kubernetes:helm.sh/v3:Release", "kubernetes:index:Provider",
    ],
)  # fmt: skip
def test_what_is_not_modelled_is_said(token: str) -> None:
    with pytest.raises(NotModelled, match=token):
        Kind.of(token)


@pytest.mark.parametrize(("namespace", "name"), [("shop", "web"), ("", "shop")])
def test_an_id_is_namespace_and_name(namespace: str, name: str) -> None:
    assert parts(identifier(namespace, name)) == (namespace, name)
