"""The message of an operation that failed: the cause, the last lines, the log, the remedy."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pilothouse.lifecycle.engine.diagnostics import TRACEBACK

if TYPE_CHECKING:
    from pilothouse.lifecycle.engine.diagnostics import Diagnostic, Diagnostics
    from pilothouse.lifecycle.engine.patience import Overdue

TRACEBACK_LINES = 20
AGAIN = "then run the same command again: it continues from there"

_UNINFORMATIVE = frozenset({"update failed", "preview failed", "destroy failed", "refresh failed"})
_OUT_OF_MEMORY = ", as the kernel does where memory runs out"
_MORE_MEMORY = (
    "free memory or raise its limit if `dmesg` or `journalctl -k` says `out of memory`, " + AGAIN
)
_FRAME = re.compile(r'^ +File "(?P<file>.+)", line (?P<line>\d+)', re.MULTILINE)
_RUNNER = ("<frozen ", "/pulumi-language-python-exec", "/site-packages/pulumi/", "/asyncio/")
_SIGNALS = {(signal.strsignal(number) or "").lower(): number.name for number in signal.Signals}


@dataclass(frozen=True, kw_only=True)
class _Cause:
    """text: what happened. remedy: what to do. has_output: whether the last lines printed tell."""

    text: str
    remedy: str
    has_output: bool = True


def describe(diagnostics: Diagnostics, code: int, stderr: str) -> str:
    """The message for the user about an operation whose `pulumi` exited with `code`.

    `code` is the negative number of the signal that ended it. `stderr` counts where no event of the
    engine has an error.
    """
    errors = _distinct(diagnostics.errors)
    said = "\n".join(map(str, errors)) or stderr.removeprefix("error: ")
    cause = _killed(code) if code < 0 else _cause(said, errors)
    return _explain(cause, diagnostics)


def describe_overdue(diagnostics: Diagnostics, overdue: Overdue) -> str:
    """The message about a run that was ended because an operation took too long."""
    own = [e for e in diagnostics.errors if e.resource == overdue.operation.resource]
    text = "\n".join(map(str, [overdue, *_distinct(own)]))
    remedy = f"{overdue.limit.remedy}, {AGAIN}"
    return _explain(_Cause(text=text, remedy=remedy, has_output=False), diagnostics)


def _explain(cause: _Cause, diagnostics: Diagnostics) -> str:
    lines = [cause.text]
    if cause.has_output and diagnostics.output:
        lines += ["the last lines of the output:", *(f"  {line}" for line in diagnostics.output)]
    if diagnostics.is_logged:
        lines.append(f"the whole output is in {diagnostics.log}")
    return "\n".join([*lines, f"what to do: {cause.remedy}"])


def _distinct(errors: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Each error once, without those that only say that there were others."""
    found = list(dict.fromkeys(errors))
    return [error for error in found if error.message not in _UNINFORMATIVE] or found


def _killed(code: int) -> _Cause:
    name = signal.Signals(-code).name
    return _Cause(
        text=f"the Pulumi engine (`pulumi`) was ended by {name}{_why(name)}",
        remedy=_MORE_MEMORY
        if name == "SIGKILL"
        else "run the same command again: it continues from there",
    )


def _cause(said: str, errors: Sequence[Diagnostic]) -> _Cause:
    for pattern, make in _SYMPTOMS:
        if found := pattern.search(said):
            return make(found, errors)
    return _Cause(text=said, remedy=f"correct what the error names, {AGAIN}", has_output=False)


def _program_signal(found: re.Match[str], _errors: Sequence[Diagnostic]) -> _Cause:
    name = _SIGNALS.get(found["signal"], found["signal"])
    look = f"look for what ends it in the last lines of its output, {AGAIN}"
    return _Cause(
        text=f"the Pulumi program was ended by {name}{_why(name)}",
        remedy=_MORE_MEMORY if name == "SIGKILL" else look,
    )


def _program_exit(found: re.Match[str], _errors: Sequence[Diagnostic]) -> _Cause:
    return _Cause(
        text=f"the Pulumi program exited with code {found['code']} and reported no error",
        remedy="look for what ends it in the program (`main` in Pulumi.yaml names its folder) and "
        f"in what it imports, {AGAIN}",
    )


def _exception(found: re.Match[str], _errors: Sequence[Diagnostic]) -> _Cause:
    text = _shorten_traceback(found.string)
    frames = _FRAME.findall(text)
    place = ":".join(frames[-1]) if frames else "the program"
    missing = re.search(r"ModuleNotFoundError: No module named '(?P<name>[^']+)'", text)
    install = f"install the module {missing['name']} (`pilothouse setup`), or " if missing else ""
    return _Cause(text=text, remedy=f"{install}correct {place}, {AGAIN}", has_output=False)


def _plugin_start(found: re.Match[str], _errors: Sequence[Diagnostic]) -> _Cause:
    return _Cause(
        text=f"the plugin {found['path']} could not be started: {found['why']}",
        remedy=f"run {found['path']} to see what it lacks, or install it anew (`pilothouse "
        f"setup`), {AGAIN}",
    )


def _lost_connection(_found: re.Match[str], errors: Sequence[Diagnostic]) -> _Cause:
    names = [error.resource for error in errors if error.resource]
    died = (
        f"a provider plugin died while it worked on {', '.join(names)}"
        if names
        else "the language host (`pulumi-language-python`) or a plugin died"
    )
    return _Cause(
        text=f"{died}: the engine lost the connection to it",
        remedy=_MORE_MEMORY,
    )


def _full_disk(found: re.Match[str], errors: Sequence[Diagnostic]) -> _Cause:
    first = str(errors[0]) if errors else found.string.strip()
    return _Cause(
        text=f"the disk is full, or a limit of it is reached ({found[0]}): {first}",
        remedy=f"free space where the named file is, or raise the limit (`ulimit -f`), {AGAIN}",
        has_output=False,
    )


def _why(name: str) -> str:
    return _OUT_OF_MEMORY if name == "SIGKILL" else ""


def _shorten_traceback(text: str) -> str:
    """Without the frames of what runs the program, and of a long one the last lines."""
    head, mark, frames = text.partition(TRACEBACK)
    own = next((f for f in _FRAME.finditer(frames) if not _is_of_runner(f["file"])), None)
    lines = frames[own.start() if own else 0 :].strip("\n").splitlines()
    shown = ["  …"] * (len(lines) > TRACEBACK_LINES) + lines[-TRACEBACK_LINES:]
    return head + mark + "\n".join(shown)


def _is_of_runner(file: str) -> bool:
    return any(part in file for part in _RUNNER)


_Make = Callable[[re.Match[str], Sequence["Diagnostic"]], _Cause]

_SYMPTOMS: Sequence[tuple[re.Pattern[str], _Make]] = [
    (re.compile(pattern, re.MULTILINE), make)
    for pattern, make in (
        (r"program was ended by a signal: signal: (?P<signal>[a-z ]+[a-z])", _program_signal),
        (r"rogram exited with non-zero exit code: (?P<code>-?\d+)", _program_exit),
        (r"rogram failed with an unhandled exception", _exception),
        (r"no space left on device|file too large|disk quota exceeded", _full_disk),
        (r"could not read plugin \[(?P<path>[^\]]+)\]: (?P<why>.+)", _plugin_start),
        (r"error reading from server: |transport: Error while dialing|transport is closing",
         _lost_connection),
    )
]  # fmt: skip
"""By a pattern of what the engine says."""
