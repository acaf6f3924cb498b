"""The settings of the `toy` target."""

from pydantic import BaseModel, ConfigDict, Field


class ToySettings(BaseModel):
    """Where the cloud is."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    folder: str = Field(
        default="cloud", min_length=1, description="The folder of the cloud, from the project's."
    )
    archive: bool = Field(default=False, description="Whether the bucket has an archive.")
    limit: int | None = Field(
        default=None, ge=1, description="Seconds that the making of a thing may take."
    )
