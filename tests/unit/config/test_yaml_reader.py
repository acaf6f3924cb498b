import math
import os
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pilothouse.config import text_file
from pilothouse.config.text_file import MAX_BYTES
from pilothouse.config.yaml_reader import MAX_DEPTH, Document, dotted, read
from pilothouse.errors import InvalidInput, Problem

pytestmark = pytest.mark.usefixtures("own_folder")
FILE = Path("some.yaml")


def document(content: str | bytes) -> Document:
    FILE.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(FILE)


def problems(content: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(InvalidInput) as caught:
        document(content)
    return caught.value.problems


def problem_of(path: Path) -> Problem:
    with pytest.raises(InvalidInput) as caught:
        read(path)
    (problem,) = caught.value.problems
    return problem


WRONG = {
    "empty": ("", None, "", "an empty file", "write its keys"),
    "only a comment": ("# nothing\n", None, "", "an empty file", "write its keys"),
    "only a document mark": ("---\n", 2, "", "nothing", "write keys with values"),
    "top level is text": ("\nhello\n", 2, "", '"hello"', "write keys with values"),
    "top level is a list": ("- a\n", 1, "", "a list", "write keys with values"),
    "unclosed bracket": ("a: 1\nb: [1,\n", 3, "", "text that is not YAML", "brackets"),
    "tab as indentation": ("a:\n\tb: 1\n", 2, "", "text that is not YAML", "indentation"),
    "key within a value": ("a: b: c\n", 1, "", "text that is not YAML", "colons"),
    "unclosed quote": ('a: "b\n', 2, "", "text that is not YAML", "quotes"),
    "half a character": ('a: "\\ud800"\n', 1, "", "text that is not YAML", "check"),
    "two documents": ("a: 1\n---\nb: 2\n", 2, "", "a second document", "one document"),
    "duplicate key": ("a: 1\nb: 2\na: 3\n", 3, "a", "(first on line 1)", "keep one"),
    "duplicate key below": ("a:\n  b: 1\n  b: 1\n", 3, "a.b", "(first on line 2)", "keep one"),
    "duplicate key in a list": ("a:\n- b: 1\n  b: 2\n", 3, "a[0].b", "line 2", "keep"),
    "number as key": ("a: 1\n7: 2\n", 2, "", "7 as a key", "quote it"),
    "boolean as key": ("true: 2\n", 1, "", "true as a key", "quote it"),
    "null as key": ("a:\n  ~: 2\n", 2, "a", "nothing as a key", "quote it"),
    "list as key": ("? [a, b]\n: 2\n", 1, "", "a list as a key", "use text as a key"),
    "mapping as key": ("? {a: b}\n: 2\n", 1, "", "a mapping as a key", "use text as a key"),
    "object tag": (
        "a: 1\nb: !!python/object/apply:os.mkdir [made]\n",
        2,
        "b",
        'the tag "tag:yaml.org,2002:python/object/apply:os.mkdir"',
        "without a tag",
    ),
    "tag of its own": ("a: !thing 1\n", 1, "a", 'the tag "!thing"', "without a tag"),
    "tag on a mapping": ("a: !!set {b}\n", 1, "a", "the tag", "without a tag"),
    "tag on a key": ("!thing a: 1\n", 1, "", 'the tag "!thing"', "without a tag"),
    "anchor": ("a: &x 1\n", 1, "a", "the anchor &x", "remove it"),
    "anchor on a list": ("a: 1\nb: &x [1]\n", 2, "b", "the anchor &x", "remove it"),
    "alias": ("a: *x\n", 1, "a", "the alias *x", "write the value itself"),
    "merge key": ("a:\n  <<: {b: 1}\n", 2, "a.<<", "a merge key", "write the keys themselves"),
    "too deep": (
        "a: 1\nb: " + "[" * 40 + "]" * 40,
        2,
        "b",
        f"more than {MAX_DEPTH} levels",
        "nest less deeply",
    ),
    "control character": ("a: 1\nb: \x07\n", 2, "", "the control character U+0007", "remove it"),
    "zero byte": ("a: \0\n", 1, "", "the control character U+0000", "remove it"),
    "latin 1": (b"a: 1\nb: \xe4\n", 2, "", "bytes that are not UTF-8", "save it as UTF-8"),
    "utf-16": ("a: 1\n".encode("utf-16"), 1, "", "bytes that are not UTF-8", "save it as UTF-8"),
    "one byte too many": (
        "a: 1".ljust(MAX_BYTES + 1),
        None,
        "",
        f"{MAX_BYTES + 1} bytes",
        f"keep it to {MAX_BYTES} bytes",
    ),
}


@pytest.mark.parametrize(
    ("content", "line", "key", "found", "remedy"), WRONG.values(), ids=WRONG.keys()
)
def test_what_is_not_plain_yaml_is_refused_where_it_stands(
    content: str | bytes, line: int | None, key: str, found: str, remedy: str
) -> None:
    (problem,) = problems(content)
    assert (problem.file, problem.line, problem.key) == ("some.yaml", line, key)
    assert found in problem.found
    assert remedy in problem.remedy


def test_tags_make_nothing() -> None:
    problems("a: !!python/object/apply:os.mkdir [made]\n")
    assert not Path("made").exists()


def test_all_that_can_be_found_comes_at_once() -> None:
    found = problems("a: &x 1\nb: *x\na: 2\n<<: {}\n5: 1\nc: !!int 7\nd: [\n")
    assert [(problem.line, problem.found.split(" ")[1]) for problem in found] == [
        (1, "anchor"),
        (2, "alias"),
        (3, "key"),
        (4, "merge"),
        (5, "as"),
        (6, "tag"),
        (8, "that"),
    ]


def test_what_follows_a_nest_too_deep_is_still_checked() -> None:
    deep = "a: " + "{x: " * 40 + "1" + "}" * 40
    assert [problem.line for problem in problems(f"{deep}\nb: &x 1\n")] == [1, 2]


def test_keys_in_keys_are_not_followed_without_end() -> None:
    found = problems("{" * 500 + "}" * 500)
    assert found[0].found == f"more than {MAX_DEPTH} levels"


def test_the_deepest_nest_allowed_is_read() -> None:
    nest = document("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)).data["a"]
    for _ in range(MAX_DEPTH - 2):
        (nest,) = nest
    assert nest == []


def test_aliases_do_not_multiply() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
        for old, new in zip("abcdefghijk", "bcdefghijkl", strict=True)
    )
    assert len(problems(bomb)) > 100


def test_the_largest_file_is_read() -> None:
    assert document("a: 1".ljust(MAX_BYTES)).data == {"a": 1}


def test_a_missing_file_is_refused() -> None:
    problem = problem_of(Path("gone.yaml"))
    assert str(problem) == (
        "gone.yaml: found No such file or directory; name a file that exists and can be read"
    )


def test_a_folder_is_refused() -> None:
    Path("folder.yaml").mkdir()
    assert problem_of(Path("folder.yaml")).found == "a folder"


def test_a_symlink_is_refused() -> None:
    FILE.write_text("a: 1\n")
    Path("link.yaml").symlink_to(FILE)
    problem = problem_of(Path("link.yaml"))
    assert (problem.found, problem.remedy) == ("a symlink to some.yaml", "name the file itself")


def test_a_dangling_symlink_is_refused() -> None:
    Path("link.yaml").symlink_to("nowhere")
    assert problem_of(Path("link.yaml")).found == "a symlink to nowhere"


def test_a_pipe_is_refused_and_not_waited_for() -> None:
    os.mkfifo("pipe.yaml")
    assert problem_of(Path("pipe.yaml")).found == "something that is no regular file"


def test_a_file_below_a_file_is_refused() -> None:
    FILE.write_text("a: 1\n")
    assert problem_of(FILE / "b.yaml").found == "Not a directory"


def test_a_file_that_may_not_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    FILE.write_text("a: 1\n")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert problem_of(FILE).found == "Permission denied"


def test_files_below_the_current_folder_are_shown_relative_to_it(tmp_path: Path) -> None:
    assert text_file.displayed(tmp_path / "sub" / "a.yaml") == "sub/a.yaml"
    assert text_file.displayed(tmp_path.parent / "a.yaml") == str(tmp_path.parent / "a.yaml")


VALUES: dict[str, Any] = {
    "null": None,
    "~": None,
    "": None,
    "true": True,
    "False": False,
    "yes": "yes",
    "off": "off",
    "'true'": "true",
    "0": 0,
    "-7": -7,
    "+7": 7,
    "007": "007",
    "0x1f": "0x1f",
    "0o17": "0o17",
    "1_000": "1_000",
    "1:30": "1:30",
    "999999999999999999": 999999999999999999,
    "1.5": 1.5,
    "1.": 1.0,
    ".5": 0.5,
    "-1.5e-3": -0.0015,
    "1e3": 1000.0,
    ".inf": math.inf,
    "-.INF": -math.inf,
    "1.inf": "1.inf",
    "inf": "inf",
    "nan": "nan",
    "'7'": "7",
    "2027-12-31": "2027-12-31",
    "=": "=",
    '"a\\tb"': "a\tb",
    "|\n  two\n  lines\n": "two\nlines\n",
    "[1, a, ~]": [1, "a", None],
    "{b: 1}": {"b": 1},
}


@pytest.mark.parametrize(("text", "value"), VALUES.items(), ids=ascii)
def test_plain_values_follow_yaml_1_2(text: str, value: Any) -> None:
    read_value = document(f"a: {text}").data["a"]
    assert (read_value, type(read_value)) == (value, type(value))


def test_not_a_number_is_read_as_such() -> None:
    assert math.isnan(document("a: .NaN\n").data["a"])


def test_a_number_of_any_length_is_read() -> None:
    assert document(f"a: {'9' * 10_000}\n").data["a"] == math.inf


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    found = document(b"\xef\xbb\xbfa: 1\r\nb:\r\n  c: 2\r\n")
    assert found.data == {"a": 1, "b": {"c": 2}}
    assert found.line(("b", "c")) == 3


def test_a_quoted_merge_key_is_a_key() -> None:
    assert document('"<<": 1\n').data == {"<<": 1}


def test_every_key_and_item_has_its_line() -> None:
    text = "# top\n---\na: 1\nb:\n  - x\n  - c: 2\n    d: |\n      text\n    e: 3\n"
    assert document(text).lines == {
        (): 3,
        ("a",): 3,
        ("b",): 4,
        ("b", 0): 5,
        ("b", 1): 6,
        ("b", 1, "c"): 6,
        ("b", 1, "d"): 7,
        ("b", 1, "e"): 9,
    }


def test_a_key_that_is_not_there_is_at_the_nearest_above_it() -> None:
    found = document("a: 1\nb:\n  c: 1\n")
    assert found.line(("b", "x", "y")) == 2
    assert found.line(("x",)) == 1
    assert Document(file="a", data={}, lines={}).line(("x",)) is None


def test_key_paths_are_shown_with_dots_and_indices() -> None:
    assert dotted(("a", 0, "b:c", "d")) == "a[0].b:c.d"
    assert dotted(()) == ""
    assert dotted((0, "a")) == "[0].a"


@pytest.mark.parametrize("seed", range(200))
def test_damaged_text_is_refused_or_read_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the damage must be the same in every run
    text = list("name: demo\npilot:\n  expires: 2027-12-31\n  list: [a, {b: 'c'}]\n")
    for _ in range(chance.randint(1, 6)):
        text[chance.randrange(len(text))] = chance.choice(
            "&*!|>%@`[]{},:?-#\"'\\\n\t <\0\x85é\ufeff"
        )
    with suppress(InvalidInput):
        assert isinstance(document("".join(text)).data, dict)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("a: {x: 1}\na: {x: 2}\n", ["a"]),
        ("? {a: 1}\n: 1\na: 2\n", [""]),
        ("7: {a: 1}\n7: {a: 2}\n", ["", ""]),
    ],
)
def test_only_keys_of_one_mapping_are_duplicates(text: str, keys: list[str]) -> None:
    assert [problem.key for problem in problems(text)] == keys
