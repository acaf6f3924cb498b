"""Step 4: load the model by its alias, and see that it predicts as it did when trained."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pilothouse_workload import dataset, model
from pilothouse_workload.errors import WorkloadError
from pilothouse_workload.prepare import checked
from pilothouse_workload.settings import Settings
from pilothouse_workload.store import Store


def predict(settings: Settings, store: Store) -> dict[str, Any]:
    """Predict the test rows by the registered model; WorkloadError if it is another model."""
    documents = [store.get_document(step) for step in ("prepare", "train", "register")]
    prepared, trained, registered = documents
    table = dataset.from_csv(checked(store, prepared["sha256"]))
    _, features, _, labels = model.split(table)
    estimator = _load(settings, registered)
    metrics = model.measure(labels, estimator.predict(features))
    _demand(metrics, trained["metrics"])
    return {
        **prepared,
        **trained,
        **registered,
        "metrics": metrics,
        "predictions": len(labels),
        "seconds": {step: s for document in documents for step, s in document["seconds"].items()},
    }


def _load(settings: Settings, registered: dict[str, Any]) -> Any:
    """The model that the alias points to, which must be the version of this token."""
    import mlflow

    name, alias = settings.model_name, registered["alias"]
    found = mlflow.MlflowClient().get_model_version_by_alias(name, alias)
    if found.tags.get("run_token") != settings.run_token:
        raise WorkloadError(
            f"alias {alias!r} of {name!r} points to version {found.version}, which is not this "
            f"run's ({registered['version']}): another run moved it; repeat `register`"
        )
    with TemporaryDirectory() as folder:
        return mlflow.sklearn.load_model(f"models:/{name}@{alias}", dst_path=Path(folder))


def _demand(found: dict[str, float], trained: dict[str, float]) -> None:
    """WorkloadError unless the loaded model is as good as the trained one, and good."""
    if found != trained or found["accuracy"] < model.LEAST_ACCURACY:
        raise WorkloadError(
            f"the loaded model predicts with {found}, the trained one with {trained}; "
            f"both must be the same, with accuracy {model.LEAST_ACCURACY} or more"
        )
