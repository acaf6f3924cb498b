"""What targets share: the base of their components, and their program without an engine."""
