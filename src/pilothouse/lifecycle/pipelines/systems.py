"""The CI systems for which a pipeline can be written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pilothouse.errors import InvalidInput, Problem, one_of, shown


@dataclass(frozen=True, kw_only=True)
class System:
    """A system, by the name of the folder of its templates.

    file: where it looks for a pipeline, in the root of a repository.
    """

    name: str
    file: Path

    @property
    def templates(self) -> Path:
        """The folder of its templates."""
        return Path(__file__).parent / self.name

    def template(self, name: str) -> str:
        """The text of one of its templates; empty where it needs none of that name."""
        path = self.templates / name
        return path.read_text(encoding="utf-8") if path.exists() else ""


SYSTEMS = {
    system.name: system
    for system in (
        System(name="azure-devops", file=Path("azure-pipelines.yml")),
        System(name="github", file=Path(".github", "workflows", "pilothouse.yml")),
        System(name="gitlab", file=Path(".gitlab-ci.yml")),
    )
}


def find(name: str) -> System:
    """The system of that name; raises InvalidInput for an unknown one."""
    if system := SYSTEMS.get(name):
        return system
    remedy = one_of(name, sorted(SYSTEMS))
    raise InvalidInput([Problem(file="", key="system", found=shown(name), remedy=remedy)])
