"""What the consoles' own interpreters import, each module by its name alone."""
