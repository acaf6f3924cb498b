"""The command line of the set-up."""

import argparse
import collections.abc
import pathlib
import subprocess
import time

from steps import environment, kubernetes_plugin, pulumi, setup_lock
from steps.places import RECIPE, Places, SetupError
from steps.running import say

TEXT = """\
Get what pilothouse needs, into two folders that git ignores:

  .venv/           Python packages of pilothouse and of the Pulumi program, from locks/
  .toolchain/bin/  pulumi and its Python language host, if PATH has none that is new enough:
                   the official release where it is reached, else built from pinned Go modules
  .toolchain/plugins/
                   with --only kubernetes-plugin: the official plugin of a kubernetes stack, if
                   none is installed and none can be downloaded

Run it again at any time: it only does what is missing, also after a kill.
"""
VARIABLES = """\
environment variables:
  PILOTHOUSE_TOOLCHAIN_OFFICIAL=never   build, without trying the official release
  UV_*, PIP_*, GOPROXY, GOCACHE, …      indexes, proxies and caches of the tools, as usual
"""


def main(arguments: collections.abc.Sequence[str]) -> int:
    """Run the set-up; 0, or 1 with the reason."""
    options = _parser().parse_args(arguments)
    places, started = Places(options.root.resolve()), time.monotonic()
    try:
        with setup_lock.hold(places.toolchain / "lock"):
            _provide(places, options)
    except (SetupError, OSError, subprocess.SubprocessError) as error:
        say(f"setup: {error}")
        return 1
    except KeyboardInterrupt:
        say("setup: interrupted; run it again to continue")
        return 130
    say(f"setup: ready in {time.monotonic() - started:.1f} s")
    return 0


def _provide(places: Places, options: argparse.Namespace) -> None:
    if options.only in (None, "python"):
        environment.provide(places, options.wheel, _locks(options))
    if options.only in (None, "pulumi"):
        pulumi.provide(places)
    if options.only == "kubernetes-plugin":
        kubernetes_plugin.provide(places)


def _locks(options: argparse.Namespace) -> list[str]:
    return [*options.lock, *(["test"] if options.tests else [])]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "toolchain/setup.py", description=TEXT, epilog=VARIABLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--tests", action="store_true", help="also what the tests need in .venv")
    parser.add_argument(
        "--only", choices=["python", "pulumi", "kubernetes-plugin"],
        help="just one part; kubernetes-plugin is made only if it is named",
    )  # fmt: skip
    parser.add_argument(
        "--root", type=pathlib.Path, default=RECIPE, help="the project's folder (%(default)s)"
    )
    parser.add_argument(
        "--wheel", type=pathlib.Path, help="pilothouse; by default this checkout, to be edited"
    )
    parser.add_argument(
        "--lock", action="append", default=[], help="one more lock for .venv, such as kubernetes"
    )
    return parser
