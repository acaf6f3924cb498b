"""The `aws` target's own settings, under `pilothouse:aws` in the stack file."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from pilothouse.config.section import Section, rule
from pilothouse.config.validation import refusal
from pilothouse.errors import one_of, shown
from pilothouse.plan import Plan
from pilothouse.targets.aws.settings import instances
from pilothouse.targets.aws.settings.cost import CostSettings
from pilothouse.targets.aws.settings.iam import IamSettings
from pilothouse.targets.aws.settings.network import ZONES, NetworkSettings
from pilothouse.targets.aws.settings.orchestration import OrchestrationSettings, engine_of
from pilothouse.targets.aws.settings.regions import BY_REGION, WITHOUT_MWAA
from pilothouse.targets.aws.settings.storage import StorageSettings
from pilothouse.targets.aws.settings.workload import WorkloadSettings

MOST_TAGS = 40
"""Tags that a team may add: AWS allows 50 on a resource, and the platform adds its own."""

_TAG_KEY = re.compile(r"[\w .:/=+@-]{1,128}")
_TAG_VALUE = re.compile(r"[\w .:/=+@-]{0,256}")
_EMAIL = re.compile(r"(?=.{6,254}$)[^@\s]+@[^@\s]+\.[^@\s]+")


def _check_region(name: str) -> str:
    if name not in BY_REGION:
        raise refusal(found=shown(name), remedy=one_of(name, sorted(BY_REGION)))
    return name


def _check_tags(tags: dict[str, str]) -> dict[str, str]:
    if len(tags) > MOST_TAGS:
        raise refusal(found=f"{len(tags)} tags", remedy=f"keep at most {MOST_TAGS}")
    seen: dict[str, str] = {}
    for key, value in tags.items():
        _check_tag(key, value)
        other = seen.setdefault(key.lower(), key)
        if other != key:
            found = f"{shown(key)} beside {shown(other)}"
            remedy = "keep one of them: IAM takes keys that differ in case only for one key"
            raise refusal(key=key, found=found, remedy=remedy)
    return tags


def _check_tag(key: str, value: str) -> None:
    if key.lower().startswith("aws:") or key.startswith("pilothouse-") or key == "Name":
        remedy = "choose another key: aws: is AWS's, pilothouse- and Name are the platform's"
        raise refusal(key=key, found=shown(key), remedy=remedy)
    if not _TAG_KEY.fullmatch(key):
        remedy = "write a key of up to 128 letters, digits, spaces and . : / = + - @ _"
        raise refusal(key=key, found=shown(key), remedy=remedy)
    if not _TAG_VALUE.fullmatch(value):
        remedy = "write a value of up to 256 letters, digits, spaces and . : / = + - @ _"
        raise refusal(key=key, found=shown(value), remedy=remedy)


def _check_email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        remedy = "write an e-mail address such as ml-team@example.org"
        raise refusal(found=shown(text), remedy=remedy)
    return text


Email = Annotated[str, AfterValidator(_check_email)]


class TrackingSettings(Section):
    """SageMaker's MLflow."""

    server: Literal["app", "tracking-server"] = Field(
        default="app",
        description="`app`: serverless MLflow. `tracking-server`: a server billed by the hour.",
    )
    size: Literal["Small", "Medium", "Large"] | None = Field(
        default=None,
        description="Size of the tracking server. Default: the platform's size.",
    )

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        if self.size and self.server == "app":
            remedy = "remove it, or set server: tracking-server"
            raise refusal(key="size", found=f"{shown(self.size)} with server: app", remedy=remedy)
        return self


class ComputeSettings(Section):
    """SageMaker jobs and Studio."""

    instance_type: str | None = Field(
        default=None,
        pattern=instances.TYPE,
        json_schema_extra=rule("an instance type of SageMaker such as ml.m5.large"),
        description="Instance type of the jobs. Default: chosen by the platform's size and GPUs.",
    )
    image: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$",
        json_schema_extra=rule("a tag of up to 128 letters, digits, dots, dashes, underscores"),
        description="Tag of the workload's image in the stack's repository. Default: the version "
        "of this package.",
    )
    domain: bool = Field(default=False, description="Create a SageMaker Studio domain for people.")


class BudgetSettings(Section):
    """Scope and recipients of the monthly budget of `platform.yaml`."""

    scope: Literal["account", "tags"] = Field(
        default="account",
        description="`account`: all costs of the account. `tags`: costs of resources with the "
        "stack's tag, which has to be activated as a cost allocation tag first.",
    )
    at_limit: Literal["stop-jobs", "tell"] = Field(
        default="stop-jobs",
        description="What happens when the costs that AWS has billed reach the budget. "
        "`stop-jobs`: an action of AWS Budgets denies new jobs to the stack's roles, if there are "
        "recipients. `tell`: recipients are mailed, and jobs go on.",
    )
    emails: list[Email] | None = Field(
        default=None,
        min_length=1,
        max_length=10,
        description="Recipients of budget alerts. Default: the platform's owner, if that is an "
        "e-mail address.",
    )


