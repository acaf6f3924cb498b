"""The `local` target's own settings, under `pilothouse:local` in the stack file."""

from pydantic import Field

from pilothouse.config.section import Section

# Above the well-known services, below Linux's ephemeral ports (32768 on), whatever the block.
FIRST_PORT, LAST_PORT = 20000, 32000
BLOCK = 20  # ports for one stack


class LocalSettings(Section):
    """Where a stack lives on this machine."""

    base_port: int | None = Field(
        default=None,
        ge=1024,
        le=65535 - BLOCK,
        description=f"The first of the stack's {BLOCK} ports on 127.0.0.1. "
        "By default a number that follows from the names of the platform and the stack.",
    )
    home: str | None = Field(
        default=None,
        min_length=1,
        description="The folder of the stack. By default `.pilothouse/<stack>` in the project, "
        "or below /var/lib/pilothouse if we are root and others can't enter the project.",
    )
    environments: str | None = Field(
        default=None,
        min_length=1,
        description="The folder of the services' Python environments, shared by stacks.",
    )
    postgres_user: str = Field(
        default="nobody",
        min_length=1,
        description="Whom PostgreSQL runs as if we are root, which it refuses.",
    )
