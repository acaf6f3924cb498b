"""Who may do what in MLflow and Airflow: the admin, the user of clients, and people."""

from collections.abc import Mapping
from typing import Any

from pilothouse.config.platform_spec import Role
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


ROLES: Mapping[str, Role] = {
    "v@example.org": "viewer",
    "u@example.org": "user",
    "a@example.org": "admin",
}
PASSWORDS = {name: f"of {name}" for name in ROLES}
SECRETS = {"admin": "a", "workload": "w"}


def test_people_of_mlflow_read_edit_or_administer_everything() -> None:
    people: Any = mlflow_settings.people(ROLES, PASSWORDS, oidc=False)
    permitted = [
        (
            account["admin"],
            {level for role in account["roles"] for level in people["roles"][role].values()},
        )
        for account in people["accounts"]
    ]
    assert permitted == [(False, {"READ"}), (False, {"EDIT"}), (True, set())]


def test_people_of_airflow_have_its_own_roles() -> None:
    accounts: Any = airflow_settings.accounts(SECRETS, ROLES, PASSWORDS, oidc=False)
    assert {person["username"]: person["role"] for person in accounts["people"]} == {
        "v@example.org": "Viewer",
        "u@example.org": "Op",
        "a@example.org": "Admin",
    }


def test_everybody_of_people_has_the_mark_and_a_password_and_the_stacks_own_users_have_none() -> (
    None
):
    airflow: Any = airflow_settings.accounts(SECRETS, ROLES, PASSWORDS, oidc=False)
    mlflow: Any = mlflow_settings.accounts(SECRETS, ROLES, PASSWORDS, oidc=False)
    marked = mlflow["people"]["accounts"]
    assert all(mlflow["people"]["mark"] in account["roles"] for account in marked)
    for people in (airflow["people"], marked):
        assert {person["username"]: person["password"] for person in people} == PASSWORDS
    for users in (airflow["users"], mlflow["users"]):
        assert {user["username"] for user in users} == SECRETS.keys()


def test_accounts_of_logins_by_a_provider_stay_while_there_is_one() -> None:
    for with_provider in (True, False):
        airflow: Any = airflow_settings.accounts(SECRETS, {}, {}, oidc=with_provider)
        mlflow: Any = mlflow_settings.accounts(SECRETS, {}, {}, oidc=with_provider)
        for given in (airflow, mlflow["people"]):
            assert given["logins"] == "pilothouse-oidc"
            assert given["keep_logins"] is with_provider
            assert given["mark"] != given["logins"]
