"""The components of a local stack: the foundation and the four capabilities."""
