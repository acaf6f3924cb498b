"""A small HTTP server that answers like a cluster's API, from a table of paths and documents."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

Document = dict[str, Any]
_HEAD = {"apiVersion": "v1", "kind": "Object"}  # of documents that do not name theirs
EMPTY = ("events", "horizontalpodautoscalers", "ingresses", "jobs")
"""Lists that have nothing, unless a document says what."""


@dataclass
class FakeApi:
    """What it answers by path, what it allows and refuses, what was deleted and what was patched.

    `documents` and `logs` have what is answered, by path; logs are plain text. `gone` has, by the
    path of what is deleted, which path answers otherwise after that, and how.
    `deeds` has every call that changes something, in their order, as `DELETE path`; `queries` has
    what was looked at, with its selectors.
    """

    documents: dict[str, Document] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)
    allows: Callable[[Document], bool] = lambda _attributes: True
    deleted: list[str] = field(default_factory=list)
    patched: dict[str, Document] = field(default_factory=dict)
    deeds: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    gone: dict[str, tuple[str, Document]] = field(default_factory=dict)
    status: int = 200
    refuses: Callable[[str], bool] = lambda _path: False

    def answer(self, method: str, path: str, body: Document) -> tuple[int, Document | str]:
        self.queries += [path] if method == "GET" else []
        path = path.partition("?")[0]
        if self.status != 200 or self.refuses(path):
            return max(self.status, 403), {"kind": "Status", "message": "that is forbidden here"}
        if path.endswith("selfsubjectaccessreviews"):
            allowed = self.allows(body["spec"]["resourceAttributes"])
            return 201, {"spec": body["spec"], "status": {"allowed": allowed}}
        if method != "GET":
            self.deeds.append(f"{method} {path}")
        if method == "DELETE":
            self.deleted.append(path)
            self.documents.update([self.gone[path]] if path in self.gone else [])
            return 200, self.documents.pop(path)
        self.patched |= {path: body} if method == "PATCH" else {}
        return self._look_up(path)

    def _look_up(self, path: str) -> tuple[int, Document | str]:
        if path in self.logs:
            return 200, self.logs[path]
        if path in self.documents:
            return 200, self.documents[path]
        if path.rpartition("/")[2] in EMPTY:
            return 200, listed()
        return 404, {"kind": "Status", "message": f"{path} not found"}


@contextmanager
def served(api: FakeApi, kubeconfig: Path) -> Iterator[None]:
    """Serve `api` on loopback, and write the kubeconfig that leads to it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # a preflight asks a hundred times
        wbufsize = -1  # one packet a reply: the second of two would wait for an acknowledgement

        def _reply(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or "{}")
            status, document = api.answer(self.command, self.path, body)
            if isinstance(document, str):
                kind, text = "text/plain", document
            else:
                kind, text = "application/json", json.dumps({**_HEAD, **document})
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = _reply  # noqa: N815 - the server's interface

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        write_kubeconfig(kubeconfig, server.server_port)
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def write_kubeconfig(path: Path, port: int, name: str = "fake") -> None:
    """A kubeconfig whose only context, of this name, leads to a port of this machine."""
    cluster = {"server": f"http://127.0.0.1:{port}"}
    context = {"cluster": name, "user": "somebody"}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": "somebody", "user": {"token": "hush-nobody-may-see-this"}}],
        "contexts": [{"name": name, "context": context}],
        "current-context": name,
    }
    path.write_text(yaml.safe_dump(document))


def listed(*items: Document) -> Document:
    """A list, as the API answers it."""
    return {"kind": "List", "metadata": {}, "items": list(items)}


def named(name: str, labels: dict[str, str] | None = None, **more: Any) -> Document:
    """An object with a name and labels."""
    return {"metadata": {"name": name, "labels": labels or {}}, **more}


def version(minor: str) -> Document:
    """What a cluster of that minor version says of itself."""
    build = ("buildDate", "compiler", "gitCommit", "gitTreeState", "gitVersion")
    return {"major": "1", "minor": minor, **dict.fromkeys((*build, "goVersion", "platform"), "")}
