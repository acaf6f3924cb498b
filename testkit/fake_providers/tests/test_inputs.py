"""Inputs held against the SDK's types."""

import subprocess
import sys
from typing import Any

import pytest

from testkit.fake_providers.core.stacks import REPOSITORY
from testkit.fake_providers.core.values import UNKNOWN
from testkit.fake_providers.kubernetes import checks, inputs
from testkit.fake_providers.kubernetes.tokens import Kind

DEPLOYMENT = Kind.of("kubernetes:apps/v1:Deployment")
SERVICE = Kind.of("kubernetes:core/v1:Service")


def deployment(**container: Any) -> dict[str, Any]:
    main = {"name": "main", "image": "i", "env": [{"name": "A", "value": "1"}]} | container
    labels = {"app": "a"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [main]}}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"},
        "spec": {"selector": {"matchLabels": labels}, "replicas": 1, "template": template},
    }  # fmt: skip


def test_a_right_one_passes() -> None:
    assert inputs.problems(DEPLOYMENT, deployment()) == []
    assert inputs.problems(DEPLOYMENT, deployment(image=UNKNOWN, env=UNKNOWN)) == []


MAIN = "spec.template.spec.containers[0]"
WRONG = [
    ({"imagePolicy": "Always"}, f"{MAIN}.imagePolicy", "is not a property"),
    ({"env": [{"name": "A", "value": 1}]}, f"{MAIN}.env[0].value", "expected str, got int"),
    ({"env": [{"value": "1"}]}, f"{MAIN}.env[0].name", "is required"),
    ({"env": {"A": "1"}}, f"{MAIN}.env", "expected a list, got dict"),
    ({"tty": 1}, f"{MAIN}.tty", "expected bool, got int"),
    ({"ports": [{"containerPort": True}]}, f"{MAIN}.ports[0].containerPort", "expected int"),
    ({"resources": {"limits": {"cpu": 1}}}, f"{MAIN}.resources.limits.cpu", "expected str"),
    ({"resources": {"limits": "1"}}, f"{MAIN}.resources.limits", "expected a map, got str"),
    ({"livenessProbe": "no"}, f"{MAIN}.livenessProbe", "expected an object, got str"),
]


@pytest.mark.parametrize(("container", "path", "said"), WRONG)
def test_a_wrong_one_is_named_with_its_place(container: Any, path: str, said: str) -> None:
    (problem,) = inputs.problems(DEPLOYMENT, deployment(**container))
    assert problem[0] == path
    assert said in problem[1]


def test_the_value_itself_is_never_said() -> None:
    found = inputs.problems(DEPLOYMENT, deployment(env=[{"name": "A", "value": {"b": "s3cret"}}]))
    assert found
    assert "s3cret" not in str(found)


@pytest.mark.parametrize(("port", "count"), [(80, 0), ("web", 0), (UNKNOWN, 0), ([], 1)])
def test_a_port_is_a_number_or_a_name(port: Any, count: int) -> None:
    given = {"spec": {"ports": [{"port": 1, "targetPort": port}]}}
    assert len(inputs.problems(SERVICE, given)) == count


def test_another_kind_than_the_types_is_refused() -> None:
    (problem,) = inputs.problems(DEPLOYMENT, deployment() | {"kind": "StatefulSet"})
    assert problem == ("kind", "must be 'Deployment', not 'StatefulSet'")


def test_custom_kinds_are_not_held_against_anything() -> None:
    assert inputs.problems(Kind("example.com", "v1", "Widget"), {"spec": {"any": 1}}) == []


def checked(given: Any, kind: Kind = DEPLOYMENT) -> Any:
    return checks.checked(kind, given, "shop", lambda kind: kind.name != "Namespace")


def test_a_check_completes_the_inputs() -> None:
    news, problems = checked({"metadata": {"name": "a"}, "spec": deployment()["spec"]})
    assert not problems
    assert (news["apiVersion"], news["kind"]) == ("apps/v1", "Deployment")
    assert news["metadata"] == {"name": "a", "namespace": "shop"}
    namespace, _ = checked({"metadata": {"name": "a"}}, Kind("", "v1", "Namespace"))
    assert namespace["metadata"] == {"name": "a"}


@pytest.mark.parametrize("metadata", [{}, {"generateName": "a-"}, {"name": ""}])
def test_a_name_is_required(metadata: Any) -> None:
    _, problems = checked({"metadata": metadata, "spec": deployment()["spec"]})
    assert ("metadata.name", "is required: the double makes up no names") in problems


def test_only_the_type_in_question_is_loaded() -> None:
    program = (
        "import sys\n"
        "from testkit.fake_providers.kubernetes import servicer\n"
        "assert not any(name.startswith('pulumi_kubernetes') for name in sys.modules)\n"
        "from testkit.fake_providers.kubernetes import inputs\n"
        "from testkit.fake_providers.kubernetes.tokens import Kind\n"
        "assert inputs.problems(Kind('', 'v1', 'ConfigMap'), {'data': {}}) == []\n"
        "assert 'pulumi_kubernetes.apps.v1.Deployment' not in sys.modules\n"
        "assert 'pulumi_kubernetes.outputs' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=True, timeout=60)
