"""`pilothouse airflow` and `mlflow`: the services' own command lines on a stack."""

from __future__ import annotations

from collections.abc import Sequence

from pilothouse.lifecycle.stack import Stack


def run(stack: Stack, program: str, arguments: Sequence[str]) -> int:
    """Run the program on the stack; its exit code. Refused where the target has none."""
    with stack.operations.accessible(stack.contract()) as contract:
        return stack.operations.run_command(program, arguments, contract)
