"""The steps of the pipeline: `pipeline prepare` and `pipeline train`.

Replace them with your own. docs/workload.md of pilothouse says what a step finds.
"""

import csv
import os
import sys
from pathlib import Path
from statistics import correlation, linear_regression

DATA = "visits.csv"
VISITS = [(1, 2.1), (2, 3.9), (3, 6.2), (4, 8.1), (5, 9.8), (6, 12.2)]


def prepare(folder: Path) -> None:
    """Write the data set into `folder`."""
    with (folder / DATA).open("w", newline="") as file:
        csv.writer(file).writerows([("week", "visits"), *VISITS])


def train(file: Path) -> dict[str, float]:
    """The line through the data, and how well it fits."""
    with file.open(newline="") as opened:
        rows = [(float(row["week"]), float(row["visits"])) for row in csv.DictReader(opened)]
    weeks, visits = zip(*rows, strict=True)
    slope, intercept = linear_regression(weeks, visits)
    return {"slope": slope, "intercept": intercept, "r2": correlation(weeks, visits) ** 2}


def track(metrics: dict[str, float]) -> None:
    """Keep the metrics in MLflow, whose address and login are in the environment."""
    import mlflow

    mlflow.set_experiment(os.environ["MODEL_NAME"])
    with mlflow.start_run(tags={"run_token": os.environ["RUN_TOKEN"]}):
        mlflow.log_metrics(metrics)


def main() -> None:
    """Run the step that the first argument names."""
    if sys.argv[1] == "prepare":
        prepare(Path(os.environ["OUTPUTS"]))
    else:
        metrics = train(Path(os.environ["INPUTS"], "prepare", DATA))
        track(metrics)
        print(f"trained: {metrics}")
