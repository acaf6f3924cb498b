"""Ends with 0 if a job of Airflow's on this host was alive of late: `airflow_alive.py JOB_TYPE`.

`airflow jobs check` asks the same, and imports all of Airflow first: seconds of a core for each
probe, which delay the start that they wait for.
"""

import os
import socket
import sys
from configparser import ConfigParser

import psycopg2  # type: ignore[import-untyped]

BEATING = """
    SELECT count(*) FROM job
    WHERE job_type = %s AND state = 'running' AND split_part(hostname, '.', 1) = %s
    AND latest_heartbeat > now() - interval '30 seconds'
"""


def database_url() -> str:
    """The URL from where Airflow has it: its environment, or the file that AIRFLOW_CONFIG names."""
    if url := os.environ.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"):
        return url
    configuration = ConfigParser()
    configuration.read(os.environ["AIRFLOW_CONFIG"])
    return configuration["database"]["sql_alchemy_conn"]


url = database_url().replace("+psycopg2", "", 1)
with psycopg2.connect(url, connect_timeout=5) as connection, connection.cursor() as cursor:
    cursor.execute(BEATING, (sys.argv[1], socket.gethostname().partition(".")[0]))
    (count,) = cursor.fetchone()
sys.exit(count == 0)
