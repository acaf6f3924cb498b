"""The life of a stack: `up`, `verify`, `status`, `down`. Drives the Pulumi engine."""
