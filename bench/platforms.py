"""Lives of a local stack and of the same services started by a script, with empty data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from testkit.support.stacks import BLOCK, Stack, end_all, free_block, local_stack

from bench.floor.layout import Environments
from bench.floor.memory import proportional
from bench.processes import log, run_json
from pilothouse.targets.local.processes import process_table, supervision

SETTLE = 10.0  # seconds of rest before memory is read

Seconds = dict[str, float]
WhileUp = Callable[[Stack], None]


def life_of_script(environments: Environments) -> Seconds:
    """One life of the script's services: seconds to ready, verified and stop; memory in MiB."""
    log("the same services by hand: start, prove, weigh, stop")
    options = [f"--{name}={path}" for name, path in vars(environments).items()]
    (life,) = run_json(
        "bench.floor", *options, f"--first-port={free_block()}", f"--settle={SETTLE:g}"
    )
    log(f"  memory in MiB: {life['pss_mib']}")
    memory = life["pss_mib"]["total"]
    return {**{name: life[name] for name in ("ready", "verified", "stop")}, "memory": memory}


def life_of_stack(while_up: WhileUp) -> Seconds:
    """One life of a new stack: seconds to ready, verified and down; memory in MiB.

    `while_up` is called with the stack before its end.
    """
    with _stack() as stack:
        log("pilothouse: up --verify, rest, weigh, down")
        figures = _up(stack)
        time.sleep(SETTLE)
        figures["memory"] = _memory(stack)
        while_up(stack)
        _, figures["down"] = _time(lambda: stack.run("down", "--yes"))
        log(f"  down after {figures['down']:.1f} s")
        _require_nothing_left(stack)
    return figures


def _up(stack: Stack) -> Seconds:
    """Seconds of the whole command, interpreter included; ready is all of it but the proof."""
    document, verified = _time(lambda: stack.json("up", "--verify"))
    ready = verified - document["seconds"]["verify"]
    log(f"  ready after {ready:.1f} s, verified after {verified:.1f} s")
    return {"ready": ready, "verified": verified}


def _time(step: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    result = step()
    return result, time.perf_counter() - began


def _memory(stack: Stack) -> float:
    """PSS of every process that belongs to the stack's folder, in MiB."""
    programs = supervision.programs(stack.home)
    parts = proportional({name: program.pid for name, program in programs.items() if program.pid})
    total = sum(map(_proportional, process_table.of_folder(stack.home))) / 2**20
    log(f"  memory in MiB: {parts}, total {total:.1f}")
    return total


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0


def _require_nothing_left(stack: Stack) -> None:
    if traces := stack.traces():
        raise RuntimeError(f"down left something: {traces}")


@contextmanager
def _stack() -> Iterator[Stack]:
    """A stack of which nothing is left at the end, whatever happens."""
    with local_stack() as stack:
        try:
            yield stack
        finally:
            end_all(stack)
            _remove_sockets(stack)


def _remove_sockets(stack: Stack) -> None:
    """What a killed SeaweedFS leaves outside of the project."""
    for port in range(stack.base_port, stack.base_port + BLOCK):
        for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - its choice
            path.unlink(missing_ok=True)
