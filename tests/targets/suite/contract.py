"""The contract of a target: what every target passes, and those that run the workload."""

import json
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

from pilothouse import targets
from pilothouse.contract import CAPABILITIES, Capability, Contract
from pilothouse.errors import InvalidInput
from pilothouse.program.load import PLATFORM_FILE
from tests.targets.suite import platforms, promises
from tests.targets.suite.recorder import Recording, Secret, plain, revealed
from tests.targets.suite.secrets import MARK

WORKLOAD = platforms.ROOT / "src" / "pilothouse" / "workload"
PEOPLE = ["ann@example.org", "ben@example.org"]
_SECRET = {"secrets", "login", "people"}  # the groups of a capability whose values are secret
RUN_TOKEN = "run-of-a-test"  # what whoever starts the workload adds to the contract's variables


class ContractSuite:
    """The contract of `target`, as a stack's output, for the first example that it can carry."""

    target: ClassVar[str]
    submit: ClassVar[Mapping[str, frozenset[str]]]
    """The ways to submit code, each with its own keys besides `kind`."""

    @pytest.fixture(scope="class")
    @classmethod
    def project(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        example = next(file for file, target in platforms.CARRIED if target == cls.target)
        return platforms.project_of(example, tmp_path_factory.mktemp("contract"))

    @pytest.fixture(scope="class")
    @classmethod
    def graph(cls, project: Path) -> Recording:
        return platforms.recorded(project, cls.target)

    @pytest.fixture(scope="class")
    @classmethod
    def output(cls, graph: Recording) -> dict[str, Any]:
        """The `contract` output of the stack, with its secrets marked."""
        return dict(graph.outputs["contract"])

    @pytest.fixture(scope="class")
    @classmethod
    def contract(cls, output: dict[str, Any]) -> Contract:
        return Contract.from_output(revealed(output))

    def test_each_capability_has_the_same_keys(self, output: dict[str, Any]) -> None:
        assert set(output) == set(CAPABILITIES)
        for name in CAPABILITIES:
            assert set(output[name]) == promises.KEYS, name

    def test_it_survives_the_way_through_the_stacks_outputs(
        self, output: dict[str, Any], contract: Contract
    ) -> None:
        again = {name: capability.exported() for name, capability in contract}
        assert again == revealed(output)
        assert Contract.from_output(json.loads(json.dumps(again))) == contract

    def test_every_variable_is_documented(self, contract: Contract) -> None:
        for name, variable in variables(contract):
            assert variable in promises.VARIABLES[name], f"add {variable} to promises.py"

    def test_every_required_variable_is_there(self, contract: Contract) -> None:
        given = set(variables(contract))
        required = {
            (name, variable)
            for name, known in promises.VARIABLES.items()
            for variable, promise in known.items()
            if promise.required
        }
        assert required <= given

    def test_what_is_secret_is_a_secret_of_its_own(self, output: dict[str, Any]) -> None:
        for name, capability in output.items():
            for variable, value in capability["secrets"].items():
                assert isinstance(value, Secret), variable
                assert promises.VARIABLES[name][variable].secret
            if capability["login"]:
                assert set(capability["login"]) == {"username", "password"}
                assert isinstance(capability["login"]["password"], Secret)

    def test_people_have_secret_passwords_in_both_services_or_are_refused(
        self, project: Path, tmp_path: Path
    ) -> None:
        with_people = platforms.project_of(project / PLATFORM_FILE, tmp_path)
        platform = yaml.safe_load((project / PLATFORM_FILE).read_text())
        listed = [{"email": email, "role": "viewer"} for email in PEOPLE]
        platform.setdefault("access", {})["people"] = listed
        (with_people / PLATFORM_FILE).write_text(yaml.safe_dump(platform))
        if reason := targets.registered()[self.target].lacks.get("people"):
            with pytest.raises(InvalidInput, match=re.escape(f"access.people: found {PEOPLE[0]}")):
                platforms.plan_of(with_people, self.target)
            assert reason in platforms.refusal(with_people / PLATFORM_FILE, self.target)
            return
        output = platforms.recorded(with_people, self.target).outputs["contract"]
        for name in ("tracking", "orchestration"):
            passwords = output[name]["people"]
            assert set(passwords) == set(PEOPLE)
            assert all(isinstance(password, Secret) for password in passwords.values())
            assert len(set(map(repr, passwords.values()))) == len(PEOPLE)

    def test_what_is_not_secret_can_be_read(self, output: dict[str, Any]) -> None:
        for name, capability in output.items():
            shown = {key: capability[key] for key in promises.KEYS - _SECRET}
            assert plain(shown) == shown
            for variable in capability["environment"]:
                assert not promises.VARIABLES[name][variable].secret
        assert MARK not in repr(plain(output))

    def test_a_variable_is_said_once(self, contract: Contract) -> None:
        names = [variable for _, variable in variables(contract)]
        assert len(names) == len(set(names))

    def test_every_value_is_a_text(self, contract: Contract) -> None:
        for _, capability in contract:
            values = [capability.uri, capability.console]
            for group in ("environment", "secrets", "login", "submit"):
                values += getattr(capability, group).values()
            assert [value for value in values if not isinstance(value, str)] == []

    def test_the_addresses_agree(self, contract: Contract) -> None:
        assert contract.storage.uri == contract.storage.environment["DATA_URI"]
        assert contract.tracking.uri == contract.tracking.environment["MLFLOW_TRACKING_URI"]
        assert all(capability.uri for _, capability in contract)

    def test_scripts_read_the_same_outputs_on_every_target(
        self, graph: Recording, contract: Contract
    ) -> None:
        flat = {name: value for name, value in graph.outputs.items() if name != "contract"}
        assert set(flat) == promises.FLAT_OUTPUTS
        found = revealed(flat)
        assert found["bucket"] == contract.storage.uri.partition("://")[2].partition("/")[0]
        assert found["storageUri"] == contract.storage.uri
        for name in ("tracking", "orchestration"):
            capability = getattr(contract, name)
            assert found[f"{name}Uri"] == capability.uri
            assert found[f"{name}Console"] == capability.console
            assert found[f"{name}Username"] == capability.login.get("username", "")
            assert found[f"{name}Password"] == capability.login.get("password", "")
            assert isinstance(flat[f"{name}Password"], Secret)

    @pytest.mark.parametrize("name", promises.PROBED)
    def test_services_are_probed(self, contract: Contract, name: str) -> None:
        found = getattr(contract, name).probes
        assert found
        assert all(probe.service and probe.address for probe in found)

    def test_code_is_submitted_in_a_documented_way(self, contract: Contract) -> None:
        ways = [capability.submit for _, capability in contract if capability.submit]
        of_workload = {"workload", "definition"}  # of a platform that has one
        for way in ways:
            assert set(way) - of_workload == {"kind"} | self.submit[way["kind"]]
            assert set(way) & of_workload in (set(), of_workload)
        assert contract.compute.submit
        assert contract.orchestration.submit

    def test_a_preview_promises_the_same(self, contract: Contract, project: Path) -> None:
        preview = platforms.recorded(project, self.target, preview=True)
        given = {
            (name, variable)
            for name in CAPABILITIES
            for group in ("environment", "secrets")
            for variable in preview.outputs["contract"][name][group]
        }
        assert given == set(variables(contract))


class WorkloadSuite(ContractSuite):
    """The contract of a target on which the packaged workload runs."""

    def test_the_workload_is_content_with_it(
        self, contract: Contract, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.syspath_prepend(WORKLOAD)
        settings = import_module("pilothouse_workload.settings")
        given = {"RUN_TOKEN": RUN_TOKEN}
        for capability in (contract.storage, contract.compute, contract.tracking):
            given |= {**capability.environment, **capability.secrets}
        read = settings.from_environment(given)
        assert read.model_name == given["MODEL_NAME"]
        assert read.data_uri == given["DATA_URI"]

    def test_its_storage_is_one_that_the_workload_knows(self, contract: Contract) -> None:
        assert contract.storage.uri.startswith("s3://")
        assert "AWS_REGION" in contract.storage.environment


def variables(contract: Contract) -> Iterator[tuple[str, str]]:
    """Every environment variable, with its capability's name."""
    for name, capability in contract:
        yield from ((name, variable) for variable in _variables(capability))


def _variables(capability: Capability[str]) -> list[str]:
    return [*capability.environment, *capability.secrets]
