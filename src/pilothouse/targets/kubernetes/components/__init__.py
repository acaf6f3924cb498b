"""The Pulumi components of a stack in a cluster."""
