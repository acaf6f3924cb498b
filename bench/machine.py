"""The machine that the figures were measured on."""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

BUSY = 0.5  # load average above which other processes use the cores


@dataclass(frozen=True)
class Machine:
    """The machine, and its load when the benchmark began."""

    facts: dict[str, str]
    load: float

    @classmethod
    def current(cls) -> "Machine":
        """This machine, now."""
        load = os.getloadavg()[0]
        facts = {
            "CPU": _cpu(),
            "Cores": str(len(os.sched_getaffinity(0))),
            "Memory": f"{psutil.virtual_memory().total / 2**30:.1f} GiB",
            "Kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
            "Python": platform.python_version(),
            "Pulumi": _pulumi(),
            "Date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "Load average at the start": f"{load:.2f}",
        }
        return cls(facts, load)

    @property
    def warning(self) -> str:
        """A warning about the figures; "" if there is none."""
        if self.load <= BUSY:
            return ""
        return "**The machine was busy when this began: an idle one gives better figures.**"

    def __str__(self) -> str:
        lines = [f"- {name}: {fact}" for name, fact in self.facts.items()]
        return "\n".join([*lines, *(["", self.warning] if self.warning else [])])


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _pulumi() -> str:
    done = subprocess.run(["pulumi", "version"], capture_output=True, text=True, check=True)
    return done.stdout.strip()
