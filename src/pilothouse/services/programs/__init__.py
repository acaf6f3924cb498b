"""What the services' own interpreters run: nothing beside these files shadows their packages."""
