"""The files of a project: reading, validation, and what they mean."""
