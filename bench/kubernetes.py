"""`python -m bench.kubernetes`: figures of the platform on the test cluster, into BENCHMARKS.md.

One life of the smallest platform, then the same objects with one `kubectl apply`. It is no timed
test: a goal that is not reached is shown and fails nothing.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from collections.abc import Iterator

from testkit.cluster.cluster import Cluster
from testkit.cluster.fixtures import any_cluster
from testkit.cluster.settings import ClusterError
from testkit.support.clusters import ClusterStack, cluster_stack

from bench import applied, by_hand, pods, preview
from bench.figures import Figure, Goal, Part
from bench.machine import Machine
from bench.processes import exit_on_signals, extend_path, keep_bytecode, log
from bench.record import record

HEAD = """\
# Benchmarks on Kubernetes

Written by `make bench-kubernetes`, from one run on this machine: a Kubernetes of one node, all of
it, and the official provider plugin. It is no timed test: figures are shown with their goals and
fail nothing.
"""
LIFE = """\
`pilothouse up --verify` of the smallest platform, with its interpreter and its preflight, against
one `kubectl apply --server-side` of the same objects, from its start until every set is ready and
every job done. Images are on the node. The critical path goes back from the component that was
ready last; its parts are what Kubernetes says, in whole seconds."""
PODS = f"""\
What the kubelet reads from each pod's cgroup: the working set after {pods.REST:.0f} s of rest, CPU
over the {pods.SPAN:.0f} s after that. Asked is what the scheduler counts with."""
PREVIEW = f"""\
`pulumi preview --expect-no-changes` of programs by hand and of the running stack, in turn: an empty
program; one with a Provider, whose plugin loads the cluster's description of its API; with all
objects of the stack too, by the same manifests in the same order, on a copy of their state; with
a Provider more for the namespace, as our program has; and with passwords that the program makes,
for which the engine starts one more process of Python. The plugin compares unchanged objects with
that state by itself and asks the cluster nothing about them. Our own code: the processor's time of
`infra/__main__.py` from its first import to its last resource under an engine that answers at once,
less that of the last program by hand there, without looking for garbage either: that is what the
SDK takes for the same resources. Medians of {preview.RUNS}."""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.kubernetes")
    parser.add_argument("--no-write", dest="write", action="store_false", help="only print")
    options = parser.parse_args()
    exit_on_signals()
    extend_path()
    keep_bytecode()
    machine = Machine.current()
    log(f"load average {machine.load:.2f} {machine.warning}".strip())
    try:
        with any_cluster() as cluster:
            parts = list(_parts(cluster))
    except ClusterError as error:
        sys.exit(str(error))
    text = "\n\n".join([HEAD + f"\n{machine}", *map(str, parts)]) + "\n"
    sys.stdout.write(text)
    if options.write:
        record(text)


def _parts(cluster: Cluster) -> Iterator[Part]:
    with cluster_stack(cluster.kubeconfig, f"bench-{secrets.token_hex(3)}") as stack:
        own, path = _up(stack)
        used = _resting(cluster, stack)
        previewed = _preview(stack)
        wanted = applied.objects(stack)
        began = time.monotonic()
        stack.stack.run("down", "--yes")
        own["down"] = time.monotonic() - began
        log(f"  down after {own['down']:.1f} s")
        by_hand = applied.life(cluster, stack, wanted)
    yield Part("Life of the platform on a cluster", LIFE, [*_life(own, by_hand), *path])
    yield used
    yield previewed


def _up(stack: ClusterStack) -> tuple[dict[str, float], list[Figure]]:
    log("pilothouse: up --verify")
    began = time.monotonic()
    document = stack.stack.json("up", "--verify")
    verified = time.monotonic() - began
    ready = verified - document["seconds"]["verify"]
    log(f"  ready after {ready:.1f} s, verified after {verified:.1f} s")
    return {"ready": ready, "verified": verified}, pods.path_figures(stack)


def _life(own: dict[str, float], by_hand: dict[str, float]) -> list[Figure]:
    return [
        Figure("`up` to all ready", own["ready"], "s"),
        Figure("`kubectl apply` to all ready", by_hand["ready"], "s"),
        Figure("ratio of ready", own["ready"] / by_hand["ready"], goal=Goal(1.1)),
        Figure("to the verified workload", own["verified"], "s"),
        Figure("`down --yes`, with its proof", own["down"], "s"),
        Figure("`kubectl delete namespace`, until its volumes are gone", by_hand["down"], "s"),
    ]


def _resting(cluster: Cluster, stack: ClusterStack) -> Part:
    log("the platform at rest")
    uses = pods.resting(cluster, stack)
    figures = pods.use_figures(uses)
    return Part("What the pods ask for and use", PODS, figures, more=pods.use_table(uses))


def _preview(stack: ClusterStack) -> Part:
    same = by_hand.program(stack.stack, "same", "namespace", objects=True, passwords=True)
    empty, provider, objects, second, passwords, own = preview.in_turn(
        preview.empty(stack.stack),
        by_hand.program(stack.stack, "provider"),
        by_hand.program(stack.stack, "objects", objects=True),
        by_hand.program(stack.stack, "second", "namespace", objects=True),
        same,
        preview.running(stack.stack),
    )
    own_code = preview.own_program(stack.stack, by_hand.floor(same), of="cpu")
    figures = [
        Figure("preview of an empty program", empty, "s"),
        Figure("with a provider", provider, "s"),
        Figure("with all objects", objects, "s"),
        Figure("with a second provider", second, "s"),
        Figure("with generated passwords", passwords, "s"),
        Figure("unchanged preview of the stack", own, "s"),
        Figure("ratio to the program with all objects", own / objects, goal=Goal(1.25)),
        Figure("ratio to the program with passwords", own / passwords),
        Figure("our own code", own_code, "s", Goal(0.3)),
    ]
    return Part("Unchanged preview on a cluster", PREVIEW, figures)


if __name__ == "__main__":
    main()
