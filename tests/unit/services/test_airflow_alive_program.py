"""The program of the probes of Airflow's processes: where it looks for their database."""

import subprocess
import sys
from pathlib import Path

import pytest

from pilothouse.services.airflow.settings import ALIVE, configuration_file, database_urls

URL = "postgresql+psycopg2://airflow:{}@postgres.example:5432/airflow"
DRIVER = """\
import sys

def connect(url, **_options):
    sys.exit(url)
"""


@pytest.fixture(autouse=True)
def _driver(tmp_path: Path) -> None:
    """A driver that ends the program with what it is asked for: only Airflow's Python has one."""
    (tmp_path / "psycopg2.py").write_text(DRIVER)


def asked(folder: Path, **environment: str) -> str:
    """The URL of the database that it connects to."""
    command = [sys.executable, str(ALIVE), "DagProcessorJob"]
    environment["PYTHONPATH"] = str(folder)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stderr.strip()


def test_it_asks_the_database_of_the_environment(tmp_path: Path) -> None:
    url = URL.format("first")
    found = asked(tmp_path, AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=url)
    assert found == "postgresql://airflow:first@postgres.example:5432/airflow"


def test_it_asks_the_database_of_the_configuration_file(tmp_path: Path) -> None:
    file = tmp_path / "airflow.cfg"
    urls = database_urls(URL.format("a%2Fb"), URL.format("async"))
    file.write_text(configuration_file(urls))
    found = asked(tmp_path, AIRFLOW_CONFIG=str(file))
    assert found == "postgresql://airflow:a%2Fb@postgres.example:5432/airflow"
