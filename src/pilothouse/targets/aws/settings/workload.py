"""The image and the secret of the team's workload."""

from pydantic import Field

from pilothouse.config.section import Section, rule


class WorkloadSettings(Section):
    """What the team's workload has on AWS."""

    image: str | None = Field(
        default=None,
        pattern=r"^[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[a-z0-9._/-]+"
        r"(:[A-Za-z0-9_.-]{1,128}|@sha256:[0-9a-f]{64})$",
        json_schema_extra=rule("an image in ECR with its tag or digest"),
        description="The image of the steps, in ECR of the stack's region, with `python`, boto3 "
        "and the Python of `workload.python`. Default: that of the built-in workload.",
    )
    secret: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9/_+=.@-]{1,512}$",
        json_schema_extra=rule("the name of a secret, not its ARN"),
        description="The secret of AWS Secrets Manager, in the stack's account and region, with "
        "the values of `workload.secrets`: a JSON document with the key of each name. The steps "
        "read it as they start.",
    )
