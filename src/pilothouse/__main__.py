"""`python -m pilothouse` is the `pilothouse` program."""

from pilothouse.cli import main

main()
