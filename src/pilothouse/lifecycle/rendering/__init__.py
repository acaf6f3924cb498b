"""A stack's objects as files in a folder."""
