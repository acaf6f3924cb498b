"""The set-up's Kubernetes plugin: the machine's, a download, or a build, with a stand-in Go."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import stat

import pytest

from steps import kubernetes_plugin, places

ROOT = pathlib.Path(__file__).resolve().parents[3]
LOCK = "pulumi-kubernetes==4.34.2 \\\n    --hash=sha256:0\n"
GO = r"""#!/bin/sh
case $1 in
version) echo 'go version go1.99.0 linux/amd64' ;;
list) echo "$STAND_IN/provider" ;;
build)
    case "$*" in *pkg/version.Version=4.34.2*) ;; *) exit 1 ;; esac
    while [ "$1" != -overlay ]; do shift; done
    schema=$(sed 's/.*schema-embed.json": "\([^"]*\)".*/\1/' "$2")
    while [ "$1" != -o ]; do shift; done
    cp "$schema" "$2"
    echo built >> "$STAND_IN/builds" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> places.Places:
    """A checkout, a Go that copies the schema as the plugin, and no plugin on the machine."""
    shutil.copytree(ROOT / "toolchain", tmp_path / "toolchain")
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks/kubernetes.txt").write_text(LOCK)
    stand_in = tmp_path / "stand-in"
    provider = stand_in / "provider/cmd" / kubernetes_plugin.PROGRAM
    provider.mkdir(parents=True)
    (provider / "schema.json").write_text('{"name": "kubernetes", "version": "0"}')
    (provider / "terraform-mapping.json").write_text("{}")
    write_program(stand_in / "bin/go", GO)
    monkeypatch.setenv("PATH", os.pathsep.join([str(stand_in / "bin"), "/bin", "/usr/bin"]))
    monkeypatch.setenv("STAND_IN", str(stand_in))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PILOTHOUSE_TOOLCHAIN_OFFICIAL", "never")
    return places.Places(tmp_path, tmp_path)


def write_program(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(stat.S_IRWXU)


def builds(checkout: places.Places) -> int:
    log = checkout.root / "stand-in/builds"
    return len(log.read_text().splitlines()) if log.exists() else 0


def test_it_is_built_once_with_the_sdks_version(checkout: places.Places) -> None:
    kubernetes_plugin.provide(checkout)
    kubernetes_plugin.provide(checkout)
    assert builds(checkout) == 1
    made = json.loads((checkout.plugins / kubernetes_plugin.PROGRAM).read_text())
    assert made == {"name": "kubernetes", "version": "4.34.2"}


def test_its_source_may_be_read_only(checkout: places.Places) -> None:
    source = checkout.kubernetes_plugin
    before = sorted(source.iterdir())
    kubernetes_plugin.provide(checkout)
    assert sorted(source.iterdir()) == before


def test_a_new_version_of_the_sdk_is_built_again(checkout: places.Places) -> None:
    kubernetes_plugin.provide(checkout)
    with (checkout.kubernetes_plugin / "main.go").open("a") as source:
        source.write("// changed\n")
    kubernetes_plugin.provide(checkout)
    assert builds(checkout) == 2


@pytest.mark.parametrize("where", ["stand-in/bin", "home/plugins/resource-kubernetes-v4.34.2"])
def test_an_installed_plugin_is_used(checkout: places.Places, where: str) -> None:
    write_program(checkout.root / where / kubernetes_plugin.PROGRAM, "#!/bin/sh\n")
    kubernetes_plugin.provide(checkout)
    assert builds(checkout) == 0


@pytest.mark.parametrize(("code", "built"), [(0, 0), (1, 1)])
def test_a_build_follows_only_a_failed_download(
    checkout: places.Places, monkeypatch: pytest.MonkeyPatch, code: int, built: int
) -> None:
    monkeypatch.delenv("PILOTHOUSE_TOOLCHAIN_OFFICIAL")
    asked = checkout.root / "asked"
    script = f'#!/bin/sh\necho "$*" > {asked}\nexit {code}\n'
    write_program(checkout.bin / "pulumi", script)
    kubernetes_plugin.provide(checkout)
    assert asked.read_text() == "plugin install resource kubernetes 4.34.2\n"
    assert builds(checkout) == built