class AwsSettings(Section):
    """Account, region and options of a stack.

    Credentials are found as the AWS CLI finds them.
    """

    region: Annotated[str, AfterValidator(_check_region)] = Field(
        json_schema_extra={"enum": [*sorted(BY_REGION)]},
        description="The region that everything is made in, such as eu-west-1.",
    )
    account_id: str = Field(
        pattern=r"^[0-9]{12}$",
        json_schema_extra=rule('the account\'s 12 digits in quotes, such as "123456789012"'),
        description="Account of all resources: 12 digits in quotes.",
    )
    zones: list[str] | None = Field(
        default=None,
        description="Two availability zones of the region. Default: its a and b.",
    )
    iam: IamSettings = Field(default_factory=IamSettings, description="IAM roles.")
    network: NetworkSettings = Field(default_factory=NetworkSettings, description="Network.")
    storage: StorageSettings = Field(
        default_factory=StorageSettings, description="Encryption at rest."
    )
    tracking: TrackingSettings = Field(
        default_factory=TrackingSettings, description="SageMaker's MLflow."
    )
    orchestration: OrchestrationSettings = Field(
        default_factory=OrchestrationSettings, description="Orchestration service and its size."
    )
    compute: ComputeSettings = Field(
        default_factory=ComputeSettings, description="SageMaker jobs and Studio."
    )
    budget: BudgetSettings = Field(
        default_factory=BudgetSettings, description="Scope and recipients of the budget."
    )
    workload: WorkloadSettings = Field(
        default_factory=WorkloadSettings, description="The team's own workload."
    )
    cost: CostSettings = Field(
        default_factory=CostSettings, description="What the estimate of costs assumes."
    )
    tags: Annotated[dict[str, str], AfterValidator(_check_tags)] = Field(
        default_factory=dict, description="Tags of all resources besides the platform's own."
    )

    @field_validator("zones")
    @classmethod
    def _check_two_zones(cls, zones: list[str] | None) -> list[str] | None:
        if zones is not None and len(set(zones)) != ZONES:
            remedy = "name two different zones, or leave it out"
            raise refusal(found=shown(", ".join(zones)), remedy=remedy)
        return zones

    @model_validator(mode="after")
    def _check_region_support(self, info: ValidationInfo) -> Self:
        for zone in self.zones or ():
            if not re.fullmatch(rf"{self.region}[a-f]", zone):
                remedy = f"name zones of {self.region}, such as {self.region}a"
                raise refusal(key="zones", found=shown(zone), remedy=remedy)
        boundary = self.iam.permissions_boundary
        owners = (f":{self.account_id}:", ":aws:")
        if boundary and not boundary.startswith(
            tuple(f"arn:{self.partition}:iam:{owner}" for owner in owners)
        ):
            remedy = f"name a policy of account {self.account_id} in partition {self.partition}"
            raise refusal(key="iam.permissionsBoundary", found=shown(boundary), remedy=remedy)
        if self.zones and self.network.vpc_id:
            remedy = "remove it: the subnets of network.privateSubnetIds are in theirs"
            raise refusal(key="zones", found="zones with network.vpcId", remedy=remedy)
        if self.network.egress == "endpoints" and not BY_REGION[self.region].endpoints:
            remedy = "set nat: endpoints have other names in this region"
            raise refusal(key="network.egress", found="endpoints", remedy=remedy)
        if self.region in WITHOUT_MWAA and engine_of(info) == "airflow":
            remedy = "choose another, or set orchestration.engine: managed in platform.yaml"
            found = f"{shown(self.region)}, where MWAA is not offered"
            raise refusal(key="region", found=found, remedy=remedy)
        return self

    @model_validator(mode="after")
    def _check_key(self, info: ValidationInfo) -> Self:
        key_arn = self.storage.key_arn
        here = f"arn:{self.partition}:kms:{self.region}:"
        if key_arn and not key_arn.startswith(here):
            remedy = f"name a key in {self.region}, whose ARN begins with {here}"
            raise refusal(key="storage.keyArn", found=shown(key_arn), remedy=remedy)
        if self.storage.is_multi_region and engine_of(info) == "airflow":
            remedy = (
                "name a single-Region key, or set orchestration.engine: managed in platform.yaml"
            )
            found = "a multi-Region key, which MWAA does not support"
            raise refusal(key="storage.keyArn", found=found, remedy=remedy)
        return self

    @model_validator(mode="after")
    def _check_gpus(self, info: ValidationInfo) -> Self:
        platform = (info.context or {}).get("platform")
        named = self.compute.instance_type
        if platform is None or named is None or instances.gpus(named) >= platform.compute.gpus:
            return self
        asked = platform.compute.gpus
        raise refusal(
            key="compute.instanceType",
            found=f"{shown(named)} with compute.gpus: {asked} in platform.yaml",
            remedy=f"choose a type with {asked} GPUs, such as {instances.choose('small', asked)}",
        )

    @property
    def partition(self) -> str:
        """The region's partition, which its ARNs begin with after `arn:`."""
        return BY_REGION[self.region].name

    @property
    def dns_suffix(self) -> str:
        """The domain of the services' hosts in the region's partition."""
        return BY_REGION[self.region].dns_suffix

    @property
    def role_path(self) -> str:
        """The path of the stack's IAM roles, which begins and ends with a slash."""
        return self.iam.path

    @property
    def zone_names(self) -> list[str]:
        """The two availability zones."""
        return self.zones or [f"{self.region}{letter}" for letter in "ab"]

    @property
    def has_key(self) -> bool:
        """Whether a KMS key of a customer's encrypts the stack: its own, or the named one."""
        return self.storage.encryption == "kms"

    def all_tags(self, own: Mapping[str, str]) -> dict[str, str]:
        """`own`, the platform's tags, and those of the team."""
        return {**self.tags, **own}


AwsPlan = Plan[AwsSettings]
"""A plan with the settings of this target."""
