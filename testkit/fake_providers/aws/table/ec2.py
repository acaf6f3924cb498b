"""A VPC, its subnets, and its way to the internet."""

from __future__ import annotations

from collections.abc import Mapping

from testkit.fake_providers.aws.entry import Call, Caller, Context, Entry, Put, Read
from testkit.fake_providers.aws.table import tagging

_TAGS = {"tags": "mapped(it.Tags)"}


def _arn(kind: str, resource_id: str = "id") -> str:
    return f"join('', ['arn:aws:ec2:', region, ':', account, ':{kind}/', {resource_id}])"


def _attribute(name: str) -> tuple[Read, Put]:
    """A switch of a VPC, which only a request of its own reads and changes."""
    pascal = name[0].upper() + name[1:]
    read = Read(
        name=name,
        operation="describe_vpc_attribute",
        request=f"{{VpcId: id, Attribute: '{name}'}}",
        pick=f"{pascal}.Value",
    )
    put = Put(
        calls=(
            Call(
                operation="modify_vpc_attribute",
                request=f"{{VpcId: id, {pascal}: {{Value: in.{name}}}}}",
                when=f"in.{name} != `null`",
            ),
        )
    )
    return read, put


def _detach(call: Caller, context: Context) -> None:
    for attachment in context["it"].get("Attachments", []):
        call("ec2", "detach_internet_gateway",
             InternetGatewayId=context["id"], VpcId=attachment["VpcId"])  # fmt: skip


_SUPPORT, _HOSTNAMES = _attribute("enableDnsSupport"), _attribute("enableDnsHostnames")

