"""How fields pass to the manager that applies."""

from typing import Any

import pytest

from testkit.fake_providers.kubernetes.ownership import handed_over, is_shown_by_force


def entry(manager: str, operation: str, fields: Any, **more: Any) -> dict[str, Any]:
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": "v1",
        "fieldsV1": fields,
        **more,
    }


def live(*entries: Any) -> dict[str, Any]:
    return {"metadata": {"resourceVersion": "7", "managedFields": list(entries)}}


def test_what_was_made_by_post_passes_to_apply() -> None:
    created = entry("pulumi-kubernetes", "Update", {"f:data": {"f:a": {}}})
    edited = entry("kubectl-edit", "Update", {"f:data": {"f:b": {}}})
    own = entry("pulumi-kubernetes-1", "Apply", {"f:data": {".": {}}})
    other = entry("controller", "Update", {"f:status": {}})
    operations = handed_over(live(created, edited, own, other), "pulumi-kubernetes-1")
    assert operations is not None
    merged, *rest = operations[0]["value"]
    assert rest == [other]
    assert (merged["manager"], merged["operation"]) == ("pulumi-kubernetes-1", "Apply")
    assert merged["fieldsV1"] == {"f:data": {".": {}, "f:a": {}, "f:b": {}}}
    assert operations[1]["value"] == "7"


@pytest.mark.parametrize(
    "foreign",
    [
        entry("kubectl", "Update", {}, subresource="scale"),
        entry("argocd", "Apply", {}),
        entry("OpenAPI-Generator", "Update", {}),
    ],
)
def test_what_others_changed_stays_theirs(foreign: Any) -> None:
    assert handed_over(live(foreign), "pulumi-kubernetes-1") is None


def test_a_preview_overrides_only_what_an_update_takes_over() -> None:
    assert is_shown_by_force(live(entry("pulumi-kubernetes", "Update", {})))
    assert not is_shown_by_force(live(entry("kubectl", "Update", {})))
