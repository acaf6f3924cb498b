"""The recorder itself: what it must see, and what it must refuse."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from tests.targets.suite.recorder import UNKNOWN, Recording, Secret, plain, record, revealed

THING = "test:index:Thing"


def outputs(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"address": f"{name}.example.org", "key": f"key of {name}"}


class Thing(pulumi.CustomResource):
    address: pulumi.Output[str]
    key: pulumi.Output[str]

    def __init__(
        self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(THING, name, {"address": None, "key": None, **props}, opts)


def recorded(program: Any, *, preview: bool = False) -> Recording:
    return record(program, {THING: outputs}, preview=preview)


def chain() -> None:
    keyed = pulumi.ResourceOptions(additional_secret_outputs=["key"])
    first = Thing("first", {"password": pulumi.Output.secret("hush"), "size": 3}, keyed)
    Thing("second", {"peer": first.address, "key_of_peer": first.key})
    Thing("third", {}, pulumi.ResourceOptions(depends_on=[first], protect=True))
    pulumi.export("address", first.address)
    pulumi.export("key", first.key)


def test_inputs_dependencies_secrets_and_outputs_are_seen() -> None:
    graph = recorded(chain)
    first, second, third = (graph.one(f"Thing {name}") for name in ("first", "second", "third"))
    assert first.inputs == {"password": Secret("hush"), "size": 3}
    assert second.inputs == {
        "peer": "first.example.org",
        "key_of_peer": Secret("key of first"),
    }
    assert second.property_dependencies["peer"] == {first.urn}
    assert second.dependencies == third.dependencies == {first.urn}
    assert third.protect
    assert graph.needs(third) == {"Thing first", "Stack pilothouse-local"}
    assert graph.outputs == {"address": "first.example.org", "key": Secret("key of first")}


def test_a_preview_knows_no_outputs() -> None:
    graph = recorded(chain, preview=True)
    assert graph.one("Thing second").inputs["peer"] is UNKNOWN
    assert graph.outputs["address"] is UNKNOWN


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(KeyError, match="test:index:Other"):
        recorded(lambda: pulumi.CustomResource("test:index:Other", "one"))


def test_two_resources_of_one_urn_are_refused() -> None:
    def program() -> None:
        Thing("same", {})
        Thing("same", {})

    with pytest.raises(ValueError, match=r"two resources have the URN .*Thing::same"):
        recorded(program)


def test_a_lookup_while_the_program_runs_is_refused() -> None:
    with pytest.raises(Exception, match="looks something up while it runs: test:index:getZones"):
        recorded(lambda: pulumi.runtime.invoke("test:index:getZones", {}).value)


def test_an_error_in_a_callback_is_raised() -> None:
    def program() -> None:
        Thing("first", {}).address.apply(int)

    with pytest.raises(ValueError, match=r"first\.example\.org"):
        recorded(program)


def test_an_error_of_the_program_is_raised_and_spoils_no_later_recording() -> None:
    def failing() -> None:
        Thing("first", {})
        raise LookupError("of the program")

    with pytest.raises(LookupError, match="of the program"):
        recorded(failing)
    assert len(recorded(chain).resources) == 4


def test_what_is_plain_and_what_is_revealed() -> None:
    value = {"a": [Secret({"b": "hush"}), 1]}
    assert plain(value) == {"a": ["[secret]", 1]}
    assert revealed(value) == {"a": [{"b": "hush"}, 1]}
