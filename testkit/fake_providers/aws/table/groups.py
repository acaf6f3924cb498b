"""Security groups and their rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from testkit.fake_providers.aws.entry import Call, Caller, Context, Entry, Put, Read
from testkit.fake_providers.aws.table import tagging

Rule = Mapping[str, Any]
_RANGES = {
    "cidrBlocks": ("IpRanges", "CidrIp"), "ipv6CidrBlocks": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListIds": ("PrefixListIds", "PrefixListId"),
    "securityGroups": ("UserIdGroupPairs", "GroupId"),
}  # fmt: skip

_FORGETFUL = "PrefixListIds"  # moto forgets what was said of them


def _set_rules(call: Caller, context: Context) -> None:
    """Have exactly the rules that are wanted, and none that AWS makes by itself."""
    group = call("ec2", "describe_security_groups", GroupIds=[context["id"]])["SecurityGroups"][0]
    for way, live in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
        wanted = [_permission(rule, context["id"]) for rule in context["in"].get(way) or []]
        if _atoms(wanted) == _atoms(group[live]):
            continue
        if group[live]:
            call("ec2", f"revoke_security_group_{way}",
                 GroupId=context["id"], IpPermissions=group[live])  # fmt: skip
        if wanted:
            call("ec2", f"authorize_security_group_{way}",
                 GroupId=context["id"], IpPermissions=wanted)  # fmt: skip


def _permission(rule: Rule, group: str) -> dict[str, Any]:
    """A rule as EC2 has it; for every protocol there are no ports."""
    said = {"Description": rule["description"]} if rule.get("description") else {}
    made: dict[str, Any] = {"IpProtocol": str(rule["protocol"])}
    if made["IpProtocol"] != "-1":
        made |= {"FromPort": rule["fromPort"], "ToPort": rule["toPort"]}
    for name, (kind, key) in _RANGES.items():
        targets = list(rule.get(name) or [])
        if name == "securityGroups" and rule.get("self"):
            targets.append(group)
        if targets:
            made[kind] = [{key: target} | said for target in targets]
    return made


def _atoms(permissions: Sequence[Rule]) -> frozenset[tuple[Any, ...]]:
    """Permissions taken apart: one target each."""
    return frozenset(_atoms_of(permissions))


def _atoms_of(permissions: Sequence[Rule]) -> Iterator[tuple[Any, ...]]:
    for each in permissions:
        ports = () if each["IpProtocol"] == "-1" else (each.get("FromPort"), each.get("ToPort"))
        for kind, key in _RANGES.values():
            for target in each.get(kind) or []:
                said = "" if kind == _FORGETFUL else target.get("Description") or ""
                yield each["IpProtocol"], ports, kind, target[key], said


def _seen(way: str, live: str) -> Any:
    """The rules as they were written, if that is what they are; else as they are."""

    def seen(context: Context) -> Any:
        old = context["in"].get(way) or []
        found = context["it"][live]
        if _atoms([_permission(rule, context["id"]) for rule in old]) == _atoms(found):
            return old
        return [_rule(atom, context["id"]) for atom in sorted(_atoms(found))]

    return seen


def _rule(atom: tuple[Any, ...], group: str) -> dict[str, Any]:
    protocol, ports, kind, target, description = atom
    low, high = ports or (0, 0)
    rule = {"protocol": protocol, "fromPort": low, "toPort": high}
    rule |= {"description": description} if description else {}
    if kind == "UserIdGroupPairs" and target == group:
        return rule | {"self": True}
    name = next(name for name, (theirs, _) in _RANGES.items() if theirs == kind)
    return rule | {name: [target]}


def _one_rule(way: str) -> Entry:
    """A rule that is a resource of its own."""
    target = (
        "IpRanges: in.cidrIpv4 && [{CidrIp: in.cidrIpv4, Description: in.description}] || `null`, "
        "PrefixListIds: in.prefixListId && [{PrefixListId: in.prefixListId, "
        "Description: in.description}] || `null`, "
        "UserIdGroupPairs: in.referencedSecurityGroupId && [{GroupId: "
        "in.referencedSecurityGroupId, Description: in.description}] || `null`"
    )
    return Entry(
        service="ec2",
        create=Call(
            operation=f"authorize_security_group_{way}",
            request="{GroupId: in.securityGroupId, "
            f"TagSpecifications: {tagging.ec2('security-group-rule')}, "
            "IpPermissions: [{IpProtocol: in.ipProtocol, FromPort: in.fromPort, "
            f"ToPort: in.toPort, {target}}}]}}",
        ),
        id="made.SecurityGroupRules[0].SecurityGroupRuleId",
        reads=(
            Read(
                operation="describe_security_group_rules",
                request="{SecurityGroupRuleIds: [id]}", pick="SecurityGroupRules[0]",
            ),
        ),
        seen={
            "tags": "mapped(it.Tags)", "securityGroupId": "it.GroupId",
            "ipProtocol": "it.IpProtocol", "cidrIpv4": "it.CidrIpv4",
            "fromPort": "it.FromPort", "toPort": "it.ToPort", "prefixListId": "it.PrefixListId",
            "referencedSecurityGroupId": "it.ReferencedGroupInfo.GroupId",
            "description": "it.Description",
        },
        outputs={"securityGroupRuleId": "id"},
        names=("securityGroupId",),
        delete=(
            Call(
                operation=f"revoke_security_group_{way}",
                request="{GroupId: it.GroupId, SecurityGroupRuleIds: [id]}",
            ),
        ),
        tags=tagging.EC2,
    )  # fmt: skip


_READ = Read(
    operation="describe_security_groups", request="{GroupIds: [id]}", pick="SecurityGroups[0]"
)
_SEEN = {
    "tags": "mapped(it.Tags)", "vpcId": "it.VpcId",
    "ingress": _seen("ingress", "IpPermissions"), "egress": _seen("egress", "IpPermissionsEgress"),
}  # fmt: skip
_ARN = "join('', ['arn:aws:ec2:', region, ':', account, ':security-group/', id])"
_RULES = Put(hook=_set_rules, of_hook=("ingress", "egress"))

TABLE: Mapping[str, Entry] = {
    "aws:ec2/securityGroup:SecurityGroup": Entry(
        service="ec2",
        create=Call(
            operation="create_security_group",
            request="{GroupName: in.name, Description: in.description, VpcId: in.vpcId, "
            f"TagSpecifications: {tagging.ec2('security-group')}}}",
        ),
        id="made.GroupId",
        reads=(_READ,),
        seen=_SEEN | {"name": "it.GroupName", "description": "it.Description"},
        outputs={"arn": _ARN, "ownerId": "it.OwnerId"},
        puts=(_RULES,),
        names=("name", "vpcId"),
        quiet=("revokeRulesOnDelete",),
        delete=(Call(operation="delete_security_group", request="{GroupId: id}"),),
        tags=tagging.EC2,
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Entry(
        service="ec2",
        create=Call(
            operation="describe_security_groups",
            request="{Filters: [{Name: 'vpc-id', Values: [in.vpcId]}, "
            "{Name: 'group-name', Values: ['default']}]}",
        ),
        id="made.SecurityGroups[0].GroupId",
        reads=(_READ,),
        seen=_SEEN,
        outputs={
            "arn": _ARN, "ownerId": "it.OwnerId", "name": "it.GroupName",
            "description": "it.Description",
        },
        puts=(
            _RULES,
            Put(
                calls=(
                    Call(
                        operation="create_tags",
                        request="{Resources: [id], Tags: pairs(in.tags)}", when="in.tags",
                    ),
                )
            ),
        ),
        replaces=("vpcId",),
        tags=tagging.EC2,
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _one_rule("ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _one_rule("egress"),
}  # fmt: skip
