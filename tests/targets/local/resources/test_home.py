"""Home: the folder of a stack, and what a destroy retains of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.resources.home import KEEP_DATA_VARIABLE, HomeProvider
from tests.targets.local.crud import create, is_changed, is_gone, refresh, update
from tests.targets.local.machine import mode_of

MARK = {"pilothouse-stack": "pilot", "project": "/some/project", "owner": "a team"}


def home_of(folder: Path) -> dict[str, Any]:
    return {
        "name": "home",
        "path": str(folder / "deep" / "stack"),
        "tags": MARK,
        "is_default": False,
    }


def test_a_home_is_made_with_its_mark(folder: Path) -> None:
    made = create(HomeProvider(), home_of(folder))
    home = Path(made["path"])
    assert made["drift"] == ""
    assert json.loads((home / "pilothouse.json").read_text()) == MARK
    assert (home / "data").is_dir()
    assert mode_of(home) & 0o066 == 0


def test_a_home_that_is_there_is_adopted(folder: Path) -> None:
    home = Path(create(HomeProvider(), home_of(folder))["path"])
    (home / "data" / "rows").write_text("kept")
    HomeProvider().create(home_of(folder))
    assert (home / "data" / "rows").read_text() == "kept"


@pytest.mark.parametrize(
    "mark",
    [
        json.dumps({**MARK, "project": "/another/clone"}),
        json.dumps({**MARK, "pilothouse-stack": "other"}),
        "no JSON",
        "[]",
    ],
)
def test_a_home_of_another_stack_is_refused_and_stays_as_it_is(folder: Path, mark: str) -> None:
    home = Path(home_of(folder)["path"])
    home.mkdir(parents=True)
    (home / "pilothouse.json").write_text(mark)
    with pytest.raises(PilothouseError, match="set `home`"):
        HomeProvider().create(home_of(folder))
    assert [path.name for path in home.iterdir()] == ["pilothouse.json"]
    assert (home / "pilothouse.json").read_text() == mark


def test_a_folder_with_files_of_the_user_is_refused(folder: Path) -> None:
    home = Path(home_of(folder)["path"])
    home.mkdir(parents=True)
    (home / "thesis.txt").touch()
    with pytest.raises(PilothouseError, match="not empty"):
        HomeProvider().create(home_of(folder))
    assert [path.name for path in home.iterdir()] == ["thesis.txt"]


def test_a_home_of_an_earlier_version_is_adopted_and_marked(folder: Path) -> None:
    home = Path(home_of(folder)["path"])
    home.mkdir(parents=True)
    (home / "pilothouse.json").write_text(json.dumps({"pilothouse-stack": "pilot"}))
    HomeProvider().create(home_of(folder))
    assert json.loads((home / "pilothouse.json").read_text()) == MARK


def test_a_home_goes_with_all_that_is_in_it(folder: Path) -> None:
    made = create(HomeProvider(), home_of(folder))
    home = Path(made["path"])
    (home / "services" / "x").mkdir(parents=True)
    (home / "link").symlink_to(folder)
    HomeProvider().delete("home", made)
    HomeProvider().delete("home", made)
    assert not home.exists()
    assert folder.is_dir()
    assert is_gone(HomeProvider(), made)


def test_data_and_secrets_are_kept_if_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = create(HomeProvider(), home_of(folder))
    home = Path(made["path"])
    for name in ("data", "secrets", "dags", "log", "services", "tls"):
        (home / name).mkdir(exist_ok=True)
        (home / name / "file").write_text(name)
    monkeypatch.setenv(KEEP_DATA_VARIABLE, "1")
    HomeProvider().delete("home", made)
    kept = ["dags", "data", "pilothouse.json", "secrets"]
    assert sorted(path.name for path in home.iterdir()) == kept
    for name in ("data", "dags"):
        assert (home / name / "file").read_text() == name


def test_a_folder_of_dags_that_is_gone_is_made_again(folder: Path) -> None:
    made = create(HomeProvider(), home_of(folder))
    dags = Path(made["path"]) / "dags"
    assert mode_of(dags) & 0o077 == 0
    dags.rmdir()
    found = refresh(HomeProvider(), made)
    assert found["drift"] == "no folder of DAGs"
    update(HomeProvider(), found, home_of(folder))
    assert dags.is_dir()


def test_a_home_elsewhere_is_another_home(folder: Path) -> None:
    made = create(HomeProvider(), home_of(folder))
    moved = {**home_of(folder), "path": str(folder / "other")}
    assert HomeProvider().diff("home", made, moved).replaces == ["path"]
    assert not is_changed(HomeProvider(), made, home_of(folder))
