"""The life of a stack: set up, looked at, proved, taken away. Drives the Pulumi engine."""
