"""A server in front of another one, which answers some requests by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

import httpx

from testkit.support.http_servers import answering

Answer: TypeAlias = "Callable[[str, str, Mapping[str, str], bytes], tuple[int, str] | None]"
"""Status and text for method, path, headers and body; None where the server behind answers."""


@contextmanager
def http_front(behind: str, own: Answer) -> Iterator[str]:
    """The address of a front of the server at `behind`."""
    client = httpx.Client(base_url=behind, timeout=60, trust_env=False)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet a reply: the second of two would wait for an acknowledgement

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            if found := own(self.command, self.path, headers, body):
                status, text = found
                self._send(status, "text/plain", text.encode())
                return
            kept = {"content-type": headers.get("content-type", "application/json")}
            reply = client.request(self.command, self.path, content=body, headers=kept)
            kind = reply.headers.get("content-type", "text/plain")
            self._send(reply.status_code, kind, reply.content)

        do_DELETE = do_GET = do_PATCH = do_POST = do_PUT = answer  # noqa: N815

        def _send(self, status: int, kind: str, content: bytes) -> None:
            self.send_response_only(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with client, answering(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"
