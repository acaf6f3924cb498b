"""The inputs of a Service whose program is `http_service.py`, as the engine passes them."""

import sys
from pathlib import Path
from typing import Any

from tests.targets.local.crud import State
from tests.targets.local.machine import HTTP_SERVICE

SECRET = "hush-nobody-may-see-this"


def inputs(home: Path, name: str, port: int, *options: str, **more: Any) -> State:
    command = [sys.executable, str(HTTP_SERVICE), str(port), *options]
    given: State = {
        "name": name,
        "home": str(home),
        "command": command,
        "environment": {"COLOUR": "green"},
        "secrets": {"PASSWORD": SECRET},
        "files": {"settings.txt": "first"},
        "ports": [float(port)],  # numbers arrive as floats
        "folders": [],
        "leaves": [],
        "wait_for": "",
        "probes": [],
        "stop_signal": "TERM",
        "stop_seconds": 5.0,
        "user": "",
        "after": {},
    }
    return {**given, **more}
