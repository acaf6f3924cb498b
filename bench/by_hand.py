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
DYNAMIC = "pulumi-python:dynamic"  # the start of the types whose provider is Python of the program
PROGRAM = """\
import json
import secrets
from pathlib import Path

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider
from pulumi_kubernetes import Provider


class Generator(ResourceProvider):
    def create(self, props):
        return CreateResult("generated", {**props, "value": secrets.token_hex(16)})

    def diff(self, _id, _olds, _news):
        return DiffResult(changes=False)


class Password(Resource):
    def __init__(self, name):
        options = pulumi.ResourceOptions(additional_secret_outputs=["value"])
        super().__init__(Generator(), name, {"value": None}, options)


def plain_or_secret(value):
    return pulumi.Output.secret(json.loads(value["plaintext"])) if "plaintext" in value else value


file = Path(__file__).with_name("asked.json")
asked = json.loads(file.read_text(), object_hook=plain_or_secret)
providers = {
    name: Provider(name, kubeconfig="", enable_server_side_apply=True, enable_patch_force=True)
    for name in asked["providers"]
}
for name in asked["passwords"]:
    Password(name)
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


def program(
    stack: Stack, name: str, *more_providers: str, objects: bool = False, passwords: bool = False
) -> Previewed:
    """A program with providers and, if `objects`, those of the running stack in its state.

    The objects have the same inputs and order as the stack's, and its live state. A provider
    `namespace` is that of the namespace; PROVIDER is that of all others. With `passwords`, it has
    as many resources in Python as the stack, each with a generated password.
    """
    resources = _resources(stack)
    providers = [PROVIDER, *more_providers]
    names = [_name_of(each["urn"]) for each in resources if each["type"].startswith(DYNAMIC)]
    asked = {"providers": providers, "passwords": names if passwords else [], "objects": []}
    made = preview.beside(stack, name, PROGRAM)
    _ask(made, asked)
    made.run("up", "--yes", "--skip-preview")
    if objects:
        state = _state(made)
        own = state["deployment"]["resources"]
        found = [each for each in resources if each["type"].startswith("kubernetes:")]
        moved = _moved(found, own, providers)
        own += moved
        _put_state(made, state)
        _ask(made, {**asked, "objects": [_object(each) for each in moved]})
    return made


def floor(made: Previewed) -> str:
    """The file with the same program, which looks for garbage as little as ours."""
    file = made.folder / "floor.py"
    file.write_text(f"import gc\ngc.disable()\n{PROGRAM}")
    return str(file)


def _ask(made: Previewed, asked: Mapping[str, Any]) -> None:
    (made.folder / "asked.json").write_text(json.dumps(asked))


def _object(each: Resource) -> Mapping[str, Any]:
    return {
        "urn": each["urn"],
        "type": each["type"],
        "name": _name_of(each["urn"]),
        "inputs": each["inputs"],
        "provider": _name_of(each["provider"].rpartition("::")[0]),
        "dependencies": each["dependencies"],
        "secrets": each.get("additionalSecretOutputs", []),
    }


def _resources(stack: Stack) -> list[Resource]:
    """The resources in the running stack's state, those first on which others depend."""
    state = json.loads(stack.pulumi("stack", "export", "--show-secrets"))
    return list(state["deployment"]["resources"])


def _moved(found: list[Resource], own: list[Resource], providers: list[str]) -> list[Resource]:
    """The objects as resources of another stack, below it and no component."""
    root = next(each["urn"] for each in own if each["type"] == "pulumi:pulumi:Stack")
    references = {
        _name_of(each["urn"]): f"{each['urn']}::{each['id']}"
        for each in own
        if each["type"] == "pulumi:providers:kubernetes"
    }
    stack = "::".join(root.split("::")[:2])
    urns = {each["urn"]: f"{stack}::{each['type']}::{_name_of(each['urn'])}" for each in found}
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


def _name_of(urn: str) -> str:
    return urn.rpartition("::")[2]


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
