"""An external S3 store with existing buckets, opened by keys or by roles of the pods' accounts."""

import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from pilothouse.config.section import Section, rule
from pilothouse.config.validation import refusal
from pilothouse.errors import shown
from pilothouse.services.seaweedfs import REGION
from pilothouse.targets.kubernetes.settings.base import SUBDOMAIN, Network
from pilothouse.targets.kubernetes.settings.component_table import BUCKET_CLIENTS

KEY_SUFFIXES = {"AWS_ACCESS_KEY_ID": "access", "AWS_SECRET_ACCESS_KEY": "secret"}
"""The suffix of the Secret's keys, by the environment variable of an S3 client."""

_ENDPOINT = re.compile(rf"https?://{SUBDOMAIN}(:(?P<port>[1-9][0-9]{{0,4}}))?")
_DEFAULT_PORTS = {"https": 443, "http": 80}
_LAST_PORT = 65535
HTTPS = 443
ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"
"""The annotation of a service account whose pods get credentials of a role."""
POD_IDENTITY_AGENT = (("169.254.170.23/32", 80), ("fd00:ec2::23/128", 80))
"""The addresses of the EKS Pod Identity Agent on each node."""
ANY_ADDRESS = ""
_WAYS = ("secret", "roleArns", "podIdentity")


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


RoleArn = Annotated[
    str,
    StringConstraints(
        pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$", max_length=700
    ),
    Field(json_schema_extra=rule("a role such as arn:aws:iam::123456789012:role/pilot-data")),
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


class RoleArns(Section):
    """The IAM roles of the service accounts that use each bucket (IRSA)."""

    data: RoleArn = Field(description="The role that opens the bucket `data`.")
    artifacts: RoleArn = Field(description="The role that opens the bucket `artifacts`.")
    logs: RoleArn = Field(description="The role that opens the bucket `logs`.")
    backups: RoleArn | None = Field(
        default=None, description="The role that opens the bucket `backups`, if there is one."
    )


class ObjectStore(Section):
    """An external S3 store with a bucket for each role.

    Pods open the buckets with the keys of a Secret, with IAM roles of their service accounts
    (`roleArns`), or with EKS Pod Identity.
    """

    endpoint: Annotated[str, AfterValidator(_check_endpoint)] | None = Field(
        default=None,
        description="The URL of the store, reachable from pods and, with `secret`, from where "
        "`verify` runs. By default Amazon S3 in `region`.",
    )
    region: str = Field(
        default=REGION,
        pattern=r"^[a-z0-9-]{1,63}$",
        description="The region that requests are signed for. Required without `endpoint`.",
    )
    cidr: Network | None = Field(
        default=None,
        description="The network of the store's addresses, and with `roleArns` of those of STS: "
        "network policies know no host names. Required with `endpoint`; without it the default "
        "is any address at port 443, since the addresses of Amazon S3 change.",
    )
    secret: str | None = Field(
        default=None,
        pattern=rf"^{SUBDOMAIN}$",
        max_length=253,
        description="The Secret of the stack's namespace whose keys `<role>-access` and "
        "`<role>-secret` are the access key and the secret key of each role's bucket.",
    )
    role_arns: RoleArns | None = Field(
        default=None,
        description="In place of `secret`: the IAM roles of the service accounts, by bucket. "
        "The stack annotates the accounts with them.",
    )
    pod_identity: bool = Field(
        default=False,
        description="In place of `secret`: whether EKS Pod Identity associations, which you "
        "create, give the service accounts their roles.",
    )
    buckets: Buckets = Field(description="The bucket of each role.")

    @model_validator(mode="after")
    def _check_credentials(self) -> Self:
        given = (self.secret, self.role_arns, self.pod_identity)
        named = [way for way, value in zip(_WAYS, given, strict=True) if value]
        if not named:
            remedy = (
                "name the Secret with the keys of the buckets; or, where service accounts have "
                "roles, add roleArns with the role of each bucket, or podIdentity: true"
            )
            raise refusal(key="secret", found="nothing", remedy=remedy)
        if len(named) > 1:
            remedy = "keep one: an S3 client takes keys before a role"
            raise refusal(key=named[1], found=" and ".join(named), remedy=remedy)
        return self

    @model_validator(mode="after")
    def _check_role_of_backups(self) -> Self:
        if self.role_arns and self.buckets.backups and not self.role_arns.backups:
            remedy = "add it: the role that opens the bucket of backups"
            raise refusal(key=("roleArns", "backups"), found="nothing", remedy=remedy)
        return self

    @model_validator(mode="after")
    def _check_address(self) -> Self:
        if self.endpoint is None and "region" not in self.model_fields_set:
            remedy = "add it: the region of the buckets, or add endpoint for another store than S3"
            raise refusal(key="region", found="nothing, without endpoint", remedy=remedy)
        if self.endpoint and self.cidr is None:
            remedy = "add it: the network of the store's addresses"
            raise refusal(key="cidr", found="nothing", remedy=remedy)
        return self

    @property
    def port(self) -> int:
        """The port of the endpoint."""
        if self.endpoint is None:
            return HTTPS
        url = urlsplit(self.endpoint)
        return url.port or _DEFAULT_PORTS[url.scheme]

    @property
    def destinations(self) -> tuple[tuple[str, int], ...]:
        """The networks and ports that clients connect to; `ANY_ADDRESS` is every network."""
        network = self.cidr or ANY_ADDRESS
        sign_in = ((network, HTTPS),) if self.role_arns else ()
        agent = POD_IDENTITY_AGENT if self.pod_identity else ()
        return tuple(dict.fromkeys(((network, self.port), *sign_in, *agent)))

    def keys(self, role: str) -> dict[str, str]:
        """The keys of the Secret for the bucket of `role`, by the variables of an S3 client."""
        return {variable: f"{role}-{end}" for variable, end in KEY_SUFFIXES.items()}

    def account_annotations(self, component: str) -> dict[str, str]:
        """The annotations of a component's service account: the role of the bucket that it uses."""
        roles = (role for role, clients in BUCKET_CLIENTS.items() if component in clients)
        arn = getattr(self.role_arns, next(roles, ""), None)
        return {ROLE_ANNOTATION: arn} if arn else {}
