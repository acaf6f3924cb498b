"""A requirements file of MWAA, and the constraints that pip holds it to: read and compared.

pip installs it when the environment starts, which takes half an hour, and tells a log of errors
only. So what pip would refuse is refused before. Which packages a requirement brings along is known
to a resolver with a package index only, and not looked for here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pilothouse.errors import InvalidInput, Problem, one_of, shown

CONSTRAINT = ("-c", "--constraint")
_IMPOSSIBLE: Mapping[str, str] = {
    "-r": "copy its lines: MWAA reads one requirements file",
    "--requirement": "copy its lines: MWAA reads one requirements file",
    "-e": "put the code into the plugins: MWAA has no folder of the project",
    "--editable": "put the code into the plugins: MWAA has no folder of the project",
}
_OPTIONS = (
    *CONSTRAINT,
    *("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--no-index"),
    *("--no-binary", "--only-binary", "--prefer-binary", "--pre", "--require-hashes"),
    *("--trusted-host", "--use-feature"),
)
"""The options that pip takes in a requirements file, but for the impossible ones."""

_COMMENT = re.compile(r"(^|\s)#.*$")
_OF_REQUIREMENT = re.compile(r"\s--(hash|config-settings|global-option)[= ].*$")
_CREDENTIALS = re.compile(r"://[^/\s]*@")
_DISTRIBUTION = re.compile(r"(https://|/usr/local/airflow/(plugins|dags)/)\S+")
_PUBLISHED = re.compile(r".*/apache/airflow/constraints-([^/]+)/constraints-([0-9.]+)\.txt")
_AIRFLOW = frozenset({"apache-airflow", "apache-airflow-core"})


@dataclass(frozen=True)
class Line:
    """A requirement and its 1-based line."""

    number: int
    requirement: Requirement

    @property
    def name(self) -> str:
        """The package's name as an index compares it."""
        return canonicalize_name(self.requirement.name)

    @property
    def pin(self) -> str:
        """The one version that it allows; empty where it allows several."""
        versions = [
            item.version
            for item in self.requirement.specifier
            if item.operator in ("==", "===") and "*" not in item.version
        ]
        return versions[0] if versions else ""


@dataclass(frozen=True)
class Requirements:
    """A requirements file or a constraints file, as it was read.

    file: its name in messages. constraint: the line and the value of its `--constraint`.
    """

    file: str
    text: str
    lines: Sequence[Line] = ()
    constraint: tuple[int, str] | None = None

    def problem(self, number: int, found: str, remedy: str) -> Problem:
        """A problem with a line."""
        return Problem(file=self.file, line=number, key="", found=found, remedy=remedy)

    def applying(self, python: str) -> Iterator[Line]:
        """The lines whose markers hold in MWAA's Python on Linux."""
        environment = {
            "python_version": python,
            "python_full_version": f"{python}.0",
            "sys_platform": "linux",
            "platform_system": "Linux",
            "platform_machine": "x86_64",
            "os_name": "posix",
        }
        for line in self.lines:
            if not line.requirement.marker or line.requirement.marker.evaluate(environment):
                yield line


def read(file: str, text: str) -> Requirements:
    """Read a file by its name in messages; raises InvalidInput with each line that pip refuses."""
    reader = _Reader(Requirements(file, text))
    for number, line in _logical_lines(text):
        reader.take(number, line)
    if reader.problems:
        raise InvalidInput(reader.problems)
    return Requirements(file, text, tuple(reader.lines), reader.constraint)


def find_contradictions(
    requirements: Requirements,
    constraints: Requirements | None,
    *,
    airflow: str,
    python: str,
) -> Iterator[Problem]:
    """Where the requirements contradict the environment's Airflow or the constraints.

    airflow, python: the versions in the environment.
    """
    yield from _of_constraint_line(requirements, constraints, airflow, python)
    if constraints:
        yield from _of_airflow(constraints, airflow, python)
    yield from _of_airflow(requirements, airflow, python)
    known = {line.name: line for line in constraints.applying(python)} if constraints else {}
    for line in requirements.applying(python):
        held = known.get(line.name)
        if constraints and held and not _agree(line, held):
            yield requirements.problem(
                line.number,
                f"{shown(str(line.requirement))}, where {constraints.file}:{held.number} has "
                f"{held.requirement.specifier}",
                "write what the constraints allow, or change that line of them",
            )


