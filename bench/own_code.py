"""`python -m bench.own_code [PROGRAM | PROJECT CONFIG]`: the cost of a program, as JSON.

The program is the one that the engine runs, `infra/__main__.py`, from its first import to its last
resource; CONFIG is the stack's configuration as JSON. PROGRAM is a file that needs no stack.
Without arguments an empty program is run.
Before the clock starts, all that an empty program imports too is imported: `pulumi` with its
runtime. So the difference of the two is what our imports, our plan and our resources cost, with
what the SDK does on their behalf and without the engine, its language host and its providers.
"""

import json
import runpy
import sys
from functools import partial
from pathlib import Path

from bench.stub_engine import print_cost


def main() -> None:
    """Run the project's program, or one that is less."""
    if len(sys.argv) == 1:
        print_cost(lambda: None)
        return
    if len(sys.argv) == 2:  # noqa: PLR2004 - a program alone
        print_cost(partial(runpy.run_path, sys.argv[1]))
        return
    project, values = sys.argv[1:]
    program = Path(project) / "infra" / "__main__.py"
    print_cost(partial(runpy.run_path, str(program)), project, json.loads(values))


main()
