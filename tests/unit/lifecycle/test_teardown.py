"""Which resources stay in the state when data are kept."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.lifecycle.engine.automation import stands_on


def resource(urn: str, **needs: Any) -> dict[str, Any]:
    return {"urn": urn, **needs}


RESOURCES = [
    resource("stack"),
    resource("component", parent="stack"),
    resource("cluster", parent="component"),
    resource("namespace", parent="component", provider="cluster::some-id"),
    resource("volume", parent="component", propertyDependencies={"metadata": ["namespace"]}),
    resource("policy", parent="component", dependencies=["namespace"]),
    resource("server", parent="component", dependencies=["volume", "policy"]),
]


@pytest.mark.parametrize(
    ("keep", "stay"),
    [
        (["stack"], {"stack"}),
        (["namespace"], {"namespace", "cluster", "component", "stack"}),
        (["volume"], {"volume", "namespace", "cluster", "component", "stack"}),
        (["server"], {each["urn"] for each in RESOURCES}),
        (["unheard-of"], set()),
    ],
)
def test_what_is_kept_keeps_what_it_stands_on(keep: list[str], stay: set[str]) -> None:
    assert stands_on(RESOURCES, keep) == stay
