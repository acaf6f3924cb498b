"""Hand-written Pulumi programs for the objects of a running stack, on states that have them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from testkit.support.stacks import Stack

from bench import preview
from bench.preview import Previewed

PROVIDER = "cluster"  # of every object but the namespace
NAMESPACE = "kubernetes:core/v1:Namespace"
PROGRAM = """\
import json
from pathlib import Path

import pulumi
from pulumi_kubernetes import Provider


def plain_or_secret(value):
    return pulumi.Output.secret(json.loads(value["plaintext"])) if "plaintext" in value else value


asked = json.loads(Path("asked.json").read_text(), object_hook=plain_or_secret)
providers = {
    name: Provider(name, kubeconfig="", enable_server_side_apply=True, enable_patch_force=True)
    for name in asked["providers"]
}
made = {}
for each in asked["objects"]:
    options = pulumi.ResourceOptions(
        provider=providers[each["provider"]],
        depends_on=[made[name] for name in each["dependencies"]],
        additional_secret_outputs=each["secrets"],
    )
    made[each["urn"]] = pulumi.CustomResource(each["type"], each["name"], each["inputs"], options)
"""

Resource = dict[str, Any]


def program(stack: Stack, name: str, *more_providers: str, objects: bool) -> Previewed:
    """A program with providers and, if `objects`, those of the running stack in its state.

    The objects have the same inputs and order as the stack's, and its live state. A provider
    `namespace` is that of the namespace; PROVIDER is that of all others.
    """
    providers = [PROVIDER, *more_providers]
    made = preview.beside(stack, name, PROGRAM)
    _ask(made, providers, [])
    made.run("up", "--yes", "--skip-preview")
    if objects:
        state = _state(made)
        found = _moved(_objects(stack), state["deployment"]["resources"], providers)
        state["deployment"]["resources"] += found
        _put_state(made, state)
        _ask(made, providers, found)
    return made


def _ask(made: Previewed, providers: list[str], found: list[Resource]) -> None:
    objects = [
        {
            "urn": each["urn"],
            "type": each["type"],
            "name": each["urn"].rpartition("::")[2],
            "inputs": each["inputs"],
            "provider": _name_of(each["provider"]),
            "dependencies": each["dependencies"],
            "secrets": each.get("additionalSecretOutputs", []),
        }
        for each in found
    ]
    file = made.folder / "asked.json"
    file.write_text(json.dumps({"providers": providers, "objects": objects}))


def _objects(stack: Stack) -> list[Resource]:
    """The objects in the running stack's state, those first on which others depend."""
    state = json.loads(stack.pulumi("stack", "export", "--show-secrets"))
    found = state["deployment"]["resources"]
    return [each for each in found if each["type"].startswith("kubernetes:")]


def _moved(found: list[Resource], own: list[Resource], providers: list[str]) -> list[Resource]:
    """The objects as resources of another stack, below it and no component."""
    root = next(each["urn"] for each in own if each["type"] == "pulumi:pulumi:Stack")
    references = {
        each["urn"].rpartition("::")[2]: f"{each['urn']}::{each['id']}"
        for each in own
        if each["type"] == "pulumi:providers:kubernetes"
    }
    stack = "::".join(root.split("::")[:2])
    urns = {
        each["urn"]: f"{stack}::{each['type']}::{each['urn'].rpartition('::')[2]}" for each in found
    }
    return [_as_own(each, root, urns, references, providers) for each in found]


def _as_own(
    each: Resource,
    root: str,
    urns: Mapping[str, str],
    references: Mapping[str, str],
    providers: list[str],
) -> Resource:
    own = "namespace" in providers and each["type"] == NAMESPACE
    return {
        **each,
        "urn": urns[each["urn"]],
        "parent": root,
        "provider": references["namespace" if own else PROVIDER],
        "dependencies": [urns[urn] for urn in each.get("dependencies", []) if urn in urns],
        "propertyDependencies": {},
        "protect": False,
    }


def _name_of(reference: str) -> str:
    return reference.split("::")[-2]


def _state(made: Previewed) -> Any:
    file = _state_file(made)
    made.run("stack", "export", "--show-secrets", "--file", str(file))
    return json.loads(file.read_text())


def _put_state(made: Previewed, state: Any) -> None:
    file = _state_file(made)
    file.write_text(json.dumps(state))
    made.run("stack", "import", "--file", str(file))


def _state_file(made: Previewed) -> Path:
    return made.folder / "exported.json"
