"""A new project: what is asked of its author, and the files that it consists of."""
