"""Sources of DAGs beside the workload's own."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from pilothouse.config.quantities import Duration
from pilothouse.config.section import Section, rule
from pilothouse.config.validation import refusal
from pilothouse.targets.kubernetes.settings.base import Destination, Name
from pilothouse.targets.kubernetes.settings.paths import FreePath

_REPOSITORY = r"^(https://[^\s]+|ssh://[^\s]+|[\w.-]+@[\w.-]+:[^\s]+)$"
_REF = r"^[A-Za-z0-9_][-A-Za-z0-9_./]*$"
_SUB_PATH = r"^([A-Za-z0-9_][-A-Za-z0-9_.]*(/[A-Za-z0-9_][-A-Za-z0-9_.]*)*)?$"


def _check_no_login(repository: str) -> str:
    address = repository.removeprefix("https://").partition("/")[0]
    if repository.startswith("https://") and "@" in address:
        remedy = "leave it out, and name a Secret with it as `secret`"
        raise refusal(found="a login in the URL", remedy=remedy)
    return repository


class GitSync(Section):
    """A git repository that git-sync pulls."""

    repository: Annotated[
        str, StringConstraints(pattern=_REPOSITORY), AfterValidator(_check_no_login)
    ] = Field(
        description="The URL of the repository, by https or ssh.",
        json_schema_extra=rule("a URL such as https://git.example.org/team/dags.git"),
    )
    ref: str = Field(
        default="main", pattern=_REF, description="The branch, the tag or the commit to check out."
    )
    sub_path: str = Field(
        default="",
        pattern=_SUB_PATH,
        description="The folder of the repository that has the DAGs.",
        json_schema_extra=rule("a relative path such as team/dags"),
    )
    period: Duration = Field(default="60s", description="The time between two pulls.")
    secret: Name | None = Field(
        max_length=50,  # a volume is named after it
        default=None,
        description="The Secret of the namespace with the credentials: the keys GITSYNC_USERNAME "
        "and GITSYNC_PASSWORD for https, `ssh` and `known_hosts` for ssh.",
    )
    egress: Destination | None = Field(
        default=None,
        description="The address of the git server, for the network policies. Required, unless "
        "`network.proxy` is to be asked for a repository by https.",
    )

    @property
    def keys(self) -> tuple[str, str]:
        """The keys that the Secret must have."""
        by_https = ("GITSYNC_USERNAME", "GITSYNC_PASSWORD")
        return ("ssh", "known_hosts") if self.by_ssh else by_https

    @property
    def by_ssh(self) -> bool:
        """Whether the repository is pulled by ssh."""
        return not self.repository.startswith("https://")

    @model_validator(mode="after")
    def _check_ssh_secret(self) -> Self:
        if self.by_ssh and self.secret is None:
            remedy = "name a Secret with the keys `ssh` and `known_hosts`"
            raise refusal(key="secret", found="nothing, with a repository by ssh", remedy=remedy)
        return self


class DagSettings(Section):
    """Sources of the team's DAGs."""

    git_sync: GitSync | None = Field(default=None, description="A git repository with DAGs.")
    image_folder: FreePath | None = Field(
        default=None, description="A folder of the `airflow` image with DAGs."
    )
