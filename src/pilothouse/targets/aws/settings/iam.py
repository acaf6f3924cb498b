"""What an organisation demands of the roles that are made in its accounts."""

from pydantic import Field

from pilothouse.config.section import Section, rule


class IamSettings(Section):
    """The path and the permissions boundary of every IAM role of the stack."""

    path: str = Field(
        default="/",
        max_length=512,
        pattern=r"^/([\x21-\x2e\x30-\x7e]+/)*$",
        json_schema_extra=rule("a path that begins and ends with a slash, such as /pilots/"),
        description="The path of the roles, where an organisation allows roles below it only.",
    )
    permissions_boundary: str | None = Field(
        default=None,
        pattern=r"^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[\x21-\x7e]+$",
        json_schema_extra=rule(
            "the ARN of a policy such as arn:aws:iam::123456789012:policy/Boundary"
        ),
        description="The ARN of the policy that is the permissions boundary of the roles. It has "
        "to allow what they need. The policies of `doctor --policy` set it when a role is created, "
        "and do not allow to change it later.",
    )
