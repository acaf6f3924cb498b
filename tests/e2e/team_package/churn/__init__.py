"""Three steps that use what a platform gives a team's package: `churn features|train|slow`."""

import json
import os
import sys
import time
from pathlib import Path

VERSION = 1


def main() -> None:
    """Run the step that the first argument names."""
    {"features": features, "train": train, "slow": slow}[sys.argv[1]]()


def features() -> None:
    """Hand on a file, and say what there is of the parameters and of the secret."""
    folder = Path(os.environ["OUTPUTS"], "by-region")
    folder.mkdir()
    region = os.environ["PARAM_REGION"]
    (folder / f"{region}.json").write_text(json.dumps({"rows": [1, 2, 3]}))
    print(f"features {VERSION} of {region}, {sys.argv[2:]}")
    print(f"a secret of {len(os.environ['WAREHOUSE_URL'])} characters")


def train() -> None:
    """Track what the features say. The first try fails, of which the store knows."""
    import boto3
    import mlflow

    bucket = os.environ["DATA_URI"].removeprefix("s3://")
    key = f"tries/{os.environ['RUN_TOKEN']}"
    client = boto3.client("s3")
    if not client.list_objects_v2(Bucket=bucket, Prefix=key)["KeyCount"]:
        client.put_object(Bucket=bucket, Key=key, Body=b"")
        sys.exit("the first try fails")
    (file,) = Path(os.environ["INPUTS"], "features").rglob("*.json")
    rows = json.loads(file.read_text())["rows"]
    mlflow.set_experiment("churn")
    with mlflow.start_run(tags={"run_token": os.environ["RUN_TOKEN"]}):
        mlflow.log_params(json.loads(os.environ["PARAMETERS"]))
        mlflow.log_metric("rows", len(rows))
    print(f"trained on {len(rows)} rows of {file.stem}")


def slow() -> None:
    """Take as long as the parameter says."""
    print("slow begins", flush=True)
    time.sleep(int(os.environ["PARAM_SECONDS"]))
