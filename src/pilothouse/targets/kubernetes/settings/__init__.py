"""The settings of a stack in a cluster."""
