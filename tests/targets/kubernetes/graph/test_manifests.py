"""What `pilothouse render` writes: the graph's objects, in its order, without their secrets."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pulumi
import pytest
import yaml
from pulumi_kubernetes.core.v1 import ConfigMap

from pilothouse.errors import PilothouseError
from pilothouse.program.platform import Platform
from pilothouse.targets.interface import GeneratedSecrets, Rendering
from pilothouse.targets.kubernetes.operations.preflight import OLDEST_VERSION
from pilothouse.targets.kubernetes.operations.rendering import render, to_yaml
from tests.targets.conftest import GraphOf
from tests.targets.suite import platforms

VERSIONS = [".".join(map(str, OLDEST_VERSION)), kubernetes_validate.latest_version()]
CARRIED = [example for example, target in platforms.CARRIED if target == "kubernetes"]
MINIMAL = platforms.ROOT / "examples/minimal.yaml"

every_example = pytest.mark.parametrize("example", CARRIED, ids=[e.stem for e in CARRIED])


Objects = dict[str, Any]
RenderingOf = Callable[[Path], tuple[Rendering, Objects]]


def rendered(
    example: Path, folder: Path, known: GeneratedSecrets | None = None
) -> tuple[Rendering, Objects]:
    """The rendering of an example, and its objects by the names of their files."""
    plan = platforms.plan_of(platforms.project_of(example, folder), "kubernetes")
    made = render(lambda: Platform(plan.platform.name, plan), known)
    return made, {name: yaml.safe_load(content) for name, content in made.files.items()}


@pytest.fixture(scope="module")
def rendering_of(tmp_path_factory: pytest.TempPathFactory) -> RenderingOf:
    """The rendering of an example with placeholders, made once."""
    return cache(lambda example: rendered(example, tmp_path_factory.mktemp("manifests")))


@every_example
def test_every_object_is_a_valid_file(
    example: Path, rendering_of: RenderingOf, graph_of: GraphOf
) -> None:
    _, objects = rendering_of(example)
    graph = graph_of(example, "kubernetes")
    asked = [each for each in graph if each.type.startswith("kubernetes:")]
    assert len(objects) == len(asked) > 50
    for name, found in objects.items():
        for version in VERSIONS:
            kubernetes_validate.validate(found, version, strict=True)
        kind, _, rest = name.partition("-")[2].partition("-")
        assert (kind, rest) == (found["kind"].lower(), f"{found['metadata']['name']}.yaml")


@every_example
def test_numbers_are_whole(example: Path, rendering_of: RenderingOf) -> None:
    _, objects = rendering_of(example)
    numbers = _numbers(list(objects.values()))
    assert len(numbers) > 50
    assert [number for number in numbers if isinstance(number, float)] == []


def _numbers(value: Any) -> list[Any]:
    """Every number in `value`."""
    if isinstance(value, (dict, list)):
        inner = value.values() if isinstance(value, dict) else value
        return [number for item in inner for number in _numbers(item)]
    return [value] if isinstance(value, (int, float)) else []


@every_example
def test_two_renderings_are_equal(example: Path, rendering_of: RenderingOf, tmp_path: Path) -> None:
    first, second = rendering_of(example)[0], rendered(example, tmp_path)[0]
    assert first == second
    assert list(first.files) == list(second.files) == sorted(first.files)


@every_example
def test_every_object_follows_its_dependencies(
    example: Path, rendering_of: RenderingOf, graph_of: GraphOf
) -> None:
    _, objects = rendering_of(example)
    places = {
        (found["kind"], found["metadata"]["name"]): at for at, found in enumerate(objects.values())
    }
    graph = graph_of(example, "kubernetes")
    pairs = 0
    for resource in (each for each in graph if each.type.startswith("kubernetes:")):
        for needed in graph.needs(resource):
            kind, _, name = needed.partition(" ")
            if (kind, name) in places:
                pairs += 1
                assert places[kind, name] < places[_key(resource.label)], resource.label
    assert pairs > 100
    assert next(iter(places))[0] == "Namespace"


def _key(label: str) -> tuple[str, str]:
    kind, _, name = label.partition(" ")
    return kind, name


def test_limits_policies_and_accounts_come_before_the_first_pod(rendering_of: RenderingOf) -> None:
    kinds = [found["kind"] for found in rendering_of(MINIMAL)[1].values()]
    pods = min(kinds.index(kind) for kind in ("StatefulSet", "Deployment", "Job", "CronJob"))
    guards = ("LimitRange", "ResourceQuota", "NetworkPolicy", "ServiceAccount", "RoleBinding")
    for kind in (*guards, "Secret", "ConfigMap", "PersistentVolumeClaim", "Service"):
        assert kind in kinds[:pods]
        assert kind not in kinds[pods:]


@every_example
def test_placeholders_are_in_secret_objects_only(example: Path, rendering_of: RenderingOf) -> None:
    made, objects = rendering_of(example)
    assert made.secrets is None
    assert "<storage/admin-secret>" in made.placeholders
    for name, found in objects.items():
        held = [each for each in made.placeholders if each in made.files[name]]
        assert not held or found["kind"] == "Secret", name
    for placeholder in made.placeholders:
        assert any(placeholder in content for content in made.files.values())
    secrets = [found for found in objects.values() if found["kind"] == "Secret"]
    assert secrets
    assert all(set(found) == {"apiVersion", "kind", "metadata", "stringData"} for found in secrets)
    urls = [value for found in secrets for value in found["stringData"].values() if "://" in value]
    assert any("mlflow:<postgres/mlflow>@postgres." in url for url in urls)


def test_generated_secrets_are_in_secret_objects_only_and_are_kept(tmp_path: Path) -> None:
    made, objects = rendered(MINIMAL, tmp_path, {})
    assert made.secrets
    values = [value for group in made.secrets.values() for value in group.values()]
    assert len(set(values)) == len(values) > 10
    holders = {
        found["kind"]
        for name, found in objects.items()
        if any(value in made.files[name] for value in values)
    }
    assert holders == {"Secret"}
    assert made.placeholders == []
    assert not any("<" in repr(f["stringData"]) for f in objects.values() if f["kind"] == "Secret")
    assert rendered(MINIMAL, tmp_path, made.secrets)[0] == made
    assert rendered(MINIMAL, tmp_path, {})[0].secrets != made.secrets


def test_pods_restart_when_their_secrets_change(tmp_path: Path) -> None:
    first, second = (rendered(MINIMAL, tmp_path, {})[0].files for _ in range(2))
    changed = {name.split("-", 2)[-1] for name in first if first[name] != second[name]}
    assert {"postgres.yaml", "seaweedfs.yaml", "mlflow.yaml", "airflow-scheduler.yaml"} <= changed


def test_a_secret_in_another_object_is_refused() -> None:
    def program() -> None:
        ConfigMap("settings", data={"password": pulumi.Output.secret("hush")})

    with pytest.raises(PilothouseError, match="ConfigMap settings has a secret value"):
        render(program, None)


def test_a_resource_of_another_provider_is_refused() -> None:
    with pytest.raises(KeyError, match="aws:s3/bucket:Bucket"):
        render(lambda: pulumi.CustomResource("aws:s3/bucket:Bucket", "one"), None)


@pytest.mark.parametrize("value", ["1e3", "0x1f", "0o17", "1_000", "y", "N", "2027-12-31", ".5"])
def test_an_ambiguous_text_is_quoted(value: str) -> None:
    assert to_yaml({"key": value}) == f"key: '{value}'\n"


def test_a_text_of_several_lines_is_a_block() -> None:
    assert to_yaml({"run.sh": "set -e\nexec true\n"}) == "run.sh: |\n  set -e\n  exec true\n"
