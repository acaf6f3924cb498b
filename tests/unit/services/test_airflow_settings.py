"""Airflow's settings as a file."""

from configparser import ConfigParser

from pilothouse.services.airflow.settings import configuration_file


def test_airflow_reads_from_the_file_what_the_variables_have() -> None:
    """With the interpolation of its parser, in which a single % is an error."""
    text = configuration_file(
        {
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://airflow:p%40ss@127.0.0.1/airflow",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": "",
            "AIRFLOW__API_AUTH__JWT_SECRET": "a=b;c#d",
        }
    )
    parser = ConfigParser()
    parser.read_string(text)
    assert {section: dict(parser[section]) for section in parser.sections()} == {
        "database": {
            "sql_alchemy_conn": "postgresql://airflow:p%40ss@127.0.0.1/airflow",
            "sql_alchemy_conn_async": "",
        },
        "api_auth": {"jwt_secret": "a=b;c#d"},
    }
