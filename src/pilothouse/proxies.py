"""Which hosts no proxy is asked for: this machine, and the services of a stack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

LOOPBACK = ("127.0.0.1", "localhost", "::1")
NAMES = ("NO_PROXY", "no_proxy")  # a program reads one of them: curl the second, Go the first
EVERYTHING = "*"  # valid alone only


def bypassing(environment: Mapping[str, str], hosts: Iterable[str] = ()) -> dict[str, str]:
    """`NO_PROXY` and `no_proxy` of `environment`, with this machine and `hosts` added.

    Both get what either has. The variables of proxies stay, for whatever is elsewhere.
    """
    given = [host.strip() for name in NAMES for host in environment.get(name, "").split(",")]
    if EVERYTHING in given:
        return dict.fromkeys(NAMES, EVERYTHING)
    direct = dict.fromkeys(filter(None, [*given, *LOOPBACK, *hosts]))
    return dict.fromkeys(NAMES, ",".join(direct))
