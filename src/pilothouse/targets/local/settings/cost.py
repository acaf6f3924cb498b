"""What this machine costs, as the stack file says."""

from pydantic import Field

from pilothouse.config.section import Section


class CostSettings(Section):
    """What the estimate of costs takes as this machine's price."""

    monthly: float | None = Field(
        default=None,
        ge=0,
        description="US dollars a month for this machine. By default nothing is estimated.",
    )
