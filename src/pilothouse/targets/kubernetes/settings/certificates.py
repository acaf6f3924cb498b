"""Certificates that a stack file names by an object of the namespace."""

from pydantic import Field

from pilothouse.config.section import Section
from pilothouse.targets.kubernetes.settings.base import Name


class CertificateAuthority(Section):
    """The certificates of authorities that clients trust."""

    config_map: Name = Field(
        max_length=50,  # a volume is named after it
        description="The ConfigMap of the stack's namespace with the certificates.",
    )
    key: str = Field(
        default="ca.crt",
        pattern=r"^[A-Za-z0-9_][-\w.]*$",
        max_length=253,
        description="The key of the certificates: every one that is trusted, in PEM.",
    )
