"""The command: one step, or all four. Its document goes to stdout, everything else to stderr."""

import argparse
import atexit
import gc
import json
import logging
import os
import re
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout

from pilothouse_workload import object_stores
from pilothouse_workload.errors import WorkloadError
from pilothouse_workload.settings import CLIENT_DEFAULTS, from_environment
from pilothouse_workload.steps import STEPS, run

log = logging.getLogger("pilothouse_workload")

FORMS = f"\n{' ' * 29}".join(object_stores.FORMS)
VARIABLES = f"""\
environment (--set NAME=VALUE gives a variable where a service has no place for them):
  DATA_URI                   where the objects are: one of
                             {FORMS}
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
  AWS_REGION or AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3,
  GOOGLE_APPLICATION_CREDENTIALS,
  AZURE_CLIENT_ID, AZURE_STORAGE_CONNECTION_STRING
                             how to reach it; absent where the platform gives an identity
  MLFLOW_TRACKING_URI        the tracking server and model registry
  MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD
                             how to log in there, if it asks
  MODEL_NAME                 of the experiment and the registered model
  RUN_TOKEN                  marks all that this run makes; 7 to 63 of a-z, 0-9 and -

Every step may be repeated with the same RUN_TOKEN. It prints one JSON document on stdout and logs
on stderr. Exit codes: 0 proved, 1 the platform failed, 2 wrong arguments or environment.
"""

# What an argument list may not have: others on the machine, and the service's console, show it.
SECRET = re.compile(
    r"CREDENTIAL|PASSW|SECRET|TOKEN|CONNECTION_STRING|(ACCESS|API|ACCOUNT|PRIVATE)_?KEY",
    re.IGNORECASE,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the steps that the arguments name; returns the exit code."""
    options = _parser().parse_args(arguments)
    step = options.step
    os.environ.update(options.set)
    _collect_no_garbage()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    for name, value in CLIENT_DEFAULTS.items():
        os.environ.setdefault(name, value)
    try:
        settings = from_environment(os.environ)
        with redirect_stdout(sys.stderr):
            document = run(settings, list(STEPS) if step == "run" else [step])
    except WorkloadError as error:
        return _fail(error)
    except Exception:
        log.exception("%s failed", step)
        return 1
    print(json.dumps(document, sort_keys=True))  # noqa: T201 -- this is the result
    return 0


def _collect_no_garbage() -> None:
    """A step lives for seconds; collecting takes a third of its imports and of its end (1 s)."""
    gc.disable()
    atexit.register(gc.freeze)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pilothouse-workload",
        description="Prove a platform with a small, real machine learning job.",
        epilog=VARIABLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_variable,
        metavar="NAME=VALUE",
        help="a variable of the environment, no secret; may be repeated",
    )
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    for name, meaning in {**STEPS, "run": "all four, in this order"}.items():
        steps.add_parser(name, help=meaning, description=meaning)
    return parser


def _variable(text: str) -> tuple[str, str]:
    """The name and the value of a `--set`; no secret may be there."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"found {name!r}; give NAME=VALUE")
    if SECRET.search(name) and name != "RUN_TOKEN":
        raise argparse.ArgumentTypeError(
            f"{name} is secret, and arguments are shown to others; set it in the environment"
        )
    return name, value


def _fail(error: WorkloadError) -> int:
    for line in str(error).splitlines():
        log.error(line)
    return error.exit_code