TABLE: Mapping[str, Entry] = {
    "aws:ec2/vpc:Vpc": Entry(
        service="ec2",
        create=Call(
            operation="create_vpc",
            request="{CidrBlock: in.cidrBlock, InstanceTenancy: in.instanceTenancy, "
            f"TagSpecifications: {tagging.ec2('vpc')}}}",
        ),
        id="made.Vpc.VpcId",
        reads=(
            Read(operation="describe_vpcs", request="{VpcIds: [id]}", pick="Vpcs[0]"),
            _SUPPORT[0],
            _HOSTNAMES[0],
        ),
        seen=_TAGS | {
            "cidrBlock": "it.CidrBlock", "enableDnsSupport": "enableDnsSupport",
            "enableDnsHostnames": "enableDnsHostnames", "instanceTenancy": "it.InstanceTenancy",
        },
        outputs={"arn": _arn("vpc"), "ownerId": "it.OwnerId"},
        puts=(_SUPPORT[1], _HOSTNAMES[1]),
        delete=(Call(operation="delete_vpc", request="{VpcId: id}"),),
        tags=tagging.EC2,
        computed=("instanceTenancy",),
    ),
    "aws:ec2/subnet:Subnet": Entry(
        service="ec2",
        create=Call(
            operation="create_subnet",
            request="{VpcId: in.vpcId, CidrBlock: in.cidrBlock, "
            "AvailabilityZone: in.availabilityZone, "
            f"TagSpecifications: {tagging.ec2('subnet')}}}",
        ),
        id="made.Subnet.SubnetId",
        reads=(Read(operation="describe_subnets", request="{SubnetIds: [id]}", pick="Subnets[0]"),),
        seen=_TAGS | {
            "vpcId": "it.VpcId", "cidrBlock": "it.CidrBlock",
            "availabilityZone": "it.AvailabilityZone",
            "mapPublicIpOnLaunch": "it.MapPublicIpOnLaunch",
        },
        outputs={"arn": _arn("subnet"), "availabilityZoneId": "it.AvailabilityZoneId"},
        puts=(
            Put(
                calls=(
                    Call(
                        operation="modify_subnet_attribute",
                        request="{SubnetId: id, MapPublicIpOnLaunch: "
                        "{Value: in.mapPublicIpOnLaunch || `false`}}",
                        when="in.mapPublicIpOnLaunch || old.mapPublicIpOnLaunch "
                        "|| it.MapPublicIpOnLaunch",
                    ),
                )
            ),
        ),
        delete=(Call(operation="delete_subnet", request="{SubnetId: id}"),),
        tags=tagging.EC2,
        computed=("availabilityZone",),
    ),
    "aws:ec2/internetGateway:InternetGateway": Entry(
        service="ec2",
        create=Call(
            operation="create_internet_gateway",
            request=f"{{TagSpecifications: {tagging.ec2('internet-gateway')}}}",
        ),
        id="made.InternetGateway.InternetGatewayId",
        reads=(
            Read(
                operation="describe_internet_gateways", request="{InternetGatewayIds: [id]}",
                pick="InternetGateways[0]",
            ),
        ),
        seen=_TAGS | {"vpcId": "it.Attachments[0].VpcId"},
        outputs={"arn": _arn("internet-gateway")},
        puts=(
            Put(
                calls=(
                    Call(
                        operation="attach_internet_gateway",
                        request="{InternetGatewayId: id, VpcId: in.vpcId}",
                        when="in.vpcId && !(it.Attachments)",
                    ),
                )
            ),
        ),
        replaces=("vpcId",),
        before_delete=_detach,
        delete=(Call(operation="delete_internet_gateway", request="{InternetGatewayId: id}"),),
        tags=tagging.EC2,
    ),
    "aws:ec2/eip:Eip": Entry(
        service="ec2",
        create=Call(
            operation="allocate_address",
            request="{Domain: in.domain, "
            f"TagSpecifications: {tagging.ec2('elastic-ip')}}}",
        ),
        id="made.AllocationId",
        reads=(
            Read(
                operation="describe_addresses", request="{AllocationIds: [id]}",
                pick="Addresses[0]",
            ),
        ),
        seen=_TAGS | {"domain": "it.Domain"},
        outputs={
            "arn": _arn("elastic-ip"), "allocationId": "id", "publicIp": "it.PublicIp",
            "associationId": "it.AssociationId",
        },
        delete=(Call(operation="release_address", request="{AllocationId: id}"),),
        tags=tagging.EC2,
    ),
    "aws:ec2/natGateway:NatGateway": Entry(
        service="ec2",
        create=Call(
            operation="create_nat_gateway",
            request="{SubnetId: in.subnetId, AllocationId: in.allocationId, "
            "ConnectivityType: in.connectivityType, "
            f"TagSpecifications: {tagging.ec2('natgateway')}}}",
        ),
        id="made.NatGateway.NatGatewayId",
        reads=(
            Read(
                operation="describe_nat_gateways", request="{NatGatewayIds: [id]}",
                pick="NatGateways[0].State != 'deleted' && NatGateways[0] || `null`",
            ),
        ),
        seen=_TAGS | {
            "subnetId": "it.SubnetId", "connectivityType": "it.ConnectivityType",
            "allocationId": "it.NatGatewayAddresses[0].AllocationId",
        },
        outputs={
            "publicIp": "it.NatGatewayAddresses[0].PublicIp",
            "networkInterfaceId": "it.NatGatewayAddresses[0].NetworkInterfaceId",
        },
        delete=(Call(operation="delete_nat_gateway", request="{NatGatewayId: id}"),),
        tags=tagging.EC2,
        ready="it.State == 'available'",
        failed="it.State == 'failed'",
        computed=("connectivityType",),
    ),
    "aws:ec2/flowLog:FlowLog": Entry(
        service="ec2",
        create=Call(
            operation="create_flow_logs",
            request="{ResourceIds: [in.vpcId], ResourceType: 'VPC', TrafficType: in.trafficType, "
            "LogDestinationType: in.logDestinationType, LogDestination: in.logDestination, "
            "DeliverLogsPermissionArn: in.iamRoleArn, "
            "MaxAggregationInterval: in.maxAggregationInterval, "
            f"TagSpecifications: {tagging.ec2('vpc-flow-log')}}}",
        ),
        id="made.FlowLogIds[0]",
        reads=(
            Read(
                operation="describe_flow_logs", request="{FlowLogIds: [id]}", pick="FlowLogs[0]",
            ),
        ),
        seen=_TAGS | {
            "vpcId": "it.ResourceId", "trafficType": "it.TrafficType",
            "logDestinationType": "it.LogDestinationType",
            "iamRoleArn": "it.DeliverLogsPermissionArn",
            "maxAggregationInterval": "it.MaxAggregationInterval",
        },
        outputs={"arn": _arn("vpc-flow-log")},
        delete=(Call(operation="delete_flow_logs", request="{FlowLogIds: [id]}"),),
        tags=tagging.EC2,
        computed=("logDestinationType", "maxAggregationInterval"),
    ),
}  # fmt: skip
