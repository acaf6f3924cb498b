from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from pilothouse.config.stack_file import StackFile, from_engine, load, names, parse_settings
from pilothouse.config.validation import refusal
from pilothouse.errors import InvalidInput, Problem

STACKS = Path("stacks")
LOCAL = "config:\n  pilothouse:target: local\n"


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    base_port: int = Field(default=5000, alias="basePort", ge=1024)
    mode: Literal["fast", "safe"] = "fast"
    password: SecretStr = SecretStr("")
    tags: dict[str, str] = {}

    @model_validator(mode="after")
    def _ports_stay_in_range(self) -> "Settings":
        if self.base_port > 65000:
            raise refusal(key="basePort", found=str(self.base_port), remedy="take one up to 65000")
        if self.tags == {"bad": "bad"}:
            raise ValueError("tags make no sense")
        return self


@pytest.fixture(autouse=True)
def _stacks(own_folder: Path) -> None:
    STACKS.mkdir()


def written(text: str, stack: str = "local") -> str:
    (STACKS / f"Pulumi.{stack}.yaml").write_text(text)
    return stack


def refused(stack: str, targets: list[str] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(InvalidInput) as caught:
        load(STACKS, stack, targets=targets)
    return caught.value.problems


def settings_problem(text: str, settings: object = None) -> Problem:
    stack = written(text)
    file = from_engine(STACKS, stack, "local", settings) if settings else load(STACKS, stack)
    with pytest.raises(InvalidInput) as caught:
        parse_settings(file, Settings)
    (problem,) = caught.value.problems
    return problem


def with_settings(text: str) -> str:
    return f"{LOCAL}  pilothouse:local:\n    {text}\n"


def test_the_target_and_its_settings_are_read() -> None:
    file = load(STACKS, written(with_settings("basePort: 7000")))
    assert (file.stack, file.target, file.settings) == ("local", "local", {"basePort": 7000})
    assert file.path == Path("stacks/Pulumi.local.yaml")
    assert parse_settings(file, Settings).base_port == 7000


@pytest.mark.parametrize("text", [LOCAL, f"{LOCAL}  pilothouse:local:\n"])
def test_a_target_without_settings_has_its_defaults(text: str) -> None:
    assert parse_settings(load(STACKS, written(text)), Settings) == Settings()


def test_what_is_pulumis_is_left_alone() -> None:
    text = (
        "secretsprovider: passphrase\nencryptionsalt: v1:abc:def\nencryptedkey: k\n"
        f"environment:\n  - team\n{LOCAL}  aws:region: eu-west-1\n"
        "  other:secret:\n    secure: v1:xyz\n"
    )
    assert load(STACKS, written(text)).target == "local"


@pytest.mark.parametrize(
    ("text", "line", "key", "found", "remedy"),
    [
        ("encryptionsalt: a\n", 1, "config", "nothing", "add it, with the key pilothouse:target"),
        ("config: [a]\n", 1, "config", "a list", "add it, with the key pilothouse:target"),
        (
            "a: b\nconfig:\n  aws:region: x\n",
            2,
            "config.pilothouse:target",
            "nothing",
            "name the target",
        ),
        (
            "config:\n  pilothouse:target: 7\n",
            2,
            "config.pilothouse:target",
            "7",
            "name the target",
        ),
        (
            f"{LOCAL}  pilothouse:locl: {{}}\n",
            3,
            "config.pilothouse:locl",
            "an unknown key",
            "did you mean pilothouse:local?",
        ),
        (
            f"{LOCAL}  pilothouse:aws: {{}}\n",
            3,
            "config.pilothouse:aws",
            "an unknown key",
            "valid are: pilothouse:target, pilothouse:local",
        ),
        (f"{LOCAL}  port: 7\n", 3, "config.port", "an unknown key", "valid are: pilothouse:target"),
    ],
    ids=[
        "no config",
        "config is a list",
        "no target",
        "target is a number",
        "misspelt settings",
        "settings of another target",
        "key without namespace",
    ],
)
def test_a_wrong_stack_file_is_refused_where_it_is_wrong(
    text: str, line: int, key: str, found: str, remedy: str
) -> None:
    (problem,) = refused(written(text))
    place = (problem.file, problem.line, problem.key)
    assert place == ("stacks/Pulumi.local.yaml", line, key)
    assert problem.found == found
    assert remedy in problem.remedy


def test_every_unknown_key_is_named_at_once() -> None:
    stack = written(f"{LOCAL}  pilothouse:a: 1\n  pilothouse:b: 2\n")
    assert [problem.line for problem in refused(stack)] == [3, 4]


def test_an_unknown_target_is_refused_with_a_guess() -> None:
    stack = written("config:\n  pilothouse:target: locl\n  pilothouse:local: {}\n")
    (problem,) = refused(stack, targets=["local", "aws"])
    assert str(problem) == (
        'stacks/Pulumi.local.yaml:2: config.pilothouse:target: found "locl"; '
        "did you mean local? valid are: aws, local"
    )


def test_a_known_target_is_accepted() -> None:
    assert load(STACKS, written(LOCAL), targets=["local"]).target == "local"


def test_an_unknown_stack_is_refused_with_those_that_exist() -> None:
    written(LOCAL, "local")
    written(LOCAL, "prod.eu")
    (problem,) = refused("lokal")
    assert str(problem) == (
        'stacks/Pulumi.lokal.yaml: found no file for stack "lokal"; '
        "did you mean local? valid are: local, prod.eu; write the file to add a stack"
    )
    assert names(STACKS) == ["local", "prod.eu"]


def test_an_unknown_stack_among_none_is_refused() -> None:
    (problem,) = refused("local")
    assert problem.remedy == "no stack has a file yet; write the file to add a stack"


@pytest.mark.parametrize("stack", ["", "../local", "a/b", "a b", "é", "..", "a" * 101, "a\n"])
def test_a_stack_name_that_pulumi_does_not_take_is_refused(stack: str) -> None:
    (problem,) = refused(stack)
    assert (problem.file, problem.key) == ("", "stack")
    assert str(problem).startswith("stack: found ")


def test_a_symlink_in_place_of_a_stack_file_is_refused() -> None:
    Path("other.yaml").write_text(LOCAL)
    (STACKS / "Pulumi.local.yaml").symlink_to("../other.yaml")
    (problem,) = refused("local")
    assert problem.found == "a symlink to ../other.yaml"


@pytest.mark.parametrize(
    ("text", "key", "found", "remedy"),
    [
        ("basePrt: 1", "basePrt", "an unknown key", "did you mean basePort?"),
        ("base_port: 1", "base_port", "an unknown key", "did you mean basePort?"),
        ('basePort: "1"', "basePort", '"1"', "write a whole number"),
        ("basePort: 80", "basePort", "80", "write a number greater than or equal to 1024"),
        ("basePort: 65001", "basePort", "65001", "take one up to 65000"),
        ("mode: fats", "mode", '"fats"', "did you mean fast? valid are: fast, safe"),
        ("tags: {a: 1}", "tags.a", "1", "write text"),
        ("password: 12345", "password", "a secret value", "write text"),
        ("basePort: {secure: v1:abc}", "basePort", "a secret value", "write a whole number"),
    ],
    ids=lambda text: text.split(":")[0] + text.rpartition(" ")[2] if ":" in text else None,
)
def test_wrong_settings_are_refused_where_they_stand(
    text: str, key: str, found: str, remedy: str
) -> None:
    problem = settings_problem(with_settings(text))
    place = (problem.file, problem.line, problem.key)
    assert place == ("stacks/Pulumi.local.yaml", 4, f"config.pilothouse:local.{key}")
    assert problem.found == found
    assert remedy in problem.remedy


def test_settings_that_are_no_mapping_are_refused() -> None:
    problem = settings_problem(f"{LOCAL}  pilothouse:local: 7\n")
    assert (problem.line, problem.key) == (3, "config.pilothouse:local")
    assert (problem.found, problem.remedy) == ("7", "write its keys below it, indented")


def test_the_words_of_a_validator_are_the_remedy() -> None:
    problem = settings_problem(with_settings("tags: {bad: bad}"))
    assert (problem.key, problem.found) == ("config.pilothouse:local", "a mapping")
    assert problem.remedy == "tags make no sense"


def test_values_from_the_engine_have_the_lines_of_the_file() -> None:
    problem = settings_problem(with_settings("basePort: 80"), {"basePort": 80})
    assert (problem.line, problem.key) == (4, "config.pilothouse:local.basePort")


def test_a_secret_from_the_engine_is_not_shown() -> None:
    problem = settings_problem(with_settings("basePort: {secure: v1:abc}"), {"basePort": "hunter2"})
    assert problem.found == "a secret value"
    assert "hunter2" not in str(problem)


def test_no_part_of_a_secret_section_is_shown() -> None:
    text = f"{LOCAL}  pilothouse:local:\n    secure: v1:abc\n"
    problem = settings_problem(text, {"basePort": "hunter2"})
    assert problem.found == "a secret value"


def test_values_from_the_engine_need_no_file() -> None:
    file = from_engine(STACKS, "gone", "local", {"basePort": 80})
    with pytest.raises(InvalidInput) as caught:
        parse_settings(file, Settings)
    assert str(caught.value).startswith(
        "stacks/Pulumi.gone.yaml: config.pilothouse:local.basePort: found 80; "
    )


def test_what_the_engine_gives_is_what_the_file_gives() -> None:
    stack = written(with_settings("basePort: 7000"))
    file = load(STACKS, stack)
    assert from_engine(STACKS, stack, "local", {"basePort": 7000}) == file
    assert isinstance(file, StackFile)
    assert from_engine(STACKS, stack, "local", None).settings == {}


def test_an_unknown_target_from_the_engine_is_refused_with_a_guess() -> None:
    stack = written("config:\n  pilothouse:target: locl\n")
    assert from_engine(STACKS, stack, "local", None, targets=["local"]).target == "local"
    with pytest.raises(InvalidInput) as caught:
        from_engine(STACKS, stack, "locl", None, targets=["local", "aws"])
    assert str(caught.value) == (
        'stacks/Pulumi.local.yaml:2: config.pilothouse:target: found "locl"; '
        "did you mean local? valid are: aws, local"
    )
