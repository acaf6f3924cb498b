"""The errors of the workload, each with what was found and what to do."""

from collections.abc import Sequence


class WorkloadError(Exception):
    """A step found that the platform did not do what it should; exit code 1."""

    exit_code = 1


class InvalidEnvironmentError(WorkloadError):
    """Environment variables that are missing or wrong, all of them at once; exit code 2."""

    exit_code = 2

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
