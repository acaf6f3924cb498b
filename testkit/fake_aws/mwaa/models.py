"""MWAA's environments."""

from __future__ import annotations

import time
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import ServiceException
from moto.ec2.models import ec2_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends

from testkit.fake_aws.mwaa import airflow

Fields = dict[str, Any]
_DEFAULTS = {
    "AirflowVersion": "3.0.6", "EnvironmentClass": "mw1.small", "MinWorkers": 1, "MaxWorkers": 10,
    "Schedulers": 2, "WebserverAccessMode": "PRIVATE_ONLY", "EndpointManagement": "SERVICE",
}  # fmt: skip


class NotFound(ServiceException):
    """There is no such environment."""

    code = "ResourceNotFoundException"


class Invalid(ServiceException):
    """The request cannot be carried out."""

    code = "ValidationException"


class MWAABackend(BaseBackend):
    """The environments of a region; each is under way until it has been looked at once."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.environments: dict[str, Fields] = {}
        self.then: dict[str, str] = {}
        self.interfaces: dict[str, list[str]] = {}
        airflow.forget()

    def create(self, name: str, given: Fields) -> str:
        """Make one, its network interfaces, and the log groups that are not there yet."""
        if name in self.environments:
            raise Invalid(f"Environment {name} already exists.")
        self._check(given)
        arn = f"arn:aws:airflow:{self.region_name}:{self.account_id}:environment/{name}"
        url = f"{name}.c1.{self.region_name}.airflow.amazonaws.com"
        logs = _logs(given.pop("LoggingConfiguration", {}), self._log_group(name))
        self.environments[name] = {
            **_DEFAULTS, **given, "Name": name, "Arn": arn, "Status": "CREATING",
            "WebserverUrl": url, "CreatedAt": time.time(), "LoggingConfiguration": logs,
            "Tags": given.get("Tags", {}),
        }  # fmt: skip
        self.then[name] = "AVAILABLE"
        self._furnish(name, given["NetworkConfiguration"], logs)
        return arn

    def get(self, name: str) -> Fields:
        """One as it is now; the next look sees what was under way done."""
        seen = dict(self._known(name))
        then = self.then.pop(name, None)
        if then == "":
            self._remove(name)
        elif then:
            self.environments[name]["Status"] = then
        return seen

    def names(self) -> list[str]:
        """All that are there; what was being removed is gone."""
        for name in [name for name, then in self.then.items() if then == ""]:
            self.then.pop(name)
            self._remove(name)
        return sorted(self.environments)

    def update(self, name: str, given: Fields) -> str:
        """Change one; an empty value takes away what it is for."""
        environment = self._settled(name)
        if "LoggingConfiguration" in given:
            changed = _logs(given.pop("LoggingConfiguration"), self._log_group(name))
            environment["LoggingConfiguration"] |= changed
        if "NetworkConfiguration" in given:
            environment["NetworkConfiguration"] |= given.pop("NetworkConfiguration")
        environment |= given | {"Status": "UPDATING"}
        for cleared in [key for key, value in given.items() if value == ""]:
            del environment[cleared]
        self.then[name] = "AVAILABLE"
        return str(environment["Arn"])

    def delete(self, name: str) -> None:
        """Begin to remove one: the next look is the last that finds it."""
        self._settled(name)["Status"] = "DELETING"
        self.then[name] = ""

    def by_arn(self, arn: str) -> Fields:
        """The environment of an ARN."""
        return self._known(arn.rpartition("/")[2])

    def _settled(self, name: str) -> Fields:
        environment = self._known(name)
        if self.then.get(name):
            self.get(name)
        if environment["Status"] == "DELETING":
            raise Invalid(f"Environment {name} is being deleted.")
        return environment

    def _known(self, name: str) -> Fields:
        if name not in self.environments:
            raise NotFound(f"Environment {name} does not exist.")
        return self.environments[name]

    def _check(self, given: Fields) -> None:
        network, ec2 = given["NetworkConfiguration"], ec2_backends[self.account_id]
        subnets = network.get("SubnetIds", [])
        known = {subnet.id: subnet for subnet in ec2[self.region_name].describe_subnets()}
        if len(subnets) != 2 or not known.keys() >= set(subnets):
            raise Invalid(f"Two subnets are needed: {subnets}")
        if len({known[subnet].availability_zone for subnet in subnets}) != 2:
            raise Invalid("The subnets must be in two zones.")
        for group in network.get("SecurityGroupIds", []):
            ec2[self.region_name].describe_security_groups(group_ids=[group])
        bucket = given["SourceBucketArn"].rpartition(":")[2]
        s3 = s3_backends[self.account_id]["aws"]
        if bucket not in s3.buckets or not s3.buckets[bucket].is_versioned:
            raise Invalid(f"The source bucket must be there and versioned: {bucket}")

    def _furnish(self, name: str, network: Fields, logs: Fields) -> None:
        ec2 = ec2_backends[self.account_id][self.region_name]
        made = [
            ec2.create_network_interface(
                ec2.get_subnet(subnet), "", group_ids=network.get("SecurityGroupIds"),
                description=f"MWAA {name}",
            )
            for subnet in network["SubnetIds"]
        ]  # fmt: skip
        self.interfaces[name] = [interface.id for interface in made]
        known = logs_backends[self.account_id][self.region_name]
        for module in logs.values():
            group = module["CloudWatchLogGroupArn"].split(":")[6]
            if module.get("Enabled") and group not in known.groups:
                known.create_log_group(group, {})

    def _remove(self, name: str) -> None:
        ec2 = ec2_backends[self.account_id][self.region_name]
        for interface in self.interfaces.pop(name, []):
            ec2.enis.pop(interface, None)
        del self.environments[name]

    def _log_group(self, name: str) -> str:
        return f"arn:aws:logs:{self.region_name}:{self.account_id}:log-group:airflow-{name}-"


def _logs(given: Fields, group: str) -> Fields:
    names = {
        "DagProcessingLogs": "DAGProcessing", "SchedulerLogs": "Scheduler", "TaskLogs": "Task",
        "WebserverLogs": "WebServer", "WorkerLogs": "Worker",
    }  # fmt: skip
    return {
        module: {**said, "CloudWatchLogGroupArn": group + names[module]}
        for module, said in given.items()
    }


mwaa_backends = BackendDict(MWAABackend, "mwaa")
