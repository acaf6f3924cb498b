"""SageMaker domains: changes, and what they leave behind as the real ones do.

A domain has a file system of its own, and two security groups for it in the VPC: a deletion keeps
them unless told otherwise.
"""

from __future__ import annotations

import json
from typing import Any

from moto.ec2.models import ec2_backends
from moto.efs.models import efs_backends
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from testkit.fake_aws.records import InUse, NotFound
from testkit.fake_aws.sagemaker import records

_Backend: Any = SageMakerModelBackend  # it is changed here
_Response: Any = SageMakerResponse  # it is changed here
_UPDATED = {
    "DefaultUserSettings": "default_user_settings", "SubnetIds": "subnet_ids", "VpcId": "vpc_id",
    "DefaultSpaceSettings": "default_space_settings",
    "AppNetworkAccessType": "app_network_access_type",
    "AppSecurityGroupManagement": "app_security_group_management",
}  # fmt: skip
_NFS = ("security-group-for-inbound-nfs-{}", "security-group-for-outbound-nfs-{}")


def extend() -> None:
    """Change moto's domains."""
    theirs = SageMakerModelBackend.create_domain

    def create_domain(self: Any, **given: Any) -> Any:
        made = theirs(self, **given)
        _furnish(self, next(d for d in self.domains.values() if d.arn == made["DomainArn"]))
        return made

    _Backend.create_domain = create_domain
    _Backend.describe_domain = _describe
    _Backend.delete_domain = _delete
    _Response.update_domain = _update


def _furnish(backend: Any, domain: Any) -> None:
    files = efs_backends[backend.account_id][backend.region_name]
    tags = [{"Key": "ManagedByAmazonSageMakerResource", "Value": domain.arn}]
    made = files.create_file_system(
        creation_token=domain.id, performance_mode="generalPurpose", encrypted=True,
        kms_key_id=domain.kms_key_id, throughput_mode="bursting",
        provisioned_throughput_in_mibps=0, availability_zone_name="", backup=False, tags=tags,
    )  # fmt: skip
    domain.home_efs_file_system_id = made.file_system_id
    network = ec2_backends[backend.account_id][backend.region_name]
    if domain.vpc_id in network.vpcs:
        for name in _NFS:
            network.create_security_group(
                name.format(domain.id), "made by SageMaker", vpc_id=domain.vpc_id
            )


def _known(backend: Any, domain_id: str) -> Any:
    if domain_id not in backend.domains:
        raise NotFound(f"Domain {domain_id} does not exist")
    return backend.domains[domain_id]


def _describe(self: Any, domain_id: str) -> Any:
    return _known(self, domain_id).describe()


def _delete(self: Any, domain_id: str, retention_policy: dict[str, str] | None) -> None:
    domain = _known(self, domain_id)
    for kind in ("App", "Space", "UserProfile"):
        if records(self, kind).matching({"DomainId": domain_id}):
            raise InUse(f"Domain {domain_id} still has a {kind}")
    if (retention_policy or {}).get("HomeEfsFileSystem") == "Delete":
        files = efs_backends[self.account_id][self.region_name]
        files.delete_file_system(domain.home_efs_file_system_id)
        network = ec2_backends[self.account_id][self.region_name]
        for name in _NFS:
            group = network.get_security_group_from_name(name.format(domain_id), domain.vpc_id)
            if group:
                network.delete_security_group(group_id=group.id)
    del self.domains[domain_id]


def _update(self: Any) -> str:
    given = json.loads(self.body)
    domain = _known(self.sagemaker_backend, given["DomainId"])
    for name, attribute in _UPDATED.items():
        if name in given:
            setattr(domain, attribute, given[name])
    return json.dumps({"DomainArn": domain.arn})
