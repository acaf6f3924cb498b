"""AWS in memory on a port of this machine: `python -m testkit.fake_providers.aws.server`.

In a test, `serving()` answers in the test's own process, so that what the services hold can be
looked at and changed there. Every request is answered alone: moto's services are made for one
caller at a time.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import BotocoreStubber

from testkit.fake_aws import extend
from testkit.fake_providers.aws import account, addresses

RESET = "/reset"
"""A POST here empties every service."""

_Answer = tuple[int, dict[str, Any], bytes]
_alone = Lock()


class _Handler(BaseHTTPRequestHandler):
    """Hands requests to moto's services."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet a reply

    def answer(self) -> None:
        """Answer any request."""
        body = self._body()
        if self.command == "POST" and self.path == RESET:
            account.reset()
            answer: _Answer = (200, {}, b"")
        else:
            answer = self._answered(body)
        status, headers, content = answer
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, str(value))
        is_empty = self.command == "HEAD"
        length = headers.get("content-length", len(content)) if is_empty else len(content)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(b"" if is_empty else content)

    do_DELETE = do_GET = do_HEAD = do_PATCH = do_POST = do_PUT = answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing is printed: it would land in what a test reads."""

    def _answered(self, body: bytes) -> _Answer:
        url = addresses.real_url(self.headers.get("Authorization", ""), self.path)
        headers = HTTPHeaders()
        for name, value in self.headers.items():
            if name.lower() != "host":
                headers[name] = value
        request = AWSPreparedRequest(self.command, url, headers, body, stream_output=False)
        try:
            with _alone:
                answered = BotocoreStubber().process_request(request)
        except Exception:  # noqa: BLE001  (whatever moto has not is told to the caller)
            answered = 501, {}, traceback.format_exc()
        status, found, content = answered or (404, {}, f"nothing listens at {url}")
        encoded = content.encode() if isinstance(content, str) else content
        return status, {name.lower(): value for name, value in found.items()}, encoded

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        content = self.rfile.read(size)
        self.rfile.readline()
        return content


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing is printed of a caller that was killed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving() -> Iterator[str]:
    """A server in this process, with nothing in it; its address. It is emptied at the end."""
    extend()
    account.reset()
    server = _Server(("127.0.0.1", 0), _Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        account.reset()


def main() -> None:
    """Serve until interrupted; print the address."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    extend()
    server = _Server(("127.0.0.1", port), _Handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
