"""What Airflow may have besides: a connection pooler, metrics, more API servers under load."""

from typing import Self

from pydantic import Field, model_validator

from pilothouse.config.section import Section
from pilothouse.config.validation import refusal
from pilothouse.targets.kubernetes.settings.base import Peer


class PgBouncer(Section):
    """PgBouncer between Airflow and the database."""

    pool_size: int = Field(
        default=10, ge=2, le=500, description="Connections to the database, at most."
    )
    max_client_connections: int = Field(
        default=200, ge=10, le=10_000, description="Connections of Airflow, at most."
    )


class Statsd(Section):
    """A StatsD exporter: Airflow's metrics, for Prometheus."""

    scraper: Peer = Field(description="Who may read the metrics.")


class Autoscaling(Section):
    """How many API servers there are, by their use of CPU."""

    min_replicas: int = Field(default=1, ge=1, le=20, description="At least.")
    max_replicas: int = Field(ge=1, le=20, description="At most.")
    cpu_percent: int = Field(
        default=80, ge=10, le=500, description="The use of the requested CPU that is aimed at."
    )

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.max_replicas < self.min_replicas:
            found = f"{self.max_replicas} below minReplicas {self.min_replicas}"
            raise refusal(key="maxReplicas", found=found, remedy="raise it, or lower the other")
        return self
