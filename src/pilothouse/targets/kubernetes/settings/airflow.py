"""Optional parts of Airflow: a connection pool, metrics, autoscaling of the API server."""

from typing import Self

from pydantic import Field, model_validator

from pilothouse.config.section import Section
from pilothouse.config.validation import refusal
from pilothouse.targets.kubernetes.settings.base import Peer


class PgBouncer(Section):
    """PgBouncer, a connection pool between Airflow and the database."""

    pool_size: int = Field(
        default=10, ge=2, le=500, description="Maximum connections to the database."
    )
    max_client_connections: int = Field(
        default=200, ge=10, le=10_000, description="Maximum connections of Airflow's processes."
    )


class Statsd(Section):
    """A StatsD exporter, which serves Airflow's metrics to Prometheus."""

    scraper: Peer = Field(description="The pods or the network that may scrape the metrics.")


class Autoscaling(Section):
    """Replicas of the API server by its CPU utilization."""

    min_replicas: int = Field(default=1, ge=1, le=20, description="Minimum replicas.")
    max_replicas: int = Field(ge=1, le=20, description="Maximum replicas.")
    cpu_percent: int = Field(
        default=80, ge=10, le=500, description="Target CPU utilization, in percent of the request."
    )

    @model_validator(mode="after")
    def _check_replicas(self) -> Self:
        if self.max_replicas < self.min_replicas:
            found = f"{self.max_replicas} below minReplicas {self.min_replicas}"
            raise refusal(key="maxReplicas", found=found, remedy="raise it, or lower minReplicas")
        return self
