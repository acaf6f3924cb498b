"""What the services keep in memory when nothing is asked of them."""

import psutil


def proportional(pids: dict[str, int]) -> dict[str, float]:
    """PSS in MiB of each process with all its children; supervisord counts alone."""
    return {name: round(_tree(name, pid) / 2**20, 1) for name, pid in pids.items()}


def _tree(name: str, pid: int) -> int:
    process = psutil.Process(pid)
    children = [] if name == "supervisord" else process.children(recursive=True)
    return sum(one.memory_full_info().pss for one in [process, *children])
