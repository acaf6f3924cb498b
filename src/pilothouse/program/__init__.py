"""The Pulumi program: from the files of a project to the components of a platform."""
