"""The Pulumi components of a local stack."""
