"""The official Kubernetes provider plugin, where none is installed and none can be downloaded."""

import json
import os
import pathlib
import shutil
import subprocess

from steps import golang, pulumi, stamps
from steps.places import Places
from steps.running import Step, clean_environment, run, say

PROGRAM = "pulumi-resource-kubernetes"
MODULE = "github.com/pulumi/pulumi-kubernetes/provider/v4"
DOWNLOAD = 300.0  # seconds until a download is given up


def provide(places: Places) -> None:
    """Install the plugin that the locked SDK wants."""
    version = places.locked("pulumi-kubernetes", "kubernetes")
    stamp, wanted = places.toolchain / "kubernetes-plugin.stamp", _inputs(places, version)
    if stamps.is_current(stamp, wanted) and (places.plugins / PROGRAM).exists():
        return
    if found := _installed(places, version):
        say(f"{PROGRAM}: using {found}")
        return
    if _download(places, version):
        say(f"{PROGRAM}: downloaded {version}")
        return
    _build(places, version)
    stamps.write(stamp, wanted)


def _installed(places: Places, version: str) -> pathlib.Path | None:
    """The plugin of the machine: on PATH, or among the plugins of pulumi."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(folder for folder in folders if folder != str(places.plugins))
    home = pathlib.Path(os.environ.get("PULUMI_HOME") or pathlib.Path.home() / ".pulumi")
    own = home / "plugins" / f"resource-kubernetes-v{version}" / PROGRAM
    found = shutil.which(PROGRAM, path=path)
    return pathlib.Path(found) if found else own if own.exists() else None


def _download(places: Places, version: str) -> bool:
    if os.environ.get(pulumi.SKIP_OFFICIAL) == "never":
        return False
    path = os.pathsep.join([str(places.bin), os.environ.get("PATH", os.defpath)])
    program = shutil.which("pulumi", path=path) or "pulumi"
    try:
        subprocess.run(
            [program, "plugin", "install", "resource", "kubernetes", version],
            env=clean_environment(PATH=path), capture_output=True, check=True, timeout=DOWNLOAD,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        say(f"official {PROGRAM} {version} is not available")
        return False
    return True


def _build(places: Places, version: str) -> None:
    """Build it beside its place, then move it, so that it is complete or missing."""
    go, source = golang.provide(places), places.kubernetes_plugin
    log = places.toolchain / "logs" / f"{PROGRAM}.log"
    environment = golang.environment()
    remedy = "Is the Go module proxy reachable? If not, set GOPROXY."
    download = [str(go), "mod", "download"]
    run(Step("Go modules of the Kubernetes plugin", download, log, source, environment, remedy))
    overlay = _embed(go, places, environment, version)
    places.plugins.mkdir(parents=True, exist_ok=True)
    unfinished = places.plugins / f"{PROGRAM}.new"
    # The module proxy serves one version of the provider, of 2026-01, which is older than the SDK.
    # The engine warns of each process of a plugin whose version is below the SDK's, so it is built
    # with the SDK's version. It lacks what upstream added since, such as upsertExistingObjects.
    flags = f"-s -w -X {MODULE}/pkg/version.Version={version}"
    options = ["-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", str(unfinished)]
    build = [str(go), "build", "-overlay", str(overlay), *options, "."]
    what = "build the Kubernetes plugin (about 8 minutes and 4 GB of memory the first time)"
    run(Step(what, build, log, source, environment, remedy))
    unfinished.replace(places.plugins / PROGRAM)


def _embed(
    go: pathlib.Path, places: Places, environment: dict[str, str], version: str
) -> pathlib.Path:
    """Write the files that upstream generates and its module lacks.

    Returns the overlay that puts them into the source, which may be read-only.
    """
    source = places.kubernetes_plugin
    done = subprocess.run(
        [go, "list", "-m", "-f", "{{.Dir}}", MODULE], cwd=source,
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    folder = pathlib.Path(done.stdout.strip()) / "cmd" / PROGRAM
    generated = places.toolchain / "kubernetes-plugin"
    generated.mkdir(parents=True, exist_ok=True)
    replaced = {}
    for name, more in (("schema", {"version": version}), ("terraform-mapping", {})):
        document = json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) | more
        file = generated / f"{name}-embed.json"
        file.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")
        replaced[str(source / file.name)] = str(file)
    overlay = generated / "overlay.json"
    overlay.write_text(json.dumps({"Replace": replaced}), encoding="utf-8")
    return overlay


def _inputs(places: Places, version: str) -> str:
    names = ("go.mod", "go.sum", "main.go")
    sources = [places.kubernetes_plugin / name for name in names]
    sources += sorted((places.source / "internal").rglob("*.go"))
    return stamps.digest(sources, version)
