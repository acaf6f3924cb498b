"""The Pulumi program: creates the platform of this stack, and exports its contract."""

from pilothouse import program

program.run()
