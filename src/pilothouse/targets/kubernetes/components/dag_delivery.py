"""Delivers the team's DAGs to the pods that parse and run them, beside the workload's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pilothouse.services.airflow.settings import dag_bundles
from pilothouse.targets.kubernetes.objects.pods import (
    ACCOUNTS_FILE,
    AIRFLOW_USER,
    Mount,
    Program,
    SecretKey,
    http_probes,
)
from pilothouse.targets.kubernetes.objects.sizing import SMALL
from pilothouse.targets.kubernetes.settings.component_table import GIT_SYNC
from pilothouse.targets.kubernetes.settings.team_dags import PREFIX

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.dags import DagSettings, GitSync

CLONE, KEYS = "/git/clone", "/git/keys"
ACCOUNTS, PASSWD = "airflow-accounts", "passwd"
USERS = f"airflow:x:{AIRFLOW_USER}:{AIRFLOW_USER}::/tmp:/bin/sh\n"
"""ssh refuses to run as a user without a name."""
PORT = 1234  # answers once the repository is cloned


def settings(dags: DagSettings, bucket: str) -> Mapping[str, str]:
    """Airflow's setting of where DAGs are, with a `bucket` there too; empty for the default."""
    folders = {"git": _folder(dags.git_sync) if dags.git_sync else None, "image": dags.image_folder}
    named = {name: path for name, path in folders.items() if path}
    return dag_bundles(named, bucket=bucket, prefix=PREFIX) if named or bucket else {}


def mounts(dags: DagSettings) -> Sequence[Mount]:
    """The mounts of a container that reads DAGs."""
    return [Mount(path=CLONE)] if dags.git_sync else []


def accounts(dags: DagSettings) -> Mapping[str, str]:
    """The files of the ConfigMap `ACCOUNTS`; empty where ssh is not used."""
    return {PASSWD: USERS} if dags.git_sync and dags.git_sync.by_ssh else {}


def _folder(git: GitSync) -> str:
    return "/".join(filter(None, (CLONE, "current", git.sub_path)))


def sync(git: GitSync, image: str, *, once: bool) -> Program:
    """git-sync as an init container that runs once, or as a sidecar that pulls changes."""
    mode = {"GITSYNC_ONE_TIME": "true"} if once else _sidecar_environment(git)
    keys = {"GITSYNC_SSH_KEY_FILE": "ssh", "GITSYNC_SSH_KNOWN_HOSTS_FILE": "known_hosts"}
    ssh = {name: f"{KEYS}/{file}" for name, file in keys.items()} if git.by_ssh else {}
    return Program(
        component=GIT_SYNC,
        image=image,
        command=["/git-sync"],
        resources=SMALL[GIT_SYNC],
        environment={
            "GITSYNC_REPO": git.repository,
            "GITSYNC_REF": git.ref,
            "GITSYNC_ROOT": CLONE,
            "GITSYNC_LINK": "current",
            "HOME": "/tmp",  # noqa: S108 - a volume of the pod's own
            **mode,
            **ssh,
        },
        references={} if git.by_ssh else _credentials(git),
        mounts=[*_ssh_mounts(git), Mount(path=CLONE)],
        port=0 if once else PORT,
        probes={} if once else http_probes("/", PORT, start_seconds=120),
        keeps_running=not once,
    )


def _sidecar_environment(git: GitSync) -> Mapping[str, str]:
    failures = "10"  # in a row, until it exits and is restarted
    return {
        "GITSYNC_PERIOD": git.period,
        "GITSYNC_MAX_FAILURES": failures,
        "GITSYNC_HTTP_BIND": f":{PORT}",
    }


def _credentials(git: GitSync) -> Mapping[str, SecretKey]:
    """The keys of the user's Secret that git-sync needs, and no other key."""
    return {key: SecretKey(secret=git.secret, key=key) for key in git.keys} if git.secret else {}


def _ssh_mounts(git: GitSync) -> Sequence[Mount]:
    if not git.by_ssh:
        return []
    return [
        Mount(path=KEYS, files=_credentials(git)),
        Mount(path=ACCOUNTS_FILE, config_map=ACCOUNTS, key=PASSWD),
    ]
