"""The usage that an AWS stack is assumed to have, and what the stack file says of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pilothouse.config.section import Section
from pilothouse.cost.usage import UsageValue, declare, known_to

USAGE = (
    declare("jobHours", "hours", "what all jobs of SageMaker run", 10, 40, 120),
    declare("dataGb", "GB", "data in their bucket", 5, 20, 100),
    declare("artifactsGb", "GB", "models and other artifacts in their bucket", 1, 5, 25),
    declare("writeRequests", "1000 requests", "writes to buckets and lists of them", 10, 50, 500),
    declare("logsGb", "GB", "logs of all services and of the network's flows", 1, 4, 20),
    declare("natGb", "GB", "what jobs and Airflow send and fetch by NAT", 5, 20, 100),
    declare("endpointGb", "GB", "what goes through interface endpoints", 1, 5, 25),
    declare("internetOutGb", "GB", "what leaves AWS for the internet", 0, 5, 50),
    declare("kmsRequests", "10000 requests", "uses of the key", 1, 5, 20),
    declare("imageGb", "GB", "images in the repository", 1, 3, 10),
    declare("metadataGb", "GB", "Airflow's database", 5, 10, 20),
    declare("extraWorkerHours", "hours", "Airflow's workers above the least", 0, 20, 200),
    declare("studioHours", "hours", "what people's Studio apps run", 0, 40, 160),
    declare("studioGb", "GB", "people's files in Studio", 1, 5, 20),
)
"""What is assumed a month of a small platform: a judgement, which a pilot's own figures replace."""


class CostSettings(Section):
    """What the estimate of costs assumes of this stack."""

    usage: Annotated[dict[str, UsageValue], known_to(USAGE)] = Field(
        default_factory=dict,
        description="Usage a month by name, as a number or as [least, expected, most], in place of "
        "what is assumed by the platform's size; docs/cost.md lists the names.",
    )
