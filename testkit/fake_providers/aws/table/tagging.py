"""How services tag: with the creation, and afterwards."""

from __future__ import annotations

from testkit.fake_providers.aws.entry import Call, Read, TagCalls

PAIRS = "pairs(in.tags)"
EC2 = TagCalls(
    add=Call(operation="create_tags", request="{Resources: [id], Tags: pairs(tags)}"),
    remove=Call(operation="delete_tags", request="{Resources: [id], Tags: keys[].{Key: @}}"),
)


def ec2(kind: str) -> str:
    """The tags of an EC2 resource that is being made."""
    return f"in.tags && [{{ResourceType: '{kind}', Tags: pairs(in.tags)}}] || `null`"


def by_arn(arn: str, names: tuple[str, str, str], *, as_map: bool = False) -> TagCalls:
    """`tag_resource` and `untag_resource`: the parameters' names for ARN, tags and keys."""
    of, tags, keys = names
    given = "tags" if as_map else "pairs(tags)"
    return TagCalls(
        add=Call(operation="tag_resource", request=f"{{{of}: {arn}, {tags}: {given}}}"),
        remove=Call(operation="untag_resource", request=f"{{{of}: {arn}, {keys}: keys}}"),
    )


def listed(arn: str, parameter: str, pick: str, operation: str = "list_tags_for_resource") -> Read:
    """The tags that a thing has, as `has`."""
    return Read(name="has", operation=operation, request=f"{{{parameter}: {arn}}}", pick=pick)
