"""Endpoints of services inside a VPC."""

from __future__ import annotations

from collections.abc import Mapping

from testkit.fake_providers.aws.entry import Call, Entry, Read
from testkit.fake_providers.aws.table import tagging

TABLE: Mapping[str, Entry] = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": Entry(
        service="ec2",
        create=Call(
            operation="create_vpc_endpoint",
            request="{VpcId: in.vpcId, ServiceName: in.serviceName, "
            "VpcEndpointType: in.vpcEndpointType || 'Gateway', PolicyDocument: in.policy, "
            "RouteTableIds: in.routeTableIds, SubnetIds: in.subnetIds, "
            "SecurityGroupIds: in.securityGroupIds, PrivateDnsEnabled: in.privateDnsEnabled, "
            f"TagSpecifications: {tagging.ec2('vpc-endpoint')}}}",
        ),
        id="made.VpcEndpoint.VpcEndpointId",
        reads=(
            Read(
                operation="describe_vpc_endpoints", request="{VpcEndpointIds: [id]}",
                pick="VpcEndpoints[0].State != 'deleted' && VpcEndpoints[0] || `null`",
            ),
            Read(
                name="prefix", operation="describe_prefix_lists",
                request="{Filters: [{Name: 'prefix-list-name', Values: [it.ServiceName]}]}",
                when="it.VpcEndpointType == 'Gateway'",
                pick="PrefixLists[0].PrefixListId",
            ),
        ),
        seen={
            "tags": "mapped(it.Tags)", "vpcId": "it.VpcId", "serviceName": "it.ServiceName",
            "vpcEndpointType": "it.VpcEndpointType", "routeTableIds": "it.RouteTableIds",
            "subnetIds": "it.SubnetIds", "securityGroupIds": "it.Groups[].GroupId",
            "privateDnsEnabled": "it.PrivateDnsEnabled", "policy": "it.PolicyDocument",
        },
        outputs={
            "state": "it.State", "prefixListId": "prefix",
            "arn": "join('', ['arn:aws:ec2:', region, ':', account, ':vpc-endpoint/', id])",
        },
        delete=(Call(operation="delete_vpc_endpoints", request="{VpcEndpointIds: [id]}"),),
        tags=tagging.EC2,
        ready="it.State == 'available'",
        computed=("vpcEndpointType", "policy", "subnetIds", "routeTableIds", "privateDnsEnabled",
                  "securityGroupIds"),
    ),
}  # fmt: skip
