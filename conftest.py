"""What every test of the repository has, those of `testkit` too."""

pytest_plugins = ["testkit.deadline"]
