"""Runs the workload on MWAA: Airflow's REST API through AWS's, the `mwaa` way of submitting."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pilothouse.contract import Capability
from pilothouse.errors import PilothouseError
from pilothouse.services.airflow.api import ServiceUnavailable, error_of
from pilothouse.services.airflow.client import AIRFLOW_3, DagRuns
from pilothouse.services.workflows import RunTimeouts
from pilothouse.targets.aws.clients import api

# Each of the four steps waits for a machine, 3 to 5 minutes; a DAG is read from its bucket every
# half minute.
TIMEOUTS = RunTimeouts(limit=3600.0, poll=10.0, ready=600.0)
LONGEST_PATH = 64
# Seconds before a call of a web server that is busy is made again: AWS hands Airflow's answers on
# as refusals of its own (400), which botocore does not repeat.
PAUSES = (2.0, 5.0, 10.0)
RIGHT = "it takes airflow:InvokeRestApi on this environment's Airflow role"


def mwaa(orchestration: Capability[str]) -> DagRuns:
    """Runs of the DAG in the environment that the contract names.

    Airflow 2 and 3 differ in what a new run must be told.
    """
    name, region = orchestration.submit["environment"], orchestration.submit["region"]
    with api.calling():
        found = api.client("mwaa", region).get_environment(Name=name)["Environment"]
    is_airflow_2 = found["AirflowVersion"].startswith("2.")
    return DagRuns(
        orchestration.submit["dag"],
        EnvironmentApi(name, region),
        TIMEOUTS,
        body={} if is_airflow_2 else AIRFLOW_3,
        longest=LONGEST_PATH,
    )


class EnvironmentApi:
    """Calls of one environment's Airflow."""

    def __init__(self, name: str, region: str) -> None:
        self._name, self._region = name, region

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        for pause in PAUSES:
            try:
                return self._once(method, path, body)
            except ServiceUnavailable:
                time.sleep(pause)
        return self._once(method, path, body)

    def _once(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        parts = urlsplit(path)
        request: dict[str, Any] = {"Name": self._name, "Method": method, "Path": parts.path}
        if parts.query:
            request["QueryParameters"] = dict(parse_qsl(parts.query))
        if body is not None:
            request["Body"] = body
        try:
            with api.calling():
                client = api.client("mwaa", self._region)
                return client.invoke_rest_api(**request)["RestApiResponse"]
        except api.AwsError as error:
            raise self._meaning(error) from error

    def _meaning(self, error: api.AwsError) -> PilothouseError:
        """The error as Airflow's own, if it was Airflow that refused."""
        if status := error.answer.get("RestApiStatusCode"):
            said = error.answer.get("RestApiResponse")
            return error_of(status)(f"Airflow on {self._name} answers {status}: {said}")
        if isinstance(error, api.AwsUnavailable):
            return ServiceUnavailable(str(error))
        return PilothouseError(f"{error}: {RIGHT}" if "AccessDenied" in error.code else str(error))
