"""An S3 store that is there already: what the stack file says of it."""

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
KEYS = {"AWS_ACCESS_KEY_ID": "access", "AWS_SECRET_ACCESS_KEY": "secret"}
"""What the Secret's keys end in, by the variable that a client takes their values from."""

_ENDPOINT = re.compile(rf"https?://{SUBDOMAIN}(:(?P<port>[1-9][0-9]{{0,4}}))?")
_USUAL_PORTS = {"https": 443, "http": 80}
_LAST_PORT = 65535


def _is_endpoint(url: str) -> str:
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
    """Buckets that are there, each for one role and for this stack alone."""

    data: Bucket = Field(description="For the workload's data sets and results.")
    artifacts: Bucket = Field(description="For MLflow's artifacts.")
    logs: Bucket = Field(description="For the logs of Airflow's tasks.")
    backups: Bucket | None = Field(
        default=None, description="For the backups of the stack's own database, if it has one."
    )

    @model_validator(mode="after")
    def _are_not_shared(self) -> Self:
        named: dict[str, str] = {}
        for role, bucket in self:
            if bucket in named:
                found = f"{shown(bucket)}, which is the bucket of {named[bucket]} too"
                raise refusal(key=role, found=found, remedy="name a bucket of its own")
            named |= {bucket: role} if bucket else {}
        return self


class ObjectStore(Section):
    """An S3 store with buckets that are there, and keys for each of them."""

    endpoint: Annotated[str, AfterValidator(_is_endpoint)] = Field(
        description="Its URL, as pods and whoever runs `verify` reach it."
    )
    region: str = Field(
        default=REGION, pattern=r"^[a-z0-9-]{1,63}$", description="What requests are signed for."
    )
    cidr: Network = Field(description="The network of its addresses: policies know no names.")
    secret: str = Field(
        pattern=rf"^{SUBDOMAIN}$",
        max_length=253,
        description="The Secret of the stack's namespace whose keys `<role>-access` and "
        "`<role>-secret` open the bucket of each role.",
    )
    buckets: Buckets = Field(description="The buckets by role.")

    @property
    def port(self) -> int:
        """The port of the endpoint."""
        url = urlsplit(self.endpoint)
        return url.port or _USUAL_PORTS[url.scheme]

    def keys(self, role: str) -> dict[str, str]:
        """The Secret's keys that open the bucket of `role`, by the variables of an S3 client."""
        return {variable: f"{role}-{end}" for variable, end in KEYS.items()}
