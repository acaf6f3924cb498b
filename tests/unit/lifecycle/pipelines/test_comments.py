"""A preview becomes one comment of its request, by the interface of each system; not two."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml
from typing_extensions import override

from pilothouse.lifecycle.pipelines.systems import SYSTEMS
from tests.unit.lifecycle.pipelines.conftest import Invoke
from tests.unit.lifecycle.pipelines.test_pipelines import scripts, write

TOKEN = "glpat-made-up"


@dataclass
class Host:
    """A host of a repository: its comments by their ids, and what asked for them."""

    url: str = ""
    comments: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)


class Handler(BaseHTTPRequestHandler):
    """Lists, adds and edits comments as the three systems do, which differ in shape alone."""

    host: Host

    @override
    def log_message(self, *_arguments: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        listed: Any = [{"id": key, "body": text} for key, text in self.host.comments.items()]
        if "/threads" in self.path:
            comments = ([{"id": 1, "content": each["body"]}] for each in listed)
            listed = {
                "value": [
                    {"id": each["id"], "comments": first}
                    for each, first in zip(listed, comments, strict=True)
                ]
            }
        self._answer(listed)

    def do_POST(self) -> None:
        self._keep(str(len(self.host.comments) + 7))

    def do_PUT(self) -> None:
        self._keep(self.path.partition("?")[0].split("/")[-1])

    def do_PATCH(self) -> None:
        parts = self.path.partition("?")[0].split("/")
        self._keep(parts[parts.index("threads") + 1] if "threads" in parts else parts[-1])

    def _keep(self, key: str) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given: Any = parse_qs(data) if data.startswith("body=") else json.loads(data)
        [given] = given.get("comments", [given])
        text = given.get("content") or given["body"]
        self.host.comments[key] = text[0] if isinstance(text, list) else text
        self._answer({})

    def _answer(self, document: object) -> None:
        self.host.requests.append((self.command, self.path))
        self.host.tokens.add(self.headers["PRIVATE-TOKEN"] or self.headers["Authorization"])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    handler = type("Own", (Handler,), {"host": made})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield made
        server.shutdown()
        thread.join()


def variables(host: Host, tmp_path: Path) -> dict[str, str]:
    """What the three systems put into the environment of a job."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "HOME": str(tmp_path),
        "NO_COLOR": "1",
        "PULUMI_BACKEND_URL": f"file://{tmp_path}/state",
        "PULUMI_CONFIG_PASSPHRASE": "made up",
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_API_URL": host.url,
        "GITHUB_REPOSITORY": "team/pilot",
        "NUMBER": "3",
        "RUNNER_TEMP": str(tmp_path),
        "KUBECONFIG_CONTENT": "{}",
        "PILOTHOUSE_COMMENT_TOKEN": TOKEN,
        "CI_API_V4_URL": f"{host.url}/api/v4",
        "CI_PROJECT_ID": "5",
        "CI_MERGE_REQUEST_IID": "3",
        "SYSTEM_ACCESSTOKEN": TOKEN,
        "SYSTEM_COLLECTIONURI": f"{host.url}/",
        "SYSTEM_TEAMPROJECTID": "5",
        "BUILD_REPOSITORY_ID": "9",
        "SYSTEM_PULLREQUEST_PULLREQUESTID": "3",
    }


@pytest.fixture
def expired(project: Path) -> Path:
    """The project after its pilot's last day, of which no preview can be made."""
    file = project / "platform.yaml"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text(
        "".join("  expires: 2020-01-01\n" if "  expires:" in each else each for each in lines)
    )
    return project


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_preview_is_one_comment_that_the_next_preview_replaces(
    ci: Invoke, expired: Path, tmp_path: Path, host: Host, system: str
) -> None:
    document = yaml.safe_load(write(ci, tmp_path, system, ["kubernetes"]).read_text())
    script = next(each for each in scripts(document) if "comment.md" in each)
    host.comments["4"] = "somebody's own"
    for _ in range(2):
        done = subprocess.run(
            ["bash", "-e"],
            input=script,
            cwd=expired,
            env=variables(host, tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2, done.stdout + done.stderr
        assert "pilot.expires" in done.stdout
        assert "no comment" not in done.stdout
    assert [method for method, _ in host.requests[:3]] == ["GET", "POST", "GET"]
    assert host.requests[3][0] in ("PATCH", "PUT")
    assert host.comments.pop("4") == "somebody's own"
    [comment] = host.comments.values()
    assert comment.startswith("<!-- pilothouse preview kubernetes -->\n")
    assert "pilot.expires" in comment
    assert TOKEN in host.tokens.pop()
    assert not (expired / ".pilothouse" / "header").exists()
    assert TOKEN not in done.stdout + done.stderr + comment


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("missing", ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"])
def test_without_a_backend_of_the_state_nothing_is_begun(
    ci: Invoke, project: Path, tmp_path: Path, host: Host, system: str, missing: str
) -> None:
    """An unset variable is empty on one system, and its own name on another."""
    document = yaml.safe_load(write(ci, tmp_path, system, ["kubernetes"]).read_text())
    found = [each for each in scripts(document) if "pilothouse up" in each]
    for value in ("", f"$({missing})") if system == "azure-devops" else ("",):
        done = subprocess.run(
            ["bash", "-e"],
            input=found[0],
            cwd=project,
            env=variables(host, tmp_path) | {missing: value},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert missing in done.stderr
        assert not (project / ".pilothouse").exists()
