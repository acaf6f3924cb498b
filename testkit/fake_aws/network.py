"""EC2's networks hold on to what is in use: moto lets most of it be deleted in any order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models import EC2Backend

_Backend: Any = EC2Backend  # it is changed here


def extend() -> None:
    """Have moto refuse what EC2 refuses, and take a NAT gateway's interface with it."""
    _guard("delete_subnet", _of_subnet)
    _guard("delete_vpc", _of_vpc)
    _guard("detach_internet_gateway", _of_gateway)
    _guard("delete_security_group", _of_group)
    theirs = EC2Backend.delete_nat_gateway

    def delete_nat_gateway(self: Any, nat_gateway_id: str) -> Any:
        deleted = theirs(self, nat_gateway_id)
        for address in self.addresses:
            if address.eni is deleted._eni:
                address.eni = address.association_id = None
        self.enis.pop(deleted._eni.id, None)
        return deleted

    _Backend.delete_nat_gateway = delete_nat_gateway


def _guard(operation: str, holding: Any) -> None:
    """Refuse an operation while something else needs what it removes."""
    theirs = getattr(EC2Backend, operation)

    def guarded(self: Any, *given: Any, **named: Any) -> Any:
        held = sorted(holding(self, *given, **named))
        if held:
            raise DependencyViolationError(f"{operation}: needed by {', '.join(held)}")
        return theirs(self, *given, **named)

    setattr(EC2Backend, operation, guarded)


def _of_subnet(self: Any, subnet_id: str) -> Iterator[str]:
    return (eni.id for eni in self.enis.values() if eni.subnet.id == subnet_id)


def _of_vpc(self: Any, vpc_id: str) -> Iterator[str]:
    gateways = self.internet_gateways.values()
    yield from (each.id for each in gateways if each.vpc and each.vpc.id == vpc_id)
    endpoints = self.vpc_end_points.values()
    yield from (e.id for e in endpoints if e.vpc_id == vpc_id and e.state != "deleted")
    tables = self.route_tables.values()
    own = (each for each in tables if each.vpc_id == vpc_id and not each.main_association_id)
    yield from (table.id for table in own)
    groups = self.groups.get(vpc_id, {}).values()
    yield from (group.id for group in groups if group.name != "default")


def _of_gateway(self: Any, internet_gateway_id: str, vpc_id: str) -> Iterator[str]:
    """A NAT gateway's address is mapped through it."""
    gateways = self.nat_gateways.values()
    return (each.id for each in gateways if each.vpc_id == vpc_id and each.state != "deleted")


def _of_group(self: Any, name: str | None = None, group_id: str | None = None) -> Iterator[str]:
    wanted = {name, group_id} - {None}
    for eni in self.enis.values():
        if wanted & {group.id for group in eni.group_set}:
            yield eni.id
