"""The program that makes MLflow's users in its database, by MLflow's own interpreter, on SQLite."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pilothouse.config.platform_spec import Role
from pilothouse.services.mlflow import settings
from tests.e2e.workload.services import environment

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]

ANN, BEN, EVE = "ann@example.org", "ben@example.org", "eve@example.org"
MARK, VIEWER, USER = settings.PEOPLE_MARK, "pilothouse-viewer", "pilothouse-user"
LOGINS = "pilothouse-oidc"
LOOK = """
import json
from mlflow.server.auth import auth_config, store
store.init_db(auth_config.database_uri)
words = ("old", "new", "other")
users = {
    user.username: [
        user.is_admin,
        sorted(role.name for role in roles if not role.name.startswith("__")),
        {p.resource_type: p.permission for role in roles for p in role.permissions},
        [word for word in words if store.authenticate_user(user.username, word * 4)],
    ]
    for user, roles in store.list_users_with_roles()
}
print(json.dumps(users))
"""
MAKE = """
import sys
from mlflow.server.auth import auth_config, store
store.init_db(auth_config.database_uri)
user = store.create_user(sys.argv[1], sys.argv[2] * 4)
for name in sys.argv[3:]:
    (role,) = [role for role in store.list_roles(["default"]) if role.name == name]
    store.assign_role_to_user(user.id, role.id)
"""


class Database:
    """A database of MLflow's in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        url = f"sqlite:///{folder}/auth"
        (folder / "basic_auth.ini").write_text(
            settings.authentication(url, "of the admin", oidc=False)
        )

    def run(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [environment("mlflow") / "bin" / "python", *arguments],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "MLFLOW_BACKEND_STORE_URI": f"sqlite:///{self.folder}/runs",
                "MLFLOW_AUTH_CONFIG_PATH": str(self.folder / "basic_auth.ini"),
                "MLFLOW_FLASK_SERVER_SECRET_KEY": "of a test",
            },
            input=given,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def set_up(self, roles: Mapping[str, Role], word: str = "old", *, oidc: bool = False) -> str:
        """Run the program with people of these roles; what it said on failing."""
        secrets = {"admin": "of the admin", "workload": "of the workload"}
        accounts = settings.accounts(secrets, roles, dict.fromkeys(roles, word * 4), oidc=oidc)
        done = self.run(str(settings.SETUP), given=json.dumps(accounts))
        return done.stderr if done.returncode else ""

    def people(self) -> Any:
        """The users that are not the stack's own: admin or not, roles, permissions, password."""
        done = self.run("-c", LOOK)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout.splitlines()[-1])
        return {name: user for name, user in found.items() if name not in ("admin", "workload")}


def everything(permission: str) -> dict[str, str]:
    return dict.fromkeys(settings.RESOURCE_TYPES, permission)


def test_people_come_change_and_go_and_an_account_of_somebody_else_stays(tmp_path: Path) -> None:
    database = Database(tmp_path)
    assert not database.set_up({ANN: "viewer", BEN: "admin"})
    made = {
        ANN: [False, [MARK, VIEWER], everything("READ"), ["old"]],
        BEN: [True, [MARK], {}, ["old"]],
    }
    assert database.people() == made
    assert database.run("-c", MAKE, EVE, "other").returncode == 0
    somebody_else = {EVE: [False, [], {}, ["other"]]}
    assert f"account {EVE} that pilothouse did not make" in database.set_up({EVE: "admin"})
    assert database.people() == made | somebody_else
    assert not database.set_up({BEN: "user"}, "new")
    changed = {BEN: [False, [MARK, USER], everything("EDIT"), ["new"]]}
    assert database.people() == changed | somebody_else
    assert not database.set_up({})
    assert database.people() == somebody_else


def test_an_account_that_a_killed_run_could_not_mark_is_taken_over(tmp_path: Path) -> None:
    database = Database(tmp_path)
    assert not database.set_up({})
    assert database.people() == {}
    assert database.run("-c", MAKE, ANN, "old").returncode == 0
    assert not database.set_up({ANN: "user"})
    assert database.people() == {ANN: [False, [MARK, USER], everything("EDIT"), ["old"]]}


def test_accounts_of_logins_by_a_provider_stay_while_there_is_one(tmp_path: Path) -> None:
    database = Database(tmp_path)
    assert not database.set_up({}, oidc=True)
    assert database.run("-c", MAKE, ANN, "other", LOGINS, USER).returncode == 0
    made = {ANN: [False, [LOGINS, USER], everything("EDIT"), ["other"]]}
    assert database.people() == made
    assert not database.set_up({}, oidc=True)
    assert database.people() == made
    assert not database.set_up({})
    assert database.people() == {}
