"""A requirements file that pip or MWAA would refuse is refused by its line."""

import pytest

from pilothouse.errors import InvalidInput
from pilothouse.targets.aws.settings import requirements
from pilothouse.targets.aws.settings.orchestration import PYTHON, OrchestrationSettings

CONSTRAINTS = """\
# This constraints file was automatically generated
apache-airflow-core==3.0.6
apache-airflow-providers-amazon==9.12.0
boto3==1.40.0
importlib-metadata==6.5 ; python_version < "3.10"
numpy==2.2.6
PyYAML==6.0.2
"""

WRONG = [
    ("pandas=2.2", 'found "pandas=2.2"; write a requirement such as pandas==2.2.3: '),
    ("pandas ==", "write a requirement such as pandas==2.2.3"),
    ("pip install pandas", "write a requirement such as"),
    ("./packages/own", "write a requirement such as"),
    ("-r more.txt", 'found "-r"; copy its lines: MWAA reads one requirements file'),
    ("--requirement=more.txt", "copy its lines"),
    ("-e .", "put the code into the plugins"),
    ("--index-ur https://example.org", "did you mean --index-url? valid are: -c"),
    ("--constraint constraints.txt", "name the file as orchestration.constraints"),
    ("-c /tmp/constraints.txt", 'found the constraints "/tmp/constraints.txt"'),
    ("--index-url https://me:hunter2@example.org/simple", "found a URL with credentials; name"),
    ("own @ https://me:hunter2@example.org/own.whl", "found a URL with credentials"),
    ("numpy==2.2.6\nNumPy>=2", 'requirements.txt:2: found "NumPy" again, after line 1'),
]

RIGHT = """\
# what the DAGs need
--constraint "https://raw.githubusercontent.com/apache/airflow/constraints-3.0.6/constraints-3.12.txt"
--find-links /usr/local/airflow/plugins
--no-index
pandas==2.2.3  # tables
apache-airflow-providers-snowflake[pandas] \\
    >=6,<7
numpy==1.26 ; python_version < "3.12"
numpy==2.2.6 ; python_version >= "3.12"
own @ https://example.org/own-1.0-py3-none-any.whl
/usr/local/airflow/plugins/other-1.0-py3-none-any.whl
scipy==1.16.1 --hash=sha256:0123
"""


def read(text: str) -> requirements.Requirements:
    return requirements.read("requirements.txt", text)


def contradictions(
    text: str,
    constraints: str | None = CONSTRAINTS,
    *,
    airflow: str = "3.0.6",
    python: str = "3.12",
) -> list[str]:
    held = None if constraints is None else requirements.read("constraints.txt", constraints)
    versions = {"airflow": airflow, "python": python}
    return list(map(str, requirements.find_contradictions(read(text), held, **versions)))


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[text[:30] for text, _ in WRONG])
def test_a_line_that_is_refused_is_named(text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(text)
    assert words in str(caught.value)
    assert str(caught.value).startswith("requirements.txt:")
    assert "hunter2" not in str(caught.value)


def test_every_wrong_line_is_named_at_once_with_its_number() -> None:
    with pytest.raises(InvalidInput) as caught:
        read("pandas==2.2.3\n\n-e .\n# a comment\nnumpy==\n")
    assert [problem.line for problem in caught.value.problems] == [3, 5]


def test_what_pip_takes_is_taken() -> None:
    found = read(RIGHT)
    names = ["pandas", "apache-airflow-providers-snowflake", "numpy", "numpy", "own", "scipy"]
    assert [line.name for line in found.lines] == names
    assert [line.number for line in found.lines[:3]] == [5, 6, 8]
    assert found.constraint
    assert found.constraint[0] == 2
    assert contradictions(RIGHT, None) == []


def test_the_files_are_those_that_airflow_publishes() -> None:
    held = requirements.read("constraints.txt", CONSTRAINTS)
    assert [line.pin for line in held.lines][:2] == ["3.0.6", "9.12.0"]
    assert "importlib-metadata" not in [line.name for line in held.applying("3.12")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "boto3==1.34.0",
            'requirements.txt:1: found "boto3==1.34.0", where constraints.txt:4 has ==1.40.0;',
        ),
        ("# YAML\npyyaml<6", 'requirements.txt:2: found "pyyaml<6", where constraints.txt:7 has'),
        ("numpy>=3", "where constraints.txt:6 has ==2.2.6"),
        ("apache-airflow==2.10.3", "with orchestration.version 3.0.6; write 3.0.6, or set"),
        ("apache-airflow[amazon]>3.0.6", "with orchestration.version 3.0.6"),
        (
            "--constraint https://example.org/c.txt\nboto3",
            "requirements.txt:1: found a --constraint beside orchestration.constraints",
        ),
    ],
)
def test_what_contradicts_the_constraints_is_named_with_both_lines(text: str, words: str) -> None:
    (only,) = contradictions(text)
    assert words in only


@pytest.mark.parametrize(
    "text",
    [
        "boto3",
        "boto3>=1.39",
        "boto3==1.40.0",
        "boto3==1.40.*",
        "Boto3~=1.40.0",
        "boto3==1.34.0 ; python_version < '3.12'",
        "boto3==1.34.0 ; sys_platform == 'win32'",
        "pandas==2.2.3",
        "importlib_metadata==8.0",
        "apache-airflow==3.0.6",
    ],
)
def test_what_agrees_with_the_constraints_is_taken(text: str) -> None:
    assert contradictions(text) == []


def test_constraints_of_another_airflow_are_refused() -> None:
    (only,) = contradictions("boto3", CONSTRAINTS.replace("core==3.0.6", "core==3.1.0"))
    assert only.startswith('constraints.txt:2: found "apache-airflow-core==3.1.0" with')


@pytest.mark.parametrize(
    ("airflow", "python"), [("2.10.3", "3.11"), ("3.0.6", "3.11"), ("2.10.3", "3.12")]
)
def test_a_published_constraints_file_of_another_version_is_refused(
    airflow: str, python: str
) -> None:
    url = f"https://raw.githubusercontent.com/apache/airflow/constraints-{airflow}/"
    (only,) = contradictions(f"-c {url}constraints-{python}.txt\nboto3", None)
    assert f"the constraints of Airflow {airflow} with Python {python}, where MWAA has" in only
    assert "write constraints-3.0.6/constraints-3.12.txt in its URL" in only


def test_the_python_of_an_environment_follows_from_its_airflow() -> None:
    assert OrchestrationSettings(version="2.10.3").python == "3.11"
    assert OrchestrationSettings().python == PYTHON["3.0.6"] == "3.12"
