"""What this machine lacks of what the cluster needs, each with its remedy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from testkit.cluster import machine
from testkit.cluster.binaries import SOURCES, find
from testkit.cluster.settings import PACKAGE, Places
from testkit.cluster.steps import runs, wide_path

_PACKAGES = PACKAGE / "debian.txt"
_KERNEL = {
    "cables between namespaces (CONFIG_VETH)": ("ip", "link", "add", "probe0", "type", "veth"),
    "bridges (CONFIG_BRIDGE)": ("ip", "link", "add", "probe0", "type", "bridge"),
    "nftables with NAT (CONFIG_NF_TABLES, CONFIG_NFT_NAT)": (
        "nft",
        "add table ip probe; add chain ip probe first { type nat hook output priority 0; }",
    ),
}
_SPACE = 12 * 10**9  # bytes: layers, containerd's copies, Go's caches


@dataclass(frozen=True)
class Missing:
    """Something that is not there, and how it would be."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}: {self.remedy}"


def missing(places: Places, which: Callable[[str], str | None] | None = None) -> list[Missing]:
    """Everything that is missing; the kernel is asked once the programs are there."""
    which = which or _which
    lacking = [*_programs(which), *_tools()]
    if os.geteuid() != 0:
        return [*lacking, Missing("root", "run as root: namespaces, mounts and cgroups need it")]
    if lacking:
        return lacking
    return [*_kernel(), *_cgroups(), *_overlay(places.home), *_space(places)]


def _which(program: str) -> str | None:
    return shutil.which(program, path=wide_path())


def _programs(which: Callable[[str], str | None]) -> Iterator[Missing]:
    for program, package in packages().items():
        if which(program) is None:
            yield Missing(program, f"apt-get install {package}")


def packages() -> dict[str, str]:
    """The Debian package of every program, or file by its path, that the cluster needs."""
    lines = _PACKAGES.read_text(encoding="utf-8").splitlines()
    return dict(line.split() for line in lines if not line.startswith("#"))


def _tools() -> Iterator[Missing]:
    if find("uv") is None:
        yield Missing("uv", "run `make setup`")
    oldest = oldest_go()
    found = _go_version()
    if found is None or found < oldest:
        dotted = ".".join(map(str, oldest))
        yield Missing(
            f"Go {dotted} or newer", "install it from go.dev, or golang-go of a newer Debian"
        )


def oldest_go() -> tuple[int, ...]:
    """The oldest Go that builds every program."""
    lines = [(module.read_text()) for module in SOURCES.glob("*/go.mod")]
    return max(_numbers(re.findall(r"^go (\S+)$", text, re.MULTILINE)[0]) for text in lines)


def _go_version() -> tuple[int, ...] | None:
    go = find("go")
    if go is None:
        return None
    done = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False)
    return _numbers(done.stdout)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))


def _kernel() -> Iterator[Missing]:
    if not runs("unshare", "--mount", "--pid", "--net", "--fork", "mount", "--make-rprivate", "/"):
        yield Missing("namespaces", "a machine or container with CAP_SYS_ADMIN and CAP_NET_ADMIN")
        return
    for what, command in _KERNEL.items():
        if not runs("unshare", "--net", *command):
            yield Missing(what, "a kernel with it, or `modprobe` of its module on the host")


def _cgroups() -> Iterator[Missing]:
    if lacking := machine.lacking_controllers():
        yield Missing(
            f"cgroup controllers {', '.join(lacking)}", f"mount cgroups at {machine.CGROUPS}"
        )
    elif not os.access(machine.CGROUPS, os.W_OK):
        yield Missing("writable cgroups", f"remount {machine.CGROUPS} for writing")


def _overlay(home: Path) -> Iterator[Missing]:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as scratch:
        lower, upper, work, root = (Path(scratch, name) for name in ("l", "u", "w", "r"))
        for folder in (lower, upper, work, root):
            folder.mkdir()
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        mount = ("mount", "-t", "overlay", "-o", options, "overlay", root)
        if not runs("unshare", "--mount", "--propagation", "private", *mount):
            yield Missing(
                f"overlayfs above {home}",
                "name a folder on ext4 or xfs in PILOTHOUSE_TESTCLUSTER_HOME",
            )


def _space(places: Places) -> Iterator[Missing]:
    free = shutil.disk_usage(places.home).free
    if not (places.run / "images.json").exists() and free < _SPACE:
        yield Missing(f"{_SPACE >> 30} GiB of disk", f"{places.home} has {free >> 30}; free some")
