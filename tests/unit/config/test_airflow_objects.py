"""The file with pools, variables and connections: what it may have, and what is refused where."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.config import team_objects
from pilothouse.config.airflow_objects import AirflowObjects, load
from pilothouse.config.platform_spec import Platform
from pilothouse.config.platform_spec import load as load_platform
from pilothouse.config.secret_references import filled
from pilothouse.errors import InvalidInput, Problem

pytestmark = pytest.mark.usefixtures("own_folder")

WHOLE = """\
pools:
  small: {slots: 2, description: "two at once", include_deferred: true}
variables:
  limit: 7
  regions: [eu, us]
  api_token: {secret: PRICES_TOKEN}
connections:
  prices:
    conn_type: http
    host: prices.example.org
    schema: https
    login: reader
    port: 443
    password: {secret: PRICES_PASSWORD}
    extra: {timeout: 5, auth: {token: {secret: PRICES_TOKEN}}}
"""
BASE = """\
name: demo
owner: ml-team@example.org
pilot: {expires: 2027-12-31, monthlyBudget: 500}
"""


def read(text: str) -> AirflowObjects:
    Path("airflow.yaml").write_text(text, encoding="utf-8")
    return load(Path("airflow.yaml"))


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(InvalidInput) as refused:
        read(text)
    assert {each.file for each in refused.value.problems} == {"airflow.yaml"}
    assert all(each.remedy for each in refused.value.problems)
    return refused.value.problems


def problem(text: str) -> Problem:
    (only,) = problems(text)
    return only


def platform(orchestration: str = "{}") -> Platform:
    Path("platform.yaml").write_text(f"{BASE}orchestration:\n  {orchestration}\n", encoding="utf-8")
    return load_platform("platform.yaml", today=None)


def test_it_has_what_airflow_calls_by_the_same_words() -> None:
    found = read(WHOLE)
    assert found.pools["small"].include_deferred
    assert found.variables["regions"] == ["eu", "us"]
    connection = found.connections["prices"]
    assert (connection.conn_type, connection.schema_, connection.port) == ("http", "https", 443)


def test_its_secrets_are_names_that_are_replaced_by_values() -> None:
    found = read(WHOLE)
    assert found.secrets.keys() == {"PRICES_TOKEN", "PRICES_PASSWORD"}
    assert found.secrets["PRICES_PASSWORD"] == ("connections", "prices", "password", "secret")
    data = filled(
        found.model_dump(by_alias=True), {"PRICES_TOKEN": "one", "PRICES_PASSWORD": "two"}
    )
    assert data["variables"]["api_token"] == "one"
    assert data["connections"]["prices"]["password"] == "two"
    assert data["connections"]["prices"]["extra"] == {"timeout": 5, "auth": {"token": "one"}}


def test_the_file_of_the_problem_has_its_line() -> None:
    found = read(WHOLE)
    path = found.secrets["PRICES_PASSWORD"]
    assert found.problem(path, found="x", remedy="y").line == 14


@pytest.mark.parametrize(
    "password", ["hunter2", "[hunter2]", "{secret: hunter2}", "{value: hunter2}", "12345"]
)
def test_a_password_itself_is_refused_and_not_shown(password: str) -> None:
    text = f"connections:\n  prices:\n    conn_type: http\n    password: {password}\n"
    for found in problems(text):
        assert (found.line, found.key.startswith("connections.prices.password")) == (4, True)
        assert "hunter2" not in str(found)
        assert "12345" not in str(found)


def test_a_password_itself_names_the_remedy() -> None:
    found = problem("connections:\n  prices: {conn_type: http, password: hunter2}\n")
    assert found.found == "a password itself"
    assert "{secret: NAME}" in found.remedy


@pytest.mark.parametrize(
    ("key", "refused"), [("token", True), ("aws_secret_access_key", True), ("token_limit", False)]
)
def test_a_text_under_the_key_of_a_secret_is_refused(key: str, refused: bool) -> None:
    texts = [
        f"variables:\n  {key}: hunter2\n",
        f"connections:\n  a: {{conn_type: http, extra: {{deep: [{{{key}: hunter2}}]}}}}\n",
    ]
    for text in texts:
        if refused:
            found = problem(text)
            assert found.found == "a secret itself"
            assert found.key.endswith(key)
        else:
            read(text)


def test_a_secret_in_what_airflow_shows_is_refused() -> None:
    shown = problem("variables:\n  limit: {secret: PRICES}\n")
    assert (shown.line, shown.key) == (2, "variables.limit")
    assert "limit_secret" in shown.remedy
    inside = problem("variables:\n  my_token:\n    a: [{secret: PRICES}]\n")
    assert (inside.line, inside.key) == (3, "variables.my_token.a[0].secret")


@pytest.mark.parametrize(
    ("text", "key", "found"),
    [
        ("pools:\n  small: {slots: -2}\n", "pools.small.slots", "-2"),
        ("pools:\n  small: {}\n", "pools.small.slots", "nothing"),
        ("pools:\n  default_pool: {slots: 2}\n", "pools.default_pool", "not the team's own"),
        ("pools:\n  'a b': {slots: 2}\n", "pools.a b", '"a b"'),
        ("variables:\n  pilothouse_objects: 1\n", "variables.pilothouse_objects", "not the team's"),
        ("variables:\n  empty:\n", "variables.empty", "nothing"),
        ("connections:\n  a: {conn_type: http, port: 0}\n", "connections.a.port", "0"),
        ("connections:\n  a: {host: x}\n", "connections.a.conn_type", "nothing"),
        ("connections:\n  a: {conn_type: http, connType: x}\n", "connections.a.connType", "unkn"),
        ("connections:\n  a: {conn_type: x, host: u:p@h}\n", "connections.a.host", "a login"),
        (
            "connections:\n  a: {conn_type: x, extra: {k: {secret: AWS_KEY}}}\n",
            "connections.a.extra.k.secret",
            "AWS_KEY, which the platform sets",
        ),
    ],
)
def test_what_airflow_would_not_take_is_refused_with_its_line(
    text: str, key: str, found: str
) -> None:
    refused = problem(text)
    assert (refused.line, refused.key) == (2, key)
    assert found in refused.found


def test_a_file_of_the_usual_name_counts_where_there_is_one() -> None:
    assert team_objects.find(Path.cwd(), platform()) is None
    read(WHOLE)
    assert team_objects.find(Path.cwd(), platform()) == Path.cwd() / "airflow.yaml"
    assert team_objects.find(Path.cwd(), platform("engine: managed")) is None


def test_a_named_file_counts_in_its_place_and_must_be_there() -> None:
    read(WHOLE)
    made = platform("objects: team/objects.yaml")
    with pytest.raises(InvalidInput) as refused:
        team_objects.check(Path.cwd(), made)
    (only,) = refused.value.problems
    assert (only.file, only.line, only.key) == ("platform.yaml", 5, "orchestration.objects")
    assert only.found == "no file team/objects.yaml"
    Path("team").mkdir()
    Path("team/objects.yaml").write_text("pools: {}\n", encoding="utf-8")
    team_objects.check(Path.cwd(), made)
    assert team_objects.find(Path.cwd(), made) == Path.cwd() / "team" / "objects.yaml"


def test_the_targets_own_pipelines_have_no_such_file() -> None:
    with pytest.raises(InvalidInput) as refused:
        platform("{engine: managed, objects: airflow.yaml}")
    (only,) = refused.value.problems
    assert (only.line, only.key) == (5, "orchestration.objects")
