"""A small service: says what it is on a port. `http_service.py PORT [--deaf] [--child PORT]`."""

import argparse
import http.server
import json
import os
import signal
import subprocess
import sys
from pathlib import Path


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        settings = Path("settings.txt")
        said = {
            "pid": os.getpid(),
            "environment": dict(os.environ),
            "settings": settings.read_text(encoding="utf-8") if settings.exists() else "",
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *words: object) -> None:
        """Say nothing."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--deaf", action="store_true", help="ignore SIGTERM")
    parser.add_argument("--child", type=int, help="start another on this port, in its own session")
    options = parser.parse_args()
    if options.deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if options.child:
        command = [sys.executable, __file__, str(options.child)]
        subprocess.Popen(command, start_new_session=True)
    http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Answer).serve_forever()


if __name__ == "__main__":
    main()
