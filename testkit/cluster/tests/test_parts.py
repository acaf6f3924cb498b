"""The parts that need no cluster: certificates, configuration, what is built again and when."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import psutil
import pytest
import yaml
from cryptography import x509

from testkit.cluster import binaries, components, fixtures, images, layers, machine, pki, steps
from testkit.cluster.settings import (
    API_ADDRESS,
    HOME_VARIABLE,
    NODE_ADDRESS,
    PACKAGE,
    ClusterError,
    Places,
    places,
)

Patch = pytest.MonkeyPatch


@pytest.fixture
def where(tmp_path: Path) -> Places:
    return Places(tmp_path)


@pytest.fixture
def made_pki(where: Places) -> Path:
    pki.make(where.pki)
    return where.pki


def certificate(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())


def test_each_certificate_is_signed_by_its_authority(made_pki: Path) -> None:
    certificates = {path.stem for path in made_pki.glob("*.crt")} - {"ca", "front-ca"}
    assert "apiserver" in certificates
    for name in certificates:
        authority = "front-ca" if name == "front-proxy-client" else "ca"
        certificate(made_pki, name).verify_directly_issued_by(certificate(made_pki, authority))


def test_the_api_servers_certificate_names_its_addresses(made_pki: Path) -> None:
    extension = certificate(made_pki, "apiserver").extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    addresses = [str(one) for one in extension.value.get_values_for_type(x509.IPAddress)]
    assert addresses == [API_ADDRESS, NODE_ADDRESS, "127.0.0.1"]


def test_a_kubeconfig_needs_no_other_file(made_pki: Path) -> None:
    content = json.loads((made_pki / "admin.kubeconfig").read_text())
    user = content["users"][0]["user"]
    named = x509.load_pem_x509_certificate(base64.b64decode(user["client-certificate-data"]))
    assert named.subject.rfc4514_string() == "CN=admin,O=system:masters"
    assert str(made_pki) not in json.dumps(content)


def test_keys_are_the_owners_alone_and_made_once(made_pki: Path) -> None:
    keys = {path: path.read_bytes() for path in made_pki.glob("*.key")}
    pki.make(made_pki)
    assert keys
    assert {path: path.read_bytes() for path in keys} == keys
    assert {path.stat().st_mode & 0o777 for path in keys} == {0o600}


def _parse(name: str, text: str) -> object:
    if name.endswith(".toml"):
        return tomllib.loads(text)
    return [*yaml.safe_load_all(text)]  # JSON is YAML too


def test_every_configuration_can_be_read(where: Places) -> None:
    names = [path.name for path in (PACKAGE / "manifests").iterdir()]
    assert len(names) == 5
    for name in names:
        assert _parse(name, components.manifest(name, where))


def test_a_changed_source_builds_its_program_again_and_no_other(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    shutil.copytree(binaries.SOURCES, tmp_path / "go")
    monkeypatch.setattr(binaries, "SOURCES", tmp_path / "go")
    before = {name: binaries.digest(name) for name in binaries.PROGRAMS}
    with (tmp_path / "go" / "pause" / "main.go").open("a") as file:
        file.write("\n")
    changed = [name for name in before if binaries.digest(name) != before[name]]
    assert changed == ["pause"]


def test_a_changed_lock_makes_the_layers_from_pythons_upwards_again(
    where: Places, tmp_path: Path, monkeypatch: Patch
) -> None:
    before = layers.folders(where)
    (tmp_path / "lock.txt").write_text("other")
    monkeypatch.setattr(layers, "LOCK", tmp_path / "lock.txt")
    changed = set(layers.folders(where)) - set(before)
    assert sorted(path.name.partition("-")[0] for path in changed) == ["python", "workload"]


def test_a_changed_workload_makes_only_its_layer_again(
    where: Places, tmp_path: Path, monkeypatch: Patch
) -> None:
    before = layers.folders(where)
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "pyproject.toml").write_text("other")
    monkeypatch.setattr(layers, "SOURCE_OF_WORKLOAD", tmp_path / "source")
    changed = set(layers.folders(where)) - set(before)
    assert [path.name.partition("-")[0] for path in changed] == ["workload"]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("sources.list", "deb [signed-by=/a] http://deb.example/debian bookworm main"),
        ("sources.list.d/debian.sources", "URIs: http://deb.example/debian"),
    ],
)
def test_the_mirror_of_the_machine_is_used(tmp_path: Path, file: str, line: str) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / file).write_text(f"# a comment\n{line}\n")
    assert layers.mirror(tmp_path) == ["http://deb.example/debian"]


def test_without_a_mirror_the_usual_one_is_left_to_debootstrap(tmp_path: Path) -> None:
    assert layers.mirror(tmp_path) == []


def test_an_image_whose_tag_has_moved_on_is_dropped() -> None:
    listing = """REF TYPE DIGEST
        example.test/a:1 type sha256:new
        sha256:1 type sha256:new
        sha256:2 type sha256:old"""
    assert images.unnamed(listing) == ["sha256:2"]


def test_the_lock_names_no_address_and_has_a_hash_for_everything() -> None:
    lines = layers.LOCK.read_text().splitlines()
    pinned = [line for line in lines if re.match(r"[a-z0-9]", line)]
    assert len(pinned) > 100
    assert all("==" in line and line.endswith("\\") for line in pinned)
    assert not [line for line in lines if "://" in line]


def test_the_caches_are_outside_of_the_clone(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert places().home == tmp_path / "pilothouse-testcluster"
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "own"))
    assert places().home == tmp_path / "own"


@pytest.fixture
def record(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "FOLDER", tmp_path / "machine")


def test_a_process_whose_id_has_a_new_owner_is_not_the_clusters(record: None) -> None:
    own = psutil.Process()
    assert machine.Running("", own.pid, own.create_time(), session=False).process() == own
    assert machine.Running("", own.pid, own.create_time() - 100, session=False).process() is None


def test_a_cluster_that_was_brought_up_by_hand_is_not_ended_by_tests(
    record: None, tmp_path: Path
) -> None:
    machine.remember(tmp_path, psutil.Process().pid, session=False)
    with pytest.raises(ClusterError, match="PILOTHOUSE_TEST_KUBECONFIG"):
        fixtures.refuse_one_by_hand()


def test_a_cluster_that_a_killed_session_left_is_taken_over(record: None, tmp_path: Path) -> None:
    machine.remember(tmp_path, psutil.Process().pid, session=True)
    fixtures.refuse_one_by_hand()
    machine.forget()
    assert machine.running() is None


@pytest.mark.parametrize("gone", [True, False])
def test_a_cable_that_the_kernel_takes_away_first_is_no_failure(tmp_path: Path, gone: bool) -> None:
    """`ip` here deletes the device and then fails (as when the kernel was first), or only fails."""
    real = shutil.which("ip", path=steps.wide_path())
    unshare = shutil.which("unshare")
    if not (real and unshare and os.geteuid() == 0):
        pytest.skip("needs ip, unshare and root")
    late = tmp_path / "ip"
    late.write_text(
        f'#!/bin/sh\nif [ "$2" = delete ]; then {f"{real} $@; " if gone else ""}exit 1; fi\n'
        f'exec {real} "$@"\n'
    )
    late.chmod(0o755)
    program = (
        "from testkit.cluster import network, steps\n"
        "steps.run('ip', 'link', 'add', network.DEVICE, 'type', 'veth')\n"
        "network.disconnect()\n"
    )
    ended = subprocess.run(
        [unshare, "--net", sys.executable, "-c", program],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == (0 if gone else 1), ended.stderr
    assert gone or "`ip link delete pilothouse0` gave 1" in ended.stderr
