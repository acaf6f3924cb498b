"""The steps in their order, and the document that each leaves in the store."""

import logging
import time
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from pilothouse_workload.settings import Settings

log = logging.getLogger(__name__)

# Each is a module's function of the same name, imported when it runs: scikit-learn and MLflow
# take seconds, and no step needs all of it.
STEPS = {
    "prepare": "write the data set to the store and compare what is read back",
    "train": "train on it; track parameters, metrics, a plot and the model",
    "register": "make a model version and point the alias to it",
    "predict": "load the model by the alias, predict, write result.json",
}


def run(settings: Settings, names: Sequence[str]) -> dict[str, Any]:
    """Run steps in the given order; returns the last one's document."""
    from pilothouse_workload.store import Store

    store = Store(settings)
    return [_step(name, settings, store) for name in names][-1]


def _step(name: str, settings: Settings, store: Any) -> dict[str, Any]:
    """Run one step and keep its document as `<step>.json`, the last one's as `result.json`.

    `seconds` of a document are by step, from its imports to its end.
    """
    started = time.monotonic()
    document: dict[str, Any] = getattr(import_module(f"{__package__}.{name}"), name)(
        settings, store
    )
    seconds = {**document.get("seconds", {}), name: round(time.monotonic() - started, 2)}
    document = {**document, "seconds": seconds}
    store.put_document("result" if name == "predict" else name, document)
    log.info("%s: %s s", name, seconds[name])
    return document
