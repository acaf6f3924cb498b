"""Step 2: train on what the store holds, and track the run with its model."""

from dataclasses import dataclass
from typing import Any

from pilothouse_workload import dataset, model, tracker
from pilothouse_workload.prepare import checked
from pilothouse_workload.settings import Settings
from pilothouse_workload.store import Store


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A fitted model with what is logged of it."""

    estimator: Any
    features: Any
    predictions: Any
    metrics: dict[str, float]
    figure: Any


def train(settings: Settings, store: Store) -> dict[str, Any]:
    """Train and track; a repeated step goes on with the run of its token.

    Returns the run, its experiment, where its model is, and the metrics.
    """
    import mlflow

    prepared = store.get_document("prepare")
    table = dataset.from_csv(checked(store, prepared["sha256"]))
    experiment = mlflow.set_experiment(settings.model_name)
    run = _run_of(settings.run_token, experiment.experiment_id)
    if run is None or run.info.status != "FINISHED":
        run = _track(settings, prepared, _fit(table), run)
    return {
        "run_token": settings.run_token,
        "run_id": run.info.run_id,
        "experiment": experiment.name,
        **tracker.logged(run),
        "metrics": run.data.metrics,
    }


def _run_of(token: str, experiment: str) -> Any:
    """The run that carries the token, with its outputs; None if there is none yet."""
    import mlflow

    client = mlflow.MlflowClient()
    runs = client.search_runs([experiment], f"tags.run_token = '{token}'", max_results=1)
    return client.get_run(runs[0].info.run_id) if runs else None


def _fit(table: dataset.Table) -> Trained:
    train_features, test_features, train_labels, test_labels = model.split(table)
    estimator = model.fit(train_features, train_labels)
    predictions = estimator.predict(test_features)
    return Trained(
        estimator=estimator,
        features=test_features,
        predictions=predictions,
        metrics=model.measure(test_labels, predictions),
        figure=model.plot(test_labels, predictions),
    )


def _track(settings: Settings, prepared: dict[str, Any], trained: Trained, run: Any) -> Any:
    """Log everything into `run`, or into a new one; returns the run as the server has it."""
    import mlflow

    tags = {"run_token": settings.run_token, "sha256": prepared["sha256"]}
    with mlflow.start_run(
        run_id=run and run.info.run_id, run_name=settings.run_token, tags=tags
    ) as active:
        mlflow.log_params({**model.PARAMETERS, "data_set": prepared["data_set"]})
        mlflow.log_metrics(trained.metrics)
        mlflow.log_figure(trained.figure, "confusion.png")
        tracker.log_model(
            trained.estimator,
            signature=mlflow.models.infer_signature(trained.features, trained.predictions),
            tags={"run_token": settings.run_token},
        )
    return mlflow.get_run(active.info.run_id)
