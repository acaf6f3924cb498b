"""The accounts of people in the MLflow server."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from pilothouse.targets.local.resources.converge import (
    ConvergingProvider,
    ConvergingResource,
    Props,
)


class MlflowPeopleProvider(ConvergingProvider):
    """Makes, changes and deletes the accounts whenever they are wanted otherwise."""

    def ensure(self, props: Props) -> Props:
        from pilothouse.services.mlflow.people import People

        People(props["server"], props["admin_password"]).converge(props["people"])
        return {}

    def observe(self, props: Props) -> str | None:
        return ""

    def remove(self, props: Props) -> None:
        """The accounts are removed with MLflow's data."""


class MlflowPeople(ConvergingResource, module="pilothouse", name="MlflowPeople"):
    """The accounts of people, as `services.mlflow.settings.people` has them."""

    def __init__(
        self,
        name: str,
        *,
        server: pulumi.Input[str],
        admin_password: pulumi.Input[str],
        people: Mapping[str, object],
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {
            "name": name,
            "server": server,
            "admin_password": admin_password,
            "people": dict(people),
        }
        super().__init__(MlflowPeopleProvider(), name, props, opts)
