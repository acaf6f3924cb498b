"""What the default clients read of a contract."""

from __future__ import annotations

from dataclasses import replace

from pilothouse.contract import Capability, Contract, Probe
from pilothouse.services.clients import Clients

NOTHING: Capability[str] = Capability(uri="", console="")


def test_no_proxy_leads_to_the_services_that_a_stack_runs_itself() -> None:
    probes = (
        Probe(service="mlflow", kind="http", address="http://mlflow.ns.svc:5000/health"),
        Probe(service="postgres", kind="postgres", address="127.0.0.1:5432"),
        Probe(service="bucket", kind="of a cloud", address="s3://region/bucket"),
    )
    tracking = replace(NOTHING, uri="https://elsewhere.example", probes=probes)
    contract = Contract(storage=NOTHING, compute=NOTHING, tracking=tracking, orchestration=NOTHING)
    assert Clients().own_hosts(contract) == ["127.0.0.1", "mlflow.ns.svc"]
