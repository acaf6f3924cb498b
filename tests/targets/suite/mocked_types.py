"""What the provider of each resource type would answer; a recording knows no other type.

The module `mocked_types` of each target's tests has its own, and what its stack file must say.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from pilothouse import targets
from tests.targets.suite.recorder import Outputs

_MODULES = {
    target: import_module(f"tests.targets.{target}.mocked_types")
    for target in sorted(targets.registered())
}

MOCKED: Mapping[str, Outputs] = {
    token: outputs for module in _MODULES.values() for token, outputs in module.MOCKED.items()
}

SETTINGS: Mapping[str, Mapping[str, Any]] = {
    target: module.SETTINGS for target, module in _MODULES.items()
}
"""What a stack file must say, by target; most need nothing."""