def _of_airflow(file: Requirements, airflow: str, python: str) -> Iterator[Problem]:
    for line in file.applying(python):
        if line.name in _AIRFLOW and not line.requirement.specifier.contains(airflow):
            remedy = f"write {airflow}, or set orchestration.version"
            found = f"{shown(str(line.requirement))} with orchestration.version {airflow}"
            yield file.problem(line.number, found, remedy)


def _of_constraint_line(
    requirements: Requirements, constraints: Requirements | None, airflow: str, python: str
) -> Iterator[Problem]:
    if not requirements.constraint:
        return
    number, value = requirements.constraint
    if constraints:
        remedy = "remove the line: the environment gets that file as its constraints"
        found = f"a --constraint beside orchestration.constraints {shown(constraints.file)}"
        yield requirements.problem(number, found, remedy)
    published = _PUBLISHED.fullmatch(value)
    if published and published.groups() != (airflow, python):
        theirs = f"Airflow {published[1]} with Python {published[2]}"
        yield requirements.problem(
            number,
            f"the constraints of {theirs}, where MWAA has {airflow} with {python}",
            f"write constraints-{airflow}/constraints-{python}.txt in its URL",
        )


def _agree(line: Line, held: Line) -> bool:
    """Whether some version can satisfy both, as far as one of them names a single version."""
    return _allows(line.requirement.specifier, held.pin) and _allows(
        held.requirement.specifier, line.pin
    )


def _allows(specifier: SpecifierSet, version: str) -> bool:
    return not version or specifier.contains(version, prereleases=True)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with the number of its first part, without comments and continuations."""
    begun, parts = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        begun = begun or number
        whole = _COMMENT.sub("", line).rstrip()
        parts += whole.removesuffix("\\")
        if not whole.endswith("\\"):
            if parts.strip():
                yield begun, parts.strip()
            begun, parts = 0, ""
    if parts.strip():
        yield begun, parts.strip()


@dataclass
class _Reader:
    """What was read so far of a file."""

    of: Requirements
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    constraint: tuple[int, str] | None = None

    def take(self, number: int, text: str) -> None:
        """Read a line."""
        if _CREDENTIALS.search(text):
            remedy = "name an index without them, or put the packages as wheels into the plugins"
            self._refuse(number, "a URL with credentials", remedy)
        elif text.startswith("-"):
            self._take_option(number, text)
        elif not _DISTRIBUTION.fullmatch(_OF_REQUIREMENT.sub("", text)):
            self._take_requirement(number, _OF_REQUIREMENT.sub("", text))

    def _take_option(self, number: int, text: str) -> None:
        name, *rest = re.split(r"[=\s]+", text, maxsplit=1)
        if name in _IMPOSSIBLE:
            self._refuse(number, shown(name), _IMPOSSIBLE[name])
        elif name not in _OPTIONS:
            self._refuse(number, f"the option {shown(name)}", one_of(name, _OPTIONS))
        elif name in CONSTRAINT:
            self._take_constraint(number, "".join(rest).strip("\"'"))

    def _take_constraint(self, number: int, value: str) -> None:
        if not _DISTRIBUTION.fullmatch(value):
            remedy = (
                "write an https URL, or name the file as orchestration.constraints: MWAA has no "
                "other file of the project"
            )
            self._refuse(number, f"the constraints {shown(value)}", remedy)
        self.constraint = number, value

    def _take_requirement(self, number: int, text: str) -> None:
        try:
            line = Line(number, Requirement(text))
        except InvalidRequirement as error:
            reason = str(error).splitlines()[0]
            remedy = f"write a requirement such as pandas==2.2.3: {reason}"
            self._refuse(number, shown(text), remedy)
            return
        for other in self.lines:
            same_marker = str(other.requirement.marker) == str(line.requirement.marker)
            if other.name == line.name and same_marker:
                found = f"{shown(line.requirement.name)} again, after line {other.number}"
                self._refuse(number, found, "keep one of them: pip takes a package once")
        self.lines.append(line)

    def _refuse(self, number: int, found: str, remedy: str) -> None:
        self.problems.append(self.of.problem(number, found, remedy))
