"""What a preflight asks of an account: an administrator's rights, and AWS's default quotas."""

from __future__ import annotations

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse
from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.responses import ServiceQuotasResponse


def extend() -> None:
    """Give moto's IAM the simulation of policies, and its quotas those that apply."""
    for response, method in (
        (IamResponse, _simulate_principal_policy), (ServiceQuotasResponse, _list_service_quotas),
    ):  # fmt: skip
        setattr(response, method.__name__.removeprefix("_"), method)


def _simulate_principal_policy(self: Any) -> ActionResult:
    """moto holds nobody to a policy unless told so: every action is allowed."""
    found = [{"EvalActionName": each, "EvalDecision": "allowed"} for each in self._get_param(
        "ActionNames", [])]  # fmt: skip
    return ActionResult({"EvaluationResults": found, "IsTruncated": False})


def _list_service_quotas(self: Any) -> str:
    """The defaults; of a service that moto has none of, an empty list."""
    code = json.loads(self.body)["ServiceCode"]
    try:
        found = self.backend.list_aws_default_service_quotas(code)
    except NoSuchResource:
        found = []
    return json.dumps({"Quotas": found})
