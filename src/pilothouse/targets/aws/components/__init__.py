"""The Pulumi components of a stack on AWS."""
