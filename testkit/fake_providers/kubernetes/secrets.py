"""What is special about Secret objects."""

from __future__ import annotations

import base64
from typing import Any

from testkit.fake_providers.core.values import UNKNOWN, Properties, secret
from testkit.fake_providers.kubernetes.tokens import Kind

SECRET = Kind("", "v1", "Secret")


def normalized(kind: Kind, inputs: Properties) -> Properties:
    """`stringData` as the `data` that the API server makes of it."""
    if kind != SECRET or "stringData" not in inputs:
        return inputs
    rest = {name: value for name, value in inputs.items() if name != "stringData"}
    clear = inputs["stringData"]
    if UNKNOWN in (clear, inputs.get("data")):
        return rest | {"data": UNKNOWN}
    encoded = {name: _encoded(value) for name, value in clear.items()}
    return rest | {"data": {**inputs.get("data", {}), **encoded}}


def guarded(kind: Kind, properties: Properties) -> Properties:
    """The same properties, with those of a Secret marked for the engine to encrypt."""
    if kind != SECRET:
        return properties
    hidden = {"data", "stringData"}
    return {n: secret(v) if n in hidden else v for n, v in properties.items()}


def _encoded(value: Any) -> str:
    return UNKNOWN if value == UNKNOWN else base64.b64encode(str(value).encode()).decode()
