"""`python -m bench.own_code [PROJECT CONFIG]`: the cost of a project's program, as JSON.

The program is the one that the engine runs, `infra/__main__.py`, from its first import to its last
resource; CONFIG is the stack's configuration as JSON. Without arguments an empty program is run.
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
    """Run the project's program, or the empty one."""
    if len(sys.argv) == 1:
        print_cost(lambda: None)
        return
    project, values = sys.argv[1:]
    program = Path(project) / "infra" / "__main__.py"
    print_cost(partial(runpy.run_path, str(program)), project, json.loads(values))


main()
