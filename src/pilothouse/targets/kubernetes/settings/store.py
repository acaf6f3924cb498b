"""An external S3 store with existing buckets."""

import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from pilothouse.config.section import Section, rule
from pilothouse.config.validation import refusal
from pilothouse.errors import shown
from pilothouse.services.seaweedfs import REGION
from pilothouse.targets.kubernetes.settings.base import Network

SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
KEY_SUFFIXES = {"AWS_ACCESS_KEY_ID": "access", "AWS_SECRET_ACCESS_KEY": "secret"}
"""The suffix of the Secret's keys, by the environment variable of an S3 client."""

_ENDPOINT = re.compile(rf"https?://{SUBDOMAIN}(:(?P<port>[1-9][0-9]{{0,4}}))?")
_DEFAULT_PORTS = {"https": 443, "http": 80}
_LAST_PORT = 65535


def _check_endpoint(url: str) -> str:
    if "@" in url:
        remedy = "leave it out: the keys are in the Secret that `secret` names"
        raise refusal(found="a login in the URL", remedy=remedy)
    found = _ENDPOINT.fullmatch(url)
    if found is None or int(found["port"] or 0) > _LAST_PORT:
        remedy = "write a URL without a path, such as https://s3.example.org:9000"
        raise refusal(found=shown(url), remedy=remedy)
    return url


Bucket = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][-a-z0-9.]{1,61}[a-z0-9]$"),
    Field(json_schema_extra=rule("3 to 63 lower-case letters, digits, dashes and dots")),
]


class Buckets(Section):
    """Existing buckets, each for one role and for this stack alone."""

    data: Bucket = Field(description="The bucket for the workload's data sets and results.")
    artifacts: Bucket = Field(description="The bucket for MLflow's artifacts.")
    logs: Bucket = Field(description="The bucket for the logs of Airflow's tasks.")
    backups: Bucket | None = Field(
        default=None,
        description="The bucket for the backups of the stack's own database, if it has one.",
    )

    @model_validator(mode="after")
    def _check_not_shared(self) -> Self:
        named: dict[str, str] = {}
        for role, bucket in self:
            if bucket in named:
                found = f"{shown(bucket)}, which is the bucket of {named[bucket]} too"
                raise refusal(key=role, found=found, remedy="name a bucket of its own")
            named |= {bucket: role} if bucket else {}
        return self


class ObjectStore(Section):
    """An external S3 store with a bucket for each role, and the keys of each bucket."""

    endpoint: Annotated[str, AfterValidator(_check_endpoint)] = Field(
        description="The URL of the store, reachable from pods and from where `verify` runs."
    )
    region: str = Field(
        default=REGION,
        pattern=r"^[a-z0-9-]{1,63}$",
        description="The region that requests are signed for.",
    )
    cidr: Network = Field(
        description="The network of the store's addresses: network policies know no host names."
    )
    secret: str = Field(
        pattern=rf"^{SUBDOMAIN}$",
        max_length=253,
        description="The Secret of the stack's namespace whose keys `<role>-access` and "
        "`<role>-secret` are the access key and the secret key of each role's bucket.",
    )
    buckets: Buckets = Field(description="The bucket of each role.")

    @property
    def port(self) -> int:
        """The port of the endpoint."""
        url = urlsplit(self.endpoint)
        return url.port or _DEFAULT_PORTS[url.scheme]

    def keys(self, role: str) -> dict[str, str]:
        """The keys of the Secret for the bucket of `role`, by the variables of an S3 client."""
        return {variable: f"{role}-{end}" for variable, end in KEY_SUFFIXES.items()}
