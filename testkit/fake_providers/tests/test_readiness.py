"""Readiness judged from samples of what API servers say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from testkit.fake_providers.kubernetes import waiting
from testkit.fake_providers.kubernetes.readiness import NO_PODS, REVISION, Verdict, judge
from testkit.fake_providers.kubernetes.tokens import Kind

APPS = "kubernetes:apps/v1:"
CORE = "kubernetes:core/v1:"
QUOTA = 'pods "a-1" is forbidden: exceeded quota: small'


@dataclass
class Sample:
    """Surroundings that are given."""

    things: dict[str, list[Any]] = field(default_factory=dict)
    warnings: dict[str, list[Any]] = field(default_factory=dict)

    def owned(self, kind: str, owner: Any) -> list[Any]:
        return [t for t in self.things.get(kind, []) if t["owner"] == owner["metadata"]["name"]]

    def events(self, about: Any) -> list[Any]:
        return self.warnings.get(about["metadata"]["name"], [])

    def found(self, kind: str, namespace: str, name: str) -> Any:  # noqa: ARG002
        named = [t for t in self.things.get(kind, []) if t["metadata"]["name"] == name]
        return named[0] if named else None


def thing(name: str = "a", *, spec: Any = None, status: Any = None, **metadata: Any) -> Any:
    own = {"name": name, "namespace": "shop", "generation": 2, **metadata}
    return {"metadata": own, "spec": spec or {}, "status": status or {}}


def pod(name: str = "a-1", owner: str = "a", **status: Any) -> Any:
    conditions = [
        {"type": "PodScheduled", "status": "True"}, {"type": "Initialized", "status": "True"},
        {"type": "Ready", "status": "False", "message": "containers with unready status: [main]"},
    ]  # fmt: skip
    return thing(name, status={"conditions": conditions, **status}) | {"owner": owner}


def waits(reason: str, message: str = "") -> Any:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"containerStatuses": [{"name": "main", "state": state}]}


def said(token: str, live: Any, around: Sample | None = None) -> Verdict:
    return judge(Kind.of(token), live, around or Sample())


def rollout(**status: int) -> Any:
    counts = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "observedGeneration": 2}
    return thing(spec={"replicas": 2}, status=counts | status, annotations={REVISION: "3"})


def test_a_deployment_is_ready_when_it_is_rolled_out() -> None:
    assert said(APPS + "Deployment", rollout()).ready


@pytest.mark.parametrize(
    "status",
    [{"observedGeneration": 1}, {"updatedReplicas": 1}, {"availableReplicas": 1}, {"replicas": 3}],
)
def test_a_deployment_that_rolls_is_not(status: dict[str, int]) -> None:
    assert not said(APPS + "Deployment", rollout(**status)).ready


def test_a_deployment_tells_the_reasons_of_its_newest_pods() -> None:
    sets = [
        thing(name, annotations={REVISION: revision}) | {"owner": "a"}
        for name, revision in (("old", "2"), ("new", "3"))
    ]
    found = [
        pod("p", "new", **waits("ImagePullBackOff", "no such image")),
        pod("q", "old", **waits("CrashLoopBackOff")),
    ]
    verdict = said(
        APPS + "Deployment",
        rollout(availableReplicas=1),
        Sample({"ReplicaSet": sets, "Pod": found}),
    )
    assert "[Pod shop/p]: [ImagePullBackOff] no such image" in verdict.reasons
    assert "CrashLoopBackOff" not in str(verdict.reasons)
    assert [t.cause for t in verdict.troubles if t.cause] == ["image"]


def test_a_deployment_tells_of_a_full_quota() -> None:
    live = rollout(availableReplicas=0)
    failure = {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": "FailedCreate",
        "message": QUOTA,
    }
    live["status"]["conditions"] = [failure]
    verdict = said(APPS + "Deployment", live)
    assert f"[FailedCreate] {QUOTA}" in verdict.reasons
    assert ("creation", "a") in {(t.cause, t.subject) for t in verdict.troubles}


def stateful(**status: Any) -> Any:
    counts = {"replicas": 1, "readyReplicas": 1, "currentReplicas": 1, "observedGeneration": 2}
    revisions = {"currentRevision": "r", "updateRevision": "r"}
    return thing(spec={"replicas": 1}, status=counts | revisions | status)


def test_a_stateful_set_is_ready_at_its_newest_revision() -> None:
    assert said(APPS + "StatefulSet", stateful()).ready
    assert not said(APPS + "StatefulSet", stateful(updateRevision="s")).ready
    assert not said(APPS + "StatefulSet", stateful(observedGeneration=1)).ready


def test_a_stateful_set_tells_why_pods_are_not_made() -> None:
    warnings = {"a": [{"reason": "FailedCreate", "message": QUOTA}]}
    missing = stateful(replicas=0, readyReplicas=0)
    verdict = said(APPS + "StatefulSet", missing, Sample(warnings=warnings))
    assert f"[FailedCreate] {QUOTA}" in verdict.reasons
    made = said(APPS + "StatefulSet", stateful(readyReplicas=0), Sample(warnings=warnings))
    assert QUOTA not in str(made.reasons), "an old event about pods that are there by now"


def test_a_daemon_set_is_ready_on_every_node() -> None:
    counts = {"desiredNumberScheduled": 1, "updatedNumberScheduled": 1, "numberReady": 1}
    ready = thing(status=counts | {"numberAvailable": 1, "observedGeneration": 2})
    assert said(APPS + "DaemonSet", ready).ready
    assert not said(APPS + "DaemonSet", thing(status=counts)).ready


def test_a_job_is_complete_or_has_failed() -> None:
    complete = {"type": "Complete", "status": "True"}
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "m"}
    job = "kubernetes:batch/v1:Job"
    assert said(job, thing(status={"conditions": [complete]})).ready
    assert not said(job, thing(status={"active": 1})).ready
    verdict = said(job, thing(status={"conditions": [failed]}))
    assert verdict.failed
    assert "[BackoffLimitExceeded] m" in verdict.reasons


CAUSES = [
    (waits("ErrImagePull"), "image"),
    (waits("CreateContainerConfigError", 'secret "x" not found'), "configuration"),
    (waits("CrashLoopBackOff"), ""),
    (waits("ContainerCreating"), ""),
]


@pytest.mark.parametrize(("status", "cause"), CAUSES)
def test_some_reasons_do_not_go_away(status: Any, cause: str) -> None:
    verdict = said(CORE + "Pod", pod(**status))
    assert not verdict.ready
    assert {t.cause for t in verdict.troubles} == {cause}


def test_a_pod_that_fits_nowhere_and_one_without_its_volume() -> None:
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]
    assert said(CORE + "Pod", pod(conditions=conditions)).troubles[0].cause == "scheduling"
    warnings = {"a-1": [{"reason": "FailedMount", "message": 'secret "x" not found'}]}
    unmounted = said(CORE + "Pod", pod(**waits("ContainerCreating")), Sample(warnings=warnings))
    assert unmounted.troubles[0].cause == "volume"
    running = said(CORE + "Pod", pod(), Sample(warnings=warnings))
    assert "FailedMount" not in str(running.reasons), "the volume is there by now"


def test_a_container_that_ended_is_told_with_its_last_words() -> None:
    ended = {"exitCode": 3, "reason": "Error", "finishedAt": "now", "message": "no database\n"}
    status = waits("CrashLoopBackOff", "back-off 10s")
    status["containerStatuses"][0]["lastState"] = {"terminated": ended}
    text = 'container "main" terminated at now (Error: exit code 3): no database'
    assert any(text in reason for reason in said(CORE + "Pod", pod(**status)).reasons)


def test_a_pod_that_ended_well_is_ready() -> None:
    assert said(CORE + "Pod", pod(phase="Succeeded")).ready
    assert said(CORE + "Pod", pod(phase="Failed")).failed


def test_a_claim_waits_for_its_volume_unless_it_waits_for_a_pod() -> None:
    claim = thing(spec={"storageClassName": "s"}, status={"phase": "Pending"})
    token = CORE + "PersistentVolumeClaim"
    assert said(token, thing(status={"phase": "Bound"})).ready
    for mode, ready in (("Immediate", False), ("WaitForFirstConsumer", True)):
        storage = thing("s") | {"volumeBindingMode": mode}
        assert said(token, claim, Sample({"StorageClass": [storage]})).ready is ready


def service(**spec: Any) -> Any:
    return thing(spec={"selector": {"app": "a"}, "clusterIP": "198.18.0.9"} | spec)


def test_a_service_waits_for_its_endpoints_to_settle() -> None:
    token = CORE + "Service"
    ready = thing(resourceVersion="5") | {"subsets": [{"addresses": [{}]}]}
    verdict = said(token, service(), Sample({"Endpoints": [ready]}))
    assert (verdict.ready, verdict.settling) == (True, "5")
    unready = thing(resourceVersion="5") | {"subsets": [{"notReadyAddresses": [{}]}]}
    assert said(token, service(), Sample({"Endpoints": [unready]})).reasons == [NO_PODS]
    assert not said(token, service()).ready


@pytest.mark.parametrize(
    "spec", [{"selector": {}}, {"clusterIP": "None"}, {"type": "ExternalName"}]
)
def test_a_service_without_pods_of_its_own_is_ready_at_once(spec: Any) -> None:
    verdict = said(CORE + "Service", service(**spec))
    assert (verdict.ready, verdict.settling) == (True, "")


def test_addresses_from_outside_are_waited_for() -> None:
    balanced = {"loadBalancer": {"ingress": [{"ip": "198.18.0.3"}]}}
    ingress = "kubernetes:networking.k8s.io/v1:Ingress"
    assert said(ingress, thing(status=balanced)).ready
    assert not said(ingress, thing()).ready
    assert not said(CORE + "Service", service(type="LoadBalancer")).ready


@pytest.mark.parametrize(
    ("token", "live", "ready"),
    [
        (CORE + "PersistentVolume", thing(status={"phase": "Pending"}), False),
        (CORE + "PersistentVolume", thing(status={"phase": "Available"}), True),
        (CORE + "ResourceQuota", thing(spec={"hard": {"pods": "1"}}), False),
        (CORE + "Secret", thing() | {"type": "kubernetes.io/service-account-token"}, False),
        (CORE + "Secret", thing() | {"type": "Opaque"}, True),
        (CORE + "ConfigMap", thing(), True),
    ],
)
def test_simple_kinds(token: str, live: Any, ready: bool) -> None:
    assert said(token, live).ready is ready


def test_a_wait_ends_when_a_cause_stays_and_not_when_it_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    patience = waiting.Patience(60)
    stuck = said(CORE + "Pod", pod(**waits("ErrImagePull")))
    assert patience.ended(stuck) == ""
    clock[0] = waiting.DEFAULT_GRACE - 1
    assert patience.ended(Verdict()) == "", "it went away"
    clock[0] += 2
    assert patience.ended(stuck) == "", "and came back: it counts anew"
    clock[0] += waiting.DEFAULT_GRACE
    assert "by itself" in patience.ended(stuck)
    clock[0] = 61
    assert "timed out" in patience.ended(Verdict())


def test_settling_starts_again_with_every_change(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    patience = waiting.Patience(60)
    assert patience.is_settled(Verdict(ready=True))
    assert not patience.is_settled(Verdict(ready=True, settling="5"))
    clock[0] += waiting.SETTLED - 1
    assert not patience.is_settled(Verdict(ready=True, settling="6"))
    clock[0] += waiting.SETTLED
    assert patience.is_settled(Verdict(ready=True, settling="6"))
