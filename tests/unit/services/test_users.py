"""Who may do what in MLflow and Airflow: the admin for people, and the user of clients."""

from pilothouse.services.airflow import settings as airflow_settings
from pilothouse.services.mlflow import settings as mlflow_settings


def test_only_the_admin_of_mlflow_is_one_and_clients_may_write_to_the_default_experiment() -> None:
    admin, user = mlflow_settings.users({"admin": "a", "workload": "w"})
    assert admin == {"username": "admin", "password": "a", "admin": True, "experiments": {}}
    assert user == {
        "username": "workload",
        "password": "w",
        "admin": False,
        "experiments": {"0": "EDIT"},
    }


def test_clients_of_airflow_manage_what_dags_need_and_no_users() -> None:
    users = airflow_settings.users({"admin": "a", "workload": "w"})
    assert {user["username"]: user["role"] for user in users} == {
        "admin": "Admin",
        "workload": "Op",
    }
