"""Run by Airflow's own interpreter: the DAG of a folder with a conf, every task in its order."""

import json
import sys

from airflow.dag_processing.dagbag import DagBag

folder, dag_id, conf = sys.argv[1:]
found = DagBag(folder, load_op_links=False)
if found.import_errors:
    sys.exit(f"{found.import_errors}")
dag = found.dags[dag_id]
for task in dag.tasks:
    task.check_interval, task.retries = 1, 0
run = dag.test(run_conf=json.loads(conf))
sys.stdout.write(f"\nended as {run.state}\n")
