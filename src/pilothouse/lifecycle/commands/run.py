"""`pilothouse run`: a run of the team's workload, started and followed."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pilothouse.config.platform_spec import Platform
from pilothouse.config.workload import Scalar, Workload
from pilothouse.errors import PilothouseError, Refused, one_of, shown
from pilothouse.lifecycle import workload as team
from pilothouse.lifecycle.commands.runs import run_document, runs_of
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack
from pilothouse.services.workload import RunRequest, WorkloadRun, definition

POLL = 0.5  # seconds


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a run is asked for: steps (none: all), `name=value` parameters, the run `inputs`."""

    steps: Sequence[str] = ()
    parameters: Sequence[str] = ()
    inputs: str = ""


def start(stack: Stack, platform: Platform, report: Report, wanted: Wanted) -> str:
    """Deliver the package as the project has it now, and start a run; its name.

    `platform` is what the files say. Raises Refused, before anything is changed, where they define
    other steps than the stack was set up with, and where what is wanted is not there.
    """
    workload = platform.workload
    contract = stack.contract()
    defined = contract.orchestration.submit.get("definition", "")
    if workload is None or not defined:
        raise Refused(
            f"{stack.name} has no workload: add `workload` to platform.yaml, and run "
            f"`pilothouse up {stack.name}`"
        )
    if definition(workload)["description"] != defined:
        raise Refused(
            "the steps, parameters, secrets or schedule of workload in platform.yaml are not those "
            f"that {stack.name} was set up with: run `pilothouse up {stack.name}` first"
        )
    _check_steps(workload, wanted)
    parameters = read_parameters(workload.parameters, wanted.parameters)
    prepared = team.prepare(stack, platform, workload, report)
    request = RunRequest(
        token=f"run-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}",
        package=prepared.package.digest,
        parameters=parameters,
        steps=wanted.steps,
        inputs=wanted.inputs,
    )
    with stack.operations.accessible(contract) as accessible:
        team.deliver(stack, accessible, report, prepared)
        runs = stack.clients.workload_runs(accessible.orchestration)
        name = runs.start(request, defined)
    report.say(f"run {name} has started")
    report.document({"run": {"name": name}})
    return name


def follow(stack: Stack, report: Report, name: str) -> None:
    """Report each change of the run's steps and what each said, until the run has ended.

    Raises PilothouseError where it does not succeed.
    """
    told: dict[str, str] = {}
    with runs_of(stack) as runs:
        while True:
            run = runs.look(name)
            for step in run.steps:
                if told.get(step.name) == step.state:
                    continue
                told[step.name] = step.state
                report.say(f"{step.name}: {step.state}")
                if step.is_over:
                    for line in runs.log(name, step):
                        report.say(f"{step.name} | {line}")
            if run.ended:
                break
            time.sleep(POLL)
    report.document({"run": run_document(run)})
    _require_success(stack, run)
    report.say(f"run {name} has succeeded")


def cancel(stack: Stack, report: Report, name: str) -> None:
    """End a run and what runs of it."""
    with runs_of(stack) as runs:
        runs.cancel(name)
    report.say(f"run {name} is cancelled")


def read_parameters(defaults: Mapping[str, Scalar], given: Sequence[str]) -> Mapping[str, Scalar]:
    """The parameters that `name=value` texts give, each of the type of its default.

    Raises Refused for an unknown name, or a text that is no value of that type.
    """
    parameters = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise Refused(f"--param: found {shown(text)}; write name=value")
        if name not in defaults:
            remedy = one_of(name, sorted(defaults)) if defaults else "the workload has none"
            raise Refused(f"--param: found no parameter {shown(name)}; {remedy}")
        parameters[name] = _READERS[type(defaults[name])](name, value)
    return parameters


def _check_steps(workload: Workload, wanted: Wanted) -> None:
    for name in wanted.steps:
        if name not in workload.order:
            raise Refused(f"--step: found no step {shown(name)}; {one_of(name, workload.order)}")
        missing = [need for need in workload.step(name).needs if need not in wanted.steps]
        if missing and not wanted.inputs:
            raise Refused(
                f"--step: {name} needs {', '.join(missing)}; name the run whose outputs it shall "
                "find with --inputs (`pilothouse runs` lists them), or these steps too"
            )


def _require_success(stack: Stack, run: WorkloadRun) -> None:
    if run.succeeded:
        return
    failed = [step.name for step in run.steps if step.state.lower() == "failed"]
    what = f": {', '.join(failed)} failed" if failed else ""
    raise PilothouseError(
        f"run {run.name} ended as {run.state}{what}; see "
        f"`pilothouse logs {stack.name} --run {run.name}`"
    )


def _read_number(kind: Callable[[str], Scalar], what: str) -> Callable[[str, str], Scalar]:
    def read(name: str, text: str) -> Scalar:
        try:
            return kind(text)
        except ValueError:
            raise Refused(f"--param {name}: found {shown(text)}; write {what}") from None

    return read


def _read_boolean(name: str, text: str) -> Scalar:
    values = {"true": True, "false": False}
    if text not in values:
        raise Refused(f"--param {name}: found {shown(text)}; write true or false")
    return values[text]


_READERS: Mapping[type, Callable[[str, str], Scalar]] = {
    bool: _read_boolean,
    float: _read_number(float, "a number"),
    int: _read_number(int, "a whole number"),
    str: lambda _name, text: text,
}
