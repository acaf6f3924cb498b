"""Secrets: generated once, in a private file that outlives a killed run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from pilothouse.targets.local.resources.secrets import SecretsProvider
from tests.targets.local.crud import create, is_changed, refresh, update
from tests.targets.local.machine import mode_of


def secrets_of(folder: Path, **more: str) -> dict[str, Any]:
    kinds = {"door": "password", "user": "access-key", "box": "fernet", **more}
    return {"name": "app-secrets", "home": str(folder), "kinds": kinds}


def test_secrets_are_made_once(folder: Path) -> None:
    first = create(SecretsProvider(), secrets_of(folder))
    again = create(SecretsProvider(), secrets_of(folder))
    assert first["values"] == again["values"]
    assert len(set(first["values"].values())) == 3
    assert all(len(value) >= 20 for value in first["values"].values())


def test_secrets_of_two_stacks_differ(folder: Path) -> None:
    one, two = (create(SecretsProvider(), secrets_of(folder / name)) for name in "ab")
    assert set(one["values"].values()).isdisjoint(two["values"].values())


def test_secrets_are_their_owners_only(folder: Path) -> None:
    SecretsProvider().create(secrets_of(folder))
    path = folder / "secrets" / "app-secrets.json"
    assert mode_of(path) == 0o600
    assert mode_of(path.parent) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["app-secrets.json"]


def test_a_new_kind_leaves_the_others_alone(folder: Path) -> None:
    olds = create(SecretsProvider(), secrets_of(folder))
    assert is_changed(SecretsProvider(), olds, secrets_of(folder, gate="password"))
    news = update(SecretsProvider(), olds, secrets_of(folder, gate="password"))
    assert news["values"].items() > olds["values"].items()


def test_a_changed_or_removed_file_of_secrets_is_seen(folder: Path) -> None:
    made = create(SecretsProvider(), secrets_of(folder))
    path = folder / "secrets" / "app-secrets.json"
    assert refresh(SecretsProvider(), made)["drift"] == ""
    for text in ('{"door": "mine"}', "no JSON", None):
        path.write_text(text) if text else path.unlink()
        seen = refresh(SecretsProvider(), made)
        assert seen["drift"] == "changed"
        assert is_changed(SecretsProvider(), seen, secrets_of(folder))


def test_a_rotation_is_done_once_and_lasts(folder: Path) -> None:
    provider = SecretsProvider()
    olds = create(provider, secrets_of(folder))
    asked = {**secrets_of(folder), "rotations": {"door": "1"}}
    assert is_changed(provider, olds, asked)
    news = update(provider, olds, asked)
    changed = {name for name, value in news["values"].items() if value != olds["values"][name]}
    assert changed == {"door"}
    assert not is_changed(provider, news, asked)
    assert not is_changed(provider, news, secrets_of(folder))
    assert is_changed(provider, news, {**asked, "rotations": {"door": "2"}})
    again = provider.update("id", news, secrets_of(folder, gate="password")).outs
    assert again is not None
    assert again["values"].items() > news["values"].items()


KILLED_CREATE = """
import os, signal, sys
from pilothouse.targets.local.resources.secrets import SecretsProvider
kinds = {"door": "password"}
SecretsProvider().ensure({"name": "app-secrets", "home": sys.argv[1], "kinds": kinds})
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_secrets_survive_a_create_that_was_killed_before_it_could_tell(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED_CREATE, str(folder)], check=False)
    kept = json.loads((folder / "secrets" / "app-secrets.json").read_text())
    assert create(SecretsProvider(), secrets_of(folder))["values"].items() > kept.items()
