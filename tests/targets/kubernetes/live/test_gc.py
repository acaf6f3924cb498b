"""On a real cluster, `gc` deletes for good what was deleted in MLflow, and says what it freed."""

from __future__ import annotations

import pytest
from testkit.support.clusters import ClusterStack
from testkit.support.tracking import tracking
from testkit.support.waiting import eventually

from tests.targets.kubernetes.live.platform import opened

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]


def test_deletions_go_for_good_when_they_are_old_enough_and_live_runs_stay(
    platform: ClusterStack,
) -> None:
    with (
        opened(platform) as contract,
        tracking(contract["tracking"].uri, contract["tracking"].login) as mlflow,
    ):
        deleted = mlflow.make_run({"note.txt": b"n" * 1000, "plots/plot.bin": b"p" * 500})
        live = mlflow.make_run({"note.txt": b"n" * 1000})
        mlflow.delete_run(deleted)

        newer = platform.stack.json("gc", "--older-than", "7d")
        assert newer["garbage"]["runs"] == []
        refused = platform.stack.run("gc", "--older-than", "0s", expect=2)
        assert deleted in refused
        assert "stdin is not a terminal; pass --yes" in refused
        assert mlflow.stage_of(deleted) == "deleted"

        document = platform.stack.json("gc", "--older-than", "0s", "--yes")
        assert document["freed"] == document["garbage"]
        assert document["freed"] == {
            "runs": [deleted],
            "models": [],
            "experiments": [],
            "objects": 2,
            "bytes": 1500,
        }
        assert "noncurrent versions" in document["retention"]
        assert (mlflow.stage_of(deleted), mlflow.stage_of(live)) == ("", "active")
    assert "there is nothing to delete" in platform.stack.run("gc", "--older-than", "0s")
    eventually(lambda: not jobs_of(platform), seconds=60)


def jobs_of(platform: ClusterStack) -> list[str]:
    """The Jobs of garbage collection that no schedule made."""
    jobs = platform.batch.list_namespaced_job(platform.namespace).items
    return [
        job.metadata.name
        for job in jobs
        if job.metadata.name.startswith("mlflow-gc-") and not job.metadata.owner_references
    ]
