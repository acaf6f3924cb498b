"""How a model gets into the tracking server: as MLflow 3 has it, or as a run's artifact.

MLflow 3 keeps logged models, objects of their own that a run has as outputs. Azure Machine Learning
and some versions of Databricks speak MLflow without them; the server is asked, once in a run.
A system without MLflow's API, such as Vertex AI Experiments, would go here: this module, and what
`train`, `register` and `predict` ask `mlflow` for, become the face of two trackers.
"""

from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

NAME = "model"

# Given, because MLflow would find them by loading the model in another process (9 seconds).
REQUIREMENTS = ("numpy", "scikit-learn", "skops")


def log_model(estimator: Any, *, signature: Any, tags: dict[str, str]) -> None:
    """Log the model into the active run; a logged model gets the tags."""
    import mlflow

    how = {
        "serialization_format": "skops",
        "signature": signature,
        "pip_requirements": [f"{name}=={version(name)}" for name in REQUIREMENTS],
    }
    if has_logged_models(mlflow.active_run().info.experiment_id):
        mlflow.sklearn.log_model(estimator, name=NAME, tags=tags, **how)
        return
    with TemporaryDirectory() as folder:
        path = str(Path(folder, NAME))
        mlflow.sklearn.save_model(estimator, path, **how)
        mlflow.log_artifacts(path, NAME)


def has_logged_models(experiment: str) -> bool:
    """Whether the tracking server knows logged models; one without answers 404 to the search."""
    import mlflow
    from mlflow.exceptions import MlflowException

    try:
        mlflow.MlflowClient().search_logged_models([experiment], max_results=1)
    except MlflowException as error:
        if error.error_code == "ENDPOINT_NOT_FOUND":
            return False
        raise
    return True


def logged(run: Any) -> dict[str, str]:
    """Where the model of a finished run is: `source`, and `model_id` of a logged model."""
    outputs = run.outputs.model_outputs if run.outputs else []
    if not outputs:
        return {"source": f"runs:/{run.info.run_id}/{NAME}"}
    model = outputs[-1].model_id
    return {"source": f"models:/{model}", "model_id": model}
