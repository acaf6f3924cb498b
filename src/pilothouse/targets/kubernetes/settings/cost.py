"""What the team's cluster costs, as the stack file says: no price list knows that."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pilothouse.config.quantities import Cpu, Memory
from pilothouse.config.section import Section
from pilothouse.config.validation import refusal
from pilothouse.cost.usage import UsageValue, declare, known_to

CPU_TO_MEMORY = Decimal("0.031611") / Decimal("0.004237")
"""How much dearer a core is than a GiB of memory where only a node's price is known.

The ratio of OpenCost's default prices, so that its figures and these can be compared.
"""

USAGE = (declare("stepHours", "hours", "what all pods of runs and of schedules run", 10, 40, 120),)
"""What is assumed a month of a small platform: a judgement, which a pilot's own figures replace."""


class NodePrice(Section):
    """The machine of the cluster's nodes, whose price is in the price book."""

    provider: Literal["aws", "gcp", "azure"] = Field(description="Whose machine it is.")
    machine: str = Field(
        min_length=1, description="Its type, such as m5.xlarge, n2-standard-4 or Standard_D4s_v5."
    )
    region: str = Field(min_length=1, description="The region of its price, such as eu-west-1.")
    cpu: Cpu = Field(description="Its cores.")
    memory: Memory = Field(description="Its memory, such as 16Gi.")


class CostSettings(Section):
    """What the estimate of costs takes as the cluster's prices, in US dollars."""

    cpu_hour: float | None = Field(default=None, ge=0, description="A core for an hour.")
    memory_hour: float | None = Field(default=None, ge=0, description="A GiB of memory an hour.")
    volume_month: float | None = Field(default=None, ge=0, description="A GiB of volume a month.")
    load_balancer_hour: float | None = Field(
        default=None, ge=0, description="A load balancer for an hour."
    )
    node: NodePrice | None = Field(
        default=None,
        description="The nodes' machine, in place of cpuHour and memoryHour: its price is shared "
        "by cores and memory in the ratio of OpenCost's defaults.",
    )
    usage: Annotated[dict[str, UsageValue], known_to(USAGE)] = Field(
        default_factory=dict,
        description="Usage a month by name, as a number or as [least, expected, most], in place of "
        "what is assumed by the platform's size; docs/cost.md lists the names.",
    )

    @model_validator(mode="after")
    def _check_one_source(self) -> Self:
        if (self.cpu_hour is None) != (self.memory_hour is None):
            missing = "cpuHour" if self.cpu_hour is None else "memoryHour"
            raise refusal(key=missing, found="nothing", remedy="set both cpuHour and memoryHour")
        if self.node and self.cpu_hour is not None:
            remedy = "remove it, or remove cpuHour and memoryHour"
            raise refusal(key="node", found="a node besides cpuHour", remedy=remedy)
        return self
