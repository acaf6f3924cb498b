"""The cluster's network: a cable to the host, addresses nobody routes, no way out.

Three walls: no default route in the namespace, a blackhole for its addresses on the host, and
rules that drop what would go through the cable, whoever asked for it.
"""

from __future__ import annotations

from pathlib import Path

from testkit.cluster.settings import (
    DEVICE,
    HOST_ADDRESS,
    NODE_ADDRESS,
    RANGE,
    SERVICES,
    ClusterError,
)
from testkit.cluster.steps import run, runs

_INSIDE = "node0"  # the cluster's end of the cable
# The forward hook sees the pods; the node may answer the host and not begin anything.
_WALL = f"""
table ip pilothouse-wall {{
  chain forward {{
    type filter hook forward priority -20; policy accept;
    oifname "{_INSIDE}" counter drop
  }}
  chain output {{
    type filter hook output priority -20; policy accept;
    oifname "{_INSIDE}" ct state new counter drop
  }}
}}
"""
_SETTINGS = {
    "ipv6/conf/all/disable_ipv6": "1",
    "ipv6/conf/default/disable_ipv6": "1",
    "ipv4/ip_forward": "1",
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "0",
}


def connect(init: int) -> None:
    """On the host: the cable into the namespace of a process, and the blackhole."""
    disconnect()
    # Without it, an answer to an address of a pod would take the host's default route.
    run("ip", "route", "replace", "blackhole", RANGE)
    run(
        *("ip", "link", "add", DEVICE, "type", "veth"),
        *("peer", "name", _INSIDE, "netns", str(init)),
    )
    _set(f"ipv6/conf/{DEVICE}/disable_ipv6", "1")
    run("ip", "address", "add", f"{HOST_ADDRESS}/30", "dev", DEVICE)
    run("ip", "link", "set", DEVICE, "up")


def disconnect() -> None:
    """On the host: take the cable and the blackhole away, if they are there."""
    if _cable():
        try:
            run("ip", "link", "delete", DEVICE)
        except ClusterError:
            # The kernel takes it away too, in its own time, once the other end's namespace is gone.
            if _cable():
                raise
    if run("ip", "route", "show", "type", "blackhole", "exact", RANGE):
        run("ip", "route", "delete", "blackhole", RANGE)


def _cable() -> bool:
    return runs("ip", "link", "show", DEVICE)


def prepare() -> None:
    """In the namespace: the walls first, then the addresses."""
    run("nft", "-f", "-", given=_WALL)
    for name, value in _SETTINGS.items():
        _set(name, value)
    run("ip", "link", "set", "lo", "up")
    run("ip", "address", "add", f"{NODE_ADDRESS}/30", "dev", _INSIDE)
    run("ip", "link", "set", _INSIDE, "up")
    _route_services()
    if run("ip", "route", "show", "default"):
        raise ClusterError("the cluster's namespace has a default route")


def _route_services() -> None:
    """A bridge without ports: what the node sends to a Service is readdressed after routing."""
    run("ip", "link", "add", "services0", "type", "bridge")
    run("ip", "link", "set", "services0", "up")
    run("ip", "route", "add", SERVICES, "dev", "services0")


def _set(name: str, value: str) -> None:
    path = Path("/proc/sys/net") / name
    if path.exists():  # a kernel may be without IPv6
        path.write_text(value)
