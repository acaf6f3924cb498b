"""What DAGs import is locked together with Airflow, whose own versions stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from testkit.support.stacks import MINIMAL
from testkit.support.tools import uv

from pilothouse.config.platform_spec import Platform, load
from pilothouse.errors import InvalidInput
from pilothouse.packages import lock
from pilothouse.services.airflow import requirements

WANTED = MINIMAL + "orchestration: {requirements: requirements.txt}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose DAGs require `humanize`; uv is on PATH."""
    monkeypatch.setenv("PATH", str(uv().parent), prepend=":")
    (tmp_path / "platform.yaml").write_text(WANTED, encoding="utf-8")
    require(tmp_path, "humanize>=4")
    return tmp_path


def require(project: Path, *lines: str) -> None:
    (project / "requirements.txt").write_text("".join(f"{line}\n" for line in lines))


def platform(project: Path) -> Platform:
    return load(project / "platform.yaml", today=None)


def test_the_lock_is_airflows_with_what_is_required(project: Path) -> None:
    requirements.resolve(project, platform(project))
    text = (project / requirements.TEAM_LOCK).read_text(encoding="utf-8")
    own = lock.pins(requirements.LOCK.read_text(encoding="utf-8"))
    assert set(own) < set(lock.pins(text))
    added = requirements.additions(project, platform(project))
    assert lock.names(added) == {"humanize"}
    assert "--hash=sha256:" in added
    assert "://" not in text


def test_it_is_written_where_the_requirements_have_changed(project: Path) -> None:
    requirements.resolve(project, platform(project))
    assert requirements.is_resolved(project, platform(project))
    require(project, "humanize>=4", "boltons")
    assert not requirements.is_resolved(project, platform(project))
    assert requirements.additions(project, platform(project)) == ""
    requirements.resolve(project, platform(project))
    assert lock.names(requirements.additions(project, platform(project))) == {
        "humanize",
        "boltons",
    }


def test_what_contradicts_airflow_is_refused_and_the_lock_stays(project: Path) -> None:
    requirements.resolve(project, platform(project))
    before = (project / requirements.TEAM_LOCK).read_bytes()
    require(project, "sqlalchemy<1")
    with pytest.raises(
        InvalidInput, match=r"(?s)orchestration\.requirements.*sqlalchemy<1"
    ) as raised:
        requirements.resolve(project, platform(project))
    assert "allow the versions that Airflow has" in str(raised.value)
    assert (project / requirements.TEAM_LOCK).read_bytes() == before


def test_only_a_preview_makes_do_without_the_lock(project: Path) -> None:
    wanted = platform(project)
    assert requirements.lock_of(project, wanted, preview=True) == requirements.LOCK
    with pytest.raises(InvalidInput, match=r"airflow\.lock"):
        requirements.lock_of(project, wanted, preview=False)
    requirements.resolve(project, wanted)
    own = project / requirements.TEAM_LOCK
    assert requirements.lock_of(project, wanted, preview=False) == own


def test_without_requirements_airflow_has_its_own_lock(project: Path) -> None:
    (project / "platform.yaml").write_text(MINIMAL, encoding="utf-8")
    plain = platform(project)
    assert requirements.lock_of(project, plain, preview=False) == requirements.LOCK
    requirements.resolve(project, plain)
    assert not (project / requirements.TEAM_LOCK).exists()
