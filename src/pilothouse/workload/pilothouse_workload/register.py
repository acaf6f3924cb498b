"""Step 3: make a version of the model, and point the alias to it."""

from typing import Any

from pilothouse_workload.settings import Settings
from pilothouse_workload.store import Store

ALIAS = "pilot"


def register(settings: Settings, store: Store) -> dict[str, Any]:
    """Register what `train` logged; a repeated step finds the version by its token."""
    import mlflow

    client = mlflow.MlflowClient()
    trained = store.get_document("train")
    version = _version_of(client, settings) or _make_version(client, settings, trained)
    client.set_registered_model_alias(settings.model_name, ALIAS, version)
    return {
        "run_token": settings.run_token,
        "model": settings.model_name,
        "version": version,
        "alias": ALIAS,
    }


def _version_of(client: Any, settings: Settings) -> str | None:
    name, token = settings.model_name, settings.run_token
    found = client.search_model_versions(f"name = '{name}' and tags.run_token = '{token}'")
    return str(found[0].version) if found else None


def _make_version(client: Any, settings: Settings, trained: dict[str, Any]) -> str:
    """Make a version tagged with the token, at once with it: no version is without."""
    _make_model(client, settings.model_name)
    made = client.create_model_version(
        settings.model_name,
        source=trained["source"],
        run_id=trained["run_id"],
        model_id=trained.get("model_id"),
        tags={"run_token": settings.run_token},
        await_creation_for=None,
    )
    return str(made.version)


def _make_model(client: Any, name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
