"""The team's package for a stack: prepared before anything changes, then delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pilothouse.config.platform_spec import Platform
from pilothouse.config.workload import Workload
from pilothouse.contract import Contract
from pilothouse.errors import InvalidInput
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack
from pilothouse.packages import package
from pilothouse.packages.package import Package

PACKAGES_FOLDER = "packages"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A package that can be delivered, and the values of the workload's secrets."""

    package: Package
    secrets: Mapping[str, str]


def prepare(stack: Stack, platform: Platform, workload: Workload, report: Report) -> Prepared:
    """Build and lock the package of the platform's workload, and make it ready on the target.

    Nothing that runs changes. Raises InvalidInput where the package, a step or a secret is not as
    it must be, PilothouseError where the build fails.
    """
    secrets = _secrets(stack, platform, workload)
    folder = stack.project.folder / PACKAGES_FOLDER
    with report.working(f"preparing the package {workload.package}"):
        made = package.prepare(stack.project.root, platform, workload, folder)
        stack.operations.prepare_package(platform, workload, made)
    return Prepared(package=made, secrets=secrets)


def deliver(stack: Stack, contract: Contract, report: Report, prepared: Prepared) -> None:
    """Have the stack's runs use the package; the contract is accessible from here."""
    made = prepared.package
    stack.operations.deliver_package(contract, made, prepared.secrets)
    report.say(f"package {made.name} {made.digest} for Python {made.python} is delivered")
    report.document({"package": {"name": made.name, "digest": made.digest}})


def _secrets(stack: Stack, platform: Platform, workload: Workload) -> Mapping[str, str]:
    """The values that are delivered; InvalidInput where the target has not all of the secrets."""
    found = stack.operations.workload_secrets(workload.secrets) if workload.secrets else {}
    missing = [number for number, name in enumerate(workload.secrets) if name not in found]
    if missing:
        raise InvalidInput(
            [
                platform.problem(
                    ("workload", "secrets", number),
                    found=f"no value of {workload.secrets[number]}",
                    remedy=stack.operations.secrets_remedy,
                )
                for number in missing
            ]
        )
    return {name: value for name, value in found.items() if value is not None}
