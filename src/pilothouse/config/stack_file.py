"""Reads `stacks/Pulumi.<stack>.yaml`: which target a stack is on, and the target's settings.

Pulumi owns the file. Under `config`, `pilothouse:target` is the target's name and
`pilothouse:<target>` its settings; other namespaces and other top-level keys are Pulumi's.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pilothouse.config import text_file, validation, yaml_reader
from pilothouse.config.validation import Model
from pilothouse.config.yaml_reader import Document
from pilothouse.errors import InvalidInput, Problem, one_of, shown
from pilothouse.naming import check_stack

NAMESPACE = "pilothouse:"
TARGET = "pilothouse:target"


@dataclass(frozen=True, kw_only=True)
class StackFile:
    """A stack's target and the target's settings, as plain data, with their place in the file."""

    path: Path
    stack: str
    target: str
    settings: Any
    document: Document


def load(stacks_dir: Path, stack: str, *, targets: Collection[str] | None = None) -> StackFile:
    """Read the file of `stack`; raises InvalidInput with every problem.

    A target that is not one of `targets`, if they are given, is a problem.
    """
    check_stack(stack)
    path = path_of(stacks_dir, stack)
    if not path.exists():
        raise InvalidInput([_unknown_stack(stacks_dir, stack)])
    document = yaml_reader.read(path)
    config = _config(document)
    if problems := list(_problems(document, config, targets)):
        raise InvalidInput(problems)
    return _stack_file(path, stack, config[TARGET], config.get(_key(config[TARGET])), document)


def from_engine(
    stacks_dir: Path,
    stack: str,
    target: str,
    settings: object,
    *,
    targets: Collection[str] | None = None,
) -> StackFile:
    """The same as `load`, with the target and the settings that the Pulumi engine passed.

    The file only gives the place of each value; it may be missing. Raises InvalidInput if
    `targets` are given and `target` is not one of them.
    """
    path = path_of(stacks_dir, stack)
    try:
        document = yaml_reader.read(path)
    except InvalidInput:
        document = Document(file=text_file.displayed(path), data={}, lines={})
    if targets is not None and target not in targets:
        raise InvalidInput([_unknown_target(document, target, targets)])
    return _stack_file(path, stack, target, settings, document)


def parse_settings(
    stackfile: StackFile, model: type[Model], *, context: dict[str, Any] | None = None
) -> Model:
    """Validate the target's settings as its `model`; raises InvalidInput with every problem.

    `context` is passed to the model's validators.
    """
    return validation.parse(
        model,
        stackfile.settings,
        document=stackfile.document,
        prefix=("config", _key(stackfile.target)),
        context=context,
    )


def path_of(stacks_dir: Path, stack: str) -> Path:
    """The path of the file of `stack`."""
    return stacks_dir / f"Pulumi.{stack}.yaml"


def names(stacks_dir: Path) -> list[str]:
    """The stacks that have a file."""
    files = (path.name for path in stacks_dir.glob("Pulumi.*.yaml"))
    return sorted(name.removeprefix("Pulumi.").removesuffix(".yaml") for name in files)


def _stack_file(
    path: Path, stack: str, target: str, settings: object, document: Document
) -> StackFile:
    return StackFile(
        path=path,
        stack=stack,
        target=target,
        settings={} if settings is None else settings,
        document=document,
    )


def _unknown_stack(stacks_dir: Path, stack: str) -> Problem:
    path, known = path_of(stacks_dir, stack), names(stacks_dir)
    remedy = one_of(stack, known) if known else "no stack has a file yet"
    return Problem(
        file=text_file.displayed(path),
        key="",
        found=f"no file for stack {shown(stack)}",
        remedy=f"{remedy}; write the file to add a stack",
    )


def _config(document: Document) -> dict[str, Any]:
    config = document.data.get("config")
    if isinstance(config, dict):
        return config
    remedy = f"add it, with the key {TARGET} below it"
    raise InvalidInput([document.problem(("config",), found=shown(config), remedy=remedy)])


def _problems(
    document: Document, config: Mapping[str, Any], targets: Collection[str] | None
) -> Iterator[Problem]:
    target = config.get(TARGET)
    if not isinstance(target, str):
        valid = f"; {one_of(target, sorted(targets))}" if targets else ""
        yield _problem(document, TARGET, shown(target), f"name the target{valid}")
    elif targets is not None and target not in targets:
        yield _unknown_target(document, target, targets)
    else:
        yield from _unknown_keys(document, config, target)


def _unknown_target(document: Document, target: str, targets: Collection[str]) -> Problem:
    return _problem(document, TARGET, shown(target), one_of(target, sorted(targets)))


def _unknown_keys(document: Document, config: Mapping[str, Any], target: str) -> Iterator[Problem]:
    valid = [TARGET, _key(target)]
    for key in config:
        if key not in valid and (key.startswith(NAMESPACE) or ":" not in key):
            yield _problem(document, key, "an unknown key", one_of(key, valid))


def _problem(document: Document, key: str, found: str, remedy: str) -> Problem:
    return document.problem(("config", key), found=found, remedy=remedy)


def _key(target: str) -> str:
    return f"{NAMESPACE}{target}"
