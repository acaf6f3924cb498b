"""An unchanged preview of the running stack, and how much of it is our own code."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import yaml
from testkit.support.stacks import Stack

from bench.figures import Figure, Goal, Part
from bench.processes import REPOSITORY, log, run_json

RUNS = 7
EMPTY = """\
name: empty
runtime: {name: python, options: {virtualenv: .venv}}
"""
NOTE = f"""\
`pulumi preview --expect-no-changes` of the running stack, as `pilothouse env` prepares it, and of
an empty program with the same `.venv` and a state of its own, in turn; medians of {RUNS}. Our own
code: `infra/__main__.py` from its first import to its last resource under an engine that answers
at once, less an empty program there, `import pulumi` not counted in either; and the import of our
providers, which the engine's process for them does. Medians of {RUNS} fresh processes."""


@dataclass(frozen=True)
class Previewed:
    """A stack that `pulumi preview` finds unchanged."""

    folder: Path
    stack: str
    variables: Mapping[str, str]
    options: tuple[str, ...] = ()

    def run(self, *arguments: str) -> float:
        """Seconds of `pulumi …`; RuntimeError with what it said if it fails."""
        began = time.perf_counter()
        done = subprocess.run(
            ["pulumi", *arguments, "--stack", self.stack, "--non-interactive", *self.options],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"pulumi {arguments}: {done.stdout}{done.stderr}")
        return time.perf_counter() - began

    def preview(self) -> float:
        """Seconds of an unchanged preview."""
        return self.run("preview", "--expect-no-changes")


def measure(stack: Stack) -> Part:
    """Both previews in turn, then our own code alone."""
    figures = [*against_empty(stack), *own_code(stack)]
    return Part("Unchanged preview", NOTE, figures)


def against_empty(
    stack: Stack, program: str = "", goal: Goal | None = None, *, runs: int = RUNS
) -> list[Figure]:
    """The stack's unchanged preview and that of a `program` without resources, in turn."""
    own, floor = in_turn(running(stack), empty(stack, program), runs=runs)
    return [
        Figure("unchanged preview", own, "s"),
        Figure("preview of an empty program", floor, "s"),
        Figure("ratio", own / floor, goal=goal),
    ]


def in_turn(*previews: Previewed, runs: int = RUNS) -> list[float]:
    """The median seconds of each of several unchanged previews."""
    log(f"preview: {len(previews)} programs, {runs} times in turn")
    rounds = [[each.preview() for each in previews] for _ in range(runs)]
    return [median(seconds) for seconds in zip(*rounds, strict=True)]


def own_program(stack: Stack, *floor: str, of: str = "wall", runs: int = RUNS) -> float:
    """Seconds of our program, less those of an empty one or of the file `floor`.

    of: `wall` on the clock, `cpu` of the processor, `program` of that until its last line.
    """
    arguments = [str(stack.project), json.dumps(_config(stack))]
    own = _median("bench.own_code", *arguments, of=of, runs=runs)
    return own - _median("bench.own_code", *floor, of=of, runs=runs)


def own_code(stack: Stack) -> list[Figure]:
    """What our code costs in the program and in the providers' process, on the clock."""
    log("preview: our own code")
    program = own_program(stack)
    providers = _median("bench.own_providers")
    return [
        Figure("our own code: program", program, "s"),
        Figure("our own code: providers", providers, "s"),
        Figure("our own code in all", program + providers, "s", Goal(0.3)),
    ]


def _median(module: str, *arguments: str, of: str = "wall", runs: int = RUNS) -> float:
    seconds = median(run_json(module, *arguments)[of] for _ in range(runs))
    log(f"  {module} {' '.join(arguments)[:60]}: {seconds:.3f} s")
    return float(seconds)


def _config(stack: Stack) -> dict[str, str]:
    """The stack's configuration as the engine hands it over: text, or JSON."""
    file = stack.project / "stacks" / f"Pulumi.{stack.name}.yaml"
    values = yaml.safe_load(file.read_text())["config"]
    return {key: v if isinstance(v, str) else json.dumps(v) for key, v in values.items()}


def running(stack: Stack) -> Previewed:
    """The stack itself, with a copy of its file, which `pulumi` may write to."""
    variables = stack.environment() | stack.json("env")
    copy = stack.project / "config-for-previews.yaml"
    shutil.copy(stack.project / "stacks" / f"Pulumi.{stack.name}.yaml", copy)
    return Previewed(stack.project, stack.name, variables, ("--config-file", str(copy)))


def beside(stack: Stack, name: str, program: str) -> Previewed:
    """A project of one program below the stack's own, with which it goes."""
    folder = stack.project / name
    (folder / "state").mkdir(parents=True)
    (folder / ".venv").symlink_to(REPOSITORY / ".venv")
    plugins = yaml.safe_load((stack.project / "Pulumi.yaml").read_text()).get("plugins", {})
    (folder / "Pulumi.yaml").write_text(EMPTY + yaml.safe_dump({"plugins": plugins}))
    (folder / "__main__.py").write_text(program)
    state = {"PULUMI_BACKEND_URL": f"file://{folder / 'state'}"}
    made = Previewed(folder, "empty", stack.environment() | stack.json("env") | state)
    made.run("stack", "init")
    return made


def empty(stack: Stack, program: str = "") -> Previewed:
    """A `program` without resources, on a state of its own."""
    made = beside(stack, "empty", program)
    made.run("up", "--yes", "--skip-preview")
    return made
