"""`python -m bench.floor --services … --mlflow … --airflow … --workload …`: prints seconds as JSON.

Everything lives in a new folder under the system's temporary one and is gone at the end.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from .layout import Environments, Layout
from .life import Platform

DAGS = Path(__file__).parents[2] / "src/pilothouse/targets/local/assets/dags"


def main() -> None:
    """Start, prove, measure and stop the platform as often as asked, with empty data each time."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    environments = Environments(
        services=options.services,
        mlflow=options.mlflow,
        airflow=options.airflow,
        workload=options.workload,
    )
    runs = [measure(environments, options) for _ in range(options.repeat)]
    sys.stdout.write(json.dumps(runs, indent=2) + "\n")


def measure(environments: Environments, options: argparse.Namespace) -> dict[str, object]:
    """The figures of one life of the platform."""
    root = Path(tempfile.mkdtemp(prefix="floor-"))
    root.chmod(0o711)  # PostgreSQL's user must reach its data
    layout = Layout(
        root=root, environments=environments, dags=options.dags, first_port=options.first_port
    )
    try:
        return _life(Platform(layout), options.settle)
    finally:
        if not options.keep:
            shutil.rmtree(root)


def _life(platform: Platform, settle: float) -> dict[str, object]:
    try:
        platform.start()
        platform.prove()
        time.sleep(settle)
        platform.weigh()
    finally:
        platform.stop()
    return platform.figures


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.floor")
    for name in ("services", "mlflow", "airflow", "workload"):
        parser.add_argument(f"--{name}", type=Path, required=True, help=f"{name} environment")
    parser.add_argument("--dags", type=Path, default=DAGS, help="folder of the workload's DAG")
    parser.add_argument("--first-port", type=int, default=25000)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--settle", type=float, default=10, help="seconds before memory is read")
    parser.add_argument("--keep", action="store_true", help="keep the folder with its logs")
    return parser.parse_args()


main()
