"""`python -m bench.own_providers`: what our dynamic providers' code costs to load, as JSON.

A preview runs it in the providers' process, which the engine starts with `pulumi.dynamic`; what
that imports by itself is imported before the clock starts.
"""

import importlib
import json
import pkgutil
import sys
import time

import dill  # type: ignore[import-untyped]  # noqa: F401 - as pulumi.dynamic's program does
import grpc  # type: ignore[import-untyped]  # noqa: F401 - the same
import pulumi.dynamic  # noqa: F401 - the same


def main() -> None:
    """Import every module with a provider."""
    clock, processor = time.perf_counter(), time.process_time()
    package = importlib.import_module("pilothouse.targets.local.resources")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    cost = {"wall": time.perf_counter() - clock, "cpu": time.process_time() - processor}
    json.dump(cost, sys.stdout)


main()
